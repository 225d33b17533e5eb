#include "evolve.h"
#include "mem.h"
#include <string.h>

/* What a rewiring needs, all of it claimed before W is touched. */
typedef struct Rewiring {
  int64_t  count;           /* links to grow */
  uint64_t *cell;           /* count: where */
  int64_t *row;             /* n_in + 1: newborn links of input unit i are born[row[i]..] */
  int32_t *born;            /* count: their output units, ascending within a row */
  int64_t *ptr;             /* n_in + 1 ... the new primary order */
  int32_t *to;
  float   *w, *momentum;
} Rewiring;

static void rewiring_free (Rewiring *r) {
  mem_free(r->cell);
  mem_free(r->row);
  mem_free(r->born);
  mem_free(r->ptr);
  mem_free(r->to);
  mem_free(r->w);
  mem_free(r->momentum);
}

static int rewiring_new (Rewiring *r, const Sparse *W, int64_t count) {
  size_t links = (size_t)W->links, rows = (size_t)W->n_in + 1;
  memset(r, 0, sizeof *r);
  r->count = count;
  r->cell = mem_new((size_t)count, sizeof *r->cell);
  r->row = mem_zero(rows, sizeof *r->row);
  r->born = mem_new((size_t)count, sizeof *r->born);
  r->ptr = mem_new(rows, sizeof *r->ptr);
  r->to = mem_new(links, sizeof *r->to);
  r->w = mem_new(links, sizeof *r->w);
  r->momentum = mem_new(links, sizeof *r->momentum);
  if (r->cell && r->row && r->born && r->ptr && r->to && r->w && r->momentum) return 0;
  rewiring_free(r);
  return -1;
}

uint64_t evolve_bytes (int32_t n_in, int32_t n_out, int64_t links, int64_t count) {
  (void)n_out;
  Rewiring *r;
  uint64_t n = (uint64_t)links, born = (uint64_t)count, rows = (uint64_t)n_in + 1, slots = 16;
  while (slots < 2 * born) slots *= 2;  /* the cells chosen so far, in grow_random.c */
  return mem_block(n, sizeof(uint8_t)) +  /* keep */
         mem_block(born, sizeof *r->cell) + mem_block(born, sizeof *r->born) + mem_block(slots, sizeof *r->cell) +
         mem_block(rows, sizeof *r->row) + mem_block(rows, sizeof *r->ptr) +
         mem_block(n, sizeof *r->to) + mem_block(n, sizeof *r->w) + mem_block(n, sizeof *r->momentum);
}

/* Shell sort: rows are short, and a hub's long row must not cost its square. */
static void sort_row (int32_t *v, int64_t n) {
  static const int64_t gaps[] = { 29524, 9841, 3280, 1093, 364, 121, 40, 13, 4, 1 };
  for (size_t g = 0; g < sizeof gaps / sizeof *gaps; g++)
    for (int64_t i = gaps[g]; i < n; i++) {
      int32_t x = v[i];
      int64_t j = i;
      for (; j >= gaps[g] && v[j - gaps[g]] > x; j -= gaps[g]) v[j] = v[j - gaps[g]];
      v[j] = x;
    }
}

/* Brings the newborn cells into row order: counting sort by row, then each row by itself. */
static void order_newborn (Rewiring *r, const Sparse *W) {
  uint64_t n_out = (uint64_t)W->n_out;
  for (int64_t n = 0; n < r->count; n++) r->row[r->cell[n] / n_out + 1]++;
  int64_t start = 0;
  for (int32_t i = 1; i <= W->n_in; i++) {
    int64_t count = r->row[i];
    r->row[i] = start;
    start += count;
  }
  for (int64_t n = 0; n < r->count; n++)
    r->born[r->row[r->cell[n] / n_out + 1]++] = (int32_t)(r->cell[n] % n_out);
  for (int32_t i = 0; i < W->n_in; i++) sort_row(r->born + r->row[i], r->row[i + 1] - r->row[i]);
}

/* Merges survivors and newborn links of every row, both ascending, into the new order. */
static void merge_rows (Rewiring *r, const Sparse *W, const uint8_t *keep, const Init *init, Rng *rng) {
  double scale = init->scale(W->n_in, W->n_out);
  int64_t at = 0, n = 0;
  for (int32_t i = 0; i < W->n_in; i++) {
    r->ptr[i] = at;
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) {
      if (!keep[k]) continue;
      for (; n < r->row[i + 1] && r->born[n] < W->to[k]; n++, at++) {
        r->to[at] = r->born[n];
        r->w[at] = init_draw(init, scale, rng);
        r->momentum[at] = 0;
      }
      r->to[at] = W->to[k];
      r->w[at] = W->w[k];
      r->momentum[at++] = W->momentum[k];
    }
    for (; n < r->row[i + 1]; n++, at++) {
      r->to[at] = r->born[n];
      r->w[at] = init_draw(init, scale, rng);
      r->momentum[at] = 0;
    }
  }
  r->ptr[W->n_in] = at;
}

/* W takes the new arrays and leaves its old ones to be freed with the rewiring. */
static void trade_arrays (Rewiring *r, Sparse *W) {
  Sparse old = *W;
  W->ptr = r->ptr;
  W->to = r->to;
  W->w = r->w;
  W->momentum = r->momentum;
  r->ptr = old.ptr;
  r->to = old.to;
  r->w = old.w;
  r->momentum = old.momentum;
}

int64_t evolve_kept (Sparse *W, const uint8_t *keep, const Grow *grow, const Init *init, Rng *rng) {
  int64_t count = 0;
  for (int64_t k = 0; k < W->links; k++) count += !keep[k];
  if (count == 0) return 0;
  Rewiring r;
  if (rewiring_new(&r, W, count) < 0) return -1;
  if (grow->choose(W, keep, count, rng, r.cell) < 0) {
    rewiring_free(&r);
    return -1;
  }
  order_newborn(&r, W);
  merge_rows(&r, W, keep, init, rng);
  trade_arrays(&r, W);
  rewiring_free(&r);
  sparse_mirror(W);
  return count;
}

int64_t evolve (Sparse *W, const Evolution *rule, Rng *rng) {
  uint8_t *keep = mem_new((size_t)W->links, 1);
  if (!keep) return -1;
  int64_t replaced = -1;
  if (rule->prune->mark(W->w, W->links, rule->zeta, keep) >= 0)
    replaced = evolve_kept(W, keep, rule->grow, rule->init, rng);
  mem_free(keep);
  return replaced;
}
