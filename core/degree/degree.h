/*
** degree.h -- a sequence of whole numbers, counted: degrees of units, links per pixel.
**
** Distinct values ascend; beside each stands how often it occurs (the histogram) and how
** many values are at least as large (over n: the complementary cumulative distribution,
** the curve that shows a tail without bins).
*/
#ifndef SETLAB_DEGREE_H
#define SETLAB_DEGREE_H
#include <stddef.h>
#include <stdint.h>

typedef struct Degree {
  int64_t  n;          /* how many values were counted */
  int64_t  distinct;   /* size of the three arrays */
  int64_t *value;      /* ascending */
  int64_t *count;      /* how often value[i] occurs; sums to n */
  int64_t *at_least;   /* how many values are >= value[i]; at_least[0] == n */
} Degree;

/* Counts values[0 .. n-1] in time n log n. The caller gives it to degree_free (NULL is
** fine). NULL when memory runs out. */
Degree *degree_new  (const int64_t *values, size_t n);
void    degree_free (Degree *degree);

#endif
