/*
** Epochs of training: against the twin in double precision and ten losses written down, the
** same bits for any number of threads, and random streams that do not disturb each other.
*/
#include "turnover/net_evolve.h"
#include "net_fixture.h"

/* ---- against the twin ---- */

/* Two epochs by the net and, in the order that net.h promises, by the twin. Smaller batches in
** the second: what the first left in columns now unused must not count. */
static void check_training (const Recipe *r, const Protocol *protocol, int32_t n, DataType type) {
  static Twin twin;
  Protocol p = *protocol;
  Net *net = make_net(r);
  Data *d = make_data(n, r->size[0], r->size[recipe_layers(r)], type, 6);
  int32_t order[256], winner;
  twin_copy(&twin, net, r);
  for (int32_t epoch = 1; epoch <= 2; epoch++) {
    EpochResult result;
    if (epoch == 2 && p.batch > 5) p.batch -= 3;
    assert_int_equal(net_train_epoch(net, d, &p, epoch, NULL, NULL, &result), NET_OK);
    Rng rng;
    rng_seed(&rng, r->seed, RNG_ORDER | (uint64_t)epoch << 8);
    rng_shuffle(&rng, order, n);
    double loss = 0, hits = 0;
    int32_t batch = p.batch < n ? p.batch : n, samples = n / batch * batch;  /* the rest waits */
    for (int32_t s = 0; s < samples; s++) {
      loss += twin_forward(&twin, d, order[s], &winner) / samples;
      hits += winner == d->label[order[s]];
      twin_backward(&twin);
      if ((s + 1) % batch == 0) twin_update(&twin, &p, batch);
    }
    assert_int_equal(result.samples, samples);
    assert_true(fabs(result.loss - loss) < 1e-5 * (1 + loss));
    assert_true(fabs(result.accuracy - hits / samples) < 1e-9);
    assert_true(result.seconds >= 0);
  }
  for (int32_t l = 0; l < twin.layers; l++) {
    const Sparse *W = net_sparse(net, l);
    for (int32_t i = 0; i < twin.rows[l]; i++)
      for (int64_t k = W ? W->ptr[i] : 0; k < (W ? W->ptr[i + 1] : twin.size[l + 1]); k++) {
        int32_t o = W ? W->to[k] : (int32_t)k;
        double got = (double)(W ? W->w[k] : net_weights(net, l)[o * twin.rows[l] + i]), want = twin.w[l][i][o];
        if (fabs(got - want) > 1e-5 * (1 + fabs(want))) fail_msg("layer %d, %d to %d: got %.8g, want %.8g", (int)l, (int)i, (int)o, got, want);
      }
    for (int32_t o = 0; o < twin.size[l + 1]; o++) assert_true(fabs((double)net_bias(net, l)[o] - twin.b[l][o]) < 1e-5);
    for (int32_t k = 0; k < net_parameters(net, l); k++)
      for (int32_t o = 0; o < twin.size[l + 1]; o++) {
        double got = (double)net_parameter(net, l)[k * twin.size[l + 1] + o], want = twin.p[l][k][o];
        if (fabs(got - want) > 1e-5) fail_msg("layer %d, %s of %d: got %.8g, want %.8g", (int)l, net_parameter_name(net, l, k), (int)o, got, want);
      }
  }
  assert_null(net_check(net));
  data_free(d);
  net_free(net);
}

static void test_like_the_twin (void **state) {
  (void)state;
  static const double mixes[3][3] = { { 0.3, 0.3, 1 }, { 1, 1, 1 }, { 0.4, 1, 0.5 } };
  static const char *const hidden[] = { "tanh", "srelu", "relu", "all_relu", "sigmoid", "srelu", "leaky_relu" };
  for (int decay = 0; decay < 3; decay++)
    for (int nesterov = 0; nesterov <= 1; nesterov++)
      for (int mix = 0; mix < 3; mix++) {
        Recipe r = { .size = { 20, 31, 26, 4 }, .hidden = hidden[(3 * (2 * decay + nesterov) + mix) % 7], .output = decay == 1 ? "srelu" : "sigmoid", .threads = 1 + mix,
                     .loss = nesterov ? "mse" : "cross_entropy", .seed = (uint64_t)(10 * decay + mix) };
        memcpy(r.density, mixes[mix], sizeof mixes[mix]);
        Protocol p = { .batch = 12, .rate = 0.05f, .momentum = 0.9f, .weight_decay = decay == 0 ? 2e-3f : 0.05f, .decay = (Decay)decay, .nesterov = nesterov };
        check_training(&r, &p, 101, mix == 1 ? DATA_U8 : DATA_F32);
      }
}

/* Skip links: layers that read the inputs, too. */
static void test_like_the_twin_with_skips (void **state) {
  (void)state;
  static const double mixes[4][3] = { { 0.3, 0.3, 1 }, { 1, 1, 1 }, { 0.4, 1, 0.5 }, { 1, 0.3, 0.4 } };
  static const char *const hidden[] = { "relu", "srelu", "tanh", "all_relu" };
  for (int skip = 1; skip < 4; skip++)
    for (int mix = 0; mix < 4; mix++)
      for (int decay = 0; decay < 2; decay++) {
        Recipe r = { .size = { 13, 31, 26, 4 }, .hidden = hidden[(skip + mix + decay) % 4], .output = "sigmoid", .threads = 1 + (mix + skip) % 3,
                     .loss = skip == 2 ? "mse" : "cross_entropy", .seed = (uint64_t)(10 * skip + mix), .skip = { 0, skip & 1, skip >> 1 } };
        memcpy(r.density, mixes[mix], sizeof mixes[mix]);
        Protocol p = { .batch = decay ? 12 : 40, .rate = 0.05f, .momentum = 0.9f, .weight_decay = 2e-3f, .decay = (Decay)decay };
        check_training(&r, &p, 101, mix == 1 ? DATA_U8 : DATA_F32);
      }
}

/* Batches of one, of all, of more than all, and of what fills no vector. */
static void test_odd_batches (void **state) {
  (void)state;
  const int32_t batch[] = { 1, 2, 7, 8, 9, 33, 100, 101, 5000 };
  for (int b = 0; b < 9; b++) {
    Recipe r = { .size = { 15, 24, 5 }, .density = { 0.4, b % 2 ? 1 : 0.5 }, .hidden = "tanh", .output = "linear", .loss = "cross_entropy", .seed = 3, .threads = 2 };
    Protocol p = { .batch = batch[b], .rate = 0.02f, .momentum = 0.5f };
    check_training(&r, &p, 100, DATA_F32);
  }
}

/* ---- ten losses ---- */

/* Computed by a Python program of nested loops in double precision that shares nothing with the
** engine. 6 samples of 4 features, x[i][f] = ((5i + 3f) mod 8) / 8, class i mod 3. Net 4-5-3, tanh,
** softmax, cross entropy. Layer 1 links i to o where i + o is even, with w = ((7i + 3o) mod 11 - 5)
** / 10; layer 2 is dense with w = ((2i + 5o) mod 7 - 3) / 8; biases 0. One batch of all six an
** epoch, rate 0.5, momentum 0.9, decay 2e-4 a step. */
static const double ten_losses[] = {
  1.09394263, 1.08071991, 1.06405844, 1.04973380, 1.03539807,
  1.01561244, 0.98747005, 0.95291985, 0.91600074, 0.87495111 };

static Net *ten_losses_net (int threads) {
  int32_t from[20], to[20], n = 0;
  for (int32_t i = 0; i < 4; i++)
    for (int32_t o = i % 2; o < 5; o += 2, n++) {
      from[n] = i;
      to[n] = o;
    }
  Rng rng;
  rng_seed(&rng, 1, RNG_WEIGHTS);
  const char *why;
  LayerSpec spec[2] = { { .activation = "tanh", .slope = NAN }, { .activation = "linear", .slope = NAN } };
  spec[0].sparse = wiring_given(4, 5, n, from, to, init_find("normal"), &rng, &why);
  spec[1].dense = dense_new(5, 3, init_find("normal"), &rng);
  for (int32_t k = 0; k < n; k++) spec[0].sparse->w[k] = (float)((7 * from[k] + 3 * to[k]) % 11 - 5) / 10;
  for (int32_t o = 0; o < 3; o++)
    for (int32_t i = 0; i < 5; i++) spec[1].dense->w[o * 5 + i] = (float)((2 * i + 5 * o) % 7 - 3) / 8;
  Net *net = net_new(2, spec, "cross_entropy", 1, threads, NULL, &why);
  if (!net) fail_msg("%s", why);
  return net;
}

static void test_ten_losses (void **state) {
  (void)state;
  for (int threads = 1; threads <= 2; threads++) {
    Net *net = ten_losses_net(threads);
    Data *d = data_new(6, 4, DATA_F32);
    d->n_classes = 3;
    for (int32_t i = 0; i < 6; i++) {
      d->label[i] = i % 3;
      for (int32_t f = 0; f < 4; f++) d->f32[i * 4 + f] = (float)((5 * i + 3 * f) % 8) / 8;
    }
    Protocol p = { .batch = 6, .rate = 0.5f, .momentum = 0.9f, .weight_decay = 2e-4f, .decay = DECAY_STEP };
    for (int32_t epoch = 1; epoch <= 10; epoch++) {
      EpochResult result;
      assert_int_equal(net_train_epoch(net, d, &p, epoch, NULL, NULL, &result), NET_OK);
      if (fabs(result.loss - ten_losses[epoch - 1]) > 2e-6) fail_msg("epoch %d: %.8f, want %.8f", (int)epoch, result.loss, ten_losses[epoch - 1]);
    }
    data_free(d);
    net_free(net);
  }
}

/* ---- the same bits ---- */

enum { EPOCHS = 5 };
typedef struct Trace { double loss[EPOCHS], accuracy[EPOCHS], test_loss, test_accuracy; int64_t replaced[EPOCHS], links; float *w; } Trace;

static Trace train_trace (const Recipe *r, int32_t batch, int32_t n) {
  Trace t;
  memset(&t, 0, sizeof t);
  Net *net = make_net(r);
  int32_t L = net_layers(net);
  Data *d = make_data(n, net_units(net, 0), net_units(net, L), DATA_U8, 1), *test = make_data(77, net_units(net, 0), net_units(net, L), DATA_U8, 2);
  Protocol p = { .batch = batch, .rate = 0.05f, .momentum = 0.9f, .weight_decay = 2e-4f, .nesterov = batch % 2 };
  Evolution rule = evolution_set(0.3, init_find("he_uniform"));
  for (int32_t epoch = 1; epoch <= EPOCHS; epoch++) {
    EpochResult result;
    if (epoch > 1) t.replaced[epoch - 1] = net_evolve_layers(net, 0, L - 1, &rule, epoch);
    assert_null(net_check(net));
    assert_int_equal(net_train_epoch(net, d, &p, epoch, NULL, NULL, &result), NET_OK);
    t.loss[epoch - 1] = result.loss;
    t.accuracy[epoch - 1] = result.accuracy;
  }
  assert_int_equal(net_evaluate(net, test, NULL, NULL, &t.test_loss, &t.test_accuracy), NET_OK);
  t.w = all_parameters(net, &t.links);
  data_free(d);
  data_free(test);
  net_free(net);
  return t;
}

static void check_threads (Recipe r, int32_t batch) {
  r.threads = 1;
  Trace one = train_trace(&r, batch, 203);
  assert_true(one.loss[0] != one.loss[1] && one.replaced[1] >= 0);
  for (r.threads = 2; r.threads <= 4; r.threads++) {
    Trace many = train_trace(&r, batch, 203);
    assert_true(many.links == one.links);
    assert_memory_equal(many.w, one.w, (size_t)one.links * sizeof *one.w);
    mem_free(many.w);
    many.w = one.w;
    assert_memory_equal(&many, &one, sizeof one);
  }
  mem_free(one.w);
}

static void test_threads_do_not_matter (void **state) {
  (void)state;
  const int32_t batch[] = { 40, 37, 128 };
  static const char *const hidden[] = { "relu", "tanh", "srelu", "all_relu" };
  static const double mixes[3][4] = { { 0.1, 0.2, 0.5, 0.3 }, { 1, 1, 1, 1 }, { 0.1, 1, 0.3, 1 } };
  for (int b = 0; b < 3; b++)
    for (int mix = 0; mix < 3; mix++) {
      Recipe r = { .size = { 50, 200, 130, 40, 10 }, .hidden = hidden[(b + mix) % 4], .output = "sigmoid", .dropout = 0.2f,
                   .loss = mix == 2 ? "mse" : "cross_entropy", .seed = 5 };
      memcpy(r.density, mixes[mix], sizeof mixes[mix]);
      check_threads(r, batch[b]);
      r.bf16 = 1;
      check_threads(r, batch[b]);
    }
}

/* More threads than units, one unit a layer, inputs that nothing listens to. */
static void test_more_threads_than_units (void **state) {
  (void)state;
  Recipe r = { .size = { 3, 2, 3, 2 }, .density = { 0.6, 1, 0.7 }, .hidden = "tanh", .output = "linear", .loss = "cross_entropy", .seed = 9, .dropout = 0.1f };
  check_threads(r, 10);
}

/* Instruction sets round differently; what is learnt must be nearly the same. */
static void test_instruction_sets_agree (void **state) {
  (void)state;
  Recipe r = { .size = { 50, 60, 10 }, .density = { 0.2, 0.5 }, .hidden = "tanh", .output = "linear", .loss = "cross_entropy", .seed = 5, .isa = "portable" };
  Trace plain = train_trace(&r, 40, 203);
  const char *const others[] = { "avx2", "avx512" };
  for (int i = 0; i < 2; i++) {
    if (!kernels_choose(others[i])) continue;
    r.isa = others[i];
    Trace t = train_trace(&r, 40, 203);
    assert_true(fabs(t.loss[0] - plain.loss[0]) < 1e-4 && fabs(t.test_loss - plain.test_loss) < 0.2);
    mem_free(t.w);
  }
  mem_free(plain.w);
}

/* ---- streams ---- */

/* A net whose last layer's weights are 0 and whose rate is 0 answers by its biases alone: the loss
** of a batch tells which classes are in it, and so the order, whatever happens below. */
typedef struct Batches { double mean[64]; int n; } Batches;

static int note_loss (void *context, double share, double loss) {
  Batches *b = context;
  assert_true(share > 0 && share <= 1);
  b->mean[b->n++] = loss;
  return 0;
}

static Batches batches_seen (float dropout, int evolves, double density, uint64_t seed) {
  Recipe r = { .size = { 30, 20, 8 }, .density = { density, 1 }, .hidden = "relu", .output = "linear", .loss = "cross_entropy", .seed = seed, .dropout = dropout, .threads = 2 };
  Net *net = make_net(&r);
  Data *d = make_data(203, 30, 8, DATA_U8, 1);
  Protocol p = { .batch = 10 };
  Evolution rule = evolution_set(0.3, init_find("he_uniform"));
  Batches seen = { .n = 0 };
  memset(net_weights(net, 1), 0, (size_t)net_links(net, 1) * sizeof(float));
  for (int32_t epoch = 1; epoch <= 3; epoch++) {
    EpochResult result;
    if (evolves && epoch > 1) assert_true(net_evolve_layers(net, 0, 0, &rule, epoch) > 0);
    assert_int_equal(net_train_epoch(net, d, &p, epoch, note_loss, &seen, &result), NET_OK);
  }
  assert_int_equal(seen.n, 60);
  data_free(d);
  net_free(net);
  return seen;
}

static void test_arms_see_the_same_batches (void **state) {
  (void)state;
  Batches plain = batches_seen(0, 0, 0.3, 1), evolved = batches_seen(0, 1, 0.3, 1), dropped = batches_seen(0.5f, 1, 0.3, 1);
  Batches dense = batches_seen(0, 0, 1, 1), other = batches_seen(0, 0, 0.3, 2);
  assert_memory_equal(&plain, &evolved, sizeof plain);
  assert_memory_equal(&plain, &dropped, sizeof plain);
  assert_memory_equal(&plain, &dense, sizeof plain);
  assert_memory_not_equal(&plain, &other, sizeof plain);
  assert_memory_not_equal(plain.mean, plain.mean + 20, 20 * sizeof *plain.mean);  /* each epoch has its own order */
}

/* An epoch in slices is the same epoch: samples, masks, weights. */
static void test_slices_of_an_epoch (void **state) {
  (void)state;
  Recipe r = { .size = { 30, 40, 5 }, .density = { 0.2, 1 }, .hidden = "relu", .output = "linear", .loss = "cross_entropy", .seed = 1, .dropout = 0.3f, .threads = 2 };
  Net *whole = make_net(&r), *sliced = make_net(&r);
  Data *d = make_data(203, 30, 5, DATA_U8, 1);
  Protocol p = { .batch = 10, .rate = 0.05f, .momentum = 0.9f };
  EpochResult all, part;
  assert_int_equal(net_train_epoch(whole, d, &p, 1, NULL, NULL, &all), NET_OK);
  int64_t samples = 0;
  double loss = 0;
  for (p.first_step = 0; p.first_step < 20; p.first_step += p.steps) {
    p.steps = p.first_step == 0 ? 1 : 7;
    assert_int_equal(net_train_epoch(sliced, d, &p, 1, NULL, NULL, &part), NET_OK);
    samples += part.samples;
    loss += part.loss * (double)part.samples;
  }
  assert_true(samples == all.samples && fabs(loss / (double)samples - all.loss) < 1e-9);
  int64_t n, m;
  for (p.first_step = 20; p.first_step <= 21; p.first_step++) {  /* 20 batches are in an epoch: nothing is left to do */
    assert_int_equal(net_train_epoch(sliced, d, &p, 1, NULL, NULL, &part), NET_OK);
    assert_true(part.samples == 0 && part.loss == 0 && part.accuracy == 0);
  }
  float *w = all_parameters(whole, &n), *v = all_parameters(sliced, &m);
  assert_true(n == m);
  assert_memory_equal(w, v, (size_t)n * sizeof *w);
  mem_free(w);
  mem_free(v);
  data_free(d);
  net_free(whole);
  net_free(sliced);
}

/* Each layer and each epoch rewires from a stream of its own. */
static void test_evolution_streams (void **state) {
  (void)state;
  Recipe r = { .size = { 40, 40, 40, 5 }, .density = { 0.2, 0.2, 0.2 }, .hidden = "relu", .output = "linear", .loss = "cross_entropy", .seed = 1, .threads = 2 };
  Evolution rule = evolution_set(0.3, init_find("he_uniform"));
  Net *all = make_net(&r), *last = make_net(&r), *later = make_net(&r);
  assert_true(net_evolve_layers(all, 0, 1, &rule, 2) > net_evolve_layers(last, 1, 1, &rule, 2));
  assert_true(net_evolve_layers(later, 1, 1, &rule, 3) > 0);
  size_t n = (size_t)net_links(all, 1);
  assert_memory_equal(net_sparse(all, 1)->w, net_sparse(last, 1)->w, n * sizeof(float));
  assert_memory_equal(net_sparse(all, 1)->to, net_sparse(last, 1)->to, n * sizeof(int32_t));
  assert_memory_not_equal(net_sparse(all, 1)->to, net_sparse(later, 1)->to, n * sizeof(int32_t));
  assert_memory_equal(net_sparse(last, 0)->to, net_sparse(later, 0)->to, (size_t)net_links(last, 0) * sizeof(int32_t));
  net_free(all);
  net_free(last);
  net_free(later);
}

/* Layers of one shape that lose all their links grow them anew in different places. */
static void test_layers_have_their_own_streams (void **state) {
  (void)state;
  Recipe r = { .size = { 40, 40, 40, 5 }, .density = { 0.1, 0.1, 1 }, .hidden = "relu", .output = "linear", .loss = "cross_entropy", .seed = 1 };
  Net *net = make_net(&r);
  Evolution rule = evolution_set(0, init_find("normal"));
  uint8_t keep[1600] = { 0 }, linked[1600] = { 0 };
  int shared = 0;
  for (int32_t l = 0; l < 2; l++) {
    assert_true(net_rewire(net, l, keep, &rule, NULL, 2) == net_links(net, l));
    const Sparse *W = net_sparse(net, l);
    for (int32_t i = 0; i < 40; i++)
      for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) shared += linked[i * 40 + W->to[k]]++;
  }
  assert_true(shared < 50);  /* 16 expected, all of 160 from one stream */
  net_free(net);
}

/* One sample, rate 0: only the masks of dropout can tell one epoch from the next. */
static void test_masks_go_on (void **state) {
  (void)state;
  Recipe r = { .size = { 20, 50, 3 }, .density = { 0.5, 1 }, .hidden = "relu", .output = "linear", .loss = "cross_entropy", .seed = 1, .dropout = 0.5f };
  Net *net = make_net(&r);
  Data *d = make_data(1, 20, 3, DATA_U8, 1);
  Protocol p = { .batch = 1 };
  EpochResult result[3];
  for (int32_t epoch = 1; epoch <= 3; epoch++) assert_int_equal(net_train_epoch(net, d, &p, epoch, NULL, NULL, &result[epoch - 1]), NET_OK);
  assert_true(result[0].loss != result[1].loss && result[1].loss != result[2].loss && result[0].loss != result[2].loss);
  data_free(d);
  net_free(net);
}

/* A caller's own choice of survivors: they stay, the others are replaced, training goes on. */
static void test_rewire (void **state) {
  (void)state;
  Recipe r = { .size = { 30, 40, 5 }, .density = { 0.2, 1 }, .hidden = "relu", .output = "linear", .loss = "cross_entropy", .seed = 1, .threads = 3 };
  Net *net = make_net(&r);
  Data *d = make_data(60, 30, 5, DATA_F32, 1);
  Evolution rule = evolution_set(0, init_find("normal"));
  uint8_t keep[1200];
  int64_t links = net_links(net, 0), gone = 0;
  assert_true(links <= 1200);
  for (int64_t k = 0; k < links; k++) gone += !(keep[k] = k % 4 != 0);
  assert_true(net_rewire(net, 0, keep, &rule, NULL, 2) == gone);
  assert_true(net_links(net, 0) == links);
  assert_null(net_check(net));
  Protocol p = { .batch = 10, .rate = 0.1f };
  EpochResult result;
  assert_int_equal(net_train_epoch(net, d, &p, 2, NULL, NULL, &result), NET_OK);
  assert_null(net_check(net));
  data_free(d);
  net_free(net);
}

/* ---- endings ---- */

static void test_divergence (void **state) {
  (void)state;
  for (int mse = 0; mse <= 1; mse++)
    for (int threads = 1; threads <= 3; threads += 2) {
      Recipe r = { .size = { 20, 30, 5 }, .density = { 0.5, 1 }, .hidden = mse ? "linear" : "relu", .output = "linear", .loss = mse ? "mse" : "cross_entropy", .seed = 1, .threads = threads };
      Net *net = make_net(&r);
      Data *d = make_data(100, 20, 5, DATA_F32, 1);
      Protocol p = { .batch = 10, .rate = 1e20f, .momentum = 0.9f };
      EpochResult result;
      assert_int_equal(net_train_epoch(net, d, &p, 1, NULL, NULL, &result), NET_DIVERGED);
      assert_true(result.samples > 0 && result.samples <= 100 && result.samples % 10 == 0);
      assert_false(isfinite(result.loss));
      data_free(d);
      net_free(net);
    }
}

static int stop_at_fourth (void *context, double share, double loss) {
  (void)share;
  assert_true(isfinite(loss));
  return ++*(int *)context == 4;
}

/* The step under way is finished; afterwards the net trains on as if nothing had been. */
static void test_interruption (void **state) {
  (void)state;
  Recipe r = { .size = { 20, 30, 5 }, .density = { 0.5, 1 }, .hidden = "relu", .output = "linear", .loss = "cross_entropy", .seed = 1, .threads = 2 };
  Net *net = make_net(&r);
  Data *d = make_data(100, 20, 5, DATA_U8, 1);
  Protocol p = { .batch = 10, .rate = 0.05f };
  EpochResult result;
  int ticks = 0;
  assert_int_equal(net_train_epoch(net, d, &p, 1, stop_at_fourth, &ticks, &result), NET_INTERRUPTED);
  assert_int_equal(ticks, 4);
  assert_int_equal(result.samples, 40);
  assert_true(isfinite(result.loss) && result.accuracy >= 0 && result.accuracy <= 1);
  assert_null(net_check(net));
  assert_int_equal(net_train_epoch(net, d, &p, 2, NULL, NULL, &result), NET_OK);
  assert_int_equal(result.samples, 100);
  data_free(d);
  net_free(net);
}

/* Weight decay alone, for a thousand steps: (1 - decay)^steps, subnormals or not. */
static void test_decay_alone (void **state) {
  (void)state;
  Recipe r = { .size = { 10, 10, 2 }, .density = { 0.5, 1 }, .hidden = "relu", .output = "linear", .loss = "mse", .seed = 1 };
  Net *net = make_net(&r);
  Data *d = make_data(1000, 10, 2, DATA_U8, 1);
  Protocol p = { .batch = 1, .rate = 0, .weight_decay = 0.01f, .decay = DECAY_STEP };
  EpochResult result;
  double before = (double)net_weights(net, 0)[3];
  assert_int_equal(net_train_epoch(net, d, &p, 1, NULL, NULL, &result), NET_OK);
  assert_true(fabs((double)net_weights(net, 0)[3] / (before * pow(1 - (double)0.01f, 1000)) - 1) < 1e-3);
  data_free(d);
  net_free(net);
}

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_like_the_twin_with_skips), cmocka_unit_test(test_like_the_twin),          cmocka_unit_test(test_odd_batches),
    cmocka_unit_test(test_ten_losses),             cmocka_unit_test(test_threads_do_not_matter),
    cmocka_unit_test(test_more_threads_than_units), cmocka_unit_test(test_instruction_sets_agree),
    cmocka_unit_test(test_arms_see_the_same_batches), cmocka_unit_test(test_slices_of_an_epoch),
    cmocka_unit_test(test_evolution_streams),
    cmocka_unit_test(test_layers_have_their_own_streams), cmocka_unit_test(test_masks_go_on),
    cmocka_unit_test(test_rewire),                 cmocka_unit_test(test_divergence),
    cmocka_unit_test(test_interruption),           cmocka_unit_test(test_decay_alone),
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("training", tests, NULL, NULL);
}
