/*
** select.h -- the k-th smallest float without sorting.
**
** Floats are mapped to unsigned integers of the same order; their value at a rank is then
** found digit by digit, from histograms of 11, 11 and 10 bits: three reads of the array,
** no copy, no memory. Used where a sort would cost O(n log n) every epoch.
*/
#ifndef SETLAB_SELECT_H
#define SETLAB_SELECT_H
#include <stdint.h>

/* The values that would stand at the 0-based ranks rank_a and rank_b if v[0 .. n-1] were
** sorted. No NaN among them; 0 <= rank < n; -0 counts as below +0. */
void select_two (const float *v, int64_t n, int64_t rank_a, int64_t rank_b, float *a, float *b);

#endif
