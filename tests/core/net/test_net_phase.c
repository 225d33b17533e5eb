/*
** The clocks at the phases of a step: every phase gets its time, and all together no more than
** the epoch took.
*/
#include "net_fixture.h"
#include "base/clock.h"

static const Recipe recipe = { .size = { 40, 30, 20, 4 }, .density = { 0.3, 0.3, 1 }, .hidden = "relu",
                               .output = "linear", .loss = "cross_entropy", .dropout = 0.2f, .seed = 3, .threads = 2 };

static double sum (const Net *net) {
  PhaseSeconds s = net_seconds(net);
  double all = s.batch + s.loss;
  for (int32_t l = 0; l < net_layers(net); l++) {
    LayerSeconds layer = net_layer_seconds(net, l);
    all += layer.forward + layer.backward;
  }
  return all;
}

static void test_training (void **state) {
  (void)state;
  Net *net = make_net(&recipe);
  Data *data = make_data(400, 40, 4, DATA_U8, 1);
  Protocol protocol = { .batch = 20, .rate = 0.01f };
  EpochResult result;
  assert_true(sum(net) == 0);
  double start = clock_seconds();
  assert_int_equal(net_train_epoch(net, data, &protocol, 1, NULL, NULL, &result), NET_OK);
  double taken = clock_seconds() - start;
  assert_true(net_seconds(net).batch > 0 && net_seconds(net).loss > 0);
  for (int32_t l = 0; l < 3; l++) {
    assert_true(net_layer_seconds(net, l).forward > 0);
    assert_true(net_layer_seconds(net, l).backward > 0);
  }
  assert_true(sum(net) <= taken);
  net_clear_seconds(net);
  assert_true(sum(net) == 0);
  data_free(data);
  net_free(net);
}

static void test_evaluation (void **state) {
  (void)state;
  Net *net = make_net(&recipe);
  Data *data = make_data(100, 40, 4, DATA_F32, 1);
  double loss, accuracy, start = clock_seconds();
  assert_int_equal(net_evaluate(net, data, NULL, NULL, &loss, &accuracy), NET_OK);
  double taken = clock_seconds() - start;
  assert_true(net_seconds(net).batch > 0 && net_seconds(net).loss > 0);
  for (int32_t l = 0; l < 3; l++) {
    assert_true(net_layer_seconds(net, l).forward > 0);
    assert_true(net_layer_seconds(net, l).backward == 0);
  }
  assert_true(sum(net) <= taken);
  data_free(data);
  net_free(net);
}

int main (void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(test_training), cmocka_unit_test(test_evaluation) };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("phases", tests, NULL, NULL);
}
