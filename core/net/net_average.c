/*
** net_average.c -- the mean of what is learnt over several moments: after each of the last epochs, say.
**
** Where training ends on a slope that is still noisy, the mean of its last weights lies nearer the middle of the valley than any of
** them (Polyak and Juditsky 1992; Izmailov et al. 2018). It needs links that stay: whatever rewires a net makes it forget the mean.
*/
#include "net/net_average.h"
#include "net/net_internal.h"
#include "base/mem.h"

/* A layer's mean is one block: of links, of biases, and of parameters, kind by kind. */
static size_t numbers_of (const Net *net, int32_t l) {
  return (size_t)net_links(net, l) + (size_t)net->layer[l].n_out * (size_t)(1 + layer_parameters(&net->layer[l]));
}

uint64_t net_average_bytes (const Net *net) {
  uint64_t sum = 0;
  for (int32_t l = 0; l < net->n_layers; l++) sum += mem_block(numbers_of(net, l), sizeof(float));
  return sum;
}

void net_forget_average (Net *net) {
  for (int32_t l = 0; l < net->n_layers; l++) {
    mem_free(net->layer[l].mean);
    net->layer[l].mean = NULL;
  }
  net->averaged = 0;
}

int net_make_average (Net *net) {
  net_forget_average(net);
  int there = 1;
  for (int32_t l = 0; l < net->n_layers; l++) {
    net->layer[l].mean = mem_zero(numbers_of(net, l), sizeof(float));
    there = there && net->layer[l].mean;
  }
  if (!there) net_forget_average(net);
  return there;
}

int64_t net_averaged (const Net *net) { return net->layer[0].mean ? net->averaged : 0; }

/* ---- adding up, and taking ---- */

/* The runs of numbers that are learnt, and where their means are. */
typedef void Visit (float *value, float *mean, size_t n, float share);

static void each_run (Net *net, Visit *visit, float share) {
  for (int32_t l = 0; l < net->n_layers; l++) {
    Layer *layer = &net->layer[l];
    float *mean = layer->mean;
    size_t links = (size_t)net_links(net, l), units = (size_t)layer->n_out;
    visit(net_weights(net, l), mean, links, share);
    visit(layer->bias, mean + links, units, share);
    if (layer->parameter) visit(layer->parameter, mean + links + units, units * (size_t)layer_parameters(layer), share);
  }
}

static void add (float *value, float *mean, size_t n, float share) {
  for (size_t k = 0; k < n; k++) mean[k] += share * (value[k] - mean[k]);
}

static void take (float *value, float *mean, size_t n, float share) {
  (void)share;
  for (size_t k = 0; k < n; k++) value[k] = mean[k];
}

int64_t net_average (Net *net) {
  if (!net->layer[0].mean && !net_make_average(net)) return 0;
  net->averaged++;
  each_run(net, add, 1 / (float)net->averaged);
  return net->averaged;
}

void net_take_average (Net *net) {
  if (net_averaged(net) > 0) each_run(net, take, 1);
  net_forget_average(net);
}
