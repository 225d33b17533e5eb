/*
** The order of an epoch's samples: each once; of a mapped file block by block, and trained on as the same samples in memory are, for a file of one block.
*/
#include "net_fixture.h"
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { FEATURES = 1 << 16, SAMPLES = 1200, BLOCK = 512, EPOCHS = 3 };   /* 75 MiB: a block of 32 MiB has 512 samples */

/* Pages that nobody writes take no memory. */
static Data *mapped (int32_t n) {
  Data *data = data_new_empty(n, FEATURES, DATA_U8);
  assert_non_null(data);
  data->map_bytes = (size_t)n * FEATURES;
  data->map = mmap(NULL, data->map_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert_true(data->map != MAP_FAILED);
  data->u8 = data->map;
  data->n_classes = 2;
  return data;
}

static Net *small_net (void) {
  return make_net(&(Recipe){ .size = { 4, 2 }, .density = { 1 }, .output = "linear", .loss = "cross_entropy", .seed = 9, .threads = 1 });
}

static void each_once (const int32_t *order, int32_t n) {
  char *seen = calloc((size_t)n, 1);
  for (int32_t i = 0; i < n; i++) {
    assert_in_range(order[i], 0, n - 1);
    assert_int_equal(seen[order[i]]++, 0);
  }
  free(seen);
}

static void by_blocks (void **state) {
  (void)state;
  Data *data = mapped(SAMPLES);
  Net *net = small_net();
  int32_t *first = NULL;
  assert_int_equal(data_block(data), BLOCK);
  for (int32_t epoch = 1; epoch <= EPOCHS; epoch++) {
    int32_t *order = net_order(net, data, epoch), changes = 0, rising = 0;
    assert_non_null(order);
    each_once(order, SAMPLES);
    for (int32_t i = 1; i < SAMPLES; i++) {
      changes += order[i] / BLOCK != order[i - 1] / BLOCK;
      rising += order[i] == order[i - 1] + 1;
    }
    assert_int_equal(changes, 2);          /* three blocks, each in one piece */
    assert_in_range(rising, 0, 50);        /* and in random order inside */
    if (first) assert_memory_not_equal(first, order, SAMPLES * sizeof *order);
    else {
      first = order;
      continue;
    }
    mem_free(order);
  }
  mem_free(first);
  net_free(net);
  data_free(data);
}

static void one_block (void **state) {
  (void)state;
  Data *map = mapped(BLOCK), *memory = data_new(BLOCK, 1, DATA_U8);
  Net *net = small_net();
  int32_t *a = net_order(net, map, 1), *b = net_order(net, memory, 1);
  assert_true(a && b);
  assert_memory_equal(a, b, BLOCK * sizeof *a);
  for (int32_t i = 0; i < BLOCK; i++) data_expect(map, i);   /* advice: nothing may come of it */
  mem_free(a);
  mem_free(b);
  net_free(net);
  data_free(map);
  data_free(memory);
}

int main (void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(by_blocks), cmocka_unit_test(one_block) };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
