/*
** ks.h -- the search for xmin: the tail nearest to a discrete power law.
**
** For each candidate xmin the exponent is the maximum of the likelihood (Newton on its
** derivative, mean ln x + d ln zeta(alpha, xmin)/d alpha = 0), and D is the largest
** distance, over the values that occur, between the share of the tail that is at least x
** and the model's zeta(alpha, x) / zeta(alpha, xmin). The candidate with the least D wins
** (Clauset, Shalizi and Newman 2009, sections 3.1 and 3.3).
**
** libplfit makes the same search and gives the fit that is reported. The bootstrap needs
** it thousands of times, often only to learn whether D stays above a bound; this one stops
** there, and walks counted values instead of single ones. Its numbers agree with libplfit's.
*/
#ifndef SETLAB_KS_H
#define SETLAB_KS_H
#include <stdint.h>

/* Counted positive values, as in degree.h; doubles, because they meet powers at once. */
typedef struct Ks {
  int64_t distinct;         /* at least 1 */
  const double *value;      /* ascending, >= 1 */
  const double *log_value;  /* ln value[i] */
  const double *at_least;   /* how many values are >= value[i] */
} Ks;

typedef struct KsFit { int64_t at; double alpha, D; } KsFit;  /* xmin is value[at] */

/* Most likely exponent of the tail that begins at value[at]; HUGE_VAL if all its values
** are equal. */
double ks_alpha    (const Ks *ks, int64_t at);
/* Distance of that tail from the power law alpha; stops above `bound`, returning some
** distance above it. HUGE_VAL as bound never stops it. */
double ks_distance (const Ks *ks, int64_t at, double alpha, double bound);
/* The best candidate. Stops at the first whose D is at most `enough`; 0 looks at all. */
KsFit  ks_search   (const Ks *ks, double enough);
/* How many of the lowest distinct values are candidates. */
int64_t ks_candidates (const Ks *ks);

#endif
