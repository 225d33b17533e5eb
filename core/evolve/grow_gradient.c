/*
** grow_gradient.c -- the missing cells with the largest |dL/dw| (RigL, Evci et al. 2020), looked at without an array
** of all cells.
**
** dL/dw of a cell (i, o) is the sum over the batch of x_ib dy_ob. A few input units at a time, the products with all output
** units are one small sgemm; linked cells are crossed out, and the best others are kept (best.h). A thread needs memory
** for one such strip. The strips are the same for any number of threads, and so are their sums. With `subset`, only some
** cells are looked at (grow_subset.c).
*/
#include "evolve/grow.h"
#include "base/mem.h"
#include <cblas.h>
#include <math.h>
#include <omp.h>

/* ---- all cells ---- */

enum { STRIP = 32 };   /* input units */

/* Crosses out the cells of unit i that are not to be had. */
static void cross_out (const Sparse *W, const uint8_t *keep, const GrowOptions *options, int32_t i, float *row) {
  for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++)
    if (keep[k] || !options->may_return) row[W->to[k]] = NAN;
}

/* Offers the cells of unit i. Few pass: eight at a time are asked whether any does. */
static void offer_row (Best *best, int32_t i, const float *row, int32_t n) {
  enum { LOT = 16 };
  int32_t o = 0;
  for (; o + LOT <= n; o += LOT) {
    int any = 0;
    for (int j = 0; j < LOT; j++) any |= fabsf(row[o + j]) >= best->floor;
    if (!any) continue;
    for (int j = 0; j < LOT; j++) best_offer(best, fabsf(row[o + j]), i, o + j);
  }
  for (; o < n; o++) best_offer(best, fabsf(row[o]), i, o);
}

static void offer_strip (const View *view, const uint8_t *keep, const GrowOptions *options, int32_t strip, float *g, Best *best) {
  const Sparse *W = view->W;
  int32_t first = strip * STRIP, units = W->n_in - first < STRIP ? W->n_in - first : STRIP;
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, units, W->n_out, view->batch, 1, view->x + (size_t)first * view->stride,
              (int)view->stride, view->dy, (int)view->stride, 0, g, W->n_out);
  for (int32_t u = 0; u < units; u++) {
    float *row = g + (size_t)u * (size_t)W->n_out;
    cross_out(W, keep, options, first + u, row);
    offer_row(best, first + u, row, W->n_out);
  }
}

/* Of each thread: the best cells that it has seen, and room for a strip. */
typedef struct Hands { int n; Best *best; float *strip; } Hands;

static void hands_free (Hands *h) {
  for (int t = 0; h->best && t < h->n; t++) best_free(&h->best[t]);
  mem_free(h->best);
  mem_free(h->strip);
}

static int hands_new (Hands *h, size_t strip, int64_t count, int threads) {
  *h = (Hands){ .n = threads, .best = mem_zero((size_t)threads, sizeof *h->best),
                .strip = mem_new((size_t)threads * strip, sizeof *h->strip) };
  int there = h->best && h->strip;
  for (int t = 0; there && t < threads; t++) there = best_new(&h->best[t], count);
  if (!there) hands_free(h);
  return there;
}

static int grow_all (const View *view, const uint8_t *keep, int64_t count, const GrowOptions *options, int threads, Best *best) {
  const Sparse *W = view->W;
  size_t strip = (size_t)STRIP * (size_t)W->n_out;
  Hands hands;
  if (!hands_new(&hands, strip, count, threads)) return 0;
  int32_t strips = (W->n_in + STRIP - 1) / STRIP;
  #pragma omp parallel num_threads(threads)
  {
    int t = omp_get_thread_num();
    omp_set_num_threads(1);   /* for BLAS in a team of one: it asks how many it may start */
    #pragma omp for schedule(dynamic, 1)
    for (int32_t s = 0; s < strips; s++) offer_strip(view, keep, options, s, hands.strip + (size_t)t * strip, &hands.best[t]);
  }
  for (int t = 1; t < threads; t++) best_add(hands.best, &hands.best[t]);
  best_finish(hands.best);
  *best = hands.best[0];
  hands.best[0].cell = NULL;
  hands_free(&hands);
  return 1;
}

/* Of a layer that is more than half full there are fewer missing cells than a subset would have. */
static int takes_subset (const GrowOptions *options, int32_t n_in, int32_t n_out, int64_t links) {
  return options->subset > 0 && (double)links <= 0.5 * n_in * n_out;
}

int grow_gradient (const View *view, const uint8_t *keep, int64_t count, const GrowOptions *options, int threads, Rng *rng,
                   Best *best) {
  if (takes_subset(options, view->W->n_in, view->W->n_out, view->W->links)) return grow_subset(view, keep, count, options, threads, rng, best);
  return grow_all(view, keep, count, options, threads, best);
}

uint64_t grow_gradient_bytes (const GrowOptions *options, int32_t n_in, int32_t n_out, int64_t links, int64_t count,
                              int threads) {
  if (options->within) return grow_within_bytes(options, n_in, n_out, links, count, threads);
  if (takes_subset(options, n_in, n_out, links)) return grow_subset_bytes(options, n_in, n_out, links, count, threads);
  uint64_t hands = (uint64_t)threads;
  return mem_block(hands, sizeof(Best)) + mem_block(hands * STRIP * (uint64_t)n_out, sizeof(float)) + hands * best_bytes(count);
}
