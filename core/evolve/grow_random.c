/*
** A place is drawn uniformly from all cells of the layer, as a unit and a number below n_out, and
** refused if the unit has fewer free places, which needs no search. It may have been drawn
** before, which shows only when the places of a unit are sorted; missing places are drawn again,
** and again, until there are `count` distinct ones. That is the same as drawing one by one
** and refusing what is taken. Where more than every fourth free place is needed, all of them are
** passed through instead.
*/
#include "evolve/grow.h"
#include "base/mem.h"
#include <string.h>

/* ---- sorting the places of one unit ---- */

enum { SHORT = 32 };

/* Each number goes where as many smaller ones stand before it. All pairs are compared, which for so
** few is cheaper than to guess which way a comparison goes. Equal numbers go to one place and leave
** the next ones empty. */
static void sort_short (int32_t *v, int32_t n) {
  int32_t in[SHORT], out[SHORT], rank[SHORT];
  int32_t padded = (n + 7) / 8 * 8;
  for (int32_t i = 0; i < n; i++) in[i] = v[i];
  for (int32_t i = n; i < padded; i++) in[i] = 0;
  for (int32_t i = 0; i < padded; i++) rank[i] = 0, out[i] = -1;
  for (int32_t j = 0; j < n; j++)
    #pragma omp simd
    for (int32_t i = 0; i < padded; i++) rank[i] += in[j] < in[i];
  for (int32_t i = 0; i < n; i++) out[rank[i]] = in[i];
  for (int32_t i = 0, before = 0; i < n; i++) v[i] = before = out[i] < 0 ? before : out[i];
}

/* Radix exchange: a hub's many places, parted by one bit after the other from `bit` down. */
static void sort_places (int32_t *v, int64_t n, int bit) {
  for (; n > SHORT && bit >= 0; bit--) {
    int64_t low = 0, high = n;
    while (low < high) {
      int32_t x = v[low];
      if (x >> bit & 1) {
        v[low] = v[--high];
        v[high] = x;
      } else low++;
    }
    sort_places(v + low, n - low, bit - 1);
    n = low;
  }
  if (n <= SHORT) sort_short(v, (int32_t)n);
}

/* Takes out what is there twice; returns how many are left. */
static uint32_t distinct (int32_t *v, uint32_t n) {
  uint32_t m = n > 0, twice = 0;
  for (uint32_t i = 1; i < n; i++) twice += v[i] == v[i - 1];
  if (!twice) return n;
  for (uint32_t i = 1; i < n; i++) {
    int32_t x = v[i], last = v[m - 1];
    v[m] = x;
    m += x != last;
  }
  return m;
}

/* ---- drawing ---- */

enum { BATCH = 256 };

typedef struct Unit {
  uint32_t end;    /* its places so far, distinct, are start[i] .. end - 1 */
  uint32_t more;   /* places drawn in this round */
} Unit;

/* Some cells: unit[j] and the number of its place. */
typedef struct Batch { uint32_t unit[BATCH + 1]; int32_t place[BATCH + 1]; } Batch;

/* The first of the two numbers of a cell is the upper half of a product, the second comes from its
** lower half: together they are Lemire's draw below n_in * n_out (see rng_below), with no division
** but the one that gives `floor`. */
static void draw_cells (Batch *b, int n, Rng *rng, uint64_t n_in, uint64_t n_out, uint64_t floor) {
  Rng r = *rng;
  for (int j = 0; j < n;) {
    __uint128_t product = (__uint128_t)rng_u64(&r) * n_in, rest = (__uint128_t)(uint64_t)product * n_out;
    b->unit[j] = (uint32_t)(product >> 64);
    b->place[j] = (int32_t)(rest >> 64);
    j += (uint64_t)rest >= floor;
  }
  *rng = r;
}

/* Notes the cells: with `place` they are stored, without it counted. */
static void note (Unit *unit, const Batch *b, int n, int32_t *place) {
  uint32_t at[BATCH];
  for (int j = 0; j < n; j++) __builtin_prefetch(&unit[b->unit[j]], 1);
  if (!place) {
    for (int j = 0; j < n; j++) unit[b->unit[j]].more++;
    return;
  }
  for (int j = 0; j < n; j++) {
    at[j] = unit[b->unit[j]].end++;
    __builtin_prefetch(&place[at[j]], 1);
  }
  for (int j = 0; j < n; j++) place[at[j]] = b->place[j];
}

/* Draws `count` places, and notes those of units first .. last-1. In a large layer every one is
** somewhere else in memory: so they are drawn in batches, and asked for before they are needed. */
static Rng draw_range (const Growth *g, Unit *unit, int64_t count, Rng rng, int32_t *place, int32_t first,
                       int32_t last) {
  uint64_t n_in = (uint64_t)g->W->n_in, n_out = (uint64_t)g->W->n_out, floor = (0 - n_in * n_out) % (n_in * n_out);
  while (count > 0) {
    Batch b;
    int n = count < BATCH ? (int)count : BATCH, mine = 0;
    draw_cells(&b, n, &rng, n_in, n_out, floor);
    for (int j = 0; j < n; j++) __builtin_prefetch(&g->free[b.unit[j]]);
    for (int j = 0; j < n; j++) {
      uint32_t i = b.unit[j];
      int32_t p = b.place[j];
      int is_free = p < g->free[i];
      count -= is_free;
      b.unit[mine] = i;
      b.place[mine] = p;
      mine += is_free & (i - (uint32_t)first < (uint32_t)(last - first));
    }
    note(unit, &b, mine, place);
  }
  return rng;
}

/* All threads draw the same numbers, and each notes what falls to its own units. */
static Rng draw (const Growth *g, Unit *unit, int64_t count, const Rng *rng, int32_t *place, int threads) {
  Rng after = *rng;
  #pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int part = 0; part < threads; part++) {
    int32_t first = (int32_t)((int64_t)g->W->n_in * part / threads);
    int32_t last = (int32_t)((int64_t)g->W->n_in * (part + 1) / threads);
    Rng end = draw_range(g, unit, count, *rng, place, first, last);
    if (part == 0) after = end;
  }
  return after;
}

/* Moves the units' places apart, so that each has room for those drawn in this round. First they
** close up: sorting has left gaps. */
static void make_room (Growth *g, Unit *unit) {
  uint32_t tight = 0, end = 0;
  size_t size = sizeof *g->place;
  for (int32_t i = 0; i < g->W->n_in; i++) {
    uint32_t have = unit[i].end - g->start[i];
    if (tight < g->start[i]) memmove(g->place + tight, g->place + g->start[i], have * size);
    tight += have;
    end += have + unit[i].more;
  }
  g->start[g->W->n_in] = end;
  for (int32_t i = g->W->n_in; i-- > 0;) {
    uint32_t have = unit[i].end - g->start[i];
    end -= have + unit[i].more;
    tight -= have;
    if (tight < end) memmove(g->place + end, g->place + tight, have * size);
    g->start[i] = end;
    unit[i].end = end + have;
  }
}

/* Sorts the places and takes out the doubles; returns how many are left in all. */
static int64_t settle (Growth *g, Unit *unit, int threads) {
  int64_t all = 0;
  #pragma omp parallel for num_threads(threads) reduction(+ : all)
  for (int32_t i = 0; i < g->W->n_in; i++) {
    uint32_t have = unit[i].end - g->start[i];
    if (unit[i].more) {
      sort_places(g->place + g->start[i], have, 30);
      have = distinct(g->place + g->start[i], have);
      unit[i] = (Unit){ g->start[i] + have, 0 };
    }
    all += have;
  }
  return all;
}

static int draw_all (Growth *g, int threads, Rng *rng) {
  Unit *unit = mem_zero((size_t)g->W->n_in, sizeof *unit);
  if (!unit) return 0;
  memset(g->start, 0, ((size_t)g->W->n_in + 1) * sizeof *g->start);
  for (int64_t have = 0; have < g->count;) {
    Rng before = *rng;
    *rng = draw(g, unit, g->count - have, &before, NULL, threads);
    make_room(g, unit);
    draw(g, unit, g->count - have, &before, g->place, threads);
    have = settle(g, unit, threads);
  }
  mem_free(unit);
  return 1;
}

/* ---- passing through ---- */

/* Takes each free place with the probability that is left to it (Knuth's selection sampling). */
static void pass_through (Growth *g, int64_t free_places, Rng *rng) {
  int64_t left = free_places, need = g->count, n = 0;
  for (int32_t i = 0; i < g->W->n_in; i++) {
    g->start[i] = (uint32_t)n;
    for (int32_t p = 0; p < g->free[i]; p++, left--) {
      if (need < left && (int64_t)rng_below(rng, (uint64_t)left) >= need) continue;
      g->place[n++] = p;
      need--;
    }
  }
  g->start[g->W->n_in] = (uint32_t)n;
}

/* The places of dropped links are closed, too: what is drawn are numbers among the other places. */
static int grow_elsewhere (Growth *g, int threads, Rng *rng) {
  const Sparse *W = g->W;
  int32_t *open = mem_new((size_t)W->n_in, sizeof *open);
  if (!open) return 0;
  for (int32_t i = 0; i < W->n_in; i++) open[i] = W->n_out - (int32_t)(W->ptr[i + 1] - W->ptr[i]);
  Growth other = *g;
  other.free = open;
  other.no_return = 0;
  int there = grow_random(&other, threads, rng);
  mem_free(open);
  for (int32_t i = 0; there && i < W->n_in; i++) {
    growth_name(g, i, W->to + W->ptr[i], NULL, W->ptr[i + 1] - W->ptr[i]);
    growth_number(g, i);
  }
  return there;
}

int grow_random (Growth *g, int threads, Rng *rng) {
  if (g->no_return) return grow_elsewhere(g, threads, rng);
  int64_t free_places = 0;
  for (int32_t i = 0; i < g->W->n_in; i++) free_places += g->free[i];
  if (free_places / 4 >= g->count) return draw_all(g, threads, rng);
  pass_through(g, free_places, rng);
  return 1;
}

uint64_t grow_random_bytes (const GrowOptions *options, int32_t n_in, int32_t n_out, int64_t links, int64_t count, int threads) {
  (void)links;
  if (options->within) return grow_within_random_bytes(n_in, n_out, count, threads);
  return mem_block((uint64_t)n_in, sizeof(Unit)) + (options->may_return ? 0 : mem_block((uint64_t)n_in, sizeof(int32_t)));
}
