/*
** distance.h -- how far the wirings of two nets are apart when their hidden units may trade places (NNSTD, Liu et al. 2020).
*/
#ifndef SETLAB_DISTANCE_H
#define SETLAB_DISTANCE_H
#include "topology/stack.h"

enum { DISTANCE_MOST = 1000 };   /* units of a level that are compared: the assignment takes time n^3 and memory n^2 */

/* Of two nets of the same sizes. The cost of a pair of units of level l + 1 is links into just one of them over links into
** one or both, counted by input unit; 0 if neither has any. layer[l]: the mean cost under the assignment of least cost;
** before the next layer the second net's units are put in the order of their partners.
** Of a level of more than `most` units (1 .. DISTANCE_MOST) that many are drawn, the same in both nets, and the others keep
** their place. `rng` draws them. 0 if memory runs out. */
int distance_of (const Stack *a, const Stack *b, int32_t most, Rng *rng, int threads, double *layer);

/* Links that two wirings of a layer of one shape have in common. */
int64_t distance_common (const Stack *a, const Stack *b, int32_t l);

#endif
