#include "evolve/grow.h"
#include "choose/keep.h"
#include <string.h>

const Grow grow_rules[] = {
  { "random", 0, grow_random, NULL, NULL, grow_within_random, grow_random_bytes },
  { "unfired", 0, grow_unfired, NULL, NULL, NULL, grow_unfired_bytes },
  { "gradient", NEEDS_VALUES, NULL, grow_gradient, NULL, grow_within_gradient, grow_gradient_bytes },
  { "likeness", NEEDS_VALUES, NULL, grow_likeness, NULL, NULL, grow_likeness_bytes },
  { "cannistraci", 0, NULL, grow_cannistraci, NULL, NULL, grow_cannistraci_bytes },
  { "fan-in", NEEDS_VALUES, NULL, NULL, grow_fan_in, NULL, grow_fan_in_bytes },
  { .name = NULL },
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

/* The cells of one unit: dropped links that are chosen stay, or are born anew as the others are, whose output units go to
** `place`. Returns how many. */
static int32_t revive (Growth *g, const Cell *cell, int64_t n, int anew, int32_t *place) {
  const Sparse *W = g->W;
  int32_t newborn = 0;
  int64_t k = n > 0 ? W->ptr[cell[0].from] : 0, end = n > 0 ? W->ptr[cell[0].from + 1] : 0;
  for (int64_t c = 0; c < n; c++) {
    while (k < end && W->to[k] < cell[c].to) k++;
    if (!anew && k < end && W->to[k] == cell[c].to) g->keep[k] = 1;
    else place[newborn++] = cell[c].to;
  }
  return newborn;
}

void growth_name (Growth *g, int32_t i, const int32_t *to, const uint8_t *closed, int64_t n) {
  int64_t k = 0;
  int32_t passed = 0;
  for (uint32_t p = g->start[i]; p < g->start[i + 1]; p++) {
    for (; k < n && (closed && !closed[k] ? 1 : to[k] <= g->place[p] + passed); k++) passed += !closed || closed[k];
    g->place[p] += passed;
  }
}

/* Kept links before a place do not count. */
void growth_number (Growth *g, int32_t i) {
  const Sparse *W = g->W;
  int64_t k = W->ptr[i], end = W->ptr[i + 1];
  int32_t kept = 0;
  for (uint32_t p = g->start[i]; p < g->start[i + 1]; p++) {
    for (; k < end && W->to[k] < g->place[p]; k++) kept += g->keep[k];
    g->place[p] -= kept;
  }
}

int64_t growth_of_cells (Growth *g, const Cell *cell, int64_t n, int anew, int threads) {
  int64_t c = 0;
  uint32_t count = 0;
  for (int32_t i = 0; i < g->W->n_in; i++) {
    int64_t first = c;
    while (c < n && cell[c].from == i) c++;
    g->start[i] = count;
    count += (uint32_t)revive(g, cell + first, c - first, anew, g->place + count);
  }
  g->start[g->W->n_in] = count;
  g->count = count;
  growth_count_free(g, threads);
  #pragma omp parallel for num_threads(threads) schedule(static)
  for (int32_t i = 0; i < g->W->n_in; i++) growth_number(g, i);
  return n - count;
}

/* Place p of a unit, with `passed` kept links before it, is output unit p + passed. */
int64_t growth_returned (const Growth *g) {
  const Sparse *W = g->W;
  int64_t returned = 0;
  for (int32_t i = 0; i < W->n_in; i++) {
    int32_t passed = 0;
    uint32_t p = g->start[i];
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) {
      while (p < g->start[i + 1] && g->place[p] + passed < W->to[k]) p++;
      if (g->keep[k]) passed++;
      else returned += p < g->start[i + 1] && g->place[p] + passed == W->to[k];
    }
  }
  return returned;
}
