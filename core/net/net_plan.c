#include "net/net_plan.h"
#include "base/mem.h"
#include "net/net_internal.h"

/* ---- how a net is used: the same for one that stands and for one that is only sketched ---- */

static uint64_t most (uint64_t a, uint64_t b) { return a > b ? a : b; }

/* What the use says of evolutions; 0 if it says nothing. */
static int evolution_of (const Net *net, const NetUse *use, NetEvolution *how) {
  if (use->how) *how = *use->how;
  else if (use->evolution) *how = (NetEvolution){ .rule = *use->evolution, .last = use->evolved - 1 };
  else return 0;
  if (how->last >= net->n_layers) how->last = net->n_layers - 1;
  return 1;
}

/* By how much the sets of tried cells will have grown, at most, and a copy of the largest. */
static uint64_t more_tried (const Net *net, const NetUse *use, const NetEvolution *how) {
  uint64_t sum = 0, largest = 0;
  for (int32_t l = how->first; l <= how->last; l++) {
    const Sparse *W = net->layer[l].sparse;
    if (!W || !W->tried || use->tried <= 0) continue;
    int64_t cells = (int64_t)W->n_in * W->n_out, born = net_evolution_born(net, how, l), have = W->tried->links;
    int64_t tried = born > 0 && use->tried > (cells - have) / born ? cells : have + use->tried * born;
    uint64_t more = sparse_tried_bytes(W->n_in, tried) - sparse_tried_bytes(W->n_in, have);
    sum += more;
    largest = most(largest, more);
  }
  return sum + largest;
}

/* The probe stands while layers are rewired. */
static uint64_t evolve_peak (const Net *net, const NetUse *use) {
  NetEvolution how;
  if (!evolution_of(net, use, &how)) return 0;
  int needs = net_evolution_needs(&how);
  if (how.rule.growing.probed == 0) how.rule.growing.probed = (int64_t)net_shape(net, use->probed).stride;
  return (needs ? net_probe_bytes(net, use->probed, needs) : 0) + net_evolve_bytes(net, &how) + more_tried(net, use, &how);
}

static uint64_t partial_held (const Net *net) {
  return net->partials > 0 ? mem_block((uint64_t)net->partials, sizeof *net->partial) : 0;
}

/* Everything but plan->net; peak is what comes on top of that. */
static void plan_use (const Net *net, const NetUse *use, NetPlan *plan) {
  int32_t batch = use->batch, at_once = net_evaluation_batch(net, use->evaluated);
  *plan = (NetPlan){ .columns = batch > at_once ? batch : at_once };
  if (net->capacity > plan->columns) plan->columns = net->capacity;
  if (plan->columns > 0) plan->values = net_values_bytes(net, plan->columns);
  if (batch > 0) {
    plan->gradients = net_gradients_bytes(net, batch > net->trainable ? batch : net->trainable);
    plan->partial = most(net_partial_bytes(net, batch), partial_held(net));
    plan->order = mem_block((uint64_t)use->samples, sizeof(int32_t));
    plan->evolve = evolve_peak(net, use);
  }
  plan->peak = plan->values + plan->gradients + plan->partial + most(plan->order, plan->evolve);
}

uint64_t net_plan_more (const Net *net, const NetUse *use) {
  NetPlan plan;
  plan_use(net, use, &plan);
  uint64_t there = partial_held(net);
  if (net->capacity > 0) there += net_values_bytes(net, net->capacity);
  if (net->trainable > 0) there += net_gradients_bytes(net, net->trainable);
  return plan.peak > there ? plan.peak - there : 0;
}

/* ---- a net that does not stand yet ---- */

static const char *check_layers (int32_t n_layers, const LayerPlan *layer) {
  for (int32_t l = 0; l < n_layers; l++) {
    if (l > 0 && layer[l].n_in != layer[l - 1].n_out) return "layer sizes do not fit each other";
    if (!layer[l].dense && layer[l].links > UINT32_MAX) return "a sparse layer has at most 4294967295 links";
  }
  return n_layers >= 1 ? NULL : "a net needs at least one layer";
}

/* Its sizes and numbers of links, without any array that goes with them. Returns as net_plan. */
static const char *sketch (Net *net, Sparse *sparse, Sparse *tried, const LayerPlan *plan, const NetUse *use) {
  net->threads = use->threads;
  net->bf16 = use->bf16;
  net->kernels = kernels_choose(use->isa);
  if (!net->kernels) return "this processor lacks the instruction set asked for";
  if (!net->layer || !sparse || !tried) return "not enough memory";
  for (int32_t l = 0; l < net->n_layers; l++) {
    net->layer[l].n_in = sparse[l].n_in = plan[l].n_in;
    net->layer[l].n_out = sparse[l].n_out = plan[l].n_out;
    sparse[l].links = sparse[l].capacity = plan[l].links;
    if (!plan[l].dense) net->layer[l].sparse = &sparse[l];
    tried[l].links = plan[l].links;
    if (use->tried > 0) sparse[l].tried = &tried[l];
    if (use->births) sparse[l].born = &net->layer[l].n_in;   /* anything but NULL: nobody looks at it */
    if (plan[l].activation && !layer_activate(&net->layer[l], l, net->kernels, plan[l].activation, plan[l].slope))
      return "no such activation";
  }
  net->tile = net->kernels->widest;
  return NULL;
}

static void plan_layer (const Net *net, int32_t l, const NetUse *use, LayerPlan *p, const NetPlan *plan) {
  if (p->dense) p->links = (int64_t)p->n_in * p->n_out;
  uint64_t all = p->dense ? dense_bytes(p->n_in, p->n_out) : sparse_bytes(p->n_in, p->n_out, p->links);
  uint64_t empty = p->dense ? dense_bytes(0, 0) : sparse_bytes(p->n_in, p->n_out, 0);
  p->link_bytes = all - empty;
  if (!p->dense && use->births) p->link_bytes += sparse_births_bytes(p->links);
  if (!p->dense && use->tried > 0) p->link_bytes += sparse_tried_bytes(p->n_in, p->links);
  p->unit_bytes = empty + layer_bytes(&net->layer[l], use->threads);
  p->value_bytes = plan->columns > 0 ? net_level_bytes(net, l + 1, plan->columns) : 0;
  p->gradient_bytes = use->batch > 0 ? net_level_gradient_bytes(net, l + 1, use->batch) : 0;
}

const char *net_plan (int32_t n_layers, LayerPlan *layer, const NetUse *use, NetPlan *plan) {
  const char *why = check_layers(n_layers, layer);
  if (why) return why;
  Net net = { .n_layers = n_layers, .layer = mem_zero((size_t)n_layers, sizeof *net.layer) };
  Sparse *sparse = mem_zero((size_t)n_layers, sizeof *sparse);
  Sparse *tried = mem_zero((size_t)n_layers, sizeof *tried);
  why = sketch(&net, sparse, tried, layer, use);
  if (!why) {
    /* The batch of training comes first, and evaluation looks at what there is. */
    if (use->batch > 0) net.capacity = (int32_t)net_shape(&net, use->batch).stride;
    plan_use(&net, use, plan);
    plan->net = net_frame_bytes(n_layers);
    for (int32_t l = 0; l < n_layers; l++) {
      plan_layer(&net, l, use, &layer[l], plan);
      plan->net += layer[l].link_bytes + layer[l].unit_bytes;
    }
    plan->peak += plan->net;
  }
  mem_free(net.layer);
  mem_free(sparse);
  mem_free(tried);
  return why;
}
