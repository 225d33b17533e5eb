/*
** moments.h -- the total weight of a law on a tail, and the moments of what it is made of.
**
** A law here is a weight exp(w(x; theta)), not yet divided by its total, on a tail that
** begins at q ("origin"). Its likelihood needs the logarithm of the total; its slope and its
** curvature in theta are the mean and the covariance of two statistics s(x), where
** w = -theta . s(x) + something without theta. Mean, covariance and total come from one set of
** weighted points: whole numbers one by one while they are few, then Gauss-Legendre panels in
** t = ln(x / q), joined to the sum by Gregory's end corrections. Weights are kept relative to
** the largest, and x relative to q, so that neither steep laws nor values near 2^53 underflow or
** lose their digits.
**
** w must have a single hill (it rises, then falls; either part may be missing).
*/
#ifndef SETLAB_MOMENTS_H
#define SETLAB_MOMENTS_H

typedef struct Law Law;
struct Law {
  double (*log_weight) (const Law *law, double t, double j);  /* w at x = q e^t = q + j */
  void   (*statistics) (double t, double j, double s[2]);     /* s at the same x */
  double origin;                                              /* q, a whole number from 1 up */
  double theta[2];
};

typedef struct Moments {
  double log;      /* ln of the total weight */
  double mean[2];  /* of s */
  double cov[3];   /* of s: first with first, first with second, second with second */
} Moments;

/* Over the whole numbers x = q, q+1, ...; the weights must have a finite sum. */
Moments moments_sum (const Law *law);

#endif
