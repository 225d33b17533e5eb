/*
** The kernels of thin dense layers, for every instruction set that this machine has, against
** twins in double precision.
*/
#include "isa.h"
#include "base/rng.h"
#include <math.h>
#include <stdlib.h>

static const Kernels *kernels;  /* the set under test */

/* Arrays end where they must, to the byte, for the address sanitizer. */
static float *values (size_t n, uint64_t seed) {
  float *v = malloc(n * sizeof *v);
  Rng rng;
  assert_non_null(v);
  rng_seed(&rng, seed, 0);
  for (size_t e = 0; e < n; e++) v[e] = (float)rng_normal(&rng);
  return v;
}

typedef struct Case {
  size_t n_in, n_out, stride;
  int32_t width;                     /* of `stride` columns those that count */
  float *w, *old, *momentum, *old_momentum;
  float *x, *y, *before, *bias;
  float *dy, *dx, *gradient;
} Case;

static Case case_open (int32_t n_in, int32_t n_out, size_t stride, int32_t width) {
  Case c = { .n_in = (size_t)n_in, .n_out = (size_t)n_out, .stride = stride, .width = width };
  size_t links = c.n_in * c.n_out;
  c.w = values(links, 1);
  c.old = values(links, 1);
  c.momentum = values(links, 2);
  c.old_momentum = values(links, 2);
  c.x = values(c.n_in * stride, 3);
  c.y = values(c.n_out * stride, 4);
  c.before = values(c.n_out * stride, 4);
  c.bias = values(c.n_out, 5);
  c.dy = values(c.n_out * stride, 6);
  c.dx = values(c.n_in * stride, 7);
  c.gradient = values(links, 8);
  return c;
}

static void case_close (Case *c) {
  float *all[] = { c->w, c->old, c->momentum, c->old_momentum, c->x, c->y, c->before, c->bias, c->dy, c->dx, c->gradient };
  for (size_t a = 0; a < sizeof all / sizeof *all; a++) free(all[a]);
}

static void assert_close (const Case *c, float got, double want, double magnitude, const char *what, size_t at) {
  if (!(fabs((double)got - want) <= 1e-5 * magnitude + 1e-30))
    fail_msg("%s, %zu to %zu, %d of %zu columns, %s %zu: got %.9g, want %.9g", kernels->isa, c->n_in, c->n_out,
             (int)c->width, c->stride, what, at, (double)got, want);
}

/* ---- forward ---- */

/* Columns c0 .. c1-1 must hold bias (or what was there) + w x over inputs i0 .. i1-1; the others,
** but for those that fill up the last STRIDE_STEP, what was there. */
static void check_forward (const Case *c, size_t i0, size_t i1, size_t c0, size_t c1, int biased) {
  size_t filled = (c1 + STRIDE_STEP - 1) / STRIDE_STEP * STRIDE_STEP;
  for (size_t o = 0; o < c->n_out; o++)
    for (size_t b = 0; b < c->stride; b++) {
      float was = c->before[o * c->stride + b], got = c->y[o * c->stride + b];
      if (b < c0 || b >= filled) assert_true(got == was);
      if (b < c0 || b >= c1) continue;
      double sum = (double)(biased ? c->bias[o] : was), magnitude = fabs(sum);
      for (size_t i = i0; i < i1; i++) {
        double term = (double)c->w[o * c->n_in + i] * (double)c->x[i * c->stride + b];
        sum += term;
        magnitude += fabs(term);
      }
      assert_close(c, got, sum, magnitude, "y", o);
    }
}

static void forward_once (int32_t n_in, int32_t n_out, size_t stride, int32_t i0, int32_t i1, int32_t c0, int32_t c1, int biased) {
  Case c = case_open(n_in, n_out, stride, c1 - c0);
  kernels->thin_forward(c.w, n_in, n_out, i0, i1, c0, c1, (FloatRows){ c.x + (size_t)i0 * stride, stride }, biased ? c.bias : NULL, c.y, stride);
  check_forward(&c, (size_t)i0, (size_t)i1, (size_t)c0, (size_t)c1, biased);
  case_close(&c);
}

/* As net_step.c does: parts of the inputs one after the other, columns in two shares. */
static void forward_in_parts (int32_t n_in, int32_t n_out, size_t stride, int32_t width) {
  Case c = case_open(n_in, n_out, stride, width);
  int32_t cut = (int32_t)stride / STRIDE_STEP / 2 * STRIDE_STEP;
  for (int share = 0; share <= 1; share++)
    for (int32_t i = 0; i < n_in; i += 7)
      kernels->thin_forward(c.w, n_in, n_out, i, i + 7 < n_in ? i + 7 : n_in, share ? cut : 0, share ? width : cut,
                            (FloatRows){ c.x + (size_t)i * stride, stride }, i == 0 ? c.bias : NULL, c.y, stride);
  check_forward(&c, 0, c.n_in, 0, (size_t)width, 1);
  case_close(&c);
}

static void test_forward (void **state) {
  kernels = isa_kernels(state);
  for (int32_t n_out = 1; n_out <= THIN; n_out++)
    for (int32_t width = STRIDE_STEP; width <= 80; width += STRIDE_STEP) {
      size_t stride = (size_t)width;
      forward_once(19, n_out, stride, 0, 19, 0, width, 1);
      forward_once(19, n_out, stride, 3, 18, 0, width, 0);
      if (stride > STRIDE_STEP) forward_once(19, n_out, stride, 5, 6, STRIDE_STEP, width, width % 32 == 0);
      forward_in_parts(33, n_out, stride, width);
    }
  forward_once(4, 3, 48, 2, 2, 16, 32, 1);  /* no input at all */
  forward_once(300, 10, 528, 0, 300, 128, 512, 1);
}

/* ---- backward ---- */

static double naive_gradient (const Case *c, size_t o, size_t i, double *magnitude) {
  double g = 0;
  *magnitude = 0;
  for (size_t b = 0; b < (size_t)c->width; b++) {
    double term = (double)c->x[i * c->stride + b] * (double)c->dy[o * c->stride + b];
    g += term;
    *magnitude += fabs(term);
  }
  return g;
}

static void check_inputs (const Case *c, size_t i0, size_t i1) {
  float *untouched = values(c->n_in * c->stride, 7);
  for (size_t i = 0; i < c->n_in; i++)
    for (size_t b = 0; b < c->stride; b++) {
      double sum = 0, magnitude = 0;
      for (size_t o = 0; o < c->n_out; o++) {
        double term = (double)c->old[o * c->n_in + i] * (double)c->dy[o * c->stride + b];
        sum += term;
        magnitude += fabs(term);
      }
      float got = c->dx[i * c->stride + b];
      if (i0 <= i && i < i1 && b < (size_t)c->width) assert_close(c, got, sum, magnitude, "dx", i);
      else assert_true(got == untouched[i * c->stride + b]);
    }
  free(untouched);
}

/* Gradients are given, or used; elsewhere nothing changes. */
static void check_weights (const Case *c, size_t i0, size_t i1, int add, const Update *u) {
  float *untouched = values(c->n_in * c->n_out, 8);
  for (size_t k = 0; k < c->n_in * c->n_out; k++) {
    size_t i = k % c->n_in;
    double magnitude, g = naive_gradient(c, k / c->n_in, i, &magnitude), w = (double)c->old[k], v = (double)c->old_momentum[k];
    int mine = i0 <= i && i < i1;
    if (add) g += (double)untouched[k], magnitude += fabs((double)untouched[k]);
    if (mine && !u) assert_close(c, c->gradient[k], g, magnitude, "gradient", k);
    else assert_true(c->gradient[k] == untouched[k]);
    if (!mine || !u) {
      assert_true(c->w[k] == c->old[k] && c->momentum[k] == c->old_momentum[k]);
      continue;
    }
    double mu = (double)u->momentum, step = (double)u->rate * ((double)u->scale * g + (double)u->couple * w), v1 = mu * v - step;
    double moved = fabs(mu * v) + (double)u->rate * ((double)u->scale * magnitude + fabs((double)u->couple * w));
    assert_close(c, c->momentum[k], v1, moved, "velocity", k);
    assert_close(c, c->w[k], w + (u->nesterov ? mu * v1 - step : v1) - (double)u->shrink * w, fabs(w) + 2 * moved, "weight", k);
  }
  free(untouched);
}

static void backward_once (int32_t n_in, int32_t n_out, size_t stride, int32_t width, int32_t i0, int32_t i1, int with_dx, int add, const Update *u) {
  Case c = case_open(n_in, n_out, stride, width);
  for (int32_t first = i0, next; first < i1; first = next) {  /* in two calls, as two threads would */
    next = first == i0 && i1 - i0 > 5 ? i0 + (i1 - i0) / 3 : i1;
    size_t at = (size_t)first * stride;
    Sink sink = { u, c.gradient, add };
    kernels->thin_backward(&(Learnt){ .value = c.w, .velocity = c.momentum }, n_in, n_out, first, next, width, (FloatRows){ c.x + at, stride }, (FloatRows){ c.dy, stride },
                           with_dx ? c.dx + at : NULL, stride, &sink, NULL);
  }
  check_inputs(&c, with_dx ? (size_t)i0 : 0, with_dx ? (size_t)i1 : 0);
  check_weights(&c, (size_t)i0, (size_t)i1, add, u);
  case_close(&c);
}

/* Through ReLU in registers and in place: as in three passes, to the bit. */
static void check_through (int32_t n_in, int32_t n_out, int32_t width) {
  size_t stride = (size_t)width;
  Case c = case_open(n_in, n_out, stride, width);
  float *sum = values((size_t)n_in, 1), *want = values((size_t)n_in, 2), *gradient = values((size_t)n_in * (size_t)n_out, 3);
  Sink plain = { NULL, c.gradient, 0 }, sink = { NULL, gradient, 0 };
  Through through = { 1.5f, sum };
  FloatRows x = { c.x, stride }, dy = { c.dy, stride };
  kernels->thin_backward(&(Learnt){ .value = c.w, .velocity = c.momentum }, n_in, n_out, 0, n_in, width, x, dy, c.dx, stride, &plain, NULL);
  for (size_t e = 0; e < (size_t)n_in * stride; e++) c.dx[e] = c.x[e] > 0 ? c.dx[e] * 1.5f : 0;
  kernels->row_sums(c.dx, stride, n_in, width, want, 0);
  kernels->thin_backward(&(Learnt){ .value = c.w, .velocity = c.momentum }, n_in, n_out, 0, n_in, width, x, dy, c.x, stride, &sink, &through);
  for (int32_t i = 0; i < n_in; i++) assert_true(sum[i] == want[i]);
  for (size_t e = 0; e < (size_t)n_in * stride; e++) assert_true(c.x[e] == c.dx[e]);
  assert_memory_equal(gradient, c.gradient, (size_t)n_in * (size_t)n_out * sizeof *gradient);
  free(sum), free(want), free(gradient);
  case_close(&c);
}

static const Update updates[] = {
  { .rate = 0.05f, .momentum = 0, .scale = 1 },
  { .rate = 0.05f, .momentum = 0.9f, .scale = 0.025f, .shrink = 2e-4f },
  { .rate = 0.5f, .momentum = 0.9f, .scale = 0.1f, .couple = 0.3f },
  { .rate = 0.5f, .momentum = 0.8f, .scale = 0.1f, .couple = 0.3f, .shrink = 0.2f, .nesterov = 1 } };

/* Every width of one run, and wider ones whose runs add up. */
static void test_backward (void **state) {
  kernels = isa_kernels(state);
  for (int32_t width = STRIDE_STEP; width <= 2 * kernels->widest + 3 * STRIDE_STEP; width += STRIDE_STEP) {
    size_t stride = (size_t)width;
    int32_t n_out = width / STRIDE_STEP % THIN + 1;
    if (width <= kernels->widest) check_through(37, n_out, width);
    for (int way = 0; way < 4; way++) backward_once(37, n_out, stride, width, way & 1 ? 0 : 5, way & 1 ? 37 : 34, way & 2, way & 1, NULL);
    backward_once(37, n_out, stride, width, 0, 37, 1, n_out % 2, &updates[3]);
  }
}

/* Every number of outputs and, about the length of a vector, of inputs. */
static void test_sizes (void **state) {
  kernels = isa_kernels(state);
  for (int32_t n_out = 1; n_out <= THIN; n_out++)
    for (int32_t n_in = 1; n_in <= 34; n_in += n_in < 3 || n_in % 16 == 15 || n_in % 16 == 0 ? 1 : 3) {
      const Update *u = &updates[(n_out + n_in) % 4];
      backward_once(n_in, n_out, 64, 48, 0, n_in, 1, 0, u);
      backward_once(n_in, n_out, 64, 48, 0, n_in, 0, 1, u);
      backward_once(n_in, n_out, 64, 48, 0, n_in, 1, 0, NULL);
    }
}

int main (void) {
  const struct CMUnitTest tests[] = { EACH_ISA(test_forward), EACH_ISA(test_backward), EACH_ISA(test_sizes) };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("thin", tests, NULL, NULL);
}
