/*
** A probe is a net of its own over the layers of the one that is looked at: it has their links, and levels where values and
** gradients are kept apart. So the walk is that of training, to the last bit where training keeps them apart, too.
*/
#include "turnover/net_probe.h"
#include "base/mem.h"
#include "net/net_internal.h"

struct Probe {
  Net     net;         /* the other's layers, without dropout; levels of its own */
  float **gradient;    /* n_layers: of links; NULL where nobody asks */
  int32_t batch;
  int     needs;
  double  loss;
};

static void *pointers (int32_t n) { return mem_zero((size_t)n, sizeof(void *)); }

/* A net over the same layers that has nothing yet. */
static Net bare (const Net *net) {
  return (Net){ .n_layers = net->n_layers, .layer = net->layer, .loss = net->loss, .smoothing = net->smoothing, .ghost = net->ghost, .affine = net->affine, .kernels = net->kernels, .seed = net->seed,
                .threads = net->threads, .team = { .threads = net->threads }, .apart = 1 };
}

static int take_frame (Probe *probe, const Net *net) {
  Net *p = &probe->net;
  *p = bare(net);
  p->layer = mem_new((size_t)net->n_layers, sizeof *p->layer);
  if (!p->layer || !net_make_frame(p)) return 0;
  for (int32_t l = 0; l < net->n_layers; l++) {
    p->layer[l] = net->layer[l];
    p->layer[l].dropout = 0;
  }
  return 1;
}

static int take_gradients (Probe *probe) {
  const Net *net = &probe->net;
  probe->gradient = pointers(net->n_layers);
  if (!probe->gradient) return 0;
  for (int32_t l = 0; l < net->n_layers && probe->needs & NEEDS_GRADIENTS; l++) {
    if (!net->layer[l].sparse) continue;
    probe->gradient[l] = mem_new((size_t)net->layer[l].sparse->links, sizeof(float));
    if (!probe->gradient[l]) return 0;
  }
  return 1;
}

uint64_t net_probe_bytes (const Net *net, int32_t batch, int needs) {
  Net apart = bare(net);
  net_lay_out(&apart);
  uint64_t n = (uint64_t)net->n_layers;
  Shape shape = net_shape(&apart, batch);
  Extent extent = net_extent(&apart, &shape);
  uint64_t bytes = mem_block(1, sizeof(Probe)) + net_frame_bytes(net->n_layers, net->threads) - mem_block(1, sizeof(Net)) +
                   mem_block(n, sizeof(void *));
  for (int32_t l = 0; l < net->n_layers && needs & NEEDS_GRADIENTS; l++)
    if (net->layer[l].sparse) bytes += mem_block((uint64_t)net->layer[l].sparse->links, sizeof(float));
  return bytes + net_values_bytes(&apart, extent, shape.stride) + net_gradients_bytes(&apart, extent) + net_partial_bytes(&apart, batch) +
         net_orders_bytes(&apart, batch, 0);
}

/* ---- the walk ---- */

/* The walk sums over the batch; a gradient is a mean. */
static void take_means (Probe *probe) {
  for (int32_t l = 0; l < probe->net.n_layers; l++) {
    float *g = probe->gradient[l], share = 1 / (float)probe->batch;
    for (int64_t k = 0; g && k < probe->net.layer[l].sparse->links; k++) g[k] *= share;
  }
}

static void look (Probe *probe, const Data *data, const Augment *augment, int32_t epoch, const int32_t *rows) {
  Net *net = &probe->net;
  int32_t hits;
  WarpFrame frame = augment ? augment_frame(augment, data) : (WarpFrame){ 0 };
  Step step = { .data = data, .rows = rows, .augment = augment, .epoch = epoch, .training = 1, .weight_gradient = probe->gradient };
  net->frame = augment ? &frame : NULL;
  net_run_step(net, &step, probe->batch);
  net->frame = NULL;
  net_sum_columns(net, 0, probe->batch, &probe->loss, &hits);
  probe->loss /= probe->batch;
  take_means(probe);
}

Probe *net_probe (Net *net, const Data *data, const Augment *augment, int32_t epoch, const int32_t *rows, int32_t batch, int needs) {
  Probe *probe = mem_zero(1, sizeof *probe);
  if (!probe) return NULL;
  probe->batch = batch;
  probe->needs = needs;
  if (take_frame(probe, net) && take_gradients(probe) && net_reserve(&probe->net, batch)) {
    look(probe, data, augment, epoch, rows);
    return probe;
  }
  net_probe_free(probe);
  return NULL;
}

void net_probe_free (Probe *probe) {
  if (!probe) return;
  for (int32_t l = 0; probe->gradient && l < probe->net.n_layers; l++) mem_free(probe->gradient[l]);
  mem_free(probe->gradient);
  net_release_levels(&probe->net);
  mem_free(probe->net.layer);
  mem_free(probe);
}

View net_probe_view (const Probe *probe, int32_t l) {
  const Net *net = &probe->net;
  return (View){ .W = net->layer[l].sparse, .gradient = probe->gradient[l], .x = net->level[l].a, .y = net->level[l + 1].a,
                 .dy = net->level[l + 1].delta, .stride = (size_t)net_shape(net, probe->batch).stride, .batch = probe->batch };
}

double net_probe_loss (const Probe *probe) { return probe->loss; }
