/*
** amount.h -- numbers that an evolution changes over time: densities, and shares of links that are replaced.
**
** x = (t - t0) / (t1 - t0), cut to [0, 1], is how far it is.
*/
#ifndef SETLAB_AMOUNT_H
#define SETLAB_AMOUNT_H
#include <stdint.h>

/* to + (from - to)(1 - x)^3: gradual magnitude pruning (Zhu and Gupta 2017), GraNet. */
double amount_cubic (double from, double to, double x);
/* from + (to - from) f(x), f = 1/2 + (q(k (2x - 1)) - 1/2) / (q(k) - q(-k)), q(z) = 1 / (1 + e^-z): CHTss. */
double amount_logistic (double from, double to, double k, double x);
/* to + (from - to)(1 + cos(pi x)) / 2: RigL, ITOP, GraNet. */
double amount_cosine (double from, double to, double x);

/* Shares `total` out among n layers in proportion to their weights, none getting more than it has room for: what it could not
** take goes to the others in the same proportion. Whole numbers by the largest remainders, of equal ones the first. All of it
** is given if there is room and weight for it. give: n; remainder: n numbers of room to work in. */
void amount_share (int32_t n, int64_t total, const double *weight, const int64_t *room, int64_t *give, double *remainder);

#endif
