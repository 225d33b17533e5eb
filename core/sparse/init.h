/*
** init.h -- how weights start (METHODS: He et al. 2015, Glorot and Bengio 2010).
**
** The limits use the dense fan-in, as the published SET programs do: a sparse layer is
** not compensated for the links it lacks.
*/
#ifndef SETLAB_INIT_H
#define SETLAB_INIT_H
#include "base/rng.h"

typedef struct Init {
  const char *name;
  int    normal;                              /* 0: uniform in +-scale; 1: N(0, scale^2) */
  double (*scale) (int32_t n_in, int32_t n_out);
} Init;

extern const Init init_rules[];               /* the last has name NULL */
const Init *init_find (const char *name);     /* NULL if there is none */

/* One starting weight of a layer of n_in x n_out units; scale = init->scale(n_in, n_out). */
static inline float init_draw (const Init *init, double scale, Rng *rng) {
  return (float)(scale * (init->normal ? rng_normal(rng) : 2 * rng_double(rng) - 1));
}

/* The links of a sparse layer draw theirs in chunks: those at c * INIT_CHUNK and after, from
** stream c of `key`. So threads can share the chunks, and it shows in no result. */
enum { INIT_CHUNK = 4096 };

#endif
