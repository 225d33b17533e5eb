/*
** sparse.h -- one layer of sparse links, stored and computed as such.
**
** A link is a weight from an input unit to an output unit. Links are kept in the order
** of their input unit (compressed sparse rows of the n_in x n_out matrix): input unit i
** owns k = ptr[i] .. ptr[i+1]-1, which go to units to[k], ascending and distinct. Weight
** and momentum of a link stand at the same k. A second, mirrored order lists the links of
** each output unit: m = in_ptr[o] .. in_ptr[o+1]-1 come from units from[m], ascending, and
** stand at at[m] in the primary order. The forward pass walks the mirror, the backward pass
** the primary order, where it updates the weights in sequence; nothing is kept twice.
**
** Activations are unit-major: x[i*stride + b] is unit i of sample b. 20 bytes a link.
**
** A layer may remember where its links were: at which evolution each was born (4 bytes a link more), and which cells were
** ever linked (4 bytes a cell); and it may keep what a rule of learning needs, AdamW two numbers of each link and S2-SAM one (4 bytes each). Each only if asked for (sparse_keep_births, sparse_keep_tried, sparse_keep_moments).
*/
#ifndef SETLAB_SPARSE_H
#define SETLAB_SPARSE_H
#include <stddef.h>
#include <stdint.h>
#include "base/rng.h"

/* Behind their last link the arrays have this many zeros, so that a walk through to, from or at may
** look that far ahead without asking where the end is. */
enum { SPARSE_SLACK = 16 };

/* From so many links on a layer is too large for the caches. */
enum { SPARSE_LARGE = 1 << 20 };

typedef struct Sparse {
  int32_t  n_in, n_out;
  int64_t  links;     /* below 2^32; evolution may change it */
  int64_t  capacity;  /* links that the arrays have room for; at least `links` */
  int64_t *ptr;       /* n_in + 1;  ptr[0] == 0, ptr[n_in] == links */
  int32_t *to;        /* links: output unit */
  float   *w;         /* links: weight */
  float   *momentum;  /* links */
  float   *second, *age;   /* links: what a rule of learning keeps of each beside its velocity (kernel.h); NULL: nothing */
  int64_t *in_ptr;    /* n_out + 1: the mirrored order */
  int32_t *from;      /* links: input unit */
  uint32_t *at;       /* links: place in the primary order */
  int32_t *born;      /* links: number of the evolution that each was born in, 0 for the first ones; NULL: not kept */
  struct Sparse *tried;   /* the cells that were ever linked: n_in, n_out, links, capacity, ptr and to; NULL: not kept */
} Sparse;

/* A layer whose arrays are there but not filled in (see wiring.h), or NULL when memory
** runs out. The caller owns it and gives it to sparse_free (NULL is fine). */
Sparse *sparse_new  (int32_t n_in, int32_t n_out, int64_t links);
void    sparse_free (Sparse *W);

/* From now on the layer remembers births, or the cells it has tried. Links that are there count as born at 0. 0 if memory runs
** out (nothing is kept then). Where it is remembered already, nothing changes. */
int sparse_keep_births (Sparse *W);
int sparse_keep_tried  (Sparse *W);
/* From now on it keeps `moments` numbers of each link, 0 to 2: `second`, and with 2 `age`. They begin at 0, as those of links that are born later
** do. 0 if memory runs out. */
int sparse_keep_moments (Sparse *W, int moments);
/* How many it keeps. */
static inline int sparse_moments (const Sparse *W) { return (W->second != NULL) + (W->age != NULL); }
/* What these claim for a layer with room for so many links, which has tried as many cells as `tried` has room for. */
uint64_t sparse_births_bytes (int64_t capacity);
uint64_t sparse_tried_bytes (int32_t n_in, int64_t tried);
uint64_t sparse_moments_bytes (int64_t capacity, int moments);
/* A set of cells, with room for so many and none in it yet; NULL: no memory. sparse_free takes it. */
Sparse *sparse_cells_new (int32_t n_in, int32_t n_out, int64_t capacity);

/* Bytes of a layer with room for so many links: what sparse_new claims. */
uint64_t sparse_bytes (int32_t n_in, int32_t n_out, int64_t capacity);

/* The room that a layer of `links` links has once its number of links has changed, `capacity` being what it
** had: more by an eighth where it was too small, less where not half of it is used. So a layer that
** shrinks or grows link by link is moved now and then, not each time. */
int64_t sparse_room (int64_t links, int64_t capacity);

/* Memory for one array of links of a layer with that room, and zeros behind it (SPARSE_SLACK); NULL if there is
** none. For evolution, which moves a layer's links to new arrays; mem_free takes it. */
void *sparse_links_new (int64_t capacity);

/* Rebuilds the mirrored order from ptr and to, in O(links + units); reads nothing of `from` and
** `at`. The number of threads does not show. */
void sparse_mirror (Sparse *W, int threads);

/* in_ptr alone, from ptr and to: what a layer's first weights need, before it has a mirror. */
void sparse_count_in (Sparse *W, int threads);

/* Shares units 0 .. n-1, whose links ptr counts, out among `parts`, so that each has about as much
** work; a unit counts as a link. Part p owns units sparse_cut(p) .. sparse_cut(p + 1) - 1. */
int32_t sparse_cut (const int64_t *ptr, int32_t n, int part, int parts);

/* NULL if every promise above holds; otherwise the first one broken, in words. */
const char *sparse_check (const Sparse *W);

#endif
