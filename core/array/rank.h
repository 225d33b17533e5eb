/*
** rank.h -- the largest, the smallest, and the order, without comparing pairs.
**
** Equal elements come in the order of their places. A NaN is chosen last, from either end, and comes last when
** sorted; -0 and 0 are equal. Only floats and integers have ranks.
*/
#ifndef SETLAB_RANK_H
#define SETLAB_RANK_H
#include "array/array.h"

typedef enum RankEnd { RANK_LOWEST, RANK_HIGHEST } RankEnd;

/* The places, from 1 and ascending, of the k elements at one end of the order; 0 <= k <= v->n. `place` has room for
** k. 0 if memory runs out (it is needed only where there are NaNs). */
int rank_extreme (const Array *v, int64_t k, RankEnd end, int threads, int64_t *place);

/* All places, from 1, by ascending elements. 0 if memory runs out. */
int rank_order (const Array *v, int64_t *place);

#endif
