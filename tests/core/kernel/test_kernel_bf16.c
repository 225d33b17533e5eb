/*
** The walks over sparse links whose far rows are kept as bfloat16, and the rounding itself, for
** every instruction set that this machine has. The twins are those of float rows, which here have
** been rounded by a few lines of their own.
*/
#include "kernel_fixture.h"
#include "bf16.h"

static const size_t strides[] = { 16, 32, 48, 64, 80, 96, 112, 128, 144, 160, 208, 256, 272, 528 };
enum { N_STRIDES = sizeof strides / sizeof *strides };

/* ---- rounding ---- */

static uint16_t *brief_rows (int32_t units, size_t stride) {
  size_t n = (size_t)units * bf16_stride(stride);
  uint16_t *rows = malloc(n * sizeof *rows);
  assert_non_null(rows);
  for (size_t e = 0; e < n; e++) rows[e] = 0x7fc1;  /* not a number: must not be read */
  return rows;
}

/* All tiles of some rows. */
static void round_rows (uint16_t *copy, const float *rows, int32_t units, size_t stride) {
  for (size_t c = 0; c < stride; c += (size_t)tile_width(stride, c))
    kernels->round_bf16(copy + c, rows + c, units, stride, tile_width(stride, c));
}

static void widen_rows (float *rows, const uint16_t *copy, int32_t units, size_t stride) {
  for (size_t c = 0; c < stride; c += (size_t)tile_width(stride, c))
    kernels->widen_bf16(rows + c, copy + c, units, stride, tile_width(stride, c));
}

static void assert_nearest (float got, float x) {
  float want = bf16_nearest(x);
  if (isnan(want) ? !isnan(got) || (float_bits(got) & 0xffff) : float_bits(got) != float_bits(want))
    fail_msg("%s: %a (%08x) became %a, want %a", kernels->isa, (double)x, float_bits(x), (double)got, (double)want);
}

/* Around each of these: what is exact, ties to either side, and just off a tie. */
static const uint32_t corners[] = {
  0, 0x00010000, 0x007f0000, 0x00800000,     /* zero, subnormals, the smallest normal */
  0x3f800000, 0x3f810000, 0x3fff0000,        /* 1, its neighbour, one whose carry reaches the exponent */
  0x40490000, 0x7f7e0000, 0x7f7f0000,        /* the largest: what lies half a step above is infinity */
  0x7f800000 };                              /* infinity, and NaN beside it */
static const uint32_t tails[] = { 0, 1, 0x4000, 0x7fff, 0x8000, 0x8001, 0xc000, 0xffff };
enum { CORNERS = sizeof corners / sizeof *corners, TAILS = sizeof tails / sizeof *tails, SPECIAL = CORNERS * TAILS * 2 };

/* NaN only as arithmetic makes it. */
static float usual (float x) { return isnan(x) ? float_of((float_bits(x) & 0x80000000u) | 0x7fc00000u) : x; }

static float special (int n) {
  return usual(float_of((n % 2 ? 0x80000000u : 0) | corners[n / 2 / TAILS] | tails[n / 2 % TAILS]));
}

/* Each special number passes each place of a row: lanes must not differ. */
static void check_special (size_t stride) {
  int32_t units = SPECIAL;
  float *rows = values(units, stride, 1), *back = values(units, stride, 2);
  uint16_t *copy = brief_rows(units, stride);
  for (int32_t u = 0; u < units; u++)
    for (size_t b = 0; b < stride; b++) rows[(size_t)u * stride + b] = special((int)((size_t)u + b) % SPECIAL);
  round_rows(copy, rows, units, stride);
  widen_rows(back, copy, units, stride);
  for (size_t e = 0; e < (size_t)units * stride; e++) assert_nearest(back[e], rows[e]);
  free(rows);
  free(back);
  free(copy);
}

/* Any bits at all; once more rounded nothing changes. */
static void check_random (size_t stride) {
  enum { UNITS = 40 };
  float *rows = values(UNITS, stride, 1), *back = values(UNITS, stride, 2), *again = values(UNITS, stride, 3);
  uint16_t *copy = brief_rows(UNITS, stride);
  Rng rng;
  rng_seed(&rng, stride, 0);
  for (size_t e = 0; e < UNITS * stride; e++) rows[e] = usual(float_of((uint32_t)rng_below(&rng, (uint64_t)1 << 32)));
  round_rows(copy, rows, UNITS, stride);
  widen_rows(back, copy, UNITS, stride);
  for (size_t e = 0; e < UNITS * stride; e++) assert_nearest(back[e], rows[e]);
  round_rows(copy, back, UNITS, stride);
  widen_rows(again, copy, UNITS, stride);
  for (size_t e = 0; e < UNITS * stride; e++) assert_true(float_bits(again[e]) == float_bits(back[e]));
  free(rows);
  free(back);
  free(again);
  free(copy);
}

/* Columns beside the tile, and rows beside those asked for, stay as they are. */
static void check_tile_alone (int32_t width) {
  enum { UNITS = 5, STRIDE = 528, COLUMN = 16 };
  float *rows = values(UNITS, STRIDE, 4), *back = values(UNITS, STRIDE, 5), *before = values(UNITS, STRIDE, 5);
  uint16_t *copy = brief_rows(UNITS, STRIDE);
  size_t row = bf16_stride(STRIDE);
  kernels->round_bf16(copy + row + COLUMN, rows + STRIDE + COLUMN, UNITS - 2, STRIDE, width);
  kernels->widen_bf16(back + STRIDE + COLUMN, copy + row + COLUMN, UNITS - 2, STRIDE, width);
  for (size_t u = 0; u < UNITS; u++)
    for (size_t b = 0; b < STRIDE; b++) {
      int inside = u >= 1 && u < UNITS - 1 && b >= COLUMN && b < COLUMN + (size_t)width;
      if (inside) assert_nearest(back[u * STRIDE + b], rows[u * STRIDE + b]);
      else assert_true(back[u * STRIDE + b] == before[u * STRIDE + b] && copy[u * row + b] == 0x7fc1);
    }
  free(rows);
  free(back);
  free(before);
  free(copy);
}

static void test_rounding (void **state) {
  kernels = isa_kernels(state);
  for (int s = 0; s < N_STRIDES; s++) {
    if (strides[s] <= 160) check_special(strides[s]);
    check_random(strides[s]);
  }
  for (int32_t width = STRIDE_STEP; width <= kernels->widest; width += STRIDE_STEP) check_tile_alone(width);
}

/* ---- far rows ---- */

/* A copy of `rows` for the kernel; the rows themselves are rounded for the twin. */
static uint16_t *far_rows (float *rows, int32_t units, size_t stride) {
  uint16_t *copy = brief_rows(units, stride);
  round_rows(copy, rows, units, stride);
  for (size_t e = 0; e < (size_t)units * stride; e++) rows[e] = bf16_nearest(rows[e]);
  return copy;
}

/* The same layer with arrays that end where the slack ends, to the byte. */
static void *exactly (const void *array, size_t n) {
  void *copy = malloc(n);
  assert_non_null(copy);
  return memcpy(copy, array, n);
}

static Sparse exact_layer (const Sparse *W) {
  Sparse e = *W;
  size_t n = (size_t)W->links * 4, slack = SPARSE_SLACK * 4;
  e.to = exactly(W->to, n + slack);
  e.from = exactly(W->from, n + slack);
  e.at = exactly(W->at, n + slack);
  e.w = exactly(W->w, n);
  e.momentum = exactly(W->momentum, n);
  return e;
}

static void exact_free (Sparse *e) {
  free(e->to);
  free(e->from);
  free(e->at);
  free(e->w);
  free(e->momentum);
}

static void check_forward (int wide, size_t stride) {
  Case c = case_open(wide, stride);
  Sparse exact = exact_layer(c.W);
  uint16_t *x = far_rows(c.x, c.W->n_in, stride);
  for (size_t at = 0; at < stride; at += (size_t)tile_width(stride, at))
    for (int half = 0; half <= 1; half++) {
      int32_t cut = c.W->n_out / 3, o0 = half ? cut : 0, o1 = half ? c.W->n_out : cut;
      kernels->forward_bf16(&exact, o0, o1, stride, tile_width(stride, at), x + at, c.bias, c.y + (size_t)o0 * stride + at);
    }
  check_sums(&c);
  exact_free(&exact);
  free(x);
  case_close(&c);
}

/* Tile by tile: gradients add up, the last tile carries the update. */
static void walk_units (Case *c, Sparse *W, const uint16_t *dy, int32_t i0, int32_t i1, float *dx, const Update *update) {
  for (size_t at = 0; at < c->stride;) {
    int32_t width = tile_width(c->stride, at);
    size_t first = (size_t)i0 * c->stride + at;
    int last = at + (size_t)width == c->stride;
    kernels->backward_bf16(W, i0, i1, c->stride, width, c->x + first, dy + at, dx ? dx + first : NULL,
                           last ? update : NULL, c->gradient, at > 0);
    at += (size_t)width;
  }
}

/* In two walks, as two threads of a team would. */
static void check_walk (int wide, size_t stride, int with_dx, const Update *update) {
  Case c = case_open(wide, stride);
  Sparse exact = exact_layer(c.W);
  uint16_t *dy = far_rows(c.dy, c.W->n_out, stride);
  size_t n = (size_t)c.W->links * sizeof *exact.w;
  int32_t cut = c.W->n_in / 2 + 1;
  walk_units(&c, &exact, dy, 0, cut, with_dx ? c.dx : NULL, update);
  walk_units(&c, &exact, dy, cut, c.W->n_in, with_dx ? c.dx : NULL, update);
  memcpy(c.W->w, exact.w, n);
  memcpy(c.W->momentum, exact.momentum, n);
  if (with_dx) check_dx(&c);
  if (update) check_update(&c, update);
  else check_gradient(&c);
  exact_free(&exact);
  free(dy);
  case_close(&c);
}

static void test_forward (void **state) {
  kernels = isa_kernels(state);
  for (int s = 0; s < N_STRIDES; s++) {
    check_forward(0, strides[s]);
    check_forward(1, strides[s]);
  }
}

static void test_backward (void **state) {
  kernels = isa_kernels(state);
  for (int s = 0; s < N_STRIDES; s++)
    for (int way = 0; way < 4; way++) {
      check_walk(way & 1, strides[s], way & 2, NULL);
      for (int u = strides[s] > 48 ? N_UPDATES - 1 : 0; u < N_UPDATES; u++) check_walk(way & 1, strides[s], way & 2, &updates[u]);
    }
}

int main (void) {
  const struct CMUnitTest tests[] = { EACH_ISA(test_rounding), EACH_ISA(test_forward), EACH_ISA(test_backward) };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("kernel_bf16", tests, NULL, NULL);
}
