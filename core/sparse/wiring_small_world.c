/*
** wiring_small_world.c -- a ring lattice between two sides, some of whose links are redrawn.
*/
#include "sparse/wiring.h"
#include "sparse/rows.h"
#include "base/mem.h"

/* The first of k consecutive units, on a ring of n, around the place opposite to unit u of m. */
static int32_t first_of (int32_t u, int32_t m, int32_t k, int32_t n) {
  int64_t first = (int64_t)u * n / m - k / 2;
  return (int32_t)((first % n + n) % n);
}

/* k consecutive units of a ring of n, ascending: those that have gone round come first. */
static void list_ring (int32_t first, int32_t k, int32_t n, int32_t *unit) {
  int32_t round = first + k > n ? first + k - n : 0;
  for (int32_t p = 0; p < round; p++) unit[p] = p;
  for (int32_t p = round; p < k; p++) unit[p] = first + p - round;
}

/* The lattice in W->ptr and W->to. */
static int lattice (Sparse *W, Rng *rng) {
  int by_units = W->n_out >= W->n_in;
  int32_t large = by_units ? W->n_out : W->n_in, small = by_units ? W->n_in : W->n_out;
  int32_t *degree = mem_new((size_t)large, sizeof *degree);
  if (!degree || !rows_even_degrees(large, W->links, rng, degree)) {
    mem_free(degree);
    return 0;
  }
  int64_t *ptr = by_units ? W->in_ptr : W->ptr;
  int32_t *unit = by_units ? W->from : W->to;
  ptr[0] = 0;
  for (int32_t u = 0; u < large; u++) {
    list_ring(first_of(u, large, degree[u], small), degree[u], small, unit + ptr[u]);
    ptr[u + 1] = ptr[u] + degree[u];
  }
  if (by_units) rows_of_units(W);
  mem_free(degree);
  return 1;
}

/* Copies the links that stay to `rows`. */
static void take_away (const Sparse *W, double beta, Rng *rng, Rows *rows) {
  int64_t at = 0;
  for (int32_t i = 0; i < W->n_in; i++) {
    rows->ptr[i] = at;
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++)
      if (rng_double(rng) >= beta) rows->to[at++] = W->to[k];
  }
  rows->ptr[W->n_in] = at;
}

Sparse *wiring_small_world (int32_t n_in, int32_t n_out, int64_t links, double beta, const Draw *draw) {
  Sparse *W = sparse_new(n_in, n_out, links);
  Rows rows = { n_in, n_out, mem_new((size_t)n_in + 1, sizeof *rows.ptr), W ? W->from : NULL };
  int done = W && rows.ptr && lattice(W, draw->wiring);
  if (done && beta > 0) {
    take_away(W, beta, draw->wiring, &rows);
    done = rows_fill_up(&rows, W, draw->wiring);
  }
  mem_free(rows.ptr);
  if (done) return rows_finish(W, draw->init, draw->weights, draw->threads);
  sparse_free(W);
  return NULL;
}
