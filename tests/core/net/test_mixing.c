/*
** Mixup and cutmix in a net: the loss of a step against that of samples which are mixed by hand, in batches of one tile and of
** several, odd ones too; the same for changed images and in bfloat16; evaluation and probes that know nothing of it.
*/
#include "data/mix.h"
#include "net_fixture.h"

enum { CHANNELS = 2, HEIGHT = 4, WIDTH = 5, FEATURES = CHANNELS * HEIGHT * WIDTH, SAMPLES = 120 };

static const Recipe plain = { .size = { FEATURES, 24, 4 }, .density = { 0.5, 0.6 }, .hidden = "relu", .output = "linear",
                              .loss = "cross_entropy", .seed = 5 };

static Data *images (DataType type) {
  Data *d = make_data(SAMPLES, FEATURES, 4, type, 3);
  d->channels = CHANNELS;
  d->height = HEIGHT;
  d->width = WIDTH;
  return d;
}

static float value_of (const Data *d, int32_t row, int32_t f) {
  size_t at = (size_t)row * FEATURES + (size_t)f;
  return (d->u8 ? (float)d->u8[at] : d->f32[at]) * d->unit;
}

/* Feature f of column b of the batch as the definition has it. */
static float mixed_value (const Data *d, const int32_t *rows, int32_t batch, const Mix *mix, int32_t b, int32_t f) {
  int32_t p = b % 2 == 0 ? b + 1 : b - 1, row = f % (HEIGHT * WIDTH) / WIDTH, column = f % WIDTH;
  if (p >= batch) return value_of(d, rows[b], f);
  if (!mix->is_cut) return mix->share * value_of(d, rows[b], f) + (1 - mix->share) * value_of(d, rows[p], f);
  int in = row >= mix->row0 && row < mix->row1 && column >= mix->col0 && column < mix->col1;
  return value_of(d, rows[in ? p : b], f);
}

/* The loss of the batch by a net that sees the mixed samples as they are. */
static double loss_by_hand (const Data *d, const int32_t *rows, int32_t batch, const Mix *mix) {
  Net *net = make_net(&plain);
  Data *by_hand = make_data(batch, FEATURES, 4, DATA_F32, 1);
  float *out = mem_new((size_t)batch * 4, sizeof *out);
  double loss = 0;
  by_hand->unit = 1;
  for (int32_t b = 0; b < batch; b++)
    for (int32_t f = 0; f < FEATURES; f++) by_hand->f32[(size_t)b * FEATURES + (size_t)f] = mixed_value(d, rows, batch, mix, b, f);
  assert_int_equal(net_outputs(net, by_hand, NULL, 0, NULL, NULL, out), NET_OK);
  for (int32_t b = 0; b < batch; b++) {
    int32_t p = b % 2 == 0 ? b + 1 : b - 1;
    double share = p < batch ? (double)mix->share : 1;
    loss -= share * log((double)out[4 * b + d->label[rows[b]]]);
    if (p < batch) loss -= (1 - share) * log((double)out[4 * b + d->label[rows[p]]]);
  }
  mem_free(out);
  data_free(by_hand);
  net_free(net);
  return loss;
}

static void test_losses (void **state) {
  (void)state;
  static const Mixing kinds[] = { { 0.7f, 0 }, { 0, 1 }, { 1, 1 } };
  static const int32_t batches[] = { 1, 2, 13, 32, 99, 100 };
  for (int type = 0; type < 2; type++)
    for (int k = 0; k < 3; k++)
      for (int n = 0; n < 6; n++) {
        Data *d = images(type ? DATA_F32 : DATA_U8);
        Recipe r = plain;
        r.mixing = kinds[k];
        r.threads = 1 + n % 3;
        Net *net = make_net(&r);
        int32_t rows[SAMPLES], hits;
        for (int32_t b = 0; b < batches[n]; b++) rows[b] = (b * 7 + 2) % SAMPLES;
        assert_true(net_reserve(net, batches[n]));
        for (uint64_t step = 0; step < 12; step++) {
          Mix mix = mix_draw(&kinds[k], r.seed, step, HEIGHT, WIDTH);
          Update none = { 0 };
          double loss, want = loss_by_hand(d, rows, batches[n], &mix);
          net_step(net, d, rows, batches[n], step, &none, NULL, NULL, &loss, &hits);
          if (fabs(loss - want) > 1e-4 * want) fail_msg("batch %d, step %d: loss %g, by hand %g", (int)batches[n], (int)step, loss, want);
        }
        net_free(net);
        data_free(d);
      }
}

/* Two epochs at rate 0: their loss. */
static double epochs_of (const Recipe *r, const Augment *augment) {
  Data *d = images(DATA_U8);
  Net *net = make_net(r);
  Protocol p = { .batch = 40, .augment = augment };
  double loss = 0;
  for (int epoch = 1; epoch <= 2; epoch++) {
    EpochResult result;
    assert_int_equal(net_train_epoch(net, d, &p, epoch, NULL, NULL, &result), NET_OK);
    loss += result.loss;
  }
  net_free(net);
  data_free(d);
  return loss;
}

/* Images that are sampled at their own pixels are as they were, by another path of the program. */
static void test_changed_images (void **state) {
  (void)state;
  Augment still = { .parts = 1, .part = { augment_nothing() }, .fill = AUGMENT_NEAREST, .sampling = AUGMENT_BILINEAR };
  for (int bf16 = 0; bf16 <= 1; bf16++)
    for (int cut = 0; cut <= 1; cut++) {
      Recipe r = plain;
      r.mixing = cut ? (Mixing){ 0, 1 } : (Mixing){ 0.7f, 0 };
      r.bf16 = bf16;
      r.threads = 2;
      double loss = epochs_of(&r, NULL), changed = epochs_of(&r, &still);
      assert_true(fabs(loss - changed) < 1e-5 * loss);
      r.bf16 = 0;
      assert_true(fabs(loss - epochs_of(&r, NULL)) < 1e-2 * loss);
      r.mixing = (Mixing){ 0, 0 };
      assert_true(fabs(loss - epochs_of(&r, NULL)) > 1e-3 * loss);
    }
}

static void test_evaluation_sees_samples_as_they_are (void **state) {
  (void)state;
  Recipe r = plain;
  r.mixing = (Mixing){ 1, 1 };
  Data *d = images(DATA_U8);
  Net *mixes = make_net(&r), *net = make_net(&plain);
  double loss[2], accuracy[2];
  assert_int_equal(net_evaluate(mixes, d, NULL, NULL, &loss[0], &accuracy[0]), NET_OK);
  assert_int_equal(net_evaluate(net, d, NULL, NULL, &loss[1], &accuracy[1]), NET_OK);
  assert_true(loss[0] == loss[1] && accuracy[0] == accuracy[1]);
  net_free(mixes);
  net_free(net);
  data_free(d);
}

int main (void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(test_losses), cmocka_unit_test(test_changed_images),
                                      cmocka_unit_test(test_evaluation_sees_samples_as_they_are) };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("mixing", tests, NULL, NULL);
}
