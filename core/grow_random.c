#include "grow.h"
#include "mem.h"
#include <string.h>

/* Cells chosen so far: open addressing, at most half full; EMPTY is no cell. */
typedef struct Chosen { uint64_t *slot; uint64_t mask; } Chosen;
#define EMPTY UINT64_MAX

static int chosen_open (Chosen *set, int64_t count) {
  uint64_t size = 16;
  while (size < 2 * (uint64_t)count) size *= 2;
  set->mask = size - 1;
  set->slot = mem_new(size, sizeof *set->slot);
  if (!set->slot) return -1;
  memset(set->slot, 0xff, size * sizeof *set->slot);
  return 0;
}

/* Returns 1 if the cell was not there yet, 0 if it was. */
static int chosen_add (Chosen *set, uint64_t cell) {
  uint64_t h = (cell * 0x9e3779b97f4a7c15u) >> 20;
  for (h &= set->mask; set->slot[h] != EMPTY; h = (h + 1) & set->mask)
    if (set->slot[h] == cell) return 0;
  set->slot[h] = cell;
  return 1;
}

/* Does a kept link stand at i -> o? Rows are ascending: binary search. */
static int is_kept (const Sparse *W, const uint8_t *keep, int32_t i, int32_t o) {
  int64_t low = W->ptr[i], end = W->ptr[i + 1], length = end - low;
  while (length > 0) {
    int64_t half = length / 2;
    int below = W->to[low + half] < o;
    low += below ? half + 1 : 0;
    length = below ? length - half - 1 : half;
  }
  return low < end && W->to[low] == o && keep[low];
}

int grow_random (const Sparse *W, const uint8_t *keep, int64_t count, Rng *rng, uint64_t *cell) {
  Chosen chosen;
  if (chosen_open(&chosen, count) < 0) return -1;
  for (int64_t n = 0; n < count;) {
    uint64_t c = rng_below(rng, (uint64_t)W->n_in * (uint64_t)W->n_out);
    int32_t i = (int32_t)(c / (uint32_t)W->n_out), o = (int32_t)(c % (uint32_t)W->n_out);
    if (!is_kept(W, keep, i, o) && chosen_add(&chosen, c)) cell[n++] = c;
  }
  mem_free(chosen.slot);
  return 0;
}
