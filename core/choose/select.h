/*
** select.h -- the k-th smallest float without sorting.
**
** Floats are mapped to unsigned integers of the same order; their value at a rank is then
** found digit by digit, from histograms of 12, 10 and 10 bits: three reads of the array,
** no copy, no memory. Used where a sort would cost O(n log n) every epoch. The first read,
** the census, also finds the elements nearest to zero. No NaN may be among the elements.
*/
#ifndef SETLAB_SELECT_H
#define SETLAB_SELECT_H
#include <stdint.h>

enum { SELECT_BINS = 1 << 12 };

typedef struct Census {
  int64_t bin[SELECT_BINS];   /* elements by their upper 12 bits, ascending */
  int64_t negative;           /* elements with a minus sign, -0 among them */
  float   least;              /* smallest magnitude; infinity if there is no element */
  int64_t at_minus, at_plus;  /* how many are -least, and +least; -0 and +0 are told apart */
} Census;

void select_census (const float *v, int64_t n, int threads, Census *census);

/* The values that would stand at the 0-based ranks rank_a and rank_b if v[0 .. n-1] were
** sorted; 0 <= rank < n; -0 counts as below +0. `census` is that of v. */
void select_two (const float *v, int64_t n, int threads, const Census *census,
                 int64_t rank_a, int64_t rank_b, float *a, float *b);

#endif
