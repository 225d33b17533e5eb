#include "saliency/saliency.h"
#include "base/mem.h"
#include <math.h>

static int gradients (Net *net, const Data *data, const int32_t *rows, int32_t batch, float **score) {
  int32_t n = net_layers(net), hits;
  double loss;
  float **bias = mem_zero((size_t)n, sizeof *bias);
  int there = bias != NULL;
  for (int32_t l = 0; there && l < n; l++) there = (bias[l] = mem_new((size_t)net_units(net, l + 1), sizeof **bias)) != NULL;
  there = there && net_reserve(net, batch);
  if (there) net_step(net, data, rows, batch, 0, NULL, score, bias, &loss, &hits);
  for (int32_t l = 0; bias && l < n; l++) mem_free(bias[l]);
  mem_free(bias);
  return there;
}

int saliency (Net *net, const Data *data, const int32_t *rows, int32_t batch, float **score) {
  if (data && !gradients(net, data, rows, batch, score)) return 0;
  for (int32_t l = 0; l < net_layers(net); l++) {
    const float *w = net_weights(net, l);
    for (int64_t k = 0; k < net_links(net, l); k++) {
      float s = fabsf(data ? w[k] * score[l][k] : w[k]);
      score[l][k] = s >= 0 ? s : 0;
    }
  }
  return 1;
}
