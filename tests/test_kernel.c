/*
** The kernels' walks over sparse links, for every instruction set that this machine has,
** against twins of a few lines in double precision. (The other kernels: test_dense.c.)
*/
#include "isa.h"
#include "mem.h"
#include "wiring.h"
#include <math.h>

static const size_t strides[] = { 8, 16, 24, 32, 40, 48, 56, 64, 72, 96, 104, 112, 120, 128, 136, 144, 200, 256, 264, 520 };
enum { N_STRIDES = sizeof strides / sizeof *strides };

/* ---- layers: rows without links, with one, with just about the chunk of 256, and far beyond ---- */

static const int32_t row_links[] = { 700, 0, 1, 257, 256, 255, 2, 0, 3, 15, 16, 17, 31, 33, 7, 8, 9, 513, 40, 0 };
enum { FEW = sizeof row_links / sizeof *row_links, MANY = 700 };

/* wide: FEW inputs with up to 700 links each; otherwise the same turned round. */
static Sparse *layer (int wide) {
  static int32_t few[8192], many[8192];
  int64_t n = 0;
  for (int32_t r = 0; r < FEW; r++)
    for (int32_t k = 0; k < row_links[r]; k++, n++) {
      few[n] = r;
      many[n] = (int32_t)((int64_t)k * MANY / row_links[r] + (r % 3 && row_links[r] < 600 ? 1 : 0)) % (MANY - 1);
      if (row_links[r] == MANY) many[n] = k;
    }
  const char *why;
  Rng weights;
  rng_seed(&weights, 1, RNG_WEIGHTS);
  Sparse *W = wiring_given(wide ? FEW : MANY, wide ? MANY : FEW, n, wide ? few : many, wide ? many : few,
                           init_find("normal"), &weights, &why);
  if (!W) fail_msg("%s", why);
  Rng rng;
  rng_seed(&rng, 2, 0);
  for (int64_t k = 0; k < W->links; k++) W->momentum[k] = (float)rng_normal(&rng) * 0.1f;
  return W;
}

/* Random values for n units; every third is 0, as after ReLU. */
static float *values (int32_t n, size_t stride, uint64_t seed) {
  float *v = mem_new((size_t)n * stride, sizeof *v);
  Rng rng;
  rng_seed(&rng, seed, 0);
  for (size_t e = 0; e < (size_t)n * stride; e++) v[e] = rng_below(&rng, 3) ? (float)rng_normal(&rng) : 0;
  return v;
}

static const Kernels *kernels;  /* the set under test */

static void assert_close (float got, double want, double magnitude, const char *what, size_t stride, int64_t at) {
  if (!(fabs((double)got - want) <= 1e-5 * magnitude + 1e-30))
    fail_msg("%s, %s, stride %zu, element %lld: got %.9g, want %.9g", kernels->isa, what, stride, (long long)at, (double)got, want);
}

/* Tiles as net_step.c cuts them: whole cache lines, but for the end of a row. */
static int32_t tile_width (size_t stride, size_t column) {
  size_t widest = (size_t)(kernels->widest / STRIDE_STEP * STRIDE_STEP), left = stride - column;
  return (int32_t)(left < widest ? left : widest);
}

/* ---- forward ---- */

static void forward_all (const Sparse *W, int32_t o0, int32_t o1, size_t stride, const float *x, const float *bias, float *y) {
  for (size_t c = 0; c < stride; c += (size_t)tile_width(stride, c))
    kernels->forward(W, o0, o1, stride, tile_width(stride, c), x + c, bias, y + (size_t)o0 * stride + c);
}

static void check_forward (int wide, size_t stride) {
  Sparse *W = layer(wide);
  float *x = values(W->n_in, stride, 3), *y = values(W->n_out, stride, 4), *bias = values(W->n_out, 1, 5);
  int32_t cut = W->n_out / 3;
  forward_all(W, 0, cut, stride, x, bias, y);
  forward_all(W, cut, W->n_out, stride, x, bias, y);
  for (int32_t o = 0; o < W->n_out; o++)
    for (size_t b = 0; b < stride; b++) {
      double sum = (double)bias[o], magnitude = fabs(sum);
      for (int64_t m = W->in_ptr[o]; m < W->in_ptr[o + 1]; m++) {
        double term = (double)W->w[W->at[m]] * (double)x[(size_t)W->from[m] * stride + b];
        sum += term;
        magnitude += fabs(term);
      }
      assert_close(y[(size_t)o * stride + b], sum, magnitude, "forward", stride, o);
    }
  mem_free(x);
  mem_free(y);
  mem_free(bias);
  sparse_free(W);
}

/* A call on a few units writes these and no others. */
static void check_forward_range (size_t stride) {
  Sparse *W = layer(1);
  float *x = values(W->n_in, stride, 3), *y = values(W->n_out, stride, 4), *before = values(W->n_out, stride, 4);
  forward_all(W, 10, 13, stride, x, y, y);
  assert_memory_equal(y, before, 10 * stride * sizeof *y);
  assert_memory_equal(y + 13 * stride, before + 13 * stride, ((size_t)W->n_out - 13) * stride * sizeof *y);
  assert_memory_not_equal(y + 10 * stride, before + 10 * stride, 3 * stride * sizeof *y);
  mem_free(x);
  mem_free(y);
  mem_free(before);
  sparse_free(W);
}

/* ---- backward ---- */

typedef struct Case {
  Sparse  *W, *old;     /* the layer, and its copy from before the walk */
  size_t   stride;
  float   *x, *dy, *dx, *gradient;
} Case;

static Case case_open (int wide, size_t stride) {
  Case c = { .W = layer(wide), .old = layer(wide), .stride = stride };
  c.x = values(c.W->n_in, stride, 6);
  c.dy = values(c.W->n_out, stride, 7);
  c.dx = values(c.W->n_in, stride, 8);
  c.gradient = mem_zero((size_t)c.W->links, sizeof *c.gradient);
  return c;
}

static void case_close (Case *c) {
  sparse_free(c->W);
  sparse_free(c->old);
  mem_free(c->x);
  mem_free(c->dy);
  mem_free(c->dx);
  mem_free(c->gradient);
}

/* Tile by tile: gradients add up, the last tile carries the update. */
static void walk_units (Case *c, int32_t i0, int32_t i1, float *dx, const Update *update) {
  for (size_t at = 0; at < c->stride;) {
    int32_t width = tile_width(c->stride, at);
    int last = at + (size_t)width == c->stride;
    size_t first = (size_t)i0 * c->stride + at;
    kernels->backward(c->W, i0, i1, c->stride, width, c->x + first, c->dy + at, dx ? dx + first : NULL,
                      last ? update : NULL, c->gradient, at > 0);
    at += (size_t)width;
  }
}

/* In two walks, as two threads of a team would. */
static void walk (Case *c, float *dx, const Update *update) {
  int32_t cut = c->W->n_in / 2 + 1;
  walk_units(c, 0, cut, dx, update);
  walk_units(c, cut, c->W->n_in, dx, update);
}

static void check_dx (const Case *c) {
  const Sparse *W = c->old;
  for (int32_t i = 0; i < W->n_in; i++)
    for (size_t b = 0; b < c->stride; b++) {
      double sum = 0, magnitude = 0;
      for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) {
        double term = (double)W->w[k] * (double)c->dy[(size_t)W->to[k] * c->stride + b];
        sum += term;
        magnitude += fabs(term);
      }
      assert_close(c->dx[(size_t)i * c->stride + b], sum, magnitude, "dx", c->stride, i);
    }
}

static double naive_gradient (const Case *c, int32_t i, int64_t k, double *magnitude) {
  double g = 0;
  *magnitude = 0;
  for (size_t b = 0; b < c->stride; b++) {
    double term = (double)c->x[(size_t)i * c->stride + b] * (double)c->dy[(size_t)c->old->to[k] * c->stride + b];
    g += term;
    *magnitude += fabs(term);
  }
  return g;
}

static void check_gradient (const Case *c) {
  for (int32_t i = 0; i < c->W->n_in; i++)
    for (int64_t k = c->W->ptr[i]; k < c->W->ptr[i + 1]; k++) {
      double magnitude, g = naive_gradient(c, i, k, &magnitude);
      assert_close(c->gradient[k], g, magnitude, "gradient", c->stride, k);
    }
  assert_memory_equal(c->W->w, c->old->w, (size_t)c->W->links * sizeof *c->W->w);
  assert_memory_equal(c->W->momentum, c->old->momentum, (size_t)c->W->links * sizeof *c->W->w);
  assert_null(sparse_check(c->W));
}

/* METHODS 6, with the header's g'. */
static void check_update (const Case *c, const Update *u) {
  double rate = (double)u->rate, mu = (double)u->momentum;
  for (int32_t i = 0; i < c->W->n_in; i++)
    for (int64_t k = c->W->ptr[i]; k < c->W->ptr[i + 1]; k++) {
      double magnitude, g = (double)u->scale * naive_gradient(c, i, k, &magnitude);
      double w = (double)c->old->w[k], v = (double)c->old->momentum[k];
      double step = rate * (g + (double)u->couple * w), v1 = mu * v - step;
      double w1 = w + (u->nesterov ? mu * v1 - step : v1) - (double)u->shrink * w;
      double moved = fabs(mu * v) + rate * ((double)u->scale * magnitude + fabs((double)u->couple * w));
      assert_close(c->W->momentum[k], v1, moved, "velocity", c->stride, k);
      assert_close(c->W->w[k], w1, fabs(w) + 2 * moved, "weight", c->stride, k);
    }
  const char *broken = sparse_check(c->W);
  if (broken) fail_msg("%s, stride %zu: %s", kernels->isa, c->stride, broken);
}

static const Update updates[] = {
  { .rate = 0.05f, .momentum = 0, .scale = 1 },
  { .rate = 0.05f, .momentum = 0.9f, .scale = 0.025f, .shrink = 2e-4f },
  { .rate = 0.5f, .momentum = 0.9f, .scale = 0.1f, .couple = 0.3f },
  { .rate = 0.5f, .momentum = 0.8f, .scale = 0.1f, .couple = 0.3f, .shrink = 0.2f, .nesterov = 1 },
};
enum { N_UPDATES = sizeof updates / sizeof *updates };

static void check_backward (int wide, size_t stride) {
  Case c = case_open(wide, stride);
  walk(&c, c.dx, NULL);
  check_dx(&c);
  check_gradient(&c);
  case_close(&c);
  for (int u = 0; u < N_UPDATES; u++)
    for (int with_dx = 0; with_dx <= 1; with_dx++) {
      if (stride > 64 && u != N_UPDATES - 1) continue;
      c = case_open(wide, stride);
      walk(&c, with_dx ? c.dx : NULL, &updates[u]);
      check_update(&c, &updates[u]);
      if (with_dx) check_dx(&c);
      case_close(&c);
    }
}

/* ---- for each instruction set ---- */

static void test_forward (void **state) {
  kernels = isa_kernels(state);
  for (int s = 0; s < N_STRIDES; s++) {
    check_forward(0, strides[s]);
    check_forward(1, strides[s]);
    check_forward_range(strides[s]);
  }
}

static void test_backward (void **state) {
  kernels = isa_kernels(state);
  for (int s = 0; s < N_STRIDES; s++) {
    check_backward(0, strides[s]);
    check_backward(1, strides[s]);
  }
}

static void test_bias (void **state) {
  kernels = isa_kernels(state);
  for (int s = 0; s < N_STRIDES; s++)
    for (int n_update = 0; n_update < N_UPDATES; n_update++) {
      enum { N = 13 };
      const Update *u = &updates[n_update];
      float *dy = values(N, strides[s], 9), *bias = values(N, 1, 10), *velocity = values(N, 1, 11);
      float *old = values(N, 1, 10), *old_velocity = values(N, 1, 11);
      kernels->update_bias(bias, velocity, N, strides[s], (int32_t)strides[s], dy, u);
      for (int32_t o = 0; o < N; o++) {
        double g = 0, magnitude = 0, w = (double)old[o], v = (double)old_velocity[o], mu = (double)u->momentum;
        for (size_t b = 0; b < strides[s]; b++) {
          g += (double)dy[(size_t)o * strides[s] + b];
          magnitude += fabs((double)dy[(size_t)o * strides[s] + b]);
        }
        double step = (double)u->rate * ((double)u->scale * g + (double)u->couple * w), v1 = mu * v - step;
        magnitude = (double)u->rate * ((double)u->scale * magnitude + (double)u->couple * fabs(w)) + mu * fabs(v);
        assert_close(velocity[o], v1, magnitude, "bias velocity", strides[s], o);
        assert_close(bias[o], w + (u->nesterov ? mu * v1 - step : v1) - (double)u->shrink * w, 2 * magnitude + fabs(w), "bias", strides[s], o);
      }
      mem_free(dy);
      mem_free(bias);
      mem_free(velocity);
      mem_free(old);
      mem_free(old_velocity);
    }
}

static void test_choice (void **state) {
  (void)state;
  assert_non_null(kernels_choose(NULL));
  assert_non_null(kernels_choose("portable"));
  assert_null(kernels_choose("avx1024"));
  assert_null(kernels_choose(""));
}

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_choice), EACH_ISA(test_forward), EACH_ISA(test_backward), EACH_ISA(test_bias),
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("kernel", tests, NULL, NULL);
}
