/*
** reach.h -- units that no way leads through from the inputs to the outputs.
*/
#ifndef SETLAB_REACH_H
#define SETLAB_REACH_H
#include "sparse/sparse.h"

/* Of n layers, the first of which reads the inputs: W[l] has n units below and above as units[l] and units[l + 1] say; NULL for a dense
** layer. cut_off[l], l = 0 .. n: the units of level l that lie on no way from an input unit to an output unit. Time O(links + units).
** 0: no memory. */
int reach_cut_off (int32_t n, const Sparse *const *W, const int32_t *units, int64_t *cut_off);

#endif
