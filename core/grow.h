/*
** grow.h -- where a layer grows its new links.
**
** A rule fills cell[0 .. count-1] with distinct cells i * n_out + o of W that hold no kept
** link (keep as prune.h marks it); cells pruned this very moment are free again, as in the
** published SET program. It needs count <= free cells. Returns 0, or -1 when memory runs
** out; W is not touched.
*/
#ifndef SETLAB_GROW_H
#define SETLAB_GROW_H
#include "sparse.h"

typedef int GrowRule (const Sparse *W, const uint8_t *keep, int64_t count, Rng *rng, uint64_t *cell);

typedef struct Grow { const char *name; GrowRule *choose; } Grow;
extern const Grow grow_rules[];              /* the last has name NULL */
const Grow *grow_find (const char *name);    /* NULL if there is none */

GrowRule grow_random;   /* SET: uniformly among the free cells */

#endif
