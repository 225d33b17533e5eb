/*
** paths.h -- how many paths lead through a net: 1' A_1 A_2 ... A_L 1, by products of the layers with vectors.
**
** Exactly, in as many words a unit as the dense net would need; or in floating point, for the share of each unit, which is
** paths in times paths out over all paths.
*/
#ifndef SETLAB_PATHS_H
#define SETLAB_PATHS_H
#include "topology/stack.h"

/* The number of paths from all units of level 0 to all of level `level`, as decimal digits. NULL if memory runs out. The
** caller gives it to mem_free. */
char *paths_exact (const Stack *s, int32_t level);

/* share: of each unit of all levels, level after level, the share of the paths from inputs to outputs that go through it; all 0
** where there is no path. *log10_paths: the logarithm of their number, -HUGE_VAL where there are none. 0 if memory runs out. */
int paths_share (const Stack *s, double *share, double *log10_paths);

#endif
