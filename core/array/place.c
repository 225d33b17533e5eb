#include "array/place.h"
#include <string.h>

int64_t place_outside (const Array *place, int64_t n) {
  const int64_t *p = place->data;
  for (int64_t at = 0; at < place->n; at += ARRAY_BLOCK) {
    int m = place->n - at < ARRAY_BLOCK ? (int)(place->n - at) : ARRAY_BLOCK, outside = 0;
    for (int k = 0; k < m; k++) outside |= p[at + k] < 1 || p[at + k] > n;
    for (int k = 0; outside; k++)
      if (p[at + k] < 1 || p[at + k] > n) return at + k;
  }
  return -1;
}

void place_where (const uint8_t *mask, int64_t n, int64_t *place) {
  int64_t found = 0;
  for (int64_t k = 0; k < n; k++)
    if (mask[k]) place[found++] = k + 1;
}

/* The loop for the size of v's elements: of T only the size counts. */
#define BY_SIZE(kind, loop) \
  switch (kind) { \
  case ARRAY_FLOAT:   { loop(float) } break; \
  case ARRAY_INTEGER: { loop(int64_t) } break; \
  case ARRAY_BOOLEAN: { loop(uint8_t) } break; \
  }

void place_pick (const Array *v, const uint8_t *mask, Array *out) {
#define PICK(T) \
  const T *from = v->data; \
  T *to = out->data; \
  for (int64_t k = 0; k < v->n; k++) if (mask[k]) *to++ = from[k];
  BY_SIZE(v->kind, PICK)
}

void place_gather (const Array *v, const Array *place, Array *out) {
  const int64_t *p = place->data, n = place->n;
#define GATHER(T) \
  const T *from = v->data; \
  T *to = out->data; \
  _Pragma("omp parallel for if (n >= ARRAY_THREADED)") \
  for (int64_t k = 0; k < n; k++) to[k] = from[p[k] - 1];
  BY_SIZE(v->kind, GATHER)
}

void place_scatter (Array *v, const Array *place, const Array *value) {
  const int64_t *p = place->data, step = value->n == place->n;
#define SCATTER(T) \
  const T *from = value->data; \
  T *to = v->data; \
  for (int64_t k = 0; k < place->n; k++) to[p[k] - 1] = from[k * step];
  BY_SIZE(v->kind, SCATTER)
}

void place_add (Array *v, const Array *place, const Array *value) {
  const int64_t *p = place->data, step = value->n == place->n;
  if (v->kind == ARRAY_FLOAT)
    for (int64_t k = 0; k < place->n; k++) array_floats(v)[p[k] - 1] += array_floats(value)[k * step];
  else
    for (int64_t k = 0; k < place->n; k++) {
      int64_t *x = &array_integers(v)[p[k] - 1];
      *x = (int64_t)((uint64_t)*x + (uint64_t)array_integers(value)[k * step]);
    }
}

void place_sum (const Array *v, const Array *unit, int64_t n, double *sum) {
  const int64_t *u = unit->data;
  const float *x = v->data;
  for (int64_t k = 0; k < n; k++) sum[k] = 0;
  if (v->kind == ARRAY_FLOAT) for (int64_t k = 0; k < unit->n; k++) sum[u[k] - 1] += (double)x[k];
  else for (int64_t k = 0; k < unit->n; k++) sum[u[k] - 1] += array_number(v, k);
}

void place_integer_sum (const Array *v, const Array *unit, int64_t n, int64_t *sum) {
  const int64_t *u = unit->data;
  memset(sum, 0, (size_t)n * sizeof *sum);
  for (int64_t k = 0; k < unit->n; k++) {
    uint64_t x = v->kind == ARRAY_INTEGER ? (uint64_t)array_integers(v)[k] : array_booleans(v)[k];
    sum[u[k] - 1] = (int64_t)((uint64_t)sum[u[k] - 1] + x);
  }
}

void place_count (const Array *unit, int64_t n, int64_t *count) {
  const int64_t *u = unit->data;
  memset(count, 0, (size_t)n * sizeof *count);
  for (int64_t k = 0; k < unit->n; k++) count[u[k] - 1]++;
}

void place_mean (const double *sum, const int64_t *count, int64_t n, float *out) {
  for (int64_t k = 0; k < n; k++) out[k] = (float)(count ? sum[k] / (double)count[k] : sum[k]);
}
