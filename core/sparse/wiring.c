#include "sparse/wiring.h"
#include "base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

double wiring_density (double epsilon, int32_t n_in, int32_t n_out) {
  return epsilon * ((double)n_in + n_out) / ((double)n_in * n_out);
}

/* Of a layer with its mirror. Momentum is cleared here too: each thread touches first what lies side by side. */
static void draw_weights (Sparse *W, const Init *init, Rng *weights, int threads) {
  InitLayer drawn = init_layer(init, W->n_in, W->n_out, W->links, W->in_ptr);
  uint64_t key = rng_u64(weights);
  #pragma omp parallel for num_threads(threads) schedule(static)
  for (int64_t first = 0; first < W->links; first += INIT_CHUNK) {
    int64_t end = W->links - first < INIT_CHUNK ? W->links : first + INIT_CHUNK;
    Rng rng;
    rng_seed(&rng, key, (uint64_t)first / INIT_CHUNK);
    for (int64_t k = first; k < end; k++) {
      W->w[k] = init_draw(&drawn, W->to[k], &rng);
      W->momentum[k] = 0;
    }
  }
}

/* ---- Erdos-Renyi ---- */

/* The cells, i * n_out + o, are cut into blocks of about BLOCK_LINKS links. Each block has a
** random stream of its own, so that threads can share them; independent cells do not mind. */
enum { BLOCK_LINKS = 1 << 16 };

typedef struct Blocks { uint64_t cells, size, key; double log_miss; int64_t n; } Blocks;

static Blocks blocks_cut (int32_t n_in, int32_t n_out, double density, Rng *rng) {
  Blocks b = { .cells = (uint64_t)n_in * (uint64_t)n_out, .log_miss = log1p(-density), .key = rng_u64(rng) };
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
static void fill_block (Sparse *W, const Blocks *b, int64_t block, int64_t k) {
  Skip walk = skip_start(b, block);
  uint64_t n_out = (uint64_t)W->n_out, cell, begin = walk.cell;
  uint64_t i = (begin + n_out - 1) / n_out, row = i * n_out;  /* the next unit, and its first cell */
  while ((cell = skip_next(&walk)) < walk.end) {
    for (; row <= cell; row += n_out) W->ptr[i++] = k;
    W->to[k++] = (int32_t)(cell + n_out - row);
  }
  for (; row < walk.end; row += n_out) W->ptr[i++] = k;
}

/* Two walks over the same random numbers: one counts, the other writes. So the arrays have
** their exact size from the start and no link is ever moved. */
Sparse *wiring_erdos_renyi (int32_t n_in, int32_t n_out, double density, const Init *init,
                            Rng *wiring, Rng *weights, int threads) {
  Blocks b = blocks_cut(n_in, n_out, density, wiring);
  int64_t *start = mem_new((size_t)b.n, sizeof *start), links = 0;
  if (!start) return NULL;
  #pragma omp parallel for num_threads(threads) schedule(static)
  for (int64_t block = 0; block < b.n; block++) {
    Skip walk = skip_start(&b, block);
    for (start[block] = 0; skip_next(&walk) < walk.end;) start[block]++;
  }
  for (int64_t block = 0; block < b.n; block++) {
    int64_t count = start[block];
    start[block] = links;
    links += count;
  }
  Sparse *W = sparse_new(n_in, n_out, links);
  if (W) {
    #pragma omp parallel for num_threads(threads) schedule(static)
    for (int64_t block = 0; block < b.n; block++) fill_block(W, &b, block, start[block]);
    W->ptr[n_in] = links;
    sparse_mirror(W, threads);
    draw_weights(W, init, weights, threads);
  }
  mem_free(start);
  return W;
}

/* ---- given links ---- */

static int ascending (const void *a, const void *b) {
  int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

static const char *check_given (int32_t n_in, int32_t n_out, int64_t links, const int32_t *from,
                                const int32_t *to) {
  for (int64_t k = 0; k < links; k++) {
    if (from[k] < 0 || from[k] >= n_in) return "a link comes from a unit that is not there";
    if (to[k] < 0 || to[k] >= n_out) return "a link goes to a unit that is not there";
  }
  return NULL;
}

/* Places the links row by row: ptr[i + 1] is row i's insertion point until it is full. */
static void fill_rows (Sparse *W, const int32_t *from, const int32_t *to) {
  for (int64_t k = 0; k < W->links; k++) W->ptr[from[k] + 1]++;
  int64_t start = 0;
  for (int32_t i = 1; i <= W->n_in; i++) {
    int64_t count = W->ptr[i];
    W->ptr[i] = start;
    start += count;
  }
  for (int64_t k = 0; k < W->links; k++) W->to[W->ptr[from[k] + 1]++] = to[k];
}

Sparse *wiring_given (int32_t n_in, int32_t n_out, int64_t links, const int32_t *from,
                      const int32_t *to, const Init *init, Rng *weights, const char **why) {
  if ((*why = check_given(n_in, n_out, links, from, to)) != NULL) return NULL;
  Sparse *W = sparse_new(n_in, n_out, links);
  if (!W) {
    *why = "not enough memory";
    return NULL;
  }
  fill_rows(W, from, to);
  for (int32_t i = 0; i < n_in; i++) {
    int64_t first = W->ptr[i], n = W->ptr[i + 1] - first;
    qsort(W->to + first, (size_t)n, sizeof *W->to, ascending);
    for (int64_t k = first + 1; k < first + n; k++)
      if (W->to[k] == W->to[k - 1]) *why = "a link is given twice";
  }
  if (*why) {
    sparse_free(W);
    return NULL;
  }
  sparse_mirror(W, 1);
  draw_weights(W, init, weights, 1);
  return W;
}
