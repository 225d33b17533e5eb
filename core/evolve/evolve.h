/*
** evolve.h -- one step of topology: prune, then grow as many.
**
** The number of links never changes. Kept links keep weight and momentum; newborn links
** draw a fresh starting weight and start with momentum 0 (SET, Mocanu et al. 2018; the
** published program's `weights_evolution_II`). The authors' Keras program starts them at 0.
**
** The layer is rebuilt in the memory it has. The mirrored order is made anew anyway, so its two
** arrays take the new order and, for each link, the place it had before; the three arrays of the
** old order become free one after the other, and the next one moves there. So the pointers in a
** Sparse change hands: hold none of them across an evolution.
*/
#ifndef SETLAB_EVOLVE_H
#define SETLAB_EVOLVE_H
#include "evolve/grow.h"
#include "sparse/init.h"
#include "evolve/prune.h"

typedef struct Evolution {
  const Prune *prune;
  const Grow  *grow;
  double       zeta;   /* share of links given up, in [0, 1] */
  const Init  *init;   /* newborn weights; NULL: they start at 0 */
} Evolution;

/* Rewires W with up to `threads` threads, whose number shows in no result. Cost O(links + units);
** memory about 1 byte a link, 4 a new link and 24 an input unit, given back at the end. Returns
** the number of links replaced, or -1 when memory runs out (W is then untouched). */
int64_t evolve (Sparse *W, const Evolution *rule, int threads, Rng *rng);

/* About what `evolve` claims at its worst moment for a layer of which it replaces `count` links;
** the links replaced are known only when the weights have been looked at. */
uint64_t evolve_bytes (int32_t n_in, int32_t n_out, int64_t links, int64_t count);

/* The same with the survivors already marked: keep[k] for every link. */
int64_t evolve_kept (Sparse *W, const uint8_t *keep, const Grow *grow, const Init *init, int threads, Rng *rng);

#endif
