#include "sparse/erdos_renyi.h"
#include "base/mem.h"
#include <math.h>

enum { BLOCK_LINKS = 1 << 16 };

static Blocks blocks_cut (int32_t n_in, int32_t n_out, double density, Rng *rng) {
  Blocks b = { .n_in = n_in, .n_out = n_out, .cells = (uint64_t)n_in * (uint64_t)n_out,
               .log_miss = log1p(-density), .key = rng_u64(rng) };
  double size = ceil(BLOCK_LINKS / density);
  b.size = size < (double)b.cells ? (uint64_t)size : b.cells;
  b.n = (int64_t)((b.cells + b.size - 1) / b.size);
  return b;
}

/* Walks the linked cells of a block in order. */
typedef struct Skip { uint64_t cell, end; double log_miss; Rng rng; } Skip;

static Skip skip_start (const Blocks *b, int64_t block) {
  Skip s = { .cell = (uint64_t)block * b->size, .log_miss = b->log_miss };
  s.end = b->cells - s.cell < b->size ? b->cells : s.cell + b->size;
  rng_seed(&s.rng, b->key, (uint64_t)block);
  return s;
}

/* The next linked cell, or `end` after the last: the gap is geometric. */
static uint64_t skip_next (Skip *s) {
  double gap = floor(log(1 - rng_double(&s->rng)) / s->log_miss);
  if (gap >= (double)(s->end - s->cell)) return s->cell = s->end;
  uint64_t found = s->cell + (uint64_t)gap;
  s->cell = found + 1;
  return found;
}

/* Writes a block's links from k on, and ptr for the units whose cells begin in it. */
static void fill_block (const Blocks *b, int64_t block, int64_t k, int32_t width, int64_t *ptr, int32_t *to) {
  Skip walk = skip_start(b, block);
  uint64_t n_out = (uint64_t)width, cell, begin = walk.cell;
  uint64_t i = (begin + n_out - 1) / n_out, row = i * n_out;  /* the next unit, and its first cell */
  while ((cell = skip_next(&walk)) < walk.end) {
    for (; row <= cell; row += n_out) ptr[i++] = k;
    to[k++] = (int32_t)(cell + n_out - row);
  }
  for (; row < walk.end; row += n_out) ptr[i++] = k;
}

/* Two walks over the same random numbers: one counts, the other writes. So the arrays have
** their exact size from the start and no link is ever moved. */
int blocks_draw (Blocks *b, int32_t n_in, int32_t n_out, double density, Rng *wiring, int threads) {
  *b = blocks_cut(n_in, n_out, density, wiring);
  b->start = mem_new((size_t)b->n, sizeof *b->start);
  if (!b->start) return 0;
  #pragma omp parallel for num_threads(threads) schedule(static)
  for (int64_t block = 0; block < b->n; block++) {
    Skip walk = skip_start(b, block);
    for (b->start[block] = 0; skip_next(&walk) < walk.end;) b->start[block]++;
  }
  for (int64_t block = 0; block < b->n; block++) {
    int64_t count = b->start[block];
    b->start[block] = b->links;
    b->links += count;
  }
  return 1;
}

void blocks_fill (const Blocks *b, int64_t *ptr, int32_t *to, int threads) {
  #pragma omp parallel for num_threads(threads) schedule(static)
  for (int64_t block = 0; block < b->n; block++) fill_block(b, block, b->start[block], b->n_out, ptr, to);
  ptr[b->n_in] = b->links;
}

void blocks_free (Blocks *b) {
  mem_free(b->start);
  b->start = NULL;
}
