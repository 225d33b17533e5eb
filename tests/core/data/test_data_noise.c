/*
** Images of noise: the same from the same seed, of the asked shape, and with a class to be seen.
*/
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "data/data.h"
#include "base/mem.h"

static const DataNoise set = { 3, 5, 7, 4, 11 };   /* 105 bytes an image: no multiple of eight */

static Data *make (uint64_t seed, int32_t n, uint64_t part) {
  char why[DATA_WHY] = "";
  DataNoise s = set;
  s.seed = seed;
  Data *data = data_noise(&s, n, part, why);
  if (!data) fail_msg("%s", why);
  return data;
}

static void test_shape (void **state) {
  (void)state;
  Data *d = make(11, 300, 1);
  assert_int_equal(d->n, 300);
  assert_int_equal(d->n_features, 105);
  assert_int_equal(d->channels, 3);
  assert_int_equal(d->height, 5);
  assert_int_equal(d->width, 7);
  assert_int_equal(d->n_classes, 4);
  assert_int_equal(d->type, DATA_U8);
  int32_t seen[4] = { 0 };
  for (int32_t i = 0; i < d->n; i++) {
    assert_in_range(d->label[i], 0, 3);
    seen[d->label[i]]++;
  }
  for (int c = 0; c < 4; c++) assert_in_range(seen[c], 40, 110);
  data_free(d);
}

static void test_seed_decides (void **state) {
  (void)state;
  Data *a = make(11, 50, 1), *b = make(11, 50, 1), *part = make(11, 50, 2), *seed = make(12, 50, 1);
  assert_memory_equal(a->hash, b->hash, sizeof a->hash);
  assert_memory_equal(a->u8, b->u8, 50 * 105);
  assert_memory_not_equal(a->u8, part->u8, 50 * 105);
  assert_memory_not_equal(a->u8, seed->u8, 50 * 105);
  assert_memory_not_equal(a->hash, part->hash, sizeof a->hash);
  data_free(a);
  data_free(b);
  data_free(part);
  data_free(seed);
}

/* Noise moves a byte by at most 128: two images of one class are never farther apart; of two
** classes some byte is, also the last one, which stands outside the groups of eight. */
static void test_class_shows (void **state) {
  (void)state;
  Data *d = make(11, 400, 1), *other = make(11, 400, 2);
  int farthest[2] = { 0 }, last_differs = 0;
  for (int32_t i = 0; i < d->n; i++)
    for (int32_t k = 0; k < other->n; k++) {
      const uint8_t *x = d->u8 + i * 105, *y = other->u8 + k * 105;
      int same = d->label[i] == other->label[k];
      for (int j = 0; j < 105; j++)
        if (abs(x[j] - y[j]) > farthest[same]) farthest[same] = abs(x[j] - y[j]);
      last_differs |= x[104] != y[104];
    }
  assert_in_range(farthest[1], 100, 127);
  assert_true(farthest[0] > 150);
  assert_true(last_differs);
  data_free(d);
  data_free(other);
}

static void refuse (DataNoise s, int32_t n, const char *word) {
  char why[DATA_WHY] = "";
  assert_null(data_noise(&s, n, 1, why));
  if (!strstr(why, word)) fail_msg("'%s' does not speak of '%s'", why, word);
}

static void test_refuses (void **state) {
  (void)state;
  refuse(set, 0, "sample");
  refuse((DataNoise){ 0, 5, 7, 4, 1 }, 5, "channel");
  refuse((DataNoise){ 3, -1, 7, 4, 1 }, 5, "row");
  refuse((DataNoise){ 3, 5, 0, 4, 1 }, 5, "column");
  refuse((DataNoise){ 3, 5, 7, 1, 1 }, 5, "classes");
  refuse((DataNoise){ 3, 5, 7, 4097, 1 }, 5, "classes");
  refuse((DataNoise){ 101, 100, 100, 4, 1 }, 5, "features");
  refuse((DataNoise){ INT32_MAX, INT32_MAX, INT32_MAX, 4, 1 }, 5, "features");
}

#ifdef LAB_FAIL_ALLOC
static void test_without_memory (void **state) {
  (void)state;
  for (long n = 1;; n++) {
    char why[DATA_WHY] = "";
    mem_fail_at(n);
    Data *d = data_noise(&set, 10, 1, why);
    mem_fail_at(0);
    if (d) {
      assert_true(n > 3);
      data_free(d);
      return;
    }
    assert_non_null(strstr(why, "memory"));
  }
}
#endif

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_shape),   cmocka_unit_test(test_seed_decides), cmocka_unit_test(test_class_shows),
    cmocka_unit_test(test_refuses),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(test_without_memory),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("noise", tests, NULL, NULL);
}
