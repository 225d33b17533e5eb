/*
** Targets that are numbers: the loss of a step by hand, gradients by finite differences, the same bits for any number of threads, and
** an autoencoder that learns.
*/
#include "data/target.h"
#include "net_probe.h"
#include <stdlib.h>

static const Recipe regression = { { 9, 16, 14, 5 }, { 0.5, 1, 0.6 }, "tanh", "linear", "mse", 0, 5, 1, NULL, 0, 0, { 0, 0 }, 0, RULE_SGD };

/* Targets of all sizes, none of them 0 or 1. */
static void aim (Data *d, int32_t columns) {
  float *t = mem_new((size_t)(d->n * columns), sizeof *t);
  for (int32_t k = 0; k < d->n * columns; k++) t[k] = 0.3f * (float)(k * 7 % 11) - 1.2f;
  assert_true(data_set_targets(d, columns, t));
  mem_free(t);
}

static void test_gradients (void **state) {
  (void)state;
  static const char *const outputs[] = { "linear", "sigmoid", "tanh" };
  for (int o = 0; o < 3; o++)
    for (int32_t batch = 10; batch <= 120; batch += 110) {   /* one tile, and several */
      Recipe r = regression;
      r.output = outputs[o];
      Probe p = probe_open(&r, batch, 1);
      aim(p.data, 5);
      probe_step(&p, NULL);
      for (int32_t l = 0; l < 3; l++)
        for (int64_t k = 0; k < net_links(p.net, l); k += 7) check_parameter(&p, l, net_weights(p.net, l) + k, p.weight_gradient[l][k], "weight", k);
      probe_close(&p);
    }
}

/* Half the squared distances, of training and of evaluation; nothing is a hit. */
static void test_loss (void **state) {
  (void)state;
  Probe p = probe_open(&regression, 20, 1);
  aim(p.data, 5);
  float *out = mem_new((size_t)p.data->n * 5, sizeof *out);
  assert_int_equal(net_outputs(p.net, p.data, NULL, NULL, out), NET_OK);
  double all = 0, batch = 0, loss, accuracy;
  for (int32_t i = 0; i < p.data->n; i++)
    for (int32_t c = 0; c < 5; c++) all += pow((double)out[5 * i + c] - (double)p.data->target[5 * i + c], 2) / 2;
  for (int32_t b = 0; b < 20; b++)
    for (int32_t c = 0; c < 5; c++) batch += pow((double)out[5 * p.rows[b] + c] - (double)p.data->target[5 * p.rows[b] + c], 2) / 2;
  assert_int_equal(net_evaluate(p.net, p.data, NULL, NULL, &loss, &accuracy), NET_OK);
  assert_true(fabs(loss - all / p.data->n) < 1e-5 * all / p.data->n);
  assert_true(accuracy == 0);
  assert_true(net_reserve(p.net, 20));
  assert_true(fabs(probe_step(&p, NULL) - batch) < 1e-5 * batch);
  mem_free(out);
  probe_close(&p);
}

static double train (int threads, float **weights, int64_t *n) {
  Recipe r = { .size = { 30, 24, 30 }, .density = { 0.4, 0.5 }, .hidden = "tanh", .output = "linear", .loss = "mse", .seed = 3, .threads = threads };
  Net *net = make_net(&r);
  Data *d = make_data(200, 30, 4, DATA_F32, 6);
  assert_true(data_aim_at(d, d));
  Protocol p = { .batch = 70, .rate = 0.02f, .momentum = 0.9f };
  EpochResult first, last = { 0 };
  assert_int_equal(net_train_epoch(net, d, &p, 1, NULL, NULL, &first), NET_OK);
  for (int32_t epoch = 2; epoch <= 40; epoch++) assert_int_equal(net_train_epoch(net, d, &p, epoch, NULL, NULL, &last), NET_OK);
  assert_true(last.accuracy == 0 && last.loss < 0.6 * data_target_spread(d) / 2);   /* better than the mean */
  *weights = all_parameters(net, n);
  data_free(d);
  net_free(net);
  return last.loss;
}

static void test_autoencoder (void **state) {
  (void)state;
  float *one, *more;
  int64_t n;
  double loss = train(1, &one, &n);
  for (int threads = 2; threads <= 4; threads++) {
    assert_true(train(threads, &more, &n) == loss);
    assert_memory_equal(one, more, (size_t)n * sizeof *one);
    mem_free(more);
  }
  mem_free(one);
}

int main (void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(test_gradients), cmocka_unit_test(test_loss), cmocka_unit_test(test_autoencoder) };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("numbers", tests, NULL, NULL);
}
