#include "degree/powerlaw.h"
#include "degree/bootstrap.h"
#include "degree/degree.h"
#include "degree/ks.h"
#include "base/mem.h"
#include "degree/zeta.h"
#include <inttypes.h>
#include <math.h>
#include <plfit.h>
#include <plfit_error.h>
#include <stdio.h>

enum { MANY_DISTINCT = 1000 };  /* libplfit's scan takes seconds from here on (distinct squared) */

/* The positive values, counted, in the shape of the search too. */
typedef struct Positive { Degree *degree; double *value, *log_value, *at_least; } Positive;

static void positive_free (Positive *p) {
  degree_free(p->degree);
  mem_free(p->value);
  mem_free(p->log_value);
  mem_free(p->at_least);
}

static int check_range (const int64_t *values, size_t n, char why[256]) {
  for (size_t i = 0; i < n; i++)
    if (values[i] < 0 || values[i] > POWERLAW_LARGEST) {
      snprintf(why, 256, "value %zu is %" PRId64 ": expected a whole number from 0 to %" PRId64,
               i + 1, values[i], POWERLAW_LARGEST);
      return 0;
    }
  return 1;
}

/* Counts what is above zero; 0 when memory runs out. */
static int positive_make (Positive *p, const int64_t *values, size_t n) {
  int64_t *kept = mem_new(n, sizeof *kept);
  size_t m = 0;
  for (size_t i = 0; kept && i < n; i++)
    if (values[i] > 0) kept[m++] = values[i];
  p->degree = kept ? degree_new(kept, m) : NULL;
  mem_free(kept);
  if (!p->degree) return 0;
  size_t k = (size_t)p->degree->distinct;
  p->value = mem_new(k, sizeof *p->value);
  p->log_value = mem_new(k, sizeof *p->log_value);
  p->at_least = mem_new(k, sizeof *p->at_least);
  if (!p->value || !p->log_value || !p->at_least) return 0;
  for (size_t i = 0; i < k; i++) {
    p->value[i] = (double)p->degree->value[i];
    p->log_value[i] = log(p->value[i]);
    p->at_least[i] = (double)p->degree->at_least[i];
  }
  return 1;
}

/* libplfit's fit of all positive values, or from value[at] on where its scan would take
** minutes; its status, PLFIT_ENOMEM included. */
static int fit_plfit (const Positive *p, int64_t at, plfit_result_t *result) {
  const Degree *d = p->degree;
  plfit_discrete_options_t options;
  plfit_discrete_options_init(&options);
  options.p_value_method = PLFIT_P_VALUE_SKIP;
  double *all = mem_new((size_t)d->n, sizeof *all);
  if (!all) return PLFIT_ENOMEM;
  for (int64_t i = 0, next = 0; i < d->distinct; i++)
    for (int64_t j = 0; j < d->count[i]; j++) all[next++] = p->value[i];
  plfit_set_error_handler(plfit_error_handler_ignore);  /* its own handler calls abort() */
  int status = d->distinct <= MANY_DISTINCT
    ? plfit_discrete(all, (size_t)d->n, &options, result)
    : plfit_estimate_alpha_discrete(all, (size_t)d->n, p->value[at], &options, result);
  mem_free(all);
  return status;
}

/* Log-likelihood of a tail: -n ln zeta(alpha, xmin) - alpha sum ln x. */
static double log_likelihood (const Ks *ks, int64_t at, double alpha) {
  double sum = 0;
  for (int64_t i = at; i < ks->distinct; i++)
    sum += ks->log_value[i] * (ks->at_least[i] - (i + 1 < ks->distinct ? ks->at_least[i + 1] : 0));
  return -ks->at_least[at] * zeta_log(alpha, ks->value[at]).log - alpha * sum;
}

/* libplfit 0.9.4 starts at alpha = 3, and below about 1.5 its line search may run past 1
** and stay at some alpha that is no maximum. Its fit counts if alpha is the most likely one
** for its xmin and no other tail is nearer. */
static int is_optimal (const Ks *ks, const plfit_result_t *theirs, const KsFit *ours) {
  int64_t at = 0;
  while (at < ks->distinct - 1 && ks->value[at] < theirs->xmin) at++;
  return fabs(theirs->alpha - ks_alpha(ks, at)) <= 2e-3 * theirs->alpha && theirs->D <= ours->D * 1.01;
}

/* The fit: libplfit's, or our own where libplfit's failed. 0 when memory runs out. */
static int fit_tail (const Positive *p, const Ks *ks, plfit_result_t *result) {
  KsFit ours = ks_search(ks, 0);
  int status = fit_plfit(p, ours.at, result);
  if (status != PLFIT_SUCCESS || !is_optimal(ks, result, &ours))
    *result = (plfit_result_t){ .alpha = ours.alpha, .xmin = ks->value[ours.at], .D = ours.D,
                                .L = log_likelihood(ks, ours.at, ours.alpha) };
  return status != PLFIT_ENOMEM;
}

/* Fit, standard error, bootstrap; 0 when memory runs out. */
static int fit_positive (const Positive *p, uint64_t seed, int (*stop) (void), Powerlaw *fit) {
  const Degree *d = p->degree;
  Ks ks = { d->distinct, p->value, p->log_value, p->at_least };
  plfit_result_t result;
  if (!fit_tail(p, &ks, &result)) return 0;
  int64_t at = 0;
  while (p->value[at] < result.xmin) at++;
  fit->alpha = result.alpha;
  fit->L = result.L;
  fit->D = result.D;
  fit->xmin = d->value[at];
  fit->n_tail = d->at_least[at];
  fit->sigma = 1 / sqrt((double)fit->n_tail * zeta_log(fit->alpha, result.xmin).second);
  if (fit->replicates > 0) {
    int32_t worse = bootstrap_count(d, at, fit->alpha, fit->D, fit->replicates, seed, stop);
    if (worse < 0) return 0;
    fit->p = (double)worse / fit->replicates;
  }
  powerlaw_judge(fit);
  return 1;
}

int powerlaw_fit (const int64_t *values, size_t n, int32_t replicates, uint64_t seed,
                  int (*stop) (void), Powerlaw *fit, char why[256]) {
  double nan_value = (double)NAN;
  *fit = (Powerlaw){ .n = (int64_t)n, .alpha = nan_value, .sigma = nan_value, .L = nan_value,
                     .D = nan_value, .p = nan_value, .replicates = replicates };
  if (!check_range(values, n, why)) return 0;
  Positive positive = { 0 };
  int ok = positive_make(&positive, values, n);
  if (ok) {
    const Degree *d = positive.degree;
    fit->zeros = fit->n - d->n;
    fit->distinct = d->distinct;
    fit->max = d->n ? d->value[d->distinct - 1] : 0;
    if (d->distinct >= POWERLAW_FEWEST) ok = fit_positive(&positive, seed, stop, fit);
  }
  positive_free(&positive);
  if (!ok) snprintf(why, 256, "not enough memory to fit %zu values", n);
  return ok;
}

int powerlaw_compare (const int64_t *values, size_t n, Powerlaw *fit, char why[256]) {
  if (fit->verdict == POWERLAW_NO_FIT) return 1;
  Positive positive = { 0 };
  int64_t at = 0;
  int ok = positive_make(&positive, values, n);
  while (ok && positive.degree->value[at] < fit->xmin) at++;
  if (ok) ok = alternatives_compare(positive.degree, at, fit->alpha, fit->alternative);
  positive_free(&positive);
  if (!ok) snprintf(why, 256, "not enough memory to compare fits of %zu values", n);
  fit->compared = ok;
  powerlaw_judge(fit);
  return ok;
}

int64_t powerlaw_scan (const int64_t *values, size_t n, PowerlawTry **tries, char why[256]) {
  *tries = NULL;
  if (!check_range(values, n, why)) return -1;
  Positive p = { 0 };
  int ok = positive_make(&p, values, n);
  int64_t candidates = 0;
  if (ok && p.degree->distinct >= POWERLAW_FEWEST) {
    Ks ks = { p.degree->distinct, p.value, p.log_value, p.at_least };
    candidates = ks_candidates(&ks);
    PowerlawTry *list = *tries = mem_new((size_t)candidates, sizeof *list);
    for (int64_t at = 0; list && at < candidates; at++) {
      double alpha = ks_alpha(&ks, at);
      list[at] = (PowerlawTry){ p.degree->value[at], p.degree->at_least[at], alpha,
                                ks_distance(&ks, at, alpha, HUGE_VAL) };
    }
    ok = list != NULL;
  }
  positive_free(&p);
  if (!ok) snprintf(why, 256, "not enough memory to scan %zu values", n);
  return ok ? candidates : -1;
}

double powerlaw_at_least (const Powerlaw *fit, double x) {
  return exp(zeta_log(fit->alpha, x).log - zeta_log(fit->alpha, (double)fit->xmin).log);
}
