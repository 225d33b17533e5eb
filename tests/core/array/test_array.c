/*
** Arrays where Lua does not get at them: memory that runs out, any number of threads, and all ranks of small arrays.
** tests/lab/util/test_vector.lua has the twins of the operations.
*/
#include "array/arith.h"
#include "array/chance.h"
#include "array/fold.h"
#include "array/place.h"
#include "array/rank.h"
#include "base/mem.h"
#include "base/rng.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { N = 40 };

/* Few values, so that many are equal; some NaN if `nans`. */
static void fill (float *v, int64_t n, int nans, Rng *rng) {
  for (int64_t i = 0; i < n; i++) {
    v[i] = (float)rng_below(rng, 9) - 4;
    if (nans && rng_below(rng, 4) == 0) v[i] = NAN;
  }
}

/* Does element i come before j: the higher or the lower one, a NaN last, the first of equal ones? */
static int before (const float *v, int64_t i, int64_t j, RankEnd end) {
  if (isnan(v[i]) || isnan(v[j])) return isnan(v[i]) && isnan(v[j]) ? i < j : isnan(v[j]);
  if (v[i] != v[j]) return end == RANK_HIGHEST ? v[i] > v[j] : v[i] < v[j];
  return i < j;
}

static int64_t rank_of (const float *v, int64_t n, int64_t i, RankEnd end) {
  int64_t rank = 0;
  for (int64_t j = 0; j < n; j++) rank += j != i && before(v, j, i, end);
  return rank;
}

static void check_extreme (Array *v, const float *twin, int64_t k, RankEnd end) {
  int64_t place[N], found = 0;
  assert_true(rank_extreme(v, k, end, 2, place));
  for (int64_t i = 0; i < v->n; i++)
    if (rank_of(twin, v->n, i, end) < k) assert_int_equal(place[found++], i + 1);
  assert_int_equal(found, k);
}

static void test_all_ranks (void **state) {
  (void)state;
  Rng rng;
  rng_seed(&rng, 1, 1);
  for (int turn = 0; turn < 60; turn++) {
    float number[N];
    int64_t whole[N], n = (int64_t)rng_below(&rng, N + 1), place[N];
    fill(number, n, turn % 2, &rng);
    for (int64_t i = 0; i < n; i++) whole[i] = turn % 2 ? 0 : (int64_t)number[i];
    Array floats = { ARRAY_FLOAT, n, number }, integers = { ARRAY_INTEGER, n, whole };
    for (int64_t k = 0; k <= n; k++)
      for (int end = RANK_LOWEST; end <= RANK_HIGHEST; end++) {
        check_extreme(&floats, number, k, (RankEnd)end);
        if (turn % 2 == 0) check_extreme(&integers, number, k, (RankEnd)end);
      }
    assert_true(rank_order(&floats, place));
    for (int64_t i = 0; i < n; i++) assert_int_equal(rank_of(number, n, place[i] - 1, RANK_LOWEST), i);
  }
}

/* Keys that differ in one bit, whichever. */
static void test_any_digit (void **state) {
  (void)state;
  for (int bit = 0; bit < 64; bit++) {
    int64_t whole[2] = { (int64_t)((uint64_t)1 << bit), 0 }, place[2];
    Array v = { ARRAY_INTEGER, 2, whole };
    int64_t larger = bit < 63 ? 1 : 2;
    assert_true(rank_extreme(&v, 1, RANK_HIGHEST, 1, place));
    assert_int_equal(place[0], larger);
    assert_true(rank_order(&v, place));
    assert_int_equal(place[1], larger);
  }
}

enum { LARGE = ARRAY_THREADED + 3 };

/* Beyond a thread's share the same element by element, the last block too. */
static void test_large (void **state) {
  (void)state;
  float *x = mem_new(LARGE, sizeof *x), *y = mem_new(LARGE, sizeof *y);
  int64_t *place = mem_new(LARGE, sizeof *place);
  assert_true(x && y && place);
  LuaDraw draw;
  lua_draw_seed(&draw, 1, 2);
  chance_normal(&draw, x, LARGE);
  Array a = { ARRAY_FLOAT, LARGE, x }, out = { ARRAY_FLOAT, LARGE, y }, at = { ARRAY_INTEGER, LARGE, place };
  Operand left = arith_operand(&a), right = { .kind = ARRAY_FLOAT, .number = 0.5 };
  assert_int_equal(arith_binary(ARITH_MUL, &left, &right, &out), -1);
  for (int64_t i = 0; i < LARGE; i++) assert_true(y[i] == x[i] * 0.5f);
  for (int64_t i = 0; i < LARGE; i++) place[i] = LARGE - i;
  assert_int_equal(place_outside(&at, LARGE), -1);
  assert_int_equal(place_outside(&at, LARGE - 1), 0);
  place_gather(&a, &at, &out);
  for (int64_t i = 0; i < LARGE; i++) assert_true(y[i] == x[LARGE - 1 - i]);
  assert_true(rank_extreme(&a, 1, RANK_LOWEST, 4, place));
  assert_true(x[place[0] - 1] == fold_range(x, LARGE).least);
  mem_free(place);
  mem_free(y);
  mem_free(x);
}

#ifdef LAB_FAIL_ALLOC
/* The work that needs memory; 1 if it was done. */
static int with_nans (const Array *v, LuaDraw *draw, int64_t *place) {
  (void)draw;
  return rank_extreme(v, 2, RANK_HIGHEST, 1, place);
}
static int order (const Array *v, LuaDraw *draw, int64_t *place) {
  (void)draw;
  return rank_order(v, place);
}
static int sample (const Array *v, LuaDraw *draw, int64_t *place) {
  (void)v;
  float weight[2] = { 1, 2 };
  Array weights = { ARRAY_FLOAT, 2, weight };
  return chance_sample(draw, &weights, 2, 1, place);
}
static int choose (const Array *v, LuaDraw *draw, int64_t *place) {
  (void)v;
  float weight[2] = { 1, 2 };
  Array weights = { ARRAY_FLOAT, 2, weight };
  return chance_choose(draw, &weights, 2, place);
}

/* Whichever request fails, nothing is kept, and nothing was drawn. */
static void test_no_memory (void **state) {
  (void)state;
  int (*const work[]) (const Array *, LuaDraw *, int64_t *) = { with_nans, order, sample, choose };
  const int requests[] = { 1, 2, 1, 1 };
  float number[] = { 1, NAN, 3, 2 };
  Array v = { ARRAY_FLOAT, 4, number };
  for (size_t w = 0; w < sizeof work / sizeof *work; w++) {
    uint64_t held = mem_held();
    int64_t place[4];
    LuaDraw draw, twin;
    lua_draw_seed(&draw, 5, 6);
    twin = draw;
    for (long n = 1; ; n++) {
      mem_fail_at(n);
      int done = work[w](&v, &draw, place);
      mem_fail_at(0);
      assert_true(mem_held() == held);
      if (done) {
        assert_int_equal(n, requests[w] + 1);
        break;
      }
      assert_memory_equal(&draw, &twin, sizeof draw);
    }
  }
}
#endif

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_all_ranks), cmocka_unit_test(test_any_digit), cmocka_unit_test(test_large),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(test_no_memory),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("array", tests, NULL, NULL);
}
