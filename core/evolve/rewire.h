/*
** rewire.h -- a layer rebuilt: the links that stay, and those that are born.
**
** Kept links keep weight, momentum, AdamW's second moment and age, and what is known of their birth. Newborn links draw a starting weight, or get one, or start
** at 0; everything else of them is 0. One walk merges a unit's kept and newborn links; the mirrored order is made anew.
**
** A layer whose number of links stays, or nearly so, is rebuilt in the memory it has: its five arrays trade
** places. Otherwise it moves to new arrays (sparse_room). Either way the pointers in a Sparse change: hold none
** of them across an evolution.
*/
#ifndef SETLAB_REWIRE_H
#define SETLAB_REWIRE_H
#include "evolve/grow.h"
#include "sparse/init.h"

/* What newborn links start with. */
typedef struct Newborn {
  const Init  *init;     /* they draw by this rule; NULL: 0 */
  const float *weight;   /* or these, in the order of units and places; NULL */
  int32_t      number;   /* of the evolution in which they are born */
} Newborn;

/* Rebuilds W with up to `threads` threads, whose number shows in no result. growth says which links stay (keep),
** how many places that leaves each unit (free), and which of them are taken (start, place). Draws one number of
** `rng`. Returns 1; 0 if memory runs out (W is then untouched). */
int rewire (Sparse *W, const Growth *growth, const Newborn *newborn, int threads, Rng *rng);

/* What `rewire` claims for a layer that will have so many links, `born` of them new ones. Where the layer remembers births or the
** cells that it tried, these are copied; the old copy is given back. */
uint64_t rewire_bytes (const Sparse *W, int64_t links, int64_t born);

#endif
