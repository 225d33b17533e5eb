/*
** percolate.h -- links that lead nowhere: into units without links out, and out of units without links in.
**
** Cannistraci-Hebb training (CHT) removes them between pruning and growing, in two rounds; rounds until nothing changes
** leave the links that lie on some path from an input unit to an output unit.
*/
#ifndef SETLAB_PERCOLATE_H
#define SETLAB_PERCOLATE_H
#include "sparse/sparse.h"

enum { PERCOLATE_ALL = -1 };   /* rounds: until nothing changes */

/* One round, or several, over n layers, the first of which reads the input units: in each, all layers are looked at before
** any is changed. W[l] is NULL for a dense layer, whose units all have links; keep[l] marks the links of W[l] that are there,
** and is cleared where they go. What a layer reads beyond the units of the layer below are inputs (skip links). removed[l], which may be NULL, is how many went. Returns the rounds that changed something,
** or -1 if memory runs out (nothing is changed then). */
int percolate (int32_t n, const Sparse *const *W, uint8_t *const *keep, int rounds, int64_t *removed);

#endif
