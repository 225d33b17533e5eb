#include "evolve/score.h"
#include "base/mem.h"
#include <float.h>
#include <math.h>
#include <string.h>

enum { BLOCK = 4096 };   /* links whose random numbers come from one stream */

/* ---- sums over a unit's links ---- */

/* The sums of |w| over the links of each input unit (row) and each output unit (column), in the order of the links:
** so they are the same for any number of threads. */
typedef struct Sums { double *row, *column; } Sums;

static void sums_free (Sums *s) {
  mem_free(s->row);
  mem_free(s->column);
}

static double strength_of (const View *view, int64_t k) {
  return !view->among || view->among[k] ? fabs((double)view->W->w[k]) : 0;
}

void score_strength_in (const View *view, int threads, double *strength) {
  const Sparse *W = view->W;
  #pragma omp parallel for num_threads(threads) schedule(static)
  for (int32_t o = 0; o < W->n_out; o++) {
    double sum = 0;
    for (int64_t m = W->in_ptr[o]; m < W->in_ptr[o + 1]; m++) sum += strength_of(view, W->at[m]);
    strength[o] = sum;
  }
}

static int sums_new (Sums *s, const View *view, int threads) {
  const Sparse *W = view->W;
  s->row = mem_new((size_t)W->n_in, sizeof *s->row);
  s->column = mem_new((size_t)W->n_out, sizeof *s->column);
  if (!s->row || !s->column) {
    sums_free(s);
    return 0;
  }
  #pragma omp parallel for num_threads(threads) schedule(static)
  for (int32_t i = 0; i < W->n_in; i++) {
    double sum = 0;
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) sum += strength_of(view, k);
    s->row[i] = sum;
  }
  score_strength_in(view, threads, s->column);
  return 1;
}

/* ---- the scores ---- */

static int magnitude (const View *view, const ScoreOptions *options, int threads, Rng *rng, float *score) {
  (void)options, (void)rng;
  const float *w = view->W->w;
  #pragma omp parallel for simd num_threads(threads) schedule(static)
  for (int64_t k = 0; k < view->W->links; k++) score[k] = fabsf(w[k]);
  return 1;
}

static int mest (const View *view, const ScoreOptions *options, int threads, Rng *rng, float *score) {
  (void)rng;
  const float *w = view->W->w, *g = view->gradient, lambda = (float)options->lambda;
  #pragma omp parallel for simd num_threads(threads) schedule(static)
  for (int64_t k = 0; k < view->W->links; k++) score[k] = fabsf(w[k]) + lambda * fabsf(g[k]);
  return 1;
}

static int snip (const View *view, const ScoreOptions *options, int threads, Rng *rng, float *score) {
  (void)options, (void)rng;
  const float *w = view->W->w, *g = view->gradient;
  #pragma omp parallel for simd num_threads(threads) schedule(static)
  for (int64_t k = 0; k < view->W->links; k++) score[k] = fabsf(w[k] * g[k]);
  return 1;
}

/* Of a link that is 0 alone with its unit the shares are 0 / 0: it is worth nothing. */
static int relative (const View *view, const ScoreOptions *options, int threads, Rng *rng, float *score) {
  (void)options, (void)rng;
  const Sparse *W = view->W;
  Sums sums;
  if (!sums_new(&sums, view, threads)) return 0;
  #pragma omp parallel for num_threads(threads) schedule(static)
  for (int32_t i = 0; i < W->n_in; i++)
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) {
      double w = fabs((double)W->w[k]);
      score[k] = w > 0 ? (float)(w / sums.row[i] + w / sums.column[W->to[k]]) : 0;
    }
  sums_free(&sums);
  return 1;
}

static int at_random (const View *view, const ScoreOptions *options, int threads, Rng *rng, float *score) {
  (void)options;
  uint64_t key = rng_u64(rng);
  int64_t links = view->W->links;
  #pragma omp parallel for num_threads(threads) schedule(static)
  for (int64_t first = 0; first < links; first += BLOCK) {
    Rng r;
    rng_seed(&r, key, (uint64_t)first / BLOCK);
    for (int64_t k = first; k < links && k < first + BLOCK; k++) score[k] = (float)rng_double(&r);
  }
  return 1;
}

const Score scores[] = {
  { "magnitude", 0, magnitude },
  { "mest", NEEDS_GRADIENTS, mest },
  { "snip", NEEDS_GRADIENTS, snip },
  { "relative importance", 0, relative },
  { "random", 0, at_random },
  { NULL, 0, NULL },
};

const Score *score_find (const char *name) {
  for (const Score *score = scores; score->name; score++)
    if (strcmp(score->name, name) == 0) return score;
  return NULL;
}

/* ---- soft ---- */

int score_soft (const View *view, double alpha, double delta, int threads, float *score) {
  const Sparse *W = view->W;
  Sums sums;
  if (!sums_new(&sums, view, threads)) return 0;
  double power = delta / (1 - delta);
  #pragma omp parallel for num_threads(threads) schedule(static)
  for (int32_t i = 0; i < W->n_in; i++)
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) {
      double half = fabs((double)W->w[k]) / 2;
      double s = half / (alpha + (1 - alpha) * sums.column[W->to[k]]) + half / (alpha + (1 - alpha) * sums.row[i]);
      score[k] = half > 0 ? (float)pow(s, power) : 0;
    }
  sums_free(&sums);
  return 1;
}

float score_tempered_key (double u, float score, double power) {
  return score > 0 ? fmaxf((float)(power * log((double)score) - log(-log(u))), -FLT_MAX) : -FLT_MAX;
}

void score_temper (float *score, int64_t n, double power, int threads, Rng *rng) {
  uint64_t key = rng_u64(rng);
  #pragma omp parallel for num_threads(threads) schedule(static)
  for (int64_t first = 0; first < n; first += BLOCK) {
    Rng r;
    rng_seed(&r, key, (uint64_t)first / BLOCK);
    for (int64_t k = first; k < n && k < first + BLOCK; k++)
      score[k] = score_tempered_key(((double)(rng_u64(&r) >> 12) + 0.5) * 0x1p-52, score[k], power);
  }
}
