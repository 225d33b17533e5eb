/* target.c: numbers in place of classes: what a split keeps, gives on and counts in its hash. */
#include "data/target.h"
#include "data/hold_out.h"
#include "base/mem.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

enum { SAMPLES = 12, FEATURES = 3 };

static Data *bytes (void) {
  Data *d = data_new(SAMPLES, FEATURES, DATA_U8);
  d->n_classes = 2;
  for (int k = 0; k < SAMPLES * FEATURES; k++) d->u8[k] = (uint8_t)(k * 37 % 256);
  for (int i = 0; i < SAMPLES; i++) d->label[i] = i % 2;
  data_rehash(d);
  return d;
}

static void test_kept (void **state) {
  (void)state;
  Data *d = bytes(), *same = bytes();
  float two[2 * SAMPLES];
  for (int k = 0; k < 2 * SAMPLES; k++) two[k] = 0.5f * (float)k - 3;
  assert_memory_equal(d->hash, same->hash, sizeof d->hash);
  assert_true(data_set_targets(d, 2, two));
  assert_int_equal(d->n_targets, 2);
  assert_memory_equal(d->target, two, sizeof two);
  assert_memory_not_equal(d->hash, same->hash, sizeof d->hash);
  assert_true(data_set_targets(same, 2, two));
  assert_memory_equal(d->hash, same->hash, sizeof d->hash);
  assert_true(data_set_targets(d, 1, two));   /* others take their place */
  assert_int_equal(d->n_targets, 1);
  data_free(d);
  data_free(same);
}

/* As data.h says that a network sees them; standardised or not, and whatever comes later. */
static void test_aimed (void **state) {
  (void)state;
  Data *d = bytes(), *noisy = bytes();
  assert_true(data_standardise(d, d));
  for (int k = 0; k < SAMPLES * FEATURES; k++) noisy->u8[k] ^= 5;
  assert_true(data_aim_at(noisy, d));
  assert_true(data_aim_at(d, d));
  for (int k = 0; k < SAMPLES * FEATURES; k++) {
    int j = k % FEATURES;
    double want = d->u8[k] * (double)d->unit * (double)d->feature_scale[j] + (double)d->feature_shift[j];
    assert_true(fabs((double)d->target[k] - want) < 1e-6 && noisy->target[k] == d->target[k]);
  }
  data_free(d);
  data_free(noisy);
}

static void test_spread (void **state) {
  (void)state;
  Data *d = bytes();
  float three[3 * SAMPLES];
  double mean[2] = { 0, 0 }, spread = 0;
  for (int i = 0; i < SAMPLES; i++) {
    three[3 * i] = 1e4f + (float)(i * i);
    three[3 * i + 1] = 7;
    three[3 * i + 2] = (float)(i % 5) - 1;
    mean[0] += (double)three[3 * i] / SAMPLES;
    mean[1] += (double)three[3 * i + 2] / SAMPLES;
  }
  for (int i = 0; i < SAMPLES; i++)
    spread += (pow((double)three[3 * i] - mean[0], 2) + pow((double)three[3 * i + 2] - mean[1], 2)) / SAMPLES;
  assert_true(data_set_targets(d, 3, three));
  assert_true(fabs(data_target_spread(d) - spread) < 1e-6 * spread);
  assert_int_equal(data_constant_target(d), 1);
  for (int i = 0; i < SAMPLES; i++) three[3 * i + 1] = (float)i;
  assert_true(data_set_targets(d, 3, three));
  assert_int_equal(data_constant_target(d), -1);
  data_free(d);
}

/* Samples that are held out take their targets with them. */
static void test_held_out (void **state) {
  (void)state;
  Data *d = bytes();
  float one[SAMPLES];
  uint8_t held[SAMPLES];
  for (int i = 0; i < SAMPLES; i++) {
    one[i] = (float)(100 + i);
    held[i] = i % 3 == 0;
  }
  assert_true(data_set_targets(d, 1, one));
  for (uint8_t which = 0; which <= 1; which++) {
    Data *part = data_part(d, held, which);
    int k = 0;
    for (int i = 0; i < SAMPLES; i++)
      if (held[i] == which) assert_true(part->target[k++] == one[i]);
    assert_int_equal(part->n, k);
    assert_int_equal(part->n_targets, 1);
    data_free(part);
  }
  data_free(d);
}

/* Values as seen, and normal noise around them; the seed says which. */
static void test_noisy (void **state) {
  (void)state;
  enum { MANY = 4000 };
  Data *d = data_new(MANY, FEATURES, DATA_U8);
  d->n_classes = 2;
  for (int k = 0; k < MANY * FEATURES; k++) d->u8[k] = (uint8_t)(k * 37 % 256);
  for (int i = 0; i < MANY; i++) d->label[i] = i % 2;
  assert_true(data_standardise(d, d));
  assert_true(data_aim_at(d, d));
  Data *noisy = data_noisy(d, 0.2, 5), *again = data_noisy(d, 0.2, 5), *other = data_noisy(d, 0.2, 6), *clean = data_noisy(d, 0, 5);
  double sum = 0, squares = 0;
  for (int k = 0; k < MANY * FEATURES; k++) {
    double off = (double)noisy->f32[k] - (double)data_seen(d, (size_t)(k / FEATURES), (size_t)(k % FEATURES));
    sum += off;
    squares += off * off;
    assert_true(clean->f32[k] == data_seen(d, (size_t)(k / FEATURES), (size_t)(k % FEATURES)));
    assert_true(data_seen(noisy, (size_t)(k / FEATURES), (size_t)(k % FEATURES)) == noisy->f32[k]);
  }
  assert_true(fabs(sum / (MANY * FEATURES)) < 0.01 && fabs(sqrt(squares / (MANY * FEATURES)) - 0.2) < 0.005);
  assert_memory_equal(noisy->hash, again->hash, sizeof noisy->hash);
  assert_memory_not_equal(noisy->hash, other->hash, sizeof noisy->hash);
  assert_memory_equal(noisy->label, d->label, MANY * sizeof *d->label);
  assert_memory_equal(noisy->target, d->target, MANY * FEATURES * sizeof *d->target);
  Data *all[] = { d, noisy, again, other, clean };
  for (int i = 0; i < 5; i++) data_free(all[i]);
}

int main (void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(test_kept), cmocka_unit_test(test_aimed), cmocka_unit_test(test_spread), cmocka_unit_test(test_held_out),
                                      cmocka_unit_test(test_noisy) };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("target", tests, NULL, NULL);
}
