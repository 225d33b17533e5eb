/*
** net_evolve_together.c -- evolutions that look at all layers at once: a global threshold, percolation, links that move between
** layers. All links are marked before any layer is changed.
*/
#include "turnover/net_evolve.h"
#include "base/mem.h"
#include "choose/amount.h"
#include "choose/keep.h"
#include "evolve/percolate.h"
#include "net/net_internal.h"
#include <math.h>
#include <string.h>

/* The marks of every layer: keep[l] of layer l, NULL for a dense one. Layers that do not evolve keep all. */
typedef struct Marks {
  int32_t  n;
  uint8_t **keep;
  const Sparse **W;
  Rng     *rng;
  int64_t *wanted;      /* links that each is to have, when what is cut off is gone */
  int64_t *percolated;
} Marks;

static void marks_free (Marks *m) {
  for (int32_t l = 0; m->keep && l < m->n; l++) mem_free(m->keep[l]);
  mem_free(m->keep);
  mem_free(m->W);
  mem_free(m->rng);
  mem_free(m->wanted);
  mem_free(m->percolated);
}

static int marks_new (Marks *m, const Net *net, int32_t number) {
  size_t n = (size_t)net->n_layers;
  *m = (Marks){ net->n_layers, mem_zero(n, sizeof *m->keep), mem_zero(n, sizeof *m->W), mem_new(n, sizeof *m->rng),
                mem_zero(n, sizeof *m->wanted), mem_zero(n, sizeof *m->percolated) };
  int there = m->keep && m->W && m->rng && m->wanted && m->percolated;
  for (int32_t l = 0; there && l < m->n; l++) {
    m->rng[l] = net_evolution_stream(net, l, number);
    m->W[l] = net->layer[l].sparse;
    if (!m->W[l]) continue;
    m->keep[l] = mem_new((size_t)m->W[l]->links, 1);
    there = m->keep[l] != NULL;
    if (there) memset(m->keep[l], 1, (size_t)m->W[l]->links);
  }
  if (!there) marks_free(m);
  return there;
}

/* Layers that evolve. */
#define EACH_SPARSE(l, how, m) \
  for (int32_t l = (how)->first; l <= (how)->last; l++) \
    if ((m)->W[l] && net_evolution_takes(how, l))

/* ---- marking ---- */

/* A rule and its options: rule.cut or rule.prune. */
typedef struct Half { const Prune *rule; const PruneOptions *options; const int64_t *stay; int together; } Half;

static int mark_each (const Net *net, const NetEvolution *how, const Probe *probe, Marks *m, const Half *half) {
  EACH_SPARSE(l, how, m) {
    View view = net_evolution_view(net, probe, l);
    PruneOptions options = *half->options;
    view.among = m->keep[l];
    if (half->stay) options.stay = half->stay[l];
    if (half->rule->mark(half->rule, &view, &options, net->threads, &m->rng[l], m->keep[l]) < 0) return 0;
  }
  return 1;
}

static int64_t count_kept (const NetEvolution *how, const Marks *m) {
  int64_t kept = 0;
  EACH_SPARSE(l, how, m) kept += keep_count(m->keep[l], m->W[l]->links);
  return kept;
}

/* A layer that would lose all its links keeps the best. */
static void spare_best (const float *score, int64_t n, uint8_t *keep) {
  int64_t best = 0;
  if (n == 0 || keep_count(keep, n) > 0) return;
  for (int64_t k = 1; k < n; k++)
    if (score[k] > score[best]) best = k;
  keep[best] = 1;
}

/* One threshold for all layers: the scores of all links in one row, of which the best stay. */
static int mark_together (const Net *net, const NetEvolution *how, const Probe *probe, Marks *m, const Half *half) {
  int64_t links = 0, at = 0;
  EACH_SPARSE(l, how, m) links += m->W[l]->links;
  float *score = mem_new((size_t)links, sizeof *score);
  uint8_t *keep = mem_new((size_t)links, 1);
  int there = score && keep;
  EACH_SPARSE(l, how, m) {
    View view = net_evolution_view(net, probe, l);
    view.among = m->keep[l];
    there = there && prune_scores(half->rule, &view, half->options, net->threads, &m->rng[l], score + at);
    at += m->W[l]->links;
  }
  if (there) keep_best(score, links, prune_stay(half->options, count_kept(how, m)), net->threads, keep);
  at = 0;
  EACH_SPARSE(l, how, m) {
    if (!there) break;
    memcpy(m->keep[l], keep + at, (size_t)m->W[l]->links);
    spare_best(score + at, m->W[l]->links, m->keep[l]);
    at += m->W[l]->links;
  }
  mem_free(score);
  mem_free(keep);
  return there;
}

/* The link of the largest weight stays where all were to go. */
static void spare_strongest (const Sparse *W, uint8_t *keep) {
  int64_t best = 0;
  if (W->links == 0 || keep_count(keep, W->links) > 0) return;
  for (int64_t k = 1; k < W->links; k++)
    if (fabsf(W->w[k]) > fabsf(W->w[best])) best = k;
  keep[best] = 1;
}

static int mark (const Net *net, const NetEvolution *how, const Probe *probe, Marks *m, const Half *half) {
  if (half->rule->mark == NULL) return 1;
  if (!(half->together && half->rule->mark == prune_scored ? mark_together : mark_each)(net, how, probe, m, half)) return 0;
  EACH_SPARSE(l, how, m) spare_strongest(m->W[l], m->keep[l]);
  return 1;
}

/* Marks all layers, by both rules and by percolation. */
static int mark_all (const Net *net, const NetEvolution *how, const Probe *probe, Marks *m) {
  const Evolution *rule = &how->rule;
  Half cut = { &rule->cut, &rule->cutting, how->cut_to, how->cut_together };
  Half prune = { &rule->prune, &rule->pruning, how->stay, how->together };
  if (!mark(net, how, probe, m, &cut)) return 0;
  EACH_SPARSE(l, how, m) m->wanted[l] = keep_count(m->keep[l], m->W[l]->links);
  if (!mark(net, how, probe, m, &prune)) return 0;
  EACH_SPARSE(l, how, m) {
    int64_t kept = keep_count(m->keep[l], m->W[l]->links), cut_off = m->W[l]->links - m->wanted[l];
    if (how->changes) how->changes[l] = (Change){ .cut = cut_off, .dropped = m->wanted[l] - kept };
    if (rule->prune.shrinks) m->wanted[l] = kept;
    if (how->links || rule->links >= 0) m->wanted[l] = how->links ? how->links[l] : rule->links;
  }
  if (how->percolate && percolate(m->n, m->W, m->keep, how->percolate, m->percolated) < 0) return 0;
  EACH_SPARSE(l, how, m)
    if (how->changes) how->changes[l].percolated = m->percolated[l];
  return 1;
}

/* ---- links that move between layers ---- */

/* What a layer's share of the lost links is in proportion to. */
static double claim_of (const View *view, const uint8_t *keep, int shared_out) {
  const Sparse *W = view->W;
  int64_t kept = keep_count(keep, W->links);
  if (shared_out == SHARE_LEFT) return (double)kept;
  const float *v = shared_out == SHARE_GRADIENT ? view->gradient : W->momentum;
  double sum = 0;
  for (int64_t k = 0; k < W->links; k++) sum += keep[k] ? fabs((double)v[k]) : 0;
  return kept > 0 ? sum / (double)kept : 0;
}

typedef struct Shares { double *weight, *remainder; int64_t *room, *give; } Shares;

static void shares_free (Shares *s) {
  mem_free(s->weight);
  mem_free(s->remainder);
  mem_free(s->room);
  mem_free(s->give);
}

static int shares_new (Shares *s, size_t n) {
  *s = (Shares){ mem_zero(n, sizeof *s->weight), mem_zero(n, sizeof *s->remainder), mem_zero(n, sizeof *s->room),
                 mem_zero(n, sizeof *s->give) };
  if (s->weight && s->remainder && s->room && s->give) return 1;
  shares_free(s);
  return 0;
}

/* How many links each layer gets: wanted[l] in the end. */
static int share_out (const Net *net, const NetEvolution *how, const Probe *probe, Marks *m) {
  Shares s;
  int64_t total = 0;
  double claims = 0;
  if (!shares_new(&s, (size_t)m->n)) return 0;
  EACH_SPARSE(l, how, m) {
    const Sparse *W = m->W[l];
    View view = net_evolution_view(net, probe, l);
    int64_t kept = keep_count(m->keep[l], W->links);
    s.room[l] = (int64_t)W->n_in * W->n_out - (how->rule.growing.may_return ? kept : W->links);
    claims += s.weight[l] = claim_of(&view, m->keep[l], how->shared_out);
    total += m->wanted[l] - kept;
  }
  EACH_SPARSE(l, how, m)
    if (!(claims > 0)) s.weight[l] = 1;
  amount_share(m->n, total > 0 ? total : 0, s.weight, s.room, s.give, s.remainder);
  EACH_SPARSE(l, how, m) m->wanted[l] = keep_count(m->keep[l], m->W[l]->links) + s.give[l];
  shares_free(&s);
  return 1;
}

/* ---- growing ---- */

static int64_t grow_each (Net *net, const NetEvolution *how, const Probe *probe, Marks *m) {
  int64_t total = 0;
  EACH_SPARSE(l, how, m) {
    View view = net_evolution_view(net, probe, l);
    Evolution rule = net_evolution_rule(how, l);
    rule.links = m->wanted[l];
    int64_t born = evolve_kept(net->layer[l].sparse, &view, m->keep[l], &rule, net->threads, &m->rng[l]);
    if (born < 0) return NET_EVOLVE_NO_MEMORY;
    total += born;
  }
  return total;
}

/* ---- links that grow where the best cells of all layers are ---- */

/* Cells that the layers offer, one layer's after the other's in their order: layer l's from first[l] on; and their scores. */
typedef struct Offers { Cell *cell; float *score; uint8_t *taken; int64_t *first; } Offers;

static void offers_free (Offers *o) {
  mem_free(o->cell);
  mem_free(o->score);
  mem_free(o->taken);
  mem_free(o->first);
}

static int offers_new (Offers *o, int32_t n, int64_t cells) {
  size_t room = (size_t)cells;
  *o = (Offers){ mem_new(room, sizeof *o->cell), mem_new(room, sizeof *o->score), mem_new(room, 1), mem_zero((size_t)n + 1, sizeof *o->first) };
  if (o->cell && o->score && o->taken && o->first) return 1;
  offers_free(o);
  return 0;
}

static uint64_t offers_bytes (int32_t n, uint64_t cells) {
  return mem_block(cells, sizeof(Cell)) + mem_block(cells, sizeof(float)) + mem_block(cells, 1) + mem_block((uint64_t)n + 1, sizeof(int64_t));
}

/* The best `count` cells of layer l. */
static int offer_cells (const Net *net, const NetEvolution *how, const Probe *probe, Marks *m, int32_t l, int64_t count, Offers *o) {
  View view = net_evolution_view(net, probe, l);
  Best best;
  if (!how->rule.grow->cells(&view, m->keep[l], count, &how->rule.growing, net->threads, &m->rng[l], &best)) return 0;
  for (int64_t c = 0; c < best.n; c++) {
    o->cell[o->first[l] + c] = best.cell[c];
    o->score[o->first[l] + c] = best.cell[c].score;
  }
  o->first[l + 1] = o->first[l] + best.n;
  best_free(&best);
  return 1;
}

/* Layer l grows in those of its cells that are among the best of all. */
static int64_t grow_taken (Net *net, const NetEvolution *how, Marks *m, int32_t l, Offers *o) {
  Evolution rule = net_evolution_rule(how, l);
  int64_t n = 0;
  for (int64_t c = o->first[l]; c < o->first[l + 1]; c++)
    if (o->taken[c]) o->cell[o->first[l] + n++] = o->cell[c];
  return evolve_kept_at(net->layer[l].sparse, m->keep[l], &rule, o->cell + o->first[l], n, net->threads, &m->rng[l]);
}

static int64_t grow_best (Net *net, const NetEvolution *how, const Probe *probe, Marks *m) {
  int64_t total = 0, born = 0;
  Offers o;
  EACH_SPARSE(l, how, m) total += m->wanted[l] - keep_count(m->keep[l], m->W[l]->links);
  if (total < 0) total = 0;
  if (!offers_new(&o, m->n, total * (how->last - how->first + 1))) return NET_EVOLVE_NO_MEMORY;
  int done = 1;
  for (int32_t l = 0; done && l < m->n; l++) {
    o.first[l + 1] = o.first[l];
    if (m->W[l] && net_evolution_takes(how, l)) done = offer_cells(net, how, probe, m, l, total, &o);
  }
  int64_t offered = o.first[m->n];
  if (done) keep_best(o.score, offered, total < offered ? total : offered, net->threads, o.taken);
  EACH_SPARSE(l, how, m) {
    int64_t more = done ? grow_taken(net, how, m, l, &o) : -1;
    if (more < 0) done = 0;
    born += more;
  }
  offers_free(&o);
  return done ? born : NET_EVOLVE_NO_MEMORY;
}

int64_t net_evolve_together (Net *net, const NetEvolution *how, const Probe *probe) {
  Marks m;
  int64_t born = NET_EVOLVE_NO_MEMORY;
  if (!marks_new(&m, net, how->number)) return born;
  int done = mark_all(net, how, probe, &m);
  int best = how->shared_out == SHARE_BEST && how->rule.grow && how->rule.grow->cells;
  if (done && how->shared_out && how->shared_out != SHARE_BEST) done = share_out(net, how, probe, &m);
  if (done) born = (best ? grow_best : grow_each)(net, how, probe, &m);
  marks_free(&m);
  return born;
}

/* ---- memory ---- */

static uint64_t most (uint64_t a, uint64_t b) { return a > b ? a : b; }

/* While one rule marks: the layer with the most of what it takes for itself, and all scores in one row. */
static uint64_t marking_bytes (const Net *net, const NetEvolution *how, const Prune *rule, const PruneOptions *options,
                               int together, int among) {
  uint64_t links = 0, own = 0;
  if (!rule->mark) return 0;
  for (int32_t l = how->first; l <= how->last; l++) {
    const Sparse *W = net->layer[l].sparse;
    if (!W) continue;
    uint64_t bytes = prune_bytes(rule, options, W->n_in, W->n_out, W->links, among);
    if (together) bytes -= mem_block((uint64_t)W->links, sizeof(float));   /* stands in the row */
    links += (uint64_t)W->links;
    own = most(own, bytes);
  }
  return own + (together ? mem_block(links, sizeof(float)) + mem_block(links, 1) : 0);
}

static uint64_t percolation_bytes (const Net *net) {
  uint64_t bytes = mem_block((uint64_t)net->n_layers, 2 * sizeof(void *));
  for (int32_t l = 0; l < net->n_layers; l++) {
    const Layer *layer = &net->layer[l];
    if (layer->sparse) bytes += mem_block((uint64_t)layer->n_in, 1) + mem_block((uint64_t)layer->n_out, 1);
  }
  return bytes;
}

uint64_t net_evolve_together_bytes (const Net *net, const NetEvolution *how, uint64_t dearest) {
  const Evolution *rule = &how->rule;
  uint64_t n = (uint64_t)net->n_layers, own = 0;
  uint64_t marks = 2 * mem_block(n, sizeof(void *)) + mem_block(n, sizeof(Rng)) + 2 * mem_block(n, sizeof(int64_t));
  for (int32_t l = 0; l < net->n_layers; l++) {
    const Sparse *W = net->layer[l].sparse;
    if (!W) continue;
    marks += mem_block((uint64_t)W->links, 1);
    own = most(own, mem_block((uint64_t)W->links, 1));
  }
  uint64_t cutting = marking_bytes(net, how, &rule->cut, &rule->cutting, how->cut_together, 1);
  uint64_t pruning = marking_bytes(net, how, &rule->prune, &rule->pruning, how->together, 1);
  uint64_t growing = dearest > own ? dearest - own : 0;   /* the marks of the layer that grows are counted already */
  uint64_t percolating = how->percolate ? percolation_bytes(net) : 0;
  if (how->shared_out == SHARE_BEST) {
    uint64_t links = 0, layers = 0;
    for (int32_t l = how->first; l <= how->last; l++)
      if (net->layer[l].sparse) links += (uint64_t)net->layer[l].sparse->links, layers++;
    growing += offers_bytes(net->n_layers, (uint64_t)(rule->pruning.share * (double)links) * layers);
  }
  return marks + most(most(cutting, pruning), most(growing, percolating));
}
