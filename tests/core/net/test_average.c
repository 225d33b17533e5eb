/*
** net_average.c: the mean of everything learnt against doubles, in layers of all kinds; what makes a net forget it; its memory.
*/
#include "net/net_average.h"
#include "net_fixture.h"
#include "net/net_state.h"
#include "plan/net_plan.h"
#include "turnover/net_evolve.h"

static const Recipe mixed = { { 20, 30, 24, 18, 4 }, { 0.3, 1, 0.4, 1 }, "srelu", "linear", "cross_entropy", 0, 5, 2, NULL, 0, 0, { 0, 0 }, 16, RULE_SGD, { 0 } };

static void train (Net *net, const Data *d, int32_t epoch) {
  Protocol p = { .batch = 20, .rate = 0.05f, .momentum = 0.9f };
  EpochResult result;
  assert_int_equal(net_train_epoch(net, d, &p, epoch, NULL, NULL, &result), NET_OK);
}

static void test_mean (void **state) {
  (void)state;
  enum { MOMENTS = 4 };
  Net *net = make_net(&mixed);
  Data *d = make_data(60, 20, 4, DATA_F32, 4);
  int64_t n = 0;
  float *all = all_parameters(net, &n), *last;
  double *sum = mem_zero((size_t)n, sizeof *sum);
  mem_free(all);
  assert_int_equal(net_averaged(net), 0);
  net_take_average(net);   /* there is none: nothing happens */
  for (int m = 1; m <= MOMENTS; m++) {
    train(net, d, m);
    assert_int_equal(net_average(net), m);
    assert_int_equal(net_averaged(net), m);
    last = all_parameters(net, &n);
    for (int64_t k = 0; k < n; k++) sum[k] += (double)last[k] / MOMENTS;
    if (m < MOMENTS) mem_free(last);
  }
  net_take_average(net);
  assert_int_equal(net_averaged(net), 0);
  all = all_parameters(net, &n);
  int64_t moved = 0;
  for (int64_t k = 0; k < n; k++) {
    if (fabs((double)all[k] - sum[k]) > 2e-6 * (1 + fabs(sum[k]))) fail_msg("number %lld: %.9g, want %.9g", (long long)k, (double)all[k], sum[k]);
    moved += all[k] != last[k];
  }
  assert_true(moved > n / 2);
  assert_null(net_check(net));
  train(net, d, MOMENTS + 1);   /* and goes on */
  mem_free(all);
  mem_free(last);
  mem_free(sum);
  data_free(d);
  net_free(net);
}

/* Whatever may change links: nothing of a mean is left, and the next one begins with 1. */
static void test_forgotten (void **state) {
  (void)state;
  Data *d = make_data(60, 20, 4, DATA_F32, 4);
  for (int way = 0; way < 5; way++) {
    uint64_t before = mem_held();
    Net *net = make_net(&mixed), *other = make_net(&mixed);
    train(net, d, 1);
    assert_int_equal(net_average(net), 1);
    uint64_t held = mem_held(), bytes = net_average_bytes(net);
    Evolution rule = evolution_set(0.3, init_find("he_uniform"));
    if (way == 0) assert_true(net_evolve_layers(net, 0, 2, &rule, 1) > 0);
    if (way == 1) assert_true(net_copy_state(net, other));
    if (way == 2) assert_true(net_make_room(net, 0, 100));
    if (way == 3) assert_non_null(net_links_to_write(net, 0));
    if (way == 4) net_forget_average(net);
    assert_int_equal(net_averaged(net), 0);
    if (way == 1 || way > 2) assert_int_equal(mem_held(), held - bytes);
    if (way != 2) assert_int_equal(net_average(net), 1);
    net_free(net);
    net_free(other);
    assert_int_equal(mem_held(), before);
  }
  data_free(d);
}

static void test_planned (void **state) {
  (void)state;
  Net *net = make_net(&mixed);
  NetUse use = { .threads = 2, .averages = 1 }, none = { .threads = 2 };
  uint64_t more = net_plan_more(net, &use), before = mem_held();
  assert_int_equal(net_plan_more(net, &none), 0);
  assert_int_equal(net_average(net), 1);
  assert_int_equal(mem_held() - before, more);
  assert_int_equal(net_plan_more(net, &use), 0);   /* it is there already */
  net_free(net);
}

int main (void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(test_mean), cmocka_unit_test(test_forgotten), cmocka_unit_test(test_planned) };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("average", tests, NULL, NULL);
}
