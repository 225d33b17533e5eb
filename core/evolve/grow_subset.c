/*
** grow_subset.c -- the largest |dL/dw| among some cells, drawn at random (GSE, guided stochastic exploration,
** arXiv 2401.06898).
**
** A cell is drawn as an input and an output unit, each by itself, with replacement: uniformly; or in proportion to the sum of
** the magnitudes of the unit's row ("bound"), or to the magnitude of its sum with random signs ("sketch"). What is linked,
** was dropped, or comes twice does not count. The cells are drawn in blocks, each from a stream of its own, sorted, and scored
** by a product of two rows.
*/
#include "evolve/grow.h"
#include "choose/keep.h"
#include "base/mem.h"
#include <math.h>

enum { BLOCK = 4096 };   /* cells of one stream */

/* ---- drawing units in proportion to a guide (Walker's alias method) ---- */

/* A ticket stays with its own unit with probability `stay`, and else goes to `other`. */
typedef struct Ticket { float stay; int32_t other; } Ticket;
typedef struct Urn { int32_t n; Ticket *ticket; } Urn;   /* NULL: all units alike */

static void urn_free (Urn *urn) { mem_free(urn->ticket); }

/* The guide of one unit. */
static double guide_of (const float *row, int32_t batch, int guide, uint64_t signs) {
  double sum = 0;
  uint64_t bits = 0;
  if (guide == GUIDE_BOUND) {
    #pragma omp simd reduction(+ : sum)
    for (int32_t b = 0; b < batch; b++) sum += (double)fabsf(row[b]);
    return sum;
  }
  for (int32_t b = 0; b < batch; b++) {
    if (b % 64 == 0) bits = rng_mix(signs + (uint64_t)b);
    sum += bits >> (b % 64) & 1 ? (double)row[b] : -(double)row[b];
  }
  return fabs(sum);
}

/* Shares, of mean 1, become tickets. `todo` is room for n numbers. */
static void urn_fill (Urn *urn, double *share, double total, int32_t *todo) {
  int32_t n = urn->n, small = 0, large = n;
  for (int32_t u = n; u-- > 0;) {
    share[u] = total > 0 && isfinite(total) ? share[u] * n / total : 1;
    urn->ticket[u] = (Ticket){ 1, u };
    if (share[u] < 1) todo[small++] = u;
    else todo[--large] = u;
  }
  while (small > 0 && large < n) {
    int32_t poor = todo[--small], rich = todo[large];
    urn->ticket[poor] = (Ticket){ (float)share[poor], rich };
    share[rich] -= 1 - share[poor];
    if (share[rich] >= 1) continue;
    large++;
    todo[small++] = rich;
  }
}

static int urn_new (Urn *urn, const View *view, const float *rows, int32_t n, int guide, uint64_t signs, int threads) {
  *urn = (Urn){ n, NULL };
  if (guide == GUIDE_UNIFORM) return 1;
  double *share = mem_new((size_t)n, sizeof *share), total = 0;
  int32_t *todo = mem_new((size_t)n, sizeof *todo);
  urn->ticket = mem_new((size_t)n, sizeof *urn->ticket);
  int there = urn->ticket && share && todo;
  if (there) {
    #pragma omp parallel for num_threads(threads) schedule(static)
    for (int32_t u = 0; u < n; u++) share[u] = guide_of(rows + (size_t)u * view->stride, view->batch, guide, signs);
    for (int32_t u = 0; u < n; u++) total += share[u];
    urn_fill(urn, share, total, todo);
  } else urn_free(urn);
  mem_free(share);
  mem_free(todo);
  return there;
}

/* One number says which ticket, by its upper part, and which of the ticket's units, by the rest. */
static int32_t urn_draw (const Urn *urn, Rng *rng) {
  __uint128_t product = (__uint128_t)rng_u64(rng) * (uint64_t)urn->n;
  int32_t u = (int32_t)(product >> 64);
  if (!urn->ticket) return u;
  Ticket t = urn->ticket[u];
  return (float)((uint64_t)product >> 40) * 0x1p-24f < t.stay ? u : t.other;
}

/* ---- the cells ---- */

typedef struct Drawn {
  int64_t  cells;
  int32_t *from, *to;     /* cells: as drawn */
  uint32_t *start;        /* n_in + 1 */
  uint32_t *start_out;    /* n_out + 1 */
  int32_t *spare;         /* cells */
  int32_t *sorted;        /* cells: output units, by input unit, ascending */
} Drawn;

static void drawn_free (Drawn *d) {
  mem_free(d->from);
  mem_free(d->to);
  mem_free(d->start);
  mem_free(d->start_out);
  mem_free(d->spare);
}

static int drawn_new (Drawn *d, const Sparse *W, int64_t cells) {
  *d = (Drawn){ cells, mem_new((size_t)cells, sizeof *d->from), mem_new((size_t)cells, sizeof *d->to),
                mem_zero((size_t)W->n_in + 1, sizeof *d->start), mem_zero((size_t)W->n_out + 1, sizeof *d->start_out),
                mem_new((size_t)cells, sizeof *d->spare), NULL };
  if (d->from && d->to && d->start && d->start_out && d->spare) return 1;
  drawn_free(d);
  return 0;
}

static void draw_cells (Drawn *d, const Urn *in, const Urn *out, uint64_t key, int threads) {
  #pragma omp parallel for num_threads(threads) schedule(static)
  for (int64_t first = 0; first < d->cells; first += BLOCK) {
    Rng r;
    rng_seed(&r, key, (uint64_t)first / BLOCK);
    for (int64_t c = first; c < d->cells && c < first + BLOCK; c++) {
      d->from[c] = urn_draw(in, &r);
      d->to[c] = urn_draw(out, &r);
    }
  }
}

/* Where the cells of each unit end. */
static void count_units (const int32_t *unit, int64_t cells, int32_t n, uint32_t *start) {
  uint32_t sum = 0;
  for (int64_t c = 0; c < cells; c++) start[unit[c]]++;
  for (int32_t u = 0; u < n; u++) {
    sum += start[u];
    start[u] = sum;
  }
  start[n] = sum;
}

/* Two counting sorts, by output unit and then by input unit. After the first the input units stand in `spare`, and which output
** unit is theirs says start_out; start[i] ends up as the unit's first. */
static void sort_by_unit (Drawn *d, int32_t n_in, int32_t n_out) {
  count_units(d->from, d->cells, n_in, d->start);
  count_units(d->to, d->cells, n_out, d->start_out);
  for (int64_t c = d->cells; c-- > 0;) d->spare[--d->start_out[d->to[c]]] = d->from[c];
  d->sorted = d->to;
  for (int32_t o = n_out; o-- > 0;)
    for (uint32_t c = d->start_out[o + 1]; c-- > d->start_out[o];) d->sorted[--d->start[d->spare[c]]] = o;
}

/* ---- their scores ---- */

typedef float four __attribute__((vector_size(16), aligned(4), may_alias));

/* Four sums at a time, so that an addition need not wait for the one before. */
static float product (const float *x, const float *dy, int32_t batch) {
  const four *a = (const four *)(const void *)x, *b = (const four *)(const void *)dy;
  four s0 = { 0 }, s1 = { 0 }, s2 = { 0 }, s3 = { 0 };
  int32_t n = 0;
  for (; n + 4 <= batch / 4; n += 4) {
    s0 += a[n] * b[n];
    s1 += a[n + 1] * b[n + 1];
    s2 += a[n + 2] * b[n + 2];
    s3 += a[n + 3] * b[n + 3];
  }
  s0 += s1 + (s2 + s3);
  float sum = s0[0] + s0[1] + (s0[2] + s0[3]);
  for (int32_t m = 4 * n; m < batch; m++) sum += x[m] * dy[m];
  return sum;
}

enum { NOT_TO_BE_HAD = -1 };   /* the score of a cell that is linked, was dropped, or came before */

/* The scores of the cells of unit i, in their order. What is not a number is worth nothing. */
static void score_unit (const View *view, const Drawn *d, const uint8_t *keep, const GrowOptions *options, int32_t i, float *score) {
  const Sparse *W = view->W;
  const float *x = view->x + (size_t)i * view->stride;
  int32_t last = -1;
  int64_t k = W->ptr[i], end = W->ptr[i + 1];
  for (uint32_t c = d->start[i]; c < d->start[i + 1]; last = d->sorted[c++]) {
    int32_t o = d->sorted[c];
    while (k < end && W->to[k] < o) k++;
    int linked = k < end && W->to[k] == o && (keep[k] || !options->may_return);
    if (o == last || linked) score[c] = NOT_TO_BE_HAD;
    else {
      float s = fabsf(product(x, view->dy + (size_t)o * view->stride, view->batch));
      score[c] = s >= 0 ? s : 0;
    }
  }
}

static int64_t count_to_be_had (const float *score, int64_t n) {
  int64_t count = 0;
  #pragma omp simd reduction(+ : count)
  for (int64_t c = 0; c < n; c++) count += score[c] >= 0;
  return count;
}

/* Lists the cells that are marked, which are best->n. */
static void list_taken (const Drawn *d, int32_t n_in, const float *score, const uint8_t *taken, Best *best) {
  int64_t n = 0;
  for (int32_t i = 0; i < n_in; i++)
    for (uint32_t c = d->start[i]; c < d->start[i + 1]; c++)
      if (taken[c]) best->cell[n++] = (Cell){ score[c], i, d->sorted[c] };
}

/* All scores in one row, of which the best are found without sorting. The first sort's room takes them. */
static int choose_best (const View *view, const Drawn *d, const uint8_t *keep, int64_t count, const GrowOptions *options, int threads, Best *best) {
  int32_t n_in = view->W->n_in;
  float *score = (float *)(void *)d->spare;
  #pragma omp parallel for num_threads(threads) schedule(dynamic, 16)
  for (int32_t i = 0; i < n_in; i++) score_unit(view, d, keep, options, i, score);
  int64_t there = count_to_be_had(score, d->cells), n = count < there ? count : there;
  *best = (Best){ .cell = mem_new((size_t)n, sizeof *best->cell), .n = n, .room = n, .count = n };
  uint8_t *taken = mem_new((size_t)d->cells, 1);
  int done = best->cell && taken;
  if (done) {
    keep_best(score, d->cells, n, threads, taken);
    list_taken(d, n_in, score, taken, best);
  } else best_free(best);
  mem_free(taken);
  return done;
}

int grow_subset (const View *view, const uint8_t *keep, int64_t count, const GrowOptions *options, int threads, Rng *rng,
                 Best *best) {
  const Sparse *W = view->W;
  uint64_t signs = rng_u64(rng), key = rng_u64(rng);
  Urn in, out;
  Drawn d;
  if (!urn_new(&in, view, view->x, W->n_in, options->guide, signs, threads)) return 0;
  int there = urn_new(&out, view, view->dy, W->n_out, options->guide, signs, threads);
  if (there) {
    there = drawn_new(&d, W, (int64_t)(options->subset * (double)W->links));
    if (there) {
      draw_cells(&d, &in, &out, key, threads);
      sort_by_unit(&d, W->n_in, W->n_out);
      there = choose_best(view, &d, keep, count, options, threads, best);
      drawn_free(&d);
    }
    urn_free(&out);
  }
  urn_free(&in);
  return there;
}

uint64_t grow_subset_bytes (const GrowOptions *options, int32_t n_in, int32_t n_out, int64_t links, int64_t count, int threads) {
  uint64_t cells = (uint64_t)(options->subset * (double)links), i = (uint64_t)n_in, o = (uint64_t)n_out;
  uint64_t tickets = options->guide == GUIDE_UNIFORM ? 0 : mem_block(i, sizeof(Ticket)) + mem_block(o, sizeof(Ticket));
  (void)threads;
  return tickets + 3 * mem_block(cells, sizeof(int32_t)) + mem_block(i + 1, sizeof(uint32_t)) + mem_block(o + 1, sizeof(uint32_t)) +
         mem_block((uint64_t)count, sizeof(Cell)) + mem_block(cells, 1);
}
