/*
** AdamW, Lion, beta-LASSO and S2-SAM: one step of the kernels and epochs of a net against doubles, ages of links that an evolution
** replaces, layers with rates of their own, and the same bits for any number of threads.
*/
#include "turnover/net_evolve.h"
#include "net/net_state.h"
#include "isa.h"
#include "net_fixture.h"
#include "sparse/sparse.h"
#include <stdlib.h>

static const Rule rules[] = { RULE_ADAMW, RULE_LION, RULE_LASSO, RULE_S2SAM };
enum { RULES = sizeof rules / sizeof *rules };

/* ---- one step ---- */

static float number (uint32_t seed) {   /* in [-1, 1) */
  seed = (seed ^ 0x9e3779b9u) * 2654435761u;
  seed = (seed ^ seed >> 15) * 2246822519u;
  return (float)(seed >> 8) / (1 << 23) - 1;
}

enum { MOST = 40 };

static void check_step (const Kernels *k, size_t n, const Update *u) {
  float w[MOST + 1], m[MOST + 1], s[MOST + 1], age[MOST + 1], g[MOST + 1], w0[MOST + 1], m0[MOST + 1], s0[MOST + 1], age0[MOST + 1];
  for (uint32_t e = 0; e <= MOST; e++) {
    w[e] = w0[e] = number(5 * e);
    m[e] = m0[e] = 0.1f * number(5 * e + 1);
    s[e] = s0[e] = 0.1f * fabsf(number(5 * e + 2));
    age[e] = age0[e] = (float)(e * e * e);   /* from those just born to those of 64,000 steps */
    if (e == 0) m[e] = m0[e] = s[e] = s0[e] = 0;
    g[e] = number(5 * e + 3);
  }
  const float *sums = g;
  k->update(&(Learnt){ w, m, s, age }, n, &sums, 1, u);
  double rate = (double)u->rate, mu = (double)u->momentum, nu = 1 - (double)u->fresh;
  for (size_t e = 0; e <= MOST; e++) {
    double grad = (double)u->scale * (double)g[e] + (double)u->couple * (double)w0[e], m1, s1 = (double)s0[e], w1 = (double)w0[e] * (1 - (double)u->shrink);
    if (e >= n) {
      assert_true(w[e] == w0[e] && m[e] == m0[e] && s[e] == s0[e] && age[e] == age0[e]);
      continue;
    }
    if (u->rule == RULE_LION) {
      double way = mu * (double)m0[e] + (1 - mu) * grad;
      m1 = nu * (double)m0[e] + (1 - nu) * grad;
      w1 -= rate * ((way > 0) - (way < 0));
      assert_true(age[e] == age0[e]);
    } else if (u->rule == RULE_LASSO) {
      grad = (double)u->scale * (double)g[e] + (double)u->lasso * ((w0[e] > 0) - (w0[e] < 0));
      m1 = mu * (double)m0[e] - rate * grad;
      w1 = (double)w0[e] + m1;
      if (fabs(fabs(w1) - (double)u->cut) < 1e-6) continue;
      if (fabs(w1) <= (double)u->cut) w1 = 0;
      assert_true((w[e] == 0) == (w1 == 0));
    } else if (u->rule == RULE_S2SAM) {
      double from = (double)w0[e] - (double)u->lift * (double)s0[e];
      s1 = (double)u->scale * (double)g[e];
      m1 = mu * (double)m0[e] - rate * (s1 + (double)u->couple * from);
      w1 = from + m1 - (double)u->shrink * from;
    } else {
      m1 = mu * (double)m0[e] + (1 - mu) * grad;
      s1 = nu * s1 + (1 - nu) * grad * grad;
      w1 -= rate * m1 / (1 - pow(mu, (double)age0[e] + 1)) / (sqrt(s1 / (1 - pow(nu, (double)age0[e] + 1))) + 1e-8);
      assert_true(age[e] == age0[e] + 1);
    }
    if (fabs((double)m[e] - m1) > 1e-6 || fabs((double)s[e] - s1) > 1e-6 || fabs((double)w[e] - w1) > 2e-6 * (1 + rate))
      fail_msg("%s, %zu of %zu: weight %.8g, want %.8g; velocity %.8g, want %.8g; second moment %.8g, want %.8g", k->isa, e, n, (double)w[e], w1,
               (double)m[e], m1, (double)s[e], s1);
  }
}

static void test_step (void **state) {
  const Kernels *k = isa_kernels(state);
  for (int r = 0; r < RULES; r++)
    for (size_t n = 0; n <= MOST; n++)
      for (int how = 0; how < 3; how++) {
        Update u = { .rate = how == 2 ? 1 : 1e-2f, .momentum = how == 1 ? 0 : 0.9f, .fresh = how == 2 ? 0.1f : 0.001f, .scale = 0.1f,
                     .couple = how == 1 ? 0.3f : 0, .shrink = how == 2 ? 0.2f : 0, .lasso = 0.05f, .cut = how == 1 ? 0 : 0.2f, .lift = how == 1 ? 0 : 0.7f, .rule = rules[r] };
        check_step(k, n, &u);
      }
}

/* ---- epochs ---- */

/* Both rules divide small by small, or look at a sign: a gradient near 0 may go the other way in single precision. So a few
** weights of a hundred may differ. */
static void check_training (const Recipe *r, const Protocol *p) {
  static Twin twin;
  Net *net = make_net(r);
  Data *d = make_data(101, r->size[0], r->size[recipe_layers(r)], DATA_F32, 6);
  int32_t order[101], winner, off = 0, all = 0;
  twin_copy(&twin, net, r);
  for (int32_t epoch = 1; epoch <= 2; epoch++) {
    EpochResult result;
    assert_int_equal(net_train_epoch(net, d, p, epoch, NULL, NULL, &result), NET_OK);
    Rng rng;
    rng_seed(&rng, r->seed, RNG_ORDER | (uint64_t)epoch << 8);
    rng_shuffle(&rng, order, 101);
    for (int32_t s = 0; s < 101 / p->batch * p->batch; s++) {
      twin_forward(&twin, d, order[s], &winner);
      twin_backward(&twin);
      if ((s + 1) % p->batch == 0) twin_update(&twin, p, p->batch);
    }
  }
  for (int32_t l = 0; l < twin.layers; l++) {
    const Sparse *W = net_sparse(net, l);
    for (int32_t i = 0; i < twin.size[l]; i++)
      for (int64_t k = W ? W->ptr[i] : 0; k < (W ? W->ptr[i + 1] : twin.size[l + 1]); k++, all++) {
        int32_t o = W ? W->to[k] : (int32_t)k;
        off += fabs((double)(W ? W->w[k] : net_weights(net, l)[o * twin.size[l] + i]) - twin.w[l][i][o]) > 2e-5;
      }
    for (int32_t o = 0; o < twin.size[l + 1]; o++, all++) off += fabs((double)net_bias(net, l)[o] - twin.b[l][o]) > 2e-5;
    for (int32_t k = 0; k < net_parameters(net, l); k++)
      for (int32_t o = 0; o < twin.size[l + 1]; o++, all++) off += fabs((double)net_parameter(net, l)[k * twin.size[l + 1] + o] - twin.p[l][k][o]) > 2e-5;
  }
  if (off > all / 50) fail_msg("%s, rule %d: %d of %d weights are elsewhere", r->hidden, (int)r->rule, (int)off, (int)all);
  data_free(d);
  net_free(net);
}

static void test_like_the_twin (void **state) {
  (void)state;
  static const double mixes[3][3] = { { 0.3, 0.3, 1 }, { 1, 1, 1 }, { 0.4, 1, 0.5 } };
  static const char *const hidden[] = { "tanh", "srelu", "relu" };
  for (int rule = 0; rule < 2; rule++)
    for (int decay = 0; decay < 3; decay++)
      for (int mix = 0; mix < 3; mix++)
        for (int32_t batch = 12; batch <= 100; batch += 88) {   /* with one tile, and with two */
          Recipe r = { .size = { 20, 31, 26, 4 }, .hidden = hidden[(decay + mix) % 3], .output = "sigmoid", .threads = 1 + mix, .loss = "cross_entropy",
                       .seed = (uint64_t)(10 * decay + mix), .rule = rules[rule] };
          memcpy(r.density, mixes[mix], sizeof mixes[mix]);
          Protocol p = { .batch = batch, .rate = 2e-3f, .momentum = 0.9f, .fresh = 0.01f, .weight_decay = decay == 0 ? 2e-3f : 0.05f, .decay = (Decay)decay };
          check_training(&r, &p);
        }
}

/* ---- links that an evolution replaces ---- */

static const Recipe evolved = { { 30, 40, 25, 4 }, { 0.2, 0.3, 1 }, "srelu", "linear", "cross_entropy", 0, 5, 1, NULL, 0, 0, { 0, 0 }, 0, RULE_ADAMW, { 0 } };

static void train (Net *net, const Data *d, int32_t epoch) {
  Protocol p = { .batch = 10, .rate = 2e-3f, .momentum = 0.9f, .fresh = 0.01f };
  EpochResult result;
  assert_int_equal(net_train_epoch(net, d, &p, epoch, NULL, NULL, &result), NET_OK);
}

/* Links that stay keep moments and age, newborn ones begin at 0; after the next epoch the ages tell them apart. */
static void test_newborn (void **state) {
  (void)state;
  enum { STEPS = 6 };
  Net *net = make_net(&evolved);
  Data *d = make_data(10 * STEPS, 30, 4, DATA_F32, 4);
  train(net, d, 1);
  static float second[30][40];
  memset(second, 0, sizeof second);
  const Sparse *W = net_sparse(net, 0);
  for (int32_t i = 0; i < W->n_in; i++)
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) {
      assert_true(W->age[k] == STEPS);
      second[i][W->to[k]] = W->second[k] + 1;   /* 0: no link */
    }
  Evolution rule = evolution_set(0.3, init_find("he_uniform"));
  assert_true(net_evolve_layers(net, 0, 1, &rule, 1) > 0);
  W = net_sparse(net, 0);
  int64_t kept = 0;
  for (int32_t i = 0; i < W->n_in; i++)
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) {
      if (W->age[k] == 0) assert_true(W->second[k] == 0 && W->momentum[k] == 0);
      else assert_true(W->age[k] == STEPS && W->second[k] + 1 == second[i][W->to[k]]);
      kept += W->age[k] > 0;
    }
  assert_true(kept > W->links / 2 && kept < W->links);
  train(net, d, 2);
  int64_t old = 0;
  for (int64_t k = 0; k < W->links; k++) {
    assert_true(W->age[k] == STEPS || W->age[k] == 2 * STEPS);
    old += W->age[k] == 2 * STEPS;
  }
  assert_int_equal(old, kept);
  data_free(d);
  net_free(net);
}

/* ---- the same bits ---- */

static void test_same_bits (void **state) {
  (void)state;
  Data *d = make_data(130, 30, 4, DATA_F32, 4);
  Evolution rule = evolution_set(0.3, init_find("he_uniform"));
  for (int r = 0; r < RULES; r++) {
    float *first = NULL;
    for (int threads = 1; threads <= 4; threads++) {
      Recipe recipe = evolved;
      recipe.rule = rules[r];
      recipe.threads = threads;
      Net *net = make_net(&recipe);
      const float layer_rate[] = { 1, 0.5f, 2 };
      Protocol p = { .batch = 65, .rate = 2e-3f, .momentum = 0.9f, .fresh = 0.01f, .weight_decay = 0.01f, .decay = DECAY_DECOUPLED, .lasso = 0.1f,
                     .lasso_cut = 1e-3f, .radius = 0.5f, .layer_rate = layer_rate };
      EpochResult result;
      for (int32_t epoch = 1; epoch <= 4; epoch++) {
        assert_int_equal(net_train_epoch(net, d, &p, epoch, NULL, NULL, &result), NET_OK);
        assert_true(net_evolve_layers(net, 0, 1, &rule, epoch) > 0);
      }
      int64_t n;
      float *all = all_parameters(net, &n);
      if (first) assert_memory_equal(all, first, (size_t)n * sizeof *all);
      if (first) mem_free(all);
      else first = all;
      net_free(net);
    }
    mem_free(first);
  }
  data_free(d);
}

/* A copy has all that a rule keeps, and goes on as the net does. */
static void test_copy (void **state) {
  (void)state;
  Data *d = make_data(60, 30, 4, DATA_F32, 4);
  for (int r = 0; r < RULES; r++) {
    Recipe recipe = evolved;
    recipe.rule = rules[r];
    Net *net = make_net(&recipe), *copy = make_net(&recipe);
    Protocol p = { .batch = 20, .rate = 2e-3f, .momentum = 0.9f, .fresh = 0.01f, .lasso = 0.1f, .lasso_cut = 1e-3f, .radius = 0.5f };
    EpochResult result;
    assert_int_equal(net_train_epoch(net, d, &p, 1, NULL, NULL, &result), NET_OK);
    assert_true(net_copy_state(copy, net));
    assert_int_equal(net_train_epoch(net, d, &p, 2, NULL, NULL, &result), NET_OK);
    assert_int_equal(net_train_epoch(copy, d, &p, 2, NULL, NULL, &result), NET_OK);
    int64_t n;
    float *one = all_parameters(net, &n), *other = all_parameters(copy, &n);
    assert_memory_equal(one, other, (size_t)n * sizeof *one);
    mem_free(one);
    mem_free(other);
    net_free(net);
    net_free(copy);
  }
  data_free(d);
}

/* ---- rules for links: epochs written out ---- */

/* A layer of links alone, from sums of gradients that net_step gives at the weights as they are: what each rule makes of them. The net
** then trains the same batches by itself. Weights of all layers, sparse and dense, are moved in S2-SAM. */
static const Recipe links_only = { { 12, 20, 14, 4 }, { 0.4, 1, 1 }, "tanh", "linear", "cross_entropy", 0, 7, 2, NULL, 0, 0, { 0, 0 }, 0, RULE_SGD, { 0 } };

typedef struct Doubles { double w[600], v[600], last[600], rate; int n; } Doubles;   /* a layer of rate 0 stays as it is */

static float *weights_of (Net *net, int32_t l) { return net_weights(net, l); }

static double length_of (const Doubles *d, int32_t layers) {
  double sum = 0;
  for (int32_t l = 0; l < layers; l++)
    for (int k = 0; k < d[l].n && d[l].rate > 0; k++) sum += d[l].last[k] * d[l].last[k];
  return sqrt(sum);
}

static void place (Net *net, const Doubles *d, double lift) {
  for (int32_t l = 0; l < 3; l++)
    for (int k = 0; k < d[l].n; k++) weights_of(net, l)[k] = (float)(d[l].w[k] + (d[l].rate > 0 ? lift : 0) * d[l].last[k]);
}

/* One step of `twin`, whose biases the kernels move; its links move in doubles. */
static void step_by_hand (Net *twin, const Data *data, const int32_t *rows, int32_t batch, const Protocol *p, Doubles *d) {
  static float gradient[3][600], bias[3][32];
  float *of_links[3] = { gradient[0], gradient[1], gradient[2] }, *of_units[3] = { bias[0], bias[1], bias[2] };
  double loss, length = length_of(d, 3), lift = p->radius > 0 && length > 0 ? (double)p->radius / length : 0;
  int32_t hits;
  place(twin, d, lift);
  net_step(twin, data, rows, batch, 1, NULL, of_links, of_units, &loss, &hits);
  place(twin, d, 0);
  for (int32_t l = 0; l < 3; l++) {
    double rate = d[l].rate;
    for (int k = 0; k < d[l].n && rate > 0; k++) {
      double g = (double)gradient[l][k] / batch, sign = (d[l].w[k] > 0) - (d[l].w[k] < 0);
      d[l].last[k] = g;
      d[l].v[k] = (double)p->momentum * d[l].v[k] - rate * (g + (double)p->lasso * sign);
      d[l].w[k] += d[l].v[k];
      if (p->lasso > 0 && fabs(d[l].w[k]) <= (double)p->lasso * (double)p->lasso_cut) d[l].w[k] = 0;
    }
  }
  place(twin, d, 0);
}

static void check_by_hand (Rule rule, int32_t batch, const float *layer_rate) {
  enum { SAMPLES = 90 };
  Recipe r = links_only;
  r.rule = rule;
  Net *net = make_net(&r), *twin = make_net(&links_only);
  Data *data = make_data(SAMPLES, 12, 4, DATA_F32, 6);
  static Doubles d[3];
  Protocol p = { .batch = batch, .rate = 0.05f, .momentum = 0.5f, .lasso = rule == RULE_LASSO ? 0.02f : 0, .lasso_cut = 0.5f,
                 .radius = rule == RULE_S2SAM ? 0.3f : 0, .layer_rate = layer_rate };
  memset(d, 0, sizeof d);
  assert_true(net_reserve(twin, batch));
  for (int32_t l = 0; l < 3; l++) {
    d[l].n = (int)net_links(twin, l);
    d[l].rate = (double)p.rate * (layer_rate ? (double)layer_rate[l] : 1);
    assert_true(d[l].n <= 600 && d[l].n == (int)net_links(net, l));
    for (int k = 0; k < d[l].n; k++) d[l].w[k] = (double)weights_of(twin, l)[k];
  }
  int32_t *order = net_order(net, data, 1);
  Protocol one = p;
  one.steps = 1;
  for (one.first_step = 0; one.first_step < SAMPLES / batch; one.first_step++) {   /* a run each: outside, weights are where they belong */
    EpochResult result;
    step_by_hand(twin, data, order + one.first_step * batch, batch, &p, d);
    assert_int_equal(net_train_epoch(net, data, &one, 1, NULL, NULL, &result), NET_OK);
    for (int32_t l = 0; l < 3; l++) {
      memcpy((float *)(uintptr_t)net_bias(twin, l), net_bias(net, l), (size_t)net_units(net, l + 1) * sizeof(float));
      for (int k = 0; k < d[l].n; k++)
        if (fabs((double)weights_of(net, l)[k] - d[l].w[k]) > 3e-5)
          fail_msg("rule %d, step %d, layer %d, weight %d: %.8g, want %.8g", (int)rule, (int)one.first_step, (int)l, k, (double)weights_of(net, l)[k], d[l].w[k]);
    }
  }
  mem_free(order);
  data_free(data);
  net_free(net);
  net_free(twin);
}

static void test_links_by_hand (void **state) {
  (void)state;
  const float layer_rate[] = { 0.5f, 0, 2 };
  for (int32_t batch = 10; batch <= 45; batch += 35)   /* with one tile, and with two */
    for (int rated = 0; rated < 2; rated++) {
      check_by_hand(RULE_SGD, batch, rated ? layer_rate : NULL);
      check_by_hand(RULE_LASSO, batch, rated ? layer_rate : NULL);
      check_by_hand(RULE_S2SAM, batch, rated ? layer_rate : NULL);
    }
}

/* A whole epoch is the same, to rounding, as one in slices, which go back to the weights in between. */
static void test_s2sam_in_slices (void **state) {
  (void)state;
  Data *data = make_data(90, 12, 4, DATA_F32, 6);
  Recipe r = links_only;
  r.rule = RULE_S2SAM;
  float *all[2];
  int64_t n;
  for (int sliced = 0; sliced < 2; sliced++) {
    Net *net = make_net(&r);
    Protocol p = { .batch = 45, .rate = 0.05f, .momentum = 0.5f, .radius = 0.3f, .steps = sliced };
    EpochResult result;
    for (p.first_step = 0; p.first_step < (sliced ? 2 : 1); p.first_step++) assert_int_equal(net_train_epoch(net, data, &p, 1, NULL, NULL, &result), NET_OK);
    all[sliced] = all_parameters(net, &n);
    net_free(net);
  }
  for (int64_t k = 0; k < n; k++) assert_true(fabs((double)(all[0][k] - all[1][k])) < 1e-6);
  mem_free(all[0]);
  mem_free(all[1]);
  data_free(data);
}

int main (void) {
  const struct CMUnitTest tests[] = {
    EACH_ISA(test_step), cmocka_unit_test(test_like_the_twin), cmocka_unit_test(test_newborn), cmocka_unit_test(test_same_bits), cmocka_unit_test(test_links_by_hand),
    cmocka_unit_test(test_s2sam_in_slices), cmocka_unit_test(test_copy),
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("optimisers", tests, NULL, NULL);
}
