/*
** spread.h -- how unequal the degrees of a level's units are, and whether units with many links in also have many links out.
*/
#ifndef SETLAB_SPREAD_H
#define SETLAB_SPREAD_H
#include "topology/stack.h"

/* Of the degrees d of n units, those without links included: cv = sd / mean with sd^2 = mean of (d - mean)^2; the Gini
** coefficient sum_k (2k - n - 1) d_(k) / (n sum d), d sorted upwards, k from 1; and the largest over the mean. All 0 without
** links. */
typedef struct Spread { double cv, gini, largest_over_mean; } Spread;

/* Of the units below layer l (out_side 1: links out) or above it (0: links in). 0 if memory runs out. */
int spread_of (const Stack *s, int32_t l, int out_side, Spread *spread);

/* Spearman's correlation of links in and links out over the units of level 1 .. n - 1, ties by their mean rank, to *rho;
** NAN if one side is constant. 0 if memory runs out. */
int spread_in_out (const Stack *s, int32_t level, double *rho);

#endif
