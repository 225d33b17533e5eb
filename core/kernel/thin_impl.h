/*
** thin_impl.h -- dense layers of few outputs, a classifier's last; included by kernel_impl.h only.
**
** BLAS packs its operands before it multiplies them, which does not pay where one side is ten:
** here the few rows of outputs stay in the first cache level and everything else is touched
** once. Weights lie as in dense.h, w[o*n_in + i].
*/

/* ---- forward: N outputs of VL columns in registers, walked over all inputs ---- */

INLINE void thin_sums (const float *w, size_t n_in, size_t n, size_t stride, const float *x, const float *bias,
                       float *y, const int N) {
  vec a[THIN];
  UNROLL for (int o = 0; o < N; o++) a[o] = bias ? splat(bias[o]) : load(y + (size_t)o * stride);
  for (size_t i = 0; i < n; i++) {
    vec xi = load(x + i * stride);
    __builtin_prefetch(x + (i + AHEAD_BF16) * stride, 0, 3);
    UNROLL for (int o = 0; o < N; o++) a[o] += splat(w[(size_t)o * n_in + i]) * xi;
  }
  UNROLL for (int o = 0; o < N; o++) store(y + (size_t)o * stride, a[o]);
}

typedef void ThinSums (const float *w, size_t n_in, size_t n, size_t stride, const float *x, const float *bias,
                       float *y);
#define THIN_SUMS(N)                                                                             \
  static void thin_sums_##N (const float *w, size_t n_in, size_t n, size_t stride,               \
                             const float *x, const float *bias, float *y) {                      \
    thin_sums(w, n_in, n, stride, x, bias, y, N);                                                \
  }
THIN_SUMS(1) THIN_SUMS(2) THIN_SUMS(3) THIN_SUMS(4) THIN_SUMS(5) THIN_SUMS(6) THIN_SUMS(7) THIN_SUMS(8)
THIN_SUMS(9) THIN_SUMS(10) THIN_SUMS(11) THIN_SUMS(12)
static ThinSums *const thin_sums_of[THIN + 1] = {
  NULL, thin_sums_1, thin_sums_2, thin_sums_3, thin_sums_4, thin_sums_5, thin_sums_6, thin_sums_7,
  thin_sums_8, thin_sums_9, thin_sums_10, thin_sums_11, thin_sums_12,
};

/* Columns past the width are computed along, where the last vector has some. */
static void thin_forward (const float *w, int32_t n_in, int32_t n_out, int32_t i0, int32_t i1, size_t stride,
                          int32_t c0, int32_t c1, const float *x, const float *bias, float *y) {
  for (int32_t c = c0; c < c1; c += VL)
    thin_sums_of[n_out](w + i0, (size_t)n_in, (size_t)(i1 - i0), stride, x + c, bias, y + c);
}

/* ---- backward: one input's columns in registers, walked over the outputs ---- */

/* part[o] gets x * dy[o], not yet summed across, added to what it has if there were columns `before`. */
INLINE void thin_shape (const float *w, size_t n_in, int32_t n_out, size_t stride, const float *x, const float *dy,
                        float *dx, float *part, size_t step, int before, const int V, const int HALF, const int DX) {
  vec xv[VMAX], dxv[VMAX];
  UNROLL for (int v = 0; v < V; v++) {
    xv[v] = load(x + v * VL);
    dxv[v] = splat(0);
  }
#if HAS_HALF
  half xh = { 0 }, dxh = { 0 };
  if (HALF) xh = *(const loose_half *)(x + V * VL);
#endif
  fetch_near(x + 2 * stride, V + HALF, 0);
  if (DX) fetch_near(dx + 2 * stride, V + HALF, 1);
  for (int32_t o = 0; o < n_out; o++, dy += stride) {
    float weight = w[(size_t)o * n_in];
    vec s = before ? load(part + (size_t)o * step) : splat(0);
#if HAS_HALF
    if (HALF) {
      half dh = *(const loose_half *)(dy + V * VL);
      s += (vec)_mm512_zextps256_ps512((__m256)(xh * dh));
      if (DX) dxh += weight * dh;
    }
#endif
    UNROLL for (int v = 0; v < V; v++) {
      vec dv = load(dy + v * VL);
      if (DX) dxv[v] += splat(weight) * dv;
      s += xv[v] * dv;
    }
    store(part + (size_t)o * step, s);
  }
  if (DX) {
    UNROLL for (int v = 0; v < V; v++) store(dx + v * VL, dxv[v]);
#if HAS_HALF
    if (HALF) *(loose_half *)(dx + V * VL) = dxh;
#endif
  }
  (void)HALF;
}

typedef void Thin (const float *w, size_t n_in, int32_t n_out, size_t stride, const float *x, const float *dy,
                   float *dx, float *part, size_t step, int before);
#define THIN_ONE(name, V, H, DX)                                                                 \
  static void name (const float *w, size_t n_in, int32_t n_out, size_t stride, const float *x,   \
                    const float *dy, float *dx, float *part, size_t step, int before) {          \
    thin_shape(w, n_in, n_out, stride, x, dy, dx, part, step, before, V, H, DX);                 \
  }
#define THIN_SHAPE(V, H) THIN_ONE(thin_##V##_##H, V, H, 1) THIN_ONE(thin_grad_##V##_##H, V, H, 0)
THIN_SHAPE(1, 0) THIN_SHAPE(2, 0) THIN_SHAPE(3, 0) THIN_SHAPE(4, 0)
#if VMAX > 4
THIN_SHAPE(5, 0) THIN_SHAPE(6, 0)
#endif
#if VMAX > 6
THIN_SHAPE(7, 0) THIN_SHAPE(8, 0)
#endif
#undef ROW
#undef ROW0
#if HAS_HALF
THIN_SHAPE(0, 1) THIN_SHAPE(1, 1) THIN_SHAPE(2, 1) THIN_SHAPE(3, 1) THIN_SHAPE(4, 1) THIN_SHAPE(5, 1) THIN_SHAPE(6, 1)
THIN_SHAPE(7, 1)
#define ROW(f, V) { f##V##_0, V < VMAX ? f##V##_1 : NULL }
#define ROW0(f) { NULL, f##0_1 }
#define thin_8_1 NULL
#define thin_grad_8_1 NULL
#else
#define ROW(f, V) { f##V##_0, NULL }
#define ROW0(f) { NULL, NULL }
#endif
static Thin *const thins[VMAX + 1][2] = ROWS(thin_);
static Thin *const thin_grads[VMAX + 1][2] = ROWS(thin_grad_);

/* The parts of up to VL inputs, all columns; dx is made on the way, of each run of columns by itself. */
INLINE void thin_inputs (const float *w, int32_t n_in, int32_t n_out, int n, size_t stride, int32_t width,
                         const float *x, const float *dy, float *dx, float *part) {
  enum { RUN = VMAX * VL };
  for (int j = 0; j < n; j++)
    for (int32_t c = 0; c < width; c += RUN) {
      int32_t here = width - c < RUN ? width - c : RUN;
      size_t at = (size_t)j * stride + (size_t)c;
      (dx ? thins : thin_grads)[here / VL][here % VL != 0](w + j, (size_t)n_in, n_out, stride, x + at, dy + c,
                                                           dx ? dx + at : NULL, part + j * VL, VL * VL, c > 0);
    }
}

static void thin_backward (float *w, float *momentum, int32_t n_in, int32_t n_out, int32_t i0, int32_t i1,
                           size_t stride, int32_t width, const float *x, const float *dy, float *dx,
                           const Update *u, float *gradient) {
  float part[THIN * VL * VL] __attribute__((aligned(64)));  /* [output][input][lane] */
  Sparse row = { .w = w, .momentum = momentum };            /* what finish_links updates */
  for (int32_t i = i0; i < i1; i += VL) {
    int n = i1 - i < VL ? i1 - i : VL;
    size_t at = (size_t)(i - i0) * stride;
    thin_inputs(w + i, n_in, n_out, n, stride, width, x + at, dy, dx ? dx + at : NULL, part);
    for (int32_t o = 0; o < n_out; o++)
      finish_links(&row, (int64_t)o * n_in + i, n, part + (size_t)o * VL * VL, u, gradient, 0);
  }
}
