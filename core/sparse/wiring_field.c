/*
** wiring_field.c -- receptive fields: the nearer two units are, the likelier is a link.
**
** The inputs of an output unit lie at places seen from it. On a ring these are the steps from the unit opposite to it, and their
** weights are the same for all units: the urn is filled once, and what a unit took is put back. On an image weights depend on where
** the borders are, and the urn is filled for each unit.
*/
#include "sparse/wiring.h"
#include "sparse/rows.h"
#include "sparse/urn.h"
#include "base/mem.h"
#include <math.h>
#include <stdlib.h>

typedef struct Places {
  const Field *field;
  int32_t n_in, n_out;
  double  power;    /* -(1 - r) / r; -HUGE_VAL for r = 0 */
  double *weight;   /* on a ring: n_in; else NULL */
  int32_t reach;    /* on a ring: from so many steps on weights are 0, being too small for numbers */
} Places;

/* (1 + c)^power over what it is for the nearest place that is left; so the nearest always has a weight. */
static double weight_of (const Places *p, double c, double nearest) {
  if (c <= nearest) return 1;
  return p->power == -HUGE_VAL ? 0 : exp(p->power * (log1p(c) - log1p(nearest)));
}

static double steps (const Places *p, int32_t place) { return place < p->n_in - place ? place : p->n_in - place; }

static int32_t opposite (const Places *p, int32_t o, int32_t n) { return (int32_t)((int64_t)o * n / p->n_out); }

static int on_ring (const Places *p) { return p->field->height == 0; }

/* On an image, from the pixel opposite to output unit o to that of an input. */
static double distance (const Places *p, int32_t o, int32_t place) {
  int32_t pixels = p->field->height * p->field->width, here = opposite(p, o, pixels), there = place % pixels;
  double dy = here / p->field->width - there / p->field->width, dx = here % p->field->width - there % p->field->width;
  return sqrt(dy * dy + dx * dx);
}

static int places_new (Places *p, int32_t n_in, int32_t n_out, const Field *field) {
  double r = field->randomness;
  *p = (Places){ field, n_in, n_out, r > 0 ? -(1 - r) / r : -HUGE_VAL, NULL, 0 };
  if (!on_ring(p)) return 1;
  p->weight = mem_new((size_t)n_in, sizeof *p->weight);
  if (!p->weight) return 0;
  for (int32_t u = 0; u < n_in; u++) p->weight[u] = weight_of(p, steps(p, u), 0);
  while (p->reach <= n_in / 2 && p->weight[p->reach] > 0) p->reach++;
  return 1;
}

/* ---- one output unit ---- */

typedef struct Hand {   /* of a thread */
  Urn urn;
  uint8_t *taken;       /* n_in */
  int32_t reach;        /* on a ring: places so many steps away, and farther ones, have the weight 0 */
} Hand;

static void hand_free (Hand *hand) {
  urn_free(&hand->urn);
  mem_free(hand->taken);
}

static int hand_new (Hand *hand, int32_t n) {
  int there = urn_new(&hand->urn, n);
  hand->taken = mem_zero((size_t)n, 1);
  return there && hand->taken;
}

/* Weights of what is not taken yet, on an image. */
static void fill (const Places *p, int32_t o, double nearest, Hand *hand) {
  double *weight = urn_weights(&hand->urn);
  for (int32_t u = 0; u < p->n_in; u++) weight[u] = hand->taken[u] ? 0 : weight_of(p, distance(p, o, u), nearest);
  urn_sums(&hand->urn);
}

/* The two places so many steps away, which may be one. */
static void set_ring (const Places *p, int32_t c, double weight, Hand *hand) {
  urn_set(&hand->urn, c, weight);
  if (c > 0) urn_set(&hand->urn, p->n_in - c, weight);
}

/* What is left is so far away that its weights are 0 beside those that are gone: they are taken anew, beside the nearest. */
static void fill_again (const Places *p, int32_t o, Hand *hand) {
  double nearest = HUGE_VAL, weight;
  if (on_ring(p)) {
    int32_t first = hand->reach;
    while (hand->reach <= p->n_in / 2 && (weight = weight_of(p, hand->reach, first)) > 0) set_ring(p, hand->reach++, weight, hand);
    return;
  }
  for (int32_t u = 0; u < p->n_in; u++)
    if (!hand->taken[u]) nearest = fmin(nearest, distance(p, o, u));
  fill(p, o, nearest, hand);
}

/* Before the first unit, on a ring. */
static void fill_ring (const Places *p, Hand *hand) {
  for (int32_t u = 0; u < p->n_in; u++) urn_weights(&hand->urn)[u] = p->weight[u];
  urn_sums(&hand->urn);
  hand->reach = p->reach;
}

static void put_back (const Places *p, const int32_t *unit, int32_t k, Hand *hand) {
  for (int32_t t = 0; t < k; t++) hand->taken[unit[t]] = 0;
  if (!on_ring(p)) return;
  for (int32_t t = 0; t < k; t++) urn_set(&hand->urn, unit[t], p->weight[unit[t]]);
  while (hand->reach > p->reach) set_ring(p, --hand->reach, 0, hand);
}

static int ascending (const void *a, const void *b) {
  int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

static void draw_unit (const Places *p, int32_t o, int32_t k, Rng *rng, Hand *hand, int32_t *unit) {
  if (!on_ring(p)) fill(p, o, 0, hand);
  for (int32_t t = 0; t < k; t++) {
    int32_t u = urn_take(&hand->urn, rng);
    if (u < 0) {
      fill_again(p, o, hand);
      u = urn_take(&hand->urn, rng);
    }
    hand->taken[u] = 1;
    unit[t] = u;
  }
  put_back(p, unit, k, hand);
  for (int32_t t = 0; on_ring(p) && t < k; t++) unit[t] = (int32_t)(((int64_t)unit[t] + opposite(p, o, p->n_in)) % p->n_in);
  qsort(unit, (size_t)k, sizeof *unit, ascending);
}

/* ---- all ---- */

/* As many for each as chance gives them, and no more than there are inputs. */
static void any_degrees (Sparse *W, Rng *rng) {
  int64_t *degree = W->in_ptr + 1;
  for (int64_t k = 0; k < W->links; k++) {
    uint64_t o;
    do o = rng_below(rng, (uint64_t)W->n_out); while (degree[o] == W->n_in);
    degree[o]++;
  }
  for (int32_t o = 0; o < W->n_out; o++) W->in_ptr[o + 1] += W->in_ptr[o];
}

/* Each output unit has a random stream of its own. */
static int draw_units (Sparse *W, const Places *p, const Draw *draw) {
  uint64_t key = rng_u64(draw->wiring);
  int failed = 0;
  #pragma omp parallel num_threads(draw->threads) reduction(| : failed)
  {
    Hand hand;
    failed = !hand_new(&hand, p->n_in);
    if (!failed && on_ring(p)) fill_ring(p, &hand);
    #pragma omp for schedule(static)
    for (int32_t o = 0; o < W->n_out; o++) {
      Rng rng;
      rng_seed(&rng, key, (uint64_t)o);
      int32_t k = (int32_t)(W->in_ptr[o + 1] - W->in_ptr[o]);
      if (!failed) draw_unit(p, o, k, &rng, &hand, W->from + W->in_ptr[o]);
    }
    hand_free(&hand);
  }
  return !failed;
}

static int draw_field (Sparse *W, const Field *field, const Draw *draw) {
  Places p;
  if (field->any_degree) any_degrees(W, draw->wiring);
  else if (!rows_cut_units(W, draw->wiring)) return 0;
  int done = places_new(&p, W->n_in, W->n_out, field) && draw_units(W, &p, draw);
  mem_free(p.weight);
  return done;
}

Sparse *wiring_receptive_field (int32_t n_in, int32_t n_out, int64_t links, const Field *field, const Draw *draw) {
  Sparse *W = sparse_new(n_in, n_out, links);
  if (W && draw_field(W, field, draw)) {
    rows_of_units(W);
    return rows_finish(W, draw->init, draw->weights, draw->threads);
  }
  sparse_free(W);
  return NULL;
}
