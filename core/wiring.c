#include "wiring.h"
#include "mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

double wiring_density (double epsilon, int32_t n_in, int32_t n_out) {
  return epsilon * ((double)n_in + n_out) / ((double)n_in * n_out);
}

/* Walks the linked cells in order, cell = i * n_out + o. */
typedef struct Skip { uint64_t cell, cells; double log_miss; Rng rng; } Skip;

static Skip skip_start (int32_t n_in, int32_t n_out, double density, const Rng *rng) {
  Skip s = { 0, (uint64_t)n_in * (uint64_t)n_out, log1p(-density), *rng };
  return s;
}

/* The next linked cell, or `cells` at the end: the gap is geometric. */
static uint64_t skip_next (Skip *s) {
  double gap = floor(log(1 - rng_double(&s->rng)) / s->log_miss);
  if (gap >= (double)(s->cells - s->cell)) return s->cell = s->cells;
  uint64_t found = s->cell + (uint64_t)gap;
  s->cell = found + 1;
  return found;
}

static void draw_weights (Sparse *W, const Init *init, Rng *weights) {
  double scale = init->scale(W->n_in, W->n_out);
  for (int64_t k = 0; k < W->links; k++) W->w[k] = init_draw(init, scale, weights);
}

/* Two walks over the same random numbers: one counts, the other writes. So the arrays have
** their exact size from the start and no link is ever moved. */
Sparse *wiring_erdos_renyi (int32_t n_in, int32_t n_out, double density, const Init *init,
                            Rng *wiring, Rng *weights) {
  int64_t links = 0;
  Skip count = skip_start(n_in, n_out, density, wiring);
  while (skip_next(&count) < count.cells) links++;
  Sparse *W = sparse_new(n_in, n_out, links);
  if (!W) return NULL;
  Skip walk = skip_start(n_in, n_out, density, wiring);
  uint64_t cell, row_end = (uint64_t)n_out;
  int32_t i = 0;
  for (int64_t k = 0; (cell = skip_next(&walk)) < walk.cells; k++) {
    for (; cell >= row_end; row_end += (uint64_t)n_out) W->ptr[++i] = k;
    W->to[k] = (int32_t)(cell - (row_end - (uint64_t)n_out));
  }
  while (i < n_in) W->ptr[++i] = links;
  *wiring = walk.rng;
  draw_weights(W, init, weights);
  sparse_mirror(W);
  return W;
}

static int ascending (const void *a, const void *b) {
  int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

static const char *check_given (int32_t n_in, int32_t n_out, int64_t links, const int32_t *from,
                                const int32_t *to) {
  for (int64_t k = 0; k < links; k++) {
    if (from[k] < 0 || from[k] >= n_in) return "a link comes from a unit that is not there";
    if (to[k] < 0 || to[k] >= n_out) return "a link goes to a unit that is not there";
  }
  return NULL;
}

/* Places the links row by row: ptr[i + 1] is row i's insertion point until it is full. */
static void fill_rows (Sparse *W, const int32_t *from, const int32_t *to) {
  for (int64_t k = 0; k < W->links; k++) W->ptr[from[k] + 1]++;
  int64_t start = 0;
  for (int32_t i = 1; i <= W->n_in; i++) {
    int64_t count = W->ptr[i];
    W->ptr[i] = start;
    start += count;
  }
  for (int64_t k = 0; k < W->links; k++) W->to[W->ptr[from[k] + 1]++] = to[k];
}

Sparse *wiring_given (int32_t n_in, int32_t n_out, int64_t links, const int32_t *from,
                      const int32_t *to, const Init *init, Rng *weights, const char **why) {
  if ((*why = check_given(n_in, n_out, links, from, to)) != NULL) return NULL;
  Sparse *W = sparse_new(n_in, n_out, links);
  if (!W) {
    *why = "not enough memory";
    return NULL;
  }
  fill_rows(W, from, to);
  for (int32_t i = 0; i < n_in; i++) {
    int64_t first = W->ptr[i], n = W->ptr[i + 1] - first;
    qsort(W->to + first, (size_t)n, sizeof *W->to, ascending);
    for (int64_t k = first + 1; k < first + n; k++)
      if (W->to[k] == W->to[k - 1]) *why = "a link is given twice";
  }
  if (*why) {
    sparse_free(W);
    return NULL;
  }
  draw_weights(W, init, weights);
  sparse_mirror(W);
  return W;
}
