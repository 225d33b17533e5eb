/*
** Dense layers task by task, and the kernels' small loops (dropout), for every
** instruction set that this machine has, against twins in double precision. (Thin layers:
** test_thin.c.)
*/
#include "dense/dense.h"
#include "isa.h"
#include "base/mem.h"
#include "close.h"
#include <math.h>

static const Kernels *kernels;  /* the set under test */

/* ---- dense layers: sizes on both sides of what cuts their tasks ---- */

typedef struct Shape { int32_t n_in, n_out; size_t stride; } Shape;
static const Shape shapes[] = {
  { 1, 1, 8 }, { 3, 2, 40 }, { 64, 10, 40 }, { 10, 64, 16 }, { 63, 65, 24 }, { 130, 129, 8 },
  { 300, 10, 104 }, { 257, 5, 32 }, { 70, 300, 56 }, { 20, 20, 136 } };
enum { N_SHAPES = sizeof shapes / sizeof *shapes };

typedef struct Case { Shape s; Dense *D, *old; float *x, *dy, *y, *dx, *bias, *gradient; } Case;

static Dense *dense_layer (Shape s) {
  Rng rng;
  rng_seed(&rng, 4, 0);
  Dense *D = dense_new(s.n_in, s.n_out, init_find("normal"), &rng);
  for (int64_t k = 0; k < (int64_t)s.n_in * s.n_out; k++) D->momentum[k] = (float)rng_normal(&rng) * 0.2f;
  return D;
}

static Case case_open (Shape s) {
  Case c = { .s = s, .D = dense_layer(s), .old = dense_layer(s) };
  size_t in = (size_t)s.n_in, out = (size_t)s.n_out;
  c.x = values(in * s.stride, 1);
  c.dy = values(out * s.stride, 2);
  c.y = values(out * s.stride, 3);
  c.dx = values(in * s.stride, 4);
  c.bias = values(out, 5);
  c.gradient = values(in * out, 6);
  return c;
}

static void case_close (Case *c) {
  dense_free(c->D);
  dense_free(c->old);
  mem_free(c->x);
  mem_free(c->dy);
  mem_free(c->y);
  mem_free(c->dx);
  mem_free(c->bias);
  mem_free(c->gradient);
}

static void test_products (void **state) {
  (void)state;
  for (int n = 0; n < N_SHAPES; n++) {
    Case c = case_open(shapes[n]);
    size_t stride = c.s.stride; int32_t width = (int32_t)stride; size_t in = (size_t)c.s.n_in, out = (size_t)c.s.n_out;
    for (int t = 0; t < dense_forward_tasks(c.D, width); t++) dense_forward(c.D, dense_forward_block(c.D, width, t), stride, c.x, c.bias, c.y);
    for (int t = 0; t < dense_backward_tasks(c.D, width); t++) dense_backward(c.D, dense_backward_block(c.D, width, t), stride, c.dy, c.dx);
    for (size_t o = 0; o < out; o++)
      for (size_t b = 0; b < stride; b++) {
        double sum = (double)c.bias[o], magnitude = fabs(sum);
        for (size_t i = 0; i < in; i++) {
          double term = (double)c.D->w[o * in + i] * (double)c.x[i * stride + b];
          sum += term;
          magnitude += fabs(term);
        }
        assert_close(c.y[o * stride + b], sum, magnitude, "y", (int64_t)o);
      }
    for (size_t i = 0; i < in; i++)
      for (size_t b = 0; b < stride; b++) {
        double sum = 0, magnitude = 0;
        for (size_t o = 0; o < out; o++) {
          double term = (double)c.D->w[o * in + i] * (double)c.dy[o * stride + b];
          sum += term;
          magnitude += fabs(term);
        }
        assert_close(c.dx[i * stride + b], sum, magnitude, "dx", (int64_t)i);
      }
    case_close(&c);
  }
}

static double naive_gradient (const Case *c, size_t k, double *magnitude) {
  size_t o = k / (size_t)c->s.n_in, i = k % (size_t)c->s.n_in;
  double g = 0;
  *magnitude = 0;
  for (size_t b = 0; b < c->s.stride; b++) {
    double term = (double)c->x[i * c->s.stride + b] * (double)c->dy[o * c->s.stride + b];
    g += term;
    *magnitude += fabs(term);
  }
  return g;
}

static void test_gradient (void **state) {
  (void)state;
  for (int n = 0; n < N_SHAPES; n++) {
    Case c = case_open(shapes[n]);
    for (int t = 0; t < dense_update_tasks(c.D); t++) dense_gradient(c.D, dense_update_block(c.D, t), c.s.stride, (int32_t)c.s.stride, c.x, c.dy, c.gradient);
    for (size_t k = 0; k < (size_t)c.s.n_in * (size_t)c.s.n_out; k++) {
      double magnitude, g = naive_gradient(&c, k, &magnitude);
      assert_close(c.gradient[k], g, magnitude, "gradient", (int64_t)k);
    }
    assert_memory_equal(c.D->w, c.old->w, (size_t)c.s.n_in * (size_t)c.s.n_out * sizeof(float));
    case_close(&c);
  }
}

/* Dense and sparse layers must follow one rule, decay and Nesterov included. */
static void check_update (const Case *c, const Update *u) {
  double mu = (double)u->momentum;
  for (size_t k = 0; k < (size_t)c->s.n_in * (size_t)c->s.n_out; k++) {
    double magnitude, g = (double)u->scale * naive_gradient(c, k, &magnitude);
    double w = (double)c->old->w[k], v = (double)c->old->momentum[k];
    double step = (double)u->rate * (g + (double)u->couple * w), v1 = mu * v - step;
    double moved = fabs(mu * v) + (double)u->rate * ((double)u->scale * magnitude + fabs((double)u->couple * w));
    assert_close(c->D->momentum[k], v1, moved, "velocity", (int64_t)k);
    assert_close(c->D->w[k], w + (u->nesterov ? mu * v1 - step : v1) - (double)u->shrink * w, fabs(w) + 2 * moved, "weight", (int64_t)k);
  }
}

static void test_update (void **state) {
  kernels = isa_kernels(state);
  static const Update updates[] = {
    { .rate = 0.05f, .momentum = 0, .scale = 1 },
    { .rate = 0.05f, .momentum = 0.9f, .scale = 0.025f, .shrink = 2e-4f },
    { .rate = 0.5f, .momentum = 0.9f, .scale = 0.1f, .couple = 0.3f },
    { .rate = 0.5f, .momentum = 0.9f, .scale = 0.1f, .nesterov = 1 },
    { .rate = 0.5f, .momentum = 0.8f, .scale = 0.1f, .couple = 0.3f, .nesterov = 1 },
    { .rate = 0.5f, .momentum = 0.8f, .scale = 0.1f, .shrink = 0.2f, .nesterov = 1 },
    { .rate = 0.5f, .momentum = 0, .scale = 0.1f, .couple = 0.3f, .shrink = 0.2f, .nesterov = 1 } };
  for (int n = 0; n < N_SHAPES; n++)
    for (size_t u = 0; u < sizeof updates / sizeof *updates; u++) {
      Case c = case_open(shapes[n]);
      for (int t = 0; t < dense_update_tasks(c.D); t++)
        dense_update(c.D, dense_update_block(c.D, t), c.s.stride, (int32_t)c.s.stride, c.x, c.dy, &updates[u], kernels);
      check_update(&c, &updates[u]);
      case_close(&c);
    }
}

/* ---- dropout ---- */

static Dropout drop_of (double p, uint32_t key) { return (Dropout){ key, (uint32_t)(p * 0x1p32), (float)(1 / (1 - p)) }; }

static void test_dropout (void **state) {
  kernels = isa_kernels(state);
  enum { N = 300001 };
  float *a = mem_new(N, sizeof *a), *b = mem_new(N, sizeof *b);
  const double shares[] = { 0.01, 0.2, 0.5, 0.9 };
  for (int s = 0; s < 4; s++) {
    double p = shares[s];
    Dropout drop = drop_of(p, 12345u + (uint32_t)s), other = drop_of(p, 54321);
    for (int e = 0; e < N; e++) a[e] = b[e] = (float)(e + 1);
    kernels->dropout(a, N, 1, N, 0, N, &drop);
    for (size_t first = 0, n = 1; first < N; first += n, n = n * 3 + 1)  /* the cut does not matter */
      kernels->dropout(b + first, N, 1, (int32_t)(first + n < N ? n : N - first), first, N, &drop);
    assert_memory_equal(a, b, N * sizeof *a);
    for (int e = 0; e < N; e++) b[e] = (float)(e + 1);
    kernels->dropout(b, 1000, 30, 900, 0, 1000, &drop);  /* nor do rows, of which some columns are left out */
    for (int e = 0; e < 30000; e++) assert_true(b[e] == (e % 1000 < 900 ? a[e] : (float)(e + 1)));
    int dropped = 0, together = 0, differ = 0;
    for (int e = 0; e < N; e++) {
      assert_true(a[e] == 0 || a[e] == (float)(e + 1) * drop.scale);
      dropped += a[e] == 0;
      together += e > 0 && a[e] == 0 && a[e - 1] == 0;
      b[e] = 1;
    }
    kernels->dropout(b, N, 1, N, 0, N, &other);
    for (int e = 0; e < N; e++) differ += (a[e] == 0) != (b[e] == 0);
    assert_true(fabs(dropped - N * p) < 5 * sqrt(N * p * (1 - p)));
    assert_true(fabs(together - N * p * p) < 6 * sqrt(N * p * p));
    assert_true(fabs(differ - 2 * N * p * (1 - p)) < 6 * sqrt(2 * N * p * (1 - p)));
  }
  mem_free(a);
  mem_free(b);
}

#ifdef LAB_FAIL_ALLOC
static void test_no_memory (void **state) {
  (void)state;
  Rng rng = { { 1, 2, 3, 4 } };
  for (long n = 1; n <= 4; n++) {
    mem_fail_at(n);
    Dense *D = dense_new(20, 30, init_find("normal"), &rng);
    mem_fail_at(0);
    assert_true((D != NULL) == (n == 4));
    dense_free(D);
  }
}
#endif

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_products), cmocka_unit_test(test_gradient), EACH_ISA(test_update),
    EACH_ISA(test_dropout),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(test_no_memory),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("dense", tests, NULL, NULL);
}
