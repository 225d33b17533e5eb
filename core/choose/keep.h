/*
** keep.h -- marks of the links that stay: keep[k] is 1 or 0 for every link k.
*/
#ifndef SETLAB_KEEP_H
#define SETLAB_KEEP_H
#include <stdint.h>

/* Marks exactly the `count` links of the highest score, 0 <= count <= n; of equal ones the first. No score is NaN. */
void keep_best (const float *score, int64_t n, int64_t count, int threads, uint8_t *keep);

/* How many stay. */
int64_t keep_count (const uint8_t *keep, int64_t n);

#endif
