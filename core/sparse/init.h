/*
** init.h -- how weights start (He et al. 2015, Glorot and Bengio 2010), and what a sparse layer makes of it.
**
** A rule's scale is a function of how many inputs an output unit has, and how many outputs an input unit. What counts as such is
** the rule's choice: the layer's units, as in a dense layer and in the published SET programs, which do not compensate a sparse
** layer for the links it lacks; the layer's mean number of links a unit, density n_in and density n_out (SWI of Cannistraci-Hebb
** training); or the links that the unit has itself (Evci et al. 2022), so that all units start with sums of the same variance,
** those with few links too. In a dense layer the three are the same.
*/
#ifndef SETLAB_INIT_H
#define SETLAB_INIT_H
#include <stdint.h>
#include "base/rng.h"

typedef enum InitCounts { INIT_UNITS, INIT_MEAN_LINKS, INIT_OWN_LINKS } InitCounts;

typedef struct Init {
  const char *name;
  int        normal;                      /* 0: uniform in +-scale; 1: N(0, scale^2) */
  InitCounts counts;                      /* what `in` and `out` are */
  double   (*scale) (double in, double out);   /* INIT_OWN_LINKS: of an output unit with `in` links; `out` is the layer's mean */
} Init;

extern const Init init_rules[];               /* the last has name NULL */
const Init *init_find (const char *name);     /* NULL if there is none */

/* The rule by which newborn links of an evolution draw, where the first ones drew by `init`: the same, with the layer's units for
** its links. That is the scale of SET's published program. The links that go are those nearest zero, and as many new ones of the
** full scale would be noise: on 5,000 images of CIFAR-10 it costs SET two to five points. */
const Init *init_newborn (const Init *init);

/* The rule for one layer. */
typedef struct InitLayer {
  const Init    *init;
  const int64_t *in_ptr;   /* INIT_OWN_LINKS: output unit o has in_ptr[o + 1] - in_ptr[o] links; else not looked at */
  double         scale;    /* of every link, but for INIT_OWN_LINKS */
  double         out;
} InitLayer;

/* in_ptr, of n_out + 1, is borrowed; NULL for a dense layer, in which links is n_in * n_out. */
InitLayer init_layer (const Init *init, int32_t n_in, int32_t n_out, int64_t links, const int64_t *in_ptr);

/* The scale of a link to output unit o. */
static inline double init_scale (const InitLayer *layer, int32_t o) {
  if (!layer->in_ptr) return layer->scale;
  return layer->init->scale((double)(layer->in_ptr[o + 1] - layer->in_ptr[o]), layer->out);
}

/* The starting weight of a link to output unit o. */
static inline float init_draw (const InitLayer *layer, int32_t o, Rng *rng) {
  return (float)(init_scale(layer, o) * (layer->init->normal ? rng_normal(rng) : 2 * rng_double(rng) - 1));
}

/* The links of a sparse layer draw theirs in chunks: those at c * INIT_CHUNK and after, from
** stream c of `key`. So threads can share the chunks, and it shows in no result. */
enum { INIT_CHUNK = 4096 };

#endif
