/*
** activation_impl.h -- the activations; included by kernel_impl.h only.
**
** Derivatives are written in terms of the value y = f(sum), which is what the net keeps; what does
** not follow from y is kept in addition.
*/
#include <math.h>

static void linear_forward (float *a, size_t n, float slope) { (void)a; (void)n; (void)slope; }
static void linear_backward (const float *a, float *delta, size_t n, float slope, float drop_scale) {
  (void)a; (void)delta; (void)n; (void)slope; (void)drop_scale;
}

static void relu_forward (float *a, size_t n, float slope) {
  (void)slope;
  for (size_t e = 0; e < n; e++) a[e] = a[e] > 0 ? a[e] : a[e] != a[e] ? a[e] : 0;  /* NaN passes */
}
static void relu_backward (const float *a, float *delta, size_t n, float slope, float drop_scale) {
  (void)slope;
  for (size_t e = 0; e < n; e += VL) {
    int here = here_of(n, e);
    put(delta + e, keep(get(delta + e, here) * drop_scale, (bits)(get(a + e, here) > 0)), here);
  }
}

static void leaky_relu_forward (float *a, size_t n, float slope) {
  for (size_t e = 0; e < n; e += VL) {
    int here = here_of(n, e);
    vec y = get(a + e, here);
    put(a + e, either((bits)(y > 0), y, slope * y), here);
  }
}
static void leaky_relu_backward (const float *a, float *delta, size_t n, float slope, float drop_scale) {
  (void)drop_scale;
  for (size_t e = 0; e < n; e += VL) {
    int here = here_of(n, e);
    vec d = get(delta + e, here);
    put(delta + e, either((bits)(get(a + e, here) > 0), d, slope * d), here);
  }
}

/* The signs of VL elements stand in part of a word, or in the whole. */
INLINE bits lanes_of (uint32_t word) {
  bits lane;
  for (int l = 0; l < VL; l++) lane[l] = 1u << l;
  return (bits)((((bits){ 0 } + word) & lane) != 0);
}

static void leaky_relu_forward_signs (float *a, uint16_t *sign, size_t n, float slope) {
  for (size_t e = 0; e < n; e += SIGNS) {
    uint32_t word = 0;
    for (size_t i = e; i < e + SIGNS && i < n; i += VL) {
      int here = here_of(n, i);
      vec x = get(a + i, here);
      bits up = (bits)(x > 0);
      word |= mask_word(up) << (i - e);
      put(a + i, either(up, x, slope * x), here);
    }
    sign[e / SIGNS] = (uint16_t)word;
  }
}
static void leaky_relu_backward_signs (const uint16_t *sign, float *delta, size_t n, float slope) {
  for (size_t e = 0; e < n; e += VL) {
    int here = here_of(n, e);
    vec d = get(delta + e, here);
    put(delta + e, either(lanes_of((uint32_t)sign[e / SIGNS] >> (e % SIGNS)), d, slope * d), here);
  }
}

static void sigmoid_forward (float *a, size_t n, float slope) {
  (void)slope;
  for (size_t e = 0; e < n; e++) a[e] = 1 / (1 + expf(-a[e]));
}
static void sigmoid_backward (const float *a, float *delta, size_t n, float slope, float drop_scale) {
  (void)slope;
  for (size_t e = 0; e < n; e++) {
    float y = a[e] / drop_scale;
    delta[e] *= y * (1 - y);
  }
}

static void tanh_forward (float *a, size_t n, float slope) {
  (void)slope;
  for (size_t e = 0; e < n; e++) a[e] = tanhf(a[e]);
}
static void tanh_backward (const float *a, float *delta, size_t n, float slope, float drop_scale) {
  (void)slope;
  for (size_t e = 0; e < n; e++) {
    float y = a[e] / drop_scale;
    delta[e] *= 1 - y * y;
  }
}

/* ---- smooth ones, which fall before they rise: a value does not tell its sum, so sums are kept ---- */

/* A value, and its derivative by the sum. */
typedef struct Smooth { vec value, slope; } Smooth;

/* SiLU (Elfwing and others 2018): x / (1 + e^-x). */
INLINE Smooth silu_of (vec x) {
  vec less = one_less_exp(-absolute(x)), up = 1 / (2 - less);
  vec s = either((bits)(x > 0), up, (1 - less) * up);
  return (Smooth){ x * s, s * (1 + x * (1 - s)) };
}

/* GELU (Hendrycks and Gimpel 2016): x times the share of the normal distribution below x; the error function by Abramowitz and
** Stegun's 7.1.26, whose error is at most 1.5e-7. */
INLINE Smooth gelu_of (vec x) {
  vec z = absolute(x) * 0.70710678f, bell = 1 - one_less_exp(-z * z), t = 1 / (1 + 0.3275911f * z);
  vec rest = t * (0.254829592f + t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f))));
  vec low = 0.5f * rest * bell, below = either((bits)(x > 0), 1 - low, low);
  return (Smooth){ x * below, below + x * bell * 0.39894228f };
}

#define SMOOTH(name)                                                                             \
  static void name##_forward (float *a, float *sums, int32_t units, size_t stride, int32_t width, const float *parameter, size_t run) { \
    (void)parameter; (void)run;                                                                  \
    for (int32_t u = 0; u < units; u++, a += stride, sums += sums ? stride : 0)                  \
      for (int32_t c = 0; c < width; c += VL) {                                                  \
        int here = here_of((size_t)width, (size_t)c);                                            \
        vec x = get(a + c, here);                                                                \
        if (sums) put(sums + c, x, here);                                                        \
        put(a + c, name##_of(x).value, here);                                                    \
      }                                                                                          \
  }                                                                                              \
  static void name##_backward (const float *a, float drop_scale, const float *sums, float *delta, int32_t units, size_t stride, int32_t width, \
                               const float *parameter, size_t run, float *gradient, int add) {   \
    (void)a; (void)drop_scale; (void)parameter; (void)run; (void)gradient; (void)add;            \
    for (int32_t u = 0; u < units; u++, sums += stride, delta += stride)                         \
      for (int32_t c = 0; c < width; c += VL) {                                                  \
        int here = here_of((size_t)width, (size_t)c);                                            \
        put(delta + c, get(delta + c, here) * name##_of(get(sums + c, here)).slope, here);       \
      }                                                                                          \
  }
SMOOTH(silu)
SMOOTH(gelu)

/* ---- SReLU (Jin and others 2016) ----
** Two lines meet the diagonal, one at t_left from below, one at t_left + |t_right| from above:
**   y = t_left + a_left * (x - t_left)   if x <= t_left
**   y = top + a_right * (x - top)        if x >= top = t_left + |t_right|, else x
** Where both hold, which takes t_right = 0, the left one counts. */

enum { T_LEFT, A_LEFT, T_RIGHT, A_RIGHT };

static void srelu_start (float *parameter, int32_t n, Rng *rng) {
  for (int32_t u = 0; u < n; u++) {
    parameter[T_LEFT * n + u] = 0;
    parameter[A_LEFT * n + u] = (float)rng_double(rng);
    parameter[T_RIGHT * n + u] = (float)(5 * rng_double(rng));
    parameter[A_RIGHT * n + u] = 1;
  }
}

/* One unit's. The lines' heights at 0 save a subtraction. */
typedef struct Srelu { float left, top, a_left, a_right, at_left, at_right; } Srelu;

INLINE Srelu srelu_of (const float *parameter, size_t run) {
  float left = parameter[T_LEFT * run], top = left + fabsf(parameter[T_RIGHT * run]);
  float a_left = parameter[A_LEFT * run], a_right = parameter[A_RIGHT * run];
  return (Srelu){ left, top, a_left, a_right, left * (1 - a_left), top * (1 - a_right) };
}

/* Where both lines rise, and not too slowly, the sum can be computed back from the value with the
** loss of a few bits; else the sum must be kept. Most units' lines do, and writing and reading
** their sums, too, would take longer than all else about this activation. */
INLINE int srelu_inverts (const Srelu *s) { return s->a_left >= 0x1p-4f && s->a_right >= 0x1p-4f; }

INLINE void srelu_vector (float *a, const Srelu *s, int here) {
  vec x = get(a, here), above = choose(at_least(x, s->top), s->a_right * x + s->at_right, x);
  put(a, choose(at_most(x, s->left), s->a_left * x + s->at_left, above), here);
}

static void srelu_forward (float *a, float *sums, int32_t units, size_t stride, int32_t width,
                           const float *parameter, size_t run) {
  for (int32_t u = 0, c = 0; u < units; u++, a += stride, c = 0) {
    Srelu s = srelu_of(parameter + u, run);
    if (sums && !srelu_inverts(&s)) memcpy(sums + (size_t)u * stride, a, (size_t)width * sizeof *a);
    for (; c + VL <= width; c += VL) srelu_vector(a + c, &s, VL);
    if (c < width) srelu_vector(a + c, &s, width - c);
  }
}

/* Sums of a row: of delta, and of delta * x, on the left line and on the right one. */
enum { LOW, LOW_X, HIGH, HIGH_X };

/* delta times the slope, added to the sums first. */
INLINE void srelu_delta (const float *row, float *delta, const Srelu *s, vec sum[4], int here) {
  vec x = get(row, here), d = get(delta, here);
  where low = at_most(x, s->left), high = but_not(at_least(x, s->top), low);
  sum[LOW] = add_where(low, sum[LOW], d);
  sum[LOW_X] = add_product_where(low, sum[LOW_X], d, x);
  sum[HIGH] = add_where(high, sum[HIGH], d);
  sum[HIGH_X] = add_product_where(high, sum[HIGH_X], d, x);
  put(delta, choose(low, splat(s->a_left), choose(high, splat(s->a_right), splat(1))) * d, here);
}

/* x are the unit's sums; or its values, which lie on the same sides of the same borders. The sums of
** the row go to total[kind][j]. */
INLINE void srelu_row (const float *row, float *delta, int32_t width, const Srelu *s, float total[4][VL], int j) {
  vec sum[4] = { splat(0), splat(0), splat(0), splat(0) };
  int32_t c = 0;
  for (; c + VL <= width; c += VL) srelu_delta(row + c, delta + c, s, sum, VL);
  if (c < width) srelu_delta(row + c, delta + c, s, sum, width - c);
  vec q = fold2(fold(sum[0], sum[1]), fold(sum[2], sum[3]));
  quarter part[VL / 4];
  memcpy(part, &q, sizeof q);
  UNROLL for (int p = VL / 8; p > 0; p /= 2)
    for (int i = 0; i < p; i++) part[i] += part[i + p];
  UNROLL for (int k = 0; k < 4; k++) total[k][j] = part[0][k];
}

/* The gradients of n <= VL units from the totals of their rows. Values lie higher or lower than sums
** by the slope of their line: `by_value` where a unit's x are those, `scale` times as large by dropout. */
INLINE void srelu_gradients (float total[4][VL], bits by_value, float scale, int n, const float *parameter, size_t run,
                             float *gradient, int add) {
  vec left = get(parameter + T_LEFT * run, n), a_left = get(parameter + A_LEFT * run, n);
  vec right = get(parameter + T_RIGHT * run, n), a_right = get(parameter + A_RIGHT * run, n), one = splat(1);
  bits sign = (bits)right & 0x80000000u;
  vec top = left + (vec)((bits)right ^ sign), factor = either(by_value, one / scale, one);
  vec low = load(total[LOW]), high = load(total[HIGH]), by_top = high * (1 - a_right);
  vec g[4];
  g[T_LEFT] = low * (1 - a_left) + by_top;
  g[A_LEFT] = (load(total[LOW_X]) * factor - left * low) / either(by_value, a_left, one);
  g[T_RIGHT] = (vec)((bits)by_top ^ sign);
  g[A_RIGHT] = (load(total[HIGH_X]) * factor - top * high) / either(by_value, a_right, one);
  for (size_t k = 0; k < 4; k++) put(gradient + k * run, add ? get(gradient + k * run, n) + g[k] : g[k], n);
}

static void srelu_backward (const float *a, float drop_scale, const float *sums, float *delta, int32_t units,
                            size_t stride, int32_t width, const float *parameter, size_t run, float *gradient, int add) {
  float total[4][VL] __attribute__((aligned(64))) = { { 0 } };
  for (int32_t u = 0; u < units; u += VL) {
    int n = units - u < VL ? units - u : VL;
    uint32_t by_value[VL] = { 0 };
    for (int j = 0; j < n; j++) {
      Srelu s = srelu_of(parameter + u + j, run);
      size_t at = (size_t)(u + j) * stride;
      int inverts = srelu_inverts(&s);
      if (inverts) {
        by_value[j] = UINT32_MAX;
        s.left *= drop_scale;
        s.top *= drop_scale;
      }
      srelu_row((inverts ? a : sums) + at, delta + at, width, &s, total, j);
    }
    srelu_gradients(total, *(loose_bits *)by_value, drop_scale, n, parameter + u, run, gradient + u, add);
  }
}

static const Activation activations[] = {
  { .name = "relu", .zero_is_shut = 1, .forward = relu_forward, .backward = relu_backward },
  { .name = "leaky_relu", .slope = 0.01f, .forward = leaky_relu_forward, .backward = leaky_relu_backward,
    .forward_signs = leaky_relu_forward_signs, .backward_signs = leaky_relu_backward_signs },
  /* Curci and others 2021: leaky ReLUs, falling and rising ones in turn. */
  { .name = "all_relu", .slope = 0.6f, .alternates = 1, .forward = leaky_relu_forward, .backward = leaky_relu_backward,
    .forward_signs = leaky_relu_forward_signs, .backward_signs = leaky_relu_backward_signs },
  { .name = "srelu", .parameters = 4, .parameter_name = { "t_left", "a_left", "t_right", "a_right" },
    .start = srelu_start, .forward_units = srelu_forward, .backward_units = srelu_backward },
  { .name = "sigmoid", .forward = sigmoid_forward, .backward = sigmoid_backward },
  { .name = "tanh", .forward = tanh_forward, .backward = tanh_backward },
  { .name = "silu", .forward_units = silu_forward, .backward_units = silu_backward },
  { .name = "gelu", .forward_units = gelu_forward, .backward_units = gelu_backward },
  { .name = "linear", .forward = linear_forward, .backward = linear_backward },
  { .name = NULL },
};
