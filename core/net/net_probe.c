/*
** A probe is a net of its own over the layers of the one that is looked at: it has their links, and levels where values and
** gradients are kept apart. So the walk is that of training, to the last bit where training keeps them apart, too.
*/
#include "net/net_probe.h"
#include "base/mem.h"
#include "net/net_internal.h"
#include <omp.h>

struct Probe {
  Net     net;         /* the other's layers, without dropout; levels of its own */
  float **gradient;    /* n_layers: of links; NULL where nobody asks */
  float  *unused;      /* gradients that the walk gives and nobody wants */
  int32_t batch;
  int     needs;
  double  loss;
};

static int64_t gradients_of (const Layer *layer) {
  if (layer->sparse) return layer->sparse->links;
  return layer->n_out <= THIN ? (int64_t)layer->n_in * layer->n_out : 0;
}

/* Room for the gradients of the layer that has most of those that are not kept. */
static int64_t unused_gradients (const Net *net, int needs) {
  int64_t most = 0;
  for (int32_t l = 0; l < net->n_layers; l++) {
    int kept = net->layer[l].sparse && needs & NEEDS_GRADIENTS;
    int64_t n = kept ? 0 : gradients_of(&net->layer[l]);
    if (n > most) most = n;
  }
  return most;
}

static void *pointers (int32_t n) { return mem_zero((size_t)n, sizeof(void *)); }

static int take_frame (Probe *probe, const Net *net) {
  Net *p = &probe->net;
  *p = (Net){ .n_layers = net->n_layers, .loss = net->loss, .kernels = net->kernels, .seed = net->seed, .threads = net->threads,
              .team = { .threads = net->threads }, .tile = net->tile, .apart = 1 };
  int32_t n = net->n_layers + 1;
  p->layer = mem_new((size_t)net->n_layers, sizeof *p->layer);
  p->a = pointers(n), p->delta = pointers(n), p->sums = pointers(n), p->signs = pointers(n), p->a16 = pointers(n), p->delta16 = pointers(n);
  if (!p->layer || !p->a || !p->delta || !p->sums || !p->signs || !p->a16 || !p->delta16) return 0;
  for (int32_t l = 0; l < net->n_layers; l++) {
    p->layer[l] = net->layer[l];
    p->layer[l].dropout = 0;
  }
  return 1;
}

static int take_gradients (Probe *probe) {
  const Net *net = &probe->net;
  probe->gradient = pointers(net->n_layers);
  probe->unused = mem_new((size_t)unused_gradients(net, probe->needs), sizeof *probe->unused);
  if (!probe->gradient || !probe->unused) return 0;
  for (int32_t l = 0; l < net->n_layers && probe->needs & NEEDS_GRADIENTS; l++) {
    if (!net->layer[l].sparse) continue;
    probe->gradient[l] = mem_new((size_t)net->layer[l].sparse->links, sizeof(float));
    if (!probe->gradient[l]) return 0;
  }
  return 1;
}

uint64_t net_probe_bytes (const Net *net, int32_t batch, int needs) {
  Net apart = *net;
  apart.apart = 1;
  apart.bf16 = 0;
  uint64_t n = (uint64_t)net->n_layers;
  uint64_t bytes = mem_block(1, sizeof(Probe)) + mem_block(n, sizeof(Layer)) + 6 * mem_block(n + 1, sizeof(void *)) +
                   mem_block(n, sizeof(void *)) + mem_block((uint64_t)unused_gradients(net, needs), sizeof(float));
  for (int32_t l = 0; l < net->n_layers && needs & NEEDS_GRADIENTS; l++)
    if (net->layer[l].sparse) bytes += mem_block((uint64_t)net->layer[l].sparse->links, sizeof(float));
  return bytes + net_values_bytes(&apart, batch) + net_gradients_bytes(&apart, batch) + net_partial_bytes(&apart, batch);
}

/* ---- the walk ---- */

static void walk (Probe *probe, const Data *data, const Augment *augment, int32_t epoch, const int32_t *rows, float **gradient) {
  Net *net = &probe->net;
  Shape shape = net_shape(net, probe->batch);
  WarpFrame frame = augment ? augment_frame(augment, data) : (WarpFrame){ 0 };
  net->frame = augment ? &frame : NULL;
  net_take_rows(net, data, rows, probe->batch);
  #pragma omp parallel num_threads(net->threads)
  {
    int t = omp_get_thread_num();
    unsigned state = net_thread_begin();
    if (augment) net_draw_warps(net, t, augment, epoch, rows, probe->batch);
    team_meet(&net->team);
    net_forward(net, t, data, &shape, 1, 0);
    net_loss(net, t, data, rows, &shape, 1);
    team_meet(&net->team);
    net_backward(net, t, &shape, 0, NULL, gradient, NULL);
    net_thread_end(state);
  }
  net->frame = NULL;
}

/* The walk sums over the batch; a gradient is a mean. */
static void take_means (Probe *probe) {
  for (int32_t l = 0; l < probe->net.n_layers; l++) {
    float *g = probe->gradient[l], share = 1 / (float)probe->batch;
    for (int64_t k = 0; g && k < probe->net.layer[l].sparse->links; k++) g[k] *= share;
  }
}

static int look (Probe *probe, const Data *data, const Augment *augment, int32_t epoch, const int32_t *rows) {
  Net *net = &probe->net;
  float **gradient = pointers(net->n_layers);
  int32_t hits;
  if (!gradient) return 0;
  for (int32_t l = 0; l < net->n_layers; l++) {
    gradient[l] = probe->gradient[l];
    if (!gradient[l] && gradients_of(&net->layer[l]) > 0) gradient[l] = probe->unused;
  }
  walk(probe, data, augment, epoch, rows, gradient);
  mem_free(gradient);
  net_sum_columns(net, probe->batch, &probe->loss, &hits);
  probe->loss /= probe->batch;
  take_means(probe);
  return 1;
}

Probe *net_probe (Net *net, const Data *data, const Augment *augment, int32_t epoch, const int32_t *rows, int32_t batch, int needs) {
  Probe *probe = mem_zero(1, sizeof *probe);
  if (!probe) return NULL;
  probe->batch = batch;
  probe->needs = needs;
  if (take_frame(probe, net) && take_gradients(probe) && net_reserve(&probe->net, batch) &&
      look(probe, data, augment, epoch, rows)) return probe;
  net_probe_free(probe);
  return NULL;
}

void net_probe_free (Probe *probe) {
  if (!probe) return;
  for (int32_t l = 0; probe->gradient && l < probe->net.n_layers; l++) mem_free(probe->gradient[l]);
  mem_free(probe->gradient);
  mem_free(probe->unused);
  net_release_levels(&probe->net);
  mem_free(probe->net.layer);
  mem_free(probe);
}

View net_probe_view (const Probe *probe, int32_t l) {
  const Net *net = &probe->net;
  return (View){ .W = net->layer[l].sparse, .gradient = probe->gradient[l], .x = net->a[l], .y = net->a[l + 1], .dy = net->delta[l + 1],
                 .stride = net_shape(net, probe->batch).stride, .batch = probe->batch };
}

double net_probe_loss (const Probe *probe) { return probe->loss; }
