/*
** thin_impl.h -- dense layers of few outputs, a classifier's last; included by kernel_impl.h only.
**
** BLAS packs its operands before it multiplies them, which does not pay where one side is ten:
** here the few rows of outputs stay in the first cache level and everything else is touched
** once. Weights lie as in dense.h, w[o*n_in + i].
*/

/* ---- forward: N outputs of VL columns in registers, walked over all inputs ---- */

INLINE void thin_sums (const float *w, size_t n_in, size_t n, const float *x, size_t stride, const float *bias,
                       float *y, size_t y_stride, const int N) {
  vec a[THIN];
  UNROLL for (int o = 0; o < N; o++) a[o] = bias ? splat(bias[o]) : load(y + (size_t)o * y_stride);
  for (size_t i = 0; i < n; i++) {
    vec xi = load(x + i * stride);
    __builtin_prefetch(x + (i + AHEAD_BF16) * stride, 0, 3);
    UNROLL for (int o = 0; o < N; o++) a[o] += splat(w[(size_t)o * n_in + i]) * xi;
  }
  UNROLL for (int o = 0; o < N; o++) store(y + (size_t)o * y_stride, a[o]);
}

typedef void ThinSums (const float *w, size_t n_in, size_t n, const float *x, size_t stride, const float *bias,
                       float *y, size_t y_stride);
#define THIN_SUMS(N)                                                                             \
  static void thin_sums_##N (const float *w, size_t n_in, size_t n, const float *x, size_t stride, \
                             const float *bias, float *y, size_t y_stride) {                     \
    thin_sums(w, n_in, n, x, stride, bias, y, y_stride, N);                                      \
  }
THIN_SUMS(1) THIN_SUMS(2) THIN_SUMS(3) THIN_SUMS(4) THIN_SUMS(5) THIN_SUMS(6) THIN_SUMS(7) THIN_SUMS(8)
THIN_SUMS(9) THIN_SUMS(10) THIN_SUMS(11) THIN_SUMS(12)
static ThinSums *const thin_sums_of[THIN + 1] = {
  NULL, thin_sums_1, thin_sums_2, thin_sums_3, thin_sums_4, thin_sums_5, thin_sums_6, thin_sums_7,
  thin_sums_8, thin_sums_9, thin_sums_10, thin_sums_11, thin_sums_12,
};

static void thin_forward (const float *w, int32_t n_in, int32_t n_out, int32_t i0, int32_t i1, int32_t c0, int32_t c1,
                          FloatRows x, const float *bias, float *y, size_t y_stride) {
  for (int32_t c = c0; c < c1; c += VL)
    thin_sums_of[n_out](w + i0, (size_t)n_in, (size_t)(i1 - i0), x.floats + c, x.stride, bias, y + c, y_stride);
}

/* ---- backward: one input's columns in registers, walked over the outputs ---- */

/* part[o] gets x * dy[o], not yet summed across, added to what it has if there were columns `before`. */
INLINE void thin_shape (const float *w, size_t n_in, int32_t n_out, const float *x, const float *dy, size_t stride,
                        float *dx, float *part, int before, const Through *through, float *sum, const int V, const int DX) {
  enum { STEP = VL * VL };   /* from an output's part to the next one's */
  vec xv[VMAX], dxv[VMAX];
  UNROLL for (int v = 0; v < V; v++) {
    xv[v] = load(x + v * VL);
    dxv[v] = splat(0);
  }
  for (int32_t o = 0; o < n_out; o++, dy += stride) {
    vec weight = splat(w[(size_t)o * n_in]), s = splat(0);
    if (DX) HOLD(weight);
    UNROLL for (int v = 0; v < V; v++) {
      vec dv = load(dy + v * VL);
      if (DX) {
        HOLD(dv);
        dxv[v] += weight * dv;
      }
      s = v == 0 ? xv[0] * dv : s + xv[v] * dv;
    }
    store(part + (size_t)o * STEP, before ? load(part + (size_t)o * STEP) + s : s);
  }
  if (DX && through) *sum = go_through(xv, dxv, through, V);
  if (DX) {
    UNROLL for (int v = 0; v < V; v++) store(dx + v * VL, dxv[v]);
  }
}

typedef void Thin (const float *w, size_t n_in, int32_t n_out, const float *x, const float *dy, size_t stride, float *dx,
                   float *part, int before, const Through *through, float *sum);
#define THIN_ONE(name, N, DX)                                                                    \
  static void name (const float *w, size_t n_in, int32_t n_out, const float *x, const float *dy, size_t stride, \
                    float *dx, float *part, int before, const Through *through, float *sum) {    \
    thin_shape(w, n_in, n_out, x, dy, stride, dx, part, before, through, sum, N * STRIDE_STEP / VL, DX);       \
  }
#define THIN_SHAPE(N) THIN_ONE(thin_##N, N, 1) THIN_ONE(thin_grad_##N, N, 0)
THIN_SHAPE(1) THIN_SHAPE(2)
#if STEPS > 2
THIN_SHAPE(3)
#endif
#if STEPS > 3
THIN_SHAPE(4)
#define THINS(f) { f##1, f##2, f##3, f##4 }
#elif STEPS > 2
#define THINS(f) { f##1, f##2, f##3 }
#else
#define THINS(f) { f##1, f##2 }
#endif
static Thin *const thins[STEPS] = THINS(thin_), *const thin_grads[STEPS] = THINS(thin_grad_);

/* For so many columns, with an input gradient or without. */
INLINE Thin *thin_of (int32_t width, int dx) {
  int32_t steps = width / STRIDE_STEP;
  return dx ? thins[steps - 1] : thin_grads[steps - 1];
}

/* The parts of up to VL inputs, all columns; dx is made on the way, of each run of columns by itself. */
INLINE void thin_inputs (const float *w, int32_t n_in, int32_t n_out, int n, int32_t width, const float *x, size_t stride,
                         FloatRows dy, float *dx, size_t dx_stride, float *part, const Through *through, float *sum) {
  enum { RUN = STEPS * STRIDE_STEP };
  for (int j = 0; j < n; j++)
    for (int32_t c = 0; c < width; c += RUN) {
      int32_t here = width - c < RUN ? width - c : RUN;
      thin_of(here, dx != NULL)(w + j, (size_t)n_in, n_out, x + (size_t)j * stride + c, dy.floats + c, dy.stride,
                                dx ? dx + (size_t)j * dx_stride + c : NULL, part + j * VL, c > 0, through, sum ? sum + j : NULL);
    }
}

static void thin_backward (const Learnt *links, int32_t n_in, int32_t n_out, int32_t i0, int32_t i1, int32_t width,
                           FloatRows x, FloatRows dy, float *dx, size_t dx_stride, const Sink *sink, const Through *through) {
  const Fan fan = { .w = links->value, .velocity = links->velocity, .second = links->second, .age = links->age };
  float part[THIN * VL * VL] __attribute__((aligned(64)));  /* [output][input][lane] */
  for (int32_t i = i0; i < i1; i += VL) {
    int n = i1 - i < VL ? i1 - i : VL;
    size_t first = (size_t)(i - i0);
    thin_inputs(links->value + i, n_in, n_out, n, width, x.floats + first * x.stride, x.stride, dy, dx ? dx + first * dx_stride : NULL,
                dx_stride, part, through, through ? through->sum + first : NULL);
    for (int32_t o = 0; o < n_out; o++) {
      float g[VL];
      vec q[VL / 4];
      float *mine = part + (size_t)o * VL * VL;
      for (int j = n; j < VL; j++) store(mine + j * VL, splat(0));
      UNROLL for (int p = 0; p < VL / 4; p++) q[p] = sums4(mine + 4 * p * VL);
      int64_t k = (int64_t)o * n_in + i;
      if (!sink->update && !sink->add) {
        put(sink->gradient + k, sums(q), n);
        continue;
      }
      store(g, sums(q));
      finish_links(&fan, k, (size_t)n, g, sink);
    }
  }
}
