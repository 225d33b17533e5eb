/*
** net_evolve.c -- rewires the layers of a net, one by one or side by side.
*/
#include "net/net_average.h"
#include "turnover/net_evolve.h"
#include "net/net_internal.h"
#include <float.h>
#include <math.h>
#include <string.h>

Rng net_evolution_stream (const Net *net, int32_t l, int32_t number) {
  Rng rng;
  rng_seed(&rng, net->seed, RNG_EVOLUTION | (uint64_t)l << 8 | (uint64_t)number << 24);
  return rng;
}

View net_evolution_view (const Net *net, const Probe *probe, int32_t l) {
  return probe ? net_probe_view(probe, l) : (View){ .W = net->layer[l].sparse };
}

/* The rule of one layer. Numbers that count for all layers together are not its own. */
Evolution net_evolution_rule (const NetEvolution *how, int32_t l) {
  Evolution rule = how->rule;
  if (how->cut_to) rule.cutting.stay = how->cut_to[l];
  if (how->stay) rule.pruning.stay = how->stay[l];
  if (how->links) rule.links = how->links[l];
  rule.change = how->changes ? &how->changes[l] : NULL;
  rule.number = how->number;
  return rule;
}

int net_evolution_needs (const NetEvolution *how) {
  return how->looks | evolution_needs(&how->rule) | (how->shared_out == SHARE_GRADIENT ? NEEDS_GRADIENTS : 0);
}

/* ---- is there anything that is not finite? ---- */

static int all_finite (const float *v, int64_t n) {
  int odd = 0;
  #pragma omp simd reduction(+ : odd)
  for (int64_t k = 0; k < n; k++) odd += !(fabsf(v[k]) <= FLT_MAX);
  return odd == 0;
}

static int rows_finite (const float *rows, int32_t n, const View *view) {
  for (int32_t u = 0; u < n; u++)
    if (!all_finite(rows + (size_t)u * view->stride, view->batch)) return 0;
  return 1;
}

static int is_finite (const Net *net, const NetEvolution *how, const Probe *probe) {
  int needs = probe ? net_evolution_needs(how) : 0;
  if (probe && !isfinite(net_probe_loss(probe))) return 0;
  for (int32_t l = how->first; l <= how->last; l++) {
    const Sparse *W = net->layer[l].sparse;
    if (!W || !net_evolution_takes(how, l)) continue;
    View view = net_evolution_view(net, probe, l);
    if (!all_finite(W->w, W->links)) return 0;
    if (needs & NEEDS_GRADIENTS && !all_finite(view.gradient, W->links)) return 0;
    if (needs & NEEDS_VALUES && !(rows_finite(view.x, W->n_in, &view) && rows_finite(view.y, W->n_out, &view) &&
                                  rows_finite(view.dy, W->n_out, &view))) return 0;
  }
  return 1;
}

/* ---- each layer by itself ---- */

static int64_t evolve_layer (Net *net, int32_t l, const NetEvolution *how, const Probe *probe, int threads) {
  Layer *layer = &net->layer[l];
  if (!layer->sparse || !net_evolution_takes(how, l)) return 0;
  Rng rng = net_evolution_stream(net, l, how->number);
  View view = net_evolution_view(net, probe, l);
  Evolution rule = net_evolution_rule(how, l);
  return evolve(layer->sparse, &view, &rule, threads, &rng);
}

/* Do layers first .. last evolve side by side, a thread each? That spares the threads all their
** meetings, but somebody has the largest layer: so they work on one after the other if it would
** keep the rest waiting. Large layers, too, go one after the other: it takes less memory. */
static int evolve_apart (const Net *net, int32_t first, int32_t last) {
  double all = 0, largest = 0;
  for (int32_t l = first; l <= last; l++) {
    double links = net->layer[l].sparse ? (double)net->layer[l].sparse->links : 0;
    all += links;
    if (links > largest) largest = links;
  }
  return largest * net->threads <= all && largest < SPARSE_LARGE;
}

static int64_t evolve_layers (Net *net, const NetEvolution *how, const Probe *probe) {
  int64_t total = 0;
  int failed = 0, apart = evolve_apart(net, how->first, how->last);
  #pragma omp parallel for if (apart) num_threads(net->threads) schedule(dynamic, 1) \
    reduction(+ : total) reduction(| : failed)
  for (int32_t l = how->first; l <= how->last; l++) {
    int64_t born = evolve_layer(net, l, how, probe, apart ? 1 : net->threads);
    if (born < 0) failed = 1;
    else total += born;
  }
  return failed ? -1 : total;
}

/* ---- the ways in ---- */

static int looks_at_all (const NetEvolution *how) {
  return how->together || how->cut_together || how->percolate || how->shared_out;
}

int64_t net_evolve (Net *net, const NetEvolution *how, const Probe *probe) {
  if (how->changes) memset(how->changes, 0, (size_t)net->n_layers * sizeof *how->changes);
  if (!is_finite(net, how, probe)) return NET_EVOLVE_DIVERGED;
  net_forget_average(net);
  return looks_at_all(how) ? net_evolve_together(net, how, probe) : evolve_layers(net, how, probe);
}

int64_t net_evolve_layers (Net *net, int32_t first, int32_t last, const Evolution *rule, int32_t number) {
  NetEvolution how = { .rule = *rule, .first = first, .last = last, .number = number };
  return net_evolve(net, &how, NULL);
}

int64_t net_rewire (Net *net, int32_t l, uint8_t *keep, const Evolution *rule, const Probe *probe, int32_t number) {
  Layer *layer = &net->layer[l];
  Rng rng = net_evolution_stream(net, l, number);
  View view = net_evolution_view(net, probe, l);
  Evolution mine = *rule;
  mine.number = number;
  net_forget_average(net);
  return evolve_kept(layer->sparse, &view, keep, &mine, net->threads, &rng);
}

/* ---- what a net remembers ---- */

int net_keep_history (Net *net, int births, int tried) {
  for (int32_t l = 0; l < net->n_layers; l++) {
    Sparse *W = net->layer[l].sparse;
    if (W && ((births && !sparse_keep_births(W)) || (tried && !sparse_keep_tried(W)))) return 0;
  }
  return 1;
}

const int32_t *net_births (const Net *net, int32_t l) { return net->layer[l].sparse ? net->layer[l].sparse->born : NULL; }

const Sparse *net_tried (const Net *net, int32_t l) { return net->layer[l].sparse ? net->layer[l].sparse->tried : NULL; }

int64_t net_cells_tried (const Net *net, int32_t l) {
  const Layer *layer = &net->layer[l];
  if (!layer->sparse) return (int64_t)layer->n_in * layer->n_out;
  return layer->sparse->tried ? layer->sparse->tried->links : -1;
}

/* ---- memory ---- */

int64_t net_evolution_born (const Net *net, const NetEvolution *how, int32_t l) {
  const Sparse *W = net->layer[l].sparse;
  Evolution rule = net_evolution_rule(how, l);
  int64_t cut = rule.cut.mark ? prune_stay(&rule.cutting, W->links) : W->links;
  int64_t kept = rule.prune.mark ? prune_stay(&rule.pruning, cut) : cut, after = rule.links >= 0 ? rule.links : cut;
  if (rule.prune.shrinks && rule.links < 0) after = kept;
  return rule.grow && after > kept ? after - kept : 0;
}

static uint64_t layer_evolve_bytes (const Net *net, const NetEvolution *how, int32_t l, int threads) {
  if (!net->layer[l].sparse) return 0;
  Evolution rule = net_evolution_rule(how, l);
  return evolve_bytes(&rule, net->layer[l].sparse, net_evolution_born(net, how, l), threads);
}

/* The dearest `at_once` layers. */
static uint64_t dearest (const Net *net, const NetEvolution *how, int at_once, int threads) {
  uint64_t sum = 0;
  for (int32_t l = how->first; l <= how->last; l++) {
    uint64_t bytes = layer_evolve_bytes(net, how, l, threads);
    int dearer = 0;
    for (int32_t other = how->first; other <= how->last; other++) {
      uint64_t theirs = layer_evolve_bytes(net, how, other, threads);
      dearer += theirs > bytes || (theirs == bytes && other < l);
    }
    if (dearer < at_once) sum += bytes;
  }
  return sum;
}

/* Layers are rewired one after the other; or side by side, one a thread: then at worst the dearest ones at one time. */
uint64_t net_evolve_bytes (const Net *net, const NetEvolution *how) {
  if (looks_at_all(how)) return net_evolve_together_bytes(net, how, dearest(net, how, 1, net->threads));
  int apart = evolve_apart(net, how->first, how->last);
  return dearest(net, how, apart ? net->threads : 1, apart ? 1 : net->threads);
}
