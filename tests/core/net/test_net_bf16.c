/*
** Nets whose sparse layers read far rows as bfloat16: their step against a naive twin that rounds
** where the net rounds, to the last bit; and their gradients against those of the float32 net.
** (The same bits for any number of threads: test_training.c, test_net_levels.c.)
*/
#include "net_probe.h"
#include "bf16.h"
#include "isa.h"

/* Inputs, weights and biases are whole numbers, and so are all sums and gradients, each exact in a
** float: then the order of summing does not count, and a value is rounded as the twin rounds it. */

enum { MOST_UNITS = 24, MOST_BATCH = 150 };

typedef struct Exact {
  int32_t layers, size[MOST_LEVELS], batch;
  int     sparse[MOST_LEVELS], blas[MOST_LEVELS], relu;
  double  w[MOST_LEVELS][MOST_UNITS][MOST_UNITS], bias[MOST_LEVELS][MOST_UNITS];   /* [layer][in][out] */
  float   a[MOST_LEVELS][MOST_UNITS][MOST_BATCH], delta[MOST_LEVELS][MOST_UNITS][MOST_BATCH];
  double  exact[MOST_LEVELS][MOST_UNITS][MOST_BATCH];   /* delta before it was rounded */
  int64_t rounded;   /* numbers that rounding has changed */
} Exact;

static float nearest (Exact *e, float x) {
  float y = bf16_nearest(x);
  e->rounded += x != y;
  return y;
}

/* What is kept as bfloat16 alone: what a sparse layer, or the batch, writes for a sparse or thin layer. */
static int brief (const Exact *e, int32_t l) { return l < e->layers && !e->blas[l] && (l == 0 || e->sparse[l - 1]); }
static float kept (Exact *e, int32_t l, double x) {
  assert_true(fabs(x) < 0x1p24);
  return brief(e, l) ? nearest(e, (float)x) : (float)x;
}

/* A layer's view of what lies at the far ends of its links. */
static double far (Exact *e, int32_t l, float x) { return (double)(e->sparse[l] ? nearest(e, x) : x); }

static void exact_forward (Exact *e) {
  for (int32_t l = 0; l < e->layers; l++)
    for (int32_t o = 0; o < e->size[l + 1]; o++)
      for (int32_t b = 0; b < e->batch; b++) {
        double sum = e->bias[l][o];
        for (int32_t i = 0; i < e->size[l]; i++) sum += e->w[l][i][o] * far(e, l, e->a[l][i][b]);
        if (e->relu && l < e->layers - 1 && sum < 0) sum = 0;
        e->a[l + 1][o][b] = kept(e, l + 1, sum);
      }
}

static void exact_backward (Exact *e) {
  for (int32_t l = e->layers - 1; l > 0; l--)
    for (int32_t i = 0; i < e->size[l]; i++)
      for (int32_t b = 0; b < e->batch; b++) {
        double sum = 0;
        for (int32_t o = 0; o < e->size[l + 1]; o++) sum += e->w[l][i][o] * far(e, l, e->delta[l + 1][o][b]);
        if (e->relu && !(e->a[l][i][b] > 0)) sum = 0;
        e->exact[l][i][b] = sum;
        e->delta[l][i][b] = kept(e, l, sum);
      }
}

static double weight_gradient (Exact *e, int32_t l, int32_t i, int32_t o, double *magnitude) {
  double g = 0;
  *magnitude = 0;
  for (int32_t b = 0; b < e->batch; b++) {
    double term = (double)e->a[l][i][b] * far(e, l, e->delta[l + 1][o][b]);
    g += term;
    *magnitude += fabs(term);
  }
  return g;
}

/* ---- the same in the net ---- */

static int32_t whole (Rng *rng, int32_t most) { return (int32_t)rng_below(rng, (uint64_t)(2 * most + 1)) - most; }

/* Gives the net weights and biases, and the twin the same. */
static void exact_open (Exact *e, Net *net, int relu, int32_t batch) {
  Rng rng;
  rng_seed(&rng, 5, 0);
  memset(e, 0, sizeof *e);
  e->layers = net_layers(net);
  e->relu = relu;
  e->batch = batch;
  for (int32_t l = 0; l <= e->layers; l++) e->size[l] = net_units(net, l);
  for (int32_t l = 0; l < e->layers; l++) {
    const Sparse *W = net_sparse(net, l);
    float *w = net_weights(net, l), *bias = (float *)(uintptr_t)net_bias(net, l);
    e->sparse[l] = W != NULL;
    e->blas[l] = !W && e->size[l + 1] > THIN;
    for (int32_t i = 0; i < e->size[l]; i++)
      for (int64_t k = W ? W->ptr[i] : 0; k < (W ? W->ptr[i + 1] : e->size[l + 1]); k++) {
        int32_t o = W ? W->to[k] : (int32_t)k;
        e->w[l][i][o] = W || rng_below(&rng, 4) == 0 ? rng_below(&rng, 2) ? 1 : -1 : 0;  /* or sums grow too large */
        w[W ? k : o * e->size[l] + i] = (float)e->w[l][i][o];
      }
    for (int32_t o = 0; o < e->size[l + 1]; o++) bias[o] = (float)(e->bias[l][o] = whole(&rng, 20));
  }
}

static void check_gradients_exact (Exact *e, const Probe *p, int mix) {
  for (int32_t l = 0; l < e->layers; l++) {
    const Sparse *W = net_sparse(p->net, l);
    for (int32_t i = 0; i < e->size[l]; i++)
      for (int64_t k = W ? W->ptr[i] : 0; k < (W ? W->ptr[i + 1] : e->size[l + 1]); k++) {
        int32_t o = W ? W->to[k] : (int32_t)k;
        double got = (double)p->weight_gradient[l][W ? k : o * e->size[l] + i], magnitude, want = weight_gradient(e, l, i, o, &magnitude);
        if (fabs(got - want) > 1e-6 * magnitude) fail_msg("mix %d, layer %d, %d to %d: got %.9g, want %.9g", mix, (int)l, (int)i, (int)o, got, want);
      }
    for (int32_t o = 0; o < e->size[l + 1]; o++) {
      double want = 0, got = (double)p->bias_gradient[l][o], magnitude = 0;
      for (int32_t b = 0; b < e->batch; b++) {
        want += e->exact[l + 1][o][b];   /* summed before they are rounded */
        magnitude += fabs(e->exact[l + 1][o][b]);
      }
      if (fabs(got - want) > 1e-6 * magnitude) fail_msg("mix %d, layer %d, bias %d: got %.9g, want %.9g", mix, (int)l, (int)o, got, want);
    }
  }
}

static void check_exact (const Recipe *r, int mix, int32_t batch) {
  static Exact e;
  Probe p = probe_open(r, batch, 0);
  int32_t L = net_layers(p.net);
  Rng rng;
  rng_seed(&rng, 6, 0);
  for (int32_t n = 0; n < PROBE_SAMPLES * p.data->n_features; n++) p.data->f32[n] = (float)whole(&rng, 600);
  exact_open(&e, p.net, strcmp(r->hidden, "relu") == 0, batch);
  for (int32_t b = 0; b < batch; b++)
    for (int32_t f = 0; f < e.size[0]; f++)
      e.a[0][f][b] = kept(&e, 0, (double)p.data->f32[p.rows[b] * p.data->n_features + f]);
  exact_forward(&e);
  double loss = 0;
  for (int32_t b = 0; b < batch; b++)
    for (int32_t o = 0; o < e.size[L]; o++) {
      float error = e.a[L][o][b] - (o == p.data->label[p.rows[b]] ? 1.0f : 0.0f);
      e.delta[L][o][b] = error;
      e.exact[L][o][b] = (double)error;
      loss += (double)error * (double)error / 2;
    }
  exact_backward(&e);
  assert_true(fabs(probe_step(&p, NULL) - loss) <= 1e-12 * loss);
  check_gradients_exact(&e, &p, mix);
  float out[MOST_UNITS];
  assert_true(net_predict(p.net, p.data, p.rows[0], out));
  for (int32_t o = 0; o < e.size[L]; o++) assert_true(out[o] == e.a[L][o][0]);
  assert_true(e.rounded > 10);
  probe_close(&p);
}

static const Recipe mixes[] = {
  { .size = { 20, 24, 22, 14 }, .density = { 0.2, 0.2, 0.3 } },                      /* sparse alone, the top too */
  { .size = { 20, 24, 22, 4 }, .density = { 0.2, 0.2, 1 } },                         /* a thin top */
  { .size = { 20, 24, 16, 22, 4 }, .density = { 0.2, 1, 0.2, 1 } },                  /* BLAS between sparse ones */
  { .size = { 9, 10, 24, 6, 20, 14 }, .density = { 1, 0.3, 1, 0.5, 1 } },            /* thin below and between, BLAS on top */
  { .size = { 9, 16, 20, 15, 13 }, .density = { 1, 0.3, 0.3, 0.3 } },                /* BLAS below */
};
enum { MIXES = sizeof mixes / sizeof *mixes };

static void test_exact (void **state) {
  const Kernels *k = isa_kernels(state);
  const int32_t batch[] = { 1, 16, 17, 41, MOST_BATCH };
  for (int n = 0; n < MIXES; n++)
    for (int b = 0; b < 5; b++) {
      Recipe r = mixes[n];
      r.hidden = (n + b) % 2 ? "linear" : "relu";
      r.output = "linear";
      r.loss = "mse";
      r.isa = k->isa;
      r.bf16 = 1;
      r.seed = 3;
      r.threads = 1 + b % 3;
      check_exact(&r, n, batch[b]);
    }
}

/* ---- against float32: as near as rounding to 8 bits lets it be ---- */

static double off (const float *a, const float *b, int64_t n) {
  double size = 0, d = 0;
  for (int64_t k = 0; k < n; k++) {
    size += (double)a[k] * (double)a[k];
    d += ((double)a[k] - (double)b[k]) * ((double)a[k] - (double)b[k]);
  }
  return sqrt(d / size);
}

static void check_near (Recipe r, int mix, int32_t batch) {
  Probe whole_net = probe_open(&r, batch, 9);
  r.bf16 = 1;
  Probe brief_net = probe_open(&r, batch, 9);  /* the same masks: they follow from the step */
  double a = probe_step(&whole_net, NULL), b = probe_step(&brief_net, NULL), most = 0;
  for (int32_t l = 0; l < net_layers(whole_net.net); l++) {
    most = fmax(most, off(whole_net.weight_gradient[l], brief_net.weight_gradient[l], net_links(whole_net.net, l)));
    most = fmax(most, off(whole_net.bias_gradient[l], brief_net.bias_gradient[l], net_units(whole_net.net, l + 1)));
  }
  /* A sum that rounding carries over the kink of a ReLU, or two of an SReLU, changes one sample's share altogether. */
  double near = strcmp(r.hidden, "srelu") == 0 ? 0.25 : strstr(r.hidden, "relu") || strstr(r.output, "relu") ? 0.15 : 0.01;
  if (!(fabs(a - b) < 1e-3 * a && most < near && most > 0))
    fail_msg("mix %d, %s, batch %d: losses %g and %g, gradients off by %g", mix, r.hidden, (int)batch, a, b, most);
  for (int threads = 2; threads <= 4; threads++) check_same_gradients(&r, &brief_net, threads);
  probe_close(&whole_net);
  probe_close(&brief_net);
}

static void test_near_float32 (void **state) {
  (void)state;
  static const char *const names[] = { "relu", "leaky_relu", "sigmoid", "tanh", "linear", "all_relu", "srelu", "silu", "gelu" };
  for (int n = 0; n < MIXES; n++)
    for (int a = 0; a < 9; a++)
      for (int mse = 0; mse <= 1; mse++) {
        Recipe r = mixes[n];
        r.hidden = names[a];
        r.loss = mse ? "mse" : "cross_entropy";
        r.output = mse ? names[(a + n) % 9] : "linear";
        r.dropout = a % 2 == mse ? 0.3f : 0;
        r.seed = (uint64_t)n + 1;
        check_near(r, n, a == 2 ? 300 : 40);
      }
}

/* A net that diverges says so in either precision: what is no number must not be rounded to one. */
static void test_divergence (void **state) {
  const Kernels *k = isa_kernels(state);
  for (int mse = 0; mse <= 1; mse++) {
    Recipe r = { .size = { 20, 30, 25, 5 }, .density = { 0.5, 0.5, 1 }, .hidden = mse ? "linear" : "relu", .output = "linear",
                 .loss = mse ? "mse" : "cross_entropy", .seed = 1, .threads = 2, .isa = k->isa, .bf16 = 1 };
    Net *net = make_net(&r);
    Data *d = make_data(100, 20, 5, DATA_F32, 1);
    Protocol p = { .batch = 10, .rate = 1e20f, .momentum = 0.9f };
    EpochResult result;
    assert_int_equal(net_train_epoch(net, d, &p, 1, NULL, NULL, &result), NET_DIVERGED);
    assert_false(isfinite(result.loss));
    data_free(d);
    net_free(net);
  }
}

int main (void) {
  const struct CMUnitTest tests[] = {
    EACH_ISA(test_exact), cmocka_unit_test(test_near_float32), EACH_ISA(test_divergence),
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("net_bf16", tests, NULL, NULL);
}
