/*
** wiring.h -- which links a sparse layer starts with.
**
** All makers return a layer in order, weights drawn by `init` from `weights`, mirror filled in; or NULL when memory runs out.
** The caller owns the result. Memory is O(links + units), never O(n_in * n_out), and no result depends on the number of threads.
*/
#ifndef SETLAB_WIRING_H
#define SETLAB_WIRING_H
#include "sparse/init.h"
#include "sparse/sparse.h"

/* The share of cells that an Erdos-Renyi layer links: epsilon (n_in + n_out) / (n_in n_out)
** (Mocanu et al. 2018). 1 or more means that the layer is dense. */
double wiring_density (double epsilon, int32_t n_in, int32_t n_out);

/* Every cell is linked with probability `density` in (0, 1), independently: the gaps between
** links are geometric, so time and memory are O(links + n_in), never O(n_in * n_out). */
Sparse *wiring_erdos_renyi (int32_t n_in, int32_t n_out, double density, const Init *init,
                            Rng *wiring, Rng *weights, int threads);

/* The given links: input unit from[k] (0-based) to output unit to[k], in any order. NULL
** with *why set if a unit is out of range or a link is given twice. */
Sparse *wiring_given (int32_t n_in, int32_t n_out, int64_t links, const int32_t *from,
                      const int32_t *to, const Init *init, Rng *weights, const char **why);

/* ---- so many links, exactly: 1 <= links <= n_in * n_out ---- */

typedef struct Draw {   /* where the other makers draw from */
  const Init *init;
  Rng *wiring, *weights;
  int  threads;
} Draw;

/* All sets of so many cells are equally likely. */
Sparse *wiring_random (int32_t n_in, int32_t n_out, int64_t links, const Draw *draw);

/* Every output unit has links / n_out inputs, drawn at random; where that is not whole, units drawn at random have one more than
** the others. With links = k n_out: constant fan-in. */
Sparse *wiring_fan_in (int32_t n_in, int32_t n_out, int64_t links, const Draw *draw);

/* Bipartite small world (Zhang et al. 2024): each unit of the larger side is linked to as many consecutive units of the other side,
** taken as a ring, around the place opposite to it; as many for each, or one more for some, drawn at random. Then each link is taken
** away with probability `beta`, and as many come back anywhere where there is none. */
Sparse *wiring_small_world (int32_t n_in, int32_t n_out, int64_t links, double beta, const Draw *draw);

/* How the links of a receptive field lie. */
typedef struct Field {
  double  randomness;    /* r in [0, 1]: a link over the distance c has a weight of (1 + c)^(-(1 - r) / r). 0: the nearest units; 1: any */
  int     any_degree;    /* output units have as many links as chance gives them, not equally many */
  int32_t channels, height, width;   /* the inputs are an image, channel-major, all channels of a pixel at one place; 0: a ring */
} Field;

/* Bipartite receptive field (Zhang et al. 2025): each output unit draws its inputs one after the other, without replacement, in
** proportion to their weights. Output units lie evenly along the ring of inputs, c being the steps between; or evenly along the pixels
** of the image, row by row, c being the Euclidean distance. Time O(links log n_in + units), on images O(n_in n_out). */
Sparse *wiring_receptive_field (int32_t n_in, int32_t n_out, int64_t links, const Field *field, const Draw *draw);

/* Bipartite scale free: units of both sides come in random order, and each brings as many links, to units of the other side drawn in
** proportion to their links and one (preferential attachment, Barabasi and Albert 1999, between two sides). */
Sparse *wiring_scale_free (int32_t n_in, int32_t n_out, int64_t links, const Draw *draw);

/* Correlated sparse topological initialisation (CSTI, Zhang et al. 2024): the cells whose two features correlate most, in absolute
** value, over `samples` rows of n_features values x. n_in and n_out are multiples of n_features: unit u stands for feature u modulo
** n_features. A feature does not go with itself before all other cells are linked. */
Sparse *wiring_correlated (int32_t n_in, int32_t n_out, int64_t links, const float *x, int32_t n_features, int32_t samples,
                           const Draw *draw);

#endif
