/*
** AdamW and Lion: one step of the kernels and epochs of a net against doubles, ages of links that an evolution replaces, and the
** same bits for any number of threads.
*/
#include "turnover/net_evolve.h"
#include "isa.h"
#include "net_fixture.h"
#include "sparse/sparse.h"
#include <stdlib.h>

static const Rule rules[] = { RULE_ADAMW, RULE_LION };

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
  for (int r = 0; r < 2; r++)
    for (size_t n = 0; n <= MOST; n++)
      for (int how = 0; how < 3; how++) {
        Update u = { .rate = how == 2 ? 1 : 1e-2f, .momentum = how == 1 ? 0 : 0.9f, .fresh = how == 2 ? 0.1f : 0.001f, .scale = 0.1f,
                     .couple = how == 1 ? 0.3f : 0, .shrink = how == 2 ? 0.2f : 0, .rule = rules[r] };
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

static const Recipe evolved = { { 30, 40, 25, 4 }, { 0.2, 0.3, 1 }, "srelu", "linear", "cross_entropy", 0, 5, 1, NULL, 0, 0, { 0, 0 }, 0, RULE_ADAMW };

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
  for (int r = 0; r < 2; r++) {
    float *first = NULL;
    for (int threads = 1; threads <= 4; threads++) {
      Recipe recipe = evolved;
      recipe.rule = rules[r];
      recipe.threads = threads;
      Net *net = make_net(&recipe);
      Protocol p = { .batch = 65, .rate = 2e-3f, .momentum = 0.9f, .fresh = 0.01f, .weight_decay = 0.01f, .decay = DECAY_DECOUPLED };
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

int main (void) {
  const struct CMUnitTest tests[] = {
    EACH_ISA(test_step), cmocka_unit_test(test_like_the_twin), cmocka_unit_test(test_newborn), cmocka_unit_test(test_same_bits),
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("optimisers", tests, NULL, NULL);
}
