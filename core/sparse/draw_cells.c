#include "sparse/draw_cells.h"
#include "base/mem.h"
#include <math.h>

/* A draw with replacement that ignores cells that are linked or drawn is a draw without. Where that finds few, because most of the
** weight lies on such cells, the rest is drawn by a pass over all cells: each gets the key log(u) / weight, u even in (0, 1), and the
** largest keys win (Efraimidis and Spirakis 2006), in their order. */

/* ---- weights ---- */

/* Running sums; the last one is the total. */
static double *sums_of (const float *weight, int32_t n) {
  double *sum = mem_new((size_t)n, sizeof *sum), all = 0;
  for (int32_t i = 0; i < n && sum; i++) sum[i] = all += weight ? (double)weight[i] : 1;
  return sum;
}

/* The unit in whose part of the sums a point lies. */
static int32_t unit_at (const double *sum, int32_t n, double point) {
  int32_t low = 0, high = n - 1;
  while (low < high) {
    int32_t middle = low + (high - low) / 2;
    if (sum[middle] > point) high = middle;
    else low = middle + 1;
  }
  return low;
}

/* ---- cells ---- */

static int is_linked (const Sparse *W, const uint8_t *keep, int32_t i, int32_t o) {
  int64_t low = W->ptr[i], high = W->ptr[i + 1];
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (W->to[middle] < o) low = middle + 1;
    else high = middle;
  }
  return low < W->ptr[i + 1] && W->to[low] == o && (!keep || keep[low]);
}

/* The cells drawn so far, by open addressing; a slot holds a cell's number + 1. */
typedef struct Drawn { uint64_t *slot, mask; } Drawn;

static Drawn drawn_new (int64_t count) {
  uint64_t slots = 16;
  while (slots < 2 * (uint64_t)count) slots *= 2;
  return (Drawn){ mem_zero((size_t)slots, sizeof(uint64_t)), slots - 1 };
}

static uint64_t *slot_of (const Drawn *d, uint64_t cell) {
  uint64_t at = (cell * 0x9e3779b97f4a7c15u) >> 20;
  while (d->slot[at & d->mask] && d->slot[at & d->mask] != cell + 1) at++;
  return &d->slot[at & d->mask];
}

typedef struct Draw {
  const Sparse *W;
  const uint8_t *keep;
  const float *below, *above;
  int64_t count, n;
  int32_t *from, *to;
  Drawn drawn;
} Draw;

static int is_free (const Draw *d, int32_t i, int32_t o) {
  return !is_linked(d->W, d->keep, i, o) && !*slot_of(&d->drawn, (uint64_t)i * (uint64_t)d->W->n_out + (uint64_t)o);
}

static void take (Draw *d, int32_t i, int32_t o) {
  uint64_t cell = (uint64_t)i * (uint64_t)d->W->n_out + (uint64_t)o;
  *slot_of(&d->drawn, cell) = cell + 1;
  d->from[d->n] = i;
  d->to[d->n++] = o;
}

/* ---- by trial ---- */

static void draw_by_trial (Draw *d, const double *below, const double *above, Rng *rng) {
  enum { TRIALS = 8, MORE = 1000 };   /* for each cell */
  int32_t n_in = d->W->n_in, n_out = d->W->n_out;
  for (int64_t left = TRIALS * d->count + MORE; left > 0 && d->n < d->count; left--) {
    int32_t i = unit_at(below, n_in, rng_double(rng) * below[n_in - 1]), o = unit_at(above, n_out, rng_double(rng) * above[n_out - 1]);
    if (d->below[i] > 0 && (!d->above || d->above[o] > 0) && is_free(d, i, o)) take(d, i, o);   /* rounding may reach past the last weight */
  }
}

/* ---- by a pass over all cells ---- */

/* A heap whose first key is the smallest. */
typedef struct Keyed { double key; int32_t i, o; } Keyed;

static void sift (Keyed *heap, int64_t n, int64_t at) {
  for (int64_t child; (child = 2 * at + 1) < n; at = child) {
    if (child + 1 < n && heap[child + 1].key < heap[child].key) child++;
    if (heap[at].key <= heap[child].key) return;
    Keyed held = heap[at];
    heap[at] = heap[child];
    heap[child] = held;
  }
}

static void offer (Keyed *heap, int64_t *n, int64_t most, Keyed cell) {
  if (*n == most && cell.key <= heap[0].key) return;
  if (*n < most) {
    int64_t at = (*n)++;
    for (; at > 0 && heap[(at - 1) / 2].key > cell.key; at = (at - 1) / 2) heap[at] = heap[(at - 1) / 2];
    heap[at] = cell;
    return;
  }
  heap[0] = cell;
  sift(heap, most, 0);
}

/* The smallest goes to the end each time: the largest then stands first. */
static void largest_first (Keyed *heap, int64_t n) {
  for (int64_t last = n - 1; last > 0; last--) {
    Keyed held = heap[0];
    heap[0] = heap[last];
    heap[last] = held;
    sift(heap, last, 0);
  }
}

static int draw_by_keys (Draw *d, Rng *rng) {
  int64_t most = d->count - d->n, n = 0;
  Keyed *heap = mem_new((size_t)most, sizeof *heap);
  if (!heap) return 0;
  for (int32_t i = 0; i < d->W->n_in; i++)
    for (int32_t o = 0; o < d->W->n_out && d->below[i] > 0; o++) {
      double weight = (double)d->below[i] * (d->above ? (double)d->above[o] : 1);
      if (weight > 0 && is_free(d, i, o)) offer(heap, &n, most, (Keyed){ log(1 - rng_double(rng)) / weight, i, o });
    }
  largest_first(heap, n);
  for (int64_t k = 0; k < n; k++) take(d, heap[k].i, heap[k].o);
  mem_free(heap);
  return 1;
}

int64_t draw_cells (const Sparse *W, const uint8_t *keep, const float *below, const float *above, int64_t count, Rng *rng, int32_t *from, int32_t *to) {
  Draw d = { .W = W, .keep = keep, .below = below, .above = above, .count = count, .from = from, .to = to, .drawn = drawn_new(count) };
  double *below_sums = sums_of(below, W->n_in), *above_sums = sums_of(above, W->n_out);
  int there = d.drawn.slot && below_sums && above_sums;
  if (there && count > 0 && below_sums[W->n_in - 1] > 0 && above_sums[W->n_out - 1] > 0) {
    draw_by_trial(&d, below_sums, above_sums, rng);
    if (d.n < count) there = draw_by_keys(&d, rng);
  }
  mem_free(d.drawn.slot);
  mem_free(below_sums);
  mem_free(above_sums);
  return there ? d.n : -1;
}
