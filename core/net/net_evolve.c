/*
** net_evolve.c -- the layers of a net rewired: one by one or side by side, or all together where the rules ask for it.
*/
#include "net/net_evolve.h"
#include "base/mem.h"
#include "evolve/keep.h"
#include "evolve/percolate.h"
#include "net/net_internal.h"
#include <string.h>

static Rng evolution_stream (const Net *net, int32_t l, int32_t number) {
  Rng rng;
  rng_seed(&rng, net->seed, RNG_EVOLUTION | (uint64_t)l << 8 | (uint64_t)number << 24);
  return rng;
}

static View view_of (const Net *net, const Probe *probe, int32_t l) {
  return probe ? net_probe_view(probe, l) : (View){ .W = net->layer[l].sparse };
}

/* The rule of one layer: how many links it is to have. */
static Evolution rule_of (const NetEvolution *how, int32_t l) {
  Evolution rule = how->rule;
  if (how->links) rule.links = how->links[l];
  if (how->stay) rule.pruning.stay = how->stay[l];
  return rule;
}

/* ---- each layer by itself ---- */

static int64_t evolve_layer (Net *net, int32_t l, const NetEvolution *how, const Probe *probe, int threads) {
  Layer *layer = &net->layer[l];
  if (!layer->sparse) return 0;
  Rng rng = evolution_stream(net, l, how->number);
  View view = view_of(net, probe, l);
  Evolution rule = rule_of(how, l);
  int64_t born = evolve(layer->sparse, &view, &rule, threads, &rng);
  if (born >= 0) layer_cut(layer, net->threads);
  return born;
}

int net_evolves_apart (const Net *net, int32_t first, int32_t last) {
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
  int failed = 0, apart = net_evolves_apart(net, how->first, how->last);
  #pragma omp parallel for if (apart) num_threads(net->threads) schedule(dynamic, 1) \
    reduction(+ : total) reduction(| : failed)
  for (int32_t l = how->first; l <= how->last; l++) {
    int64_t born = evolve_layer(net, l, how, probe, apart ? 1 : net->threads);
    if (born < 0) failed = 1;
    else total += born;
  }
  return failed ? -1 : total;
}

/* ---- all layers together ---- */

/* The marks of every layer: keep[l] of layer l, NULL for a dense one. Layers that do not evolve keep all. */
typedef struct Marks { int32_t n; uint8_t **keep; const Sparse **W; } Marks;

static void marks_free (Marks *m) {
  for (int32_t l = 0; m->keep && l < m->n; l++) mem_free(m->keep[l]);
  mem_free(m->keep);
  mem_free(m->W);
}

static int marks_new (Marks *m, const Net *net) {
  *m = (Marks){ net->n_layers, mem_zero((size_t)net->n_layers, sizeof *m->keep), mem_zero((size_t)net->n_layers, sizeof *m->W) };
  int there = m->keep && m->W;
  for (int32_t l = 0; there && l < m->n; l++) {
    m->W[l] = net->layer[l].sparse;
    if (!m->W[l]) continue;
    m->keep[l] = mem_new((size_t)m->W[l]->links, 1);
    there = m->keep[l] != NULL;
    if (there) memset(m->keep[l], 1, (size_t)m->W[l]->links);
  }
  if (!there) marks_free(m);
  return there;
}

static int mark_each (const Net *net, const NetEvolution *how, const Probe *probe, Marks *m, Rng *rng) {
  for (int32_t l = how->first; l <= how->last; l++) {
    if (!m->W[l]) continue;
    View view = view_of(net, probe, l);
    Evolution rule = rule_of(how, l);
    if (rule.prune.mark(&rule.prune, &view, &rule.pruning, net->threads, &rng[l], m->keep[l]) < 0) return 0;
  }
  return 1;
}

/* One threshold for all layers: the scores of all links in one row, of which the best stay. */
static int mark_together (const Net *net, const NetEvolution *how, const Probe *probe, Marks *m, Rng *rng) {
  const PruneOptions *o = &how->rule.pruning;
  int64_t links = 0, at = 0;
  for (int32_t l = how->first; l <= how->last; l++) links += m->W[l] ? m->W[l]->links : 0;
  float *score = mem_new((size_t)links, sizeof *score);
  uint8_t *keep = mem_new((size_t)links, 1);
  int there = score && keep;
  for (int32_t l = how->first; there && l <= how->last; l++) {
    if (!m->W[l]) continue;
    View view = view_of(net, probe, l);
    there = score_find(how->rule.prune.name)->of_links(&view, &o->score, net->threads, &rng[l], score + at);
    at += m->W[l]->links;
  }
  if (there) keep_best(score, links, o->stay >= 0 ? o->stay : links - (int64_t)(o->share * (double)links), net->threads, keep);
  at = 0;
  for (int32_t l = how->first; there && l <= how->last; l++) {
    if (!m->W[l]) continue;
    memcpy(m->keep[l], keep + at, (size_t)m->W[l]->links);
    at += m->W[l]->links;
  }
  mem_free(score);
  mem_free(keep);
  return there;
}

/* How many links each layer gets back: as many as it has lost or is to have; or, shared out, in proportion to what it has
** left. The largest remainders get the links that are left over. */
static void share_out (const NetEvolution *how, const Marks *m, int64_t *after) {
  int64_t lost = 0, left = 0, given = 0;
  for (int32_t l = how->first; l <= how->last; l++) {
    if (!m->W[l]) continue;
    after[l] = keep_count(m->keep[l], m->W[l]->links);
    left += after[l];
    lost += m->W[l]->links - after[l];
  }
  if (left == 0) return;
  for (int32_t l = how->first; l <= how->last; l++) {
    if (!m->W[l]) continue;
    int64_t cells = (int64_t)m->W[l]->n_in * m->W[l]->n_out, mine = (int64_t)((__int128)lost * after[l] / left);
    if (mine > cells - after[l]) mine = cells - after[l];
    after[l] += mine;
    given += mine;
  }
  for (int32_t l = how->first; given < lost && l <= how->last; l++) {
    if (!m->W[l]) continue;
    int64_t room = (int64_t)m->W[l]->n_in * m->W[l]->n_out - after[l], mine = lost - given < room ? lost - given : room;
    after[l] += mine;
    given += mine;
  }
}

static int64_t grow_each (Net *net, const NetEvolution *how, const Probe *probe, Marks *m, const int64_t *after, Rng *rng) {
  int64_t total = 0;
  for (int32_t l = how->first; l <= how->last; l++) {
    if (!m->W[l]) continue;
    View view = view_of(net, probe, l);
    Evolution rule = rule_of(how, l);
    if (after) rule.links = after[l];
    int64_t born = evolve_kept(net->layer[l].sparse, &view, m->keep[l], &rule, net->threads, &rng[l]);
    if (born < 0) return -1;
    layer_cut(&net->layer[l], net->threads);
    total += born;
  }
  return total;
}

static int64_t evolve_together (Net *net, const NetEvolution *how, const Probe *probe) {
  Marks m;
  if (!marks_new(&m, net)) return -1;
  Rng *rng = mem_new((size_t)net->n_layers, sizeof *rng);
  int64_t *after = mem_zero((size_t)net->n_layers, sizeof *after), born = -1;
  int done = rng && after;
  for (int32_t l = 0; done && l < net->n_layers; l++) rng[l] = evolution_stream(net, l, how->number);
  done = done && (how->together ? mark_together : mark_each)(net, how, probe, &m, rng);
  if (done && how->percolate) done = percolate(m.n, m.W, m.keep, how->percolate, NULL) >= 0;
  if (done && how->shared_out) share_out(how, &m, after);
  if (done) born = grow_each(net, how, probe, &m, how->shared_out ? after : NULL, rng);
  mem_free(rng);
  mem_free(after);
  marks_free(&m);
  return born;
}

int64_t net_evolve (Net *net, const NetEvolution *how, const Probe *probe) {
  if (how->together || how->percolate || how->shared_out) return evolve_together(net, how, probe);
  return evolve_layers(net, how, probe);
}

int64_t net_evolve_layers (Net *net, int32_t first, int32_t last, const Evolution *rule, int32_t number) {
  NetEvolution how = { .rule = *rule, .first = first, .last = last, .number = number };
  return net_evolve(net, &how, NULL);
}

int64_t net_rewire (Net *net, int32_t l, uint8_t *keep, const Evolution *rule, const Probe *probe, int32_t number) {
  Layer *layer = &net->layer[l];
  Rng rng = evolution_stream(net, l, number);
  View view = view_of(net, probe, l);
  int64_t born = evolve_kept(layer->sparse, &view, keep, rule, net->threads, &rng);
  if (born >= 0) layer_cut(layer, net->threads);
  return born;
}
