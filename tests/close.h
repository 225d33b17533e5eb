/*
** close.h -- what the tests of single kernels share: values drawn from a seed, and nearness to what
** a twin in double precision gives.
*/
#ifndef SETLAB_CLOSE_H
#define SETLAB_CLOSE_H
#include <math.h>
#include "mem.h"
#include "rng.h"

/* n normal numbers; the caller frees them. */
static inline float *values (size_t n, uint64_t seed) {
  float *v = mem_new(n, sizeof *v);
  Rng rng;
  rng_seed(&rng, seed, 0);
  for (size_t e = 0; e < n; e++) v[e] = (float)rng_normal(&rng);
  return v;
}

/* `magnitude`: the size of what was summed. */
static inline void assert_close (float got, double want, double magnitude, const char *what, int64_t at) {
  if (!(fabs((double)got - want) <= 1e-5 * magnitude + 1e-30))
    fail_msg("%s, element %lld: got %.9g, want %.9g", what, (long long)at, (double)got, want);
}

#endif
