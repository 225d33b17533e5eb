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

/* Tiles stand side by side in a row; each has twice the room of its columns. */
static uint16_t *brief_rows (int32_t units, size_t stride) {
  size_t n = (size_t)units * 2 * stride;
  uint16_t *rows = malloc(n * sizeof *rows);
  assert_non_null(rows);
  for (size_t e = 0; e < n; e++) rows[e] = 0x7fc1;  /* not a number: must not be read */
  return rows;
}

/* All tiles of some rows. */
static void round_rows (uint16_t *copy, const float *rows, int32_t units, size_t stride) {
  for (size_t c = 0; c < stride; c += (size_t)tile_width(stride, c))
    kernels->round_bf16(copy + 2 * c, 2 * stride, rows + c, stride, units, tile_width(stride, c));
}

static void widen_rows (float *rows, const uint16_t *copy, int32_t units, size_t stride) {
  for (size_t c = 0; c < stride; c += (size_t)tile_width(stride, c))
    kernels->widen_bf16(rows + c, stride, copy + 2 * c, 2 * stride, units, tile_width(stride, c));
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
  size_t row = 2 * STRIDE, place = 2 * COLUMN, room = brief_room((size_t)width);
  kernels->round_bf16(copy + row + place, row, rows + STRIDE + COLUMN, STRIDE, UNITS - 2, width);
  kernels->widen_bf16(back + STRIDE + COLUMN, STRIDE, copy + row + place, row, UNITS - 2, width);
  for (size_t u = 0; u < UNITS; u++) {
    int here = u >= 1 && u < UNITS - 1;
    for (size_t b = 0; b < STRIDE; b++) {
      if (here && b >= COLUMN && b < COLUMN + (size_t)width) assert_nearest(back[u * STRIDE + b], rows[u * STRIDE + b]);
      else assert_true(back[u * STRIDE + b] == before[u * STRIDE + b]);
    }
    for (size_t b = 0; b < row; b++) assert_true((here && b >= place && b < place + room) || copy[u * row + b] == 0x7fc1);
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

static void check_forward (int wide, int compact, size_t stride) {
  Case c = case_open(wide, stride);
  LinkFan f = fan_open(c.W, 1, compact);
  uint16_t *x = far_rows(c.x, c.W->n_in, stride);
  for (size_t at = 0; at < stride; at += (size_t)tile_width(stride, at))
    for (int half = 0; half <= 1; half++) {
      int32_t cut = c.W->n_out / 3, o0 = half ? cut : 0, o1 = half ? c.W->n_out : cut;
      kernels->forward_bf16(&f.fan, o0, o1, tile_width(stride, at), (BriefRows){ x + 2 * at, 2 * stride }, c.bias,
                            (RowsOut){ c.y + (size_t)o0 * stride + at, NULL, stride }, NULL);
    }
  check_sums(&c);
  fan_close(&f);
  free(x);
  case_close(&c);
}

/* Tile by tile: gradients add up, the last tile carries the update. */
static void walk_units (Case *c, const Fan *fan, const uint16_t *dy, int32_t i0, int32_t i1, float *dx, const Update *update) {
  for (size_t at = 0; at < c->stride;) {
    int32_t width = tile_width(c->stride, at);
    size_t first = (size_t)i0 * c->stride + at;
    int last = at + (size_t)width == c->stride;
    Sink sink = { last ? update : NULL, c->gradient, at > 0 };
    kernels->backward_bf16(fan, i0, i1, width, (RowsIn){ c->x + first, NULL, c->stride }, (BriefRows){ dy + 2 * at, 2 * c->stride },
                           (RowsOut){ dx ? dx + first : NULL, NULL, c->stride }, &sink, NULL);
    at += (size_t)width;
  }
}

/* In two walks, as two threads of a group would. */
static void check_walk (int wide, int compact, size_t stride, int with_dx, const Update *update) {
  Case c = case_open(wide, stride);
  LinkFan f = fan_open(c.W, 0, compact);
  uint16_t *dy = far_rows(c.dy, c.W->n_out, stride);
  int32_t cut = c.W->n_in / 2 + 1;
  walk_units(&c, &f.fan, dy, 0, cut, with_dx ? c.dx : NULL, update);
  walk_units(&c, &f.fan, dy, cut, c.W->n_in, with_dx ? c.dx : NULL, update);
  fan_close(&f);
  if (with_dx) check_dx(&c);
  if (update) check_update(&c, update);
  else check_gradient(&c);
  free(dy);
  case_close(&c);
}

/* ---- near rows ----
** Rounded as they are made, and widened as they are read: what comes out is what round_bf16 makes of the float rows. */

static void check_brief_forward (size_t stride) {
  Case c = case_open(0, stride);
  LinkFan f = fan_open(c.W, 1, 1);
  uint16_t *x = far_rows(c.x, c.W->n_in, stride), *y = brief_rows(c.W->n_out, stride), *want = brief_rows(c.W->n_out, stride);
  Dropout drop = { 77, 1u << 30, 4.0f / 3 };
  for (size_t at = 0; at < stride; at += (size_t)tile_width(stride, at)) {
    Rectify rectify = { &drop, at, stride };
    BriefRows far = { x + 2 * at, 2 * stride };
    int32_t width = tile_width(stride, at);
    kernels->forward_bf16(&f.fan, 0, c.W->n_out, width, far, c.bias, (RowsOut){ c.y + at, NULL, stride }, &rectify);
    kernels->forward_bf16(&f.fan, 0, c.W->n_out, width, far, c.bias, (RowsOut){ NULL, y + 2 * at, 2 * stride }, &rectify);
  }
  round_rows(want, c.y, c.W->n_out, stride);
  assert_memory_equal(y, want, (size_t)c.W->n_out * 2 * stride * sizeof *y);
  fan_close(&f);
  free(x);
  free(y);
  free(want);
  case_close(&c);
}

/* In place; the gradients of links and the rows' sums are those of floats. */
static void check_brief_walk (size_t stride) {
  Case c = case_open(0, stride);
  LinkFan f = fan_open(c.W, 0, 1);
  size_t links = (size_t)c.W->links, units = (size_t)c.W->n_in;
  uint16_t *dy = far_rows(c.dy, c.W->n_out, stride), *x = far_rows(c.x, c.W->n_in, stride), *want = brief_rows(c.W->n_in, stride);
  float *g = malloc((links + 4) * sizeof *g), *sum = malloc(units * sizeof *sum), *sum2 = malloc(units * sizeof *sum2);
  assert_true(g && sum && sum2);
  for (size_t at = 0; at < stride; at += (size_t)tile_width(stride, at)) {
    int32_t width = tile_width(stride, at);
    BriefRows far = { dy + 2 * at, 2 * stride };
    kernels->backward_bf16(&f.fan, 0, c.W->n_in, width, (RowsIn){ c.x + at, NULL, stride }, far, (RowsOut){ c.dx + at, NULL, stride },
                           &(Sink){ NULL, c.gradient, 0 }, &(Through){ 1.5f, sum });
    kernels->backward_bf16(&f.fan, 0, c.W->n_in, width, (RowsIn){ NULL, x + 2 * at, 2 * stride }, far, (RowsOut){ NULL, x + 2 * at, 2 * stride },
                           &(Sink){ NULL, g, 0 }, &(Through){ 1.5f, sum2 });
    assert_memory_equal(g, c.gradient, links * sizeof *g);
    assert_memory_equal(sum, sum2, units * sizeof *sum);
  }
  round_rows(want, c.dx, c.W->n_in, stride);
  assert_memory_equal(x, want, units * 2 * stride * sizeof *x);
  fan_close(&f);
  free(dy);
  free(x);
  free(want);
  free(g);
  free(sum);
  free(sum2);
  case_close(&c);
}

static void test_near (void **state) {
  kernels = isa_kernels(state);
  for (int s = 0; s < N_STRIDES; s++) {
    check_brief_forward(strides[s]);
    check_brief_walk(strides[s]);
  }
}

static void test_forward (void **state) {
  kernels = isa_kernels(state);
  for (int s = 0; s < N_STRIDES; s++)
    for (int way = 0; way < 4; way++) check_forward(way & 1, way & 2, strides[s]);
}

static void test_backward (void **state) {
  kernels = isa_kernels(state);
  for (int s = 0; s < N_STRIDES; s++)
    for (int way = 0; way < 8; way++) {
      check_walk(way & 1, way & 4, strides[s], way & 2, NULL);
      for (int u = strides[s] > 48 ? N_UPDATES - 1 : 0; u < N_UPDATES; u++) check_walk(way & 1, way & 4, strides[s], way & 2, &updates[u]);
    }
}

int main (void) {
  const struct CMUnitTest tests[] = { EACH_ISA(test_rounding), EACH_ISA(test_forward), EACH_ISA(test_backward), EACH_ISA(test_near) };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("kernel_bf16", tests, NULL, NULL);
}
