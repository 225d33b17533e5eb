#include "sparse/wiring.h"
#include "sparse/erdos_renyi.h"
#include "sparse/rows.h"
#include <stdlib.h>

double wiring_density (double epsilon, int32_t n_in, int32_t n_out) {
  return epsilon * ((double)n_in + n_out) / ((double)n_in * n_out);
}

Sparse *wiring_erdos_renyi (int32_t n_in, int32_t n_out, double density, const Init *init,
                            Rng *wiring, Rng *weights, int threads) {
  Blocks b;
  if (!blocks_draw(&b, n_in, n_out, density, wiring, threads)) return NULL;
  Sparse *W = sparse_new(n_in, n_out, b.links);
  if (W) {
    blocks_fill(&b, W->ptr, W->to, threads);
    rows_finish(W, init, weights, threads);
  }
  blocks_free(&b);
  return W;
}

/* ---- given links ---- */

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
  return rows_finish(W, init, weights, 1);
}
