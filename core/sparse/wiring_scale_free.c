/*
** wiring_scale_free.c -- links between two sides: units with many links get more.
**
** The links are kept as they come: the end of a random link that lies on the wanted side is a unit drawn in proportion to its
** links. A unit that comes has no links yet, so that only the few it brings itself have to be kept apart.
*/
#include "sparse/wiring.h"
#include "sparse/rows.h"
#include "base/mem.h"

typedef struct Crowd {
  int32_t  size[2], here[2];   /* units of the two sides, and how many of them have come */
  int32_t *unit[2];            /* (size): in the order in which they came */
  int32_t *mark[2];            /* (size): the last newcomer that is linked to the unit, counted from 1 */
  int32_t *end[2];             /* (links): the two ends of each link */
  int64_t  links;
} Crowd;

static void crowd_free (Crowd *c) {
  for (int side = 0; side < 2; side++) {
    mem_free(c->unit[side]);
    mem_free(c->mark[side]);
  }
}

/* The links stand where the mirror will be: `end` is borrowed. */
static int crowd_new (Crowd *c, Sparse *W) {
  *c = (Crowd){ .size = { W->n_in, W->n_out }, .end = { W->from, (int32_t *)W->at } };
  for (int side = 0; side < 2; side++) {
    c->unit[side] = mem_new((size_t)c->size[side], sizeof **c->unit);
    c->mark[side] = mem_zero((size_t)c->size[side], sizeof **c->mark);
    if (!c->unit[side] || !c->mark[side]) return 0;
  }
  return 1;
}

/* A unit of the side, in proportion to its links and one. */
static int32_t draw_unit (const Crowd *c, int side, Rng *rng) {
  uint64_t here = (uint64_t)c->here[side], n = rng_below(rng, here + (uint64_t)c->links);
  return n < here ? c->unit[side][n] : c->end[side][n - here];
}

/* The newcomer brings so many links, or as many as there are units to link it to. */
static void bring (Crowd *c, int side, int32_t newcomer, int64_t wanted, int32_t mark, Rng *rng) {
  int other = !side;
  int64_t before = c->links, most = wanted < c->here[other] ? wanted : c->here[other];
  for (int64_t n = 0; n < most;) {
    int32_t u = draw_unit(c, other, rng);
    if (c->mark[other][u] == mark) continue;
    c->mark[other][u] = mark;
    c->end[side][before + n] = newcomer;
    c->end[other][before + n] = u;
    n++;
    c->links = before + n;
  }
}

/* After the t-th unit of all there are to be t shares of the links; what could not be brought is brought by the next. */
static void gather (Crowd *c, int64_t links, Rng *rng) {
  int64_t all = (int64_t)c->size[0] + c->size[1];
  for (int64_t t = 1; t <= all; t++) {
    int64_t left[2] = { c->size[0] - c->here[0], c->size[1] - c->here[1] };
    int side = (int64_t)rng_below(rng, (uint64_t)(left[0] + left[1])) >= left[0];
    int32_t newcomer = c->unit[side][c->here[side]];
    bring(c, side, newcomer, (int64_t)((__int128)links * t / all) - c->links, (int32_t)(t % INT32_MAX), rng);
    c->here[side]++;
  }
}

/* Sorts the links into rows of units, ascending. */
static void sort_links (const Crowd *c, Sparse *W, Rows *rows) {
  for (int32_t o = 0; o <= W->n_out; o++) W->in_ptr[o] = 0;
  for (int64_t k = 0; k < c->links; k++) W->in_ptr[c->end[1][k] + 1]++;
  int64_t start = 0;
  for (int32_t o = 1; o <= W->n_out; o++) {
    int64_t count = W->in_ptr[o];
    W->in_ptr[o] = start;
    start += count;
  }
  for (int64_t k = 0; k < c->links; k++) W->to[W->in_ptr[c->end[1][k] + 1]++] = c->end[0][k];   /* by output unit, for now */
  for (int32_t i = 0; i <= W->n_in; i++) rows->ptr[i] = 0;
  for (int64_t k = 0; k < c->links; k++) rows->ptr[W->to[k] + 1]++;
  start = 0;
  for (int32_t i = 1; i <= W->n_in; i++) {
    int64_t count = rows->ptr[i];
    rows->ptr[i] = start;
    start += count;
  }
  for (int32_t o = 0; o < W->n_out; o++)
    for (int64_t k = W->in_ptr[o]; k < W->in_ptr[o + 1]; k++) rows->to[rows->ptr[W->to[k] + 1]++] = o;
}

static int draw_links (Sparse *W, Rows *rows, Rng *rng) {
  Crowd c;
  int done = crowd_new(&c, W);
  for (int side = 0; done && side < 2; side++) {
    for (int32_t u = 0; u < c.size[side]; u++) c.unit[side][u] = u;
    rng_shuffle(rng, c.unit[side], c.size[side]);
  }
  if (done) {
    gather(&c, W->links, rng);
    sort_links(&c, W, rows);   /* rows->to is where one end of the links stood: it has been read by then */
  }
  crowd_free(&c);
  return done && rows_fill_up(rows, W, rng);
}

/* In a layer that is nearly full the last units cannot bring all that is left: that comes anywhere. */
Sparse *wiring_scale_free (int32_t n_in, int32_t n_out, int64_t links, const Draw *draw) {
  Sparse *W = sparse_new(n_in, n_out, links);
  Rows rows = { n_in, n_out, mem_new((size_t)n_in + 1, sizeof *rows.ptr), W ? W->from : NULL };
  int done = W && rows.ptr && draw_links(W, &rows, draw->wiring);
  mem_free(rows.ptr);
  if (done) return rows_finish(W, draw->init, draw->weights, draw->threads);
  sparse_free(W);
  return NULL;
}
