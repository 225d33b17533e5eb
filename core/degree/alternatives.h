/*
** alternatives.h -- does another distribution fit the tail as well as the power law?
**
** Four laws on the same whole numbers x = xmin, xmin+1, ..., each at its greatest likelihood
** and normalised from xmin on:
**
**   exponential   p(x) ~ exp(-lambda x)
**   Poisson       p(x) ~ mu^x / x!
**   log-normal    p(x) ~ 1/x exp(-(ln x - mu)^2 / (2 sigma^2)), sigma <= 20
**   cut-off       p(x) ~ x^-alpha exp(-lambda x), lambda >= 0; the power law is lambda = 0
**
** R is the sum over the tail of ln p(x) of the power law minus ln p(x) of the other: above 0
** the power law fits better. Whether R is more than chance, Vuong's test says for the first
** three: z = R / (sigma sqrt(n)), sigma^2 the variance of the differences, and
** p = erfc(|R| / sqrt(2 n sigma^2)). The cut-off contains the power law, so R <= 0 always, and
** 2 |R| follows chi-square with one degree of freedom if no cut-off is needed: p = 1 - chi2(2 |R|).
** (Clauset, Shalizi and Newman 2009, section 5.1 and appendix C; Vuong 1989.)
**
** The log-normal turns into a power law as mu falls and sigma grows, and on a sample of a power
** law its likelihood rises all the way without ever getting there. So sigma is held to at most
** 20 (one sigma then is a factor of half a billion), and `limit` says where that happened: the two
** laws are then the same but for a little (R is some 1e-5 of the number of values at alpha = 2.5, less
** where it is steeper), and a verdict calls that no difference unless R itself is more than chance.
**
** Likelihoods have one top each; all fits start from several points and keep the best, one of them
** the power law where the family holds it.
** Exponents of the cut-off may come out below 1, even below 0: then the best law of that family
** is a hump, and nothing like a power law.
*/
#ifndef SETLAB_ALTERNATIVES_H
#define SETLAB_ALTERNATIVES_H
#include "degree/degree.h"

typedef enum AlternativeKind {
  ALTERNATIVE_EXPONENTIAL, ALTERNATIVE_POISSON, ALTERNATIVE_LOGNORMAL, ALTERNATIVE_CUTOFF, ALTERNATIVES
} AlternativeKind;

typedef struct Alternative {
  double R;          /* log-likelihood ratio, power law minus this one */
  double z;          /* normalised; NaN for the nested cut-off */
  double p;          /* small: the sign of R is more than chance */
  double L;          /* log-likelihood of the tail under this law */
  double first, second;  /* its parameters (mu and sigma are those of ln x); NaN: there is none */
  int    limit;      /* sigma is 20, and would be larger; lambda is 0 */
} Alternative;

/* What a law is called: "lognormal" in data, "log-normal" in sentences; and its parameters, NULL
** where it has none. */
typedef struct AlternativeLaw { const char *name, *title, *first, *second; } AlternativeLaw;
extern const AlternativeLaw alternative_law[ALTERNATIVES];

/* Compares the power law `alpha` (> 1) on the values >= data->value[at] with all four. If these
** values are all the same, nothing can be told: every number is NaN.
** Returns 0 when memory runs out. */
int alternatives_compare (const Degree *data, int64_t at, double alpha, Alternative result[ALTERNATIVES]);

#endif
