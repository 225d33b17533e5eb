/* The makers of wirings with exact counts: each against a twin that looks at every cell, or against what chance says. */
#include "base/mem.h"
#include "sparse/density.h"
#include "sparse/wiring.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "same_layer.h"

/* ---- all makers alike ---- */

enum { FEATURES = 6, SAMPLES = 40 };
static float correlated_data[SAMPLES * FEATURES];

static void fill_data (void) {
  Rng rng;
  rng_seed(&rng, 11, RNG_DATA);
  for (int s = 0; s < SAMPLES; s++) {
    double shared = rng_normal(&rng);
    for (int f = 0; f < FEATURES; f++) correlated_data[s * FEATURES + f] = (float)(rng_normal(&rng) + (f % 2) * shared * f);
    correlated_data[s * FEATURES + 2] = 7;   /* constant: it correlates with nothing */
  }
}

typedef struct Size { int32_t n_in, n_out; int64_t links; } Size;

static const Field ring = { .randomness = 0.25 }, ring_random = { .randomness = 0.6, .any_degree = 1 }, nearest = { .randomness = 0 },
                   sharp = { .randomness = 0.004 };

static Sparse *make (int maker, Size s, const Draw *draw) {
  Field image = { .randomness = 0.3, .channels = 1, .height = 1, .width = s.n_in };
  switch (maker) {
    case 0: return wiring_random(s.n_in, s.n_out, s.links, draw);
    case 1: return wiring_fan_in(s.n_in, s.n_out, s.links, draw);
    case 2: return wiring_small_world(s.n_in, s.n_out, s.links, 0, draw);
    case 3: return wiring_small_world(s.n_in, s.n_out, s.links, 0.4, draw);
    case 4: return wiring_small_world(s.n_in, s.n_out, s.links, 1, draw);
    case 5: return wiring_receptive_field(s.n_in, s.n_out, s.links, &ring, draw);
    case 6: return wiring_receptive_field(s.n_in, s.n_out, s.links, &ring_random, draw);
    case 7: return wiring_receptive_field(s.n_in, s.n_out, s.links, &nearest, draw);
    case 8: return wiring_receptive_field(s.n_in, s.n_out, s.links, &sharp, draw);
    case 9: return wiring_receptive_field(s.n_in, s.n_out, s.links, &image, draw);
    case 10: return wiring_scale_free(s.n_in, s.n_out, s.links, draw);
    case 11: {   /* sizes are made multiples of the features */
      int32_t n_in = (s.n_in + FEATURES - 1) / FEATURES * FEATURES, n_out = (s.n_out + FEATURES - 1) / FEATURES * FEATURES;
      return wiring_correlated(n_in, n_out, s.links, correlated_data, FEATURES, SAMPLES, draw);
    }
    default: return NULL;
  }
}
enum { MAKERS = 12 };

static Sparse *make_with (int maker, Size s, uint64_t seed, int threads) {
  Rng wiring, weights;
  rng_seed(&wiring, seed, RNG_WIRING);
  rng_seed(&weights, seed, RNG_WEIGHTS);
  return make(maker, s, &(Draw){ init_find("he_links_uniform"), &wiring, &weights, threads });
}

static void assert_whole (const Sparse *W) {
  const char *broken = sparse_check(W);
  if (broken) fail_msg("%s", broken);
}

/* Whatever the sizes: one unit on a side, one link, nearly all cells, all of them; over a chunk of weights and a block of cells. */
static void test_exact_counts_and_threads (void **state) {
  (void)state;
  const Size size[] = { { 1, 1, 1 }, { 1, 9, 5 }, { 9, 1, 5 }, { 30, 20, 1 }, { 30, 20, 60 }, { 20, 30, 61 }, { 30, 20, 299 }, { 30, 20, 301 },
                        { 30, 20, 599 }, { 30, 20, 600 }, { 17, 40, 333 }, { 300, 200, 3001 }, { 200, 300, 20000 }, { 500, 400, 90000 } };
  for (size_t n = 0; n < sizeof size / sizeof *size; n++)
    for (int maker = 0; maker < MAKERS; maker++) {
      Sparse *one = make_with(maker, size[n], n, 1);
      assert_non_null(one);
      assert_whole(one);
      assert_int_equal(one->links, size[n].links);
      for (int threads = 2; threads <= 4; threads++) {
        Sparse *many = make_with(maker, size[n], n, threads);
        assert_same_layer(one, many);
        sparse_free(many);
      }
      sparse_free(one);
    }
}

static int32_t in_degree (const Sparse *W, int32_t o) { return (int32_t)(W->in_ptr[o + 1] - W->in_ptr[o]); }
static int32_t out_degree (const Sparse *W, int32_t i) { return (int32_t)(W->ptr[i + 1] - W->ptr[i]); }

static int linked (const Sparse *W, int32_t i, int32_t o) {
  for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++)
    if (W->to[k] == o) return 1;
  return 0;
}

/* Counts of cells over many draws against `expected`; chi-square of n cells, whose sum is fixed. */
static void assert_chance (const int *count, const double *expected, int n) {
  double chi = 0;
  for (int c = 0; c < n; c++) chi += (count[c] - expected[c]) * (count[c] - expected[c]) / expected[c];
  if (!(fabs(chi - n) < 6 * sqrt(2.0 * n) + 0.2 * n)) fail_msg("chi-square %g of %d cells", chi, n);
}

/* Every cell is linked as often as every other: few links, and so many that free cells are drawn. */
static void test_cells_are_uniform (void **state) {
  (void)state;
  enum { IN = 13, OUT = 11, CELLS = IN * OUT, TRIALS = 3000 };
  const int makers[] = { 0, 1, 4 };
  const int64_t links[] = { 20, 77, 130 };
  for (size_t m = 0; m < 3; m++)
    for (size_t l = 0; l < 3; l++) {
      static int count[CELLS];
      static double expected[CELLS];
      memset(count, 0, sizeof count);
      for (uint64_t trial = 0; trial < TRIALS; trial++) {
        Sparse *W = make_with(makers[m], (Size){ IN, OUT, links[l] }, trial, 1);
        for (int32_t i = 0; i < IN; i++)
          for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) count[i * OUT + W->to[k]]++;
        sparse_free(W);
      }
      double p = (double)links[l] / CELLS, chi = 0;
      for (int c = 0; c < CELLS; c++) expected[c] = TRIALS * p;
      for (int c = 0; c < CELLS; c++) chi += pow(count[c] - expected[c], 2) / (TRIALS * p * (1 - p));
      assert_true(fabs(chi - CELLS) < 6 * sqrt(2.0 * CELLS));
    }
}

/* 4e12 cells: no maker but those of images and correlated features looks at all of them. */
static void test_cost_follows_links (void **state) {
  (void)state;
  const int makers[] = { 0, 1, 2, 3, 7, 10 };
  for (size_t m = 0; m < sizeof makers / sizeof *makers; m++) {
    Sparse *W = make_with(makers[m], (Size){ 200000, 100000, 200000 }, 1, 2);
    assert_non_null(W);
    assert_int_equal(W->links, 200000);
    sparse_free(W);
  }
}

/* ---- each in its way ---- */

static void test_even_degrees (void **state) {
  (void)state;
  const int makers[] = { 1, 5, 7, 8, 9 };
  for (size_t m = 0; m < sizeof makers / sizeof *makers; m++)
    for (int64_t links = 40; links < 600; links += 37) {
      Sparse *W = make_with(makers[m], (Size){ 30, 20, links }, (uint64_t)links, 2);
      int64_t more = 0;
      for (int32_t o = 0; o < 20; o++) {
        assert_in_range(in_degree(W, o), links / 20, links / 20 + 1);
        more += in_degree(W, o) - links / 20;
      }
      assert_int_equal(more, links % 20);
      sparse_free(W);
    }
  Sparse *W = make_with(1, (Size){ 50, 40, 7 * 40 }, 3, 1);   /* constant fan-in */
  for (int32_t o = 0; o < 40; o++) assert_int_equal(in_degree(W, o), 7);
  sparse_free(W);
}

/* beta = 0: unit u of the larger side is linked to degree units from floor(u n / m) - degree / 2 on, and to no other. */
static void test_lattice (void **state) {
  (void)state;
  const Size size[] = { { 30, 20, 95 }, { 20, 30, 95 }, { 12, 12, 50 }, { 5, 40, 180 }, { 40, 5, 180 } };
  for (size_t n = 0; n < sizeof size / sizeof *size; n++) {
    Sparse *W = make_with(2, size[n], n, 1);
    int by_units = W->n_out >= W->n_in;
    int32_t m = by_units ? W->n_out : W->n_in, s = by_units ? W->n_in : W->n_out;
    for (int32_t u = 0; u < m; u++) {
      int32_t degree = by_units ? in_degree(W, u) : out_degree(W, u), first = (int32_t)((int64_t)u * s / m) - degree / 2;
      assert_in_range(degree, size[n].links / m, size[n].links / m + 1);
      for (int32_t v = 0; v < s; v++) {
        int within = ((v - first) % s + s) % s < degree;
        assert_int_equal(by_units ? linked(W, v, u) : linked(W, u, v), within);
      }
    }
    sparse_free(W);
  }
}

/* Of the lattice's links about 1 - beta (1 - density) stay. */
static void test_small_world_keeps_its_share (void **state) {
  (void)state;
  Size size = { 200, 200, 2000 };
  double kept = 0;
  for (uint64_t seed = 0; seed < 20; seed++) {
    Sparse *lattice = make_with(2, size, seed, 1), *W = make_with(3, size, seed, 1);
    for (int32_t i = 0; i < 200; i++)
      for (int64_t k = lattice->ptr[i]; k < lattice->ptr[i + 1]; k++) kept += linked(W, i, lattice->to[k]);
    sparse_free(lattice);
    sparse_free(W);
  }
  double p = 0.6 + 0.4 * 0.05 * 0.4;
  assert_true(fabs(kept / 40000 - p) < 6 * sqrt(p * (1 - p) / 40000) + 0.01);
}

/* ---- receptive fields ---- */

static double ring_steps (int32_t a, int32_t b, int32_t n) {
  int32_t d = abs(a - b);
  return d < n - d ? d : n - d;
}

/* r = 0: nothing nearer is left out. */
static void test_nearest (void **state) {
  (void)state;
  for (int64_t links = 20; links < 600; links += 61) {
    Sparse *W = make_with(7, (Size){ 30, 20, links }, (uint64_t)links, 1);
    for (int32_t o = 0; o < 20; o++) {
      double farthest = -1, left = 1e9;
      for (int32_t i = 0; i < 30; i++) {
        double c = ring_steps(i, o * 30 / 20, 30);
        if (linked(W, i, o)) farthest = fmax(farthest, c);
        else left = fmin(left, c);
      }
      assert_true(farthest <= left);
    }
    sparse_free(W);
  }
}

static double distance_on_grid (int32_t i, int32_t o, int32_t n_out, const Field *f) {
  int32_t pixels = f->height * f->width, here = (int32_t)((int64_t)o * pixels / n_out), there = i % pixels;
  return hypot(here / f->width - there / f->width, here % f->width - there % f->width);
}

/* The same on images, where all channels of a pixel are equally far. */
static void test_nearest_pixels (void **state) {
  (void)state;
  const Field f = { .randomness = 0, .channels = 3, .height = 5, .width = 7 };
  Rng wiring, weights;
  rng_seed(&wiring, 1, RNG_WIRING);
  rng_seed(&weights, 1, RNG_WEIGHTS);
  Sparse *W = wiring_receptive_field(105, 20, 400, &f, &(Draw){ init_find("swi"), &wiring, &weights, 2 });
  assert_whole(W);
  for (int32_t o = 0; o < 20; o++) {
    double farthest = -1, left = 1e9;
    for (int32_t i = 0; i < 105; i++) {
      if (linked(W, i, o)) farthest = fmax(farthest, distance_on_grid(i, o, 20, &f));
      else left = fmin(left, distance_on_grid(i, o, 20, &f));
    }
    assert_true(farthest <= left + 1e-9);
  }
  sparse_free(W);
}

/* Two links of each unit, drawn one after the other: how often each input is among them, against the sum over both orders. */
static void assert_field (const Field *f, int32_t n, double (*distance) (int32_t, const Field *, int32_t)) {
  enum { TRIALS = 40000 };
  static int count[64];
  double weight[64], expected[64], total = 0;
  memset(count, 0, sizeof count);
  for (int32_t i = 0; i < n; i++) total += weight[i] = pow(1 + distance(i, f, n), -(1 - f->randomness) / f->randomness);
  for (int32_t i = 0; i < n; i++) {
    double p = weight[i] / total;
    for (int32_t j = 0; j < n; j++)
      if (j != i) p += weight[j] / total * weight[i] / (total - weight[j]);
    expected[i] = p * TRIALS;
  }
  Rng wiring, weights;
  rng_seed(&wiring, 4, RNG_WIRING);
  rng_seed(&weights, 4, RNG_WEIGHTS);
  for (int t = 0; t < TRIALS; t++) {
    Sparse *W = wiring_receptive_field(n, 1, 2, f, &(Draw){ init_find("swi"), &wiring, &weights, 1 });
    for (int32_t i = 0; i < n; i++) count[i] += out_degree(W, i);
    sparse_free(W);
  }
  assert_chance(count, expected, n);
}

static double from_first (int32_t i, const Field *f, int32_t n) { (void)f; return ring_steps(i, 0, n); }
static double from_corner (int32_t i, const Field *f, int32_t n) { (void)n; return distance_on_grid(i, 0, 1, f); }

static void test_field_follows_its_weights (void **state) {
  (void)state;
  assert_field(&(Field){ .randomness = 0.5 }, 12, from_first);
  assert_field(&(Field){ .randomness = 0.25 }, 9, from_first);
  assert_field(&(Field){ .randomness = 1 }, 10, from_first);
  assert_field(&(Field){ .randomness = 0.4, .channels = 2, .height = 3, .width = 4 }, 24, from_corner);
}

/* ---- scale free ---- */

static double square_sum (const Sparse *W) {
  double sum = 0;
  for (int32_t i = 0; i < W->n_in; i++) sum += pow(out_degree(W, i), 2);
  for (int32_t o = 0; o < W->n_out; o++) sum += pow(in_degree(W, o), 2);
  return sum;
}

/* Degrees are far more uneven than by chance. */
static void test_scale_free_has_hubs (void **state) {
  (void)state;
  Size size = { 1000, 800, 8000 };
  Sparse *hubs = make_with(10, size, 1, 1), *even = make_with(0, size, 1, 1);
  int32_t most = 0;
  for (int32_t i = 0; i < 1000; i++) most = out_degree(hubs, i) > most ? out_degree(hubs, i) : most;
  assert_true(square_sum(hubs) > 1.5 * square_sum(even));
  assert_true(most > 50);
  sparse_free(hubs);
  sparse_free(even);
}

/* ---- correlated ---- */

static double correlation (int f, int g) {
  double mf = 0, mg = 0, fg = 0, ff = 0, gg = 0;
  if (f == g) return -1;
  for (int s = 0; s < SAMPLES; s++) {
    mf += (double)correlated_data[s * FEATURES + f] / SAMPLES;
    mg += (double)correlated_data[s * FEATURES + g] / SAMPLES;
  }
  for (int s = 0; s < SAMPLES; s++) {
    double a = (double)correlated_data[s * FEATURES + f] - mf, b = (double)correlated_data[s * FEATURES + g] - mg;
    fg += a * b;
    ff += a * a;
    gg += b * b;
  }
  return ff > 1e-9 && gg > 1e-9 ? fabs(fg) / sqrt(ff * gg) : 0;
}

/* No cell that is left out correlates more than one that is linked; in copies of the features, too. */
static void test_correlated (void **state) {
  (void)state;
  const Size size[] = { { 6, 6, 5 }, { 6, 6, 33 }, { 6, 12, 20 }, { 12, 12, 41 }, { 18, 6, 60 } };
  for (size_t n = 0; n < sizeof size / sizeof *size; n++) {
    Sparse *W = make_with(11, size[n], 1, 1);
    double least = 2, left = -2;
    for (int32_t i = 0; i < W->n_in; i++)
      for (int32_t o = 0; o < W->n_out; o++) {
        double r = correlation(i % FEATURES, o % FEATURES);
        if (linked(W, i, o)) least = fmin(least, r);
        else left = fmax(left, r);
      }
    assert_true(least >= left - 1e-5);
    sparse_free(W);
  }
}

/* ---- weights ---- */

/* Each unit's weights spread by its own links, or all by the layer's. */
static void test_scales_by_links (void **state) {
  (void)state;
  enum { IN = 4000, OUT = 3 };
  static int32_t from[3 * IN], to[3 * IN];
  int64_t n = 0;
  const int32_t degree[OUT] = { 1000, 4000, 250 };
  for (int32_t o = 0; o < OUT; o++)
    for (int32_t i = 0; i < degree[o]; i++) from[n] = i, to[n++] = o;
  const struct { const char *name; double of_unit, of_layer; int normal; } rule[] = {
    { "he_links_uniform", 2, 0, 0 }, { "he_links_normal", 2, 0, 1 }, { "swi", 0, 2 / (5250.0 / OUT), 1 }, { "swi_uniform", 0, 2 / (5250.0 / OUT), 0 },
    { "xavier_links_uniform", 0, 2 / (5250.0 / OUT + 5250.0 / IN), 0 }, { "xavier_links_normal", 0, 2 / (5250.0 / OUT + 5250.0 / IN), 1 } };
  for (size_t r = 0; r < sizeof rule / sizeof *rule; r++) {
    const char *why;
    Rng weights;
    rng_seed(&weights, 5, RNG_WEIGHTS);
    Sparse *W = wiring_given(IN, OUT, n, from, to, init_find(rule[r].name), &weights, &why);
    for (int32_t o = 0; o < OUT; o++) {
      double square = 0, most = 0, variance = rule[r].of_unit > 0 ? rule[r].of_unit / degree[o] : rule[r].of_layer;
      for (int64_t m = W->in_ptr[o]; m < W->in_ptr[o + 1]; m++) {
        double w = (double)W->w[W->at[m]];
        square += w * w / degree[o];
        most = fmax(most, fabs(w));
      }
      assert_true(fabs(square / variance - 1) < 8 / sqrt(degree[o]));
      if (!rule[r].normal) assert_true(most <= sqrt(3 * variance) * (1 + 1e-6) && most > 0.9 * sqrt(3 * variance));
    }
    sparse_free(W);
  }
}

static void test_newborn_rule (void **state) {
  (void)state;
  const char *const of[][2] = { { "he_links_uniform", "he_uniform" }, { "he_links_normal", "he_normal" }, { "swi", "he_normal" },
                                { "swi_uniform", "he_uniform" }, { "xavier_links_normal", "xavier_normal" }, { "normal", "normal" },
                                { "xavier_uniform", "xavier_uniform" } };
  for (size_t n = 0; n < sizeof of / sizeof *of; n++) assert_string_equal(init_newborn(init_find(of[n][0]))->name, of[n][1]);
}

/* A dense layer's units have all links: the bits are those of the plain rule. */
static void test_dense_scales (void **state) {
  (void)state;
  const char *const of[][2] = { { "he_links_uniform", "he_uniform" }, { "swi", "he_normal" }, { "xavier_links_uniform", "xavier_uniform" } };
  for (size_t n = 0; n < sizeof of / sizeof *of; n++) {
    InitLayer a = init_layer(init_find(of[n][0]), 30, 20, 600, NULL), b = init_layer(init_find(of[n][1]), 30, 20, 600, NULL);
    assert_true(init_scale(&a, 3) == init_scale(&b, 3));
  }
}

/* ---- ways from input to output ---- */

#ifdef LAB_FAIL_ALLOC
/* The n-th request for memory fails, n = 1, 2, ...: NULL each time, until there is enough. */
static void test_no_memory (void **state) {
  (void)state;
  for (int maker = 0; maker < MAKERS; maker++)
    for (long n = 1;; n++) {
      mem_fail_at(n);
      Sparse *W = make_with(maker, (Size){ 30, 24, 200 }, 1, 1);
      mem_fail_at(0);
      if (!W) continue;
      assert_true(n > 8);
      sparse_free(W);
      break;
    }
}
#endif

int main (void) {
  fill_data();
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_exact_counts_and_threads), cmocka_unit_test(test_cells_are_uniform),
    cmocka_unit_test(test_cost_follows_links),       cmocka_unit_test(test_even_degrees),
    cmocka_unit_test(test_lattice),                  cmocka_unit_test(test_small_world_keeps_its_share),
    cmocka_unit_test(test_nearest),                  cmocka_unit_test(test_nearest_pixels),
    cmocka_unit_test(test_field_follows_its_weights), cmocka_unit_test(test_scale_free_has_hubs),
    cmocka_unit_test(test_correlated),               cmocka_unit_test(test_scales_by_links),
    cmocka_unit_test(test_newborn_rule),             cmocka_unit_test(test_dense_scales),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(test_no_memory),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("wiring", tests, NULL, NULL);
}
