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
#include "select/numpy_draw.h"
#include "base/mem.h"

static void expect (int32_t before, int32_t n, int32_t count, const int32_t *first) {
  int32_t *item = mem_new((size_t)(before > n ? before : n), sizeof *item);
  assert_non_null(item);
  numpy_draw(0, before, n, item);
  for (int32_t k = 0; k < count; k++) assert_int_equal(item[k], first[k]);
  mem_free(item);
}

static void like_numpy (void **state) {
  (void)state;
  expect(0, 10, 10, (int32_t[]){ 2, 8, 4, 9, 1, 6, 7, 3, 0, 5 });
  expect(0, 60000, 10, (int32_t[]){ 3048, 19563, 58303, 8870, 40228, 31488, 21860, 56864, 845, 25770 });
  expect(60000, 10000, 10, (int32_t[]){ 6154, 5047, 7004, 6317, 8538, 5527, 2444, 2017, 4359, 8379 });
}

int main (void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(like_numpy) };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("numpy_draw", tests, NULL, NULL);
}
