/*
** net_evolve*.c, net_rewire.c and net_probe.c: what a probe sees, against a step and against differences of the loss;
** evolutions of several layers; changes from outside and what is wrong with them; the plan of their memory against what was
** handed out.
*/
#include "turnover/net_evolve.h"
#include "net_fixture.h"
#include "choose/amount.h"
#include "choose/keep.h"
#include "evolve/cannistraci.h"
#include "plan/net_plan.h"
#include "same_layer.h"
#include <stdlib.h>

enum { SAMPLES = 60, BATCH = 20 };

static const Recipe plain = { { 30, 40, 25, 35, 4 }, { 0.2, 0.3, 0.25, 1 }, "relu", "linear", "cross_entropy", 0, 5, 1, NULL, 0, 0, { 0, 0 }, 0, RULE_SGD, { 0 } };

static Data *data_of (const Recipe *r) {
  int32_t top = recipe_layers(r);
  return make_data(SAMPLES, r->size[0], r->size[top], DATA_F32, 4);
}

static const int32_t *rows_of (int32_t first) {
  static int32_t rows[SAMPLES];
  for (int32_t b = 0; b < SAMPLES; b++) rows[b] = (first + b * 7) % SAMPLES;
  return rows;
}

static void assert_whole (const Net *net) {
  const char *broken = net_check(net);
  if (broken) fail_msg("%s", broken);
}

/* ---- probes ---- */

/* The loss of the probe's batch. */
static double loss_of (Net *net, const Data *data, int32_t batch) {
  Probe *p = net_probe(net, data, NULL, 1, rows_of(3), batch, 0);
  double loss = net_probe_loss(p);
  net_probe_free(p);
  return loss;
}

/* Differences with several steps, to both sides and to either, because of kinks. */
static void check_gradient (Net *net, const Data *data, int32_t batch, float *w, double g) {
  double best = HUGE_VAL, here = loss_of(net, data, batch);
  float old = *w;
  for (float h = 0.02f; h > 3e-4f && best > 1e-3 * (1 + fabs(g)); h /= 2) {
    *w = old + h;
    double up = (double)*w - (double)old, above = loss_of(net, data, batch);
    *w = old - h;
    double down = (double)old - (double)*w, below = loss_of(net, data, batch);
    *w = old;
    best = fmin(best, fabs((above - below) / (up + down) - g));
    best = fmin(best, fmin(fabs((above - here) / up - g), fabs((here - below) / down - g)));
  }
  if (best > 2e-3 * (1 + fabs(g))) fail_msg("gradient %g is off by %g", g, best);
}

/* Gradients are those of the mean loss; values and loss gradients make them. */
static void test_probe (void **state) {
  (void)state;
  static const char *const hidden[] = { "relu", "all_relu", "tanh", "srelu", "gelu" };
  for (int h = 0; h < 5; h++)
    for (int32_t batch = BATCH; batch <= 3 * BATCH; batch += 2 * BATCH) {
      Recipe r = plain;
      r.hidden = hidden[h];
      r.dropout = 0.5f;   /* of which a probe knows nothing */
      Net *net = make_net(&r);
      Data *data = data_of(&r);
      Probe *p = net_probe(net, data, NULL, 1, rows_of(3), batch, NEEDS_GRADIENTS | NEEDS_VALUES);
      for (int32_t l = 0; l < 3; l++) {
        View v = net_probe_view(p, l);
        assert_ptr_equal(v.W, net_sparse(net, l));
        assert_int_equal(v.batch, batch);
        for (int32_t i = 0; i < v.W->n_in; i++)
          for (int64_t k = v.W->ptr[i]; k < v.W->ptr[i + 1]; k++) {
            double sum = 0;
            for (int32_t b = 0; b < batch; b++)
              sum += (double)v.x[(size_t)i * v.stride + (size_t)b] * (double)v.dy[(size_t)v.W->to[k] * v.stride + (size_t)b];
            assert_true(fabs(sum / batch - (double)v.gradient[k]) < 1e-5 * (1 + fabs(sum)));
            if (k % 23 == 0) check_gradient(net, data, batch, &net_weights(net, l)[k], (double)v.gradient[k]);
          }
        if (l < 2) assert_memory_equal(v.y, net_probe_view(p, l + 1).x, (size_t)v.W->n_out * v.stride * sizeof(float));
      }
      net_probe_free(p);
      data_free(data);
      net_free(net);
    }
}

/* In float32, also in a bfloat16 net, and for any number of threads. */
static void test_probes_alike (void **state) {
  (void)state;
  Data *data = data_of(&plain);
  Net *net[5];
  Probe *p[5];
  for (int n = 0; n < 5; n++) {
    Recipe r = plain;
    r.bf16 = n == 4;
    r.threads = n == 4 ? 1 : n + 1;
    net[n] = make_net(&r);
    p[n] = net_probe(net[n], data, NULL, 1, rows_of(1), BATCH, NEEDS_GRADIENTS | NEEDS_VALUES);
    assert_true(net_probe_loss(p[n]) == net_probe_loss(p[0]));
    for (int32_t l = 0; l < 3; l++) {
      View a = net_probe_view(p[0], l), b = net_probe_view(p[n], l);
      assert_int_equal(a.stride, b.stride);
      assert_memory_equal(a.gradient, b.gradient, (size_t)a.W->links * sizeof(float));
      assert_memory_equal(a.x, b.x, (size_t)a.W->n_in * a.stride * sizeof(float));
      assert_memory_equal(a.dy, b.dy, (size_t)a.W->n_out * a.stride * sizeof(float));
    }
  }
  for (int n = 0; n < 5; n++) {
    net_probe_free(p[n]);
    net_free(net[n]);
  }
  data_free(data);
}

/* ---- numbers shared out ---- */

static void test_shares (void **state) {
  (void)state;
  Rng rng;
  rng_seed(&rng, 1, 1);
  for (int trial = 0; trial < 2000; trial++) {
    enum { N = 6 };
    double weight[N], remainder[N], sum = 0;
    int64_t room[N], give[N], all = 0, given = 0;
    for (int l = 0; l < N; l++) {
      weight[l] = rng_below(&rng, 5) ? (double)rng_below(&rng, 1000) : 0;
      room[l] = (int64_t)rng_below(&rng, 300);
      if (weight[l] > 0) all += room[l];
      sum += weight[l];
    }
    int64_t total = (int64_t)rng_below(&rng, 900);
    amount_share(N, total, weight, room, give, remainder);
    int fits = 1;
    for (int l = 0; l < N; l++) {
      given += give[l];
      assert_true(give[l] >= 0 && give[l] <= room[l]);
      fits &= sum > 0 && (double)total * weight[l] / sum <= (double)room[l];
    }
    if (sum > 0) assert_true(given >= (total < all ? total : all));
    for (int l = 0; fits && l < N; l++) {   /* the largest remainders */
      double share = (double)total * weight[l] / sum;
      assert_true(fabs((double)give[l] - share) < 1 + 1e-9);
      for (int m = 0; m < N; m++)
        if ((double)give[l] > share && (double)give[m] <= (double)total * weight[m] / sum - 1e-9)
          assert_true(share - floor(share) >= (double)total * weight[m] / sum - floor((double)total * weight[m] / sum) - 1e-6);
    }
  }
}

/* ---- evolutions of several layers ---- */

static NetEvolution magnitude (double share) {
  NetEvolution how = { .rule = evolution_set(share, NULL), .first = 0, .last = 3, .number = 1 };
  assert_true(prune_find("magnitude", &how.rule.prune));
  return how;
}

static int64_t all_links (const Net *net) {
  int64_t links = 0;
  for (int32_t l = 0; l < 3; l++) links += net_links(net, l);
  return links;
}

/* Links of all layers whose |w| is among the `stay` largest. */
static int64_t naive_global (Net *net, int32_t layer, int64_t stay) {
  int64_t kept = 0;
  for (int64_t k = 0; k < net_links(net, layer); k++) {
    int64_t before = 0;
    for (int32_t l = 0; l < 3; l++)
      for (int64_t m = 0; m < net_links(net, l); m++) {
        float a = fabsf(net_weights(net, l)[m]), b = fabsf(net_weights(net, layer)[k]);
        before += a > b || (a == b && (l < layer || (l == layer && m < k)));
      }
    kept += before < stay;
  }
  return kept;
}

/* GraNet: a global cut, then a drop in each layer, then as many grow. */
static void test_cut_then_drop (void **state) {
  (void)state;
  for (int together = 0; together <= 1; together++) {
    Net *net = make_net(&plain);
    Data *data = data_of(&plain);
    Change change[4];
    int64_t before[3], cut_to[3], total = all_links(net), wanted[3];
    NetEvolution how = magnitude(0.25);
    how.rule.pruning.round_up = 1;
    how.rule.grow = grow_find("gradient");
    how.changes = change;
    assert_true(prune_find("magnitude", &how.rule.cut));
    how.rule.cutting = (PruneOptions){ .stay = total * 3 / 4 };
    how.cut_together = together;
    for (int32_t l = 0; l < 3; l++) {
      before[l] = net_links(net, l);
      cut_to[l] = before[l] * 2 / 3;
      wanted[l] = together ? naive_global(net, l, total * 3 / 4) : cut_to[l];
    }
    if (!together) how.cut_to = cut_to;
    assert_int_equal(net_evolution_needs(&how), NEEDS_VALUES);
    Probe *p = net_probe(net, data, NULL, 1, rows_of(0), BATCH, NEEDS_VALUES);
    assert_true(net_evolve(net, &how, p) >= 0);
    net_probe_free(p);
    assert_whole(net);
    for (int32_t l = 0; l < 3; l++) {
      assert_int_equal(net_links(net, l), wanted[l]);
      assert_int_equal(change[l].cut, before[l] - wanted[l]);
      assert_int_equal(change[l].dropped, (int64_t)ceil(0.25 * (double)wanted[l]));
      assert_int_equal(change[l].grown, change[l].dropped);
    }
    assert_int_equal(change[3].grown, 0);
    data_free(data);
    net_free(net);
  }
}

/* MEST's EM&S: each layer its own numbers of links that stay and that there are afterwards. */
static void test_band (void **state) {
  (void)state;
  Net *net = make_net(&plain);
  int64_t stay[4], links[4];
  for (int32_t l = 0; l < 4; l++) {
    stay[l] = net_links(net, l) / 2;
    links[l] = net_links(net, l) * (l == 1 ? 2 : 3) / (l == 1 ? 1 : 4);
  }
  NetEvolution how = magnitude(0);
  Change change[4];
  how.stay = stay;
  how.links = links;
  how.changes = change;
  assert_true(net_evolve(net, &how, NULL) > 0);
  assert_whole(net);
  for (int32_t l = 0; l < 3; l++) {
    assert_int_equal(net_links(net, l), links[l]);
    assert_int_equal(change[l].grown, links[l] - stay[l]);
  }
  net_free(net);
}

/* Links move between layers: as many in all, in proportion to what is left, to gradients or to momenta. */
static void test_moving_between_layers (void **state) {
  (void)state;
  for (int shared = SHARE_LEFT; shared <= SHARE_MOMENTUM; shared++)
    for (int rule = 0; rule < 2; rule++) {
      Net *net = make_net(&plain);
      Data *data = data_of(&plain);
      Change change[4];
      for (int32_t l = 0; l < 3; l++)
        for (int64_t k = 0; k < net_links(net, l); k++) net_sparse(net, l)->momentum[k] = (float)((k % 5) * (l + 1));
      NetEvolution how = magnitude(0.3);
      how.changes = change;
      how.shared_out = shared;
      how.together = rule == 0;
      how.percolate = rule;
      if (rule) {
        assert_true(prune_find("threshold", &how.rule.prune));
        how.rule.pruning.threshold = 0.1;
      }
      int64_t total = all_links(net);
      Probe *p = net_probe(net, data, NULL, 1, rows_of(0), BATCH, net_evolution_needs(&how));
      assert_true(net_evolve(net, &how, p) > 0);
      net_probe_free(p);
      assert_whole(net);
      assert_int_equal(all_links(net), total);
      int64_t gone = 0, come = 0;
      for (int32_t l = 0; l < 3; l++) gone += change[l].dropped + change[l].percolated, come += change[l].grown;
      assert_int_equal(gone, come);
      data_free(data);
      net_free(net);
    }
}

/* A missing cell's |dL/dw|, and its layer. */
typedef struct Offer { double g; int32_t layer; } Offer;

static int by_gradient (const void *a, const void *b) {
  double x = ((const Offer *)a)->g, y = ((const Offer *)b)->g;
  return (x < y) - (x > y);
}

/* The cells without a link that stays; those of a magnitude below `least` go. Returns how many links stay. */
static int64_t offer_missing (const View *view, int32_t layer, float least, Offer *offer, int64_t *n) {
  const Sparse *W = view->W;
  int64_t kept = 0;
  for (int32_t i = 0; i < W->n_in; i++) {
    int64_t k = W->ptr[i];
    for (int32_t o = 0; o < W->n_out; o++) {
      int linked = k < W->ptr[i + 1] && W->to[k] == o, stays = linked && fabsf(W->w[k]) >= least;
      double g = 0;
      for (int32_t b = 0; b < view->batch; b++) g += (double)view->x[(size_t)i * view->stride + (size_t)b] * (double)view->dy[(size_t)o * view->stride + (size_t)b];
      if (!stays) offer[(*n)++] = (Offer){ fabs(g), layer };
      kept += stays;
      k += linked;
    }
  }
  return kept;
}

/* The magnitude from which on links stay when `drop` go. */
static float least_kept (const Sparse *W, int64_t drop) {
  for (int64_t k = 0; k < W->links; k++) {
    int64_t below = 0;
    for (int64_t j = 0; j < W->links; j++) below += fabsf(W->w[j]) < fabsf(W->w[k]);
    if (below == drop) return fabsf(W->w[k]);
  }
  return 0;
}

/* GSE over the whole net: links grow where the gradients of all layers are largest. */
static void test_growing_together (void **state) {
  (void)state;
  static Offer offer[30 * 40 + 40 * 25 + 25 * 35];
  int64_t wiring[3], n = 0, lost = 0;
  for (int threads = 1; threads <= 2; threads++) {
    Recipe r = plain;
    r.threads = threads;
    Net *net = make_net(&r);
    Data *data = data_of(&r);
    NetEvolution how = magnitude(0.3);
    how.last = 2;
    how.rule.grow = grow_find("gradient");
    how.shared_out = SHARE_BEST;
    Probe *p = net_probe(net, data, NULL, 1, rows_of(0), BATCH, NEEDS_VALUES);
    n = lost = 0;
    for (int32_t l = 0; l < 3; l++) {
      View view = net_probe_view(p, l);
      int64_t drop = (int64_t)(0.3 * (double)view.W->links);
      wiring[l] = offer_missing(&view, l, least_kept(view.W, drop), offer, &n);
      assert_int_equal(view.W->links - wiring[l], drop);
      lost += drop;
    }
    qsort(offer, (size_t)n, sizeof *offer, by_gradient);
    for (int64_t c = 0; c < lost; c++) wiring[offer[c].layer]++;
    assert_true(net_evolve(net, &how, p) > 0);
    net_probe_free(p);
    assert_whole(net);
    for (int32_t l = 0; l < 3; l++) assert_int_equal(net_links(net, l), wiring[l]);
    data_free(data);
    net_free(net);
  }
}

/* A threshold that all links are below leaves each layer its strongest. */
static void test_one_link_stays (void **state) {
  (void)state;
  Net *net = make_net(&plain);
  NetEvolution how = magnitude(0.3);
  assert_true(prune_find("threshold", &how.rule.prune));
  how.rule.pruning.threshold = 1e9;
  how.rule.grow = NULL;
  how.shared_out = SHARE_LEFT;
  how.last = 2;
  float strongest[3] = { 0 };
  for (int32_t l = 0; l < 3; l++)
    for (int64_t k = 0; k < net_links(net, l); k++) strongest[l] = fmaxf(strongest[l], fabsf(net_weights(net, l)[k]));
  assert_int_equal(net_evolve(net, &how, NULL), 0);
  for (int32_t l = 0; l < 3; l++) {
    assert_int_equal(net_links(net, l), 1);
    assert_true(fabsf(net_weights(net, l)[0]) == strongest[l]);
  }
  net_free(net);
}

/* ---- what is not finite ---- */

static void test_diverged (void **state) {
  (void)state;
  for (int what = 0; what < 3; what++) {
    Net *net = make_net(&plain), *same = make_net(&plain);
    Data *data = data_of(&plain);
    NetEvolution how = magnitude(0.3);
    how.rule.grow = grow_find("gradient");
    if (what == 0) net_weights(net, 1)[3] = net_weights(same, 1)[3] = NAN;
    if (what == 1) net_weights(net, 3)[0] = net_weights(same, 3)[0] = NAN;   /* of a dense layer: the loss tells */
    if (what == 2) data->f32[rows_of(0)[2] * data->n_features] = HUGE_VALF;
    Probe *p = net_probe(net, data, NULL, 1, rows_of(0), BATCH, NEEDS_VALUES | NEEDS_GRADIENTS);
    assert_int_equal(net_evolve(net, &how, p), NET_EVOLVE_DIVERGED);
    net_probe_free(p);
    for (int32_t l = 0; l < 3; l++) assert_same_layer(net_sparse(net, l), net_sparse(same, l));
    data_free(data);
    net_free(net);
    net_free(same);
  }
}

/* ---- a change from outside ---- */

static void test_given (void **state) {
  (void)state;
  Recipe r = plain;
  r.size[2] = 0;
  Net *net = make_net(&r);
  const Sparse *W = net_sparse(net, 0);
  char why[NET_REWIRE_WHY];
  uint8_t keep[2000];
  int32_t from[40], to[40];
  float weight[40];
  int64_t links = W->links, count = 0, dropped = -1;
  assert_true(net_keep_history(net, 1, 1));
  for (int64_t k = 0; k < links; k++) keep[k] = k % 10 != 3;
  for (int64_t k = 0; k < links; k++) W->momentum[k] = (float)(k + 1);
  for (int32_t i = W->n_in - 1; i >= 0 && count < 9; i--)   /* free cells, from behind */
    for (int32_t o = 0; o < W->n_out && count < 9; o += 11) {
      int64_t k = W->ptr[i];
      while (k < W->ptr[i + 1] && W->to[k] != o) k++;
      if (k < W->ptr[i + 1]) continue;
      from[count] = i, to[count] = o, weight[count] = (float)count + 0.5f;
      count++;
    }
  for (int32_t i = 0; i < W->n_in && dropped < 0; i++)   /* and one that is dropped */
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++)
      if (k == 13) dropped = k, from[count] = i, to[count] = W->to[k], weight[count++] = 77;
  float old = W->w[13];
  GivenChange given = { .keep = keep, .count = count, .from = from, .to = to, .weight = weight };

  /* What is wrong with a change. */
  struct { int64_t k; int32_t from, to; float w; const char *says; } wrong[] = {
    { 4, W->n_in, 0, 1, "link 5 goes from unit 31 to unit 1, and the layer has 30 input and 40 output units" },
    { 4, 0, -1, 1, "link 5 goes from unit 1 to unit 0, and the layer" },
    { 6, from[2], to[2], 1, "is given twice" },
    { 3, from[3], to[3], NAN, "the weight of link 4, from unit" },
    { 8, 0, 0, 1, "is there already" } };
  int64_t kept = 0;
  while (!keep[kept]) kept++;
  for (int32_t i = 0; i < W->n_in; i++)
    if (W->ptr[i] <= kept && kept < W->ptr[i + 1]) wrong[4].from = i, wrong[4].to = W->to[kept];
  for (int n = 0; n < 5; n++) {
    int32_t f = from[wrong[n].k], t = to[wrong[n].k];
    float w = weight[wrong[n].k];
    from[wrong[n].k] = wrong[n].from, to[wrong[n].k] = wrong[n].to, weight[wrong[n].k] = wrong[n].w;
    assert_int_equal(net_check_given(net, 0, &given, why), 0);
    assert_int_equal(net_rewire_given(net, 0, &given, 3, why), -1);
    if (!strstr(why, wrong[n].says)) fail_msg("%s: %s", wrong[n].says, why);
    assert_int_equal(W->links, links);
    assert_whole(net);
    from[wrong[n].k] = f, to[wrong[n].k] = t, weight[wrong[n].k] = w;
  }

  /* And one that is right, without weights: the dropped link comes back as it was. */
  given.restores = 1;
  given.weight = NULL;
  assert_int_equal(net_check_given(net, 0, &given, why), 1);
  int64_t born = net_rewire_given(net, 0, &given, 3, why), gone = 0;
  for (int64_t k = 0; k < links; k++) gone += !keep[k];
  assert_int_equal(born, count - 1);
  assert_int_equal(W->links, links - gone + count);
  assert_whole(net);
  int found = 0;
  for (int32_t i = 0; i < W->n_in; i++)
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++)
      for (int64_t c = 0; c < count; c++) {
        if (from[c] != i || to[c] != W->to[k]) continue;
        found++;
        int back = c == count - 1;
        assert_true((back ? W->w[k] == old : W->w[k] == 0 || given.init) && W->momentum[k] == (back ? 14.0f : 0));
        assert_int_equal(net_births(net, 0)[k], back ? 0 : 3);
      }
  assert_int_equal(found, count);
  assert_int_equal(net_cells_tried(net, 0), links + count - 1);
  /* With weights it has the one that is given. */
  given = (GivenChange){ .keep = memset(keep, 0, sizeof keep), .count = count, .from = from, .to = to, .weight = weight, .restores = 1 };
  assert_int_equal(net_rewire_given(net, 0, &given, 3, why), count);
  for (int32_t i = 0; i < W->n_in; i++)
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++)
      for (int64_t c = 0; c < count; c++) assert_true(from[c] != i || to[c] != W->to[k] || (W->w[k] == weight[c] && W->momentum[k] == 0));
  /* All links go, and those given come, by the rule of initial weights. */
  memset(keep, 0, sizeof keep);
  given = (GivenChange){ .keep = keep, .count = count, .from = from, .to = to, .init = init_find("he_uniform") };
  assert_int_equal(net_rewire_given(net, 0, &given, 4, why), count);
  assert_int_equal(W->links, count);
  assert_whole(net);
  for (int64_t k = 0; k < count; k++) assert_true(W->w[k] != 0 && W->momentum[k] == 0 && net_births(net, 0)[k] == 4);
  given = (GivenChange){ .count = 0 };
  assert_int_equal(net_rewire_given(net, 0, &given, 5, why), 0);
  assert_int_equal(W->links, count);
  net_free(net);
}

/* ---- memory ---- */

static NetEvolution some_rule (int n) {
  static const char *const grow[] = { "random", "unfired", "gradient", "likeness", "cannistraci", "fan-in", "gradient",
                                      "gradient", "random", "cannistraci" };
  NetEvolution how = magnitude(0.3);
  how.last = 2;
  how.rule.grow = grow_find(grow[n]);
  how.rule.growing.paths = cannistraci_find("CH3-L3p");
  how.rule.growing.gamma = 0.3;
  if (n == 6) how.rule.growing.subset = 1;
  if (n == 7 || n == 8) how.rule.growing.within = 1;
  if (n == 9) how.percolate = 2, how.together = 1, prune_find("relative importance", &how.rule.prune);
  return how;
}

enum { RULES = 10 };

/* The plan is what is claimed, or little more, since the plan takes the worst of what a rule may do; percolation may
** take some links that nobody foresees. */
static void test_plan (void **state) {
  (void)state;
  Recipe r = { { 200, 300, 100, 250, 4 }, { 0.1, 0.1, 0.15, 1 }, "relu", "linear", "cross_entropy", 0, 5, 1, NULL, 0, 0, { 0, 0 }, 0, RULE_SGD, { 0 } };
  Data *data = data_of(&r);
  for (int n = 0; n < RULES; n++)
    for (int threads = 1; threads <= 2; threads++) {
      r.threads = threads;
      Net *net = make_net(&r);
      if (n == 1) assert_true(net_keep_history(net, 0, 1));
      NetEvolution how = some_rule(n);
      int needs = net_evolution_needs(&how);
      NetUse use = { .threads = threads, .batch = BATCH, .samples = 1, .how = &how, .probed = BATCH };
      assert_true(net_reserve(net, BATCH));
      uint64_t plan = net_plan_more(net, &use), before = mem_held();
      mem_mark();
      Probe *p = needs ? net_probe(net, data, NULL, 1, rows_of(0), BATCH, needs) : NULL;
      assert_true(net_evolve(net, &how, p) >= 0);
      net_probe_free(p);
      uint64_t peak = mem_peak() - before;
      if ((double)peak > 1.05 * (double)plan || (double)peak < 0.6 * (double)plan)
        fail_msg("rule %d: %lld bytes, planned %lld", n, (long long)peak, (long long)plan);
      net_free(net);
    }
  data_free(data);
}

#ifdef LAB_FAIL_ALLOC
/* Each layer is as it was, or as it is to be. */
static void test_no_memory (void **state) {
  (void)state;
  Data *data = data_of(&plain);
  for (int n = 0; n < RULES; n++) {
    NetEvolution how = some_rule(n);
    int needs = net_evolution_needs(&how);
    int64_t born = -1;
    for (long at = 1; born < 0; at++) {
      Net *net = make_net(&plain);
      mem_fail_at(at);
      Probe *p = needs ? net_probe(net, data, NULL, 1, rows_of(0), BATCH, needs) : NULL;
      born = needs && !p ? -1 : net_evolve(net, &how, p);
      mem_fail_at(0);
      assert_true(born >= 0 || born == NET_EVOLVE_NO_MEMORY);
      net_probe_free(p);
      assert_whole(net);
      net_free(net);
    }
  }
  Net *net = make_net(&plain);
  int32_t from[2] = { 0, 1 }, to[2] = { 0, 1 };
  uint8_t keep[2000] = { 0 };
  GivenChange given = { .keep = keep, .count = 2, .from = from, .to = to };
  char why[NET_REWIRE_WHY];
  int64_t links = net_links(net, 0), born = -1;
  for (long at = 1; born < 0; at++) {
    assert_int_equal(net_links(net, 0), links);
    mem_fail_at(at);
    born = net_rewire_given(net, 0, &given, 1, why);
    mem_fail_at(0);
    if (born < 0) assert_string_equal(why, "not enough memory");
  }
  assert_int_equal(net_links(net, 0), 2);
  net_free(net);
  data_free(data);
}
#endif

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_probe),
    cmocka_unit_test(test_probes_alike),
    cmocka_unit_test(test_shares),
    cmocka_unit_test(test_cut_then_drop),
    cmocka_unit_test(test_band),
    cmocka_unit_test(test_moving_between_layers), cmocka_unit_test(test_growing_together),
    cmocka_unit_test(test_one_link_stays),
    cmocka_unit_test(test_diverged),
    cmocka_unit_test(test_given),
    cmocka_unit_test(test_plan),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(test_no_memory),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("evolution", tests, NULL, NULL);
}
