#include "evolve/evolve.h"
#include "base/mem.h"
#include "evolve/keep.h"
#include <string.h>

int evolution_needs (const Evolution *rule) { return rule->prune.needs | rule->grow->needs; }

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

uint64_t evolve_bytes (const Evolution *rule, int32_t n_in, int32_t n_out, int64_t links, int64_t capacity, int64_t dropped,
                       int threads) {
  int64_t after = rule->links < 0 ? links : rule->links, born = after - links + dropped;
  uint64_t keep = mem_block((uint64_t)links, sizeof(uint8_t)), growing = growth_bytes(n_in, born);
  uint64_t choosing = rule->grow->bytes(&rule->growing, n_in, n_out, links, born, threads);
  uint64_t pruning = prune_bytes(&rule->prune, n_in, n_out, links), moving = rewire_bytes(n_in, after, capacity);
  uint64_t after_marks = growing + (choosing > moving ? choosing : moving);
  return keep + (pruning > after_marks ? pruning : after_marks);
}

/* ---- the step ---- */

/* The threads meet a dozen times, and on a busy machine each meeting may take a while: a small layer
** is done before. */
static int useful_threads (const Sparse *W, int threads) {
  enum { LINKS_A_THREAD = 1 << 15 };
  int64_t most = 1 + W->links / LINKS_A_THREAD;
  return threads < most ? threads : (int)most;
}

/* Fills in start and place. */
static int choose (Growth *g, const View *view, const Evolution *rule, int threads, Rng *rng) {
  growth_count_free(g, threads);
  if (g->count == 0) return 1;
  if (rule->grow->places) return rule->grow->places(g, threads, rng);
  Best best;
  if (!rule->grow->cells(view, g->keep, g->count, &rule->growing, threads, rng, &best)) return 0;
  growth_of_cells(g, best.cell, best.n, threads);
  best_free(&best);
  return 1;
}

/* As many links as wanted, and no more than there is room for. */
static int64_t links_after (const Sparse *W, const Evolution *rule, int64_t kept) {
  int64_t wanted = rule->links < 0 ? W->links : rule->links, cells = (int64_t)W->n_in * W->n_out;
  if (wanted > cells) wanted = cells;
  return wanted > kept ? wanted : kept;
}

int64_t evolve_kept (Sparse *W, const View *view, uint8_t *keep, const Evolution *rule, int threads, Rng *rng) {
  int64_t kept = keep_count(keep, W->links), after = links_after(W, rule, kept);
  if (kept == W->links && after == kept) return 0;
  Growth g;
  Newborn newborn = { rule->init, NULL };
  int useful = useful_threads(W, threads);
  if (!growth_new(&g, W, keep, after - kept)) return -1;
  int done = choose(&g, view, rule, useful, rng) && rewire(W, &g, &newborn, useful, rng);
  int64_t born = g.count;
  growth_free(&g);
  return done ? born : -1;
}

int64_t evolve (Sparse *W, const View *view, const Evolution *rule, int threads, Rng *rng) {
  View plain = { .W = W };
  if (!view) view = &plain;
  uint8_t *keep = mem_new((size_t)W->links, 1);
  if (!keep) return -1;
  int64_t kept = rule->prune.mark(&rule->prune, view, &rule->pruning, useful_threads(W, threads), rng, keep);
  int64_t born = kept < 0 ? -1 : evolve_kept(W, view, keep, rule, threads, rng);
  mem_free(keep);
  return born;
}
