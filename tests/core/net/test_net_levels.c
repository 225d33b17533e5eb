/*
** Layers of all kinds upon each other: sparse ones, thin ones, and dense ones that go to BLAS.
** What a level between two of them keeps, and in whose place, depends on both (net_level.h);
** gradients, updates and evaluation must not.
*/
#include "net_probe.h"

/* More than THIN units above a dense layer: BLAS. */
static const Recipe mixes[] = {
  { .size = { 9, 16, 14, 10, 3 }, .density = { 0.4, 1, 0.5, 1 } },      /* sparse, BLAS, sparse, thin */
  { .size = { 8, 15, 6, 13 }, .density = { 1, 1, 0.5 } },               /* BLAS, thin, sparse */
  { .size = { 9, 14, 5, 12, 14 }, .density = { 0.5, 1, 0.5, 1 } },      /* sparse, thin, sparse, BLAS */
  { .size = { 9, 10, 14, 13, 3 }, .density = { 1, 0.5, 0.6, 0.5 } },    /* thin, sparse, sparse, sparse */
  { .size = { 7, 15, 14, 13, 8, 4 }, .density = { 1, 1, 0.5, 1, 1 } },  /* BLAS, BLAS, sparse, thin, thin */
};
enum { MIXES = sizeof mixes / sizeof *mixes };

static const char *const names[] = { "relu", "leaky_relu", "sigmoid", "tanh", "linear", "all_relu", "srelu", "silu", "gelu" };

static Recipe mix_of (int n, int mse, const char *hidden, float dropout) {
  Recipe r = mixes[n];
  r.hidden = hidden;
  r.dropout = dropout;
  r.loss = mse ? "mse" : "cross_entropy";
  r.output = mse ? "sigmoid" : "linear";
  r.seed = (uint64_t)n + 1;
  return r;
}

/* ---- gradients ---- */

static void test_gradients (void **state) {
  (void)state;
  for (int n = 0; n < MIXES; n++)
    for (int a = 0; a < 9; a++) {
      Recipe r = mix_of(n, (n + a) % 2, names[a], 0);
      check_gradients(&r, 5 + a, 0);
      r = mix_of(n, (n + a + 1) % 2, names[a], 0.3f);
      check_gradients(&r, 6, 11 + (uint64_t)a);
    }
}

/* Batches of several tiles, in each instruction set: the gradient is the sum of those of small
** batches, of one tile each. */
static void add_gradients (double *sum, const Probe *p, double sign) {
  size_t at = 0;
  for (int32_t l = 0; l < net_layers(p->net); l++) {
    for (int64_t k = 0; k < net_links(p->net, l); k++) sum[at++] += sign * (double)p->weight_gradient[l][k];
    for (int32_t o = 0; o < net_units(p->net, l + 1); o++) sum[at++] += sign * (double)p->bias_gradient[l][o];
    for (size_t k = 0; k < own_parameters(p->net, l); k++) sum[at++] += sign * (double)p->parameter_gradient[l][k];
  }
  assert_true(at < 2000);
}

static void check_tiles (const Recipe *r, int mix, int32_t batch) {
  double sum[2000] = { 0 }, size = 0, off = 0;
  Probe all = probe_open(r, batch, 5);
  probe_step(&all, NULL);
  add_gradients(sum, &all, 1);
  for (int e = 0; e < 2000; e++) size += sum[e] * sum[e];
  for (int32_t first = 0; first < batch; first += 16) {
    Probe some = probe_open(r, batch - first < 16 ? batch - first : 16, 5);
    memcpy(some.rows, all.rows + first, (size_t)some.batch * sizeof *some.rows);
    probe_step(&some, NULL);
    add_gradients(sum, &some, -1);
    probe_close(&some);
  }
  for (int e = 0; e < 2000; e++) off += sum[e] * sum[e];
  double most = r->bf16 ? 1e-8 : 1e-12;  /* sums of another order may be rounded to the next bfloat16 */
  if (!(size > 0 && off <= most * size)) fail_msg("%s, mix %d: gradients of %g are off by %g", r->isa, mix, sqrt(size), sqrt(off));
  for (int threads = 2; threads <= 4; threads++) check_same_gradients(r, &all, threads);
  probe_close(&all);
}

static void test_tiles (void **state) {
  (void)state;
  static const struct { const char *isa; int32_t batch; } sets[] = {
    { "portable", 24 }, { "portable", 45 }, { "avx2", 100 }, { "avx512", 129 }, { "avx512", 264 }, { "avx512", 312 } };
  for (size_t s = 0; s < sizeof sets / sizeof *sets; s++)
    for (int n = 0; n < MIXES && kernels_choose(sets[s].isa); n++)
      for (int bf16 = 0; bf16 <= 1; bf16++) {
        Recipe r = mix_of(n, n % 2, names[(n + (int)s) % 9], 0);
        r.isa = sets[s].isa;
        r.bf16 = bf16;
        check_tiles(&r, n, sets[s].batch);
      }
}

/* With dropout masks differ; here a smooth net's differences say what is right. */
static void test_tiles_with_dropout (void **state) {
  (void)state;
  for (int n = 0; n < MIXES; n++) {
    Recipe r = mix_of(n, n % 2, n % 2 ? "tanh" : "sigmoid", 0.3f);
    r.isa = "portable";
    check_gradients(&r, 37, 5);
  }
}

/* ---- the gradients that a step gives are those that it uses ---- */

static void assert_near (float got, double want, int mix, int32_t l, const char *what) {
  if (!(fabs((double)got - want) <= 2e-6 * (1 + fabs(want))))
    fail_msg("mix %d, layer %d, %s: %.8g instead of %.8g", mix, (int)l, what, (double)got, want);
}

static void check_step (const Recipe *r, int mix, int32_t batch) {
  const Update plain = { .rate = 0.5f, .momentum = 0.9f, .scale = 1 / (float)batch };
  Probe looked = probe_open(r, batch, 3), moved = probe_open(r, batch, 3);
  double seen = probe_step(&looked, NULL), met = probe_step(&moved, &plain);
  if (seen != met) fail_msg("%s, mix %d, batch %d, %d threads: losses %.17g and %.17g", r->hidden, mix, (int)batch, r->threads, seen, met);
  for (int32_t l = 0; l < net_layers(looked.net); l++) {
    double by = (double)plain.rate * (double)plain.scale;
    for (int64_t k = 0; k < net_links(looked.net, l); k++)
      assert_near(net_weights(moved.net, l)[k], (double)net_weights(looked.net, l)[k] - by * (double)looked.weight_gradient[l][k], mix, l, "weight");
    for (int32_t o = 0; o < net_units(looked.net, l + 1); o++)
      assert_near(net_bias(moved.net, l)[o], (double)net_bias(looked.net, l)[o] - by * (double)looked.bias_gradient[l][o], mix, l, "bias");
    for (size_t k = 0; k < own_parameters(looked.net, l); k++)
      assert_near(net_parameter(moved.net, l)[k], (double)net_parameter(looked.net, l)[k] - by * (double)looked.parameter_gradient[l][k], mix, l, "activation's parameter");
  }
  probe_close(&looked);
  probe_close(&moved);
}

static void test_steps (void **state) {
  (void)state;
  for (int n = 0; n < MIXES; n++)
    for (int way = 0; way < 8; way++) {
      Recipe r = mix_of(n, way & 1, names[(n + way) % 9], 0.2f);
      r.bf16 = way & 2;
      r.isa = way & 4 ? "portable" : NULL;
      r.threads = 1 + way % 3;
      check_step(&r, n, way & 4 ? 70 : 12);
    }
}

/* ---- evaluation between epochs leaves no trace ---- */

typedef struct Seen { double loss[8], accuracy[8]; int n; float out[16]; } Seen;

static void look (Net *net, const Data *d, Seen *seen) {
  assert_int_equal(net_evaluate(net, d, NULL, NULL, &seen->loss[seen->n], &seen->accuracy[seen->n]), NET_OK);
  seen->n++;
}

static float *train (const Recipe *r, int looks, Seen *seen, int64_t *n) {
  Net *net = make_net(r);
  int32_t L = net_layers(net);
  Data *d = make_data(160, net_units(net, 0), net_units(net, L), DATA_U8, 1), *few = make_data(5, net_units(net, 0), net_units(net, L), DATA_U8, 2);
  const int32_t batch[] = { 12, 40, 9, 150 };
  for (int e = 0; e < 4; e++) {
    Protocol p = { .batch = batch[e], .rate = 0.05f, .momentum = 0.9f, .nesterov = e % 2 };
    EpochResult result;
    if (looks) look(net, e % 2 ? few : d, seen);  /* once before there is anything to train with */
    assert_int_equal(net_train_epoch(net, d, &p, e + 1, NULL, NULL, &result), NET_OK);
  }
  look(net, d, seen);
  look(net, few, seen);
  assert_true(net_predict(net, d, 3, seen->out));
  float *all = all_parameters(net, n);
  data_free(d);
  data_free(few);
  net_free(net);
  return all;
}

static void test_evaluation_between (void **state) {
  (void)state;
  for (int n = 0; n < MIXES; n++)
    for (int way = 0; way < 8; way++) {
      Recipe r = mix_of(n, way & 1, names[(n + way) % 9], 0.2f);
      Seen with = { .n = 0 }, without = { .n = 0 };
      int64_t links;
      r.bf16 = way & 2;
      r.isa = way & 4 ? "portable" : NULL;
      r.threads = 1 + (n + way) % 3;
      float *a = train(&r, 1, &with, &links), *b = train(&r, 0, &without, &links);
      assert_memory_equal(a, b, (size_t)links * sizeof *a);
      for (int last = 1; last <= 2; last++) assert_true(with.loss[with.n - last] == without.loss[without.n - last]);
      assert_true(with.loss[0] != with.loss[2] && with.loss[1] != with.loss[3]);
      assert_memory_equal(with.out, without.out, sizeof with.out);
      mem_free(a);
      mem_free(b);
    }
}

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_gradients), cmocka_unit_test(test_tiles), cmocka_unit_test(test_tiles_with_dropout),
    cmocka_unit_test(test_steps), cmocka_unit_test(test_evaluation_between),
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("net_levels", tests, NULL, NULL);
}
