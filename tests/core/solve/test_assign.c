/*
** assign.c against all permutations; jacobi.c against what eigenvectors promise.
*/
#include "base/mem.h"
#include "base/rng.h"
#include "solve/assign.h"
#include "solve/jacobi.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <string.h>
#include <cmocka.h>

enum { MOST = 7, LARGE = 30 };

/* The least cost of giving rows r, r + 1, ... the columns that are not taken. */
static double naive_least (const double *cost, int32_t n, int32_t r, unsigned taken) {
  double least = r == n ? 0 : HUGE_VAL;
  for (int32_t c = 0; r < n && c < n; c++)
    if (!(taken >> c & 1)) least = fmin(least, cost[r * n + c] + naive_least(cost, n, r + 1, taken | 1u << c));
  return least;
}

static void test_assign_like_all_permutations (void **state) {
  (void)state;
  Rng rng;
  rng_seed(&rng, 1, 0);
  for (int trial = 0; trial < 300; trial++) {
    int32_t n = 1 + trial % MOST, column[MOST];
    unsigned taken = 0;
    double cost[MOST * MOST], sum = 0;
    for (int32_t k = 0; k < n * n; k++) cost[k] = trial % 3 ? rng_double(&rng) - 0.3 : (double)rng_below(&rng, 3);
    assert_true(assign_least(cost, n, column));
    for (int32_t r = 0; r < n; r++) {
      assert_true(column[r] >= 0 && column[r] < n && !(taken >> column[r] & 1));
      taken |= 1u << column[r];
      sum += cost[r * n + column[r]];
    }
    assert_true(fabs(sum - naive_least(cost, n, 0, 0)) < 1e-12);
  }
}

/* a v = value v, vectors of length 1 at right angles, values descending. */
static void test_jacobi (void **state) {
  (void)state;
  Rng rng;
  rng_seed(&rng, 2, 0);
  for (int trial = 0; trial < 50; trial++) {
    static double a[LARGE * LARGE], spoiled[LARGE * LARGE], value[LARGE], v[LARGE * LARGE];
    int32_t n = 1 + (int32_t)rng_below(&rng, LARGE);
    for (int32_t i = 0; i < n; i++)
      for (int32_t j = 0; j <= i; j++) a[i * n + j] = a[j * n + i] = trial % 4 ? rng_normal(&rng) : (double)rng_below(&rng, 2);
    memcpy(spoiled, a, sizeof a);
    jacobi_eigen(spoiled, n, value, v);
    for (int32_t k = 0; k < n; k++) {
      assert_true(k == 0 || value[k] <= value[k - 1]);
      for (int32_t i = 0; i < n; i++) {
        double product = 0, angle = 0;
        for (int32_t j = 0; j < n; j++) {
          product += a[i * n + j] * v[k * n + j];
          angle += v[i * n + j] * v[k * n + j];
        }
        assert_true(fabs(product - value[k] * v[k * n + i]) < 1e-11 * n);
        assert_true(fabs(angle - (i == k)) < 1e-11 * n);
      }
    }
  }
}

#ifdef LAB_FAIL_ALLOC
static void test_without_memory (void **state) {
  (void)state;
  const double cost[4] = { 1, 2, 3, 1 };
  int32_t column[2];
  uint64_t held = mem_held();
  for (long n = 1;; n++) {
    mem_fail_at(n);
    int there = assign_least(cost, 2, column);
    mem_fail_at(0);
    assert_true(mem_held() == held);
    if (there) break;
  }
}
#endif

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_assign_like_all_permutations),
    cmocka_unit_test(test_jacobi),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(test_without_memory),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("assign", tests, NULL, NULL);
}
