/*
** evolve.h -- one step of topology: prune, then grow as many.
**
** The number of links never changes. Kept links keep weight and momentum; newborn links
** draw a fresh starting weight and start with momentum 0 (SET, Mocanu et al. 2018; the
** published program's `weights_evolution_II`).
*/
#ifndef SETLAB_EVOLVE_H
#define SETLAB_EVOLVE_H
#include "grow.h"
#include "init.h"
#include "prune.h"

typedef struct Evolution {
  const Prune *prune;
  const Grow  *grow;
  double       zeta;   /* share of links given up, in [0, 1] */
  const Init  *init;   /* newborn weights */
} Evolution;

/* Rewires W. Cost O(links log(links of a unit)) at worst, O(links) of plain copying; memory
** about 12 bytes a link and 24 a new link, given back at the end. Returns the number of links
** replaced, or -1 when memory runs out (W is then untouched). */
int64_t evolve (Sparse *W, const Evolution *rule, Rng *rng);

/* About what `evolve` claims at its worst moment for a layer of which it replaces `count` links;
** the links replaced are known only when the weights have been looked at. */
uint64_t evolve_bytes (int32_t n_in, int32_t n_out, int64_t links, int64_t count);

/* The same with the survivors already marked: keep[k] for every link. */
int64_t evolve_kept (Sparse *W, const uint8_t *keep, const Grow *grow, const Init *init, Rng *rng);

#endif
