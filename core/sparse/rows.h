/*
** rows.h -- a wiring on its way to a layer: links by input unit, or by output unit, before there are weights.
*/
#ifndef SETLAB_ROWS_H
#define SETLAB_ROWS_H
#include "sparse/init.h"
#include "sparse/sparse.h"

/* The links of input unit i are to[ptr[i]] .. to[ptr[i + 1] - 1], ascending and distinct. */
typedef struct Rows {
  int32_t  n_in, n_out;
  int64_t *ptr;   /* n_in + 1 */
  int32_t *to;
} Rows;

/* Is i -> o among the links? */
int rows_has (const Rows *rows, int32_t i, int32_t o);

/* Writes the links of `rows` to W->ptr and W->to, which lie elsewhere, and as many cells that are not among them as W->links asks for
** on top: all sets of such cells are equally likely. Links that are given must be fewer than the layer has cells. 0: no memory. */
int rows_fill_up (const Rows *rows, Sparse *W, Rng *rng);

/* Fills in W->ptr and W->to from W->in_ptr and W->from. */
void rows_of_units (Sparse *W);

/* degree[u] for n units, `links` in all, as even as can be: the units that have one more are drawn. 0: no memory. */
int rows_even_degrees (int32_t n, int64_t links, Rng *rng, int32_t *degree);

/* W->in_ptr for such degrees of the output units. 0: no memory. */
int rows_cut_units (Sparse *W, Rng *rng);

/* The rest, for a layer that has ptr and to: its mirror and its weights. Returns W. */
Sparse *rows_finish (Sparse *W, const Init *init, Rng *weights, int threads);

#endif
