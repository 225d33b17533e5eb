/*
** urn.h -- items drawn one after the other, without replacement, in proportion to weights.
**
** The weights stand at the leaves of a binary tree of sums. A draw walks down from the root; what is taken is set to 0 and
** the sums above are added up anew, never subtracted, so that weights of very different sizes stay exact. A draw costs O(log n).
*/
#ifndef SETLAB_URN_H
#define SETLAB_URN_H
#include "base/rng.h"

typedef struct Urn {
  int32_t n, leaves;   /* leaves: a power of two */
  double *sum;         /* 2 * leaves: node k has the children 2k and 2k + 1; leaf of item u: leaves + u */
} Urn;

int  urn_new  (Urn *urn, int32_t n);   /* all weights 0. 0: no memory */
void urn_free (Urn *urn);
void urn_set  (Urn *urn, int32_t u, double weight);   /* and the sums above it */
/* For many weights at once: the leaves, then the sums. */
static inline double *urn_weights (Urn *urn) { return urn->sum + urn->leaves; }
void urn_sums (Urn *urn);
/* An item, in proportion to the weights; it is taken, its weight is 0 now. -1 if all weights are 0. */
int32_t urn_take (Urn *urn, Rng *rng);

#endif
