/*
** Samples to columns: the kernels that make a batch, for every instruction set that this machine
** has, against the formula.
*/
#include "isa.h"
#include <math.h>
#include <stdlib.h>

static const Kernels *kernels;  /* the set under test */

enum { FEATURES = 53, SAMPLES = 50 };

/* Samples each in a block of its own, to the byte, for the address sanitizer. */
typedef struct Samples {
  uint8_t *bytes[SAMPLES];
  float *floats[SAMPLES], scale[FEATURES], shift[FEATURES];
} Samples;

static void samples_make (Samples *s) {
  for (int n = 0; n < SAMPLES; n++) {
    s->bytes[n] = malloc(FEATURES);
    s->floats[n] = malloc(FEATURES * sizeof(float));
    assert_true(s->bytes[n] && s->floats[n]);
    for (int f = 0; f < FEATURES; f++) {
      s->bytes[n][f] = (uint8_t)(n * 31 + f * 7 + n * f);
      s->floats[n][f] = (float)(n * 3 - f) / 7;
    }
  }
  for (int f = 0; f < FEATURES; f++) {
    s->scale[f] = 0.5f + (float)f;
    s->shift[f] = 3 - (float)f / 2;
  }
}

static void samples_free (Samples *s) {
  for (int n = 0; n < SAMPLES; n++) {
    free(s->bytes[n]);
    free(s->floats[n]);
  }
}

typedef struct Batch { int32_t batch, width; size_t stride; int32_t f0, f1; int standardised, floats; } Batch;

static double wanted (const Samples *s, const Batch *b, int32_t sample, int32_t f) {
  double x = b->floats ? (double)s->floats[sample][f] : (double)s->bytes[sample][f] * (double)(1.0f / 255);
  return b->standardised ? x * (double)s->scale[f] + (double)s->shift[f] : x;
}

/* Features f0 .. f1-1, last sample first; x has room for these alone. Columns past the width may
** become 0, where a square reaches over them, and nothing else. */
static void check_x (const Samples *s, const Batch *b, const float *x) {
  for (int32_t f = b->f0; f < b->f1; f++)
    for (int32_t c = 0; c < (int32_t)b->stride; c++) {
      float got = x[(size_t)(f - b->f0) * b->stride + (size_t)c];
      double want = c < b->batch ? wanted(s, b, b->batch - 1 - c, f) : 0;
      int right = c >= b->width ? got == 0 || got == 7 : c >= b->batch ? got == 0 : fabs((double)got - want) <= 1e-5 * (50 + fabs(want));
      if (!right)
        fail_msg("%s, batch %d of width %d, stride %zu, feature %d, column %d: got %.9g, want %.9g", kernels->isa, (int)b->batch,
                 (int)b->width, b->stride, (int)f, (int)c, (double)got, want);
    }
}

static void check_batch (const Samples *s, Batch b) {
  const uint8_t *bytes[SAMPLES];
  const float *floats[SAMPLES];
  size_t n = (size_t)(b.f1 - b.f0) * b.stride;
  float *x = malloc(n * sizeof *x + 1);
  const float *scale = b.standardised ? s->scale : NULL, *shift = b.standardised ? s->shift : NULL;
  assert_non_null(x);
  for (size_t e = 0; e < n; e++) x[e] = 7;
  for (int32_t c = 0; c < b.batch; c++) {
    bytes[c] = s->bytes[b.batch - 1 - c];
    floats[c] = s->floats[b.batch - 1 - c];
  }
  if (b.floats) kernels->batch_floats(x, b.f0, b.f1, b.stride, b.width, floats, b.batch, 1, scale, shift);
  else kernels->batch_bytes(x, b.f0, b.f1, b.stride, b.width, bytes, b.batch, 1.0f / 255, scale, shift);
  check_x(s, &b, x);
  free(x);
}

static const int32_t ranges[][2] = { { 0, FEATURES }, { 5, 18 }, { 3, 19 }, { 17, 52 }, { 0, 16 }, { 37, FEATURES }, { 3, 3 } };
enum { RANGES = sizeof ranges / sizeof *ranges };

/* Rows as short as the batch allows, of whole cache lines, and longer than they need be. */
static void test_batches (void **state) {
  static Samples s;
  kernels = isa_kernels(state);
  samples_make(&s);
  for (int way = 0; way < 4; way++)
    for (int32_t batch = 1; batch <= SAMPLES; batch++)
      for (int r = 0; r < RANGES; r++) {
        int32_t width = (batch + STRIDE_STEP - 1) / STRIDE_STEP * STRIDE_STEP;
        Batch b = { batch, width, (size_t)width, ranges[r][0], ranges[r][1], way & 1, way & 2 };
        check_batch(&s, b);
        b.stride += STRIDE_STEP;
        check_batch(&s, b);
      }
  samples_free(&s);
}

/* One sample alone, scaled or shifted alone; no pointer to a second sample is there to be looked at. */
static void test_one_sample (void **state) {
  static Samples s;
  kernels = isa_kernels(state);
  samples_make(&s);
  float x[FEATURES * 16], y[FEATURES * 16];
  const uint8_t **row = malloc(sizeof *row);
  assert_non_null(row);
  row[0] = s.bytes[7];
  kernels->batch_bytes(x, 0, FEATURES, 16, 16, row, 1, 0.5f, s.scale, NULL);
  kernels->batch_bytes(y, 0, FEATURES, 16, 16, row, 1, 0.5f, NULL, s.shift);
  for (int f = 0; f < FEATURES; f++)
    for (int b = 0; b < 16; b++) {
      float raw = b ? 0 : s.bytes[7][f] * 0.5f;
      assert_true(fabsf(x[f * 16 + b] - raw * s.scale[f]) <= 1e-3f);
      assert_true(fabsf(y[f * 16 + b] - (b ? 0 : raw + s.shift[f])) <= 1e-3f);
    }
  free(row);
  samples_free(&s);
}

int main (void) {
  const struct CMUnitTest tests[] = { EACH_ISA(test_batches), EACH_ISA(test_one_sample) };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
