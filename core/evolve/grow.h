/*
** grow.h -- where a layer grows its new links.
**
** A rule fills in, for every input unit, which of its free places get a link. The free places of
** a unit are the output units to which it has no kept link, numbered 0, 1, ... in ascending order;
** places pruned this very moment are free again, as in the published SET program. Evolution
** merges them with the kept links, and so turns places into output units, in one walk.
*/
#ifndef SETLAB_GROW_H
#define SETLAB_GROW_H
#include "sparse/sparse.h"

typedef struct Growth {
  const Sparse  *W;
  const uint8_t *keep;    /* links: 1 if the link stays */
  const int32_t *free;    /* n_in: how many free places unit i has */
  int64_t   count;        /* links to grow; there are as many free places */
  uint32_t *start;        /* to fill in, n_in + 1: unit i's are start[i] .. start[i + 1] - 1 */
  int32_t  *place;        /* to fill in, count: ascending and distinct within a unit */
} Growth;

/* Returns 0, or -1 when memory runs out. May work with up to `threads` threads, as long as it
** does not show in what it chooses. */
typedef int GrowRule (Growth *g, int threads, Rng *rng);

typedef struct Grow { const char *name; GrowRule *choose; } Grow;
extern const Grow grow_rules[];              /* the last has name NULL */
const Grow *grow_find (const char *name);    /* NULL if there is none */

GrowRule grow_random;   /* SET: uniformly among the free places of the layer */

#endif
