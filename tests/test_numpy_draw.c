/*
** test_numpy_draw.c -- the draw against what NumPy gives. The expected places were printed by
**   numpy.random.seed(0); a = numpy.arange(n); numpy.random.shuffle(a); a[:10]
** with NumPy 1.24, for n = 10, for 60000, and for 10000 after the shuffle of the 60000.
*/
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "numpy_draw.h"
#include "mem.h"

static void expect (int32_t before, int32_t n, int32_t count, const int32_t *ascending) {
  uint8_t *take = mem_new((size_t)n, 1);
  assert_non_null(take);
  assert_true(numpy_draw(0, before, n, count, take));
  int32_t found = 0;
  for (int32_t i = 0; i < n; i++) {
    if (!take[i]) continue;
    assert_true(found < count);
    assert_int_equal(i, ascending[found++]);
  }
  assert_int_equal(found, count);
  mem_free(take);
}

static void like_numpy (void **state) {
  (void)state;
  expect(0, 10, 4, (int32_t[]){ 2, 4, 8, 9 });
  expect(0, 60000, 10, (int32_t[]){ 845, 3048, 8870, 19563, 21860, 25770, 31488, 40228, 56864, 58303 });
  expect(60000, 10000, 10, (int32_t[]){ 2017, 2444, 4359, 5047, 5527, 6154, 6317, 7004, 8379, 8538 });
}

int main (void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(like_numpy) };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("numpy_draw", tests, NULL, NULL);
}
