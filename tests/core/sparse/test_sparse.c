/* sparse.c and wiring.c: what is drawn, what is refused, and that sparse_check sees damage. */
#include "base/mem.h"
#include "sparse/wiring.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include "same_layer.h"

static Sparse *draw_with (int32_t n_in, int32_t n_out, double density, uint64_t seed, int threads) {
  Rng wiring, weights;
  rng_seed(&wiring, seed, RNG_WIRING);
  rng_seed(&weights, seed, RNG_WEIGHTS);
  return wiring_erdos_renyi(n_in, n_out, density, init_find("he_uniform"), &wiring, &weights, threads);
}

static Sparse *draw (int32_t n_in, int32_t n_out, double density, uint64_t seed) {
  return draw_with(n_in, n_out, density, seed, 1);
}

static void assert_whole (const Sparse *W) {
  const char *broken = sparse_check(W);
  if (broken) fail_msg("%s", broken);
}

/* ---- Erdos-Renyi ---- */

/* 784-1000-1000-1000-10 with epsilon 13: 23,192 + 26,000 + 26,000 links are expected, and the
** output layer is dense with 10,000: 85,192. */
static void test_expected_links (void **state) {
  (void)state;
  const int32_t size[] = { 784, 1000, 1000, 1000, 10 };
  enum { SEEDS = 40 };
  assert_true(wiring_density(13, 1000, 10) >= 1);
  double want = 0, variance = 0, mean = 0;
  for (int l = 0; l < 3; l++) {
    double p = wiring_density(13, size[l], size[l + 1]), cells = (double)size[l] * size[l + 1];
    want += p * cells;
    variance += cells * p * (1 - p);
  }
  assert_true(fabs(want - 75192) < 1e-6);
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    double links = 0;
    for (int l = 0; l < 3; l++) {
      Sparse *W = draw(size[l], size[l + 1], wiring_density(13, size[l], size[l + 1]), seed * 3 + (uint64_t)l);
      assert_whole(W);
      links += (double)W->links;
      sparse_free(W);
    }
    assert_true(fabs(links - want) < 5 * sqrt(variance));
    mean += links / SEEDS;
  }
  assert_true(fabs(mean - want) < 5 * sqrt(variance / SEEDS));
}

/* Every cell, and every pair of neighbouring cells, is linked as often as independence says. */
static void test_cells_are_uniform (void **state) {
  (void)state;
  enum { IN = 31, OUT = 23, CELLS = IN * OUT, TRIALS = 4000 };
  static int count[CELLS], pairs;
  memset(count, 0, sizeof count);
  const double p = 0.15;
  for (uint64_t trial = 0; trial < TRIALS; trial++) {
    Sparse *W = draw(IN, OUT, p, 1000 + trial);
    int last = -2;
    for (int32_t i = 0; i < IN; i++)
      for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) {
        int cell = i * OUT + W->to[k];
        count[cell]++;
        pairs += cell == last + 1;
        last = cell;
      }
    sparse_free(W);
  }
  double chi = 0, expected_pairs = (double)TRIALS * (CELLS - 1) * p * p;
  for (int c = 0; c < CELLS; c++) chi += pow(count[c] - TRIALS * p, 2) / (TRIALS * p * (1 - p));
  assert_true(fabs(chi - CELLS) < 5 * sqrt(2.0 * CELLS));
  assert_true(fabs(pairs - expected_pairs) < 6 * sqrt(expected_pairs));
}

/* 4e12 cells and 1e5 links: a loop over the cells would take hours. */
static void test_cost_follows_links (void **state) {
  (void)state;
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  Sparse *W = draw(2000000, 2000000, 1e5 / 4e12, 3);
  clock_gettime(CLOCK_MONOTONIC, &end);
  assert_non_null(W);
  assert_true(fabs((double)W->links - 1e5) < 5 * sqrt(1e5));
  assert_whole(W);
  assert_true(W->to[W->links - 1] > 0 && W->ptr[1000000] > 45000 && W->ptr[1000000] < 55000);
  sparse_free(W);
  double seconds = (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
  assert_true(seconds < 5);
}

static void test_extreme_densities (void **state) {
  (void)state;
  const double density[] = { 1e-300, 1e-12, 0.5, 0.999999, 1 - 0x1p-53 };
  for (size_t d = 0; d < sizeof density / sizeof *density; d++) {
    Sparse *W = draw(50, 40, density[d], d);
    assert_whole(W);
    assert_true(fabs((double)W->links - 2000 * density[d]) < 5 * sqrt(2000 * density[d] * (1 - density[d])) + 1);
    sparse_free(W);
  }
  Sparse *one = draw(1, 1, 0.5, 1);
  assert_whole(one);
  sparse_free(one);
}

/* Weights keep to the rule's limits and spread; momentum is 0; other streams leave links alone. */
static void test_weights (void **state) {
  (void)state;
  const struct { const char *name; double sd; double most; } rule[] = {
    { "he_uniform", sqrt(2.0 / 300), sqrt(6.0 / 300) }, { "he_normal", sqrt(2.0 / 300), HUGE_VAL },
    { "xavier_uniform", sqrt(2.0 / 500), sqrt(6.0 / 500) }, { "xavier_normal", sqrt(2.0 / 500), HUGE_VAL },
    { "normal", 0.1, HUGE_VAL } };
  for (size_t r = 0; r < sizeof rule / sizeof *rule; r++) {
    Rng wiring, weights;
    rng_seed(&wiring, 5, RNG_WIRING);
    rng_seed(&weights, 5, RNG_WEIGHTS);
    Sparse *W = wiring_erdos_renyi(300, 200, 0.5, init_find(rule[r].name), &wiring, &weights, 1);
    double mean = 0, square = 0, n = (double)W->links;
    for (int64_t k = 0; k < W->links; k++) {
      double w = (double)W->w[k];
      assert_true(fabs(w) <= rule[r].most * (1 + 1e-6));
      assert_true(W->momentum[k] == 0);
      mean += w / n;
      square += w * w / n;
    }
    assert_true(fabs(mean) < 5 * rule[r].sd / sqrt(n));
    assert_true(fabs(sqrt(square) / rule[r].sd - 1) < 0.02);
    sparse_free(W);
  }
  assert_null(init_find("he"));
}

/* Layers of several random blocks, which begin in the middle of rows; the two last are large
** enough for a mirror by groups, of few units and of many. */
static void test_threads_do_not_show (void **state) {
  (void)state;
  const struct { int32_t n_in, n_out; double density; } c[] = {
    { 700, 900, 0.4 }, { 3, 200000, 0.3 }, { 200000, 3, 0.3 }, { 1500, 1000, 0.75 }, { 30000, 70000, 6e-4 } };
  for (size_t n = 0; n < sizeof c / sizeof *c; n++) {
    Sparse *one = draw_with(c[n].n_in, c[n].n_out, c[n].density, n, 1);
    double cells = (double)c[n].n_in * c[n].n_out, sd = sqrt(cells * c[n].density * (1 - c[n].density));
    assert_true(fabs((double)one->links - cells * c[n].density) < 5 * sd);
    assert_whole(one);
    for (int threads = 2; threads <= 4; threads++) {
      Sparse *many = draw_with(c[n].n_in, c[n].n_out, c[n].density, n, threads);
      assert_same_layer(one, many);
      sparse_free(many);
    }
    sparse_free(one);
  }
}

/* Every unit has its part, in order, and parts have about as much work. */
static void test_cuts (void **state) {
  (void)state;
  Sparse *W = draw(500, 400, 0.2, 2);
  for (int parts = 1; parts <= 600; parts += parts < 8 ? 1 : 296) {
    assert_true(sparse_cut(W->ptr, W->n_in, 0, parts) == 0);
    assert_true(sparse_cut(W->ptr, W->n_in, parts, parts) == W->n_in);
    for (int p = 0; p < parts; p++) {
      int32_t first = sparse_cut(W->ptr, W->n_in, p, parts), last = sparse_cut(W->ptr, W->n_in, p + 1, parts);
      assert_true(first <= last);
      int64_t work = W->ptr[last] - W->ptr[first] + last - first;
      assert_true(llabs(work - (W->links + W->n_in) / parts) <= 200);
    }
  }
  sparse_free(W);
}

/* ---- given links ---- */

static const int32_t from[] = { 2, 0, 2, 1, 0, 2 }, to[] = { 3, 1, 0, 4, 0, 2 };

static Sparse *given (int64_t links, const int32_t *sources, const int32_t *targets, const char **why) {
  Rng weights;
  rng_seed(&weights, 1, RNG_WEIGHTS);
  return wiring_given(4, 5, links, sources, targets, init_find("normal"), &weights, why);
}

static void test_given (void **state) {
  (void)state;
  const char *why;
  Sparse *W = given(6, from, to, &why);
  assert_non_null(W);
  assert_whole(W);
  const int64_t ptr[] = { 0, 2, 3, 6, 6 };
  const int32_t targets[] = { 0, 1, 4, 0, 2, 3 };
  assert_memory_equal(W->ptr, ptr, sizeof ptr);
  assert_memory_equal(W->to, targets, sizeof targets);
  sparse_free(W);
  W = given(0, from, to, &why);
  assert_non_null(W);
  assert_whole(W);
  sparse_free(W);
}

static void test_given_is_checked (void **state) {
  (void)state;
  const struct { int32_t from, to; const char *words; } bad[] = {
    { -1, 0, "comes from a unit that is not there" }, { 4, 0, "comes from a unit that is not there" },
    { 0, -1, "goes to a unit that is not there" },    { 0, 5, "goes to a unit that is not there" },
    { 2, 2, "given twice" } };
  for (size_t b = 0; b < sizeof bad / sizeof *bad; b++) {
    int32_t sources[6], targets[6];
    memcpy(sources, from, sizeof from);
    memcpy(targets, to, sizeof to);
    sources[3] = bad[b].from;
    targets[3] = bad[b].to;
    const char *why = NULL;
    assert_null(given(6, sources, targets, &why));
    assert_non_null(why);
    assert_non_null(strstr(why, bad[b].words));
  }
}

/* ---- sparse_check ---- */

static void swap_targets (Sparse *W) { int32_t t = W->to[0]; W->to[0] = W->to[1]; W->to[1] = t; }
static void swap_sources (Sparse *W) { int32_t t = W->from[0]; W->from[0] = W->from[1]; W->from[1] = t; }
static void ptr_start (Sparse *W) { W->ptr[0] = 1; }
static void ptr_end (Sparse *W) { W->ptr[W->n_in]++; }
static void ptr_short (Sparse *W) { W->ptr[W->n_in]--; }
static void ptr_wild (Sparse *W) { W->ptr[2] = W->links + 100000; }
static void ptr_negative (Sparse *W) { W->ptr[1] = -3; }
static void ptr_moved (Sparse *W) { W->ptr[3]++; }
static void to_negative (Sparse *W) { W->to[2] = -1; }
static void to_beyond (Sparse *W) { W->to[W->links - 1] = W->n_out; }
static void to_twice (Sparse *W) { W->to[1] = W->to[0]; }
static void to_elsewhere (Sparse *W) { W->to[W->ptr[6] - 1]++; }
static void in_ptr_start (Sparse *W) { W->in_ptr[0] = 1; }
static void in_ptr_end (Sparse *W) { W->in_ptr[W->n_out]++; }
static void in_ptr_wild (Sparse *W) { W->in_ptr[2] = W->links + 100000; }
static void in_ptr_negative (Sparse *W) { W->in_ptr[1] = -3; }
static void in_ptr_moved (Sparse *W) { W->in_ptr[3]++; }
static void from_negative (Sparse *W) { W->from[0] = -1; }
static void from_beyond (Sparse *W) { W->from[W->links - 1] = W->n_in; }
static void from_twice (Sparse *W) { W->from[1] = W->from[0]; }
static void from_elsewhere (Sparse *W) { W->from[W->in_ptr[6] - 1]++; }
static void links_more (Sparse *W) { W->links++; }
static void at_beyond (Sparse *W) { W->at[W->links - 1] = (uint32_t)W->links; }
static void at_swapped (Sparse *W) { uint32_t t = W->at[0]; W->at[0] = W->at[1]; W->at[1] = t; }

static void test_damage_is_seen (void **state) {
  (void)state;
  void (*const damage[]) (Sparse *) = {
    swap_targets, swap_sources, ptr_start, ptr_end, ptr_short, ptr_wild, ptr_negative, ptr_moved,
    to_negative, to_beyond, to_twice, to_elsewhere, in_ptr_start, in_ptr_end, in_ptr_wild,
    in_ptr_negative, in_ptr_moved, from_negative, from_beyond, from_twice, from_elsewhere,
    links_more, at_beyond, at_swapped };
  for (size_t d = 0; d < sizeof damage / sizeof *damage; d++) {
    Sparse *W = draw(12, 13, 0.4, 9);
    assert_whole(W);
    damage[d](W);
    if (!sparse_check(W)) fail_msg("damage number %zu is not seen", d);
    sparse_free(W);
  }
}

#ifdef LAB_FAIL_ALLOC
/* The n-th request for memory fails, n = 1, 2, ...: NULL each time, until there is enough. */
static void test_no_memory (void **state) {
  (void)state;
  int failures = 0;
  for (int maker = 0; maker < 2; maker++)
    for (long n = 1;; n++) {
      const char *why = NULL;
      mem_fail_at(n);
      Sparse *W = maker == 0 ? draw(20, 20, 0.2, 1) : given(6, from, to, &why);
      mem_fail_at(0);
      if (W) {
        sparse_free(W);
        break;
      }
      if (maker == 1) assert_string_equal(why, "not enough memory");
      failures++;
    }
  assert_int_equal(failures, 17);
}

/* A large layer's mirror that finds no memory for its groups is made without them. */
static void test_mirror_without_memory (void **state) {
  (void)state;
  Sparse *W = draw(600, 3000, 0.95, 1), *twin = draw(600, 3000, 0.95, 1);
  for (long n = 1; n <= 3; n++) {
    memset(W->from, 0xff, (size_t)W->links * sizeof *W->from);
    memset(W->at, 0xff, (size_t)W->links * sizeof *W->at);
    memset(W->in_ptr, 0xff, ((size_t)W->n_out + 1) * sizeof *W->in_ptr);
    mem_fail_at(n);
    sparse_mirror(W, 2);
    mem_fail_at(0);
    assert_same_layer(W, twin);
  }
  sparse_free(W);
  sparse_free(twin);
}
#endif

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_expected_links),     cmocka_unit_test(test_cells_are_uniform),
    cmocka_unit_test(test_cost_follows_links), cmocka_unit_test(test_extreme_densities),
    cmocka_unit_test(test_threads_do_not_show), cmocka_unit_test(test_cuts),
    cmocka_unit_test(test_weights),            cmocka_unit_test(test_given),
    cmocka_unit_test(test_given_is_checked),   cmocka_unit_test(test_damage_is_seen),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(test_no_memory), cmocka_unit_test(test_mirror_without_memory),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("sparse", tests, NULL, NULL);
}
