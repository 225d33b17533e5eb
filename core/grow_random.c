/*
** A place is drawn uniformly from all cells of the layer, as a unit and a number below n_out, and
** refused if the unit has fewer free places: no search is needed to know. It may have been drawn
** before, which shows only when the places of a unit are sorted; what then is missing is drawn
** anew, and again, until `count` distinct ones are there. That is the same as drawing one by one
** and refusing what is taken. Where more than every fourth free place is needed, all of them are
** passed through instead.
*/
#include "grow.h"
#include "mem.h"
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
    v[m] = v[i];
    m += v[i] != v[i - 1];
  }
  return m;
}

/* ---- drawing ---- */

typedef struct Units {
  uint32_t *have;   /* n_in: distinct places of unit i so far, from place[start[i]] on */
  uint32_t *more;   /* n_in: drawn in this round */
} Units;

/* Draws `count` places. The first of the two numbers of a cell comes from the upper half of a
** product, the second from what is left of it: together they are Lemire's draw below n_in * n_out
** (see rng_below), with no division. With `place` they are stored, without it counted. */
static void draw (Growth *g, Units *u, int64_t count, Rng *rng, int32_t *place) {
  uint64_t n_in = (uint64_t)g->W->n_in, n_out = (uint64_t)g->W->n_out, cells = n_in * n_out, floor = (0 - cells) % cells;
  Rng r = *rng;
  for (int64_t n = 0; n < count;) {
    __uint128_t unit = (__uint128_t)rng_u64(&r) * n_in, rest = (__uint128_t)(uint64_t)unit * n_out;
    uint64_t i = (uint64_t)(unit >> 64);
    int32_t p = (int32_t)(rest >> 64);
    if (((uint64_t)rest < floor) | (p >= g->free[i])) continue;
    if (place) place[g->start[i] + u->have[i]++] = p;
    else u->more[i]++;
    n++;
  }
  *rng = r;
}

/* Moves the units' places apart, so that each has room for those drawn in this round. First they
** close up: sorting has left gaps. */
static void make_room (Growth *g, const Units *u) {
  uint32_t tight = 0, end = 0;
  for (int32_t i = 0; i < g->W->n_in; i++) {
    if (tight < g->start[i]) memmove(g->place + tight, g->place + g->start[i], u->have[i] * sizeof *g->place);
    tight += u->have[i];
    end += u->have[i] + u->more[i];
  }
  g->start[g->W->n_in] = end;
  for (int32_t i = g->W->n_in; i-- > 0;) {
    end -= u->have[i] + u->more[i];
    tight -= u->have[i];
    if (tight < end) memmove(g->place + end, g->place + tight, u->have[i] * sizeof *g->place);
    g->start[i] = end;
  }
}

/* Sorts the places and takes out the doubles; returns how many are left in all. */
static int64_t settle (Growth *g, Units *u, int threads) {
  int64_t have = 0;
  #pragma omp parallel for num_threads(threads) reduction(+ : have)
  for (int32_t i = 0; i < g->W->n_in; i++) {
    if (u->more[i]) {
      sort_places(g->place + g->start[i], u->have[i], 30);
      u->have[i] = distinct(g->place + g->start[i], u->have[i]);
      u->more[i] = 0;
    }
    have += u->have[i];
  }
  return have;
}

static int draw_all (Growth *g, int threads, Rng *rng) {
  Units u = { mem_zero((size_t)g->W->n_in, sizeof *u.have), mem_zero((size_t)g->W->n_in, sizeof *u.more) };
  int there = u.have && u.more;
  memset(g->start, 0, ((size_t)g->W->n_in + 1) * sizeof *g->start);
  for (int64_t have = 0; there && have < g->count;) {
    Rng again = *rng;
    draw(g, &u, g->count - have, rng, NULL);
    make_room(g, &u);
    draw(g, &u, g->count - have, &again, g->place);
    have = settle(g, &u, threads);
  }
  mem_free(u.have);
  mem_free(u.more);
  return there ? 0 : -1;
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

int grow_random (Growth *g, int threads, Rng *rng) {
  int64_t free_places = 0;
  for (int32_t i = 0; i < g->W->n_in; i++) free_places += g->free[i];
  if (free_places / 4 >= g->count) return draw_all(g, threads, rng);
  pass_through(g, free_places, rng);
  return 0;
}
