/*
** grow.h -- where a layer grows its new links.
**
** A rule chooses among the cells of a layer to which no kept link belongs. It does so in one of two ways:
**
**   places  for every input unit, which of its free places get a link. The free places of a unit are the output
**           units to which it has no kept link, numbered 0, 1, ... in ascending order. Good for rules that do not
**           look at a cell, such as chance.
**   cells   the cells themselves, each with a score (best.h). growth_of_cells turns them into places.
**
** Links that were just dropped leave a free place. Where they may return, a rule of cells that chooses one brings the old
** link back, with its weight and momentum (RigL's program does so), unless it is to be born anew; a rule of places lets it be
** born anew.
**
** Two rules do more: `within` grows in each output unit as many links as it has lost, and `whole` prunes, too.
*/
#ifndef SETLAB_GROW_H
#define SETLAB_GROW_H
#include "choose/best.h"
#include "evolve/view.h"

typedef struct Growth {
  const Sparse *W;
  uint8_t  *keep;    /* links: 1 if the link stays */
  int32_t  *free;    /* n_in: how many free places unit i has */
  int64_t   count;   /* links to grow; there are as many places to be had */
  uint32_t *start;   /* to fill in, n_in + 1: unit i's are start[i] .. start[i + 1] - 1 */
  int32_t  *place;   /* to fill in, count: ascending and distinct within a unit */
  int       no_return;   /* whether places of links that were dropped just now are not to be had */
} Growth;

enum GrowGuide { GUIDE_UNIFORM, GUIDE_BOUND, GUIDE_SKETCH };

typedef struct GrowOptions {
  int    may_return;   /* whether links that were dropped just now may be chosen again */
  double subset;       /* cells looked at, as a multiple of the layer's links; 0: all */
  int    guide;        /* how the subset is drawn: GUIDE_... */
  int    anew;         /* whether a dropped link that is chosen again starts as any newborn one */
  int    within;       /* whether each output unit grows as many links as it loses, where a rule can */
  double gamma;        /* of fan-in: share of a unit's mean number of links, below which it is ablated */
  int64_t probed;      /* floats of a row of the probe: only for the plan, of likeness */
  int    soft;         /* whether cells are drawn in proportion to their score, where a rule can; else the best grow */
  const struct Cannistraci *paths;   /* how the rule cannistraci scores */
} GrowOptions;

/* Each returns 1, or 0 when memory runs out, and may work with up to `threads` threads, as long as that does not
** show in what it chooses. */
typedef int PlaceRule (Growth *g, int threads, Rng *rng);
/* Makes `best`, which the caller frees: the cells chosen, at most `count`, in the order of the cells. */
typedef int CellRule (const View *view, const uint8_t *keep, int64_t count, const GrowOptions *options, int threads,
                      Rng *rng, Best *best);

typedef uint64_t GrowBytes (const GrowOptions *options, int32_t n_in, int32_t n_out, int64_t links, int64_t count, int threads);

/* Marks the links that stay, all but `drop`, and the cells that grow so that there are `links` in the end. keep says which
** links there are to choose from, and is changed. */
typedef int WholeRule (const View *view, uint8_t *keep, int64_t drop, int64_t links, const GrowOptions *options, int threads,
                       Rng *rng, Best *best);

typedef struct Grow {
  const char *name;
  int        needs;      /* NEEDS_... of view.h */
  PlaceRule *places;     /* one of the three */
  CellRule  *cells;
  WholeRule *whole;
  CellRule  *within;     /* for GrowOptions.within; NULL: it cannot */
  GrowBytes *bytes;      /* what it claims while it chooses `count` cells of a layer */
} Grow;
extern const Grow grow_rules[];              /* the last has name NULL */
const Grow *grow_find (const char *name);    /* NULL if there is none */

PlaceRule grow_random;   /* SET: uniformly among the free places of the layer */
PlaceRule grow_unfired;  /* ITOP (Liu et al. 2021): the same among cells that were never linked, and when there are no more, among
                         ** the others; the layer must remember what it has tried (sparse_keep_tried) */
CellRule  grow_subset;   /* what grow_gradient does with a subset */
CellRule  grow_gradient; /* RigL: the largest |dL/dw|, of all missing cells or of a random subset (GSE) */

CellRule  grow_cannistraci;   /* CHT: the best scores of cannistraci.h */
CellRule  grow_likeness;      /* CTRE (Atashgahi et al. 2022): the largest |cos| of the values of two units over the batch; of all
                              ** missing cells or of a random subset. A unit that is 0 throughout is like none */
WholeRule grow_fan_in;        /* SRigL (Lasby et al. 2024): see grow_fan_in.c */
CellRule  grow_within_random, grow_within_gradient;
GrowBytes grow_cannistraci_bytes, grow_random_bytes, grow_gradient_bytes, grow_subset_bytes, grow_unfired_bytes,
          grow_likeness_bytes, grow_fan_in_bytes, grow_within_bytes;
uint64_t grow_within_random_bytes (int32_t n_in, int32_t n_out, int64_t count, int threads);

/* How many links each output unit has lost; and if `count` to be grown is not their sum, the rest one by one to or from the
** units in their order, as far as they have open cells. need: n_out. */
void within_needs (const View *view, const uint8_t *keep, int may_return, int64_t count, int32_t *need);
/* The need[o] cells of the largest |dL/dw| of every output unit o. */
int  within_fill (const View *view, const uint8_t *keep, const int32_t *need, int may_return, int threads, Best *best);

/* Counts the free places of every unit, from the marks. */
void growth_count_free (Growth *g, int threads);

/* Takes the cells, in their order. Where a dropped link had its place, it is kept after all, unless it is to be born anew. What
** is left becomes places; g->count is then how many. Returns how many dropped links were kept. */
int64_t growth_of_cells (Growth *g, const Cell *cell, int64_t n, int anew, int threads);

/* For rules of places: their numbers among the free places of input unit i become output units, and back. closed[k] says which
** of the ascending units to[0 .. n-1] have no free place (NULL: all of them); or growth_number asks the marks. */
void growth_name (Growth *g, int32_t i, const int32_t *to, const uint8_t *closed, int64_t n);
void growth_number (Growth *g, int32_t i);

/* How many of the places are those of links that were dropped. */
int64_t growth_returned (const Growth *g);

#endif
