#include "choose/best.h"
#include "base/mem.h"
#include <math.h>
#include <string.h>

int best_new (Best *best, int64_t count) {
  int64_t room = 2 * count + 1;
  *best = (Best){ .cell = mem_new((size_t)room, sizeof *best->cell), .room = room, .count = count, .floor = -INFINITY };
  return best->cell != NULL;
}

void best_free (Best *best) {
  mem_free(best->cell);
  best->cell = NULL;
}

uint64_t best_bytes (int64_t count) { return mem_block(2 * (uint64_t)count + 1, sizeof(Cell)); }

/* Does a come before b? */
static int is_before (const Cell *a, const Cell *b) {
  if (a->score != b->score) return a->score > b->score;
  return a->from != b->from ? a->from < b->from : a->to < b->to;
}

static Cell median_of (Cell a, Cell b, Cell c) {
  if (is_before(&a, &b)) return is_before(&b, &c) ? b : is_before(&a, &c) ? c : a;
  return is_before(&a, &c) ? a : is_before(&b, &c) ? c : b;
}

/* Hoare's selection: the best `count` of n cells to the front, in any order; 0 < count < n. */
static void part_best (Cell *cell, int64_t n, int64_t count) {
  int64_t first = 0, last = n - 1;
  while (first < last) {
    Cell pivot = median_of(cell[first], cell[first + (last - first) / 2], cell[last]);
    int64_t i = first, j = last;
    while (i <= j) {
      while (is_before(&cell[i], &pivot)) i++;
      while (is_before(&pivot, &cell[j])) j--;
      if (i > j) break;
      Cell held = cell[i];
      cell[i++] = cell[j];
      cell[j--] = held;
    }
    if (count - 1 <= j) last = j;
    else if (count - 1 >= i) first = i;
    else return;
  }
}

void best_trim (Best *best) {
  if (best->n <= best->count) return;
  if (best->count > 0) part_best(best->cell, best->n, best->count);
  best->n = best->count;
  best->floor = best->count > 0 ? INFINITY : best->floor;
  for (int64_t c = 0; c < best->n; c++) best->floor = fminf(best->floor, best->cell[c].score);
}

/* One digit of a radix sort, from `cell` to `into`. */
enum { DIGIT = 11 };

static uint32_t digit_of (const Cell *cell, int of_from, int shift) {
  return (uint32_t)(of_from ? cell->from : cell->to) >> shift & ((1 << DIGIT) - 1);
}

static void sort_digit (const Cell *cell, int64_t n, int of_from, int shift, Cell *into) {
  uint32_t start[(1 << DIGIT) + 1] = { 0 };
  for (int64_t c = 0; c < n; c++) start[digit_of(&cell[c], of_from, shift) + 1]++;
  for (int d = 0; d < 1 << DIGIT; d++) start[d + 1] += start[d];
  for (int64_t c = 0; c < n; c++) into[start[digit_of(&cell[c], of_from, shift)]++] = cell[c];
}

/* By place, `to` first, from the lowest digit; `spare` is room for as many cells. */
static void sort_places (Cell *cell, int64_t n, Cell *spare) {
  Cell *now = cell, *next = spare;
  int32_t most[2] = { 0, 0 };
  for (int64_t c = 0; c < n; c++) {
    most[0] = cell[c].to > most[0] ? cell[c].to : most[0];
    most[1] = cell[c].from > most[1] ? cell[c].from : most[1];
  }
  for (int of_from = 0; of_from <= 1; of_from++)
    for (int shift = 0; shift < 31 && most[of_from] >> shift > 0; shift += DIGIT) {
      sort_digit(now, n, of_from, shift, next);
      Cell *held = now;
      now = next;
      next = held;
    }
  if (now != cell) memcpy(cell, now, (size_t)n * sizeof *cell);
}

void best_add (Best *best, Best *other) {
  best_trim(other);
  for (int64_t c = 0; c < other->n; c++) best_offer(best, other->cell[c].score, other->cell[c].from, other->cell[c].to);
  other->n = 0;
}

void best_finish (Best *best) {
  best_trim(best);
  sort_places(best->cell, best->n, best->cell + best->count);
}
