/*
** The kernels' walks over sparse links, for every instruction set that this machine has,
** against twins of a few lines in double precision. (With far rows in bfloat16:
** test_kernel_bf16.c; the other kernels: test_thin.c, test_dense.c, test_batch.c.)
*/
#include "kernel_fixture.h"

static const size_t strides[] = { 16, 32, 48, 64, 80, 96, 112, 128, 144, 208, 256, 272, 528 };
enum { N_STRIDES = sizeof strides / sizeof *strides };

/* ---- forward ---- */

static void forward_all (const Fan *fan, int32_t o0, int32_t o1, size_t stride, const float *x, const float *bias, float *y) {
  for (size_t c = 0; c < stride; c += (size_t)tile_width(stride, c))
    kernels->forward(fan, o0, o1, tile_width(stride, c), (FloatRows){ x + c, stride }, bias, y + (size_t)o0 * stride + c, stride, NULL);
}

static void check_forward (int wide, int compact, size_t stride) {
  Case c = case_open(wide, stride);
  LinkFan f = fan_open(c.W, 1, compact);
  int32_t cut = c.W->n_out / 3;
  forward_all(&f.fan, 0, cut, stride, c.x, c.bias, c.y);
  forward_all(&f.fan, cut, c.W->n_out, stride, c.x, c.bias, c.y);
  check_sums(&c);
  fan_close(&f);
  case_close(&c);
}

/* Rectified and dropped out in registers: the same as sums that go through one after the other. */
static void check_rectified (int compact, int drops, size_t stride) {
  Case c = case_open(1, stride);
  LinkFan f = fan_open(c.W, 1, compact);
  int32_t width = tile_width(stride, 0), n = c.W->n_out;
  Dropout drop = { 12345, 1u << 30, 4.0f / 3 };
  Rectify rectify = { drops ? &drop : NULL, 32, 1000 };
  float *y = values(n, stride, 4);
  c.bias[3] = NAN;
  kernels->forward(&f.fan, 0, n, width, (FloatRows){ c.x, stride }, c.bias, y, stride, NULL);
  for (int32_t o = 0; o < n; o++)
    for (int32_t b = 0; b < width; b++) {
      float *v = &y[(size_t)o * stride + (size_t)b];
      *v = *v > 0 || isnan(*v) ? *v : 0;
    }
  if (drops) kernels->dropout(y, stride, n, width, 32, 1000, &drop);
  for (int32_t half = 0; half <= 1; half++) {
    int32_t u0 = half ? n / 2 : 0, u1 = half ? n : n / 2;
    kernels->forward(&f.fan, u0, u1, width, (FloatRows){ c.x, stride }, c.bias, c.y + (size_t)u0 * stride, stride, &rectify);
  }
  for (int32_t o = 0; o < n; o++) assert_memory_equal(c.y + (size_t)o * stride, y + (size_t)o * stride, (size_t)width * sizeof *y);
  free(y);
  fan_close(&f);
  case_close(&c);
}

/* A call on a few units writes these and no others. */
static void check_forward_range (size_t stride) {
  Sparse *W = layer(1);
  LinkFan f = fan_open(W, 1, 1);
  float *x = values(W->n_in, stride, 3), *y = values(W->n_out, stride, 4), *before = values(W->n_out, stride, 4);
  forward_all(&f.fan, 10, 13, stride, x, y, y);
  assert_memory_equal(y, before, 10 * stride * sizeof *y);
  assert_memory_equal(y + 13 * stride, before + 13 * stride, ((size_t)W->n_out - 13) * stride * sizeof *y);
  assert_memory_not_equal(y + 10 * stride, before + 10 * stride, 3 * stride * sizeof *y);
  free(x);
  free(y);
  free(before);
  fan_close(&f);
  sparse_free(W);
}

/* ---- backward ---- */

/* Tile by tile: gradients add up, the last tile carries the update. */
static void walk_units (Case *c, const Fan *fan, int32_t i0, int32_t i1, float *dx, const Update *update) {
  for (size_t at = 0; at < c->stride;) {
    int32_t width = tile_width(c->stride, at);
    int last = at + (size_t)width == c->stride;
    size_t first = (size_t)i0 * c->stride + at;
    Sink sink = { last ? update : NULL, c->gradient, at > 0 };
    kernels->backward(fan, i0, i1, width, (FloatRows){ c->x + first, c->stride }, (FloatRows){ c->dy + at, c->stride },
                      dx ? dx + first : NULL, c->stride, &sink, NULL);
    at += (size_t)width;
  }
}

/* In two walks, as two threads of a group would. */
static void walk (Case *c, int compact, float *dx, const Update *update) {
  LinkFan f = fan_open(c->W, 0, compact);
  int32_t cut = c->W->n_in / 2 + 1;
  walk_units(c, &f.fan, 0, cut, dx, update);
  walk_units(c, &f.fan, cut, c->W->n_in, dx, update);
  fan_close(&f);
}

static void check_backward (int wide, int compact, size_t stride) {
  Case c = case_open(wide, stride);
  walk(&c, compact, c.dx, NULL);
  check_dx(&c);
  check_gradient(&c);
  case_close(&c);
  for (int u = 0; u < N_UPDATES; u++)
    for (int with_dx = 0; with_dx <= 1; with_dx++) {
      if (stride > 64 && u != N_UPDATES - 1) continue;
      c = case_open(wide, stride);
      walk(&c, compact, with_dx ? c.dx : NULL, &updates[u]);
      check_update(&c, &updates[u]);
      if (with_dx) check_dx(&c);
      case_close(&c);
    }
}

/* Near and far the other way round, by output units: the same gradients, to the bit. */
static void check_turned (int wide, size_t stride) {
  Case c = case_open(wide, stride);
  LinkFan in = fan_open(c.W, 0, 1), out = fan_open(c.W, 1, 1);
  float *other = values((int32_t)c.W->links, 1, 11);
  Sink by_input = { NULL, c.gradient, 0 }, by_output = { NULL, other, 0 };
  int32_t width = tile_width(stride, 0);
  FloatRows x = { c.x, stride }, dy = { c.dy, stride };
  kernels->backward(&in.fan, 0, c.W->n_in, width, x, dy, NULL, 0, &by_input, NULL);
  kernels->backward(&out.fan, 0, c.W->n_out, width, dy, x, NULL, 0, &by_output, NULL);
  for (int64_t m = 0; m < c.W->links; m++) assert_memory_equal(&other[m], &c.gradient[c.W->at[m]], sizeof *other);
  free(other);
  fan_close(&in);
  fan_close(&out);
  case_close(&c);
}

/* Through ReLU in registers and in place: the same as in three passes, to the bit. */
static void check_through (int wide, size_t stride) {
  Case c = case_open(wide, stride);
  LinkFan f = fan_open(c.W, 0, 1);
  int32_t width = tile_width(stride, 0), n = c.W->n_in;
  float *sum = values(n, 1, 12), *want = values(n, 1, 13), *gradient = values((int32_t)c.W->links, 1, 11);
  Sink plain = { NULL, c.gradient, 0 }, sink = { NULL, gradient, 0 };
  Through through = { 1.5f, sum };
  FloatRows x = { c.x, stride }, dy = { c.dy, stride };
  kernels->backward(&f.fan, 0, n, width, x, dy, c.dx, stride, &plain, NULL);
  for (int32_t i = 0; i < n; i++)
    for (int32_t b = 0; b < width; b++) {
      size_t e = (size_t)i * stride + (size_t)b;
      c.dx[e] = c.x[e] > 0 ? c.dx[e] * 1.5f : 0;
    }
  kernels->row_sums(c.dx, stride, n, width, want, 0);
  kernels->backward(&f.fan, 0, n, width, x, dy, c.x, stride, &sink, &through);
  for (int32_t i = 0; i < n; i++) {
    assert_true(sum[i] == want[i]);
    for (int32_t b = 0; b < width; b++) assert_true(c.x[(size_t)i * stride + (size_t)b] == c.dx[(size_t)i * stride + (size_t)b]);
  }
  assert_memory_equal(gradient, c.gradient, (size_t)c.W->links * sizeof *gradient);
  free(sum);
  free(want);
  free(gradient);
  fan_close(&f);
  case_close(&c);
}

/* ---- for each instruction set ---- */

static void test_forward (void **state) {
  kernels = isa_kernels(state);
  for (int s = 0; s < N_STRIDES; s++) {
    for (int way = 0; way < 4; way++) {
      check_forward(way & 1, way & 2, strides[s]);
      check_rectified(way & 1, way & 2, strides[s]);
    }
    check_forward_range(strides[s]);
  }
}

static void test_backward (void **state) {
  kernels = isa_kernels(state);
  for (int s = 0; s < N_STRIDES; s++) {
    for (int way = 0; way < 4; way++) check_backward(way & 1, way & 2, strides[s]);
    for (int wide = 0; wide <= 1; wide++) {
      check_turned(wide, strides[s]);
      check_through(wide, strides[s]);
    }
  }
}

/* ---- sums and updates ---- */

static void test_row_sums (void **state) {
  kernels = isa_kernels(state);
  enum { N = 13 };
  for (int s = 0; s < N_STRIDES; s++)
    for (int add = 0; add <= 1; add++) {
      float *dy = values(N, strides[s] + 16, 9), *sum = values(N + 1, 1, 10), *old = values(N + 1, 1, 10);
      kernels->row_sums(dy, strides[s] + 16, N, (int32_t)strides[s], sum, add);
      for (int32_t o = 0; o < N; o++) {
        double g = add ? (double)old[o] : 0, magnitude = fabs(g);
        for (size_t b = 0; b < strides[s]; b++) {
          g += (double)dy[(size_t)o * (strides[s] + 16) + b];
          magnitude += fabs((double)dy[(size_t)o * (strides[s] + 16) + b]);
        }
        assert_close(sum[o], g, magnitude, "row sum", strides[s], o);
      }
      assert_true(sum[N] == old[N]);
      free(dy);
      free(sum);
      free(old);
    }
}

static void check_update_of (int32_t n, int n_g, const Update *u) {
  float *w = values(n, 1, 1), *v = values(n, 1, 2), *old = values(n, 1, 1), *old_v = values(n, 1, 2), *sum = values(n, 1, 3);
  float *g[3] = { values(n, 1, 4), values(n, 1, 5), values(n, 1, 6) };
  kernels->sum_gradients(sum, (size_t)n, (const float *const *)g, n_g);
  kernels->update(&(Learnt){ .value = w, .velocity = v }, (size_t)n, (const float *const *)g, n_g, u);
  for (int32_t e = 0; e < n; e++) {
    double s = 0, magnitude = 0, mu = (double)u->momentum;
    for (int i = 0; i < n_g; i++) {
      s += (double)g[i][e];
      magnitude += fabs((double)g[i][e]);
    }
    assert_close(sum[e], s, magnitude, "sum of gradients", (size_t)n, e);
    double step = (double)u->rate * ((double)u->scale * s + (double)u->couple * (double)old[e]), v1 = mu * (double)old_v[e] - step;
    magnitude = (double)u->rate * ((double)u->scale * magnitude + (double)u->couple * fabs((double)old[e])) + mu * fabs((double)old_v[e]);
    assert_close(v[e], v1, magnitude, "velocity", (size_t)n, e);
    assert_close(w[e], (double)old[e] + (u->nesterov ? mu * v1 - step : v1) - (double)u->shrink * (double)old[e],
                 2 * magnitude + fabs((double)old[e]), "weight", (size_t)n, e);
  }
  free(w), free(v), free(old), free(old_v), free(sum);
  for (int i = 0; i < 3; i++) free(g[i]);
}

static void test_update (void **state) {
  kernels = isa_kernels(state);
  static const int32_t sizes[] = { 1, 3, 4, 8, 15, 16, 17, 300, 1000 };
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
    for (int n_g = 1; n_g <= 3; n_g++)
      for (int u = 0; u < N_UPDATES; u++) check_update_of(sizes[s], n_g, &updates[u]);
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
    cmocka_unit_test(test_choice), EACH_ISA(test_forward), EACH_ISA(test_backward), EACH_ISA(test_row_sums), EACH_ISA(test_update),
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("kernel", tests, NULL, NULL);
}
