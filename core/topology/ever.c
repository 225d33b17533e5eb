#include "topology/ever.h"
#include "base/mem.h"
#include <stddef.h>

/* The short list is merged into the long one when it is this share of it. */
enum { FRESH_SHARE = 8, FRESH_LEAST = 1024 };

/* Both lists as one, in a new block; NULL if memory runs out. */
static uint64_t *merge (const uint64_t *a, int64_t n, const uint64_t *b, int64_t m) {
  uint64_t *all = mem_new((size_t)(n + m), sizeof *all), *at = all;
  const uint64_t *end_a = a + n, *end_b = b + m;
  while (all && (a < end_a || b < end_b)) *at++ = b == end_b || (a < end_a && *a < *b) ? *a++ : *b++;
  return all;
}

/* The short list, grown, joins the long one. */
static int lengthen (const Ever *ever, Ever *grown) {
  grown->old = merge(ever->old, ever->n_old, grown->fresh, grown->n_fresh);
  mem_free(grown->fresh);
  grown->n_old += grown->n_fresh;
  grown->fresh = NULL;
  grown->n_fresh = 0;
  return grown->old != NULL;
}

int ever_grow (const Ever *ever, const uint64_t *more, int64_t n, Ever *grown) {
  *grown = *ever;
  if (n == 0) return 1;
  grown->fresh = merge(ever->fresh, ever->n_fresh, more, n);
  grown->n_fresh += n;
  int there = grown->fresh != NULL;
  if (there && grown->n_fresh > FRESH_LEAST && grown->n_fresh > ever->n_old / FRESH_SHARE) there = lengthen(ever, grown);
  if (!there) *grown = (Ever){ NULL, NULL, 0, 0 };
  return there;
}

/* Goes on from *at to the first cell that is not below `cell`: in steps that double, then by halving the last one. */
static int walk (const uint64_t *list, int64_t n, uint64_t cell, int64_t *at) {
  int64_t low = *at, step = 1;
  while (low + step <= n && list[low + step - 1] < cell) {
    low += step;
    step *= 2;
  }
  int64_t high = low + step <= n ? low + step - 1 : n;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (list[middle] < cell) low = middle + 1;
    else high = middle;
  }
  *at = low;
  return low < n && list[low] == cell;
}

int ever_has (const Ever *ever, uint64_t cell, int64_t at[2]) {
  return walk(ever->fresh, ever->n_fresh, cell, &at[0]) | walk(ever->old, ever->n_old, cell, &at[1]);
}

void ever_free (Ever *ever, const Ever *other) {
  if (!other || ever->old != other->old) mem_free(ever->old);
  if (!other || ever->fresh != other->fresh) mem_free(ever->fresh);
}
