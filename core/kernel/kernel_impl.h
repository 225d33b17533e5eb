/*
** kernel_impl.h -- the kernels' one source; each kernel_<isa>.c sets these and includes it:
**   KERNELS  name of the table    ISA  its name      VL  floats in a vector (4, 8 or 16)
**   VMAX     vectors of a tile of columns: as many as leave registers for both operands
**
** A tile is up to VMAX vectors wide, perhaps with half a vector more. Its shape is a
** compile-time constant: every (V, HALF) has its own loop, with accumulators in registers. A
** link then costs one load and one multiply-add a vector in the forward walk, one load and
** two multiply-adds in the backward walk.
*/
#include "kernel/kernel.h"
#include <string.h>
#include "kernel/vector_impl.h"
#include "kernel/rows_impl.h"

/* ---- forward --------------------------------------------------------------------------- */

/* Few vectors leave the multiply-adds waiting for each other: two links are then summed side
** by side, even and odd, and added at the end. */
INLINE void forward_shape (const Sparse *W, int32_t o0, int32_t o1, size_t stride, const void *x,
                           const float *bias, float *y, const int V, const int HALF, const int kind) {
  const int SIDES = V <= VMAX / 2 ? 2 : 1;
  const size_t bytes = row_bytes(stride, kind);
  const float *weight = W->w;
  const uint32_t *at = W->at;
  const int32_t *from = W->from;
  for (int32_t o = o0; o < o1; o++) {
    vec a[2][VMAX], r[VMAX];
    UNROLL for (int v = 0; v < V; v++) {
      a[0][v] = splat(bias[o]);
      a[1][v] = splat(0);
    }
#if HAS_HALF
    half h[2] = { bias[o] - (half){ 0 }, { 0 } };
#endif
    int64_t m = W->in_ptr[o], end = W->in_ptr[o + 1];
    float *yo = y + (size_t)(o - o0) * stride;
    fetch_near(yo + 2 * stride, V + HALF, 1);
    for (; m + SIDES <= end; m += SIDES) {
      UNROLL for (int s = 0; s < SIDES; s++) {
        const char *row = (const char *)x + (size_t)from[m + s] * bytes;
        float w = weight[at[m + s]];
        int64_t later = m + s + ahead(kind);
        fetch_far(x, bytes, from[later], V + HALF, kind);
        __builtin_prefetch(&weight[at[later]], 0, 3);
        take_row(r, row, V, kind);
        UNROLL for (int v = 0; v < V; v++) a[s][v] += splat(w) * r[v];
#if HAS_HALF
        if (HALF) h[s] += w * *(const loose_half *)((const float *)row + V * VL);
#endif
      }
    }
    if (SIDES == 2 && m < end) {
      const char *row = (const char *)x + (size_t)from[m] * bytes;
      float w = weight[at[m]];
      take_row(r, row, V, kind);
      UNROLL for (int v = 0; v < V; v++) a[0][v] += splat(w) * r[v];
#if HAS_HALF
      if (HALF) h[0] += w * *(const loose_half *)((const float *)row + V * VL);
#endif
    }
    UNROLL for (int v = 0; v < V; v++) store(yo + v * VL, SIDES == 2 ? a[0][v] + a[1][v] : a[0][v]);
#if HAS_HALF
    if (HALF) *(loose_half *)(yo + V * VL) = SIDES == 2 ? h[0] + h[1] : h[0];
#endif
  }
  (void)HALF;
}

/* ---- backward -------------------------------------------------------------------------- */

enum { CHUNK = 256 };  /* links of one input unit whose gradients are held at once */

/* The links k .. k+n-1 of one input unit; `part` gets their gradients, not yet summed across
** the vector. dx starts from zero if it is `fresh`. */
INLINE void walk_shape (const Sparse *W, int64_t k, int n, size_t stride, const float *x,
                        const void *dy, float *dx, int fresh, float *part,
                        const int V, const int HALF, const int DX, const int kind) {
  vec xv[VMAX], dxv[VMAX], dv[VMAX];
  const size_t bytes = row_bytes(stride, kind);
  UNROLL for (int v = 0; v < V; v++) {
    xv[v] = load(x + v * VL);
    if (DX) dxv[v] = fresh ? splat(0) : load(dx + v * VL);
  }
#if HAS_HALF
  half xh = { 0 }, dxh = { 0 };
  if (HALF) {
    xh = *(const loose_half *)(x + V * VL);
    if (DX && !fresh) dxh = *(const loose_half *)(dx + V * VL);
  }
#endif
  const int32_t *to = W->to + k;
  const float *weight = W->w + k;
  fetch_near(x + 2 * stride, V + HALF, 0);
  if (DX) fetch_near(dx + 2 * stride, V + HALF, 1);
  for (int j = 0; j < n; j++) {
    const char *d = (const char *)dy + (size_t)to[j] * bytes;
    float w = weight[j];
    vec s = splat(0);
    if (DX || kind == BF16) fetch_far(dy, bytes, to[j + ahead(kind)], V + HALF, kind);
#if HAS_HALF
    if (HALF) {
      half dh = *(const loose_half *)((const float *)d + V * VL);
      s += (vec)_mm512_zextps256_ps512((__m256)(xh * dh));
      if (DX) dxh += w * dh;
    }
#endif
    take_row(dv, d, V, kind);
    UNROLL for (int v = 0; v < V; v++) {
      if (DX) dxv[v] += splat(w) * dv[v];
      s += xv[v] * dv[v];
    }
    store(part + j * VL, s);
  }
  if (DX) {
    UNROLL for (int v = 0; v < V; v++) store(dx + v * VL, dxv[v]);
#if HAS_HALF
    if (HALF) *(loose_half *)(dx + V * VL) = dxh;
#endif
  }
  (void)HALF;
}

typedef void Walk (const Sparse *W, int64_t k, int n, size_t stride, const float *x,
                   const void *dy, float *dx, int fresh, float *part);
typedef void Forward (const Sparse *W, int32_t o0, int32_t o1, size_t stride, const void *x,
                      const float *bias, float *y);

#define SHAPE(V, H, T)                                                                           \
  static void forward_##V##_##H##_##T (const Sparse *W, int32_t o0, int32_t o1, size_t stride,   \
                                       const void *x, const float *bias, float *y) {             \
    forward_shape(W, o0, o1, stride, x, bias, y, V, H, T);                                       \
  }                                                                                              \
  static void walk_##V##_##H##_##T (const Sparse *W, int64_t k, int n, size_t stride,            \
                                    const float *x, const void *dy, float *dx, int fresh,        \
                                    float *part) {                                               \
    walk_shape(W, k, n, stride, x, dy, dx, fresh, part, V, H, 1, T);                             \
  }                                                                                              \
  static void grad_##V##_##H##_##T (const Sparse *W, int64_t k, int n, size_t stride,            \
                                    const float *x, const void *dy, float *dx, int fresh,        \
                                    float *part) {                                               \
    walk_shape(W, k, n, stride, x, dy, dx, fresh, part, V, H, 0, T);                             \
  }
/* Whole vectors exist for both kinds of rows, half ones for floats only. */
#define WHOLE(V) SHAPE(V, 0, 0) SHAPE(V, 0, 1)

WHOLE(1) WHOLE(2) WHOLE(3) WHOLE(4)
#if VMAX > 4
WHOLE(5) WHOLE(6)
#endif
#if VMAX > 6
WHOLE(7) WHOLE(8)
#endif
#if HAS_HALF
SHAPE(0, 1, 0) SHAPE(1, 1, 0) SHAPE(2, 1, 0) SHAPE(3, 1, 0) SHAPE(4, 1, 0) SHAPE(5, 1, 0) SHAPE(6, 1, 0)
SHAPE(7, 1, 0) SHAPE(8, 1, 0)
#define ROW(f, V) { f##V##_0_0, f##V##_1_0, f##V##_0_1 }
#define ROW0(f) { NULL, f##0_1_0, NULL }
#else
#define ROW(f, V) { f##V##_0_0, NULL, f##V##_0_1 }
#define ROW0(f) { NULL, NULL, NULL }
#endif
#if VMAX > 6
#define ROWS(f) { ROW0(f), ROW(f, 1), ROW(f, 2), ROW(f, 3), ROW(f, 4), ROW(f, 5), ROW(f, 6), ROW(f, 7), ROW(f, 8) }
#elif VMAX > 4
#define ROWS(f) { ROW0(f), ROW(f, 1), ROW(f, 2), ROW(f, 3), ROW(f, 4), ROW(f, 5), ROW(f, 6) }
#else
#define ROWS(f) { ROW0(f), ROW(f, 1), ROW(f, 2), ROW(f, 3), ROW(f, 4) }
#endif
enum { HALF_VECTOR = 1, IN_BF16 = 2 };  /* columns of these tables; 0: whole vectors of floats */
static Forward *const forwards[VMAX + 1][3] = ROWS(forward_);
static Walk *const walks[VMAX + 1][3] = ROWS(walk_);
static Walk *const grads[VMAX + 1][3] = ROWS(grad_);

static void forward (const Sparse *W, int32_t o0, int32_t o1, size_t stride, int32_t width,
                     const float *x, const float *bias, float *y) {
  forwards[width / VL][width % VL != 0 ? HALF_VECTOR : 0](W, o0, o1, stride, x, bias, y);
}

static void forward_bf16 (const Sparse *W, int32_t o0, int32_t o1, size_t stride, int32_t width,
                          const uint16_t *x, const float *bias, float *y) {
  forwards[width / VL][IN_BF16](W, o0, o1, stride, x, bias, y);
}

/* v and w of n <= VL parameters, one step. */
INLINE void update_vector (vec *w, vec *v, vec g, const Update *u) {
  vec rg = u->rate * (u->scale * g + u->couple * *w);
  *v = u->momentum * *v - rg;
  vec move = u->nesterov ? u->momentum * *v - rg : *v;
  *w = *w + move - u->shrink * *w;
}

/* One step of n <= VL links from k on, whose gradients are in the lanes of g. */
INLINE void update_links (Sparse *W, int64_t k, int n, vec g, const Update *u) {
  vec w, v;
  if (n == VL) {
    w = load(W->w + k);
    v = load(W->momentum + k);
    update_vector(&w, &v, g, u);
    store(W->w + k, w);
    store(W->momentum + k, v);
  } else {
    w = load_part(W->w + k, n);
    v = load_part(W->momentum + k, n);
    update_vector(&w, &v, g, u);
    store_part(W->w + k, w, n);
    store_part(W->momentum + k, v, n);
  }
}

/* Sums the parts across; updates or stores the links k .. k+n-1. */
static void finish_links (Sparse *W, int64_t k, int n, float *part, const Update *u,
                          float *gradient, int add) {
  for (int j = n; j % VL != 0; j++) store(part + j * VL, splat(0));
  for (int j = 0; j < n; j += VL) {
    int here = n - j < VL ? n - j : VL;
    vec q[VL / 4];
    UNROLL for (int p = 0; p < VL / 4; p++) q[p] = sums4(part + (j + 4 * p) * VL);
    vec g = sums(q);
    if (add) g += load_part(gradient + k + j, here);
    if (u) update_links(W, k + j, here, g, u);
    else store_part(gradient + k + j, g, here);
  }
}

INLINE void walk_units (Sparse *W, int32_t i0, int32_t i1, size_t stride, int32_t width, const float *x,
                        const void *dy, float *dx, const Update *u, float *gradient, int add, Walk *walk) {
  float part[CHUNK * VL] __attribute__((aligned(64)));
  for (int32_t i = i0; i < i1; i++) {
    const float *xi = x + (size_t)(i - i0) * stride;
    float *dxi = dx ? dx + (size_t)(i - i0) * stride : NULL;
    int64_t start = W->ptr[i], end = W->ptr[i + 1];
    if (dx && start == end) memset(dxi, 0, (size_t)width * sizeof *dxi);
    for (int64_t k = start; k < end; k += CHUNK) {
      int n = end - k < CHUNK ? (int)(end - k) : CHUNK;
      fetch_weights(W->w + k + n, n);
      walk(W, k, n, stride, xi, dy, dxi, k == start, part);
      finish_links(W, k, n, part, u, gradient, add);
    }
  }
}

static void backward (Sparse *W, int32_t i0, int32_t i1, size_t stride, int32_t width,
                      const float *x, const float *dy, float *dx, const Update *u,
                      float *gradient, int add) {
  walk_units(W, i0, i1, stride, width, x, dy, dx, u, gradient, add,
             (dx ? walks : grads)[width / VL][width % VL != 0 ? HALF_VECTOR : 0]);
}

static void backward_bf16 (Sparse *W, int32_t i0, int32_t i1, size_t stride, int32_t width,
                           const float *x, const uint16_t *dy, float *dx, const Update *u,
                           float *gradient, int add) {
  walk_units(W, i0, i1, stride, width, x, dy, dx, u, gradient, add, (dx ? walks : grads)[width / VL][IN_BF16]);
}

#include "kernel/thin_impl.h"

/* ---- the small loops: the compiler vectorises them ------------------------------------- */

static void update_bias (float *bias, float *velocity, int32_t n, size_t stride, int32_t width,
                         const float *dy, const Update *u) {
  for (int32_t o = 0; o < n; o++) {
    const float *d = dy + (size_t)o * stride;
    float lane[WIDTH_STEP] = { 0 };
    for (int32_t b = 0; b < width; b += WIDTH_STEP)
      for (int l = 0; l < WIDTH_STEP; l++) lane[l] += d[b + l];
    float g = ((lane[0] + lane[4]) + (lane[1] + lane[5])) + ((lane[2] + lane[6]) + (lane[3] + lane[7]));
    float rg = u->rate * (u->scale * g + u->couple * bias[o]);
    velocity[o] = u->momentum * velocity[o] - rg;
    float move = u->nesterov ? u->momentum * velocity[o] - rg : velocity[o];
    bias[o] += move - u->shrink * bias[o];
  }
}

static void update_parameters (float *parameter, float *velocity, size_t n, const float *gradient, const Update *u) {
  for (size_t e = 0; e < n; e += VL) {
    int here = here_of(n, e);
    vec w = get(parameter + e, here), v = get(velocity + e, here);
    update_vector(&w, &v, get(gradient + e, here), u);
    put(parameter + e, w, here);
    put(velocity + e, v, here);
  }
}

/* With Nesterov, w + mu v - rg = w - mu v_old + (1 + mu) v: what the old weight and velocity
** say is taken care of here, decay too, and the gradient is then added to mu v_old - rate couple w. */
static void update_dense_before (float *w, float *velocity, size_t n, const Update *u) {
  float couple = u->rate * u->couple;
  for (size_t e = 0; e < n; e++) {
    float kept = u->momentum * velocity[e];
    velocity[e] = kept - couple * w[e];
    w[e] -= kept + u->shrink * w[e];
  }
}

static void update_dense (float *w, float *velocity, size_t n, const Update *u) {
  float couple = u->rate * u->couple;
  if (u->nesterov) {
    for (size_t e = 0; e < n; e++) w[e] += (1 + u->momentum) * velocity[e];
  } else if (couple != 0) {
    for (size_t e = 0; e < n; e++) {
      velocity[e] -= couple * w[e];
      w[e] += velocity[e] - u->shrink * w[e];
    }
  } else {
    for (size_t e = 0; e < n; e++) w[e] += velocity[e] - u->shrink * w[e];
  }
}

/* murmur3's finaliser over element number and key: no state, so that any thread can make any
** part of the mask, and the backward pass makes the same one again. */
static void dropout (float *a, size_t first, size_t n, const Dropout *drop) {
  const uint32_t golden = 0x9e3779b1u;
  bits lane;
  for (uint32_t l = 0; l < VL; l++) lane[l] = ((uint32_t)first + l) * golden;
  for (size_t e = 0; e < n; e += VL, lane += VL * golden) {
    int here = here_of(n, e);
    bits h = lane ^ drop->key;
    h = (h ^ (h >> 16)) * 0x85ebca6bu;
    h = (h ^ (h >> 13)) * 0xc2b2ae35u;
    h ^= h >> 16;
    put(a + e, keep(get(a + e, here) * drop->scale, (bits)(h >= drop->threshold)), here);
  }
}

#include "kernel/batch_impl.h"
#include "kernel/augment_impl.h"
#include "kernel/activation_impl.h"

const Kernels KERNELS = {
  .isa = ISA, .widest = VMAX * VL, .activations = activations, .forward = forward, .backward = backward,
  .forward_bf16 = forward_bf16, .backward_bf16 = backward_bf16, .round_bf16 = round_bf16, .widen_bf16 = widen_bf16,
  .thin_forward = thin_forward, .thin_backward = thin_backward,
  .update_bias = update_bias, .update_parameters = update_parameters, .update_dense = update_dense,
  .update_dense_before = update_dense_before, .dropout = dropout,
  .batch_bytes = batch_bytes, .batch_floats = batch_floats,
  .warp_bytes = warp_bytes, .warp_floats = warp_floats,
};
