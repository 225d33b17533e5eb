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
  float  *second, *age;    /* the same, of some rules (kernel.h); NULL without them */
  float  *gradient;        /* the same: room for the gradients of a step, where the rule is not RULE_SGD; else NULL */
} Dense;

/* A task's rectangle: rows first, columns second. */
typedef struct Block { int32_t row0, row1, column0, column1; } Block;

/* The caller owns the result and gives it to dense_free (NULL is fine); NULL: no memory. */
Dense *dense_new  (int32_t n_in, int32_t n_out, const Init *init, Rng *weights);
void   dense_free (Dense *D);
uint64_t dense_bytes (int32_t n_in, int32_t n_out);   /* that dense_new claims */

/* Room for what another rule than RULE_SGD needs: zeros for `second` and `age`, where it has these; for gradients where CBLAS makes them. 0 if memory runs out. */
int dense_keep_moments (Dense *D, Rule rule, int gradients);
uint64_t dense_moments_bytes (int32_t n_in, int32_t n_out, Rule rule, int gradients);   /* that it claims */

/* What is learnt, from weight k on. */
Learnt dense_learnt (const Dense *D, size_t k);

/* Of a batch, columns that the products have to do: up to a multiple of what BLAS's kernels take at once. */
static inline int32_t dense_columns (int32_t samples) { return (samples + 7) / 8 * 8; }

/* Activations are (units, stride), of which `width` columns count (kernel.h).
** How many tasks each product has, and the block of one of them. Forward blocks are output units
** by columns, input-gradient blocks input units by columns, update blocks outputs by inputs. */
int  dense_forward_tasks  (const Dense *D, int32_t width);
Block dense_forward_block   (const Dense *D, int32_t width, int task);
int  dense_backward_tasks (const Dense *D, int32_t width);
Block dense_backward_block  (const Dense *D, int32_t width, int task);
int  dense_update_tasks   (const Dense *D);
Block dense_update_block    (const Dense *D, int task);

/* y = W x + bias on the block. */
void dense_forward  (const Dense *D, Block block, size_t stride, const float *x, const float *bias, float *y);
/* dx = W' dy on the block. */
void dense_backward (const Dense *D, Block block, size_t stride, const float *dy, float *dx);
/* One step on the block's weights. With RULE_SGD the gradient scale * dy x' goes straight into the velocity. */
void dense_update   (Dense *D, Block block, size_t stride, int32_t width, const float *x, const float *dy,
                     const Update *update, const Kernels *kernels);
/* The block's plain gradient dy x' to gradient (n_out, n_in); nothing else changes. */
void dense_gradient (const Dense *D, Block block, size_t stride, int32_t width, const float *x, const float *dy,
                     float *gradient);

/* The gradient of a block, its rows one after the other; returns how many numbers that are. dense_block_most: how many a block of dense_update_tasks has at most. */
size_t dense_block_most (int32_t n_in, int32_t n_out);
size_t dense_block_gradient (Block block, size_t stride, int32_t width, const float *x, const float *dy, float *gradient);

#endif
