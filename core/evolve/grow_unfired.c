/*
** grow_unfired.c -- cells that were never linked come first (ITOP, Liu et al. 2021).
**
** They are drawn as grow_random draws, among the numbers of a unit's cells that were never tried. When all of those are wanted,
** the others that are open are drawn among in the same way, and one walk merges the two.
*/
#include "evolve/grow.h"
#include "base/mem.h"
#include <string.h>

/* Draws `count` numbers of places, unit i having open[i]. */
static int draw (Growth *g, int32_t *open, int64_t count, int threads, Rng *rng) {
  Growth other = { g->W, g->keep, open, count, g->start, g->place, 0 };
  return grow_random(&other, threads, rng);
}

static int64_t count_untried (const Sparse *tried, int32_t *open) {
  int64_t all = 0;
  for (int32_t i = 0; i < tried->n_in; i++) all += open[i] = tried->n_out - (int32_t)(tried->ptr[i + 1] - tried->ptr[i]);
  return all;
}

static int is_closed (const Growth *g, int64_t k) { return g->keep[k] || g->no_return; }

/* Cells of a unit that were tried and are open. */
static void count_open (const Growth *g, int32_t *open) {
  const Sparse *W = g->W;
  for (int32_t i = 0; i < W->n_in; i++) {
    open[i] = (int32_t)(W->tried->ptr[i + 1] - W->tried->ptr[i]);
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) open[i] -= is_closed(g, k);
  }
}

/* Numbers among the tried and open cells of unit i become output units. */
static void name_tried (Growth *g, int32_t i) {
  const Sparse *W = g->W, *tried = W->tried;
  int64_t k = W->ptr[i];
  int32_t number = 0;
  uint32_t p = g->start[i];
  for (int64_t c = tried->ptr[i]; c < tried->ptr[i + 1] && p < g->start[i + 1]; c++) {
    while (k < W->ptr[i + 1] && W->to[k] < tried->to[c]) k++;
    if (k < W->ptr[i + 1] && W->to[k] == tried->to[c] && is_closed(g, k)) continue;
    if (number++ == g->place[p]) g->place[p++] = tried->to[c];
  }
}

/* Merges the output units of `more` into those of g, from the last unit down, so that nothing is written over before it is
** read. */
static void merge (Growth *g, const Growth *more) {
  int32_t n_in = g->W->n_in;
  int64_t a = g->start[n_in], b = more->start[n_in], at = a + b;
  for (int32_t i = n_in; i-- > 0;) {
    int64_t first_a = g->start[i], first_b = more->start[i];
    g->start[i + 1] = (uint32_t)at;
    while (a > first_a || b > first_b) {
      int from_a = b == first_b || (a > first_a && g->place[a - 1] > more->place[b - 1]);
      g->place[--at] = from_a ? g->place[--a] : more->place[--b];
    }
  }
}

/* `rest` cells that were tried before join those that g has. */
static int add_tried (Growth *g, int32_t *open, int64_t rest, int threads, Rng *rng) {
  Growth more = *g;
  more.start = mem_zero((size_t)g->W->n_in + 1, sizeof *more.start);
  more.place = mem_new((size_t)rest, sizeof *more.place);
  count_open(g, open);
  int there = more.start && more.place && draw(&more, open, rest, threads, rng);
  if (there) {
    for (int32_t i = 0; i < g->W->n_in; i++) name_tried(&more, i);
    merge(g, &more);
  }
  mem_free(more.start);
  mem_free(more.place);
  return there;
}

int grow_unfired (Growth *g, int threads, Rng *rng) {
  const Sparse *tried = g->W->tried;
  if (!tried) return grow_random(g, threads, rng);
  int32_t *open = mem_new((size_t)tried->n_in, sizeof *open);
  if (!open) return 0;
  int64_t untried = count_untried(tried, open), first = g->count < untried ? g->count : untried;
  int there = draw(g, open, first, threads, rng);
  for (int32_t i = 0; there && i < tried->n_in; i++)
    growth_name(g, i, tried->to + tried->ptr[i], NULL, tried->ptr[i + 1] - tried->ptr[i]);
  if (there && first < g->count) there = add_tried(g, open, g->count - first, threads, rng);
  mem_free(open);
  for (int32_t i = 0; there && i < tried->n_in; i++) growth_number(g, i);
  return there;
}

uint64_t grow_unfired_bytes (const GrowOptions *options, int32_t n_in, int32_t n_out, int64_t links, int64_t count, int threads) {
  GrowOptions plain = *options;
  plain.within = 0;
  plain.may_return = 1;
  return grow_random_bytes(&plain, n_in, n_out, links, count, threads) + mem_block((uint64_t)n_in, sizeof(int32_t)) +
         mem_block((uint64_t)n_in + 1, sizeof(uint32_t)) + mem_block((uint64_t)count, sizeof(int32_t));
}
