#include "degree/alternatives.h"
#include "degree/climb.h"
#include "base/mem.h"
#include "degree/moments.h"
#include "degree/zeta.h"
#include <math.h>
#include <string.h>

#define WIDEST 20.0  /* sigma of the log-normal */
#define LENGTH(a) ((int)(sizeof (a) / sizeof *(a)))

const AlternativeLaw alternative_law[ALTERNATIVES] = {
  [ALTERNATIVE_EXPONENTIAL] = { "exponential", "exponential", "lambda", NULL },
  [ALTERNATIVE_POISSON] = { "poisson", "Poisson", "mu", NULL },
  [ALTERNATIVE_LOGNORMAL] = { "lognormal", "log-normal", "mu", "sigma" },
  [ALTERNATIVE_CUTOFF] = { "cutoff", "power law with cut-off", "alpha", "lambda" },
};

/* The tail, counted: x = xmin + j = xmin e^t. */
typedef struct Tail {
  int64_t distinct;
  double  n, xmin, largest;
  double *j, *t, *count;  /* (distinct) */
  double *other;          /* (distinct) ln p of the law at hand */
  double *power;          /* (distinct) ln p of the power law */
} Tail;

static void tail_free (Tail *tail) { mem_free(tail->j); }

static int tail_make (Tail *tail, const Degree *data, int64_t at) {
  size_t k = (size_t)(data->distinct - at);
  *tail = (Tail){ .distinct = (int64_t)k, .n = (double)data->at_least[at], .xmin = (double)data->value[at],
                  .largest = (double)data->value[data->distinct - 1] };
  double *block = tail->j = mem_new(5 * k, sizeof *block);
  if (!block) return 0;
  tail->t = block + k;
  tail->count = block + 2 * k;
  tail->other = block + 3 * k;
  tail->power = block + 4 * k;
  for (size_t i = 0; i < k; i++) {
    tail->j[i] = (double)(data->value[(size_t)at + i] - data->value[at]);
    tail->t[i] = log1p(tail->j[i] / tail->xmin);
    tail->count[i] = (double)data->count[(size_t)at + i];
  }
  return 1;
}

/* ---- exponential -------------------------------------------------------------------------- */

static void fit_exponential (Tail *tail, double alpha, Alternative *a) {
  (void)alpha;
  double mean = 0;  /* of x - xmin, a geometric variable */
  for (int64_t i = 0; i < tail->distinct; i++) mean += tail->j[i] * tail->count[i] / tail->n;
  a->first = log1p(1 / mean);
  double none = -log1p(mean);  /* ln p(xmin) = ln (1 - e^-lambda) */
  for (int64_t i = 0; i < tail->distinct; i++) tail->other[i] = none - a->first * tail->j[i];
}

/* ---- Poisson: theta = -ln mu ------------------------------------------------------------ */

/* ln x! - (x + 1/2) ln x + x - ln sqrt(2 pi), Stirling's remainder. */
static double stirling_rest (double x) {
  if (x < 16) return lgamma(x + 1) - (x + 0.5) * log(x) + x - 0.91893853320467274178;
  double r = 1 / (x * x);
  return (1.0 / 12 - r * (1.0 / 360 - r * (1.0 / 1260 - r * (1.0 / 1680 - r / 1188)))) / x;
}

/* x ln (x/mu) + mu - x, exactly also where x is near mu (Loader 2000). */
static double deviance (double x, double mu) {
  double v = (x - mu) / (x + mu);
  if (fabs(v) > 0.1) return x * log(x / mu) + mu - x;
  double sum = (x - mu) * v, term = 2 * x * v;
  for (int k = 1; k < 60; k++) {
    term *= v * v;
    double next = sum + term / (2 * k + 1);
    if (next == sum) break;
    sum = next;
  }
  return sum;
}

/* ln of mu^x e^-mu / x!, by Loader's saddle point; x >= 1. */
static double poisson_weight (const Law *law, double t, double j) {
  (void)t;
  double x = law->origin + j;
  if (!isfinite(x)) return -HUGE_VAL;
  return -stirling_rest(x) - deviance(x, exp(-law->theta[0])) - 0.5 * log(2 * M_PI * x);
}

static void poisson_statistics (double t, double j, double s[2]) {
  (void)t;
  s[0] = j;
}

/* ---- log-normal: ln p = const - theta0 t - theta1 t^2, theta1 = 1 / (2 sigma^2) ---------- */

static double lognormal_weight (const Law *law, double t, double j) {
  (void)j;
  return -t * (law->theta[0] + law->theta[1] * t);
}

static void lognormal_statistics (double t, double j, double s[2]) {
  (void)j;
  s[0] = t;
  s[1] = t * t;
}

/* ---- power law with cut-off: theta = (alpha, lambda) -------------------------------------- */

static double cutoff_weight (const Law *law, double t, double j) {
  return -law->theta[0] * t - law->theta[1] * j;
}

static void cutoff_statistics (double t, double j, double s[2]) {
  s[0] = t;
  s[1] = j;
}

/* ---- fitting the last three: they are exponential families ---------------------------------- */

/* Log-likelihood of the tail under a law, with its derivatives in theta. */
typedef struct Likelihood { const Tail *tail; Law law; double mean[2]; } Likelihood;

static Likelihood likelihood (const Tail *tail, const Law *law) {
  Likelihood l = { tail, *law, { 0, 0 } };
  l.law.origin = tail->xmin;
  for (int64_t i = 0; i < tail->distinct; i++) {
    double s[2] = { 0, 0 };
    law->statistics(tail->t[i], tail->j[i], s);
    l.mean[0] += s[0] * tail->count[i] / tail->n;
    l.mean[1] += s[1] * tail->count[i] / tail->n;
  }
  return l;
}

static Hill look (const void *context, const double theta[2]) {
  const Likelihood *l = context;
  const Tail *tail = l->tail;
  Law law = l->law;
  law.theta[0] = theta[0];
  law.theta[1] = theta[1];
  Moments m = moments_sum(&law);
  double n = tail->n;
  Hill hill = { .height = -n * m.log, .bend = { -n * m.cov[0], -n * m.cov[1], -n * m.cov[2] },
                .slope = { n * (m.mean[0] - l->mean[0]), n * (m.mean[1] - l->mean[1]) } };
  for (int64_t i = 0; i < tail->distinct; i++)
    hill.height += tail->count[i] * law.log_weight(&law, tail->t[i], tail->j[i]);
  return hill;
}

static void fill_other (Tail *tail, const Likelihood *l, const double theta[2]) {
  Law law = l->law;
  law.theta[0] = theta[0];
  law.theta[1] = theta[1];
  double total = moments_sum(&law).log;
  for (int64_t i = 0; i < tail->distinct; i++)
    tail->other[i] = law.log_weight(&law, tail->t[i], tail->j[i]) - total;
}

static void fit_poisson (Tail *tail, double alpha, Alternative *a) {
  (void)alpha;
  Likelihood l = likelihood(tail, &(Law){ poisson_weight, poisson_statistics, 0, { 0, 0 } });
  double theta[2] = { -log(fmin(tail->xmin + l.mean[0], (tail->xmin + 1) * (l.mean[0] + 0.1))), 0 };
  climb_top(&(Climb){ look, &l, 1, 0 }, theta);
  fill_other(tail, &l, theta);
  a->first = exp(-theta[0]);
}

static double variance_of_t (const Tail *tail, double mean) {
  double sum = 0;
  for (int64_t i = 0; i < tail->distinct; i++) sum += (tail->t[i] - mean) * (tail->t[i] - mean) * tail->count[i] / tail->n;
  return sum;
}

/* First with sigma as large as may be, from the power law and from the exponent of a continuous
** one: if the likelihood falls with a smaller sigma, that is it. Otherwise on from there, and
** from the mean and variance of t. */
static void fit_lognormal (Tail *tail, double alpha, Alternative *a) {
  const double least = 0.5 / (WIDEST * WIDEST);
  Likelihood l = likelihood(tail, &(Law){ lognormal_weight, lognormal_statistics, 0, { 0, 0 } });
  const double widest[][2] = { { alpha, least }, { 1 + 1 / l.mean[0], least } };
  double theta[2], variance = variance_of_t(tail, l.mean[0]);
  a->limit = climb_best(&(Climb){ look, &l, 1, least }, widest, LENGTH(widest), theta).slope[1] <= 0;
  if (!a->limit) {
    const double start[][2] = { { theta[0], 2 * least }, { 1 - l.mean[0] / variance, fmax(0.5 / variance, 2 * least) } };
    climb_best(&(Climb){ look, &l, 2, least }, start, LENGTH(start), theta);
  }
  fill_other(tail, &l, theta);
  a->first = log(tail->xmin) - (theta[0] - 1) / (2 * theta[1]);
  a->second = sqrt(0.5 / theta[1]);
}

/* Would a small cut-off help? Only if the power law's own mean is above that of the data. */
static int wants_cutoff (const Likelihood *l, double alpha) {
  if (alpha <= 2) return 1;
  double xmin = l->tail->xmin;
  return xmin * expm1(zeta_log(alpha - 1, xmin).relative - zeta_log(alpha, xmin).relative) > l->mean[1];
}

/* From the power law with little of a cut-off, and from the exponential law: both are members. */
static void fit_cutoff (Tail *tail, double alpha, Alternative *a) {
  Likelihood l = likelihood(tail, &(Law){ cutoff_weight, cutoff_statistics, 0, { 0, 0 } });
  const double start[][2] = { { alpha, 1 / (tail->largest - tail->xmin + 1) }, { 0, log1p(1 / l.mean[1]) } };
  double theta[2] = { alpha, 0 };
  a->limit = !wants_cutoff(&l, alpha);
  if (!a->limit) climb_best(&(Climb){ look, &l, 2, 0 }, start, LENGTH(start), theta);
  if (a->limit) memcpy(tail->other, tail->power, (size_t)tail->distinct * sizeof *tail->other);
  else fill_other(tail, &l, theta);
  a->first = theta[0];
  a->second = theta[1];
}

/* ---- comparing ------------------------------------------------------------------------------ */

static void fill_power (Tail *tail, double alpha) {
  double total = zeta_log(alpha, tail->xmin).relative;
  for (int64_t i = 0; i < tail->distinct; i++) tail->power[i] = -alpha * tail->t[i] - total;
}

/* R, z and p of Vuong's test from the differences of every value. */
static void test_vuong (const Tail *tail, Alternative *a) {
  double sum = 0, squares = 0, L = 0;
  for (int64_t i = 0; i < tail->distinct; i++) {
    sum += tail->count[i] * (tail->power[i] - tail->other[i]);
    L += tail->count[i] * tail->other[i];
  }
  double mean = sum / tail->n;
  for (int64_t i = 0; i < tail->distinct; i++) {
    double d = tail->power[i] - tail->other[i] - mean;
    squares += tail->count[i] * d * d;
  }
  a->R = sum;
  a->L = L;
  a->z = sum / sqrt(squares);  /* n sigma^2 */
  a->p = erfc(fabs(a->z) / sqrt(2));
}

static void test_nested (Alternative *a) {
  a->R = fmin(a->R, 0);
  a->z = (double)NAN;
  a->p = erfc(sqrt(-a->R));  /* 1 - chi2(2 |R|), one degree of freedom */
}

/* Each fills tail->other and the parameters; alpha is the power law's exponent. */
static void (*const fits[ALTERNATIVES]) (Tail *tail, double alpha, Alternative *a) = {
  [ALTERNATIVE_EXPONENTIAL] = fit_exponential, [ALTERNATIVE_POISSON] = fit_poisson,
  [ALTERNATIVE_LOGNORMAL] = fit_lognormal, [ALTERNATIVE_CUTOFF] = fit_cutoff
};

int alternatives_compare (const Degree *data, int64_t at, double alpha, Alternative result[ALTERNATIVES]) {
  double none = (double)NAN;
  for (int k = 0; k < ALTERNATIVES; k++) result[k] = (Alternative){ none, none, none, none, none, none, 0 };
  if (data->distinct - at < 2) return 1;
  Tail tail;
  if (!tail_make(&tail, data, at)) return 0;
  fill_power(&tail, alpha);
  for (int k = 0; k < ALTERNATIVES; k++) {
    Alternative *a = &result[k];
    fits[k](&tail, alpha, a);
    test_vuong(&tail, a);
    if (k == ALTERNATIVE_CUTOFF) test_nested(a);
  }
  tail_free(&tail);
  return 1;
}
