#include "topology/null.h"
#include "base/mem.h"
#include "topology/cells.h"
#include <stdlib.h>
#include <string.h>

static uint64_t cell_of (const Sparse *W, int32_t from, int32_t to) { return (uint64_t)from * (uint64_t)W->n_out + (uint64_t)to; }

static void finish (Sparse *W) {
  memset(W->momentum, 0, (size_t)W->links * sizeof *W->momentum);
  sparse_mirror(W, 1);
}

/* ---- as many links anywhere --------------------------------------------------------------- */

static int ascending (const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* n different cells out of `cells`, ascending: drawn, sorted, and drawn again for those that came twice. */
static void draw_cells (Rng *rng, uint64_t cells, uint64_t *cell, int64_t n) {
  int64_t have = 0;
  while (have < n) {
    for (int64_t k = have; k < n; k++) cell[k] = rng_below(rng, cells);
    qsort(cell, (size_t)n, sizeof *cell, ascending);
    have = 0;
    for (int64_t k = 0; k < n; k++)
      if (have == 0 || cell[k] != cell[have - 1]) cell[have++] = cell[k];
  }
}

/* Links at the cells that are listed, or at all others. */
static void link_cells (Sparse *W, const uint64_t *cell, int64_t n, int others) {
  uint64_t at = 0, n_out = (uint64_t)W->n_out;
  int64_t k = 0, listed = 0;
  memset(W->ptr, 0, ((size_t)W->n_in + 1) * sizeof *W->ptr);
  while (k < W->links) {
    if (!others) at = cell[listed++];
    for (; others && listed < n && cell[listed] == at; at++) listed++;
    W->ptr[at / n_out + 1]++;
    W->to[k++] = (int32_t)(at % n_out);
    at++;
  }
  for (int32_t i = 0; i < W->n_in; i++) W->ptr[i + 1] += W->ptr[i];
}

int null_random (Sparse *W, Rng *rng) {
  uint64_t cells = (uint64_t)W->n_in * (uint64_t)W->n_out;
  int others = (uint64_t)W->links > cells / 2;
  int64_t n = others ? (int64_t)(cells - (uint64_t)W->links) : W->links;
  uint64_t *cell = mem_new((size_t)n, sizeof *cell);
  if (!cell) return 0;
  draw_cells(rng, cells, cell, n);
  link_cells(W, cell, n, others);
  mem_free(cell);
  finish(W);
  return 1;
}

/* ---- the same degrees --------------------------------------------------------------------- */

/* One try on links k and m, from units a and c. */
static int swap_ends (Sparse *W, Cells *set, const int32_t *from, int64_t k, int64_t m) {
  int32_t a = from[k], b = W->to[k], c = from[m], d = W->to[m];
  if (a == c || b == d || cells_has(set, cell_of(W, a, d)) || cells_has(set, cell_of(W, c, b))) return 0;
  cells_remove(set, cell_of(W, a, b));
  cells_remove(set, cell_of(W, c, d));
  cells_add(set, cell_of(W, a, d));
  cells_add(set, cell_of(W, c, b));
  W->to[k] = d;
  W->to[m] = b;
  return 1;
}

static int by_unit (const void *a, const void *b) { return *(const int32_t *)a - *(const int32_t *)b; }

int null_swaps (Sparse *W, Rng *rng) {
  Cells set;
  int32_t *from = mem_new((size_t)W->links, sizeof *from);
  int there = cells_make(&set, W->links) && from;
  for (int32_t i = 0; there && i < W->n_in; i++)
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) {
      from[k] = i;
      cells_add(&set, cell_of(W, i, W->to[k]));
    }
  int64_t wanted = there ? NULL_SWAPS * W->links : 0;
  for (int64_t tries = NULL_TRIES * W->links; wanted > 0 && tries > 0; tries--) {
    int64_t k = (int64_t)rng_below(rng, (uint64_t)W->links), m = (int64_t)rng_below(rng, (uint64_t)W->links);
    wanted -= swap_ends(W, &set, from, k, m);
  }
  for (int32_t i = 0; there && i < W->n_in; i++)
    qsort(W->to + W->ptr[i], (size_t)(W->ptr[i + 1] - W->ptr[i]), sizeof *W->to, by_unit);
  cells_free(&set);
  mem_free(from);
  if (there) finish(W);
  return there;
}

/* ---- the same wiring ----------------------------------------------------------------------- */

static void swap_floats (float *x, float *y) {
  float kept = *x;
  *x = *y;
  *y = kept;
}

void null_weights (Sparse *W, Rng *rng) {
  for (int64_t k = W->links - 1; k > 0; k--) {
    int64_t m = (int64_t)rng_below(rng, (uint64_t)k + 1);
    swap_floats(&W->w[k], &W->w[m]);
    swap_floats(&W->momentum[k], &W->momentum[m]);
  }
}
