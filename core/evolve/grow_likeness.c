/*
** grow_likeness.c -- the missing cells whose two units are most alike (CTRE, Atashgahi et al. 2022): |cos(h_i, h_o)| over the
** batch.
**
** Rows of length 1 make a cosine a product, so that the rule is that of gradients with other rows.
*/
#include "evolve/grow.h"
#include "base/mem.h"
#include <math.h>

/* Copies of n rows, each divided by its length; a row of zeros stays one. */
static float *rows_of_length_1 (const float *rows, int32_t n, const View *view, int threads) {
  float *copy = mem_zero((size_t)n * view->stride, sizeof *copy);
  if (!copy) return NULL;
  #pragma omp parallel for num_threads(threads) schedule(static)
  for (int32_t u = 0; u < n; u++) {
    const float *row = rows + (size_t)u * view->stride;
    float *into = copy + (size_t)u * view->stride;
    double sum = 0;
    for (int32_t b = 0; b < view->batch; b++) sum += (double)row[b] * (double)row[b];
    double scale = sum > 0 ? 1 / sqrt(sum) : 0;
    for (int32_t b = 0; b < view->batch; b++) into[b] = (float)((double)row[b] * scale);
  }
  return copy;
}

int grow_likeness (const View *view, const uint8_t *keep, int64_t count, const GrowOptions *options, int threads, Rng *rng,
                   Best *best) {
  View alike = *view;
  float *x = rows_of_length_1(view->x, view->W->n_in, view, threads);
  float *y = rows_of_length_1(view->y, view->W->n_out, view, threads);
  alike.x = x;
  alike.dy = y;
  int there = x && y && grow_gradient(&alike, keep, count, options, threads, rng, best);
  mem_free(x);
  mem_free(y);
  return there;
}

uint64_t grow_likeness_bytes (const GrowOptions *options, int32_t n_in, int32_t n_out, int64_t links, int64_t count,
                              int threads) {
  uint64_t stride = (uint64_t)options->probed;
  return grow_gradient_bytes(options, n_in, n_out, links, count, threads) + mem_block((uint64_t)n_in * stride, sizeof(float)) +
         mem_block((uint64_t)n_out * stride, sizeof(float));
}
