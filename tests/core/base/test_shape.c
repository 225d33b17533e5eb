/*
** test_shape.c -- how a batch is cut into tiles: whole, without overlap, on cache lines.
*/
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "net/net_internal.h"

static Net net_of (Layer *layer, Sparse *W, const char *isa) {
  *layer = (Layer){ .n_in = 5, .n_out = 5, .sparse = W };
  return (Net){ .n_layers = 1, .layer = layer, .kernels = kernels_choose(isa) };
}

static void check_batch (const Net *net, int32_t batch) {
  Shape shape = net_shape(net, batch);
  assert_true(shape.stride >= batch && shape.stride < batch + STRIDE_STEP && shape.stride % STRIDE_STEP == 0);
  int32_t next = 0, samples = 0, widest = shape_tile(&shape, 0).width;
  for (int i = 0; i < shape.tiles; i++) {
    Tile tile = shape_tile(&shape, i);
    assert_true(tile.number == i && tile.column == next && tile.first == next);
    assert_true(0 < tile.width && tile.width <= widest && tile.width >= widest - STRIDE_STEP && tile.width % STRIDE_STEP == 0);
    assert_true(widest <= net->kernels->widest && 0 < tile.samples && tile.samples <= tile.width);
    next += tile.width;
    samples += tile.samples;
  }
  assert_int_equal(next, shape.stride);
  assert_int_equal(samples, batch);
}

static void test_tiles (void **state) {
  (void)state;
  static const char *const sets[] = { "portable", "avx2", "avx512" };
  for (size_t s = 0; s < 3; s++) {
    Layer layer;
    Sparse W = { .links = 10 };
    Net net = net_of(&layer, &W, sets[s]);
    for (int32_t batch = 1; batch < 1500 && net.kernels; batch++) check_batch(&net, batch);
  }
}

/* Whatever the threads: it follows from the batch alone. */
static void test_widths (void **state) {
  (void)state;
  Layer layer;
  Sparse W = { .links = 10 };
  Net net = net_of(&layer, &W, "avx512");
  static const struct { int32_t batch, tiles, first, last; } known[] = {
    { 1, 1, 16, 16 }, { 16, 1, 16, 16 }, { 17, 2, 16, 16 }, { 40, 2, 32, 16 }, { 64, 2, 32, 32 }, { 100, 2, 64, 48 }, { 128, 2, 64, 64 }, { 256, 4, 64, 64 } };
  for (size_t i = 0; i < sizeof known / sizeof *known && net.kernels; i++) {
    Shape shape = net_shape(&net, known[i].batch);
    assert_int_equal(shape.tiles, known[i].tiles);
    assert_int_equal(shape_tile(&shape, 0).width, known[i].first);
    assert_int_equal(shape_tile(&shape, shape.tiles - 1).width, known[i].last);
  }
}

/* Members of groups share units without gap or overlap, whatever links say. */
static void test_shares (void **state) {
  (void)state;
  static const int64_t ptr[] = { 0, 100, 100, 101, 5000, 5001, 5001, 5002, 9000 };
  for (int members = 1; members <= 12; members++)
    for (int by_links = 0; by_links <= 1; by_links++) {
      int32_t next = 0, first, last;
      for (int m = 0; m < members; m++) {
        Walker w = { .member = m, .members = members };
        net_share(&w, by_links ? ptr : NULL, 8, &first, &last);
        assert_true(first == next && last >= first);
        next = last;
      }
      assert_int_equal(next, 8);
    }
}

int main (void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(test_tiles), cmocka_unit_test(test_widths), cmocka_unit_test(test_shares) };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("shape", tests, NULL, NULL);
}
