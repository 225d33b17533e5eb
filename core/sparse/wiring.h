/*
** wiring.h -- which links a sparse layer starts with.
**
** Both makers return a layer in order, weights drawn by `init` from `weights`, mirror
** filled in; or NULL when memory runs out. The caller owns the result.
*/
#ifndef SETLAB_WIRING_H
#define SETLAB_WIRING_H
#include "sparse/init.h"
#include "sparse/sparse.h"

/* The share of cells that an Erdos-Renyi layer links: epsilon (n_in + n_out) / (n_in n_out)
** (Mocanu et al. 2018). 1 or more means that the layer is dense. */
double wiring_density (double epsilon, int32_t n_in, int32_t n_out);

/* Every cell is linked with probability `density` in (0, 1), independently: the gaps between
** links are geometric, so time and memory are O(links + n_in), never O(n_in * n_out). The
** number of threads shows in no result. */
Sparse *wiring_erdos_renyi (int32_t n_in, int32_t n_out, double density, const Init *init,
                            Rng *wiring, Rng *weights, int threads);

/* The given links: input unit from[k] (0-based) to output unit to[k], in any order. NULL
** with *why set if a unit is out of range or a link is given twice. */
Sparse *wiring_given (int32_t n_in, int32_t n_out, int64_t links, const int32_t *from,
                      const int32_t *to, const Init *init, Rng *weights, const char **why);

#endif
