/*
** Batch normalisation in nets: gradients by finite differences, over one ghost batch and over several, through layers of all
** kinds; what training leaves behind, for any number of threads; evaluation against a net that has it folded into its weights;
** memory, copies, probes. (Rows by themselves: tests/core/kernel/test_norm.c.)
*/
#include "turnover/net_evolve.h"
#include "plan/net_plan.h"
#include "turnover/net_probe.h"
#include "net/net_state.h"
#define Probe StepProbe   /* tests' own */
#include "net_probe.h"
#undef Probe

static const char *const names[] = { "relu", "leaky_relu", "sigmoid", "tanh", "linear", "all_relu", "srelu", "silu", "gelu" };

static const Recipe mixes[] = {
  { .size = { 7, 12, 11, 3 }, .density = { 0.5, 0.5, 0.7 } },           /* sparse */
  { .size = { 9, 16, 14, 10, 3 }, .density = { 0.4, 1, 0.5, 1 } },      /* sparse, BLAS, sparse, thin */
  { .size = { 8, 15, 6, 3 }, .density = { 1, 1, 1 } },                  /* nothing but BLAS below the outputs */
  { .size = { 9, 10, 14, 13, 3 }, .density = { 1, 0.5, 0.6, 0.5 } },    /* dense and narrow, sparse, sparse, sparse */
};
enum { MIXES = sizeof mixes / sizeof *mixes };

static Recipe mix_of (int n, int a, int32_t ghost) {
  Recipe r = mixes[n];
  r.hidden = names[a];
  r.loss = (n + a) % 2 ? "mse" : "cross_entropy";
  r.output = (n + a) % 2 ? "sigmoid" : "linear";
  r.seed = (uint64_t)n + 1;
  r.ghost = ghost;
  return r;
}

/* ---- gradients ---- */

static void test_gradients (void **state) {
  (void)state;
  for (int n = 0; n < MIXES; n++)
    for (int a = 0; a < 9; a++) {
      Recipe r = mix_of(n, a, 32);
      check_gradients(&r, 9 + a, 0);                 /* one ghost batch */
      if (a % 3 > 0) continue;
      r = mix_of(n, a, a % 2 ? 16 : 32);
      check_gradients(&r, a % 2 ? 53 : 50, 0);       /* several: of 16, 16 and 21, or of 32 and 18 */
      r = mix_of(n, a, GHOST_ALL);
      int kinks = a < 2 || a == 5 || a == 6;         /* of many samples, one always stands near one */
      check_gradients(&r, kinks ? 20 : 70, 0);       /* the whole batch, wider than any tile of the kernels, or not */
    }
}

static void test_gradients_with_dropout (void **state) {
  (void)state;
  for (int n = 0; n < MIXES; n++)
    for (int a = 0; a < 9; a += 3) {
      Recipe r = mix_of(n, a, 16);
      r.dropout = 0.3f;
      check_gradients(&r, 33, 11 + (uint64_t)a);
      r.ghost = GHOST_ALL;
      r.isa = "portable";   /* whose tiles have 32 columns */
      check_gradients(&r, 41, 11 + (uint64_t)a);
    }
}

/* ---- shares of a batch ---- */

/* Several ghost batches: the gradient is the sum of those of batches that have one each, wherever the tiles put them. */
static void check_shares (int n, const char *isa) {
  static const int32_t shares[] = { 32, 32, 16, 20 };
  Recipe r = mix_of(n, 6, 32);
  r.isa = isa;
  StepProbe all = probe_open(&r, 100, 5);
  probe_step(&all, NULL);
  double *sum = mem_zero((size_t)net_links(all.net, 0), sizeof *sum), off = 0, size = 0;
  for (int i = 0, first = 0; i < 4; first += shares[i++]) {
    StepProbe part = probe_open(&r, shares[i], 5);
    for (int32_t b = 0; b < shares[i]; b++) part.rows[b] = all.rows[first + b];
    probe_step(&part, NULL);
    for (int64_t k = 0; k < net_links(all.net, 0); k++) sum[k] += (double)part.weight_gradient[0][k];
    probe_close(&part);
  }
  for (int64_t k = 0; k < net_links(all.net, 0); k++) {
    off += fabs(sum[k] - (double)all.weight_gradient[0][k]);
    size += fabs(sum[k]);
  }
  assert_true(size > 0.01 && off < 1e-4 * size);
  mem_free(sum);
  probe_close(&all);
}

static void test_shares (void **state) {
  (void)state;
  static const char *const sets[] = { "portable", "avx2", "avx512" };
  for (int n = 0; n < MIXES; n++)
    for (int s = 0; s < 3; s++)
      if (kernels_choose(sets[s])) check_shares(n, sets[s]);
}

/* ---- training ---- */

static void train (Net *net, const Data *data, int32_t batch, int epochs) {
  Protocol p = { .batch = batch, .rate = 0.05f, .momentum = 0.9f, .weight_decay = 1e-4f, .decay = DECAY_COUPLED };
  EpochResult result;
  for (int epoch = 1; epoch <= epochs; epoch++) assert_int_equal(net_train_epoch(net, data, &p, epoch, NULL, NULL, &result), NET_OK);
}

static void assert_same_nets (Net *a, Net *b) {
  int64_t n, m;
  float *x = all_parameters(a, &n), *y = all_parameters(b, &m);
  assert_int_equal(n, m);
  assert_memory_equal(x, y, (size_t)n * sizeof *x);
  mem_free(x);
  mem_free(y);
}

/* In tiles with arrays of their own (100), in one (20), and in more tiles than these have memory for. */
static void test_threads_alike (void **state) {
  (void)state;
  static const int32_t batches[] = { 20, 100, 9000, 150 }, ghosts[] = { 32, 16, 32, GHOST_ALL };
  Data *data = make_data(9200, 9, 3, DATA_U8, 4);
  for (int b = 0; b < 4; b++)
    for (int mix = 1; mix <= 3; mix += 2)
      for (int a = 0; a <= 6; a += 6) {
        Recipe r = mix_of(mix, a, ghosts[b]);
        r.threads = 1;
        Net *one = make_net(&r);
        train(one, data, batches[b], 2);
        for (int threads = 2; threads <= 4; threads++) {
          r.threads = threads;
          Net *many = make_net(&r);
          train(many, data, batches[b], 2);
          assert_same_nets(one, many);
          net_free(many);
        }
        net_free(one);
      }
  data_free(data);
}

static const float *norm_of (Net *net, int32_t l) {
  return net_parameter(net, l) + (net_parameters(net, l) - NORM_PARAMETERS) * net_units(net, l + 1);
}

/* Means and variances of a first layer's sums over the ghost batches of one batch, by hand: a tenth of them, and nine tenths of 0 and 1. */
static void check_running_values (int32_t ghost, const int32_t *share, int shares) {
  static Twin twin;
  Recipe r = { .size = { 7, 12, 4 }, .density = { 0.5, 1 }, .hidden = "relu", .output = "linear", .loss = "cross_entropy", .seed = 5, .ghost = ghost };
  Net *net = make_net(&r);
  Data *data = make_data(40, 7, 4, DATA_F32, 5);
  int32_t rows[40], hits, winner;
  double loss;
  for (int32_t b = 0; b < 40; b++) rows[b] = (7 * b) % 40;
  twin_copy(&twin, net, &r);
  assert_true(net_reserve(net, 40));
  Update none = { 0 };
  net_step(net, data, rows, 40, 1, &none, NULL, NULL, &loss, &hits);
  for (int32_t u = 0; u < 12; u++) {
    double mean = 0, variance = 0;
    for (int g = 0; g < shares; g++) {
      double z[40], m = 0, v = 0;
      for (int b = 0; b < share[g]; b++) {
        twin_forward(&twin, data, rows[16 * g + b], &winner);
        z[b] = twin.z[1][u];
        m += z[b] / share[g];
      }
      for (int b = 0; b < share[g]; b++) v += (z[b] - m) * (z[b] - m) / (share[g] - 1);
      mean += m / shares;
      variance += v / shares;
    }
    const float *norm = norm_of(net, 0);
    assert_true(fabs((double)norm[NORM_MEAN * 12 + u] - 0.1 * mean) < 1e-6);
    assert_true(fabs((double)norm[NORM_VARIANCE * 12 + u] - (0.9 + 0.1 * variance)) < 1e-6);
  }
  data_free(data);
  net_free(net);
}

static void test_running_values (void **state) {
  (void)state;
  check_running_values(16, (const int32_t[]){ 16, 24 }, 2);
  check_running_values(GHOST_ALL, (const int32_t[]){ 40 }, 1);
}

/* Scale and shift stay where they are if nobody trains them; the running values do not. */
static void test_without_affine (void **state) {
  (void)state;
  Recipe r = mix_of(0, 0, 16);
  Data *data = make_data(200, 7, 3, DATA_U8, 4);
  Net *net = make_net(&r), *still = make_net(&r);
  net_use_affine(still, 0);
  train(net, data, 50, 1);
  train(still, data, 50, 1);
  Net *fresh = make_net(&r);
  size_t two = 2 * (size_t)net_units(net, 1) * sizeof(float);
  assert_memory_equal(norm_of(still, 0), norm_of(fresh, 0), two);
  assert_memory_not_equal(norm_of(net, 0), norm_of(fresh, 0), two);
  assert_true(norm_of(still, 0)[NORM_MEAN * net_units(net, 1)] != 0);
  net_free(fresh);
  net_free(net);
  net_free(still);
  data_free(data);
}

/* ---- evaluation ---- */

/* Scales, shifts and running values into weights and biases. */
static void fold (Twin *t, Net *net) {
  for (int32_t l = 0; l < t->layers - 1; l++) {
    const float *norm = norm_of(net, l);
    for (int32_t o = 0, n = t->size[l + 1]; o < n; o++) {
      double factor = (double)norm[NORM_SCALE * n + o] / sqrt((double)norm[NORM_VARIANCE * n + o] + 1e-5);
      for (int32_t i = 0; i < t->size[l]; i++) t->w[l][i][o] *= factor;
      t->b[l][o] = factor * (t->b[l][o] - (double)norm[NORM_MEAN * n + o]) + (double)norm[NORM_SHIFT * n + o];
    }
  }
}

/* The twin has room for the activation's parameters only. */
static void copy_to_twin (Twin *t, Net *net, const Recipe *r) {
  Net *bare;
  Recipe plain = *r;
  plain.ghost = 0;
  bare = make_net(&plain);
  twin_copy(t, bare, &plain);
  net_free(bare);
  for (int32_t l = 0; l < t->layers; l++) {
    const Sparse *W = net_sparse(net, l);
    const float *w = net_weights(net, l), *bias = net_bias(net, l), *own = net_parameter(net, l);
    for (int32_t i = 0; i < t->size[l]; i++)
      for (int64_t k = W ? W->ptr[i] : 0; k < (W ? W->ptr[i + 1] : t->size[l + 1]); k++)
        t->w[l][i][W ? W->to[k] : (int32_t)k] = (double)(W ? w[k] : w[k * t->size[l] + i]);
    for (int32_t o = 0, n = t->size[l + 1]; o < n; o++) {
      t->b[l][o] = (double)bias[o];
      for (int k = 0; k < 4 && net_parameters(net, l) >= 4 && strcmp(r->hidden, "srelu") == 0; k++) t->p[l][k][o] = (double)own[k * n + o];
    }
  }
}

static void test_evaluation (void **state) {
  (void)state;
  static Twin twin;
  for (int n = 0; n < MIXES; n++)
    for (int a = 0; a < 9; a += 2) {
      Recipe r = mix_of(n, a, a % 4 ? 32 : GHOST_ALL);
      r.threads = 1 + a % 3;
      Data *data = make_data(300, r.size[0], 3, DATA_U8, 4);
      Net *net = make_net(&r);
      train(net, data, 100, 3);
      copy_to_twin(&twin, net, &r);
      fold(&twin, net);
      float *out = mem_new(3 * 300, sizeof *out);
      assert_int_equal(net_outputs(net, data, NULL, 0, NULL, NULL, out), NET_OK);
      for (int32_t i = 0; i < 300; i++) {
        int32_t winner;
        twin_forward(&twin, data, i, &winner);
        for (int32_t o = 0; o < 3; o++) {
          double value = twin.a[twin.layers][o];
          assert_true(fabs((double)out[3 * i + o] - value) < 2e-5 * (1 + fabs(value)));
        }
      }
      mem_free(out);
      net_free(net);
      data_free(data);
    }
}

/* ---- memory, copies, probes, refusals ---- */

static void test_memory (void **state) {
  (void)state;
  static const int32_t batches[] = { 8, 100, 300 };
  Data *data = make_data(300, 20, 4, DATA_U8, 1);
  for (int way = 0; way <= 2; way++)
    for (int b = 0; b < 3; b++) {
      int bf16 = way == 1;
      int32_t ghost = way == 2 ? GHOST_ALL : 32;
      Recipe r = { .size = { 20, 300, 200, 100, 4 }, .density = { 0.1, 0.05, 1, 1 }, .hidden = "srelu", .output = "linear", .loss = "cross_entropy",
                   .seed = 7, .threads = 2, .bf16 = bf16, .ghost = ghost };
      LayerPlan layer[4];
      NetPlan plan;
      uint64_t before = mem_held();
      Net *net = make_net(&r);
      NetUse use = { .threads = net_threads(net), .bf16 = bf16, .batch = batches[b], .samples = 300 };
      for (int32_t l = 0; l < 4; l++)
        layer[l] = (LayerPlan){ .n_in = net_units(net, l), .n_out = net_units(net, l + 1), .dense = net_dense(net, l) != NULL,
                                .links = net_links(net, l), .slope = NAN, .activation = l < 3 ? "srelu" : NULL, .ghost = l < 3 ? ghost : 0 };
      assert_null(net_plan(4, layer, &use, &plan));
      assert_int_equal(mem_held() - before, plan.net);
      mem_mark();
      train(net, data, batches[b], 1);
      assert_int_equal(mem_peak() - before, plan.peak);
      net_free(net);
      assert_int_equal(mem_held(), before);
    }
  data_free(data);
}

static void test_copies (void **state) {
  (void)state;
  Recipe r = mix_of(0, 6, 16), plain = r;
  plain.ghost = 0;
  Data *data = make_data(200, 7, 3, DATA_U8, 4);
  Net *net = make_net(&r), *copy = make_net(&r), *other = make_net(&plain);
  train(net, data, 50, 2);
  assert_true(net_copy_state(copy, net));
  assert_same_nets(net, copy);
  train(net, data, 50, 1);
  train(copy, data, 50, 1);
  assert_same_nets(net, copy);   /* velocities, too */
  assert_false(net_copy_state(other, net));
  net_free(net);
  net_free(copy);
  net_free(other);
  data_free(data);
}

/* Values and loss gradients make the gradients of links, as in any other net; behind the samples there is nothing. */
static void check_probe (int32_t ghost) {
  Recipe r = mix_of(0, 3, ghost);
  Net *net = make_net(&r);
  Data *data = make_data(100, 7, 3, DATA_U8, 4);
  int32_t rows[100];
  for (int32_t b = 0; b < 100; b++) rows[b] = (7 * b) % 100;
  struct Probe *p = net_probe(net, data, NULL, 1, rows, 100, NEEDS_GRADIENTS | NEEDS_VALUES);
  assert_true(isfinite(net_probe_loss(p)));
  for (int32_t l = 0; l < 3; l++) {
    View v = net_probe_view(p, l);
    assert_true(v.stride == 112 && v.batch == 100);
    for (int32_t i = 0; i < v.W->n_in; i++) {
      for (size_t b = 100; b < v.stride && l == 0; b++) assert_true(v.x[(size_t)i * v.stride + b] == 0);
      for (int64_t k = v.W->ptr[i]; k < v.W->ptr[i + 1]; k++) {
        double sum = 0;
        for (size_t b = 0; b < 100; b++) sum += (double)v.x[(size_t)i * v.stride + b] * (double)v.dy[(size_t)v.W->to[k] * v.stride + b];
        assert_true(fabs(sum / 100 - (double)v.gradient[k]) < 1e-6 * (1 + fabs(sum)));
      }
    }
    if (l > 0) continue;
    for (int32_t b = 0; b < 100; b++)
      for (int32_t f = 0; f < 7; f++)
        assert_true(fabs((double)v.x[(size_t)f * v.stride + (size_t)b] - (double)data->u8[(size_t)(rows[b] * 7 + f)] * (double)data->unit) < 1e-6);
  }
  net_probe_free(p);
  net_free(net);
  data_free(data);
}

static void test_probe (void **state) {
  (void)state;
  check_probe(32);
  check_probe(GHOST_ALL);
}

/* Over the whole batch: the values of each unit have mean 0 and variance 1, as no shares of them do; and what cannot be. */
static void test_whole_batch (void **state) {
  (void)state;
  Recipe r = { .size = { 7, 12, 4 }, .density = { 0.5, 1 }, .hidden = "linear", .output = "linear", .loss = "cross_entropy", .seed = 5, .ghost = GHOST_ALL };
  Net *net = make_net(&r);
  Data *data = make_data(200, 7, 4, DATA_F32, 5);
  int32_t rows[200];
  for (int32_t b = 0; b < 200; b++) rows[b] = b;
  for (size_t u = 0; u < 12; u++) {
    float *norm = (float *)(uintptr_t)norm_of(net, 0);
    norm[NORM_SCALE * 12 + u] = 1;
    norm[NORM_SHIFT * 12 + u] = 0;
  }
  assert_null(net_norm_trouble(net, 200));
  struct Probe *p = net_probe(net, data, NULL, 1, rows, 200, NEEDS_VALUES);
  View v = net_probe_view(p, 0);
  for (size_t u = 0; u < 12; u++) {
    double mean = 0, square = 0;
    for (size_t b = 0; b < 200; b++) {
      double y = (double)v.y[u * v.stride + b];
      mean += y / 200;
      square += y * y / 200;
    }
    assert_true(fabs(mean) < 1e-5 && fabs(square - 1) < 1e-2);   /* the epsilon in the root; a unit without links is 0 */
  }
  net_probe_free(p);
  net_free(net);
  r.bf16 = 1;
  net = make_net(&r);
  assert_string_equal(net_norm_trouble(net, 200), "samples = \"batch\" does not go with precision = \"bfloat16\"");
  net_free(net);
  r.ghost = 32;
  net = make_net(&r);
  assert_null(net_norm_trouble(net, 200));
  net_free(net);
  data_free(data);
}

static void test_refusals (void **state) {
  (void)state;
  static const int32_t ghosts[][3] = { { 8, 8, 0 }, { 48, 48, 0 }, { 16, 32, 0 }, { 16, 16, 16 }, { -16, -16, 0 } };
  for (size_t i = 0; i < sizeof ghosts / sizeof *ghosts; i++) {
    Recipe r = mix_of(0, 0, 0);
    LayerSpec spec[MOST_LEVELS];
    const char *why = NULL;
    make_layers(&r, spec);
    for (int l = 0; l < 3; l++) spec[l].ghost = ghosts[i][l];
    assert_null(net_new(3, spec, r.loss, 1, 1, NULL, &why));
    assert_non_null(why);
    free_layers(&r, spec);
  }
}

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_gradients), cmocka_unit_test(test_gradients_with_dropout), cmocka_unit_test(test_shares),
    cmocka_unit_test(test_threads_alike), cmocka_unit_test(test_running_values), cmocka_unit_test(test_without_affine),
    cmocka_unit_test(test_evaluation), cmocka_unit_test(test_memory), cmocka_unit_test(test_copies), cmocka_unit_test(test_probe), cmocka_unit_test(test_whole_batch),
    cmocka_unit_test(test_refusals),
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("norm_net", tests, NULL, NULL);
}
