#include "evolve/grow.h"
#include "evolve/keep.h"
#include <string.h>

const Grow grow_rules[] = {
  { "random", 0, grow_random, NULL, grow_random_bytes },
  { "gradient", NEEDS_VALUES, NULL, grow_gradient, grow_gradient_bytes },
  { "cannistraci", 0, NULL, grow_cannistraci, grow_cannistraci_bytes },
  { NULL, 0, NULL, NULL, NULL },
};

const Grow *grow_find (const char *name) {
  for (const Grow *rule = grow_rules; rule->name; rule++)
    if (strcmp(rule->name, name) == 0) return rule;
  return NULL;
}

void growth_count_free (Growth *g, int threads) {
  const Sparse *W = g->W;
  #pragma omp parallel for num_threads(threads) schedule(static)
  for (int32_t i = 0; i < W->n_in; i++)
    g->free[i] = W->n_out - (int32_t)keep_count(g->keep + W->ptr[i], W->ptr[i + 1] - W->ptr[i]);
}

/* The cells of one unit: dropped links that are chosen stay; the others' output units go to `place`. Returns how many. */
static int32_t revive (Growth *g, const Cell *cell, int64_t n, int32_t *place) {
  const Sparse *W = g->W;
  int32_t newborn = 0;
  int64_t k = n > 0 ? W->ptr[cell[0].from] : 0, end = n > 0 ? W->ptr[cell[0].from + 1] : 0;
  for (int64_t c = 0; c < n; c++) {
    while (k < end && W->to[k] < cell[c].to) k++;
    if (k < end && W->to[k] == cell[c].to) g->keep[k] = 1;
    else place[newborn++] = cell[c].to;
  }
  return newborn;
}

/* Output units become numbers among the free places of their input unit: kept links before them do not count. */
static void number_places (const Growth *g, int32_t i) {
  const Sparse *W = g->W;
  int64_t k = W->ptr[i], end = W->ptr[i + 1];
  int32_t kept = 0;
  for (uint32_t p = g->start[i]; p < g->start[i + 1]; p++) {
    for (; k < end && W->to[k] < g->place[p]; k++) kept += g->keep[k];
    g->place[p] -= kept;
  }
}

void growth_of_cells (Growth *g, const Cell *cell, int64_t n, int threads) {
  int64_t c = 0;
  uint32_t count = 0;
  for (int32_t i = 0; i < g->W->n_in; i++) {
    int64_t first = c;
    while (c < n && cell[c].from == i) c++;
    g->start[i] = count;
    count += (uint32_t)revive(g, cell + first, c - first, g->place + count);
  }
  g->start[g->W->n_in] = count;
  g->count = count;
  growth_count_free(g, threads);
  #pragma omp parallel for num_threads(threads) schedule(static)
  for (int32_t i = 0; i < g->W->n_in; i++) number_places(g, i);
}
