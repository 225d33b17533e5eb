/*
** kernel.h -- the loops where the time goes, one set an instruction set.
**
** kernel_impl.h is compiled once for each of AVX-512, AVX2 and the plain machine; the best
** set that the processor has is chosen at start. Within one set results do not depend on the
** number of threads: a thread takes whole units, and the sums of a unit have a fixed order.
**
** Activations are unit-major, x[i*stride + b]: a unit's samples are the columns of its row.
** stride is a multiple of STRIDE_STEP floats, so that rows begin on cache lines; of a row the
** sparse kernels compute `width` columns, a multiple of WIDTH_STEP and at most `widest` (a
** wider batch is walked in several tiles of columns, see net_shape). Columns past the batch are
** computed along; their loss gradient is zero, so they never reach a weight. Kernels allocate
** nothing and cannot fail.
*/
#ifndef SETLAB_KERNEL_H
#define SETLAB_KERNEL_H
#include <stddef.h>
#include "kernel/activation.h"
#include "data/augment.h"
#include "sparse/sparse.h"

enum { STRIDE_STEP = 16, WIDTH_STEP = 8 };  /* floats */
enum { THIN = 12 };  /* outputs of a dense layer, at most, for the thin kernels */

/* Numbers between two rows of bfloat16 copies: whole cache lines again. */
static inline size_t bf16_stride (size_t stride) { return (stride + 31) / 32 * 32; }

/* One step of stochastic gradient descent on a weight w with velocity v and gradient sum g
** over the batch (METHODS 6; Nesterov in Sutskever's form):
**   g' = scale * g + couple * w;  v <- momentum * v - rate * g'
**   w <- w + v - shrink * w        or, with Nesterov,   w + momentum * v - rate * g' - shrink * w */
typedef struct Update {
  float rate, momentum;
  float scale;    /* 1 / batch */
  float couple;   /* weight decay added to the gradient */
  float shrink;   /* weight decay taken from the weight: per step, or times the rate */
  int   nesterov;
} Update;

/* Inverted dropout of one layer in one step: element e stays if its hash under `key` is at
** least `threshold` = p * 2^32, and is then multiplied by `scale` = 1 / (1 - p). */
typedef struct Dropout { uint32_t key, threshold; float scale; } Dropout;

typedef struct Kernels {
  const char *isa;
  int32_t widest;                  /* columns of a tile, at most */
  const Activation *activations;   /* the last has name NULL */

  /* y[o] = bias[o] + sum over links of w[at[m]] * x[from[m]], for units o0 <= o < o1. x and y
  ** point at the tile's first column: x in the row of unit 0, which links may come from, y in
  ** that of unit o0, the first of those asked for. */
  void (*forward) (const Sparse *W, int32_t o0, int32_t o1, size_t stride, int32_t width,
                   const float *x, const float *bias, float *y);

  /* One walk over the links of input units i0 <= i < i1, for both products; x and dx point into
  ** the row of unit i0, dy into that of unit 0:
  **   dx[i] = sum over links of w[k] * dy[to[k]]   (skipped if dx is NULL)
  **   g[k]  = sum over the tile's columns of x[i] * dy[to[k]], plus gradient[k] if `add`
  ** With `update`, each link is updated as soon as its g is known; otherwise g goes to
  ** gradient[k] and no weight changes. */
  void (*backward) (Sparse *W, int32_t i0, int32_t i1, size_t stride, int32_t width,
                    const float *x, const float *dy, float *dx, const Update *update,
                    float *gradient, int add);

  /* The same two with the rows at the far ends of the links in bfloat16, made by round_bf16: half
  ** the bytes a link, while weights, sums and the near ends stay float32. width is a multiple of
  ** STRIDE_STEP; rows are bf16_stride(stride) numbers apart, their order within is the set's own. */
  void (*forward_bf16) (const Sparse *W, int32_t o0, int32_t o1, size_t stride, int32_t width,
                        const uint16_t *x, const float *bias, float *y);
  void (*backward_bf16) (Sparse *W, int32_t i0, int32_t i1, size_t stride, int32_t width,
                         const float *x, const uint16_t *dy, float *dx, const Update *update,
                         float *gradient, int add);
  /* Copies a tile of `units` rows, each number rounded to the nearest bfloat16, ties to even; NaN
  ** stays NaN if it is what arithmetic makes, quiet and without a payload. copy and a point at the
  ** tile's first column. */
  void (*round_bf16) (uint16_t *copy, const float *a, int32_t units, size_t stride, int32_t width);
  /* And back. */
  void (*widen_bf16) (float *a, const uint16_t *copy, int32_t units, size_t stride, int32_t width);

  /* A dense layer of at most THIN outputs, weights w[o*n_in + i] (dense.h), x and dx from unit i0
  ** on. Forward: columns c0 <= c < c1 of y = bias + w x over input units i0 <= i < i1 only, c0 a
  ** multiple of STRIDE_STEP; with bias NULL the products are added to what y has. Backward: for
  ** these units dx = w' dy (skipped if dx is NULL) and the gradients dy x', which update the
  ** weights at once or go to `gradient`. */
  void (*thin_forward) (const float *w, int32_t n_in, int32_t n_out, int32_t i0, int32_t i1, size_t stride,
                        int32_t c0, int32_t c1, const float *x, const float *bias, float *y);
  void (*thin_backward) (float *w, float *momentum, int32_t n_in, int32_t n_out, int32_t i0, int32_t i1,
                         size_t stride, int32_t width, const float *x, const float *dy, float *dx,
                         const Update *update, float *gradient);

  /* SGD on n parameters whose gradients are the row sums of dy over `width` columns: biases. */
  void (*update_bias) (float *bias, float *velocity, int32_t n, size_t stride, int32_t width,
                       const float *dy, const Update *update);

  /* SGD on n parameters with the gradients `gradient`. */
  void (*update_parameters) (float *parameter, float *velocity, size_t n, const float *gradient, const Update *update);

  /* The elementwise rest of an update. The product of dy and x, times -rate * scale, has by then
  ** been added to momentum * v; with Nesterov to v as update_dense_before left it, which takes
  ** momentum, decay and the old velocity's part of the move off first. */
  void (*update_dense) (float *w, float *velocity, size_t n, const Update *update);
  void (*update_dense_before) (float *w, float *velocity, size_t n, const Update *update);

  /* a[e] *= mask * scale for elements first .. first + n - 1 of a layer. */
  void (*dropout) (float *a, size_t first, size_t n, const Dropout *dropout);

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
