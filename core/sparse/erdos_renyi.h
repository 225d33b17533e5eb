/*
** erdos_renyi.h -- cells drawn independently, each with the same probability.
*/
#ifndef SETLAB_ERDOS_RENYI_H
#define SETLAB_ERDOS_RENYI_H
#include "base/rng.h"

/* The cells, i * n_out + o, are cut into blocks of about BLOCK_LINKS links. Each block has a
** random stream of its own, so that threads can share them; independent cells do not mind. */
typedef struct Blocks {
  int32_t  n_in, n_out;
  uint64_t cells, size, key;
  double   log_miss;
  int64_t  n;
  int64_t *start;   /* n: where the links of each block begin */
  int64_t  links;   /* of all */
} Blocks;

/* Draws which cells of n_in x n_out are linked, each with probability `density` in (0, 1), and counts them. 0: no memory.
** The caller frees the result with blocks_free, in any case. */
int  blocks_draw (Blocks *b, int32_t n_in, int32_t n_out, double density, Rng *wiring, int threads);
/* Writes them: ptr has n_in + 1 places, to has b->links. */
void blocks_fill (const Blocks *b, int64_t *ptr, int32_t *to, int threads);
void blocks_free (Blocks *b);

#endif
