/* test_hold_out.c -- a training split in two parts: every sample in one of them, each class with its share. */
#include "scratch.h"
#include "data/hold_out.h"

enum { N = 137, F = 3, CLASSES = 5, COUNTS = 100 };

/* Feature 0 numbers the samples; classes are of unequal sizes, and the last has no sample. */
static Data *make (DataType type) {
  static const char classes[] = "a\0b\0c\0d\0e", columns[] = "x\0y\0z\0kind";
  Data *d = data_new(N, F, type);
  assert_non_null(d);
  d->n_classes = CLASSES;
  d->channels = 1, d->height = 1, d->width = F;
  for (int i = 0; i < N; i++) {
    d->label[i] = i < 60 ? 0 : i < 100 ? 1 : i < 136 ? 2 : 3;
    for (int j = 0; j < F; j++) {
      if (type == DATA_U8) d->u8[i * F + j] = (uint8_t)(j == 0 ? i : i * j % 7);
      else d->f32[i * F + j] = (float)(j == 0 ? i : i * j % 7);
    }
  }
  d->class_names = mem_new(sizeof classes, 1);
  d->column_names = mem_new(sizeof columns, 1);
  assert_true(d->class_names && d->column_names);
  memcpy(d->class_names, classes, sizeof classes);
  memcpy(d->column_names, columns, sizeof columns);
  assert_true(data_standardise(d, d));
  return d;
}

static void counted (const Data *d, const uint8_t *held, int count[CLASSES]) {
  memset(count, 0, CLASSES * sizeof *count);
  for (int i = 0; i < d->n; i++) count[d->label[i]] += held[i];
}

/* Of every class its share of n, rounded down or up; the sum is n. */
static void shares (void **state) {
  (void)state;
  Data *d = make(DATA_U8);
  static const int all[CLASSES] = { 60, 40, 36, 1, 0 };
  for (int n = 1; n < N; n++) {
    uint8_t held[N];
    int count[CLASSES], sum = 0;
    assert_true(data_draw_held_out(d, n, 5, held));
    counted(d, held, count);
    for (int c = 0; c < CLASSES; c++) {
      sum += count[c];
      assert_in_range(count[c], all[c] * n / N, (all[c] * n + N - 1) / N);
    }
    assert_int_equal(sum, n);
  }
  data_free(d);
}

/* Another seed holds out others, the same one the same; each sample about as often as any other. */
static void drawn_evenly (void **state) {
  (void)state;
  Data *d = make(DATA_U8);
  uint8_t held[N], again[N];
  int often[N] = { 0 }, differ = 0;
  for (int seed = 0; seed < COUNTS; seed++) {
    assert_true(data_draw_held_out(d, N / 2, (uint64_t)seed, held) && data_draw_held_out(d, N / 2, (uint64_t)seed, again));
    assert_memory_equal(held, again, N);
    assert_true(data_draw_held_out(d, N / 2, (uint64_t)seed + COUNTS, again));
    differ += memcmp(held, again, N) != 0;
    for (int i = 0; i < N; i++) often[i] += held[i];
  }
  assert_int_equal(differ, COUNTS);
  for (int i = 0; i < 136; i++) assert_in_range(often[i], COUNTS / 2 - 25, COUNTS / 2 + 25);   /* five deviations */
  data_free(d);
}

static double first_value (const Data *d, int i) { return d->u8 ? (double)d->u8[i * F] : (double)d->f32[i * F]; }

/* Both parts keep the order of the samples, with labels and values, and all that stands beside them. */
static void parts (void **state) {
  (void)state;
  for (int type = 0; type < 2; type++) {
    Data *d = make(type ? DATA_F32 : DATA_U8);
    uint8_t held[N];
    int next[2] = { 0, 0 };
    assert_true(data_draw_held_out(d, 40, 1, held));
    Data *part[2] = { data_part(d, held, 0), data_part(d, held, 1) };
    for (int p = 0; p < 2; p++) {
      check_data(part[p]);
      assert_int_equal(part[p]->n, p ? 40 : N - 40);
      assert_true(part[p]->n_classes == CLASSES && part[p]->width == F && part[p]->unit == d->unit);
      assert_memory_equal(part[p]->feature_scale, d->feature_scale, F * sizeof(float));
      assert_memory_equal(part[p]->feature_shift, d->feature_shift, F * sizeof(float));
      assert_string_equal(data_class_name(part[p], 4), "e");
      assert_true(data_view(part[p]).features == data_view(d).features);
    }
    for (int i = 0; i < N; i++) {
      Data *mine = part[held[i]];
      int k = next[held[i]]++;
      assert_true(first_value(mine, k) == i && mine->label[k] == d->label[i]);
    }
    assert_true(memcmp(part[0]->hash, part[1]->hash, sizeof part[0]->hash) != 0);
    data_free(part[0]);
    data_free(part[1]);
    data_free(d);
  }
}

#ifdef LAB_FAIL_ALLOC
/* Each allocation fails in turn. */
static void starved (void **state) {
  (void)state;
  Data *d = make(DATA_F32);
  uint8_t held[N];
  for (long n = 1; n <= 2; n++) {
    mem_fail_at(n);
    int drawn = data_draw_held_out(d, 9, 1, held);
    mem_fail_at(0);
    assert_false(drawn);
  }
  assert_true(data_draw_held_out(d, 9, 1, held));
  Data *part = NULL;
  long n = 0;
  while (!part) {
    mem_fail_at(++n);
    part = data_part(d, held, 1);
    mem_fail_at(0);
  }
  assert_int_equal(n, 8);   /* seven blocks */
  data_free(part);
  data_free(d);
}
#endif

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(shares), cmocka_unit_test(drawn_evenly), cmocka_unit_test(parts),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(starved),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("hold_out", tests, scratch_begin, scratch_end);
}
