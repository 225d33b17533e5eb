/* test_feature.c -- a choice of features, and what each one tells, against naive twins. */
#include "scratch.h"
#include "select/feature.h"
#include <math.h>

enum { N = 60, F = 70, CLASSES = 3, BINS = 5 };   /* more features than one block of counts */

static uint32_t draw (uint32_t *x) { return (*x = *x * 1664525 + 1013904223) >> 24; }

/* Feature 0 is the label, 1 is constant, 2 and 3 are equal, the rest noise. */
static Data *make (DataType type) {
  Data *d = data_new(N, F, type);
  uint32_t x = 7;
  assert_non_null(d);
  d->n_classes = CLASSES;
  d->channels = 1, d->height = 7, d->width = 10;
  for (int i = 0; i < N; i++) {
    d->label[i] = i % CLASSES;
    for (int j = 0; j < F; j++) {
      int v = (int)draw(&x);
      if (j == 0) v = 100 * d->label[i];
      if (j == 1) v = 9;
      if (type == DATA_U8) d->u8[i * F + j] = (uint8_t)v;
      else d->f32[i * F + j] = j == 1 ? 0.1f : (float)v * 0.037f - 4;
    }
    if (type == DATA_U8) d->u8[i * F + 3] = d->u8[i * F + 2];
    else d->f32[i * F + 3] = d->f32[i * F + 2];
  }
  data_rehash(d);
  return d;
}

static double raw (const Data *d, int i, int j) {
  return d->u8 ? (double)d->u8[i * d->n_features + j] : (double)d->f32[i * d->n_features + j];
}

static void check_selected (const Data *d, const int32_t *feature, int32_t n) {
  Data *s = feature_select(d, feature, n);
  check_data(s);
  assert_true(s->n == d->n && s->n_features == n && s->type == d->type && s->n_classes == d->n_classes);
  assert_true(s->unit == d->unit && s->channels == 0 && s->height == 0 && s->width == 0);
  for (int i = 0; i < N; i++) {
    assert_int_equal(s->label[i], d->label[i]);
    for (int k = 0; k < n; k++) assert_true(raw(s, i, k) == raw(d, i, feature[k]));
  }
  assert_true((s->feature_scale != NULL) == (d->feature_scale != NULL));
  for (int k = 0; s->feature_scale && k < n; k++) {
    assert_true(s->feature_scale[k] == d->feature_scale[feature[k]]);
    assert_true(s->feature_shift[k] == d->feature_shift[feature[k]]);
  }
  uint64_t hash[2] = { s->hash[0], s->hash[1] };
  data_rehash(s);
  assert_memory_equal(hash, s->hash, sizeof hash);
  data_free(s);
}

static void selects (void **state) {
  static const int32_t some[] = { 0, 2, 69, 5 }, one[] = { 1 }, other[] = { 2, 0, 69, 5 }, twin[] = { 0, 3, 69, 5 };
  (void)state;
  for (int type = 0; type < 2; type++) {
    Data *d = make(type ? DATA_F32 : DATA_U8);
    check_selected(d, some, 4);
    check_selected(d, one, 1);
    assert_true(data_standardise(d, d));
    check_selected(d, some, 4);
    Data *a = feature_select(d, some, 4), *b = feature_select(d, other, 4), *c = feature_select(d, twin, 4);
    assert_memory_not_equal(a->hash, b->hash, sizeof a->hash);   /* the order counts */
    assert_memory_equal(a->hash, c->hash, sizeof a->hash);       /* equal content has equal hash */
    data_free(a);
    data_free(b);
    data_free(c);
    data_free(d);
  }
}

static void keeps_names_and_counts_bytes (void **state) {
  static const int32_t some[] = { 4, 6 };
  static const char names[] = "cat\0dog\0cow";
  (void)state;
  Data *d = make(DATA_U8);
  d->class_names = mem_new(sizeof names, 1);
  memcpy(d->class_names, names, sizeof names);
  assert_true(data_standardise(d, d));
  uint64_t before = mem_held();
  Data *s = feature_select(d, some, 2);
  assert_int_equal(mem_held() - before, feature_select_bytes(d, 2));
  assert_memory_equal(s->column_names, "5\0007\0", 5);   /* without names, their numbers */
  before = mem_held();
  Data *of_names = feature_select(s, (int32_t[]){ 1 }, 1);
  assert_int_equal(mem_held() - before, feature_select_bytes(s, 1));
  assert_memory_equal(of_names->column_names, "7\0", 3);
  data_free(of_names);
  assert_string_equal(data_class_name(s, 0), "cat");
  assert_string_equal(data_class_name(s, 2), "cow");
  assert_ptr_not_equal(s->class_names, d->class_names);
  data_free(d);
  assert_string_equal(data_class_name(s, 1), "dog");
  data_free(s);
}

static void moments (void **state) {
  double mean[F], variance[F];
  (void)state;
  for (int type = 0; type < 2; type++) {
    Data *d = make(type ? DATA_F32 : DATA_U8);
    feature_moments(d, mean, variance);
    for (int j = 0; j < F; j++) {
      double m = 0, v = 0;
      for (int i = 0; i < N; i++) m += raw(d, i, j) * (double)d->unit / N;
      for (int i = 0; i < N; i++) v += pow(raw(d, i, j) * (double)d->unit - m, 2) / N;
      assert_true(fabs(mean[j] - m) < 1e-12 && fabs(variance[j] - v) < 1e-12);
    }
    assert_true(variance[1] == 0.0 && variance[4] > 0);
    data_free(d);
  }
}

/* The sum of the header, a feature at a time, with shares in the way of a textbook. */
static double twin_information (const Data *d, int j, int bins) {
  double p[BINS][CLASSES] = { { 0 } }, pb[BINS] = { 0 }, pc[CLASSES] = { 0 }, low = 1e9, high = -1e9, sum = 0;
  for (int i = 0; i < N; i++) {
    low = fmin(low, raw(d, i, j));
    high = fmax(high, raw(d, i, j));
  }
  for (int i = 0; i < N; i++) {
    int b = high > low ? (int)((raw(d, i, j) - low) * (bins / (high - low))) : 0;
    if (b == bins) b--;
    p[b][d->label[i]] += 1.0 / N;
    pb[b] += 1.0 / N;
    pc[d->label[i]] += 1.0 / N;
  }
  for (int b = 0; b < bins; b++)
    for (int c = 0; c < CLASSES; c++)
      if (p[b][c] > 0) sum += p[b][c] * (log(p[b][c]) - log(pb[b]) - log(pc[c])) / log(2);
  return sum;
}

static void information (void **state) {
  double info[F];
  (void)state;
  for (int type = 0; type < 2; type++) {
    Data *d = make(type ? DATA_F32 : DATA_U8);
    for (int bins = 2; bins <= BINS; bins += 3) {
      assert_true(feature_information(d, bins, info));
      for (int j = 0; j < F; j++) assert_true(fabs(info[j] - twin_information(d, j, bins)) < 1e-9);
      assert_true(info[1] == 0.0 && info[2] == info[3]);
    }
    assert_true(fabs(info[0] - log2(3)) < 1e-12);   /* the label itself */
    assert_true(feature_information(d, FEATURE_MOST_BINS, info));
    data_free(d);
  }
}

static void one_sample (void **state) {
  double mean, variance, info;
  (void)state;
  Data *d = data_new(1, 1, DATA_F32);
  d->n_classes = 1;
  d->f32[0] = 3;
  feature_moments(d, &mean, &variance);
  assert_true(feature_information(d, 2, &info));
  assert_true(mean == 3.0 && variance == 0.0 && info == 0.0);
  data_free(d);
}

#ifdef LAB_FAIL_ALLOC
static void starved (void **state) {
  static const char names[] = "a\0b\0c";
  static const int32_t some[] = { 0, 2 };
  double info[F];
  (void)state;
  Data *d = make(DATA_U8), *s = NULL;
  d->class_names = mem_new(sizeof names, 1);
  memcpy(d->class_names, names, sizeof names);
  assert_true(data_standardise(d, d));
  long n = 0;
  while (!s) {
    mem_fail_at(++n);
    s = feature_select(d, some, 2);
    mem_fail_at(0);
  }
  assert_int_equal(n, 8);   /* seven blocks */
  data_free(s);
  int done = 0;
  for (n = 1; !done; n++) {
    mem_fail_at(n);
    done = feature_information(d, 2, info);
    mem_fail_at(0);
  }
  assert_int_equal(n, 4);   /* two blocks */
  data_free(d);
}
#endif

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(selects),   cmocka_unit_test(keeps_names_and_counts_bytes), cmocka_unit_test(moments),
    cmocka_unit_test(information), cmocka_unit_test(one_sample),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(starved),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("feature", tests, scratch_begin, scratch_end);
}
