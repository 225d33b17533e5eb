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
** Links dropped this very moment leave a free place. Where they may return, a rule of cells that chooses one brings the old
** link back, with its weight and momentum (RigL's program does so).
*/
#ifndef SETLAB_GROW_H
#define SETLAB_GROW_H
#include "evolve/best.h"
#include "evolve/view.h"

typedef struct Growth {
  const Sparse *W;
  uint8_t  *keep;    /* links: 1 if the link stays */
  int32_t  *free;    /* n_in: how many free places unit i has */
  int64_t   count;   /* links to grow; there are as many free places */
  uint32_t *start;   /* to fill in, n_in + 1: unit i's are start[i] .. start[i + 1] - 1 */
  int32_t  *place;   /* to fill in, count: ascending and distinct within a unit */
} Growth;

enum GrowGuide { GUIDE_UNIFORM, GUIDE_BOUND, GUIDE_SKETCH };

typedef struct GrowOptions {
  int    may_return;   /* whether links that were dropped just now may be chosen again */
  double subset;       /* cells looked at, as a multiple of the layer's links; 0: all */
  int    guide;        /* how the subset is drawn: GUIDE_... */
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

typedef struct Grow {
  const char *name;
  int        needs;      /* NEEDS_... of view.h */
  PlaceRule *places;     /* one of the two */
  CellRule  *cells;
  GrowBytes *bytes;      /* what it claims while it chooses `count` cells of a layer */
} Grow;
extern const Grow grow_rules[];              /* the last has name NULL */
const Grow *grow_find (const char *name);    /* NULL if there is none */

PlaceRule grow_random;   /* SET: uniformly among the free places of the layer */
CellRule  grow_subset;   /* what grow_gradient does with a subset */
CellRule  grow_gradient; /* RigL: the largest |dL/dw|, of all missing cells or of a random subset (GSE) */

CellRule  grow_cannistraci;   /* CHT: the best scores of cannistraci.h */
GrowBytes grow_cannistraci_bytes, grow_random_bytes, grow_gradient_bytes, grow_subset_bytes;

/* Counts the free places of every unit, from the marks. */
void growth_count_free (Growth *g, int threads);

/* Takes the cells, in their order. Where a dropped link had its place, it is kept after all. What is left becomes places; g->count
** is then how many. */
void growth_of_cells (Growth *g, const Cell *cell, int64_t n, int threads);

#endif
