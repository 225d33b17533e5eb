#include "sparse/rows.h"
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

int rows_has (const Rows *rows, int32_t i, int32_t o) {
  int64_t low = rows->ptr[i], high = rows->ptr[i + 1], end = high;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (rows->to[middle] < o) low = middle + 1;
    else high = middle;
  }
  return low < end && rows->to[low] == o;
}

/* ---- random cells on top ---- */

static int ascending (const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static int64_t distinct (uint64_t *cell, int64_t n) {
  qsort(cell, (size_t)n, sizeof *cell, ascending);
  int64_t kept = 0;
  for (int64_t k = 0; k < n; k++)
    if (k == 0 || cell[k] != cell[k - 1]) cell[kept++] = cell[k];
  return kept;
}

/* n distinct free cells, ascending. Cells are drawn until so many are free; those drawn twice are drawn again. */
static void draw_cells (const Rows *rows, int64_t n, Rng *rng, uint64_t *cell) {
  uint64_t n_out = (uint64_t)rows->n_out, cells = (uint64_t)rows->n_in * n_out;
  for (int64_t have = 0; have < n; have = distinct(cell, have))
    while (have < n) {
      uint64_t drawn = rng_below(rng, cells);
      if (!rows_has(rows, (int32_t)(drawn / n_out), (int32_t)(drawn % n_out))) cell[have++] = drawn;
    }
}

/* Both are ascending: one walk. */
static void merge (const Rows *rows, const uint64_t *cell, int64_t n, Sparse *W) {
  int64_t at = 0, next = 0;
  for (int32_t i = 0; i < rows->n_in; i++) {
    uint64_t first = (uint64_t)i * (uint64_t)rows->n_out, end = first + (uint64_t)rows->n_out;
    W->ptr[i] = at;
    for (int64_t k = rows->ptr[i]; k < rows->ptr[i + 1]; k++) {
      for (; next < n && cell[next] < first + (uint64_t)rows->to[k]; next++) W->to[at++] = (int32_t)(cell[next] - first);
      W->to[at++] = rows->to[k];
    }
    for (; next < n && cell[next] < end; next++) W->to[at++] = (int32_t)(cell[next] - first);
  }
  W->ptr[rows->n_in] = at;
}

/* Every cell is linked, but for those. */
static void all_but (const Rows *rows, const uint64_t *cell, int64_t n, Sparse *W) {
  int64_t at = 0, next = 0;
  uint64_t c = 0;
  for (int32_t i = 0; i < rows->n_in; i++) {
    W->ptr[i] = at;
    for (int32_t o = 0; o < rows->n_out; o++, c++) {
      if (next < n && cell[next] == c) next++;
      else W->to[at++] = o;
    }
  }
  W->ptr[rows->n_in] = at;
}

/* Of the free cells, those that are linked are drawn, or those that are not, whichever are fewer. */
int rows_fill_up (const Rows *rows, Sparse *W, Rng *rng) {
  int64_t given = rows->ptr[rows->n_in], linked = W->links - given, empty = (int64_t)rows->n_in * rows->n_out - W->links;
  int64_t n = linked < empty ? linked : empty;
  uint64_t *cell = mem_new((size_t)n, sizeof *cell);
  if (!cell) return 0;
  draw_cells(rows, n, rng, cell);
  (linked < empty ? merge : all_but)(rows, cell, n, W);
  mem_free(cell);
  return 1;
}

/* ---- by output unit ---- */

/* ptr[i + 1] is where the next link of row i goes, and ends up as its end. */
void rows_of_units (Sparse *W) {
  memset(W->ptr, 0, ((size_t)W->n_in + 1) * sizeof *W->ptr);
  for (int64_t m = 0; m < W->links; m++) W->ptr[W->from[m] + 1]++;
  int64_t start = 0;
  for (int32_t i = 1; i <= W->n_in; i++) {
    int64_t count = W->ptr[i];
    W->ptr[i] = start;
    start += count;
  }
  for (int32_t o = 0; o < W->n_out; o++)
    for (int64_t m = W->in_ptr[o]; m < W->in_ptr[o + 1]; m++) W->to[W->ptr[W->from[m] + 1]++] = o;
}

int rows_even_degrees (int32_t n, int64_t links, Rng *rng, int32_t *degree) {
  int32_t more = (int32_t)(links % n), *unit = mem_new((size_t)n, sizeof *unit);
  if (!unit) return 0;
  for (int32_t u = 0; u < n; u++) {
    unit[u] = u;
    degree[u] = (int32_t)(links / n);
  }
  if (more > 0) rng_shuffle(rng, unit, n);
  for (int32_t u = 0; u < more; u++) degree[unit[u]]++;
  mem_free(unit);
  return 1;
}

int rows_cut_units (Sparse *W, Rng *rng) {
  int32_t *degree = mem_new((size_t)W->n_out, sizeof *degree);
  if (!degree || !rows_even_degrees(W->n_out, W->links, rng, degree)) {
    mem_free(degree);
    return 0;
  }
  W->in_ptr[0] = 0;
  for (int32_t o = 0; o < W->n_out; o++) W->in_ptr[o + 1] = W->in_ptr[o] + degree[o];
  mem_free(degree);
  return 1;
}

/* ---- weights ---- */

/* Of a layer with its mirror. Momentum is cleared here too: each thread touches first what lies side by side. */
static void draw_weights (Sparse *W, const Init *init, Rng *weights, int threads) {
  InitLayer drawn = init_layer(init, W->n_in, W->n_out, W->links, W->in_ptr);
  uint64_t key = rng_u64(weights);
  #pragma omp parallel for num_threads(threads) schedule(static)
  for (int64_t first = 0; first < W->links; first += INIT_CHUNK) {
    int64_t end = W->links - first < INIT_CHUNK ? W->links : first + INIT_CHUNK;
    Rng rng;
    rng_seed(&rng, key, (uint64_t)first / INIT_CHUNK);
    for (int64_t k = first; k < end; k++) {
      W->w[k] = init_draw(&drawn, W->to[k], &rng);
      W->momentum[k] = 0;
    }
  }
}

Sparse *rows_finish (Sparse *W, const Init *init, Rng *weights, int threads) {
  sparse_mirror(W, threads);
  draw_weights(W, init, weights, threads);
  return W;
}
