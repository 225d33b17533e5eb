/*
** activation_impl.h -- the activations; included by kernel_impl.h only.
**
** Derivatives are written in terms of the value y = f(sum), which is what the net keeps.
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

static const Activation activations[] = {
  { "relu", 0, 1, relu_forward, relu_backward },
  { "leaky_relu", 0.01f, 0, leaky_relu_forward, leaky_relu_backward },
  { "sigmoid", 0, 0, sigmoid_forward, sigmoid_backward },
  { "tanh", 0, 0, tanh_forward, tanh_backward },
  { "linear", 0, 0, linear_forward, linear_backward },
  { NULL, 0, 0, NULL, NULL },
};
