/*
** kernel_fixture.h -- what the tests of the sparse kernels share: layers with rows of all
** lengths, rows of values, and the twins, a few lines each in double precision.
**
** Arrays come from malloc, to the byte, so that the address sanitizer sees every step outside.
*/
#ifndef SETLAB_TESTS_KERNEL_FIXTURE_H
#define SETLAB_TESTS_KERNEL_FIXTURE_H
#include "isa.h"
#include "wiring.h"
#include <math.h>
#include <stdlib.h>

static const Kernels *kernels;  /* the set under test */

/* ---- layers: rows without links, with one, with just about the chunk of 256, and far beyond ---- */

static const int32_t row_links[] = { 700, 0, 1, 257, 256, 255, 2, 0, 3, 15, 16, 17, 31, 33, 7, 8, 9, 513, 40, 0 };
enum { FEW = sizeof row_links / sizeof *row_links, MANY = 700 };

/* wide: FEW inputs with up to 700 links each; otherwise the same turned round. */
static inline Sparse *layer (int wide) {
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

/* Random values for n units; every third is 0, as after ReLU. To be given to free. */
static inline float *values (int32_t n, size_t stride, uint64_t seed) {
  float *v = malloc((size_t)n * stride * sizeof *v);
  Rng rng;
  assert_non_null(v);
  rng_seed(&rng, seed, 0);
  for (size_t e = 0; e < (size_t)n * stride; e++) v[e] = rng_below(&rng, 3) ? (float)rng_normal(&rng) : 0;
  return v;
}

static inline void assert_close (float got, double want, double magnitude, const char *what, size_t stride, int64_t at) {
  if (!(fabs((double)got - want) <= 1e-5 * magnitude + 1e-30))
    fail_msg("%s, %s, stride %zu, element %lld: got %.9g, want %.9g", kernels->isa, what, stride, (long long)at, (double)got, want);
}

/* Tiles as net_step.c cuts them: whole cache lines, but for the end of a row. */
static inline int32_t tile_width (size_t stride, size_t column) {
  size_t widest = (size_t)(kernels->widest / STRIDE_STEP * STRIDE_STEP), left = stride - column;
  return (int32_t)(left < widest ? left : widest);
}

/* ---- one layer and its rows, before and after a walk ---- */

typedef struct Case {
  Sparse  *W, *old;     /* the layer, and its copy from before the walk */
  size_t   stride;
  float   *x, *y, *bias;
  float   *dy, *dx, *gradient;
} Case;

static inline Case case_open (int wide, size_t stride) {
  Case c = { .W = layer(wide), .old = layer(wide), .stride = stride };
  c.x = values(c.W->n_in, stride, 6);
  c.y = values(c.W->n_out, stride, 4);
  c.bias = values(c.W->n_out, 1, 5);
  c.dy = values(c.W->n_out, stride, 7);
  c.dx = values(c.W->n_in, stride, 8);
  c.gradient = values((int32_t)c.W->links, 1, 9);
  return c;
}

static inline void case_close (Case *c) {
  sparse_free(c->W);
  sparse_free(c->old);
  free(c->x);
  free(c->y);
  free(c->bias);
  free(c->dy);
  free(c->dx);
  free(c->gradient);
}

/* ---- twins ---- */

static inline void check_sums (const Case *c) {
  const Sparse *W = c->old;
  for (int32_t o = 0; o < W->n_out; o++)
    for (size_t b = 0; b < c->stride; b++) {
      double sum = (double)c->bias[o], magnitude = fabs(sum);
      for (int64_t m = W->in_ptr[o]; m < W->in_ptr[o + 1]; m++) {
        double term = (double)W->w[W->at[m]] * (double)c->x[(size_t)W->from[m] * c->stride + b];
        sum += term;
        magnitude += fabs(term);
      }
      assert_close(c->y[(size_t)o * c->stride + b], sum, magnitude, "forward", c->stride, o);
    }
}

static inline void check_dx (const Case *c) {
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

static inline double naive_gradient (const Case *c, int32_t i, int64_t k, double *magnitude) {
  double g = 0;
  *magnitude = 0;
  for (size_t b = 0; b < c->stride; b++) {
    double term = (double)c->x[(size_t)i * c->stride + b] * (double)c->dy[(size_t)c->old->to[k] * c->stride + b];
    g += term;
    *magnitude += fabs(term);
  }
  return g;
}

static inline void check_gradient (const Case *c) {
  for (int32_t i = 0; i < c->W->n_in; i++)
    for (int64_t k = c->W->ptr[i]; k < c->W->ptr[i + 1]; k++) {
      double magnitude, g = naive_gradient(c, i, k, &magnitude);
      assert_close(c->gradient[k], g, magnitude, "gradient", c->stride, k);
    }
  assert_memory_equal(c->W->w, c->old->w, (size_t)c->W->links * sizeof *c->W->w);
  assert_memory_equal(c->W->momentum, c->old->momentum, (size_t)c->W->links * sizeof *c->W->w);
  assert_null(sparse_check(c->W));
}

/* METHODS 6, with kernel.h's g'. */
static inline void check_update (const Case *c, const Update *u) {
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

#endif
