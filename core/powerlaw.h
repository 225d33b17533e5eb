/*
** powerlaw.h -- does a degree sequence have a power-law tail?
**
** P(X = x) = x^-alpha / zeta(alpha, xmin) for x >= xmin. Fit by exact maximum likelihood,
** xmin by the least Kolmogorov-Smirnov distance (libplfit), standard error from the
** likelihood's curvature, p by semi-parametric bootstrap: Clauset, Shalizi and Newman 2009.
**
** A fit always succeeds on something: xmin runs into the tail until the few values left
** look straight. A binomial or geometric sample then "fits" with alpha above 15. Hence the
** verdict, which looks at n_tail and the tail's width first, at p next, at alpha last.
*/
#ifndef SETLAB_POWERLAW_H
#define SETLAB_POWERLAW_H
#include <stddef.h>
#include <stdint.h>

typedef enum PowerlawVerdict {
  POWERLAW_NO_FIT,      /* fewer than 3 different positive values: nothing was fitted */
  POWERLAW_SHORT_TAIL,  /* n_tail < 50, or the tail spans less than one decade */
  POWERLAW_REJECTED,    /* p <= 0.1 */
  POWERLAW_ODD_ALPHA,   /* alpha outside 1.5 .. 5 */
  POWERLAW_UNTESTED,    /* nothing against it, but no bootstrap was run */
  POWERLAW_POSSIBLE     /* p > 0.1: not rejected, which proves nothing */
} PowerlawVerdict;

typedef struct Powerlaw {
  int64_t n, zeros;     /* values given; of them zeros, which take no part in the fit */
  int64_t distinct;     /* different positive values */
  int64_t xmin, max;    /* first value of the tail; largest value of all */
  int64_t n_tail;       /* values >= xmin */
  double  alpha, sigma; /* exponent and its standard error */
  double  L, D;         /* log-likelihood of the tail; distance to the power law */
  double  p;            /* share of replicates that fit worse; NaN without bootstrap */
  int32_t replicates;
  PowerlawVerdict verdict;
} Powerlaw;

#define POWERLAW_LARGEST INT64_C(9007199254740992)  /* 2^53: larger values are refused */

/* Fits values[0 .. n-1] (each 0 .. POWERLAW_LARGEST) with `replicates` >= 0 of bootstrap,
** which `stop` may end early (bootstrap.h; p then means nothing).
** Without a fit (POWERLAW_NO_FIT) alpha, sigma, L, D and p are NaN, xmin and n_tail 0.
** Returns 1; or 0 and the reason in `why`: a value out of range, memory. */
int    powerlaw_fit     (const int64_t *values, size_t n, int32_t replicates, uint64_t seed,
                         int (*stop) (void), Powerlaw *fit, char why[256]);
/* One sentence on what the fit is worth, without a full stop. */
void   powerlaw_verdict (const Powerlaw *fit, char text[256]);
/* P(X >= x) of the fitted tail, x >= xmin. */
double powerlaw_at_least (const Powerlaw *fit, double x);

#endif
