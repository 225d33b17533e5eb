/*
** grow_fan_in.c -- a constant number of links into every output unit that has any (SRigL, Lasby et al. 2024): prune and grow at
** once.
**
** Salient links are those of the largest |w|, as many as stay, and of the other cells those of the largest |dL/dw|, as many as
** are dropped. An output unit with fewer salient cells than the share gamma of a unit's mean number of links is ablated: it loses
** all links. The others have links / units each; what is left over goes one by one to those with the most salient cells. A unit
** keeps those of its links that are salient, and if there are too many, the largest; the rest it grows where its gradients are
** largest.
*/
#include "evolve/grow.h"
#include "base/mem.h"
#include "choose/keep.h"
#include <math.h>
#include <stdlib.h>

typedef struct Units {
  int32_t n;
  int64_t *salient;   /* cells of each */
  int32_t *links;     /* that each is to have, */
  int32_t *need;      /* and to grow */
} Units;

static void units_free (Units *u) {
  mem_free(u->salient);
  mem_free(u->links);
  mem_free(u->need);
}

static int units_new (Units *u, int32_t n) {
  size_t units = (size_t)n;
  *u = (Units){ n, mem_zero(units, sizeof *u->salient), mem_zero(units, sizeof *u->links), mem_zero(units, sizeof *u->need) };
  if (u->salient && u->links && u->need) return 1;
  units_free(u);
  return 0;
}

/* Leaves the salient links marked, and counts every unit's salient cells. */
static int find_salient (const View *view, uint8_t *keep, int64_t drop, const GrowOptions *options, int threads, Rng *rng,
                         Units *u) {
  const Sparse *W = view->W;
  int64_t n = keep_count(keep, W->links);
  float *score = mem_new((size_t)W->links, sizeof *score);
  if (!score) return 0;
  for (int64_t k = 0; k < W->links; k++) score[k] = keep[k] ? fabsf(W->w[k]) : -HUGE_VALF;
  keep_best(score, W->links, drop < n ? n - drop : 0, threads, keep);
  mem_free(score);
  GrowOptions all = { .may_return = options->may_return };
  Best best;
  if (!grow_gradient(view, keep, drop, &all, threads, rng, &best)) return 0;
  for (int64_t k = 0; k < W->links; k++) u->salient[W->to[k]] += keep[k];
  for (int64_t c = 0; c < best.n; c++) u->salient[best.cell[c].to]++;
  best_free(&best);
  return 1;
}

typedef struct Rank { int64_t salient; int32_t unit; } Rank;

static int by_salience (const void *a, const void *b) {
  const Rank *x = a, *y = b;
  if (x->salient != y->salient) return x->salient > y->salient ? -1 : 1;
  return (x->unit > y->unit) - (x->unit < y->unit);
}

/* How many links each unit is to have. `mean` is what a unit with links had before. */
static int share_links (Units *u, double mean, double gamma, int64_t links, int32_t n_in) {
  Rank *rank = mem_new((size_t)u->n, sizeof *rank);
  int32_t active = 0;
  if (!rank) return 0;
  for (int32_t o = 0; o < u->n; o++)
    if (u->salient[o] > 0 && (double)u->salient[o] >= gamma * mean) rank[active++] = (Rank){ u->salient[o], o };
  if (active > 0) qsort(rank, (size_t)active, sizeof *rank, by_salience);
  for (int32_t r = 0; r < active; r++) {
    int64_t mine = links / active + (r < links % active);
    u->links[rank[r].unit] = mine < n_in ? (int32_t)mine : n_in;
  }
  mem_free(rank);
  return 1;
}

typedef struct Strength { float w; uint32_t at; } Strength;

static int by_strength (const void *a, const void *b) {
  const Strength *x = a, *y = b;
  if (x->w != y->w) return x->w > y->w ? -1 : 1;
  return (x->at > y->at) - (x->at < y->at);
}

/* Leaves unit o its largest links, and says how many it is to grow. */
static void trim_unit (const View *view, uint8_t *keep, int may_return, int32_t o, Units *u, Strength *room) {
  const Sparse *W = view->W;
  int32_t n = 0, had = (int32_t)(W->in_ptr[o + 1] - W->in_ptr[o]);
  for (int64_t m = W->in_ptr[o]; m < W->in_ptr[o + 1]; m++)
    if (keep[W->at[m]]) room[n++] = (Strength){ fabsf(W->w[W->at[m]]), W->at[m] };
  if (n > u->links[o]) {
    qsort(room, (size_t)n, sizeof *room, by_strength);
    while (n > u->links[o]) keep[room[--n].at] = 0;
  }
  int32_t open = W->n_in - (may_return ? n : had), wanted = u->links[o] - n;
  u->need[o] = wanted < open ? wanted : open;
}

static double mean_links (const View *view, const uint8_t *keep) {
  const Sparse *W = view->W;
  int64_t links = 0, units = 0;
  for (int32_t o = 0; o < W->n_out; o++) {
    int64_t before = links;
    for (int64_t m = W->in_ptr[o]; m < W->in_ptr[o + 1]; m++) links += keep[W->at[m]];
    units += links > before;
  }
  return units > 0 ? (double)links / (double)units : 0;
}

int grow_fan_in (const View *view, uint8_t *keep, int64_t drop, int64_t links, const GrowOptions *options, int threads, Rng *rng,
                 Best *best) {
  const Sparse *W = view->W;
  double mean = mean_links(view, keep);
  Units u;
  if (!units_new(&u, W->n_out)) return 0;
  Strength *room = mem_new((size_t)W->n_in, sizeof *room);
  int there = room && find_salient(view, keep, drop, options, threads, rng, &u) &&
              share_links(&u, mean, options->gamma, links, W->n_in);
  for (int32_t o = 0; there && o < W->n_out; o++) trim_unit(view, keep, options->may_return, o, &u, room);
  mem_free(room);
  there = there && within_fill(view, keep, u.need, options->may_return, threads, best);
  units_free(&u);
  return there;
}

uint64_t grow_fan_in_bytes (const GrowOptions *options, int32_t n_in, int32_t n_out, int64_t links, int64_t count, int threads) {
  GrowOptions all = { .may_return = options->may_return };
  uint64_t o = (uint64_t)n_out, units = mem_block(o, sizeof(int64_t)) + 2 * mem_block(o, sizeof(int32_t)),
      room = mem_block((uint64_t)n_in, sizeof(Strength));
  uint64_t salience = grow_gradient_bytes(&all, n_in, n_out, links, count, threads),
      scores = mem_block((uint64_t)links, sizeof(float));
  uint64_t filling = grow_within_bytes(options, n_in, n_out, links, count, threads);
  if (scores > salience) salience = scores;
  return units + (salience + room > filling ? salience + room : filling);
}
