#include "degree/degree.h"
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

static int ascending (const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

void degree_free (Degree *degree) {
  if (!degree) return;
  mem_free(degree->value);
  mem_free(degree->count);
  mem_free(degree->at_least);
  mem_free(degree);
}

/* Folds the sorted values in place: value[] keeps the distinct ones. */
static void count_runs (Degree *d) {
  int64_t k = 0;
  for (int64_t i = 0; i < d->n; i++) {
    int64_t x = d->value[i];
    if (k == 0 || d->value[k - 1] != x) {
      d->value[k] = x;
      d->count[k] = 0;
      d->at_least[k++] = d->n - i;
    }
    d->count[k - 1]++;
  }
  d->distinct = k;
}

Degree *degree_new (const int64_t *values, size_t n) {
  Degree *d = mem_zero(1, sizeof *d);
  if (!d) return NULL;
  d->n = (int64_t)n;
  d->value = mem_new(n, sizeof *d->value);
  d->count = mem_new(n, sizeof *d->count);
  d->at_least = mem_new(n, sizeof *d->at_least);
  if (!d->value || !d->count || !d->at_least) {
    degree_free(d);
    return NULL;
  }
  if (n) {
    memcpy(d->value, values, n * sizeof *values);
    qsort(d->value, n, sizeof *d->value, ascending);
  }
  count_runs(d);
  return d;
}
