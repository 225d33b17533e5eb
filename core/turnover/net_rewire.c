/*
** net_rewire.c -- a change of a layer's wiring that comes from outside, checked before anything is changed.
**
** The links given are sorted by their cells, so that one that is given twice stands beside the other, and one that is there
** meets its link on the walk along the unit's links.
*/
#include "net/net_average.h"
#include "turnover/net_evolve.h"
#include "base/mem.h"
#include "choose/keep.h"
#include "net/net_internal.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A link given, and its number. */
typedef struct Item { int32_t from, to; int64_t k; } Item;

static int by_cell (const void *a, const void *b) {
  const Item *x = a, *y = b;
  if (x->from != y->from) return x->from < y->from ? -1 : 1;
  if (x->to != y->to) return x->to < y->to ? -1 : 1;
  return (x->k > y->k) - (x->k < y->k);
}

enum Fault { NO_FAULT, OUT_OF_RANGE, NOT_FINITE, TWICE, THERE };

/* The first link at fault, so far. */
typedef struct Offence { int64_t k; enum Fault fault; } Offence;

static void note (Offence *first, int64_t k, enum Fault fault) {
  if (first->fault == NO_FAULT || k < first->k) *first = (Offence){ k, fault };
}

/* Weights that are given are those that links get, also those that come back. */
static int restores (const GivenChange *given) { return given->restores && !given->weight; }

static int is_kept (const GivenChange *given, int64_t k) { return !given->keep || given->keep[k]; }

/* Links whose units are there, sorted; returns how many. */
static int64_t sort_items (const Sparse *W, const GivenChange *given, Item *item, Offence *first) {
  int64_t n = 0;
  for (int64_t k = 0; k < given->count; k++) {
    int32_t from = given->from[k], to = given->to[k];
    if (from < 0 || from >= W->n_in || to < 0 || to >= W->n_out) note(first, k, OUT_OF_RANGE);
    else item[n++] = (Item){ from, to, k };
    if (given->weight && !isfinite(given->weight[k])) note(first, k, NOT_FINITE);
  }
  if (n > 0) qsort(item, (size_t)n, sizeof *item, by_cell);
  return n;
}

static void look_over (const Sparse *W, const GivenChange *given, const Item *item, int64_t n, Offence *first) {
  int64_t k = 0;
  for (int64_t c = 0; c < n; c++) {
    if (c > 0 && item[c].from == item[c - 1].from && item[c].to == item[c - 1].to) note(first, item[c].k, TWICE);
    if (k < W->ptr[item[c].from]) k = W->ptr[item[c].from];
    int64_t end = W->ptr[item[c].from + 1];
    while (k < end && W->to[k] < item[c].to) k++;
    if (k < end && W->to[k] == item[c].to && is_kept(given, k)) note(first, item[c].k, THERE);
  }
}

static void complain (const Sparse *W, const GivenChange *given, const Offence *first, char why[NET_REWIRE_WHY]) {
  long long k = (long long)first->k + 1, from = (long long)given->from[first->k] + 1, to = (long long)given->to[first->k] + 1;
  switch (first->fault) {
    case OUT_OF_RANGE:
      snprintf(why, NET_REWIRE_WHY, "link %lld goes from unit %lld to unit %lld, and the layer has %d input and %d output units",
               k, from, to, (int)W->n_in, (int)W->n_out);
      break;
    case NOT_FINITE:
      snprintf(why, NET_REWIRE_WHY, "the weight of link %lld, from unit %lld to unit %lld, is not a finite number", k, from, to);
      break;
    case TWICE:
      snprintf(why, NET_REWIRE_WHY, "link %lld, from unit %lld to unit %lld, is given twice", k, from, to);
      break;
    default: snprintf(why, NET_REWIRE_WHY, "link %lld, from unit %lld to unit %lld, is there already", k, from, to);
  }
}

/* What the rewiring needs. */
typedef struct Room { Item *item; Cell *cell; uint8_t *keep; float *weight; Growth g; } Room;

static void room_free (Room *r) {
  mem_free(r->item);
  mem_free(r->cell);
  mem_free(r->keep);
  mem_free(r->weight);
  mem_free(r->g.free);
  mem_free(r->g.start);
  mem_free(r->g.place);
}

static int room_new (Room *r, const Sparse *W, const GivenChange *given) {
  size_t n = (size_t)given->count, rows = (size_t)W->n_in + 1;
  *r = (Room){ mem_new(n, sizeof *r->item), mem_new(n, sizeof *r->cell), mem_new((size_t)W->links, 1),
               mem_new(n, sizeof *r->weight),
               { .W = W, .count = given->count } };
  r->g.keep = r->keep;
  r->g.free = mem_new(rows, sizeof *r->g.free);
  r->g.start = mem_zero(rows, sizeof *r->g.start);
  r->g.place = mem_new(n, sizeof *r->g.place);
  return r->item && r->cell && r->keep && r->weight && r->g.free && r->g.start && r->g.place;
}

/* The cells in their order; and the weights of those that will be newborn, in the same order. */
static void fill (Room *r, const GivenChange *given) {
  const Sparse *W = r->g.W;
  int64_t newborn = 0, k = 0;
  for (int64_t c = 0; c < given->count; c++) {
    const Item *item = &r->item[c];
    r->cell[c] = (Cell){ 0, item->from, item->to };
    if (k < W->ptr[item->from]) k = W->ptr[item->from];
    while (k < W->ptr[item->from + 1] && W->to[k] < item->to) k++;
    int restored = restores(given) && k < W->ptr[item->from + 1] && W->to[k] == item->to;
    if (given->weight && !restored) r->weight[newborn++] = given->weight[item->k];
  }
  for (int64_t link = 0; link < W->links; link++) r->keep[link] = is_kept(given, link) != 0;
}

int net_check_given (const Net *net, int32_t l, const GivenChange *given, char why[NET_REWIRE_WHY]) {
  const Sparse *W = net->layer[l].sparse;
  Offence first = { 0, NO_FAULT };
  Item *item = mem_new((size_t)given->count, sizeof *item);
  snprintf(why, NET_REWIRE_WHY, "not enough memory");
  if (!item) return 0;
  look_over(W, given, item, sort_items(W, given, item, &first), &first);
  mem_free(item);
  if (first.fault != NO_FAULT) complain(W, given, &first, why);
  return first.fault == NO_FAULT;
}

int64_t net_rewire_given (Net *net, int32_t l, const GivenChange *given, int32_t number, char why[NET_REWIRE_WHY]) {
  Layer *layer = &net->layer[l];
  Sparse *W = layer->sparse;
  Offence first = { 0, NO_FAULT };
  Newborn newborn = { given->init, NULL, number };
  Rng rng = net_evolution_stream(net, l, number);
  Room r;
  int64_t born = -1;
  snprintf(why, NET_REWIRE_WHY, "not enough memory");
  if (room_new(&r, W, given)) {
    look_over(W, given, r.item, sort_items(W, given, r.item, &first), &first);
    if (first.fault != NO_FAULT) complain(W, given, &first, why);
    else {
      fill(&r, given);
      growth_of_cells(&r.g, r.cell, given->count, !restores(given), net->threads);
      if (given->weight) newborn.weight = r.weight;
      net_forget_average(net);
      if (rewire(W, &r.g, &newborn, net->threads, &rng)) born = r.g.count;
    }
  }
  room_free(&r);
  return born;
}
