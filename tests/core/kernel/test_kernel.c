/*
** The kernels' walks over sparse links, for every instruction set that this machine has,
** against twins of a few lines in double precision. (With far rows in bfloat16:
** test_kernel_bf16.c; the other kernels: test_thin.c, test_dense.c, test_batch.c.)
*/
#include "kernel_fixture.h"

static const size_t strides[] = { 8, 16, 24, 32, 40, 48, 56, 64, 72, 96, 104, 112, 120, 128, 136, 144, 200, 256, 264, 520 };
enum { N_STRIDES = sizeof strides / sizeof *strides };

/* ---- forward ---- */

static void forward_all (const Sparse *W, int32_t o0, int32_t o1, size_t stride, const float *x, const float *bias, float *y) {
  for (size_t c = 0; c < stride; c += (size_t)tile_width(stride, c))
    kernels->forward(W, o0, o1, stride, tile_width(stride, c), x + c, bias, y + (size_t)o0 * stride + c);
}

static void check_forward (int wide, size_t stride) {
  Case c = case_open(wide, stride);
  int32_t cut = c.W->n_out / 3;
  forward_all(c.W, 0, cut, stride, c.x, c.bias, c.y);
  forward_all(c.W, cut, c.W->n_out, stride, c.x, c.bias, c.y);
  check_sums(&c);
  case_close(&c);
}

/* A call on a few units writes these and no others. */
static void check_forward_range (size_t stride) {
  Sparse *W = layer(1);
  float *x = values(W->n_in, stride, 3), *y = values(W->n_out, stride, 4), *before = values(W->n_out, stride, 4);
  forward_all(W, 10, 13, stride, x, y, y);
  assert_memory_equal(y, before, 10 * stride * sizeof *y);
  assert_memory_equal(y + 13 * stride, before + 13 * stride, ((size_t)W->n_out - 13) * stride * sizeof *y);
  assert_memory_not_equal(y + 10 * stride, before + 10 * stride, 3 * stride * sizeof *y);
  free(x);
  free(y);
  free(before);
  sparse_free(W);
}

/* ---- backward ---- */

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
      free(dy);
      free(bias);
      free(velocity);
      free(old);
      free(old_velocity);
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
