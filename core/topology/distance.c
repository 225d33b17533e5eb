#include "topology/distance.h"
#include "base/mem.h"
#include "solve/assign.h"
#include <stdlib.h>
#include <string.h>

enum { FEW_UNITS = 64 };   /* fewer are not worth a second thread */

/* One layer of both nets. */
typedef struct Pair {
  const Stack *a, *b;
  int32_t l, k;             /* units that are compared */
  const int32_t *unit;      /* k: which */
  const int32_t *below;     /* where each input unit of b stands among those of a */
} Pair;

/* ---- costs ------------------------------------------------------------------------------- */

/* marked: the inputs of a's unit p. */
static int64_t common_inputs (const Pair *p, int32_t unit_a, int32_t unit_b, const uint8_t *marked) {
  const Sparse *A = p->a->W[p->l], *B = p->b->W[p->l];
  if (!A) return stack_in(p->b, p->l, unit_b);
  if (!B) return stack_in(p->a, p->l, unit_a);
  int64_t common = 0;
  for (int64_t m = B->in_ptr[unit_b]; m < B->in_ptr[unit_b + 1]; m++) common += marked[p->below[B->from[m]]];
  return common;
}

static void mark (const Pair *p, int32_t unit, uint8_t *marked, uint8_t with) {
  const Sparse *A = p->a->W[p->l];
  for (int64_t m = A ? A->in_ptr[unit] : 0; A && m < A->in_ptr[unit + 1]; m++) marked[A->from[m]] = with;
}

static void fill_row (const Pair *p, int32_t row, uint8_t *marked, double *cost) {
  int32_t unit = p->unit[row];
  int64_t mine = stack_in(p->a, p->l, unit);
  mark(p, unit, marked, 1);
  for (int32_t c = 0; c < p->k; c++) {
    int64_t common = common_inputs(p, unit, p->unit[c], marked), any = mine + stack_in(p->b, p->l, p->unit[c]) - common;
    cost[c] = any ? (double)(any - common) / (double)any : 0;
  }
  mark(p, unit, marked, 0);
}

static int fill_costs (const Pair *p, int threads, double *cost) {
  size_t stride = ((size_t)p->a->size[p->l] + 127) / 128 * 128;
  uint8_t *marked = mem_zero((size_t)threads, stride);
  if (!marked) return 0;
  #pragma omp parallel for if (p->k > FEW_UNITS) num_threads(threads) schedule(static)
  for (int t = 0; t < threads; t++)
    for (int32_t row = t; row < p->k; row += threads)
      fill_row(p, row, marked + (size_t)t * stride, cost + (size_t)row * (size_t)p->k);
  mem_free(marked);
  return 1;
}

/* ---- the assignment ---------------------------------------------------------------------- */

/* The mean cost, and in `above` where b's units stand among a's. Returns a negative number if memory runs out. */
static double match (const Pair *p, int threads, int32_t *above) {
  double *cost = mem_new((size_t)p->k, (size_t)p->k * sizeof *cost), sum = -1;
  int32_t *column = mem_new((size_t)p->k, sizeof *column);
  if (cost && column && fill_costs(p, threads, cost) && assign_least(cost, p->k, column)) {
    sum = 0;
    for (int32_t r = 0; r < p->k; r++) {
      sum += cost[(size_t)r * (size_t)p->k + (size_t)column[r]];
      above[p->unit[column[r]]] = p->unit[r];
    }
  }
  mem_free(cost);
  mem_free(column);
  return sum / (double)p->k;
}

static int ascending (const void *a, const void *b) { return *(const int32_t *)a - *(const int32_t *)b; }

/* k of the units 0 .. n-1, ascending, in unit, which has room for n. */
static void draw_units (Rng *rng, int32_t *unit, int32_t n, int32_t k) {
  for (int32_t u = 0; u < n; u++) unit[u] = u;
  for (int32_t u = 0; k < n && u < k; u++) {
    int32_t other = u + (int32_t)rng_below(rng, (uint64_t)(n - u)), swap = unit[u];
    unit[u] = unit[other];
    unit[other] = swap;
  }
  qsort(unit, (size_t)k, sizeof *unit, ascending);
}

int distance_of (const Stack *a, const Stack *b, int32_t most, Rng *rng, int threads, double *layer) {
  int32_t widest = 0;
  for (int32_t l = 0; l <= a->n; l++) widest = a->size[l] > widest ? a->size[l] : widest;
  int32_t *work = mem_new(3 * (size_t)widest, sizeof *work);
  int there = work != NULL;
  int32_t *below = work, *above = there ? work + widest : NULL, *unit = there ? above + widest : NULL;
  for (int32_t u = 0; there && u < a->size[0]; u++) below[u] = u;
  for (int32_t l = 0; there && l < a->n; l++) {
    int32_t n = a->size[l + 1], k = n < most ? n : most;
    Pair p = { a, b, l, k, unit, below };
    for (int32_t u = 0; u < n; u++) above[u] = u;
    draw_units(rng, unit, n, k);
    layer[l] = match(&p, threads, above);
    there = layer[l] >= 0;
    int32_t *swap = below;
    below = above;
    above = swap;
  }
  mem_free(work);
  return there;
}

/* ---- without trading places -------------------------------------------------------------- */

int64_t distance_common (const Stack *a, const Stack *b, int32_t l) {
  const Sparse *A = a->W[l], *B = b->W[l];
  if (!A || !B) return !A ? stack_links(b, l) : A->links;
  int64_t common = 0;
  for (int32_t i = 0; i < A->n_in; i++) {
    int64_t k = A->ptr[i], m = B->ptr[i];
    while (k < A->ptr[i + 1] && m < B->ptr[i + 1]) {
      int32_t x = A->to[k], y = B->to[m];
      common += x == y;
      k += x <= y;
      m += y <= x;
    }
  }
  return common;
}
