/*
** evolve.h -- one evolution of one layer: prune, then grow.
**
** An evolution is a rule for pruning, a rule for growing, and how many links there are to be afterwards. Before that, another
** rule may remove links for good, without replacement (GraNet, CHTss). Kept links keep weight and momentum; newborn links
** draw a fresh starting weight (SET, Mocanu et al. 2018; the published program's `weights_evolution_II`) or start at 0 (most
** others), with momentum 0.
**
** The two halves can be called separately, so that steps that concern all layers of a net (a global threshold, units
** without links) can come between them.
*/
#ifndef SETLAB_EVOLVE_H
#define SETLAB_EVOLVE_H
#include "evolve/grow.h"
#include "evolve/prune.h"
#include "evolve/rewire.h"

/* What an evolution has done to a layer's links. */
typedef struct Change {
  int64_t cut;         /* links that went for good */
  int64_t dropped;
  int64_t percolated;
  int64_t grown;       /* links that came, */
  int64_t returned;    /* and those of them that had gone just before */
} Change;

typedef struct Evolution {
  Prune        prune;  /* mark NULL: none goes */
  PruneOptions pruning;
  const Grow  *grow;    /* NULL: none comes */
  GrowOptions  growing;
  int64_t      links;   /* that there are to be afterwards; -1: as many as before, without those cut off and those of a rule that
                        ** shrinks */
  const Init  *init;    /* newborn weights; NULL: they start at 0 */
  Prune        cut;     /* comes first, and what it takes is gone for good; mark NULL: nothing */
  PruneOptions cutting;
  int32_t      number;  /* of the evolution: what a layer remembers of births */
  Change      *change;  /* filled in; NULL: nobody asks */
} Evolution;

/* What the rules of an evolution need to look at: NEEDS_... of view.h. */
int evolution_needs (const Evolution *rule);

/* SET as published: zeta of the links go, as many come at random, with weights by `init`. */
Evolution evolution_set (double zeta, const Init *init);

/* Rewires view->W, which is this layer, with up to `threads` threads, whose number shows in no result. Cost O(links + units)
** and what the rules take; memory is given back at the end. Returns the number of links born, or -1 when memory runs out
** (the layer is then untouched). */
int64_t evolve (Sparse *W, const View *view, const Evolution *rule, int threads, Rng *rng);

/* The first half: marks the links that stay, keep[k] for every link; *links becomes how many there are to be afterwards. Of a
** rule that grows as a whole (fan-in) it does the cut alone. 0 if memory runs out. */
int evolve_mark (const View *view, const Evolution *rule, int threads, Rng *rng, uint8_t *keep, int64_t *links);

/* The second half, with the survivors already marked. keep is changed where dropped links return. rule->links is -1 for as many
** as W has now. */
int64_t evolve_kept (Sparse *W, const View *view, uint8_t *keep, const Evolution *rule, int threads, Rng *rng);

/* The same with the cells already chosen, in their order, by rule->grow->cells. */
int64_t evolve_kept_at (Sparse *W, uint8_t *keep, const Evolution *rule, const Cell *cell, int64_t n, int threads, Rng *rng);

/* What `evolve` claims at its worst moment, if `dropped` links go and `born` come; how many that are is known for certain only
** when the weights have been looked at. W needs its numbers only (units, links, capacity, and whether it remembers). */
uint64_t evolve_bytes (const Evolution *rule, const Sparse *W, int64_t born, int threads);

#endif
