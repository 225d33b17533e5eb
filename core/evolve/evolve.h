/*
** evolve.h -- one step of topology, in one layer: prune, then grow.
**
** An evolution is a rule for pruning, a rule for growing, and how many links there are to be afterwards. Kept links keep
** weight and momentum; newborn links draw a fresh starting weight (SET, Mocanu et al. 2018; the published program's
** `weights_evolution_II`) or start at 0 (most others), with momentum 0.
**
** The two halves can be done apart, so that what concerns all layers of a net (a threshold for all, units without links)
** comes between them.
*/
#ifndef SETLAB_EVOLVE_H
#define SETLAB_EVOLVE_H
#include "evolve/grow.h"
#include "evolve/prune.h"
#include "evolve/rewire.h"

typedef struct Evolution {
  Prune        prune;
  PruneOptions pruning;
  const Grow  *grow;
  GrowOptions  growing;
  int64_t      links;   /* that there are to be afterwards; -1: as many as before */
  const Init  *init;    /* newborn weights; NULL: they start at 0 */
} Evolution;

/* What the rules of an evolution need to look at: NEEDS_... of view.h. */
int evolution_needs (const Evolution *rule);

/* SET as published: zeta of the links go, as many come at random, with weights by `init`. */
Evolution evolution_set (double zeta, const Init *init);

/* Rewires view->W, which is this layer, with up to `threads` threads, whose number shows in no result. Cost O(links + units)
** and what the rules take; memory is given back at the end. Returns the number of links born, or -1 when memory runs out
** (the layer is then untouched). */
int64_t evolve (Sparse *W, const View *view, const Evolution *rule, int threads, Rng *rng);

/* The second half, with the survivors already marked: keep[k] for every link. It is changed where dropped links return. */
int64_t evolve_kept (Sparse *W, const View *view, uint8_t *keep, const Evolution *rule, int threads, Rng *rng);

/* About what `evolve` claims at its worst moment, if it drops `dropped` links; how many that are is known only when the
** weights have been looked at. */
uint64_t evolve_bytes (const Evolution *rule, int32_t n_in, int32_t n_out, int64_t links, int64_t capacity, int64_t dropped,
                       int threads);

#endif
