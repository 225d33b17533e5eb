/*
** draw_cells.h -- cells without a link, drawn in proportion to weights of their units.
*/
#ifndef SETLAB_DRAW_CELLS_H
#define SETLAB_DRAW_CELLS_H
#include "sparse/sparse.h"

/* Draws `count` different cells of W to which no kept link belongs (keep: a flag for each link; NULL: all are kept), one after the other, each
** in proportion to below[i] * above[o] among those that are left (above NULL: all alike). Weights are finite and at least 0. Input and
** output units, from 0, go to from and to in the order of the draws. Returns how many there are: fewer than count if no other cell has
** a weight above 0; -1 if memory runs out. */
int64_t draw_cells (const Sparse *W, const uint8_t *keep, const float *below, const float *above, int64_t count, Rng *rng, int32_t *from, int32_t *to);

#endif
