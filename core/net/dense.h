/*
** dense.h -- one dense layer, its products through CBLAS.
**
** W is (n_out, n_in), row-major: w[o*n_in + i]. A product is cut into tasks of fixed size,
** each one single-threaded call of sgemm, and the net's threads share the tasks: results then
** do not depend on the number of threads, and BLAS needs none of its own. Where a layer has
** few outputs, its tasks are cut along the other side.
*/
#ifndef SETLAB_DENSE_H
#define SETLAB_DENSE_H
#include "kernel/kernel.h"
#include "sparse/init.h"

typedef struct Dense {
  int32_t n_in, n_out;
  float  *w, *momentum;    /* (n_out, n_in) */
} Dense;

/* A task's rectangle: rows first, columns second. */
typedef struct Tile { int32_t row0, row1, column0, column1; } Tile;

/* The caller owns the result and gives it to dense_free (NULL is fine); NULL: no memory. */
Dense *dense_new  (int32_t n_in, int32_t n_out, const Init *init, Rng *weights);
void   dense_free (Dense *D);
uint64_t dense_bytes (int32_t n_in, int32_t n_out);   /* that dense_new claims */

/* Activations are (units, stride), of which `width` columns count (kernel.h).
** How many tasks each product has, and the tile of one of them. Forward tiles are output units
** by columns, input-gradient tiles input units by columns, update tiles outputs by inputs. */
int  dense_forward_tasks  (const Dense *D, int32_t width);
Tile dense_forward_tile   (const Dense *D, int32_t width, int task);
int  dense_backward_tasks (const Dense *D, int32_t width);
Tile dense_backward_tile  (const Dense *D, int32_t width, int task);
int  dense_update_tasks   (const Dense *D);
Tile dense_update_tile    (const Dense *D, int task);

/* y = W x + bias on the tile. */
void dense_forward  (const Dense *D, Tile tile, size_t stride, const float *x, const float *bias, float *y);
/* dx = W' dy on the tile. */
void dense_backward (const Dense *D, Tile tile, size_t stride, const float *dy, float *dx);
/* One step on the tile's weights; the gradient scale * dy x' goes straight into the velocity. */
void dense_update   (Dense *D, Tile tile, size_t stride, int32_t width, const float *x, const float *dy,
                     const Update *update, const Kernels *kernels);
/* The tile's plain gradient dy x' to gradient (n_out, n_in); nothing else changes. */
void dense_gradient (const Dense *D, Tile tile, size_t stride, int32_t width, const float *x, const float *dy,
                     float *gradient);

#endif
