/*
** wiring_random.c -- an exact number of links, anywhere; and an exact number for each output unit.
*/
#include "sparse/wiring.h"
#include "sparse/erdos_renyi.h"
#include "sparse/rows.h"
#include "base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A density at which cells drawn independently are hardly ever more than `links`: six standard deviations below. */
static double density_below (int64_t links, double cells) {
  double sd = sqrt((double)links * (1 - (double)links / cells));
  return ((double)links - 6 * sd - 6) / cells;
}

/* Cells drawn independently, at most `links`: whatever their number, all sets of so many are equally likely. */
static int draw_most (Rows *rows, int64_t links, const Draw *draw) {
  double density = density_below(links, (double)rows->n_in * rows->n_out);
  if (!(density > 0)) {
    memset(rows->ptr, 0, ((size_t)rows->n_in + 1) * sizeof *rows->ptr);
    return 1;
  }
  for (;;) {
    Blocks b;
    if (!blocks_draw(&b, rows->n_in, rows->n_out, density, draw->wiring, draw->threads)) return 0;
    int fits = b.links <= links;
    if (fits) blocks_fill(&b, rows->ptr, rows->to, draw->threads);
    blocks_free(&b);
    if (fits) return 1;
  }
}

/* Most are drawn side by side, into the array that the mirror will fill; the rest is drawn one by one. */
Sparse *wiring_random (int32_t n_in, int32_t n_out, int64_t links, const Draw *draw) {
  Sparse *W = sparse_new(n_in, n_out, links);
  Rows rows = { n_in, n_out, mem_new((size_t)n_in + 1, sizeof *rows.ptr), W ? W->from : NULL };
  int done = W && rows.ptr && draw_most(&rows, links, draw) && rows_fill_up(&rows, W, draw->wiring);
  mem_free(rows.ptr);
  if (done) return rows_finish(W, draw->init, draw->weights, draw->threads);
  sparse_free(W);
  return NULL;
}

/* ---- fan-in ---- */

static int ascending (const void *a, const void *b) {
  int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

static int32_t distinct (int32_t *item, int32_t n) {
  int32_t kept = 0;
  qsort(item, (size_t)n, sizeof *item, ascending);
  for (int32_t k = 0; k < n; k++)
    if (k == 0 || item[k] != item[k - 1]) item[kept++] = item[k];
  return kept;
}

/* k distinct units of n, ascending, to `unit`; `spare` has room for n / 2. */
static void draw_units (int32_t n, int32_t k, Rng *rng, int32_t *unit, int32_t *spare) {
  int32_t few = k <= n - k ? k : n - k, *drawn = few == k ? unit : spare;
  for (int32_t have = 0; have < few; have = distinct(drawn, have))
    while (have < few) drawn[have++] = (int32_t)rng_below(rng, (uint64_t)n);
  if (few == k) return;
  for (int32_t u = 0, at = 0, next = 0; u < n; u++) {   /* all but those */
    if (next < few && spare[next] == u) next++;
    else unit[at++] = u;
  }
}

/* Each output unit has a random stream of its own. */
static int draw_inputs (Sparse *W, const Draw *draw) {
  uint64_t key = rng_u64(draw->wiring);
  int failed = 0;
  #pragma omp parallel num_threads(draw->threads) reduction(| : failed)
  {
    int32_t *spare = mem_new((size_t)W->n_in / 2 + 1, sizeof *spare);
    failed = !spare;
    #pragma omp for schedule(static)
    for (int32_t o = 0; o < W->n_out; o++) {
      Rng rng;
      rng_seed(&rng, key, (uint64_t)o);
      if (spare) draw_units(W->n_in, (int32_t)(W->in_ptr[o + 1] - W->in_ptr[o]), &rng, W->from + W->in_ptr[o], spare);
    }
    mem_free(spare);
  }
  return !failed;
}

Sparse *wiring_fan_in (int32_t n_in, int32_t n_out, int64_t links, const Draw *draw) {
  Sparse *W = sparse_new(n_in, n_out, links);
  if (W && rows_cut_units(W, draw->wiring) && draw_inputs(W, draw)) {
    rows_of_units(W);
    return rows_finish(W, draw->init, draw->weights, draw->threads);
  }
  sparse_free(W);
  return NULL;
}
