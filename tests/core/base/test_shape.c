/*
** test_shape.c -- how a batch is cut into tiles: whole, without overlap, on cache lines.
*/
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "net/net_internal.h"

static void check_batch (const Net *net, int32_t batch) {
  Shape shape = net_shape(net, batch);
  assert_true(shape.width >= batch && shape.width < batch + WIDTH_STEP && shape.width % WIDTH_STEP == 0);
  assert_true(shape.stride >= (size_t)shape.width && shape.stride % STRIDE_STEP == 0);
  int32_t next = 0;
  for (int i = 0; i < shape.tiles; i++) {
    int32_t column, width;
    shape_tile(&shape, i, &column, &width);
    assert_int_equal(column, next);
    assert_int_equal(column % STRIDE_STEP, 0);
    assert_true(0 < width && width <= net->tile && width % WIDTH_STEP == 0);
    next = column + width;
  }
  assert_int_equal(next, shape.width);
}

static void test_tiles (void **state) {
  (void)state;
  static const int32_t tiles[] = { 24, 48, 65, 100, 128 };
  for (size_t t = 0; t < sizeof tiles / sizeof *tiles; t++) {
    Net net = { .tile = tiles[t] };
    for (int32_t batch = 1; batch < 1500; batch++) check_batch(&net, batch);
  }
}

static void test_no_more_than_needed (void **state) {
  (void)state;
  Net net = { .tile = 65 };
  assert_int_equal(net_shape(&net, 40).tiles, 1);
  assert_int_equal(net_shape(&net, 64).tiles, 1);
  assert_int_equal(net_shape(&net, 100).tiles, 2);
  assert_int_equal(net_shape(&net, 100).stride, 112);
  assert_int_equal(net_shape(&net, 100).width, 104);
}

int main (void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(test_tiles), cmocka_unit_test(test_no_more_than_needed) };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("shape", tests, NULL, NULL);
}
