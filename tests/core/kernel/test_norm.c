/*
** Batch normalisation of rows, for every instruction set that this machine has, against a twin in double precision. (In
** nets: tests/core/net/test_norm_net.c. Against worked examples: tests/golden/norm.c.)
*/
#include "isa.h"
#include "base/mem.h"
#include "base/rng.h"
#include "close.h"
#include <math.h>

enum { MOST_UNITS = 9, STRIDE = 64, ROWS = MOST_UNITS * STRIDE, PARAMETERS = NORM_PARAMETERS * MOST_UNITS };

static const Kernels *kernels;   /* the set under test */

/* Rows and parameters, and what the kernels make of them. */
typedef struct Case {
  int32_t units, c0, c1;
  float *x, *y, *centred, *delta, *dx, *parameter, *gradient;
} Case;

static Case make_case (int32_t units, int32_t c0, int32_t c1, uint64_t seed) {
  Case c = { units, c0, c1, values(ROWS, seed), values(ROWS, seed), values(ROWS, seed + 1), values(ROWS, seed + 2), values(ROWS, seed + 2),
             values(PARAMETERS, seed + 3), values(PARAMETERS, seed + 4) };
  for (int e = 0; e < ROWS; e++) c.x[e] = c.y[e] = c.x[e] * 0.7f + (float)(e / STRIDE);
  for (int32_t u = 0; u < units; u++)
    for (int32_t b = c1; b < STRIDE; b++) c.delta[u * STRIDE + b] = c.dx[u * STRIDE + b] = 0;   /* no samples there */
  for (int32_t u = 0; u < MOST_UNITS; u++) c.parameter[NORM_VARIANCE * MOST_UNITS + u] = fabsf(c.parameter[NORM_VARIANCE * MOST_UNITS + u]);
  return c;
}

static void free_case (Case *c) {
  float *all[] = { c->x, c->y, c->centred, c->delta, c->dx, c->parameter, c->gradient };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) mem_free(all[i]);
}

static double parameter_of (const Case *c, int kind, int32_t u) { return (double)c->parameter[kind * MOST_UNITS + u]; }

static void moments (const Case *c, int32_t u, double *mean, double *variance) {
  int32_t n = c->c1 - c->c0;
  *mean = *variance = 0;
  for (int32_t b = c->c0; b < c->c1; b++) *mean += (double)c->x[u * STRIDE + b] / n;
  for (int32_t b = c->c0; b < c->c1; b++) *variance += pow((double)c->x[u * STRIDE + b] - *mean, 2) / n;
}

/* Behind the last column there are zeros up to the next whole vector, at least; nothing behind the next whole step is touched. */
static void check_outside (const Case *c, const float *now, const float *before, const char *what) {
  int32_t end = (c->c1 + STRIDE_STEP - 1) / STRIDE_STEP * STRIDE_STEP;
  for (int32_t u = 0; u < MOST_UNITS; u++)
    for (int32_t b = 0; b < STRIDE; b++) {
      int in = u < c->units && b >= c->c0 && b < end;
      if (in && b >= c->c1 && b < (c->c1 + 3) / 4 * 4 && now[u * STRIDE + b] != 0) fail_msg("%s: unit %d, column %d is not 0", what, (int)u, (int)b);
      if (!in && now[u * STRIDE + b] != before[u * STRIDE + b]) fail_msg("%s: unit %d, column %d is not to be touched", what, (int)u, (int)b);
    }
}

static void check_forward (const Case *c, const float *before, float share, int add) {
  int32_t n = c->c1 - c->c0;
  for (int32_t u = 0; u < c->units; u++) {
    double mean, variance;
    moments(c, u, &mean, &variance);
    for (int32_t b = c->c0; b < c->c1; b++) {
      double h = ((double)c->x[u * STRIDE + b] - mean) / sqrt(variance + 1e-5), want = parameter_of(c, NORM_SCALE, u) * h + parameter_of(c, NORM_SHIFT, u);
      assert_close(c->y[u * STRIDE + b], want, 10 * (1 + (double)u), "y", b);
    }
    const double noted[2] = { mean * (double)share, n > 1 ? variance * n / (n - 1) * (double)share : 0 };
    for (int k = 0; k < 2; k++) {
      size_t at = (size_t)((NORM_MEAN + k) * MOST_UNITS + u);
      assert_close(c->gradient[at], (add ? (double)before[at] : 0) + noted[k], 10 + (double)u, k ? "variance" : "mean", u);
    }
  }
}

static void check_backward (const Case *c, const float *before, int add) {
  int32_t n = c->c1 - c->c0;
  for (int32_t u = 0; u < c->units; u++) {
    double mean, variance, by_shift = 0, by_scale = 0;
    moments(c, u, &mean, &variance);
    double inverse = 1 / sqrt(variance + 1e-5);
    for (int32_t b = c->c0; b < c->c1; b++) {
      double d = (double)c->delta[u * STRIDE + b];
      by_shift += d;
      by_scale += d * ((double)c->x[u * STRIDE + b] - mean) * inverse;
    }
    for (int32_t b = c->c0; b < c->c1; b++) {
      double h = ((double)c->x[u * STRIDE + b] - mean) * inverse, d = (double)c->delta[u * STRIDE + b];
      double want = parameter_of(c, NORM_SCALE, u) * inverse * (d - by_shift / n - h * by_scale / n);
      assert_close(c->dx[u * STRIDE + b], want, n < 3 ? 1e3 : 20 * (1 + (double)u) * inverse, "dx", b);
    }
    const double sums[2] = { by_scale, by_shift };
    for (int k = 0; k < 2; k++) {
      size_t at = (size_t)(k * MOST_UNITS + u);
      assert_close(c->gradient[at], (add ? (double)before[at] : 0) + sums[k], 20 * (1 + (double)u), k ? "shift" : "scale", u);
    }
  }
}

static void check_case (int32_t units, int32_t c0, int32_t c1, int add) {
  const float share = 0.25f;
  Case c = make_case(units, c0, c1, (uint64_t)(units * 1000 + c0 * 64 + c1));
  float *before = values(PARAMETERS, (uint64_t)(units * 1000 + c0 * 64 + c1) + 4), *rows = values(ROWS, (uint64_t)(units * 1000 + c0 * 64 + c1) + 1);
  kernels->norm_forward(c.y, c.centred, units, STRIDE, c0, c1, c.parameter, c.gradient, MOST_UNITS, share, add, NULL);
  check_forward(&c, before, share, add);
  check_outside(&c, c.y, c.x, "y");
  check_outside(&c, c.centred, rows, "centred");
  kernels->norm_backward(c.dx, c.centred, units, STRIDE, c0, c1, c.parameter, c.gradient, MOST_UNITS, add);
  check_backward(&c, before, add);
  check_outside(&c, c.dx, c.delta, "dx");
  mem_free(before);
  mem_free(rows);
  free_case(&c);
}

static void test_training (void **state) {
  kernels = isa_kernels(state);
  for (int32_t units = 1; units <= MOST_UNITS; units++)
    for (int32_t n = 1; n <= 32; n++)
      for (int32_t c0 = 0; c0 <= STRIDE - 32; c0 += STRIDE_STEP) check_case(units, c0, c0 + n, (units + n) % 2);
}

/* Rectified and dropped out on the way: as if it were done afterwards, bit for bit. */
static void check_on_the_way (int32_t c0, int32_t c1, int drops) {
  enum { FIRST = 1000, STEP = 112 };
  Dropout drop = { 77, (uint32_t)(0.3 * 0x1p32), 1 / 0.7f };
  Rectify rectify = { drops ? &drop : NULL, FIRST, STEP };
  Case c = make_case(7, c0, c1, (uint64_t)c1), after = make_case(7, c0, c1, (uint64_t)c1);
  kernels->norm_forward(c.y, c.centred, 7, STRIDE, c0, c1, c.parameter, c.gradient, MOST_UNITS, 1, 0, &rectify);
  kernels->norm_forward(after.y, after.centred, 7, STRIDE, c0, c1, after.parameter, after.gradient, MOST_UNITS, 1, 0, NULL);
  for (int e = 0; e < ROWS; e++)
    if (e / STRIDE < 7 && e % STRIDE >= c0 && after.y[e] < 0) after.y[e] = 0;
  if (drops) kernels->dropout(after.y, STRIDE, 7, STRIDE, FIRST, STEP, &drop);
  int gone = 0;
  for (int32_t u = 0; u < 7; u++)
    for (int32_t b = c0; b < c1; b++) {
      assert_true(c.y[u * STRIDE + b] == after.y[u * STRIDE + b]);
      gone += c.y[u * STRIDE + b] == 0;
    }
  assert_true(gone > (c1 - c0) && gone < 7 * (c1 - c0));
  assert_memory_equal(c.gradient, after.gradient, PARAMETERS * sizeof(float));
  free_case(&c);
  free_case(&after);
}

static void test_on_the_way (void **state) {
  kernels = isa_kernels(state);
  for (int drops = 0; drops <= 1; drops++)
    for (int32_t n = 17; n <= 32; n += 3)
      for (int32_t c0 = 0; c0 <= 32; c0 += 16) check_on_the_way(c0, c0 + n, drops);
}

static void test_evaluation (void **state) {
  kernels = isa_kernels(state);
  for (int32_t width = 1; width <= STRIDE; width++) {
    Case c = make_case(5, 0, width, (uint64_t)width);
    kernels->norm_apply(c.y, 5, STRIDE, width, c.parameter, MOST_UNITS);
    for (int32_t u = 0; u < 5; u++) {
      double scale = parameter_of(&c, NORM_SCALE, u) / sqrt(parameter_of(&c, NORM_VARIANCE, u) + 1e-5);
      for (int32_t b = 0; b < width; b++) {
        double x = (double)c.x[u * STRIDE + b], want = scale * (x - parameter_of(&c, NORM_MEAN, u)) + parameter_of(&c, NORM_SHIFT, u);
        assert_close(c.y[u * STRIDE + b], want, 1 + fabs(scale) * (fabs(x) + 3), "y", b);
      }
    }
    for (int32_t u = 0; u < MOST_UNITS; u++)
      for (int32_t b = u < 5 ? width : 0; b < STRIDE; b++) assert_true(c.y[u * STRIDE + b] == c.x[u * STRIDE + b]);
    free_case(&c);
  }
}

/* Units that never change: nothing is divided by nothing. */
static void test_constant_rows (void **state) {
  kernels = isa_kernels(state);
  Case c = make_case(MOST_UNITS, 0, 25, 9);
  for (int e = 0; e < ROWS; e++) c.x[e] = c.y[e] = 0.5f;
  kernels->norm_forward(c.y, c.centred, MOST_UNITS, STRIDE, 0, 25, c.parameter, c.gradient, MOST_UNITS, 1, 0, NULL);
  kernels->norm_backward(c.dx, c.centred, MOST_UNITS, STRIDE, 0, 25, c.parameter, c.gradient, MOST_UNITS, 0);
  for (int32_t u = 0; u < MOST_UNITS; u++) {
    assert_true(c.gradient[NORM_MEAN * MOST_UNITS + u] == 0.5f && c.gradient[NORM_VARIANCE * MOST_UNITS + u] == 0);
    for (int32_t b = 0; b < 25; b++) {
      assert_true(c.y[u * STRIDE + b] == c.parameter[NORM_SHIFT * MOST_UNITS + u]);
      assert_true(isfinite(c.dx[u * STRIDE + b]));
    }
  }
  free_case(&c);
}

/* A net that diverges must say so. */
static void test_nan_passes (void **state) {
  kernels = isa_kernels(state);
  Case c = make_case(3, 0, 20, 4);
  c.y[STRIDE + 19] = NAN;
  kernels->norm_forward(c.y, c.centred, 3, STRIDE, 0, 20, c.parameter, c.gradient, MOST_UNITS, 1, 0, NULL);
  assert_true(isnan(c.y[STRIDE]) && !isnan(c.y[0]) && !isnan(c.y[2 * STRIDE]));
  free_case(&c);
}

int main (void) {
  const struct CMUnitTest tests[] = { EACH_ISA(test_training), EACH_ISA(test_on_the_way), EACH_ISA(test_evaluation), EACH_ISA(test_constant_rows), EACH_ISA(test_nan_passes) };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("norm", tests, NULL, NULL);
}
