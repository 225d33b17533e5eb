/*
** Gradients clipped by their norm: against the gradients themselves, for layers of every kind; nothing changes where they are short enough; the same
** bits for any number of threads; what cannot be clipped says so.
*/
#include "net_fixture.h"
#include <stdlib.h>

enum { SAMPLES = 48, INPUTS = 20 };

static const Recipe recipes[] = {
  { .size = { INPUTS, 40, 30, 4 }, .density = { 0.3, 0.2, 1 }, .hidden = "relu", .output = "linear", .loss = "cross_entropy", .seed = 3, .threads = 1 },
  { .size = { INPUTS, 40, 30, 14 }, .density = { 1, 1, 1 }, .hidden = "relu", .output = "linear", .loss = "cross_entropy", .seed = 4, .threads = 1 },
  { .size = { INPUTS, 40, 30, 14 }, .density = { 0.3, 1, 0.5 }, .hidden = "srelu", .output = "linear", .loss = "cross_entropy", .seed = 5, .threads = 1, .ghost = 16 },
  { .size = { INPUTS, 40, 30, 14 }, .density = { 0.3, 1, 0.5 }, .hidden = "relu", .output = "linear", .loss = "cross_entropy", .seed = 6, .threads = 1, .skip = { 0, 1, 1 } },
};
enum { RECIPES = sizeof recipes / sizeof *recipes };

static Data *data_for (const Recipe *r) { return make_data(SAMPLES, INPUTS, r->size[3], DATA_F32, 6); }

/* The length of the mean gradient of all samples, from the sums that a probe gives. */
static double length_of (Net *net, const Data *data) {
  float *links[MOST_LEVELS], *biases[MOST_LEVELS];
  int32_t *rows = net_order(net, data, 1), hits;   /* ghost batches are those of the epoch */
  double loss, all = 0;
  assert_non_null(rows);
  for (int32_t l = 0; l < net_layers(net); l++) {
    links[l] = calloc((size_t)net_links(net, l), sizeof(float));
    biases[l] = calloc((size_t)net_units(net, l + 1), sizeof(float));
  }
  assert_true(net_reserve(net, SAMPLES));
  net_step(net, data, rows, SAMPLES, 0, NULL, links, biases, &loss, &hits);
  for (int32_t l = 0; l < net_layers(net); l++) {
    int32_t units = net_units(net, l + 1), kinds = net_parameters(net, l);
    for (int64_t k = 0; k < net_links(net, l); k++) all += (double)links[l][k] * (double)links[l][k];
    for (int32_t u = 0; u < units; u++) all += (double)biases[l][u] * (double)biases[l][u];
    for (int32_t kind = 0; kind < kinds; kind++) {
      if (strstr(net_parameter_name(net, l, kind), "mean") || strstr(net_parameter_name(net, l, kind), "variance")) continue;
      const float *g = net_parameter_gradient(net, l) + kind * units;
      for (int32_t u = 0; u < units; u++) all += (double)g[u] * (double)g[u];
    }
    free(links[l]);
    free(biases[l]);
  }
  mem_free(rows);
  return sqrt(all) / SAMPLES;
}

/* All that is learnt, after a step on all samples. */
static float *after_step (const Recipe *r, const Data *data, float norm, int64_t *n, EpochResult *result) {
  Net *net = make_net(r);
  Protocol p = { .batch = SAMPLES, .rate = 0.5f };
  assert_true(net_clip_gradients(net, norm));
  assert_null(net_clip_trouble(net, SAMPLES));
  assert_int_equal(net_train_epoch(net, data, &p, 1, NULL, NULL, result), NET_OK);
  float *all = all_parameters(net, n);
  net_free(net);
  return all;
}

static void to_the_norm (void **state) {
  (void)state;
  for (int i = 0; i < RECIPES; i++) {
    const Recipe *r = &recipes[i];
    Data *data = data_for(r);
    Net *net = make_net(r);
    int64_t n;
    EpochResult result;
    float *start = all_parameters(net, &n);
    double length = length_of(net, data), moved = 0, free_move = 0;
    float *whole = after_step(r, data, 0, &n, &result);
    assert_int_equal(result.clipped, 0);
    float *third = after_step(r, data, (float)(length / 3), &n, &result);
    assert_int_equal(result.clipped, 1);
    for (int64_t k = 0; k < n; k++) {
      double step = (double)whole[k] - (double)start[k], clipped = (double)third[k] - (double)start[k];
      free_move += fabs(step);
      if (r->ghost == 0) assert_true(fabs(clipped - step / 3) < 1e-6);
      moved += fabs(clipped);
    }
    if (r->ghost == 0) assert_true(fabs(moved - free_move / 3) < 1e-4 * free_move);
    else assert_true(moved < free_move);   /* running means move as ever */
    mem_free(start);
    mem_free(whole);
    mem_free(third);
    net_free(net);
    data_free(data);
  }
}

/* A limit just below and just above the length of the gradient. */
static void at_the_limit (void **state) {
  (void)state;
  for (int i = 0; i < RECIPES; i++) {
    const Recipe *r = &recipes[i];
    Data *data = data_for(r);
    Net *net = make_net(r);
    int64_t n;
    EpochResult result;
    float length = (float)length_of(net, data), *whole = after_step(r, data, 0, &n, &result);
    float *above = after_step(r, data, length * 1.0001f, &n, &result);
    assert_int_equal(result.clipped, 0);
    if (r->density[0] < 1) assert_memory_equal(whole, above, (size_t)n * sizeof *whole);
    float *below = after_step(r, data, length * 0.9999f, &n, &result);
    assert_int_equal(result.clipped, 1);
    mem_free(whole);
    mem_free(above);
    mem_free(below);
    net_free(net);
    data_free(data);
  }
}

static float *trained (Recipe r, int threads, int32_t batch, const Data *data, int64_t *n) {
  r.threads = threads;
  Net *net = make_net(&r);
  Protocol p = { .batch = batch, .rate = 0.1f, .momentum = 0.9f, .weight_decay = 0.001f, .decay = DECAY_COUPLED };
  EpochResult result;
  assert_true(net_clip_gradients(net, 0.2f));
  for (int32_t epoch = 1; epoch <= 3; epoch++) assert_int_equal(net_train_epoch(net, data, &p, epoch, NULL, NULL, &result), NET_OK);
  assert_true(result.clipped > 0);
  float *all = all_parameters(net, n);
  net_free(net);
  return all;
}

static void any_threads (void **state) {
  (void)state;
  static const int32_t batches[] = { 8, 17, 40 };   /* of one tile, and of two */
  for (int i = 0; i < RECIPES; i++)
    for (int b = 0; b < 3; b++) {
      Data *data = data_for(&recipes[i]);
      int64_t n;
      float *one = trained(recipes[i], 1, batches[b], data, &n);
      for (int threads = 2; threads <= 4; threads++) {
        float *more = trained(recipes[i], threads, batches[b], data, &n);
        assert_memory_equal(one, more, (size_t)n * sizeof *one);
        mem_free(more);
      }
      mem_free(one);
      data_free(data);
    }
}

int main (void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(to_the_norm), cmocka_unit_test(at_the_limit), cmocka_unit_test(any_threads) };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("clip", tests, NULL, NULL);
}
