/*
** bootstrap.h -- how often would a true power law fit worse than the data do?
**
** Semi-parametric bootstrap of Clauset, Shalizi and Newman 2009, section 4.1. A replicate
** has as many values as the data; each comes from the fitted power law with probability
** n_tail / n, otherwise it is one of the data below xmin, drawn with replacement. The whole
** search for xmin is done again for each. p is the share of replicates whose distance D is
** larger than that of the data; its error is about sqrt(p (1 - p) / replicates).
**
** Replicate r draws from its own random stream (seed, r): the result depends neither on
** the number of threads nor on their order.
*/
#ifndef SETLAB_BOOTSTRAP_H
#define SETLAB_BOOTSTRAP_H
#include "degree/degree.h"

/* Number of `replicates` (>= 0) with a D above `D`, for the fit alpha from value[at] on of
** these positive values; -1 when memory runs out. Between replicates `stop` is asked, by any
** thread, and unless 0 the rest is left out: the count then means nothing. NULL never stops. */
int32_t bootstrap_count (const Degree *data, int64_t at, double alpha, double D,
                         int32_t replicates, uint64_t seed, int (*stop) (void));

#endif
