/* Power-law fits: against libplfit, against numbers of independent programs, and on data
** that hold no power law. */
#include "degree/degree.h"
#include "degree/ks.h"
#include "base/mem.h"
#include "degree/powerlaw.h"
#include "base/rng.h"
#include "degree/zeta.h"
#include <math.h>
#include <omp.h>
#include <plfit.h>
#include <plfit_error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define LENGTH(a) (sizeof (a) / sizeof *(a))

/* s, q, ln zeta, first and second derivative: mpmath with 60 digits. */
static const double zeta_known[][5] = {
  { 1.5, 1, 0.96025990273078523, -1.5052353557882679, 3.8549629156760383 },
  { 2.0, 1, 0.49770030247074535, -0.56996099309453281, 0.88448183396352389 },
  { 2.5, 7, -3.2168339625470996, -2.5423662048488655, 0.44251755858440795 },
  { 3.0, 10, -5.198486966458889, -2.7535838743589574, 0.24908964842480202 },
  { 5.0, 24, -14.015802822992911, -3.4076779506532826, 0.062349834980525986 },
  { 18.3, 24, -57.490495023055054, -3.2174495630473482, 0.0031961607227155394 },
  { 60.0, 5, -96.566256997483869, -1.6094411486142112, 5.9010355296913251e-7 },
};

static void test_zeta (void **state) {
  (void)state;
  for (size_t i = 0; i < LENGTH(zeta_known); i++) {
    const double *known = zeta_known[i];
    Zeta z = zeta_log(known[0], known[1]);
    assert_true(fabs(z.log - known[2]) < 1e-12 * fabs(known[2]));
    assert_true(fabs(z.first - known[3]) < 1e-12 * fabs(known[3]));
    assert_true(fabs(z.second - known[4]) < 1e-10 * known[4]);
  }
}

static void test_zeta_far (void **state) {
  (void)state;
  for (double s = 1.05; s < 70; s *= 1.3)
    for (double q = ceil(s + ZETA_FAR); q < 1e9; q *= 7)
      assert_true(fabs(log(zeta_far(s, q)) - s * log(q) - zeta_log(s, q).log) < 1e-12 * s * log(q));
}

static void test_degree (void **state) {
  (void)state;
  const int64_t values[] = { 7, 2, 2, 0, 7, 7, 100 };
  Degree *d = degree_new(values, LENGTH(values));
  assert_int_equal(d->n, 7);
  assert_int_equal(d->distinct, 4);
  const int64_t value[] = { 0, 2, 7, 100 }, count[] = { 1, 2, 3, 1 }, at_least[] = { 7, 6, 4, 1 };
  assert_memory_equal(d->value, value, sizeof value);
  assert_memory_equal(d->count, count, sizeof count);
  assert_memory_equal(d->at_least, at_least, sizeof at_least);
  degree_free(d);
  d = degree_new(NULL, 0);
  assert_int_equal(d->distinct, 0);
  degree_free(d);
  degree_free(NULL);
}

/* A naive draw from the discrete power law: adds up probabilities. */
static int64_t draw_power_law (Rng *rng, double alpha, int64_t xmin) {
  double u = rng_double(rng) * exp(zeta_log(alpha, (double)xmin).log);
  int64_t x = xmin;
  while (x < 1000000 && (u -= pow((double)x, -alpha)) > 0) x++;
  return x;
}

/* Random sequences of many shapes, some of them tiny. */
static size_t draw_any (Rng *rng, int64_t *values, size_t most) {
  size_t n = 1 + rng_below(rng, most);
  uint64_t range = 1 + rng_below(rng, 40), shape = rng_below(rng, 3);
  for (size_t i = 0; i < n; i++) {
    values[i] = 1 + (int64_t)rng_below(rng, range);
    if (shape == 1) values[i] = (int64_t)fmin(5000, (double)range / (1 - rng_double(rng)));
    if (shape == 2 && rng_below(rng, 2)) values[i] = (int64_t)fmin(1e9, 3 / pow(1 - rng_double(rng), 2));
  }
  return n;
}

typedef struct Sequence {
  Ks ks;
  double value[300], log_value[300], at_least[300];
} Sequence;

static void sequence_fill (Sequence *s, const int64_t *values, size_t n) {
  Degree *d = degree_new(values, n);
  for (int64_t i = 0; i < d->distinct; i++) {
    s->value[i] = (double)d->value[i];
    s->log_value[i] = log(s->value[i]);
    s->at_least[i] = (double)d->at_least[i];
  }
  s->ks = (Ks){ d->distinct, s->value, s->log_value, s->at_least };
  degree_free(d);
}

static int libplfit (const int64_t *values, size_t n, plfit_result_t *fit) {
  double all[300];
  plfit_discrete_options_t options;
  plfit_discrete_options_init(&options);
  options.p_value_method = PLFIT_P_VALUE_SKIP;
  for (size_t i = 0; i < n; i++) all[i] = (double)values[i];
  return plfit_discrete(all, n, &options, fit) == 0;
}

/* The bootstrap searches by itself: it must find what libplfit finds. (libplfit's
** optimiser stops a little early on steep tails, and loses its way below an exponent of
** about 1.5: there ours may only be nearer.) */
static void test_search_is_plfits (void **state) {
  (void)state;
  int64_t values[300];
  Rng rng;
  rng_seed(&rng, 5, 0);
  int compared = 0;
  plfit_set_error_handler(plfit_error_handler_ignore);
  for (int round = 0; round < 1500; round++) {
    Sequence s;
    plfit_result_t theirs;
    size_t n = draw_any(&rng, values, round % 2 ? LENGTH(values) : 20);
    sequence_fill(&s, values, n);
    if (s.ks.distinct < 3 || !libplfit(values, n, &theirs)) continue;
    KsFit ours = ks_search(&s.ks, 0);
    int64_t at = 0;
    while (s.value[at] != theirs.xmin) at++;
    if (fabs(ks_alpha(&s.ks, at) - theirs.alpha) > 2e-3 * theirs.alpha) continue;  /* lost */
    assert_true(ours.D < theirs.D + 1e-3);
    if (ours.alpha < 1.7 || ours.alpha > 10) continue;
    compared++;
    assert_true(ours.D > theirs.D * 0.999);
    assert_true(s.value[ours.at] == theirs.xmin);
    assert_true(fabs(ours.alpha - theirs.alpha) < 2e-4 * theirs.alpha);
    /* Bounded, the search answers the same question. */
    assert_true(ks_search(&s.ks, theirs.D * 1.001).D <= theirs.D * 1.001);
    assert_true(ks_search(&s.ks, theirs.D * 0.999).D > theirs.D * 0.999);
  }
  print_message("# %d fits compared\n", compared);
  assert_true(compared > 600);
}

/* Where libplfit loses its way the maximum of the likelihood is still found: the data of
** this test make it answer alpha = 2 exactly, at another xmin. */
static void test_low_exponent (void **state) {
  (void)state;
  enum { N = 2000 };
  static int64_t values[N];
  Rng rng;
  rng_seed(&rng, 31, 0);
  for (int i = 0; i < N; i++)
    values[i] = (int64_t)fmin(1e12, 0.5 + 9.5 / pow(1 - rng_double(&rng), 1 / 0.3));
  Powerlaw fit;
  char why[256];
  assert_true(powerlaw_fit(values, N, 0, 1, NULL, &fit, why));
  assert_true(fabs(fit.alpha - 1.3) < 5 * fit.sigma);
  assert_int_equal(fit.verdict, POWERLAW_ODD_ALPHA);
}

/* A sample of a known law: the fit is within four standard errors and is not rejected. */
static void test_known_law (void **state) {
  (void)state;
  enum { N = 3000 };
  static int64_t values[N];
  Rng rng;
  rng_seed(&rng, 11, 0);
  for (int i = 0; i < N; i++) values[i] = i % 10 == 9 ? 0 : draw_power_law(&rng, 2.5, 3);
  Powerlaw fit;
  char why[256];
  assert_true(powerlaw_fit(values, N, 200, 1, NULL, &fit, why));
  assert_int_equal(fit.n, N);
  assert_int_equal(fit.zeros, N / 10);
  assert_true(fabs(fit.alpha - 2.5) < 4 * fit.sigma);
  assert_true(fit.xmin >= 3 && fit.xmin <= 6);
  assert_true(fit.p > 0.1);
  assert_int_equal(fit.verdict, POWERLAW_POSSIBLE);
  /* sigma of a wide tail is near (alpha - 1) / sqrt(n) */
  assert_true(fabs(fit.sigma * sqrt((double)fit.n_tail) / (fit.alpha - 1) - 1) < 0.1);
  assert_true(fabs(powerlaw_at_least(&fit, (double)fit.xmin) - 1) < 1e-12);
}

/* p of samples that do follow the law is spread evenly: its mean is one half. */
static void test_p_is_uniform (void **state) {
  (void)state;
  enum { N = 400, SAMPLES = 60 };
  int64_t values[N];
  double sum = 0;
  for (int s = 0; s < SAMPLES; s++) {
    Rng rng;
    rng_seed(&rng, 21, (uint64_t)s);
    for (int i = 0; i < N; i++) values[i] = draw_power_law(&rng, 2.2, 1);
    Powerlaw fit;
    char why[256];
    assert_true(powerlaw_fit(values, N, 100, 1, NULL, &fit, why));
    sum += fit.p;
  }
  double error = 1 / sqrt(12.0 * SAMPLES);
  assert_true(fabs(sum / SAMPLES - 0.5) < 4 * error);
}

static void test_geometric_has_no_tail (void **state) {
  (void)state;
  enum { N = 784 };
  int64_t values[N];
  for (uint64_t s = 0; s < 20; s++) {
    Rng rng;
    rng_seed(&rng, 3, s);
    for (int i = 0; i < N; i++) values[i] = 1 + (int64_t)(log(1 - rng_double(&rng)) / log(0.9));
    Powerlaw fit;
    char why[256], text[POWERLAW_SENTENCE];
    assert_true(powerlaw_fit(values, N, 0, 1, NULL, &fit, why));
    assert_int_equal(fit.verdict, POWERLAW_SHORT_TAIL);
    powerlaw_verdict(&fit, text);
    assert_non_null(strstr(text, "tail too short"));
  }
}

static void test_binomial_has_no_tail (void **state) {
  (void)state;
  enum { N = 784 };
  int64_t values[N];
  for (uint64_t s = 0; s < 20; s++) {
    Rng rng;
    rng_seed(&rng, 4, s);
    for (int i = 0; i < N; i++) {
      values[i] = 0;
      for (int j = 0; j < 40; j++) values[i] += rng_below(&rng, 4) == 0;
    }
    Powerlaw fit;
    char why[256];
    assert_true(powerlaw_fit(values, N, 0, 1, NULL, &fit, why));
    assert_int_equal(fit.verdict, POWERLAW_SHORT_TAIL);
  }
}

static void expect_no_fit (const int64_t *values, size_t n, const char *words) {
  Powerlaw fit;
  char why[256], text[POWERLAW_SENTENCE];
  assert_true(powerlaw_fit(values, n, 100, 1, NULL, &fit, why));
  assert_int_equal(fit.verdict, POWERLAW_NO_FIT);
  assert_true(isnan(fit.alpha) && isnan(fit.sigma) && isnan(fit.p) && isnan(fit.D));
  assert_int_equal(fit.n_tail, 0);
  powerlaw_verdict(&fit, text);
  assert_non_null(strstr(text, words));
}

static void test_nothing_to_fit (void **state) {
  (void)state;
  int64_t constant[100], two[100], zeros[10] = { 0 };
  for (int i = 0; i < 100; i++) {
    constant[i] = 5;
    two[i] = 5 + i % 2;
  }
  expect_no_fit(constant, 100, "every positive value is 5");
  expect_no_fit(two, 100, "only 2 different");
  expect_no_fit(zeros, 10, "no positive value");
  expect_no_fit(NULL, 0, "no positive value");
}

static void test_refuses_out_of_range (void **state) {
  (void)state;
  const int64_t negative[] = { 1, 2, -3 }, large[] = { 1, POWERLAW_LARGEST + 1 };
  Powerlaw fit;
  char why[256] = "";
  assert_false(powerlaw_fit(negative, 3, 0, 1, NULL, &fit, why));
  assert_non_null(strstr(why, "value 3 is -3"));
  assert_false(powerlaw_fit(large, 2, 0, 1, NULL, &fit, why));
  assert_non_null(strstr(why, "value 2"));
}

/* Exponents of many hundreds, values near 2^53, and more different values than libplfit's
** own scan is asked for: numbers come out, and quickly. */
static void test_extremes (void **state) {
  (void)state;
  enum { N = 2500 };
  static int64_t values[N];
  Powerlaw fit;
  char why[256];
  for (int i = 0; i < N; i++) values[i] = i < 3 ? 100001 + i : 100000;
  assert_true(powerlaw_fit(values, N, 20, 1, NULL, &fit, why));
  assert_true(isfinite(fit.alpha) && fit.verdict == POWERLAW_SHORT_TAIL);
  for (int i = 0; i < N; i++) values[i] = POWERLAW_LARGEST - i % 7;
  assert_true(powerlaw_fit(values, N, 20, 1, NULL, &fit, why));
  assert_int_equal(fit.verdict, POWERLAW_SHORT_TAIL);
  for (int i = 0; i < N; i++) values[i] = 1 + i;
  assert_true(powerlaw_fit(values, N, 2, 1, NULL, &fit, why));
  assert_true(fit.D > 0 && fit.n_tail > 0);
}

static void test_same_for_any_threads (void **state) {
  (void)state;
  enum { N = 500 };
  int64_t values[N];
  Rng rng;
  rng_seed(&rng, 8, 0);
  for (int i = 0; i < N; i++) values[i] = draw_power_law(&rng, 1.8, 2);
  double p[4];
  int before = omp_get_max_threads();
  for (int t = 0; t < 4; t++) {
    Powerlaw fit;
    char why[256];
    omp_set_num_threads(t < 3 ? 1 << t : 2);
    assert_true(powerlaw_fit(values, N, 150, t < 3 ? 1 : 2, NULL, &fit, why));
    p[t] = fit.p;
  }
  omp_set_num_threads(before);
  assert_true(p[0] == p[1] && p[1] == p[2]);
  assert_true(p[3] != p[0]);  /* another seed, another estimate */
}

#ifdef LAB_FAIL_ALLOC
static void test_memory_runs_out (void **state) {
  (void)state;
  int64_t values[200];
  Rng rng;
  rng_seed(&rng, 9, 0);
  for (int i = 0; i < 200; i++) values[i] = draw_power_law(&rng, 2, 1);
  int failed = 0;
  for (long n = 1; ; n++) {
    Powerlaw fit;
    char why[256] = "";
    mem_fail_at(n);
    int ok = powerlaw_fit(values, 200, 10, 1, NULL, &fit, why);
    mem_fail_at(0);
    if (ok) break;
    assert_non_null(strstr(why, "memory"));
    failed++;
  }
  assert_true(failed > 10);
}
#endif

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_zeta),
    cmocka_unit_test(test_zeta_far),
    cmocka_unit_test(test_degree),
    cmocka_unit_test(test_search_is_plfits),
    cmocka_unit_test(test_low_exponent),
    cmocka_unit_test(test_known_law),
    cmocka_unit_test(test_p_is_uniform),
    cmocka_unit_test(test_geometric_has_no_tail),
    cmocka_unit_test(test_binomial_has_no_tail),
    cmocka_unit_test(test_nothing_to_fit),
    cmocka_unit_test(test_refuses_out_of_range),
    cmocka_unit_test(test_extremes),
    cmocka_unit_test(test_same_for_any_threads),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(test_memory_runs_out),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("powerlaw", tests, NULL, NULL);
}
