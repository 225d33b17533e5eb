/*
** powerlaw.h -- does a degree sequence have a power-law tail?
**
** P(X = x) = x^-alpha / zeta(alpha, xmin) for x >= xmin. Fit by exact maximum likelihood,
** xmin by the least Kolmogorov-Smirnov distance (libplfit), standard error from the
** likelihood's curvature, p by semi-parametric bootstrap: Clauset, Shalizi and Newman 2009.
**
** A fit always succeeds on something: xmin runs into the tail until the few values left
** look straight. A binomial or geometric sample then "fits" with alpha above 15. Hence the
** verdict, which looks at n_tail and the tail's width first, then at p, at the alternatives
** and at alpha.
*/
#ifndef SETLAB_POWERLAW_H
#define SETLAB_POWERLAW_H
#include "degree/alternatives.h"
#include <stddef.h>
#include <stdint.h>

typedef enum PowerlawVerdict {
  POWERLAW_NO_FIT,      /* fewer than POWERLAW_FEWEST different positive values: nothing was fitted */
  POWERLAW_SHORT_TAIL,  /* n_tail < 50, or the tail spans less than one decade */
  POWERLAW_REJECTED,    /* p <= 0.1 */
  POWERLAW_BEATEN,      /* an alternative fits better, by more than chance */
  POWERLAW_ODD_ALPHA,   /* alpha outside 1.5 .. 5 */
  POWERLAW_UNTESTED,    /* nothing against it, but no bootstrap was run */
  POWERLAW_POSSIBLE,    /* p > 0.1: not rejected, which proves nothing */
  POWERLAW_UNDECIDED,   /* the same, and some alternative cannot be told from it */
  POWERLAW_SUPPORTED    /* p > 0.1, all alternatives fit worse, and no cut-off is needed */
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
  int     compared;     /* 1: alternative[] holds the comparisons */
  Alternative alternative[ALTERNATIVES];
  PowerlawVerdict verdict;
} Powerlaw;

/* One candidate of the search for xmin. */
typedef struct PowerlawTry { int64_t xmin, n_tail; double alpha, D; } PowerlawTry;

enum { POWERLAW_FEWEST = 3 };  /* different positive values that a fit needs */
#define POWERLAW_LARGEST INT64_C(9007199254740992)  /* 2^53: larger values are refused */

/* Fits values[0 .. n-1] (each 0 .. POWERLAW_LARGEST) with `replicates` >= 0 of bootstrap,
** which `stop` may end early (bootstrap.h; p then means nothing).
** Without a fit (POWERLAW_NO_FIT) alpha, sigma, L, D and p are NaN, xmin and n_tail 0.
** Returns 1; or 0 and the reason in `why`: a value out of range, memory. */
int    powerlaw_fit     (const int64_t *values, size_t n, int32_t replicates, uint64_t seed,
                         int (*stop) (void), Powerlaw *fit, char why[256]);
/* Compares the fit of these same values with the four other laws (alternatives.h) and judges it
** anew; does nothing where there is no fit. Returns 1; or 0 and the reason: memory. */
int    powerlaw_compare (const int64_t *values, size_t n, Powerlaw *fit, char why[256]);
/* The curve of which a fit is the lowest point: each candidate for xmin, ascending, with the
** exponent and the distance of its tail. Takes as many searches as there are different values:
** time grows with their square. Returns how many there are (0 where nothing is fitted) and in
** *tries a block which the caller gives to mem_free; -1 and the reason when it fails. */
int64_t powerlaw_scan   (const int64_t *values, size_t n, PowerlawTry **tries, char why[256]);
/* P(X >= x) of the fitted tail, x >= xmin. */
double powerlaw_at_least (const Powerlaw *fit, double x);

/* One word or two for the verdict: "short tail". */
const char *powerlaw_kind (const Powerlaw *fit);
/* One sentence on what the fit is worth, without a full stop. */
#define POWERLAW_SENTENCE 512
void   powerlaw_verdict (const Powerlaw *fit, char text[POWERLAW_SENTENCE]);
/* Sets fit->verdict from all that has been measured. */
void   powerlaw_judge   (Powerlaw *fit);

#endif
