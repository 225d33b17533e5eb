/*
** grow_within.c -- growth that leaves every output unit as many links as it had: at random, or by the largest |dL/dw|.
**
** The products are made as in grow_gradient.c, but strip by strip of output units.
*/
#include "evolve/grow.h"
#include "base/mem.h"
#include <cblas.h>
#include <math.h>
#include <omp.h>
#include <string.h>

enum { STRIP = 32 };   /* output units */

static int is_closed (const View *view, const uint8_t *keep, int may_return, int64_t m) {
  return keep[view->W->at[m]] || !may_return;
}

static int32_t open_cells (const View *view, const uint8_t *keep, int may_return, int32_t o) {
  const Sparse *W = view->W;
  int32_t open = W->n_in;
  for (int64_t m = W->in_ptr[o]; m < W->in_ptr[o + 1]; m++) open -= is_closed(view, keep, may_return, m);
  return open;
}

void within_needs (const View *view, const uint8_t *keep, int may_return, int64_t count, int32_t *need) {
  const Sparse *W = view->W;
  int64_t left = count;
  for (int32_t o = 0; o < W->n_out; o++) {
    int32_t lost = 0, open = open_cells(view, keep, may_return, o);
    for (int64_t m = W->in_ptr[o]; m < W->in_ptr[o + 1]; m++) lost += !keep[W->at[m]];
    need[o] = lost < open ? lost : open;
    left -= need[o];
  }
  for (int moved = 1; left != 0 && moved;) {
    moved = 0;
    for (int32_t o = 0; left != 0 && o < W->n_out; o++) {
      int step = left > 0 ? need[o] < open_cells(view, keep, may_return, o) : -(need[o] > 0);
      need[o] += step;
      left -= step;
      moved |= step != 0;
    }
  }
}

/* Room for all cells; first[o] is where those of unit o begin. */
static int64_t *claim_cells (const int32_t *need, int32_t n_out, Best *best) {
  int64_t *first = mem_new((size_t)n_out + 1, sizeof *first), all = 0;
  *best = (Best){ .cell = NULL };
  if (!first) return NULL;
  for (int32_t o = 0; o < n_out; o++) {
    first[o] = all;
    all += need[o];
  }
  first[n_out] = all;
  if (best_new(best, all)) {
    best->n = all;
    return first;
  }
  mem_free(first);
  return NULL;
}

/* ---- the largest gradients ---- */

typedef struct Hand { Best best; float *strip; } Hand;

static void hands_free (Hand *hand, int n) {
  for (int t = 0; hand && t < n; t++) {
    best_free(&hand[t].best);
    mem_free(hand[t].strip);
  }
  mem_free(hand);
}

static Hand *hands_new (const Sparse *W, const int32_t *need, int n) {
  int32_t most = 0;
  for (int32_t o = 0; o < W->n_out; o++) most = need[o] > most ? need[o] : most;
  Hand *hand = mem_zero((size_t)n, sizeof *hand);
  int there = hand != NULL;
  for (int t = 0; there && t < n; t++) {
    hand[t].strip = mem_new((size_t)STRIP * (size_t)W->n_in, sizeof(float));
    there = best_new(&hand[t].best, most) && hand[t].strip;
  }
  if (there) return hand;
  hands_free(hand, n);
  return NULL;
}

/* The best cells of one unit, of the gradients in its row. */
static void choose (const View *view, const uint8_t *keep, int may_return, int32_t o, int32_t need, float *row, Best *best,
                    Cell *into) {
  const Sparse *W = view->W;
  best->n = 0;
  best->count = need;
  best->floor = -HUGE_VALF;
  for (int64_t m = W->in_ptr[o]; m < W->in_ptr[o + 1]; m++)
    if (is_closed(view, keep, may_return, m)) row[W->from[m]] = NAN;
  for (int32_t i = 0; i < W->n_in; i++) best_offer(best, fabsf(row[i]), i, o);
  best_trim(best);
  memcpy(into, best->cell, (size_t)need * sizeof *into);
}

static void choose_strip (const View *view, const uint8_t *keep, const int32_t *need, int may_return, int32_t strip, Hand *hand,
                          const int64_t *first, Cell *cell) {
  const Sparse *W = view->W;
  int32_t o0 = strip * STRIP, units = W->n_out - o0 < STRIP ? W->n_out - o0 : STRIP;
  if (first[o0] == first[o0 + units]) return;
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, units, W->n_in, view->batch, 1, view->dy + (size_t)o0 * view->stride,
              (int)view->stride, view->x, (int)view->stride, 0, hand->strip, W->n_in);
  for (int32_t u = 0; u < units; u++)
    if (need[o0 + u] > 0)
      choose(view, keep, may_return, o0 + u, need[o0 + u], hand->strip + (size_t)u * (size_t)W->n_in, &hand->best,
             cell + first[o0 + u]);
}

int within_fill (const View *view, const uint8_t *keep, const int32_t *need, int may_return, int threads, Best *best) {
  const Sparse *W = view->W;
  int64_t *first = claim_cells(need, W->n_out, best);
  Hand *hand = first ? hands_new(W, need, threads) : NULL;
  if (hand) {
    int32_t strips = (W->n_out + STRIP - 1) / STRIP;
    #pragma omp parallel num_threads(threads)
    {
      omp_set_num_threads(1);   /* for BLAS in a team of one: it asks how many it may start */
      #pragma omp for schedule(dynamic, 1)
      for (int32_t s = 0; s < strips; s++)
        choose_strip(view, keep, need, may_return, s, &hand[omp_get_thread_num()], first, best->cell);
    }
    hands_free(hand, threads);
    best_finish(best);
  } else if (first) best_free(best);
  mem_free(first);
  return hand != NULL;
}

int grow_within_gradient (const View *view, const uint8_t *keep, int64_t count, const GrowOptions *options, int threads, Rng *rng,
                          Best *best) {
  (void)rng;
  int32_t *need = mem_new((size_t)view->W->n_out, sizeof *need);
  if (!need) return 0;
  within_needs(view, keep, options->may_return, count, need);
  int there = within_fill(view, keep, need, options->may_return, threads, best);
  mem_free(need);
  return there;
}

/* ---- at random ---- */

/* Draws n of the numbers below `below`, ascending (Floyd: each of a growing range, or its last number if the one drawn is
** there). */
static void draw_numbers (int32_t n, int32_t below, Rng *rng, int32_t *number) {
  for (int32_t have = 0; have < n; have++) {
    int32_t last = below - n + have, x = (int32_t)rng_below(rng, (uint64_t)last + 1), at = 0, high = have;
    while (at < high) {
      int32_t middle = at + (high - at) / 2;
      if (number[middle] < x) at = middle + 1;
      else high = middle;
    }
    if (at < have && number[at] == x) at = have, x = last;
    memmove(number + at + 1, number + at, (size_t)(have - at) * sizeof *number);
    number[at] = x;
  }
}

/* Numbers among the open cells of unit o become input units. */
static void draw_unit (const View *view, const uint8_t *keep, int may_return, int32_t o, int32_t need, Rng *rng, int32_t *number,
                       Cell *cell) {
  const Sparse *W = view->W;
  int32_t passed = 0;
  int64_t m = W->in_ptr[o];
  draw_numbers(need, open_cells(view, keep, may_return, o), rng, number);
  for (int32_t n = 0; n < need; n++) {
    for (; m < W->in_ptr[o + 1] && W->from[m] <= number[n] + passed; m++) passed += is_closed(view, keep, may_return, m);
    cell[n] = (Cell){ 0, number[n] + passed, o };
  }
}

int grow_within_random (const View *view, const uint8_t *keep, int64_t count, const GrowOptions *options, int threads, Rng *rng,
                        Best *best) {
  const Sparse *W = view->W;
  size_t row = (size_t)W->n_in + 1;
  uint64_t key = rng_u64(rng);
  int32_t *need = mem_new((size_t)W->n_out, sizeof *need), *number = mem_new((size_t)threads * row, sizeof *number);
  int64_t *first = NULL;
  if (need && number) {
    within_needs(view, keep, options->may_return, count, need);
    first = claim_cells(need, W->n_out, best);
  }
  if (first) {
    #pragma omp parallel for num_threads(threads) schedule(static)
    for (int32_t o = 0; o < W->n_out; o++) {
      Rng r;
      rng_seed(&r, key, (uint64_t)o);
      draw_unit(view, keep, options->may_return, o, need[o], &r, number + (size_t)omp_get_thread_num() * row,
                best->cell + first[o]);
    }
    best_finish(best);
  }
  mem_free(need);
  mem_free(number);
  mem_free(first);
  return first != NULL;
}

uint64_t grow_within_random_bytes (int32_t n_in, int32_t n_out, int64_t count, int threads) {
  uint64_t o = (uint64_t)n_out, numbers = (uint64_t)threads * ((uint64_t)n_in + 1);
  return mem_block(o, sizeof(int32_t)) + mem_block(numbers, sizeof(int32_t)) + mem_block(o + 1, sizeof(int64_t)) +
      best_bytes(count);
}

uint64_t grow_within_bytes (const GrowOptions *options, int32_t n_in, int32_t n_out, int64_t links, int64_t count, int threads) {
  (void)options, (void)links;
  uint64_t hands = (uint64_t)threads, i = (uint64_t)n_in, o = (uint64_t)n_out;
  uint64_t most = (uint64_t)count < i ? (uint64_t)count : i;
  return mem_block(o, sizeof(int32_t)) + mem_block(o + 1, sizeof(int64_t)) + best_bytes(count) + mem_block(hands, sizeof(Hand)) +
         hands * (best_bytes((int64_t)most) + mem_block(STRIP * i, sizeof(float)));
}
