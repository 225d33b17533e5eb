/* Other laws on the same tail: against naive sums, known sums and published ratios, on samples of
** each law, and on data that hold next to nothing. */
#include "degree/alternatives.h"
#include "degree/climb.h"
#include "base/mem.h"
#include "degree/moments.h"
#include "degree/powerlaw.h"
#include "base/rng.h"
#include "degree/zeta.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define LENGTH(a) (sizeof (a) / sizeof *(a))

static double weight (const Law *law, double t, double j) { return -law->theta[0] * t - law->theta[1] * j; }

static void statistics (double t, double j, double s[2]) {
  s[0] = t;
  s[1] = j;
}

static int near (double got, double want, double tolerance) {
  int ok = fabs(got - want) <= tolerance;
  if (!ok) print_message("# got %.17g, want %.17g within %g\n", got, want, tolerance);
  return ok;
}

/* x^-s from q on, against zeta: the mean of ln x is -zeta'/zeta, its variance zeta''. */
static void test_sum_is_zeta (void **state) {
  (void)state;
  for (double s = 1.1; s < 3000; s *= 1.7)
    for (double q = 1; q < 1e12; q *= 23) {
      if (s > 1e4 * q) continue;
      Law law = { weight, statistics, q, { s, 0 } };
      Moments m = moments_sum(&law);
      Zeta z = zeta_log(s, q);
      assert_true(near(m.log, z.relative, 1e-9 * fmax(1, fabs(z.relative))));
      assert_true(near(m.mean[0], -z.first - log(q), 1e-8 * (1 / (s - 1) + 1 / q)));
      if (z.second > 1e-12) assert_true(near(m.cov[0], z.second, 1e-6 * z.second));
    }
}

/* e^-lambda j: sums of a geometric series, for steep and for nearly level laws. */
static void test_sum_is_geometric (void **state) {
  (void)state;
  for (double lambda = 1e-9; lambda < 30; lambda *= 3.1) {
    Law law = { weight, statistics, 5, { 0, lambda } };
    Moments m = moments_sum(&law);
    double r = exp(-lambda), none = -expm1(-lambda);
    assert_true(near(m.log, -log(none), 1e-9));
    assert_true(near(m.mean[1], r / none, 1e-8 * r / none));
    assert_true(near(m.cov[2], r / (none * none), 1e-7 * r / (none * none)));
  }
}

/* A hill far from the tail's beginning: j^k e^-lambda j has its top at k / lambda. */
static void test_sum_of_far_hill (void **state) {
  (void)state;
  for (double k = 10; k < 1e13; k *= 10) {
    double lambda = k / 1e6;  /* a gamma law: total gamma(k + 1) / lambda^(k + 1), mean (k + 1) / lambda */
    Law law = { weight, statistics, 1, { -k, lambda } };
    Moments m = moments_sum(&law);
    double total = lgamma(k + 1) - (k + 1) * log(lambda) + lambda;
    assert_true(near(m.log, total, 1e-9 * fabs(total)));
    assert_true(near(m.mean[1] + 1, (k + 1) / lambda, 1e-6 * 1e6));
  }
}

static Hill look_parabola (const void *context, const double theta[2]) {
  const double *at = context;
  double x = theta[0] - at[0], y = theta[1] - at[1];
  return (Hill){ -x * x - x * y - y * y, { -2 * x - y, -x - 2 * y }, { -2, -1, -2 } };
}

static void test_climb (void **state) {
  (void)state;
  double top[2] = { 3, -2 }, theta[2] = { 0, 0 };
  climb_top(&(Climb){ look_parabola, top, 2, -10 }, theta);
  assert_true(near(theta[0], 3, 1e-5) && near(theta[1], -2, 1e-5));
  double bounded[2] = { 0, 5 };  /* the bound lies before the top: it is neared, never crossed */
  climb_top(&(Climb){ look_parabola, top, 2, -1 }, bounded);
  assert_true(bounded[1] > -1 && bounded[1] < -0.99);
  double one[2] = { 0, 1 };      /* along the line y = 1 the top is at x = 3 - 3 / 2 */
  assert_true(climb_top(&(Climb){ look_parabola, top, 1, 0 }, one).slope[1] < 0);
  assert_true(near(one[0], 1.5, 1e-5) && one[1] == 1);
}

/* ---- samples ---------------------------------------------------------------------------- */

enum { N = 3000 };

/* Draws from weights w(x) = exp(log_w(x)), x = xmin .. xmin + 20000, by adding up. */
static void draw (int64_t *values, size_t n, int64_t xmin, double (*log_w) (double), uint64_t seed) {
  enum { MOST = 20000 };
  static double sum[MOST];
  double total = 0, top = -HUGE_VAL;
  for (int i = 0; i < MOST; i++) top = fmax(top, log_w((double)xmin + i));
  for (int i = 0; i < MOST; i++) sum[i] = total += exp(log_w((double)xmin + i) - top);
  Rng rng;
  rng_seed(&rng, seed, 0);
  for (size_t k = 0; k < n; k++) {
    double u = rng_double(&rng) * total;
    int low = -1, high = MOST - 1;
    while (high - low > 1) {
      int middle = (low + high) / 2;
      if (sum[middle] > u) high = middle;
      else low = middle;
    }
    values[k] = xmin + high;
  }
}

static double log_power (double x) { return -2.3 * log(x); }
static double log_exponential (double x) { return -0.08 * x; }
static double log_poisson (double x) { return x * log(20) - lgamma(x + 1); }
static double log_lognormal (double x) { double z = (log(x) - 2.5) / 0.6; return -log(x) - z * z / 2; }
static double log_cutoff (double x) { return -1.4 * log(x) - 0.02 * x; }

/* The power law that fits best from the least value on, and its rivals. */
static double compare (const int64_t *values, size_t n, Alternative result[ALTERNATIVES]) {
  char why[256];
  PowerlawTry *tries;
  assert_true(powerlaw_scan(values, n, &tries, why) > 0);
  double alpha = tries[0].alpha;
  mem_free(tries);
  Degree *d = degree_new(values, n);
  assert_true(alternatives_compare(d, 0, alpha, result));
  degree_free(d);
  return alpha;
}

static void expect_preferred (double (*log_w) (double), int64_t xmin, int kind) {
  static int64_t values[N];
  Alternative a[ALTERNATIVES];
  draw(values, N, xmin, log_w, 7);
  compare(values, N, a);
  assert_true(a[kind].R < -20 && a[kind].p < 1e-3);
  for (int k = 0; k < ALTERNATIVES; k++) {
    int holds_it = kind == ALTERNATIVE_EXPONENTIAL && k == ALTERNATIVE_CUTOFF;  /* alpha = 0 */
    if (!(a[kind].L >= a[k].L - (holds_it ? 5 : 0))) print_message("# kind %d: %.9g, but law %d has %.9g\n", kind, a[kind].L, k, a[k].L);
    assert_true(a[kind].L >= a[k].L - (holds_it ? 5 : 0));
  }
}

static void test_each_is_found (void **state) {
  (void)state;
  expect_preferred(log_exponential, 1, ALTERNATIVE_EXPONENTIAL);
  expect_preferred(log_poisson, 3, ALTERNATIVE_POISSON);
  expect_preferred(log_lognormal, 1, ALTERNATIVE_LOGNORMAL);
  expect_preferred(log_cutoff, 2, ALTERNATIVE_CUTOFF);
}

static void test_parameters (void **state) {
  (void)state;
  static int64_t values[N];
  Alternative a[ALTERNATIVES];
  draw(values, N, 4, log_exponential, 1);
  compare(values, N, a);
  assert_true(near(a[ALTERNATIVE_EXPONENTIAL].first, 0.08, 0.005));
  draw(values, N, 15, log_poisson, 1);
  compare(values, N, a);
  assert_true(near(a[ALTERNATIVE_POISSON].first, 20, 0.5));
  draw(values, N, 2, log_lognormal, 1);
  compare(values, N, a);
  assert_true(near(a[ALTERNATIVE_LOGNORMAL].first, 2.5, 0.05));
  assert_true(near(a[ALTERNATIVE_LOGNORMAL].second, 0.6, 0.04));
  assert_false(a[ALTERNATIVE_LOGNORMAL].limit);
  draw(values, N, 1, log_cutoff, 1);
  compare(values, N, a);
  assert_true(near(a[ALTERNATIVE_CUTOFF].first, 1.4, 0.1));
  assert_true(near(a[ALTERNATIVE_CUTOFF].second, 0.02, 0.005));
}

static void test_power_law_keeps_its_own (void **state) {
  (void)state;
  static int64_t values[N];
  int needless = 0;
  for (uint64_t seed = 0; seed < 40; seed++) {
    Alternative a[ALTERNATIVES];
    draw(values, N, 3, log_power, seed);
    compare(values, N, a);
    assert_true(a[ALTERNATIVE_EXPONENTIAL].R > 0 && a[ALTERNATIVE_EXPONENTIAL].p < 0.1);
    assert_true(a[ALTERNATIVE_POISSON].R > a[ALTERNATIVE_EXPONENTIAL].R);
    assert_true(a[ALTERNATIVE_LOGNORMAL].R > -6 && a[ALTERNATIVE_CUTOFF].R <= 0);
    needless += a[ALTERNATIVE_CUTOFF].p > 0.1;
  }
  assert_true(needless >= 28);  /* nine tenths are expected, and more: lambda has a bound */
}

/* ---- the naive twin --------------------------------------------------------------------- */

/* ln p(x) of law `kind` with these parameters, by its formula and one long sum. */
static double naive_log (int kind, double first, double second, double x) {
  switch (kind) {
    case ALTERNATIVE_EXPONENTIAL: return -first * x;
    case ALTERNATIVE_POISSON: return x * log(first) - lgamma(x + 1);
    case ALTERNATIVE_LOGNORMAL: return -log(x) - pow((log(x) - first) / second, 2) / 2;
    default: return -first * log(x) - second * x;
  }
}

static double naive_likelihood (const int64_t *values, int n, int64_t xmin, int kind, double first, double second) {
  double total = 0, sum = 0, top = naive_log(kind, first, second, (double)values[n / 2]);
  for (int64_t x = xmin; x < xmin + 30000; x++) total += exp(naive_log(kind, first, second, (double)x) - top);
  for (int i = 0; i < n; i++) sum += naive_log(kind, first, second, (double)values[i]) - top - log(total);
  return sum;
}

/* The likelihood reported is that of the parameters reported, and there is none greater around. */
static void test_twin (void **state) {
  (void)state;
  enum { FEW = 150 };
  double (*const laws[])(double) = { log_exponential, log_poisson, log_lognormal, log_cutoff };
  int64_t values[FEW];
  for (size_t law = 0; law < LENGTH(laws); law++) {
    Alternative a[ALTERNATIVES];
    draw(values, FEW, 5, laws[law], 3);
    values[0] = 5;
    compare(values, FEW, a);
    for (int k = 0; k < ALTERNATIVES; k++) {
      double first = a[k].first, second = a[k].second;
      assert_true(near(naive_likelihood(values, FEW, 5, k, first, second), a[k].L, 1e-6));
      for (int turn = 0; turn < 8; turn++) {
        double f = first + 1e-3 * fabs(first) * cos(turn * M_PI / 4), s = second * (1 + 1e-3 * sin(turn * M_PI / 4));
        assert_true(naive_likelihood(values, FEW, 5, k, f, s) <= a[k].L + 1e-7);
      }
    }
  }
}

static void test_vuong_by_hand (void **state) {
  (void)state;
  const int64_t values[] = { 2, 2, 2, 3, 3, 5, 9 };
  const int n = LENGTH(values);
  Alternative a[ALTERNATIVES];
  double alpha = compare(values, LENGTH(values), a), total = 0, d[LENGTH(values)], R = 0, squares = 0;
  for (int x = 1000000; x >= 2; x--) total += pow(x, -alpha);
  total += pow(1000000.5, 1 - alpha) / (alpha - 1);
  for (int i = 0; i < n; i++) {
    double lambda = a[ALTERNATIVE_EXPONENTIAL].first;
    d[i] = -alpha * log((double)values[i]) - log(total) - log1p(-exp(-lambda)) + lambda * (double)(values[i] - 2);
    R += d[i];
  }
  for (int i = 0; i < n; i++) squares += (d[i] - R / n) * (d[i] - R / n);
  const Alternative *e = &a[ALTERNATIVE_EXPONENTIAL];
  assert_true(near(e->R, R, 1e-6) && near(e->z, R / sqrt(squares), 1e-6));
  assert_true(near(e->p, erfc(fabs(R) / sqrt(2 * squares)), 1e-6));
  const Alternative *c = &a[ALTERNATIVE_CUTOFF];
  assert_true(isnan(c->z) && near(c->p, erfc(sqrt(fabs(c->R))), 1e-12));
}

/* ---- little to go by --------------------------------------------------------------------- */

static void test_nothing_to_tell (void **state) {
  (void)state;
  const int64_t constant[] = { 4, 4, 4, 4 }, last[] = { 1, 2, 3, 3 };
  const struct { const int64_t *values; size_t n; int64_t at; } cases[] = {
    { constant, 4, 0 }, { last, 4, 2 } /* xmin is the largest */
  };
  for (size_t i = 0; i < LENGTH(cases); i++) {
    Alternative a[ALTERNATIVES];
    Degree *d = degree_new(cases[i].values, cases[i].n);
    assert_true(alternatives_compare(d, cases[i].at, 2, a));
    degree_free(d);
    for (int k = 0; k < ALTERNATIVES; k++) assert_true(isnan(a[k].R) && isnan(a[k].p) && isnan(a[k].L));
  }
}

static void expect_numbers (const int64_t *values, size_t n, double alpha) {
  Alternative a[ALTERNATIVES];
  Degree *d = degree_new(values, n);
  assert_true(alternatives_compare(d, 0, alpha, a));
  degree_free(d);
  for (int k = 0; k < ALTERNATIVES; k++) {
    if (!isfinite(a[k].R) || !(a[k].p >= 0 && a[k].p <= 1)) print_message("# law %d of %zu values from %ld: R %g, p %g\n", k, n, values[0], a[k].R, a[k].p);
    assert_true(isfinite(a[k].R) && isfinite(a[k].L) && a[k].p >= 0 && a[k].p <= 1);
    assert_true(a[k].L <= 1e-6);
  }
  assert_true(a[ALTERNATIVE_CUTOFF].R <= 0);
}

static void test_extremes (void **state) {
  (void)state;
  const int64_t two[] = { 5, 6 }, same[] = { 1, 1, 1, 1, 1, 1, 2 }, gap[] = { 1, POWERLAW_LARGEST };
  const int64_t high[] = { POWERLAW_LARGEST - 5, POWERLAW_LARGEST - 3, POWERLAW_LARGEST - 3, POWERLAW_LARGEST };
  const int64_t wide[] = { 1, 10, 1000, 100000, 10000000, 1000000000, INT64_C(100000000000000) };
  expect_numbers(two, 2, 5);
  expect_numbers(two, 2, 60);
  expect_numbers(same, 7, 3.5);
  expect_numbers(gap, 2, 1.05);
  expect_numbers(high, 4, 1e15);
  expect_numbers(wide, 7, 1.06);
  int64_t values[400];
  for (int i = 0; i < 400; i++) values[i] = 1000000 + i;
  expect_numbers(values, 400, 5000);
  for (int i = 0; i < 400; i++) values[i] = i < 399 ? 100000 : 100001;
  expect_numbers(values, 400, 5e5);
}

/* Random little sequences of all sizes: numbers always, and never a cut-off that fits worse. */
static void test_any_sequence (void **state) {
  (void)state;
  Rng rng;
  rng_seed(&rng, 12, 0);
  for (int round = 0; round < 400; round++) {
    int64_t values[60];
    size_t n = 3 + rng_below(&rng, 57), from = 1 + rng_below(&rng, round % 3 ? 5 : 100000);
    double spread = pow(10, 4 * rng_double(&rng));
    for (size_t i = 0; i < n; i++) values[i] = (int64_t)(from + (uint64_t)(spread * pow(rng_double(&rng), 3)));
    PowerlawTry *tries;
    char why[256];
    int64_t candidates = powerlaw_scan(values, n, &tries, why);
    double alpha = candidates > 0 ? tries[0].alpha : 0;
    mem_free(tries);
    if (candidates > 0 && isfinite(alpha)) expect_numbers(values, n, alpha);
  }
}

/* ---- fit, judgement, words ----------------------------------------------------------------- */

static void judged (const int64_t *values, size_t n, int32_t replicates, Powerlaw *fit, char text[POWERLAW_SENTENCE]) {
  char why[256];
  assert_true(powerlaw_fit(values, n, replicates, 1, NULL, fit, why));
  assert_true(powerlaw_compare(values, n, fit, why));
  powerlaw_verdict(fit, text);
}

static void test_verdicts (void **state) {
  (void)state;
  static int64_t values[N];
  Powerlaw fit;
  char text[POWERLAW_SENTENCE];
  draw(values, N, 1, log_power, 8);
  judged(values, N, 100, &fit, text);
  assert_true(fit.compared && (fit.verdict == POWERLAW_UNDECIDED || fit.verdict == POWERLAW_SUPPORTED));
  assert_non_null(strstr(text, "better than exponential and Poisson"));
  judged(values, N, 0, &fit, text);
  assert_int_equal(fit.verdict, POWERLAW_UNTESTED);
  for (int i = 0; i < 100; i++) values[i] = 7;
  judged(values, 100, 10, &fit, text);
  assert_int_equal(fit.verdict, POWERLAW_NO_FIT);
  assert_false(fit.compared);
}

/* The rules one by one, on made-up facts. */
static void test_rules (void **state) {
  (void)state;
  Powerlaw good = { .n = 1000, .n_tail = 200, .xmin = 3, .max = 300, .alpha = 2.5, .p = 0.5, .compared = 1, .verdict = POWERLAW_POSSIBLE };
  for (int k = 0; k < ALTERNATIVES; k++) good.alternative[k] = (Alternative){ .R = 9, .z = 4, .p = 1e-4 };
  good.alternative[ALTERNATIVE_CUTOFF] = (Alternative){ .R = -0.1, .p = 0.65, .first = 2.4 };
  const struct { const char *what, *words; PowerlawVerdict verdict; } rules[] = {
    { "all is well", "power law supported: not rejected (p = 0.5), better than exponential, Poisson and log-normal", POWERLAW_SUPPORTED },
    { "few values", "tail too short: 49 values from 3 to 300; a power law needs at least 50", POWERLAW_SHORT_TAIL },
    { "under a decade", "; that is less than the one decade which a power law needs", POWERLAW_SHORT_TAIL },
    { "p at the limit", "rejected: p = 0.1", POWERLAW_REJECTED },
    { "log-normal better", "not preferred; better: log-normal (R = -2.00, p = 0.05)", POWERLAW_BEATEN },
    { "cut-off needed", "better: power law with cut-off (alpha = 1.20, p = 0.01)", POWERLAW_BEATEN },
    { "log-normal alike", "cannot be told from log-normal (R = 0.33, p = 0.74)", POWERLAW_UNDECIDED },
    { "steep", "alpha = 5.1 lies outside 1.5 to 5", POWERLAW_ODD_ALPHA },
    { "flat and rejected", "the exponent lies outside 1.5 to 5 too", POWERLAW_REJECTED },
    { "nothing compared", "other distributions may fit as well or better", POWERLAW_POSSIBLE },
    { "no bootstrap", "not tested", POWERLAW_UNTESTED },
    { "none of the replicates fits worse", "power law rejected: p < 0.001, and", POWERLAW_REJECTED },
    { "too few replicates to say more", "power law rejected: p = 0, and", POWERLAW_REJECTED },
    { "under a decade and rejected", "the one decade which a power law needs; even these reject one: p = 0.002", POWERLAW_SHORT_TAIL },
  };
  for (size_t i = 0; i < LENGTH(rules); i++) {
    Powerlaw f = good;
    Alternative *lognormal = &f.alternative[ALTERNATIVE_LOGNORMAL], *cutoff = &f.alternative[ALTERNATIVE_CUTOFF];
    switch (i) {
      case 1: f.n_tail = 49; break;
      case 2: f.max = 29; break;
      case 3: f.p = 0.1; break;
      case 4: *lognormal = (Alternative){ .R = -5, .z = -2, .p = 0.05 }; break;
      case 5: *cutoff = (Alternative){ .R = -3.3, .p = 0.01, .first = 1.2 }; break;
      case 6: *lognormal = (Alternative){ .R = 1, .z = 0.33, .p = 0.74 }; break;
      case 7: f.alpha = 5.1; break;
      case 8: f.alpha = 1.4; f.p = 0; break;
      case 9: f.compared = 0; break;
      case 10: f.p = (double)NAN; break;
      case 11: f.p = 0; f.replicates = 1000; break;
      case 12: f.p = 0; f.replicates = 5; break;
      case 13: f.max = 29; f.p = 0.002; break;
    }
    char text[POWERLAW_SENTENCE];
    powerlaw_judge(&f);
    powerlaw_verdict(&f, text);
    if (f.verdict != rules[i].verdict || !strstr(text, rules[i].words)) print_message("# %s: %s\n", rules[i].what, text);
    assert_int_equal(f.verdict, rules[i].verdict);
    assert_non_null(strstr(text, rules[i].words));
  }
}

/* The lowest point of the scan is the fit. */
static void test_scan (void **state) {
  (void)state;
  static int64_t values[N];
  draw(values, N, 2, log_power, 9);
  Powerlaw fit;
  PowerlawTry *tries;
  char why[256];
  assert_true(powerlaw_fit(values, N, 0, 1, NULL, &fit, why));
  int64_t n = powerlaw_scan(values, N, &tries, why), best = 0;
  assert_true(n > 10);
  for (int64_t i = 0; i < n; i++) {
    if (tries[i].D < tries[best].D) best = i;
    if (i) assert_true(tries[i].xmin > tries[i - 1].xmin && tries[i].n_tail < tries[i - 1].n_tail);
  }
  assert_int_equal(tries[best].xmin, fit.xmin);
  assert_int_equal(tries[best].n_tail, fit.n_tail);
  assert_true(near(tries[best].D, fit.D, 1e-4) && near(tries[best].alpha, fit.alpha, 2e-3));
  mem_free(tries);
  const int64_t constant[] = { 3, 3 }, bad[] = { 1, -1 };
  assert_int_equal(powerlaw_scan(constant, 2, &tries, why), 0);
  mem_free(tries);
  assert_int_equal(powerlaw_scan(bad, 2, &tries, why), -1);
  assert_non_null(strstr(why, "value 2 is -1"));
}

#ifdef LAB_FAIL_ALLOC
static void test_memory_runs_out (void **state) {
  (void)state;
  int64_t values[300];
  draw(values, 300, 1, log_power, 2);
  Powerlaw fit;
  char why[256];
  assert_true(powerlaw_fit(values, 300, 0, 1, NULL, &fit, why));
  int failed = 0, ok = 0;
  for (long n = 1; !ok; n++) {
    PowerlawTry *tries = NULL;
    *why = '\0';
    mem_fail_at(n);
    ok = powerlaw_compare(values, 300, &fit, why) && powerlaw_scan(values, 300, &tries, why) > 0;
    mem_fail_at(0);
    mem_free(tries);
    if (!ok) assert_non_null(strstr(why, "memory"));
    failed += !ok;
  }
  assert_true(failed > 10);
}
#endif

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_sum_is_zeta),
    cmocka_unit_test(test_sum_is_geometric),
    cmocka_unit_test(test_sum_of_far_hill),
    cmocka_unit_test(test_climb),
    cmocka_unit_test(test_each_is_found),
    cmocka_unit_test(test_parameters),
    cmocka_unit_test(test_power_law_keeps_its_own),
    cmocka_unit_test(test_twin),
    cmocka_unit_test(test_vuong_by_hand),
    cmocka_unit_test(test_nothing_to_tell),
    cmocka_unit_test(test_extremes),
    cmocka_unit_test(test_any_sequence),
    cmocka_unit_test(test_verdicts),
    cmocka_unit_test(test_rules),
    cmocka_unit_test(test_scan),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(test_memory_runs_out),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("alternatives", tests, NULL, NULL);
}
