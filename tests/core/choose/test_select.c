/* select.c against qsort; rng.c against the published numbers of its generator. */
#include "base/rng.h"
#include "choose/select.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static int ascending (const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  if (x != y) return x < y ? -1 : 1;
  return !!signbit(y) - !!signbit(x);  /* -0 before +0 */
}

/* What an array may hold: many kinds of ties and extremes. */
static float some_float (Rng *rng, int kind) {
  float special[] = { 0.0f, -0.0f, INFINITY, -INFINITY, 1e-45f, -1e-45f, 1.0f, -1.0f, 3e38f, -3e38f };
  switch (kind) {
    case 0: return (float)rng_normal(rng);
    case 1: return (float)rng_below(rng, 5) - 2;
    case 2: return special[rng_below(rng, sizeof special / sizeof *special)];
    case 3: return 1 + (float)rng_below(rng, 3) * 0x1p-23f;   /* neighbours: the lowest digit decides */
    default: {                                                /* any bits but NaN */
      uint32_t bits = (uint32_t)rng_u64(rng);
      float x;
      memcpy(&x, &bits, sizeof x);
      return isnan(x) ? 0.5f : x;
    }
  }
}

/* What a census tells of the elements nearest to zero, found one by one. */
static void assert_census (const Census *census, const float *v, int64_t n) {
  float least = INFINITY;
  int64_t negative = 0, minus = 0, plus = 0, all = 0;
  for (int64_t k = 0; k < n; k++) least = fminf(least, fabsf(v[k]));
  for (int64_t k = 0; k < n; k++) {
    negative += !!signbit(v[k]);
    minus += fabsf(v[k]) == least && signbit(v[k]);
    plus += fabsf(v[k]) == least && !signbit(v[k]);
  }
  for (int b = 0; b < SELECT_BINS; b++) all += census->bin[b];
  assert_true(all == n && census->least == least && census->negative == negative);
  assert_true(census->at_minus == minus && census->at_plus == plus);
}

/* With any number of threads, more than there are elements among them. */
static void assert_like_sorting (const float *v, const float *sorted, int64_t n, int64_t a, int64_t b) {
  for (int threads = 1; threads <= 5; threads += 2) {
    Census census;
    float got[2];
    select_census(v, n, threads, &census);
    assert_census(&census, v, n);
    select_two(v, n, threads, &census, a, b, &got[0], &got[1]);
    assert_memory_equal(&got[0], &sorted[a], sizeof *got);
    assert_memory_equal(&got[1], &sorted[b], sizeof *got);
  }
}

static void test_like_sorting (void **state) {
  (void)state;
  Rng rng;
  rng_seed(&rng, 1, 0);
  for (int trial = 0; trial < 4000; trial++) {
    float v[300], sorted[300];
    int64_t n = 1 + (int64_t)rng_below(&rng, trial % 10 == 0 ? 300 : 12);
    for (int64_t k = 0; k < n; k++) v[k] = sorted[k] = some_float(&rng, trial % 5);
    qsort(sorted, (size_t)n, sizeof *sorted, ascending);
    assert_like_sorting(v, sorted, n, (int64_t)rng_below(&rng, (uint64_t)n), (int64_t)rng_below(&rng, (uint64_t)n));
  }
}

/* Arrays that take many blocks, the last one odd. */
static void test_long_arrays (void **state) {
  (void)state;
  enum { MOST = 20011 };
  static float v[MOST], sorted[MOST];
  Rng rng;
  rng_seed(&rng, 2, 0);
  for (int kind = 0; kind < 5; kind++)
    for (int64_t n = MOST; n > 2000; n -= 4001) {
      for (int64_t k = 0; k < n; k++) v[k] = sorted[k] = some_float(&rng, kind);
      qsort(sorted, (size_t)n, sizeof *sorted, ascending);
      assert_like_sorting(v, sorted, n, n * 3 / 10, n * 7 / 10);
    }
}

static void test_first_and_last (void **state) {
  (void)state;
  const float v[] = { 2, -7, 5, 0, -1 }, sorted[] = { -7, -1, 0, 2, 5 };
  assert_like_sorting(v, sorted, 5, 4, 0);
  assert_like_sorting(v, v, 1, 0, 0);
  Census census;
  select_census(NULL, 0, 2, &census);
  assert_true(isinf(census.least) && census.negative == 0 && census.at_minus == 0 && census.at_plus == 0);
}

/* First outputs of xoshiro256++ from state 1, 2, 3, 4 (its authors' C program prints them). */
static void test_generator (void **state) {
  (void)state;
  Rng rng = { { 1, 2, 3, 4 } };
  const uint64_t want[] = { 41943041u, 58720359u, 3588806011781223u, 3591011842654386u,
                            9228616714210784205u, 9973669472204895162u };
  for (size_t i = 0; i < sizeof want / sizeof *want; i++) assert_true(rng_u64(&rng) == want[i]);
}

static void test_streams (void **state) {
  (void)state;
  Rng a, b, c, d;
  rng_seed(&a, 1, RNG_ORDER);
  rng_seed(&b, 1, RNG_ORDER);
  rng_seed(&c, 1, RNG_DROPOUT);
  rng_seed(&d, 2, RNG_ORDER);
  int equal = 0;
  for (int i = 0; i < 1000; i++) {
    uint64_t x = rng_u64(&a);
    assert_true(x == rng_u64(&b));
    equal += (x == rng_u64(&c)) + (x == rng_u64(&d));
  }
  assert_int_equal(equal, 0);
}

static void test_uniform (void **state) {
  (void)state;
  Rng rng;
  rng_seed(&rng, 7, 0);
  enum { CELLS = 12, DRAWS = 120000 };
  int count[CELLS] = { 0 }, place[CELLS][CELLS] = { { 0 } };
  for (int i = 0; i < DRAWS; i++) count[rng_below(&rng, CELLS)]++;
  double chi = 0, sum = 0, square = 0;
  for (int c = 0; c < CELLS; c++) chi += pow(count[c] - DRAWS / CELLS, 2) / (DRAWS / CELLS);
  assert_true(chi < 38);  /* 11 degrees of freedom: p = 1e-4 */
  for (int i = 0; i < DRAWS; i++) {
    double z = rng_normal(&rng), u = rng_double(&rng);
    assert_true(u >= 0 && u < 1);
    sum += z;
    square += z * z;
  }
  assert_true(fabs(sum / DRAWS) < 0.015 && fabs(square / DRAWS - 1) < 0.02);
  for (int i = 0; i < 24000; i++) {
    int32_t order[CELLS];
    rng_shuffle(&rng, order, CELLS);
    for (int c = 0; c < CELLS; c++) place[c][order[c]]++;
  }
  chi = 0;
  for (int c = 0; c < CELLS; c++)
    for (int k = 0; k < CELLS; k++) chi += pow(place[c][k] - 2000, 2) / 2000;
  assert_true(chi < 190);  /* 121 degrees of freedom */
}

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_like_sorting),   cmocka_unit_test(test_long_arrays),
    cmocka_unit_test(test_first_and_last), cmocka_unit_test(test_generator),
    cmocka_unit_test(test_streams),        cmocka_unit_test(test_uniform),
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("select", tests, NULL, NULL);
}
