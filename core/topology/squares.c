#include "topology/squares.h"
#include "base/mem.h"

enum { FEW_LINKS = 4096 };   /* fewer are not worth a second thread */

/* One side's units with their neighbours on the other, and back. */
typedef struct Sides { int32_t n; const int64_t *ptr, *back_ptr; const int32_t *to, *back; } Sides;

/* Walking from one side costs the sum of d^2 over the units of the other. */
static double cost (const int64_t *ptr, int32_t n) {
  double sum = 0;
  for (int32_t u = 0; u < n; u++) sum += (double)(ptr[u + 1] - ptr[u]) * (double)(ptr[u + 1] - ptr[u]);
  return sum;
}

static Sides cheaper (const Sparse *W) {
  Sides from_inputs = { W->n_in, W->ptr, W->in_ptr, W->to, W->from };
  Sides from_outputs = { W->n_out, W->in_ptr, W->ptr, W->from, W->to };
  return cost(W->in_ptr, W->n_out) <= cost(W->ptr, W->n_in) ? from_inputs : from_outputs;
}

/* The cycles of unit u with units before it. shared[v], all 0 before and after: neighbours of both u and v. Each further one
** closes a cycle with each that there was. */
static uint64_t cycles_of (const Sides *s, int32_t u, uint32_t *shared) {
  uint64_t cycles = 0;
  for (int64_t k = s->ptr[u]; k < s->ptr[u + 1]; k++)
    for (int64_t m = s->back_ptr[s->to[k]]; s->back[m] < u; m++) cycles += shared[s->back[m]]++;
  for (int64_t k = s->ptr[u]; k < s->ptr[u + 1]; k++)
    for (int64_t m = s->back_ptr[s->to[k]]; s->back[m] < u; m++) shared[s->back[m]] = 0;
  return cycles;
}

/* Cycles and paths are at most links^2, which is below 2^64. */
static uint64_t count_paths (const Sparse *W) {
  uint64_t paths = 0;
  for (int32_t i = 0; i < W->n_in; i++)
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++)
      paths += (uint64_t)(W->ptr[i + 1] - W->ptr[i] - 1) * (uint64_t)(W->in_ptr[W->to[k] + 1] - W->in_ptr[W->to[k]] - 1);
  return paths;
}

static int count_links (const Sparse *W, int threads, Squares *squares) {
  Sides s = cheaper(W);
  size_t stride = ((size_t)s.n + 31) / 32 * 32;
  uint32_t *shared = mem_zero((size_t)threads, stride * sizeof *shared);
  uint64_t cycles = 0;
  if (!shared) return 0;
  #pragma omp parallel for if (W->links > FEW_LINKS) num_threads(threads) schedule(static) reduction(+ : cycles)
  for (int t = 0; t < threads; t++)
    for (int32_t u = t; u < s.n; u += threads) cycles += cycles_of(&s, u, shared + (size_t)t * stride);
  mem_free(shared);
  squares->four_cycles = (double)cycles;
  squares->three_paths = (double)count_paths(W);
  return 1;
}

static void count_dense (double a, double b, Squares *squares) {
  squares->four_cycles = a * (a - 1) / 2 * (b * (b - 1) / 2);
  squares->three_paths = a * b * (a - 1) * (b - 1);
}

int squares_count (const Stack *s, int32_t l, int threads, Squares *squares) {
  if (s->W[l] && !count_links(s->W[l], threads, squares)) return 0;
  if (!s->W[l]) count_dense((double)stack_rows(s, l), (double)s->size[l + 1], squares);
  squares->c4 = squares->three_paths > 0 ? 4 * squares->four_cycles / squares->three_paths : 0;
  return 1;
}
