/*
** Targets that are numbers: the loss of a step by hand, gradients by finite differences, the same bits for any number of threads, and
** an autoencoder that learns.
*/
#include "data/target.h"
#include "net_probe.h"
#include <stdlib.h>

static const Recipe regression = { { 9, 16, 14, 5 }, { 0.5, 1, 0.6 }, "tanh", "linear", "mse", 0, 5, 1, NULL, 0, 0, { 0, 0 }, 0, RULE_SGD, { 0 } };

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

/* Several labels at once: targets from 0 to 1, and sums that the loss turns into shares. */
static void aim_at_labels (Data *d, int32_t columns) {
  float *t = mem_new((size_t)(d->n * columns), sizeof *t);
  for (int32_t k = 0; k < d->n * columns; k++) t[k] = k % 5 == 3 ? 0.25f : (float)(k * 7 % 11 > 6);
  assert_true(data_set_targets(d, columns, t));
  mem_free(t);
}

static const Recipe labels = { { 9, 16, 14, 5 }, { 0.5, 1, 0.6 }, "tanh", "linear", "binary_cross_entropy", 0, 5, 1, NULL, 0, 0, { 0, 0 }, 0, RULE_SGD, { 0 } };

static void test_label_gradients (void **state) {
  (void)state;
  for (int kind = 0; kind < 2; kind++)
    for (int32_t batch = 10; batch <= 120; batch += 110) {
      Probe p = probe_open(&labels, batch, 1);
      if (kind == 1) aim_at_labels(p.data, 5);   /* else classes, one against all */
      probe_step(&p, NULL);
      for (int32_t l = 0; l < 3; l++)
        for (int64_t k = 0; k < net_links(p.net, l); k += 7) check_parameter(&p, l, net_weights(p.net, l) + k, p.weight_gradient[l][k], "weight", k);
      probe_close(&p);
    }
}

/* The loss as written, in double precision, from the outputs; and what sums so large that exp overflows make of it. */
static void test_label_loss (void **state) {
  (void)state;
  Probe p = probe_open(&labels, 20, 1);
  aim_at_labels(p.data, 5);
  float *out = mem_new((size_t)p.data->n * 5, sizeof *out);
  double all = 0, loss, accuracy;
  assert_int_equal(net_outputs(p.net, p.data, NULL, 0, NULL, NULL, out), NET_OK);
  for (int32_t k = 0; k < 5 * p.data->n; k++) {
    double t = (double)p.data->target[k], y = (double)out[k];
    assert_true(y > 0 && y < 1);
    all -= t * log(y) + (1 - t) * log(1 - y);
  }
  assert_int_equal(net_evaluate(p.net, p.data, NULL, NULL, &loss, &accuracy), NET_OK);
  assert_true(fabs(loss - all / p.data->n) < 1e-5 * all / p.data->n);
  mem_free(out);
  probe_close(&p);
  const Loss *binary = loss_find("binary_cross_entropy");
  const float sums[] = { 200, -200, 0, 200 }, targets[] = { 1, 0, 0.5f, 0 };
  float delta[4];
  assert_true(fabs(binary->numbers(sums, 1, 4, targets, delta) - (log(2) + 200)) < 1e-5);
  assert_true(fabsf(delta[0]) < 1e-6f && fabsf(delta[1]) < 1e-6f && fabsf(delta[2]) < 1e-6f && fabsf(delta[3] - 1) < 1e-6f);
}

static void test_label_counts (void **state) {
  (void)state;
  Data *d = make_data(3, 4, 2, DATA_F32, 1);
  const float targets[] = { 1, 0, 0, 0, 1, 1 }, outputs[] = { 0.9f, 0.1f, 0.7f, 0.2f, 0.5f, 0.4f };
  assert_true(data_set_targets(d, 2, targets));
  LabelCounts c = data_count_labels(d, outputs);
  assert_true(c.both == 2 && c.output_only == 1 && c.target_only == 1 && c.neither == 2 && c.exact == 1);
  assert_int_equal(data_constant_target(d), -1);
  assert_int_equal(data_target_beyond_labels(d), -1);
  d->target[3] = -0.5f;
  assert_int_equal(data_target_beyond_labels(d), 3);
  const float absent[] = { 1, 0, 0, 0, 1, 0 }, numbers[] = { 1, 2, 0, 2, 1, 2 };
  assert_true(data_set_targets(d, 2, absent));
  assert_int_equal(data_constant_target(d), -1);   /* a label that is never there */
  assert_true(data_set_targets(d, 2, numbers));
  assert_int_equal(data_constant_target(d), 1);
  data_free(d);
}

/* Half the squared distances, of training and of evaluation; nothing is a hit. */
static void test_loss (void **state) {
  (void)state;
  Probe p = probe_open(&regression, 20, 1);
  aim(p.data, 5);
  float *out = mem_new((size_t)p.data->n * 5, sizeof *out);
  assert_int_equal(net_outputs(p.net, p.data, NULL, 0, NULL, NULL, out), NET_OK);
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
  const struct CMUnitTest tests[] = { cmocka_unit_test(test_gradients), cmocka_unit_test(test_loss), cmocka_unit_test(test_autoencoder),
                                      cmocka_unit_test(test_label_gradients), cmocka_unit_test(test_label_loss), cmocka_unit_test(test_label_counts) };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("numbers", tests, NULL, NULL);
}
