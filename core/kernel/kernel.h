/*
** kernel.h -- the loops where the time goes, one set an instruction set.
**
** kernel_impl.h is compiled once for each of AVX-512, AVX2 and the plain machine; the best
** set that the processor has is chosen at start. Within one set results do not depend on the
** number of threads: a thread takes whole units, and the sums of a unit have a fixed order.
**
** Activations are unit-major, x[i*stride + b]: a unit's samples are the columns of its row. All
** widths and strides are multiples of STRIDE_STEP floats. The sparse kernels compute `width` columns,
** at most `widest`: a wider batch is walked in tiles of columns (net_shape). Columns past the batch are
** computed along; their loss gradient is zero, so they never reach a weight. Kernels allocate
** nothing and cannot fail.
*/
#ifndef SETLAB_KERNEL_H
#define SETLAB_KERNEL_H
#include <stddef.h>
#include "kernel/activation.h"
#include "data/augment.h"
#include "sparse/sparse.h"

enum { STRIDE_STEP = 16 };  /* floats */
enum { BRIEF_STEP = 32 };   /* numbers: what rows of bfloat16 take is a multiple, so that vectors are whole and do not straddle lines */
static inline size_t brief_room (size_t width) { return (width + BRIEF_STEP - 1) / BRIEF_STEP * BRIEF_STEP; }
enum { THIN = 12 };  /* outputs of a dense layer, at most, for the thin kernels */

/* FloatRows of values, `stride` numbers apart: of floats; or of their bfloat16 copies, made by round_bf16. */
typedef struct FloatRows { const float *floats; size_t stride; } FloatRows;
typedef struct BriefRows { const uint16_t *brief; size_t stride; } BriefRows;

/* Rows of near units, to be read and to be written: floats, or, unless brief is NULL, bfloat16. */
typedef struct RowsIn  { const float *floats; const uint16_t *brief; size_t stride; } RowsIn;
typedef struct RowsOut { float *floats; uint16_t *brief; size_t stride; } RowsOut;

/* A layer's links as the units of one side see them, who are the near ones: unit u has those from ptr[u] to ptr[u+1]-1.
** The far end of link m is brief[m], and its weight w[m], in an order that was made for the walk; or, where brief
** is NULL, far[m], and then in forward the weight is w[at[m]]. Backward changes w and velocity. Behind the last link
** brief, far and at have SPARSE_SLACK more. */
typedef struct Fan {
  const int64_t  *ptr;
  const uint16_t *brief;
  const int32_t  *far;
  const uint32_t *at;
  float *w, *velocity, *second, *age;   /* the last two as in Learnt */
} Fan;

typedef enum Rule { RULE_SGD, RULE_ADAMW, RULE_LION, RULE_LASSO, RULE_S2SAM } Rule;

/* Numbers of each weight that a rule keeps beside its velocity: `second`, and then `age`. */
static inline int rule_moments (Rule rule) { return rule == RULE_ADAMW ? 2 : rule == RULE_S2SAM; }

/* One step of a weight w with gradient sum g over the batch; g' = scale * g + couple * w.
** Stochastic gradient descent with velocity v (Nesterov in Sutskever's form):
**   v <- momentum * v - rate * g'
**   w <- w + v - shrink * w        or, with Nesterov,   w + momentum * v - rate * g' - shrink * w
** AdamW (Loshchilov and Hutter 2019), m the velocity and s the second moment of a weight that has an age of its own:
**   m <- momentum * m + (1 - momentum) * g';  s <- second * s + (1 - second) * g'^2;  age <- age + 1
**   w <- w - rate * m / (1 - momentum^age) / (sqrt(s / (1 - second^age)) + 1e-8) - shrink * w
** Lion (Chen et al. 2023):
**   w <- w - rate * sign(momentum * m + (1 - momentum) * g') - shrink * w;  m <- second * m + (1 - second) * g'
** Beta-LASSO (Neyshabur 2020), for weights of links:
**   as stochastic gradient descent with g' = scale * g + lasso * sign(w);  then w <- 0 where |w| <= cut
** S2-SAM (Ji et al. 2024), for weights of links, which stand at w + lift * last (net_sam.c), last being scale * g of the step before:
**   w <- w - lift * last;  last <- scale * g;  then as stochastic gradient descent with g' = last + couple * w */
typedef struct Update {
  float rate, momentum;
  float scale;    /* 1 / batch */
  float couple;   /* weight decay added to the gradient */
  float shrink;   /* weight decay taken from the weight: per step, or times the rate */
  int   nesterov;
  Rule  rule;
  float lasso, cut;     /* of beta-LASSO: lambda and beta * lambda, at least 0 */
  float radius, lift;   /* of S2-SAM: rho, and rho by the length of all layers' `last`, 0 if that is 0 */
  float fresh;    /* 1 - second, of AdamW and Lion: above 0 and below 1. Of 0.999 too little would be left in single precision */
} Update;

/* Weights, or whatever else is learnt, and what the rule remembers of each of them: age is NULL but for AdamW, second but for AdamW and S2-SAM,
** which has `last` there. */
typedef struct Learnt { float *value, *velocity, *second, *age; } Learnt;

/* Where gradients go: with `update` they change their weights at once; otherwise to gradient[k]. If `add` is 1, what
** gradient[k] has counts, too: it then holds the sums of the columns before. */
typedef struct Sink { const Update *update; float *gradient; int add; } Sink;

/* Inverted dropout of one layer in one step: element e stays if its hash under `key` is at
** least `threshold` = p * 2^32, and is then multiplied by `scale` = 1 / (1 - p). */
typedef struct Dropout { uint32_t key, threshold; float scale; } Dropout;

/* What is done to a unit's values while they are in registers, where its activation is ReLU. To its sums: rectified, and dropped out
** unless drop is NULL, with element `first` + u*step + b in column b of unit u. To its loss gradients: dx becomes
** scale * dx where x > 0, else 0, and the sum of the row goes to sum[u - u0]. */
typedef struct Rectify { const Dropout *drop; size_t first, step; } Rectify;
typedef struct Through { float scale; float *sum; } Through;

/* Batch normalisation of a unit's sums x over the samples of a ghost batch (Ioffe and Szegedy 2015; Hoffer et al. 2017):
**   y = scale * h + shift,   h = (x - mean) / sqrt(variance + 1e-5),   variance the mean square of x - mean
** Kind k of unit u's parameters is at parameter[k*run + u]; mean and variance are those of evaluation, running averages. */
enum { NORM_SCALE, NORM_SHIFT, NORM_MEAN, NORM_VARIANCE, NORM_PARAMETERS };
enum { MOST_GHOST = 32 };   /* samples: a multiple of STRIDE_STEP, as many as a tile of every set has columns */

typedef struct Kernels {
  const char *isa;
  int32_t widest;                  /* columns of a tile, at most */
  const Activation *activations;   /* the last has name NULL */

  /* y[u] = bias[u] + sum over links of w * x[far], for the units u0 <= u < u1 of the fan, those that the links lead to.
  ** x and y point at the tile's first column: x in the row of unit 0, y, whose rows are `stride` apart, in that of u0. rectify, through: may be NULL. */
  void (*forward) (const Fan *fan, int32_t u0, int32_t u1, int32_t width, FloatRows x, const float *bias, float *y, size_t stride,
                   const Rectify *rectify);

  /* One walk over the links of units u0 <= u < u1, for both products; x and dx point into the row of unit u0, dy into that of unit 0:
  **   dx[u] = sum over links of w[k] * dy[far]    (skipped if dx is NULL)
  **   g[k]  = sum over the tile's columns of x[u] * dy[far]
  ** The gradients go to the sink. Near and far may change sides where dx is not wanted: g is the same. With `through`, dx may
  ** be x, and the sink neither updates nor adds. */
  void (*backward) (const Fan *fan, int32_t u0, int32_t u1, int32_t width, FloatRows x, FloatRows dy, float *dx, size_t dx_stride,
                    const Sink *sink, const Through *through);

  /* The same two with the rows at the far ends of the links in bfloat16: half the bytes a link, while weights and sums
  ** stay float32; near rows are either. dx is wanted if it has a place. A row takes brief_room(width) numbers, in an order of
  ** the set's own. */
  void (*forward_bf16) (const Fan *fan, int32_t u0, int32_t u1, int32_t width, BriefRows x, const float *bias, RowsOut y,
                        const Rectify *rectify);
  void (*backward_bf16) (const Fan *fan, int32_t u0, int32_t u1, int32_t width, RowsIn x, BriefRows dy, RowsOut dx,
                         const Sink *sink, const Through *through);
  /* Copies a tile of `units` rows, each number rounded to the nearest bfloat16, ties to even; NaN
  ** stays NaN if it is what arithmetic makes, quiet and without a payload. copy and a point at the
  ** tile's first column. */
  void (*round_bf16) (uint16_t *copy, size_t copy_stride, const float *a, size_t stride, int32_t units, int32_t width);
  /* And back. */
  void (*widen_bf16) (float *a, size_t stride, const uint16_t *copy, size_t copy_stride, int32_t units, int32_t width);

  /* A dense layer of at most THIN outputs, weights w[o*n_in + i] (dense.h), x and dx from unit i0
  ** on. Forward: columns c0 <= c < c1 of y = bias + w x over input units i0 <= i < i1 only, both multiples
  ** of STRIDE_STEP; with bias NULL the products are added to what y has. Backward: for
  ** these units dx = w' dy (skipped if dx is NULL) and the gradients dy x', which go to the sink. Any width will do; with `through`
  ** at most `widest`. */
  void (*thin_forward) (const float *w, int32_t n_in, int32_t n_out, int32_t i0, int32_t i1, int32_t c0, int32_t c1,
                        FloatRows x, const float *bias, float *y, size_t y_stride);
  void (*thin_backward) (const Learnt *links, int32_t n_in, int32_t n_out, int32_t i0, int32_t i1, int32_t width,
                         FloatRows x, FloatRows dy, float *dx, size_t dx_stride, const Sink *sink, const Through *through);

  /* sum[u] = the sum of row u, or, if `add`, that and what it has: gradients of biases. */
  void (*row_sums) (const float *rows, size_t stride, int32_t units, int32_t width, float *sum, int add);

  /* A step of n parameters whose gradients are the sums g[0][e] + g[1][e] + ..., n_g >= 1 of them, in this order; and these
  ** sums themselves. */
  void (*update) (const Learnt *at, size_t n, const float *const *g, int n_g, const Update *update);
  void (*sum_gradients) (float *to, size_t n, const float *const *g, int n_g);

  /* The elementwise rest of an update by RULE_SGD. The product of dy and x, times -rate * scale, has by then
  ** been added to momentum * v; with Nesterov to v as update_dense_before left it, which takes
  ** momentum, decay and the old velocity's part of the move off first. */
  void (*update_dense) (float *w, float *velocity, size_t n, const Update *update);
  void (*update_dense_before) (float *w, float *velocity, size_t n, const Update *update);

  /* a *= mask * scale on a tile: element `first` + u*step + b of the layer is a[u*stride + b]. */
  void (*dropout) (float *a, size_t stride, int32_t units, int32_t width, size_t first, size_t step, const Dropout *dropout);

  /* Columns 2k and 2k + 1 of rows, 2k + 1 < samples: each becomes share of itself and 1 - share of the other. */
  void (*mix_pairs) (float *x, int32_t rows, size_t stride, int32_t samples, float share);

  /* Batch normalisation of rows, `stride` apart, over their columns c0 <= c < c1, c0 a multiple of STRIDE_STEP; columns from c1 on
  ** to the next such multiple may become 0, and delta has to be 0 there. Forward, in place; x - mean goes to `centred`, and
  ** of the batch's mean and unbiased variance `share` to gradient[k*run + u], k as in NORM_MEAN; what is made is rectified unless rectify
  ** is NULL, and dropped out as that says, unit 0 being the first row's. Backward: delta, by y, becomes that
  ** by x, and the gradients of scale and shift go to `gradient`. What is there is added to if `add`. Apply is what
  ** evaluation does: with the mean and the variance that the parameters have, any columns. */
  void (*norm_forward) (float *y, float *centred, int32_t units, size_t stride, int32_t c0, int32_t c1, const float *parameter,
                        float *gradient, size_t run, float share, int add, const Rectify *rectify);
  void (*norm_backward) (float *delta, const float *centred, int32_t units, size_t stride, int32_t c0, int32_t c1,
                         const float *parameter, float *gradient, size_t run, int add);
  void (*norm_apply) (float *y, int32_t units, size_t stride, int32_t width, const float *parameter, size_t run);

  /* x[(f-f0)*stride + b] = row[b][f] * scale[f] + shift[f] for features f0 <= f < f1, and 0 for
  ** the columns from `batch` to width. scale and shift may be NULL: `unit` alone then scales. */
  void (*batch_bytes) (float *x, int32_t f0, int32_t f1, size_t stride, int32_t width,
                       const uint8_t *const *row, int32_t batch, float unit, const float *scale, const float *shift);
  void (*batch_floats) (float *x, int32_t f0, int32_t f1, size_t stride, int32_t width,
                        const float *const *row, int32_t batch, float unit, const float *scale, const float *shift);
  /* The same for some pixels of images that are changed on the way, row[b] read where warp[b]
  ** says; x is where the first pixel of the first channel goes. Pixels are the same whichever
  ** others are asked for with them. */
  void (*warp_bytes) (float *x, const WarpPart *part, size_t stride, int32_t width, const uint8_t *const *row,
                      const Warp *warp, const WarpFrame *frame, int32_t batch, float unit, const float *scale, const float *shift);
  void (*warp_floats) (float *x, const WarpPart *part, size_t stride, int32_t width, const float *const *row,
                       const Warp *warp, const WarpFrame *frame, int32_t batch, float unit, const float *scale, const float *shift);
} Kernels;

extern const Kernels kernels_portable;
#if defined __x86_64__
extern const Kernels kernels_avx2, kernels_avx512;
#endif

/* The named set ("avx512", "avx2", "portable"), or with NULL the fastest that this processor
** has; NULL if the name is unknown or the processor lacks it. */
const Kernels *kernels_choose (const char *isa);

#endif
