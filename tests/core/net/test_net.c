/*
** Gradients of whole nets by finite differences; evaluation and prediction against the twin;
** what net_new refuses. (Layers of all kinds upon each other: test_net_levels.c; training over
** epochs: test_training.c.)
*/
#include "turnover/net_evolve.h"
#include "net_probe.h"

/* ---- gradients ---- */

static const char *const names[] = { "relu", "leaky_relu", "sigmoid", "tanh", "linear", "all_relu", "srelu", "silu", "gelu" };

static void test_gradients (void **state) {
  (void)state;
  static const double mixes[3][3] = { { 0.5, 0.5, 0.7 }, { 1, 1, 1 }, { 0.5, 1, 0.6 } };
  for (int a = 0; a < 9; a++)
    for (int mix = 0; mix < 3; mix++)
      for (int mse = 0; mse <= 1; mse++) {
        Recipe r = { .size = { 7, 9, 8, 3 }, .hidden = names[a], .output = mse ? names[(a + mix) % 9] : "linear",
                     .loss = mse ? "mse" : "cross_entropy", .seed = (uint64_t)(a * 10 + mix + 1) };
        memcpy(r.density, mixes[mix], sizeof mixes[mix]);
        check_gradients(&r, mix == 1 ? 8 : 5, 0);
      }
}

static void test_gradients_with_dropout (void **state) {
  (void)state;
  for (int a = 0; a < 9; a++)
    for (int mse = 0; mse <= 1; mse++) {
      Recipe r = { .size = { 7, 12, 10, 4 }, .density = { 0.5, a % 2 ? 1 : 0.5, 1 }, .hidden = names[a], .dropout = 0.4f,
                   .output = "sigmoid", .loss = mse ? "mse" : "cross_entropy", .seed = (uint64_t)a + 1 };
      check_gradients(&r, 6, 17 + (uint64_t)a);
    }
}

/* Label smoothing: the gradients of the smoothed loss, through thin and sparse outputs; and evaluation that knows nothing of it. */
static void test_gradients_of_smoothed_labels (void **state) {
  (void)state;
  for (int mse = 0; mse <= 1; mse++)
    for (int sparse = 0; sparse <= 1; sparse++) {
      Recipe r = { .size = { 7, 12, 10, 4 }, .density = { 0.5, 0.5, sparse ? 0.5 : 1 }, .hidden = "tanh", .output = "linear",
                   .loss = mse ? "mse" : "cross_entropy", .seed = 3 + (uint64_t)mse, .smoothing = 0.3f };
      check_gradients(&r, 6, 0);
    }
}

static void test_gradients_of_mixed_samples (void **state) {
  (void)state;
  for (int mse = 0; mse <= 1; mse++)
    for (int32_t batch = 6; batch <= 37; batch += 31) {
      Recipe r = { .size = { 7, 12, 10, 4 }, .density = { 0.5, 1, 0.6 }, .hidden = "tanh", .output = "linear",
                   .loss = mse ? "mse" : "cross_entropy", .seed = 3 + (uint64_t)mse, .smoothing = 0.1f * (float)mse, .mixing = { 0.8f, 0 } };
      check_gradients(&r, batch, 4);
    }
}

static double evaluated (const Recipe *r, const Data *d) {
  Net *net = make_net(r);
  double loss, accuracy;
  assert_int_equal(net_evaluate(net, d, NULL, NULL, &loss, &accuracy), NET_OK);
  net_free(net);
  return loss;
}

/* The loss of a step by hand: the mean of -log p over the outputs, weighed by the targets. */
static void test_smoothed_loss (void **state) {
  (void)state;
  Recipe r = { .size = { 7, 12, 4 }, .density = { 0.5, 1 }, .hidden = "relu", .output = "linear", .loss = "cross_entropy", .seed = 5 };
  Data *d = make_data(6, 7, 4, DATA_F32, 5);
  double plain = evaluated(&r, d);
  r.smoothing = 0.4f;
  assert_true(evaluated(&r, d) == plain);
  Net *net = make_net(&r);
  float out[6 * 4];
  double want = 0, loss;
  assert_int_equal(net_outputs(net, d, NULL, 0, NULL, NULL, out), NET_OK);
  int32_t rows[6] = { 0, 1, 2, 3, 4, 5 }, hits;
  for (int32_t i = 0; i < 6; i++)
    for (int32_t o = 0; o < 4; o++) want -= (0.1 + (o == d->label[i] ? 0.6 : 0)) * log((double)out[4 * i + o]);
  assert_true(net_reserve(net, 6));
  Update update = { 0 };
  net_step(net, d, rows, 6, 1, &update, NULL, NULL, &loss, &hits);
  assert_true(fabs(loss - want) < 1e-4 * want);
  net_free(net);
  data_free(d);
}

/* Two steps draw different masks; the same step always the same. */
static void test_masks_follow_steps (void **state) {
  (void)state;
  Recipe r = { .size = { 7, 40, 4 }, .density = { 0.5, 0.5 }, .hidden = "relu", .dropout = 0.5f,
               .output = "linear", .loss = "cross_entropy", .seed = 1, .threads = 1 };
  Probe p = probe_open(&r, 6, 3);
  float *x = net_weights(p.net, 0);
  double third = loss_at(&p, x, *x), again = loss_at(&p, x, *x);
  p.step = 4;
  double fourth = loss_at(&p, x, *x);
  assert_true(third == again && third != fourth);
  probe_close(&p);
}

/* ---- evaluation, prediction ---- */

static void check_evaluation (const Recipe *r, int32_t n, DataType type) {
  static Twin twin;
  Net *net = make_net(r);
  Data *d = make_data(n, r->size[0], r->size[recipe_layers(r)], type, 5);
  double loss, accuracy, want = 0, hits = 0;
  twin_copy(&twin, net, r);
  for (int32_t i = 0; i < n; i++) {
    int32_t winner;
    want += twin_forward(&twin, d, i, &winner) / n;
    hits += winner == d->label[i];
    if (i > 20) continue;
    float out[TWIN_UNITS];
    double sum = 0;
    assert_true(net_predict(net, d, i, out));
    for (int32_t o = 0; o < twin.size[twin.layers]; o++) {
      assert_true(fabs((double)out[o] - twin.a[twin.layers][o]) < 2e-6 * (1 + fabs(twin.a[twin.layers][o])));
      sum += (double)out[o];
    }
    if (strcmp(r->loss, "cross_entropy") == 0) assert_true(fabs(sum - 1) < 1e-5);
  }
  int32_t units = twin.size[twin.layers];
  float *all = mem_new((size_t)n * (size_t)units, sizeof *all);
  assert_int_equal(net_outputs(net, d, NULL, 0, NULL, NULL, all), NET_OK);
  for (int32_t i = 0; i < n; i++) {
    int32_t winner;
    twin_forward(&twin, d, i, &winner);
    for (int32_t o = 0; o < units; o++) {
      double value = twin.a[twin.layers][o];
      assert_true(fabs((double)all[(size_t)i * (size_t)units + (size_t)o] - value) < 2e-6 * (1 + fabs(value)));
    }
  }
  mem_free(all);
  assert_int_equal(net_evaluate(net, d, NULL, NULL, &loss, &accuracy), NET_OK);
  assert_true(fabs(loss - want) < 1e-5 * (1 + want));
  assert_true(fabs(accuracy - hits / n) < 1e-12);
  data_free(d);
  net_free(net);
}

/* Dropout is for training only; neither the number of samples nor that of threads matters. */
static void test_evaluation (void **state) {
  (void)state;
  const int32_t sizes[] = { 1, 7, 8, 127, 128, 129, 300 };
  for (int n = 0; n < 7; n++)
    for (int threads = 1; threads <= 3; threads++) {
      Recipe r = { .size = { 20, 30, 17, 5 }, .density = { 0.3, 1, 0.5 }, .hidden = names[n % 9], .dropout = 0.5f, .output = "linear",
                   .loss = "cross_entropy", .seed = 2, .threads = threads };
      check_evaluation(&r, sizes[n], threads == 2 ? DATA_U8 : DATA_F32);
      r.loss = "mse";
      r.output = names[threads];
      check_evaluation(&r, sizes[n], threads == 2 ? DATA_F32 : DATA_U8);
    }
}

static int stop_at_half (void *context, double share, double loss) {
  assert_true(isfinite(loss));
  *(double *)context = share;
  return share >= 0.5;
}

static void test_evaluation_stops (void **state) {
  (void)state;
  Recipe r = { .size = { 5, 4 }, .density = { 1 }, .output = "linear", .hidden = "relu", .loss = "cross_entropy", .seed = 1 };
  Net *net = make_net(&r);
  Data *d = make_data(1000, 5, 4, DATA_U8, 1);
  double loss, accuracy, share = 0;
  assert_int_equal(net_evaluate(net, d, stop_at_half, &share, &loss, &accuracy), NET_INTERRUPTED);
  assert_true(share >= 0.5 && share < 1);
  data_free(d);
  net_free(net);
}

/* Standardised features reach the net as raw * unit * scale + shift. */
static void test_standardised_input (void **state) {
  (void)state;
  Recipe r = { .size = { 6, 5, 3 }, .density = { 1, 1 }, .hidden = "tanh", .output = "linear", .loss = "mse", .seed = 4 };
  Net *net = make_net(&r);
  Data *bytes = make_data(30, 6, 3, DATA_U8, 2), *floats = make_data(30, 6, 3, DATA_F32, 2);
  assert_true(data_standardise(bytes, bytes));
  for (size_t e = 0; e < 180; e++)
    floats->f32[e] = (float)bytes->u8[e] * bytes->unit * bytes->feature_scale[e % 6] + bytes->feature_shift[e % 6];
  memcpy(floats->label, bytes->label, 30 * sizeof *bytes->label);
  double loss[2], accuracy[2];
  assert_int_equal(net_evaluate(net, bytes, NULL, NULL, &loss[0], &accuracy[0]), NET_OK);
  assert_int_equal(net_evaluate(net, floats, NULL, NULL, &loss[1], &accuracy[1]), NET_OK);
  assert_true(fabs(loss[0] - loss[1]) < 1e-6);
  data_free(bytes);
  data_free(floats);
  net_free(net);
}

/* ---- making ---- */

static const Recipe good = { .size = { 8, 12, 10, 3 }, .density = { 0.4, 1, 0.5 }, .hidden = "srelu", .output = "linear",
                             .loss = "cross_entropy", .seed = 1, .dropout = 0.1f };

typedef struct Wrong { const char *words, *loss, *isa, *activation; float dropout, slope; int32_t layers, misfit; } Wrong;

static void test_wrong_nets (void **state) {
  (void)state;
  const Wrong wrong[] = {
    { "no such loss", "hinge", NULL, "relu", 0, NAN, 3, 0 },
    { "lacks the instruction set", "mse", "mmx", "relu", 0, NAN, 3, 0 },
    { "no such activation", "mse", NULL, "rely", 0, NAN, 3, 0 },
    { "dropout must be", "mse", NULL, "relu", 1, NAN, 3, 0 },
    { "dropout must be", "mse", NULL, "relu", -0.1f, NAN, 3, 0 },
    { "dropout must be", "mse", NULL, "relu", NAN, NAN, 3, 0 },
    { "must be finite", "mse", NULL, "leaky_relu", 0, -INFINITY, 3, 0 },
    { "at least one layer", "mse", NULL, "relu", 0, NAN, 0, 0 },
    { "sizes do not fit", "mse", NULL, "relu", 0, NAN, 3, 1 },
    { "either sparse or dense", "mse", NULL, "relu", 0, NAN, 3, 2 },
    { "either sparse or dense", "mse", NULL, "relu", 0, NAN, 3, 3 },
    { "at most 4294967295 links", "mse", NULL, "relu", 0, NAN, 3, 4 } };
  for (size_t w = 0; w < sizeof wrong / sizeof *wrong; w++) {
    LayerSpec spec[MOST_LEVELS], given[MOST_LEVELS];
    const char *why = NULL;
    make_layers(&good, spec);
    memcpy(given, spec, sizeof given);
    given[1].activation = wrong[w].activation;
    given[1].dropout = wrong[w].dropout;
    given[1].slope = wrong[w].slope;
    if (wrong[w].misfit == 1) given[1] = spec[2];
    if (wrong[w].misfit == 2) given[2].dense = spec[1].dense;
    if (wrong[w].misfit == 3) given[2].sparse = NULL;
    if (wrong[w].misfit == 4) given[2].sparse->links = (int64_t)1 << 32;  /* said, not there: freeing does not ask */
    assert_null(net_new(wrong[w].layers, given, wrong[w].loss, 1, 1, wrong[w].isa, &why));
    if (!why || !strstr(why, wrong[w].words)) fail_msg("'%s' instead of '%s'", why ? why : "nothing", wrong[w].words);
    free_layers(&good, spec);  /* they are still the caller's */
  }
}

static void test_looking_in (void **state) {
  (void)state;
  Recipe r = good;
  r.threads = 2;
  Net *net = make_net(&r);
  int32_t degree[16], total[2] = { 0, 0 };
  assert_int_equal(net_layers(net), 3);
  assert_int_equal(net_threads(net), 2);
  assert_non_null(kernels_choose(net_isa(net)));
  assert_null(net_check(net));
  assert_true(net_sparse(net, 1) == NULL && net_dense(net, 1) != NULL && net_links(net, 1) == 120);
  for (int side = 0; side <= 1; side++) {
    net_degrees(net, 0, side, degree);
    for (int32_t u = 0; u < (side ? 8 : 12); u++) total[side] += degree[u];
  }
  assert_true(total[0] == net_links(net, 0) && total[1] == total[0]);
  for (int32_t i = 0; i < 8; i++) assert_true(degree[i] == net_sparse(net, 0)->ptr[i + 1] - net_sparse(net, 0)->ptr[i]);
  net_degrees(net, 1, 1, degree);
  for (int32_t i = 0; i < 12; i++) assert_int_equal(degree[i], 10);
  net_degrees(net, 1, 0, degree);
  for (int32_t o = 0; o < 10; o++) assert_int_equal(degree[o], 12);
  net_sparse(net, 0)->at[0]++;
  assert_string_equal(net_check(net), "a mirrored link points to another");
  net_free(net);
  net_free(NULL);
}

/* Each layer's parameters have a stream of their own, and nothing else draws from it. */
static void test_parameters (void **state) {
  (void)state;
  LayerSpec spec[MOST_LEVELS];
  const char *why, *const names_of[] = { "t_left", "a_left", "t_right", "a_right" };
  make_layers(&good, spec);
  Net *net = net_new(3, spec, good.loss, 7, 1, NULL, &why);
  for (int32_t l = 0; l < 2; l++) {
    int32_t n = net_units(net, l + 1);
    const float *p = net_parameter(net, l);
    Rng rng;
    rng_seed(&rng, 7, RNG_ACTIVATION | (uint64_t)l << 8);
    assert_int_equal(net_parameters(net, l), 4);
    for (int32_t k = 0; k < 4; k++) assert_string_equal(net_parameter_name(net, l, k), names_of[k]);
    for (int32_t u = 0; u < n; u++) {
      assert_true(p[u] == 0 && p[3 * n + u] == 1);
      assert_true(p[n + u] == (float)rng_double(&rng));
      assert_true(p[2 * n + u] == (float)(5 * rng_double(&rng)));
    }
  }
  assert_int_equal(net_parameters(net, 2), 0);  /* softmax takes the sums */
  assert_null(net_parameter(net, 2));
  assert_null(net_parameter_gradient(net, 2));
  net_free(net);
}

/* The weight from unit i below layer l to unit o above it; 0 where there is no link. */
static float weight_between (Net *net, int32_t l, int32_t i, int32_t o) {
  const Sparse *W = net_sparse(net, l);
  if (!W) return net_weights(net, l)[o * net_units(net, l) + i];
  for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++)
    if (W->to[k] == o) return W->w[k];
  return 0;
}

/* Against a twin that walks all pairs; layer 0 is sparse, with a unit that has lost its weights. */
static void test_strength (void **state) {
  (void)state;
  Net *net = make_net(&good);
  const Sparse *W = net_sparse(net, 0);
  for (int64_t k = W->ptr[3]; k < W->ptr[4]; k++) net_weights(net, 0)[k] = 0;
  for (int32_t l = 0; l < net_layers(net); l++) {
    double strength[16], sum = 0;
    net_strength(net, l, strength);
    for (int32_t i = 0; i < net_units(net, l); i++) {
      double twin = 0;
      for (int32_t o = 0; o < net_units(net, l + 1); o++) twin += fabs((double)weight_between(net, l, i, o));
      assert_true(fabs(strength[i] - twin) <= 1e-12 * twin);
      sum += strength[i];
    }
    assert_true(sum > 0 && (l > 0 || strength[3] == 0.0));
  }
  net_free(net);
}

#ifdef LAB_FAIL_ALLOC
static void test_no_memory (void **state) {
  (void)state;
  Data *d = make_data(50, 8, 3, DATA_U8, 1);
  for (long n = 1, made = 0; !made; n++) {  /* making: the layers stay the caller's */
    LayerSpec spec[MOST_LEVELS];
    const char *why = NULL;
    make_layers(&good, spec);
    mem_fail_at(n);
    Net *net = net_new(3, spec, good.loss, 1, 2, NULL, &why);
    mem_fail_at(0);
    made = net != NULL;
    if (net) assert_true(n > 15);
    else assert_string_equal(why, "not enough memory");
    if (net) net_free(net);
    else free_layers(&good, spec);
  }
  Recipe used = { .size = { 8, 12, 14, 10, 3 }, .density = { 0.4, 1, 0.5, 1 }, .hidden = "relu", .output = "linear",
                  .loss = "cross_entropy", .seed = 1 };
  for (int what = 0; what < 8; what++)      /* using: a net that lacked memory works once there is some */
    for (long n = 1, done = 0; !done; n++) {
      used.bf16 = what / 4;
      used.hidden = what % 2 ? "relu" : used.bf16 ? "all_relu" : "srelu";
      Net *net = make_net(&used);
      Protocol p = { .batch = 10, .rate = 0.1f };
      Evolution rule = evolution_set(0.3, init_find("normal"));
      EpochResult result;
      double loss, accuracy;
      float out[3];
      for (int attempt = 0; attempt < 2; attempt++) {
        mem_fail_at(attempt == 0 ? n : 0);
        int use = what % 4, fine = use == 0 ? net_train_epoch(net, d, &p, 1, NULL, NULL, &result) == NET_OK
                 : use == 1 ? net_evaluate(net, d, NULL, NULL, &loss, &accuracy) == NET_OK
                 : use == 2 ? net_predict(net, d, 0, out) : net_evolve_layers(net, 0, 3, &rule, 2) >= 0;
        mem_fail_at(0);
        assert_null(net_check(net));
        if (attempt == 0) done = fine;
        else assert_true(fine);
      }
      net_free(net);
    }
  data_free(d);
}
#endif

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_gradients),          cmocka_unit_test(test_gradients_with_dropout),
    cmocka_unit_test(test_gradients_of_smoothed_labels), cmocka_unit_test(test_gradients_of_mixed_samples),
    cmocka_unit_test(test_smoothed_loss),
    cmocka_unit_test(test_masks_follow_steps), cmocka_unit_test(test_evaluation),
    cmocka_unit_test(test_evaluation_stops),   cmocka_unit_test(test_standardised_input),
    cmocka_unit_test(test_wrong_nets),         cmocka_unit_test(test_looking_in),
    cmocka_unit_test(test_parameters),
    cmocka_unit_test(test_strength),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(test_no_memory),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("net", tests, NULL, NULL);
}
