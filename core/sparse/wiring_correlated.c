/*
** wiring_correlated.c -- links between correlated features.
**
** Correlations are computed a strip of features at a time, and of each strip only cells that may be among the best are kept: room
** for twice as many as are wanted, of which the better half stays whenever it is full.
*/
#include "sparse/wiring.h"
#include "sparse/rows.h"
#include "base/mem.h"
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STRIP = 64 };   /* features of a strip, and columns of a product */

typedef struct Pair { float score; int32_t i, j; } Pair;

typedef struct Best { Pair *pair; int64_t n, wanted, room; float least; } Best;   /* least: a pair below it is none of the best */

/* Larger correlations first; equal ones in the order of their cells, so that the choice is always the same. */
static int better_first (const void *a, const void *b) {
  const Pair *x = a, *y = b;
  if (x->score != y->score) return x->score > y->score ? -1 : 1;
  if (x->i != y->i) return x->i < y->i ? -1 : 1;
  return (x->j > y->j) - (x->j < y->j);
}

static void keep_best (Best *best) {
  qsort(best->pair, (size_t)best->n, sizeof *best->pair, better_first);
  if (best->n > best->wanted) best->n = best->wanted;
  if (best->n == best->wanted) best->least = best->pair[best->n - 1].score;
}

static void offer (Best *best, float score, int32_t i, int32_t j) {
  if (score < best->least) return;
  if (best->n == best->room) keep_best(best);
  best->pair[best->n++] = (Pair){ score, i, j };
}

/* Features in rows, with mean 0 and length 1; a constant one is 0 throughout. */
static void normalise (const float *x, int32_t n_features, int32_t samples, float *z, int threads) {
  #pragma omp parallel for num_threads(threads) schedule(static)
  for (int32_t f = 0; f < n_features; f++) {
    float *row = z + (size_t)f * (size_t)samples;
    double mean = 0, square = 0;
    for (int32_t s = 0; s < samples; s++) mean += (double)x[(size_t)s * (size_t)n_features + (size_t)f] / samples;
    for (int32_t s = 0; s < samples; s++) {
      double d = (double)x[(size_t)s * (size_t)n_features + (size_t)f] - mean;
      square += d * d;
    }
    double scale = square > 0 && square < HUGE_VAL ? 1 / sqrt(square) : 0;
    for (int32_t s = 0; s < samples; s++) row[s] = (float)(((double)x[(size_t)s * (size_t)n_features + (size_t)f] - mean) * scale);
  }
}

/* The correlations of features first .. first + n - 1 with all others, n rows of n_features, by products whose sizes do not depend on
** the number of threads. */
static void correlate (const float *z, int32_t n_features, int32_t samples, int32_t first, int32_t n, float *strip, int threads) {
  #pragma omp parallel for num_threads(threads) schedule(static)
  for (int32_t j = 0; j < n_features; j += STRIP) {
    int32_t width = n_features - j < STRIP ? n_features - j : STRIP;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, width, samples, 1, z + (size_t)first * (size_t)samples, samples,
                z + (size_t)j * (size_t)samples, samples, 0, strip + j, n_features);
  }
}

/* The `wanted` pairs of features that correlate most, a feature with itself last of all. */
static int best_pairs (const float *z, int32_t n_features, int32_t samples, Best *best, int threads) {
  float *strip = mem_new((size_t)STRIP * (size_t)n_features, sizeof *strip);
  for (int32_t first = 0; strip && first < n_features; first += STRIP) {
    int32_t n = n_features - first < STRIP ? n_features - first : STRIP;
    correlate(z, n_features, samples, first, n, strip, threads);
    for (int32_t i = first; i < first + n; i++)
      for (int32_t j = 0; j < n_features; j++) {
        float r = fabsf(strip[(size_t)(i - first) * (size_t)n_features + (size_t)j]);
        offer(best, i == j ? -1 : r >= 0 ? r : 0, i, j);
      }
  }
  mem_free(strip);
  keep_best(best);
  return strip != NULL;
}

/* Each pair stands for a cell in every copy of the features: copy by copy, the better pairs first. */
static void list_cells (const Best *best, int32_t n_in, int32_t n_out, int32_t n_features, int64_t links, int32_t *from, int32_t *to) {
  int64_t at = 0;
  for (int64_t p = 0; p < best->n; p++)
    for (int32_t i = best->pair[p].i; i < n_in; i += n_features)
      for (int32_t o = best->pair[p].j; o < n_out && at < links; o += n_features) {
        from[at] = i;
        to[at++] = o;
      }
}

/* The pairs that give so many links; their number is found as they come. */
static int64_t pairs_wanted (int32_t n_in, int32_t n_out, int32_t n_features, int64_t links) {
  int64_t copies = (int64_t)(n_in / n_features) * (n_out / n_features);
  return (links + copies - 1) / copies;
}

static int find_cells (int32_t n_in, int32_t n_out, int64_t links, const float *x, int32_t n_features, int32_t samples, int threads,
                       int32_t *from, int32_t *to) {
  Best best = { .wanted = pairs_wanted(n_in, n_out, n_features, links), .least = -2 };
  best.room = 2 * best.wanted;
  best.pair = mem_new((size_t)best.room, sizeof *best.pair);
  float *z = mem_new((size_t)n_features * (size_t)samples, sizeof *z);
  int done = best.pair && z;
  if (done) {
    normalise(x, n_features, samples, z, threads);
    done = best_pairs(z, n_features, samples, &best, threads);
  }
  if (done) list_cells(&best, n_in, n_out, n_features, links, from, to);
  mem_free(best.pair);
  mem_free(z);
  return done;
}

Sparse *wiring_correlated (int32_t n_in, int32_t n_out, int64_t links, const float *x, int32_t n_features, int32_t samples,
                           const Draw *draw) {
  const char *why;
  int32_t *from = mem_new((size_t)links, sizeof *from), *to = mem_new((size_t)links, sizeof *to);
  int found = from && to && find_cells(n_in, n_out, links, x, n_features, samples, draw->threads, from, to);
  Sparse *W = found ? wiring_given(n_in, n_out, links, from, to, draw->init, draw->weights, &why) : NULL;
  mem_free(from);
  mem_free(to);
  return W;
}
