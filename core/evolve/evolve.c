#include "evolve/evolve.h"
#include "base/mem.h"
#include "choose/keep.h"
#include <math.h>
#include <string.h>

/* A soft choice by CHTs' score looks at weights alone. */
static int prune_needs (const Prune *prune, const PruneOptions *options) {
  return prune->mark && options->soft != SOFT_CHTS ? prune->needs : 0;
}

int evolution_needs (const Evolution *rule) {
  int pruning = prune_needs(&rule->prune, &rule->pruning) | prune_needs(&rule->cut, &rule->cutting);
  return pruning | (rule->grow ? rule->grow->needs : 0);
}

Evolution evolution_set (double zeta, const Init *init) {
  Evolution set = { .pruning = { .share = zeta, .stay = -1 }, .grow = grow_find("random"), .growing = { .may_return = 1 },
                    .links = -1, .init = init };
  prune_find("set", &set.prune);
  return set;
}

/* ---- memory ---- */

static void growth_free (Growth *g) {
  mem_free(g->free);
  mem_free(g->start);
  mem_free(g->place);
}

static int growth_new (Growth *g, const Sparse *W, uint8_t *keep, int64_t count) {
  size_t rows = (size_t)W->n_in + 1;
  *g = (Growth){ .W = W, .keep = keep, .count = count };
  g->free = mem_new(rows, sizeof *g->free);
  g->start = mem_zero(rows, sizeof *g->start);
  g->place = mem_new((size_t)count, sizeof *g->place);
  if (g->free && g->start && g->place) return 1;
  growth_free(g);
  return 0;
}

static uint64_t growth_bytes (int32_t n_in, int64_t count) {
  Growth *g;
  uint64_t rows = (uint64_t)n_in + 1;
  return mem_block(rows, sizeof *g->free) + mem_block(rows, sizeof *g->start) + mem_block((uint64_t)count, sizeof *g->place);
}

static uint64_t most (uint64_t a, uint64_t b) { return a > b ? a : b; }

/* The threads meet a dozen times, and on a busy machine each meeting may take a while: a small layer
** is done before. */
static int useful_threads (const Sparse *W, int threads) {
  enum { LINKS_A_THREAD = 1 << 15 };
  int64_t most_threads = 1 + W->links / LINKS_A_THREAD;
  return threads < most_threads ? threads : (int)most_threads;
}

uint64_t evolve_bytes (const Evolution *rule, const Sparse *W, int64_t born, int threads) {
  int64_t after = rule->links < 0 ? W->links : rule->links;
  int useful = useful_threads(W, threads);
  uint64_t keep = mem_block((uint64_t)W->links, sizeof(uint8_t)), growing = growth_bytes(W->n_in, born), pruning = 0;
  uint64_t choosing = rule->grow ? rule->grow->bytes(&rule->growing, W->n_in, W->n_out, W->links, born, useful) : 0;
  uint64_t chosen = rule->grow && !rule->grow->places ? best_bytes(born) : 0, moving = rewire_bytes(W, after, born);
  if (rule->cut.mark) pruning = prune_bytes(&rule->cut, &rule->cutting, W->n_in, W->n_out, W->links, 0);
  if (rule->prune.mark)
    pruning = most(pruning, prune_bytes(&rule->prune, &rule->pruning, W->n_in, W->n_out, W->links, rule->cut.mark != NULL));
  /* Where a rule grows as a whole, its cells are there when room is made for them. */
  uint64_t growth = rule->grow && rule->grow->whole ? most(choosing, chosen + growing) : growing + choosing;
  return keep + most(pruning, most(growth, growing + moving));
}

/* ---- the step ---- */

/* Fills in start and place; g->count becomes how many links are born. Returns how many come, -1 if memory runs out. */
static int64_t choose (Growth *g, const View *view, const Evolution *rule, int threads, Rng *rng) {
  const Grow *grow = rule->grow;
  growth_count_free(g, threads);
  if (g->count == 0) return 0;
  CellRule *cells = rule->growing.within && grow->within ? grow->within : grow->cells;
  if (!cells) return grow->places(g, threads, rng) ? g->count : -1;
  Best best;
  if (!cells(view, g->keep, g->count, &rule->growing, threads, rng, &best)) return -1;
  int anew = rule->growing.anew || grow->places;   /* what comes by chance is new */
  int64_t revived = growth_of_cells(g, best.cell, best.n, anew, threads);
  best_free(&best);
  return g->count + revived;
}

/* The layer as the growth says. Returns how many links are born. */
static int64_t rebuild (Sparse *W, Growth *g, const Evolution *rule, int64_t grown, int threads, Rng *rng) {
  Newborn newborn = { rule->init, NULL, rule->number };
  int64_t returned = grown - g->count + (rule->change ? growth_returned(g) : 0);
  if (!rewire(W, g, &newborn, threads, rng)) return -1;
  if (rule->change) rule->change->grown = grown, rule->change->returned = returned;
  return g->count;
}

/* As many links as wanted, and no more than there is room for. */
static int64_t links_after (const Sparse *W, const Evolution *rule, int64_t kept) {
  int64_t wanted = rule->links < 0 ? W->links : rule->links, cells = (int64_t)W->n_in * W->n_out;
  int64_t most_links = rule->growing.may_return ? cells : cells - (W->links - kept);
  if (wanted > most_links) wanted = most_links;
  return rule->grow && wanted > kept ? wanted : kept;
}

int64_t evolve_kept (Sparse *W, const View *view, uint8_t *keep, const Evolution *rule, int threads, Rng *rng) {
  int64_t kept = keep_count(keep, W->links), after = links_after(W, rule, kept);
  if (rule->change) rule->change->grown = rule->change->returned = 0;
  if (kept == W->links && after == kept) return 0;
  Growth g;
  int useful = useful_threads(W, threads);
  if (!growth_new(&g, W, keep, after - kept)) return -1;
  g.no_return = !rule->growing.may_return;
  int64_t grown = choose(&g, view, rule, useful, rng), born = grown < 0 ? -1 : rebuild(W, &g, rule, grown, useful, rng);
  growth_free(&g);
  return born;
}

int64_t evolve_kept_at (Sparse *W, uint8_t *keep, const Evolution *rule, const Cell *cell, int64_t n, int threads, Rng *rng) {
  if (rule->change) rule->change->grown = rule->change->returned = 0;
  if (n == 0 && keep_count(keep, W->links) == W->links) return 0;
  Growth g;
  int useful = useful_threads(W, threads);
  if (!growth_new(&g, W, keep, n)) return -1;
  g.no_return = !rule->growing.may_return;
  growth_count_free(&g, useful);
  int64_t revived = growth_of_cells(&g, cell, n, rule->growing.anew, useful);
  int64_t born = rebuild(W, &g, rule, g.count + revived, useful, rng);
  growth_free(&g);
  return born;
}

int evolve_mark (const View *view, const Evolution *rule, int threads, Rng *rng, uint8_t *keep, int64_t *links) {
  int64_t there = view->W->links, cut = there, kept;
  View rest = *view;
  memset(keep, 1, (size_t)there);
  if (rule->cut.mark) {
    cut = rule->cut.mark(&rule->cut, view, &rule->cutting, threads, rng, keep);
    rest.among = keep;
  }
  kept = cut;
  if (cut >= 0 && rule->prune.mark && !(rule->grow && rule->grow->whole))
    kept = rule->prune.mark(&rule->prune, &rest, &rule->pruning, threads, rng, keep);
  if (cut < 0 || kept < 0) return 0;
  *links = rule->links >= 0 ? rule->links : rule->prune.shrinks ? kept : cut;
  if (rule->change) *rule->change = (Change){ .cut = there - cut, .dropped = cut - kept };
  return 1;
}

/* A rule that prunes and grows at once. keep marks what the cut has left. */
static int64_t evolve_whole (Sparse *W, const View *view, uint8_t *keep, const Evolution *rule, int threads, Rng *rng) {
  int64_t there = keep_count(keep, W->links), drop = there - prune_stay(&rule->pruning, there);
  int64_t cells = (int64_t)W->n_in * W->n_out, links = rule->links < cells ? rule->links : cells, born = -1;
  Best best;
  Growth g;
  if (!rule->grow->whole(view, keep, drop, links, &rule->growing, threads, rng, &best)) return -1;
  if (rule->change) rule->change->dropped = there - keep_count(keep, W->links);
  if (growth_new(&g, W, keep, best.n)) {
    int64_t grown = best.n;
    growth_of_cells(&g, best.cell, best.n, rule->growing.anew, threads);
    best_free(&best);
    born = rebuild(W, &g, rule, grown, threads, rng);
    growth_free(&g);
  } else best_free(&best);
  return born;
}

/* A layer that would be left without a link keeps its strongest. */
static void spare_strongest (const Sparse *W, uint8_t *keep, int64_t links, Change *change) {
  int64_t best = 0;
  if (W->links == 0 || links > 0 || keep_count(keep, W->links) > 0) return;
  if (change) *(change->dropped > 0 ? &change->dropped : &change->cut) -= 1;
  for (int64_t k = 1; k < W->links; k++)
    if (fabsf(W->w[k]) > fabsf(W->w[best])) best = k;
  keep[best] = 1;
}

int64_t evolve (Sparse *W, const View *view, const Evolution *rule, int threads, Rng *rng) {
  View plain = { .W = W };
  Evolution now = *rule;
  int useful = useful_threads(W, threads), is_whole = rule->grow && rule->grow->whole;
  int64_t born = -1;
  if (!view) view = &plain;
  uint8_t *keep = mem_new((size_t)W->links, 1);
  if (!keep) return -1;
  if (evolve_mark(view, rule, useful, rng, keep, &now.links)) {
    spare_strongest(W, keep, rule->grow ? now.links : 0, rule->change);
    born = (is_whole ? evolve_whole : evolve_kept)(W, view, keep, &now, useful, rng);
  }
  mem_free(keep);
  return born;
}
