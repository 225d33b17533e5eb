#include "array/fold.h"
#include <math.h>

enum { LANES = 8 };

/* Lanes of their own let the loop be vectorized, which a minimum that may meet a NaN forbids otherwise. */
typedef struct Extremes { float least[LANES], most[LANES]; int32_t nans[LANES]; } Extremes;

static void look_at (Extremes *e, int lane, float x) {
  e->least[lane] = x < e->least[lane] ? x : e->least[lane];
  e->most[lane] = x > e->most[lane] ? x : e->most[lane];
  e->nans[lane] += x != x;
}

static void block_extremes (Extremes *e, const float *v, int64_t n) {
  for (int lane = 0; lane < LANES; lane++) {
    e->least[lane] = INFINITY;
    e->most[lane] = -INFINITY;
    e->nans[lane] = 0;
  }
  int64_t k = 0;
  for (; k + LANES <= n; k += LANES)
    for (int lane = 0; lane < LANES; lane++) look_at(e, lane, v[k + lane]);
  for (int lane = 0; k + lane < n; lane++) look_at(e, lane, v[k + lane]);
}

FoldRange fold_range (const float *v, int64_t n) {
  FoldRange range = { INFINITY, -INFINITY, 0 };
  for (int64_t at = 0; at < n; at += ARRAY_BLOCK) {
    Extremes e;
    block_extremes(&e, v + at, n - at < ARRAY_BLOCK ? n - at : ARRAY_BLOCK);
    for (int lane = 0; lane < LANES; lane++) {
      range.least = e.least[lane] < range.least ? e.least[lane] : range.least;
      range.most = e.most[lane] > range.most ? e.most[lane] : range.most;
      range.nans += e.nans[lane];
    }
  }
  return range;
}

void fold_integer_range (const int64_t *v, int64_t n, int64_t *least, int64_t *most) {
  int64_t low = v[0], high = v[0];
  for (int64_t k = 1; k < n; k++) {
    low = v[k] < low ? v[k] : low;
    high = v[k] > high ? v[k] : high;
  }
  *least = low;
  *most = high;
}

/* ---- sums ---- */

static double lanes_sum (const double *s) { return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7])); }

/* s[k % LANES] += term of k, for all k < n. */
#define SUM(term) \
  double s[LANES] = { 0 }; \
  int64_t k = 0; \
  for (; k + LANES <= n; k += LANES) \
    for (int lane = 0; lane < LANES; lane++) s[lane] += term(k + lane); \
  for (int lane = 0; k + lane < n; lane++) s[lane] += term(k + lane); \
  return lanes_sum(s)

double fold_sum (const float *v, int64_t n) {
#define TERM(i) (double)v[i]
  SUM(TERM);
#undef TERM
}

double fold_number_sum (const int64_t *v, int64_t n) {
#define TERM(i) (double)v[i]
  SUM(TERM);
#undef TERM
}

static double square (double x) { return x * x; }

static double float_squares (const float *v, int64_t n, double mean) {
#define TERM(i) square((double)v[i] - mean)
  SUM(TERM);
#undef TERM
}

static double number_squares (const Array *a, int64_t n, double mean) {
#define TERM(i) square(array_number(a, i) - mean)
  SUM(TERM);
#undef TERM
}

double fold_squares (const Array *a, double mean) {
  return a->kind == ARRAY_FLOAT ? float_squares(a->data, a->n, mean) : number_squares(a, a->n, mean);
}

int64_t fold_integer_sum (const int64_t *v, int64_t n) {
  uint64_t sum = 0;
  for (int64_t k = 0; k < n; k++) sum += (uint64_t)v[k];
  return (int64_t)sum;
}

int64_t fold_count (const uint8_t *v, int64_t n) {
  int64_t count = 0;
  for (int64_t k = 0; k < n; k++) count += v[k];
  return count;
}

void fold_running (const Array *a, Array *out) {
  double sum = 0;
  uint64_t whole = 0;
  for (int64_t k = 0; k < a->n; k++)
    switch (a->kind) {
    case ARRAY_FLOAT: array_floats(out)[k] = (float)(sum += (double)array_floats(a)[k]); break;
    case ARRAY_INTEGER: array_integers(out)[k] = (int64_t)(whole += (uint64_t)array_integers(a)[k]); break;
    case ARRAY_BOOLEAN: array_integers(out)[k] = (int64_t)(whole += array_booleans(a)[k]); break;
    }
}
