/*
** null.h -- random wirings to compare a measure with: as many links anywhere, or other links with the same degrees; and the same
** wiring with its weights shuffled.
**
** All change a layer in place: its number of links stays. What follows from the links elsewhere (net_state.h) is the
** caller's to make anew.
*/
#ifndef SETLAB_NULL_H
#define SETLAB_NULL_H
#include "sparse/sparse.h"

/* All sets of as many cells are equally likely (Erdos and Renyi). Weights stay at their place in the order of the links,
** velocities become 0. 0 if memory runs out; W is then as it was. */
int null_random (Sparse *W, Rng *rng);

enum { NULL_SWAPS = 10, NULL_TRIES = 200 };   /* for each link */

/* Two links a-b, c-d become a-d, c-b where neither is there yet (Maslov and Sneppen 2002): all units keep their degrees.
** Goes on until there were NULL_SWAPS swaps a link, or NULL_TRIES tries: a layer that is nearly full hardly allows any. Each
** input unit keeps its weights, velocities become 0. 0 if memory runs out; W is then as it was. */
int null_swaps (Sparse *W, Rng *rng);

/* Weights, each with its velocity, in random order. */
void null_weights (Sparse *W, Rng *rng);

#endif
