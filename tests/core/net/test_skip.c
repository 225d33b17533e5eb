/*
** Skip links: layers that read the inputs besides the units below them. Gradients by finite differences, through layers of all
** kinds, in several tiles and by several threads; evaluation against the twin; what net_new refuses; evolution and percolation.
** (Training against the twin: test_training.c; memory: test_net_plan.c.)
*/
#include "turnover/net_evolve.h"
#include "evolve/percolate.h"
#define Probe StepProbe   /* tests' own */
#include "net_probe.h"
#undef Probe

static const char *const names[] = { "relu", "leaky_relu", "sigmoid", "tanh", "linear", "all_relu", "srelu", "silu", "gelu" };

static const Recipe mixes[] = {
  { .size = { 7, 12, 11, 3 }, .density = { 0.5, 0.5, 0.7 }, .skip = { 0, 1, 1 } },              /* sparse */
  { .size = { 9, 16, 14, 10, 3 }, .density = { 0.4, 1, 0.5, 1 }, .skip = { 0, 1, 1, 1 } },      /* sparse, BLAS, sparse, thin */
  { .size = { 8, 15, 6, 13 }, .density = { 1, 1, 0.5 }, .skip = { 0, 1, 1 } },                  /* BLAS, thin, sparse */
  { .size = { 9, 10, 14, 13, 3 }, .density = { 1, 0.5, 0.6, 0.5 }, .skip = { 0, 0, 1, 1 } },    /* thin, then sparse ones */
  { .size = { 8, 15, 14, 3 }, .density = { 1, 1, 1 }, .skip = { 0, 1, 1 } },                    /* nothing but BLAS below the outputs */
};
enum { MIXES = sizeof mixes / sizeof *mixes };

static Recipe mix_of (int n, int mse, const char *hidden) {
  Recipe r = mixes[n];
  r.hidden = hidden;
  r.loss = mse ? "mse" : "cross_entropy";
  r.output = mse ? "sigmoid" : "linear";
  r.seed = (uint64_t)n + 1;
  return r;
}

static void test_gradients (void **state) {
  (void)state;
  for (int n = 0; n < MIXES; n++)
    for (int a = 0; a < 9; a++) {
      Recipe r = mix_of(n, (n + a) % 2, names[a]);
      check_gradients(&r, 5 + a, 0);
      r.dropout = 0.3f;
      check_gradients(&r, 37, 11 + (uint64_t)a);
    }
}

static void test_gradients_of_normalised_units (void **state) {
  (void)state;
  for (int n = 0; n < MIXES; n++)
    for (int a = 0; a < 9; a += 2) {
      Recipe r = mix_of(n, 0, names[a]);
      r.ghost = 16;
      check_gradients(&r, 35, 0);
    }
}

/* Of a bfloat16 net no difference is exact: it has the gradients of the float32 one but for some rounding, and the same for any threads. */
static void test_bf16 (void **state) {
  (void)state;
  for (int n = 0; n < MIXES; n++)
    for (int a = 0; a < 9; a += 3) {
      Recipe r = mix_of(n, 0, names[a]), brief = r;
      brief.bf16 = 1;
      StepProbe p = probe_open(&r, 45, 0), q = probe_open(&brief, 45, 0);
      probe_step(&p, NULL);
      probe_step(&q, NULL);
      double off = 0, size = 0;
      for (int32_t l = 0; l < net_layers(p.net); l++)
        for (int64_t k = 0; k < net_links(p.net, l); k++) {
          double g = (double)p.weight_gradient[l][k], d = (double)q.weight_gradient[l][k] - g;
          off += d * d;
          size += g * g;
        }
      if (!(off < 1e-3 * size)) fail_msg("mix %d, %s: off by %g of %g", n, r.hidden, sqrt(off), sqrt(size));
      for (int threads = 2; threads <= 4; threads++) check_same_gradients(&brief, &q, threads);
      probe_close(&p);
      probe_close(&q);
    }
}

static void test_evaluation (void **state) {
  (void)state;
  static Twin twin;
  for (int n = 0; n < MIXES; n++)
    for (int32_t samples = 3; samples < 400; samples += 197) {
      Recipe r = mix_of(n, 0, names[n]);
      r.threads = 1 + n % 3;
      Net *net = make_net(&r);
      Data *d = make_data(samples, r.size[0], r.size[recipe_layers(&r)], DATA_F32, 5);
      int32_t winner, units = r.size[recipe_layers(&r)];
      float *out = mem_new((size_t)(samples * units), sizeof *out);
      twin_copy(&twin, net, &r);
      assert_int_equal(net_outputs(net, d, NULL, 0, NULL, NULL, out), NET_OK);
      for (int32_t i = 0; i < samples; i++) {
        twin_forward(&twin, d, i, &winner);
        for (int32_t o = 0; o < units; o++) assert_true(fabs((double)out[i * units + o] - twin.a[twin.layers][o]) < 3e-6);
      }
      mem_free(out);
      data_free(d);
      net_free(net);
    }
}

/* ---- what does not fit ---- */

static void test_refused (void **state) {
  (void)state;
  for (int32_t more = -1; more <= 9; more++) {
    Rng rng;
    rng_seed(&rng, 1, RNG_WEIGHTS);
    LayerSpec spec[2] = { { .activation = "relu", .slope = NAN }, { .activation = "linear", .slope = NAN } };
    spec[0].dense = dense_new(4, 6, init_find("normal"), &rng);
    spec[1].dense = dense_new(6 + more, 3, init_find("normal"), &rng);
    const char *why = NULL;
    Net *net = net_new(2, spec, "cross_entropy", 1, 1, NULL, &why);
    assert_int_equal(net != NULL, more == 0 || more == 4);
    if (net) {
      assert_int_equal(net_rows(net, 1), 6 + more);
      assert_int_equal(net_units(net, 1), 6);
      assert_int_equal(net_rows(net, 1) > net_units(net, 1), more == 4);
      net_free(net);
      continue;
    }
    assert_string_equal(why, "layer sizes do not fit each other");
    dense_free(spec[0].dense);
    dense_free(spec[1].dense);
  }
}

/* ---- evolution ---- */

/* Links of layer l that come from inputs. */
static int64_t from_inputs (const Net *net, int32_t l) {
  const Sparse *W = net_sparse(net, l);
  return W->ptr[W->n_in] - W->ptr[net_units(net, l)];
}

static void test_percolation (void **state) {
  (void)state;
  /* 2 inputs; units 0 and 1; one output. Unit 0 has no link in, unit 1 none out; input 1 reaches the output by a skip link. */
  int32_t from0[] = { 0 }, to0[] = { 1 }, from1[] = { 0, 3 }, to1[] = { 0, 0 };
  Rng rng;
  const char *why;
  rng_seed(&rng, 1, RNG_WEIGHTS);
  Sparse *W[2] = { wiring_given(2, 2, 1, from0, to0, init_find("normal"), &rng, &why), wiring_given(4, 1, 2, from1, to1, init_find("normal"), &rng, &why) };
  uint8_t keep0[1] = { 1 }, keep1[2] = { 1, 1 };
  uint8_t *keep[2] = { keep0, keep1 };
  int64_t removed[2];
  assert_int_equal(percolate(2, (const Sparse *const *)W, keep, PERCOLATE_ALL, removed), 1);
  assert_int_equal(removed[0], 1);
  assert_int_equal(removed[1], 1);
  assert_true(keep1[1] && !keep1[0]);
  sparse_free(W[0]);
  sparse_free(W[1]);
}

static void test_evolution (void **state) {
  (void)state;
  for (int percolates = 0; percolates <= 1; percolates++) {
    Recipe r = { .size = { 30, 25, 25, 4 }, .density = { 0.3, 0.3, 1 }, .skip = { 0, 1, 0 }, .hidden = "relu", .output = "linear", .loss = "cross_entropy", .seed = 4 };
    Net *net = make_net(&r);
    Data *d = make_data(200, 30, 4, DATA_F32, 5);
    int64_t links = net_links(net, 1);
    NetEvolution how = { .rule = evolution_set(0.3, NULL), .first = 0, .last = 1, .percolate = percolates ? PERCOLATE_ALL : 0 };
    for (how.number = 1; how.number <= 4; how.number++) {
      Protocol p = { .batch = 20, .rate = 0.05f, .momentum = 0.9f };
      EpochResult result;
      assert_int_equal(net_train_epoch(net, d, &p, how.number, NULL, NULL, &result), NET_OK);
      int64_t before = from_inputs(net, 1);
      assert_true(net_evolve(net, &how, NULL) > 0);
      assert_null(net_check(net));
      assert_int_equal(net_links(net, 1), links);
      assert_true(before > 0 && from_inputs(net, 1) > 0);
    }
    data_free(d);
    net_free(net);
  }
}

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_gradients),   cmocka_unit_test(test_gradients_of_normalised_units),
    cmocka_unit_test(test_bf16),        cmocka_unit_test(test_evaluation),
    cmocka_unit_test(test_refused),
    cmocka_unit_test(test_percolation), cmocka_unit_test(test_evolution),
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("skip", tests, NULL, NULL);
}
