/*
** The yardsticks measure something: never how much, which is the machine's affair.
*/
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <omp.h>
#include "base/mem.h"
#include "os/yardstick.h"

/* -1 would say that a cell of the product is not what it must be. */
static void test_products (void **state) {
  (void)state;
  for (int n = 1; n < 80; n += 13)
    for (int threads = 1; threads <= 3; threads++) {
      double rate = yardstick_sgemm(n, threads, 2);
      assert_true(rate > 0 && isfinite(rate));
    }
}

static void test_threads_stay_as_they_were (void **state) {
  (void)state;
  int before = omp_get_max_threads();
  assert_true(yardstick_sgemm(33, before + 2, 1) > 0);
  assert_int_equal(omp_get_max_threads(), before);
}

static void test_reading (void **state) {
  (void)state;
  static const size_t sizes[] = { 0, 1, 1023, 1024, 5000, 1 << 20 };
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    for (int threads = 1; threads <= 2; threads++) {
      double rate = yardstick_read(sizes[i], threads, 0.001);
      assert_true(rate > 0 && isfinite(rate));
    }
}

static void test_passing (void **state) {
  (void)state;
  int granted = 1;
  #pragma omp parallel num_threads(2)
  {
    #pragma omp single
    granted = omp_get_num_threads();
  }
  double ns = yardstick_pass();
  assert_true(isfinite(ns));
  if (granted == 2) assert_true(ns > 0);
  else assert_true(ns >= 0);
}

static void test_without_memory (void **state) {
  (void)state;
#ifdef LAB_FAIL_ALLOC
  for (long n = 1; n <= 2; n++) {
    mem_fail_at(n);
    assert_true(yardstick_sgemm(8, 1, 1) == 0);
  }
  mem_fail_at(1);
  assert_true(yardstick_read(4096, 1, 0.001) == 0);
  assert_true(yardstick_read(4096, 2, 0.001) == 0);
  mem_fail_at(0);
  assert_true(yardstick_sgemm(8, 1, 1) > 0);
#else
  assert_true(yardstick_sgemm(1 << 28, 1, 1) == 0);  /* more than any machine has */
#endif
}

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_products), cmocka_unit_test(test_threads_stay_as_they_were),
    cmocka_unit_test(test_reading),  cmocka_unit_test(test_passing),
    cmocka_unit_test(test_without_memory),
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("yardstick", tests, NULL, NULL);
}
