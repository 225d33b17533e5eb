/*
** zeta.h -- the Hurwitz zeta function, which normalises the discrete power law.
**
**   zeta(s, q) = sum over k >= 0 of (q + k)^-s,   s > 1, q >= 1.
**
** P(X = x) = x^-s / zeta(s, q) for x = q, q+1, ..., and P(X >= x) = zeta(s, x) / zeta(s, q).
** Everything is kept relative to q^-s, so that neither a steep exponent nor a large q
** underflows. Summed by Euler and Maclaurin: some terms one by one, then an integral and
** a short series in the Bernoulli numbers, which is exact to rounding from q >= s + 12 on.
*/
#ifndef SETLAB_ZETA_H
#define SETLAB_ZETA_H

/* ln zeta(s, q) and its derivatives in s. The first is minus the mean of ln X, the second
** the variance of ln X: all that the likelihood and its standard error need. `relative` is
** ln(q^s zeta(s, q)), which keeps its digits where s ln q is large. */
typedef struct Zeta { double log, first, second, relative; } Zeta;

#define ZETA_FAR 12.0  /* q >= s + ZETA_FAR needs no terms one by one */

Zeta   zeta_log (double s, double q);
/* q^s zeta(s, q), for q >= s + ZETA_FAR only: no powers, a few multiplications. */
double zeta_far (double s, double q);

#endif
