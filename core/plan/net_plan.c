#include "plan/net_plan.h"
#include "base/mem.h"
#include "net/net_average.h"
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
  if (how.rule.growing.probed == 0) how.rule.growing.probed = net_shape(net, use->probed).stride;
  return (needs ? net_probe_bytes(net, use->probed, needs) : 0) + net_evolve_bytes(net, &how) + more_tried(net, use, &how);
}

/* Room for links follows their number: layers are laid out as they are now. */
static Net now_of (const Net *net) {
  Net now = *net;
  net_lay_out(&now);
  return now;
}

/* Everything but plan->net; peak is what comes on top of that. */
static void plan_use (const Net *net, const NetUse *use, NetPlan *plan) {
  Net now = now_of(net);
  Extent values = now.values, gradients = now.gradients;
  int32_t columns = now.columns;
  *plan = (NetPlan){ 0 };
  if (use->batch > 0) {
    Shape shape = net_shape(&now, use->batch);
    gradients = extent_most(gradients, net_extent(&now, &shape));
    values = extent_most(values, gradients);
    if (shape.stride > columns) columns = shape.stride;
    plan->order = mem_block((uint64_t)use->samples, sizeof(int32_t));
    plan->evolve = evolve_peak(net, use);
  }
  if (use->evaluated > 0) {
    Extent looked = net_evaluation_extent(&now, use->evaluated);
    values = extent_most(values, looked);
    if (looked.stride > columns) columns = looked.stride;
    plan->evaluation = net_evaluation_bytes(&now, use->evaluated);
  }
  plan->columns = columns;
  if (columns > 0) plan->values = net_values_bytes(&now, values, columns);
  if (gradients.groups > 0) plan->gradients = net_gradients_bytes(&now, gradients);
  plan->partial = net_partial_bytes(&now, use->batch);
  plan->orders = net_orders_bytes(&now, use->batch, use->evaluated > 0);
  if (use->averages || net_averaged(net) > 0) plan->average = net_average_bytes(net);
  plan->peak = plan->values + plan->gradients + plan->partial + plan->orders + plan->average + most(most(plan->order, plan->evaluation), plan->evolve);
}

uint64_t net_plan_more (const Net *net, const NetUse *use) {
  NetPlan plan;
  plan_use(net, use, &plan);
  uint64_t there = 0;
  NetUse none = { .batch = 0 };
  NetPlan held;
  plan_use(net, &none, &held);
  there = held.values + held.gradients + held.partial + held.orders + held.average;
  return plan.peak > there ? plan.peak - there : 0;
}

/* ---- a net that does not stand yet ---- */

static const char *check_layers (int32_t n_layers, const LayerPlan *layer) {
  for (int32_t l = 0; l < n_layers; l++) {
    int32_t below = l > 0 ? layer[l - 1].n_out : layer[l].n_in;
    if (layer[l].n_in != below && (l == 0 || (int64_t)layer[l].n_in != (int64_t)below + layer[0].n_in)) return "layer sizes do not fit each other";
    if (!layer[l].dense && layer[l].links > UINT32_MAX) return "a sparse layer has at most 4294967295 links";
  }
  return n_layers >= 1 ? NULL : "a net needs at least one layer";
}

/* Its sizes and numbers of links, without any array that goes with them. Returns as net_plan. */
static const char *sketch (Net *net, Sparse *sparse, Sparse *tried, const LayerPlan *plan, const NetUse *use) {
  net->threads = use->threads;
  net->bf16 = use->bf16;
  net->rule = use->rule;
  net->clip = (float)use->clips;
  net->ghost = plan[0].ghost;
  net->kernels = kernels_choose(use->isa);
  if (!net->kernels) return "this processor lacks the instruction set asked for";
  if (!net->layer || !sparse || !tried) return "not enough memory";
  for (int32_t l = 0; l < net->n_layers; l++) {
    net->layer[l].n_in = sparse[l].n_in = plan[l].n_in;
    net->layer[l].n_out = sparse[l].n_out = plan[l].n_out;
    sparse[l].links = sparse[l].capacity = plan[l].links;
    net->layer[l].normed = plan[l].ghost > 0;
    if (!plan[l].dense) net->layer[l].sparse = &sparse[l];
    tried[l].links = plan[l].links;
    if (rule_moments(use->rule) > 0) sparse[l].second = &net->layer[l].slope;   /* anything but NULL: nobody looks at it */
    if (rule_moments(use->rule) > 1) sparse[l].age = &net->layer[l].slope;
    if (use->tried > 0) sparse[l].tried = &tried[l];
    if (use->births) sparse[l].born = &net->layer[l].n_in;   /* anything but NULL: nobody looks at it */
    if (plan[l].activation && !layer_activate(&net->layer[l], l, net->kernels, plan[l].activation, plan[l].slope))
      return "no such activation";
  }
  net_lay_out(net);
  return NULL;
}

static void plan_layer (const Net *net, int32_t l, const NetUse *use, LayerPlan *p, const NetPlan *plan) {
  if (p->dense) p->links = (int64_t)p->n_in * p->n_out;
  uint64_t all = p->dense ? dense_bytes(p->n_in, p->n_out) : sparse_bytes(p->n_in, p->n_out, p->links);
  uint64_t empty = p->dense ? dense_bytes(0, 0) : sparse_bytes(p->n_in, p->n_out, 0);
  p->link_bytes = all - empty;
  if (!p->dense && use->births) p->link_bytes += sparse_births_bytes(p->links);
  if (!p->dense && use->tried > 0) p->link_bytes += sparse_tried_bytes(p->n_in, p->links);
  if (!p->dense) p->link_bytes += sparse_moments_bytes(p->links, rule_moments(use->rule));
  if (p->dense) p->link_bytes += dense_moments_bytes(p->n_in, p->n_out, use->rule, p->n_out > THIN || p->ghost > 0);
  p->gradient_bytes = 0;
  p->unit_bytes = empty + layer_bytes(&net->layer[l], use->rule);
  Extent values = { 0 };
  if (use->batch > 0) {
    Shape shape = net_shape(net, use->batch);
    values = net_extent(net, &shape);
    p->gradient_bytes = net_level_gradient_bytes(net, l + 1, values);
  }
  if (use->evaluated > 0) values = extent_most(values, net_evaluation_extent(net, use->evaluated));
  p->value_bytes = plan->columns > 0 ? net_level_bytes(net, l + 1, values) : 0;
}

const char *net_plan (int32_t n_layers, LayerPlan *layer, const NetUse *use, NetPlan *plan) {
  const char *why = check_layers(n_layers, layer);
  if (why) return why;
  Net net = { .n_layers = n_layers, .layer = mem_zero((size_t)n_layers, sizeof *net.layer) };
  Sparse *sparse = mem_zero((size_t)n_layers, sizeof *sparse);
  Sparse *tried = mem_zero((size_t)n_layers, sizeof *tried);
  why = sketch(&net, sparse, tried, layer, use);
  if (!why) {
    plan_use(&net, use, plan);
    plan->net = net_frame_bytes(n_layers, use->threads);
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
