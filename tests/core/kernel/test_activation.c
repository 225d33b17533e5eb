/*
** Activations, for every instruction set that this machine has, against twins in double precision:
** those of elements, those that note signs, and SReLU with the parameters of each unit. (In nets:
** test_net*.c, test_training.c.)
*/
#include "isa.h"
#include "base/mem.h"
#include "base/rng.h"
#include "close.h"
#include <math.h>

static const Kernels *kernels;  /* the set under test */

/* ---- elements ---- */

static double f_of (const char *name, double x, double slope) {
  if (strcmp(name, "relu") == 0) return x > 0 ? x : 0;
  if (strcmp(name, "leaky_relu") == 0 || strcmp(name, "all_relu") == 0) return x > 0 ? x : slope * x;
  if (strcmp(name, "sigmoid") == 0) return 1 / (1 + exp(-x));
  if (strcmp(name, "tanh") == 0) return tanh(x);
  assert_string_equal(name, "linear");
  return x;
}

enum { N = 1003 };

/* With the value as dropout left it: f(sum) * scale, and the derivative taken of f alone, or
** times the scale where `zero_is_shut` says that the backward pass does the dropping too. */
static void test_elements (void **state) {
  kernels = isa_kernels(state);
  const float scale = 1.25f, slope = 0.1f;
  for (const Activation *a = kernels->activations; a->name; a++) {
    if (a->forward_units) continue;
    float *sum = values(N, 7), *value = values(N, 7), *delta = values(N, 8), *old = values(N, 8);
    a->forward(value, N, slope);
    for (int e = 0; e < N; e++) assert_close(value[e], f_of(a->name, (double)sum[e], (double)slope), 1, a->name, e);
    for (int e = 0; e < N; e++) value[e] *= scale;
    a->backward(value, delta, N, slope, scale);
    for (int e = 0; e < N; e++) {
      double x = (double)sum[e], s = (double)slope, h = 1e-6, factor = a->zero_is_shut ? (double)scale : 1;
      if (fabs(x) < h) continue;
      double d = (f_of(a->name, x + h, s) - f_of(a->name, x - h, s)) / (2 * h);
      assert_close(delta[e], (double)old[e] * d * factor, 2, a->name, e);
    }
    float nan_in[9] = { 1, NAN, 2, 3, 4, 5, 6, 7, NAN };  /* a net that diverges must say so */
    a->forward(nan_in, 9, slope);
    assert_true(isnan(nan_in[1]) && isnan(nan_in[8]) && !isnan(nan_in[0]));
    mem_free(sum);
    mem_free(value);
    mem_free(delta);
    mem_free(old);
  }
}

/* Where the slope is negative; 0 belongs to the left piece. */
static void test_signs (void **state) {
  kernels = isa_kernels(state);
  int seen = 0;
  for (const Activation *a = kernels->activations; a->name; a++)
    for (size_t n = 0; n <= N && a->forward_signs; n = n < 70 ? n + 1 : n + 311) {
      float *sum = values(N, 7), *value = values(N, 7), *delta = values(N, 8), *old = values(N, 8);
      uint16_t sign[N / SIGNS + 2], end = (uint16_t)((n + SIGNS - 1) / SIGNS);
      sum[3] = value[3] = 0;
      sign[end] = 12345;
      a->forward_signs(value, sign, n, -0.6f);
      a->backward_signs(sign, delta, n, -0.6f);
      for (size_t e = 0; e < N; e++) {
        int done = e < n, up = sum[e] > 0;
        assert_true(value[e] == (done && !up ? -0.6f * sum[e] : sum[e]));
        assert_true(delta[e] == (done && !up ? -0.6f * old[e] : old[e]));
        if (done) assert_int_equal(sign[e / SIGNS] >> e % SIGNS & 1, up);
      }
      assert_int_equal(sign[end], 12345);
      seen++;
      mem_free(sum);
      mem_free(value);
      mem_free(delta);
      mem_free(old);
    }
  assert_true(seen > 100);
}

/* ---- those that keep their sums and have no parameters ---- */

static double smooth_of (const char *name, double x) {
  if (strcmp(name, "silu") == 0) return x / (1 + exp(-x));
  assert_string_equal(name, "gelu");
  return x * erfc(-x / sqrt(2)) / 2;
}

/* Rows of all widths up to some vectors, sums from far below 0 to far above; what lies beside the columns stays. */
static void test_smooth (void **state) {
  kernels = isa_kernels(state);
  enum { ROWS = 3, ROOM = 70 };
  int seen = 0;
  for (const Activation *a = kernels->activations; a->name; a++)
    for (int32_t width = 1; width <= 64 && a->forward_units && !a->parameters; width++, seen++) {
      float *sum = values(ROWS * ROOM, 7), *value = values(ROWS * ROOM, 7), *kept = values(ROWS * ROOM, 9), *alone = values(ROWS * ROOM, 7);
      float *delta = values(ROWS * ROOM, 8), *old = values(ROWS * ROOM, 8);
      for (int e = 0; e < ROWS * ROOM; e++) sum[e] = value[e] = alone[e] = sum[e] * (e % 5 == 0 ? 30 : e % 5 == 1 ? 1e-3f : 4);
      a->forward_units(value, kept, ROWS, ROOM, width, NULL, ROWS);
      a->forward_units(alone, NULL, ROWS, ROOM, width, NULL, ROWS);
      a->backward_units(value, 1.25f, kept, delta, ROWS, ROOM, width, NULL, ROWS, NULL, 0);
      for (int e = 0; e < ROWS * ROOM; e++) {
        double x = (double)sum[e], h = 1e-5, d = (smooth_of(a->name, x + h) - smooth_of(a->name, x - h)) / (2 * h);
        if (e % ROOM >= width) {
          assert_true(value[e] == sum[e] && alone[e] == sum[e] && delta[e] == old[e]);
          continue;
        }
        assert_true(kept[e] == sum[e] && alone[e] == value[e]);
        assert_close(value[e], smooth_of(a->name, x), 1 + fabs(x), a->name, e);
        assert_close(delta[e], (double)old[e] * d, 2, a->name, e);
      }
      value[1] = NAN;   /* a net that diverges must say so */
      a->forward_units(value, NULL, 1, ROOM, 3, NULL, ROWS);
      assert_true(isnan(value[1]));
      float *all[] = { sum, value, kept, alone, delta, old };
      for (int i = 0; i < 6; i++) mem_free(all[i]);
    }
  assert_true(seen == 128);
}

/* ---- SReLU ---- */

enum { UNITS = 37, STRIDE = 160, RUN = 40 };

typedef struct Line { double left, a_left, right, a_right, top; } Line;

static Line line_of (const float *p) {
  Line l = { (double)p[0], (double)p[RUN], (double)p[2 * RUN], (double)p[3 * RUN], 0 };
  l.top = l.left + fabs(l.right);
  return l;
}

static double srelu (const Line *l, double x) {
  if (x <= l->left) return l->left + l->a_left * (x - l->left);
  return x >= l->top ? l->top + l->a_right * (x - l->top) : x;
}

/* Slopes of all sizes and signs, some on the border of what a value tells; of both signs t_right. */
static float *lines (void) {
  static const float a[] = { 0.5f, -0.4f, 0, 1, 0.0625f, 0.062f, 1.7f, 1e-20f, 0.3f, -1e-3f, 0.9f };
  float *p = values(4 * RUN, 3);
  for (int u = 0; u < UNITS; u++) {
    p[u] *= 0.5f;
    p[RUN + u] = a[u % 11];
    p[3 * RUN + u] = a[(u / 11 + u) % 11];
  }
  return p;
}

static const Activation *find_srelu (void) {
  const Activation *a = kernels->activations;
  while (strcmp(a->name, "srelu") != 0) a++;
  assert_int_equal(a->parameters, 4);
  return a;
}

static void add_gradient (const Line *l, double x, double d, double g[4], double magnitude[4]) {
  double by[4] = { 0 };
  if (x <= l->left) {
    by[0] = d * (1 - l->a_left);
    by[1] = d * (x - l->left);
  } else if (x >= l->top) {
    by[0] = d * (1 - l->a_right);
    by[2] = l->right < 0 ? -by[0] : by[0];
    by[3] = d * (x - l->top);
  }
  for (int k = 0; k < 4; k++) {
    g[k] += by[k];
    magnitude[k] += fabs(d) * 10;
  }
}

/* Two tiles of columns, the second added to the first; dropout has scaled what values there are. */
static void check_srelu (int32_t first, int32_t width, float scale, float *p) {
  const Activation *f = find_srelu();
  float *x = values(UNITS * STRIDE, 4), *a = values(UNITS * STRIDE, 4), *d = values(UNITS * STRIDE, 5), *old = values(UNITS * STRIDE, 5);
  float *sums = values(UNITS * STRIDE, 6), *plain = values(UNITS * STRIDE, 4), g[4 * RUN];
  int met[3] = { 0 };
  memset(g, 0x7f, sizeof g);
  for (int32_t c = 0, n = first; c < width; c = n, n = width) f->forward_units(a + c, sums + c, UNITS, STRIDE, n - c, p, RUN);
  f->forward_units(plain, NULL, UNITS, STRIDE, width, p, RUN);
  assert_memory_equal(a, plain, UNITS * STRIDE * sizeof *a);
  for (int e = 0; e < UNITS * STRIDE; e++) if (e % STRIDE < width) a[e] *= scale;
  for (int32_t c = 0, n = first; c < width; c = n, n = width)
    f->backward_units(a + c, scale, sums + c, d + c, UNITS, STRIDE, n - c, p, RUN, g, c > 0);
  for (int32_t u = 0; u < UNITS; u++) {
    Line l = line_of(p + u);
    double want[4] = { 0 }, magnitude[4] = { 1, 1, 1, 1 };
    for (int32_t c = 0; c < STRIDE; c++) {
      size_t e = (size_t)(u * STRIDE + c);
      double z = (double)x[e], y = srelu(&l, z), slope = z <= l.left ? l.a_left : z >= l.top ? l.a_right : 1;
      assert_close(a[e], c < width ? y * (double)scale : z, 4, "srelu", (int64_t)e);
      assert_close(d[e], c < width ? slope * (double)old[e] : (double)old[e], 10, "delta", (int64_t)e);
      if (c < width) add_gradient(&l, z, (double)old[e], want, magnitude);
      met[z <= l.left ? 0 : z >= l.top ? 2 : 1]++;
    }
    for (int k = 0; k < 4; k++) assert_close(g[k * RUN + u], want[k], magnitude[k], f->parameter_name[k], u);
  }
  for (int i = 0; i < 3; i++) assert_true(met[i] > 100);
  float *all[] = { x, a, d, old, sums, plain };
  for (int i = 0; i < 6; i++) mem_free(all[i]);
}

static void test_srelu (void **state) {
  kernels = isa_kernels(state);
  float *p = lines();
  for (int32_t width = 8; width <= STRIDE; width += 8)
    for (int32_t first = 16; first <= width + 15; first += 48)
      check_srelu(first < width ? first : width, width, first % 32 ? 1.25f : 1, p);
  mem_free(p);
}

static void test_srelu_nan (void **state) {
  kernels = isa_kernels(state);
  float p[4] = { 0, 0.5f, 1, 1 }, x[8] = { 1, NAN, -2, 3, INFINITY, -INFINITY, 0, NAN };
  find_srelu()->forward_units(x, NULL, 1, 16, 8, p, 1);
  assert_true(x[0] == 1 && isnan(x[1]) && x[2] == -1 && isnan(x[7]) && isinf(x[4]) && isinf(x[5]));
}

/* At first the identity from 0 up, and a line of random slope below. */
static void test_srelu_start (void **state) {
  kernels = isa_kernels(state);
  enum { MANY = 20000 };
  float *p = mem_new(4 * MANY, sizeof *p);
  double mean[2] = { 0, 0 };
  Rng rng;
  rng_seed(&rng, 1, RNG_ACTIVATION);
  find_srelu()->start(p, MANY, &rng);
  for (int u = 0; u < MANY; u++) {
    float a = p[MANY + u], t = p[2 * MANY + u];
    assert_true(p[u] == 0 && p[3 * MANY + u] == 1 && a >= 0 && a <= 1 && t >= 0 && t <= 5);
    mean[0] += (double)a / MANY;
    mean[1] += (double)t / MANY;
  }
  assert_true(fabs(mean[0] - 0.5) < 0.01 && fabs(mean[1] - 2.5) < 0.05);
  mem_free(p);
}

/* ---- the parameters' step ---- */

static void test_update (void **state) {
  kernels = isa_kernels(state);
  const Update u = { .rate = 0.5f, .momentum = 0.9f, .scale = 0.1f };
  for (int nesterov = 0; nesterov <= 1; nesterov++)
    for (size_t n = 0; n <= 40; n++) {
      Update how = u;
      how.nesterov = nesterov;
      float *w = values(41, 1), *v = values(41, 2), *g = values(41, 3), *w0 = values(41, 1), *v0 = values(41, 2);
      const float *sums = g;
      kernels->update(&(Learnt){ .value = w, .velocity = v }, n, &sums, 1, &how);
      for (size_t e = 0; e < n; e++) {
        double step = 0.5 * (double)u.scale * (double)g[e], to = (double)u.momentum * (double)v0[e] - step;
        assert_close(v[e], to, 1, "velocity", (int64_t)e);
        assert_close(w[e], (double)w0[e] + (nesterov ? (double)u.momentum * to - step : to), 1, "parameter", (int64_t)e);
      }
      assert_true(w[40] == w0[40] || n > 40);
      if (n < 41) assert_memory_equal(w + n, w0 + n, (41 - n) * sizeof *w);
      float *all[] = { w, v, g, w0, v0 };
      for (int i = 0; i < 5; i++) mem_free(all[i]);
    }
}

int main (void) {
  const struct CMUnitTest tests[] = {
    EACH_ISA(test_elements), EACH_ISA(test_signs), EACH_ISA(test_smooth), EACH_ISA(test_srelu), EACH_ISA(test_srelu_nan),
    EACH_ISA(test_srelu_start), EACH_ISA(test_update),
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("activation", tests, NULL, NULL);
}
