#include "evolve/evolve.h"
#include "base/mem.h"

#define NEWBORN UINT32_MAX   /* the former place of a link that had none */

/* What a rewiring needs on top of W's own memory, all of it claimed before W is touched. */
typedef struct Rewiring {
  Growth   growth;     /* what grows: start, place, and */
  int32_t *free;       /* n_in: room for it */
  int64_t *ptr;        /* n_in + 1: the new primary order */
} Rewiring;

static void rewiring_free (Rewiring *r) {
  mem_free(r->growth.start);
  mem_free(r->growth.place);
  mem_free(r->free);
  mem_free(r->ptr);
}

static int rewiring_new (Rewiring *r, const Sparse *W, const uint8_t *keep, int64_t count) {
  size_t rows = (size_t)W->n_in + 1;
  r->free = mem_new(rows, sizeof *r->free);
  r->ptr = mem_new(rows, sizeof *r->ptr);
  r->growth = (Growth){ W, keep, r->free, count, NULL, NULL };
  r->growth.start = mem_new(rows, sizeof *r->growth.start);
  r->growth.place = mem_new((size_t)count, sizeof *r->growth.place);
  if (r->free && r->ptr && r->growth.start && r->growth.place) return 0;
  rewiring_free(r);
  return -1;
}

uint64_t evolve_bytes (int32_t n_in, int32_t n_out, int64_t links, int64_t count) {
  (void)n_out;
  Rewiring *r;
  uint64_t rows = (uint64_t)n_in + 1;
  return mem_block((uint64_t)links, sizeof(uint8_t)) +  /* keep */
         mem_block(rows, sizeof *r->free) + mem_block(rows, sizeof *r->ptr) +
         mem_block(rows, sizeof *r->growth.start) + mem_block((uint64_t)count, sizeof *r->growth.place) +
         mem_block((uint64_t)n_in, 2 * sizeof(uint32_t));  /* while grow_random draws */
}

/* ---- the new order ---- */

static int64_t count_kept (const uint8_t *keep, int64_t n) {
  int64_t kept = 0;
  #pragma omp simd reduction(+ : kept)
  for (int64_t k = 0; k < n; k++) kept += keep[k];
  return kept;
}

static void count_free (Rewiring *r, int threads) {
  const Sparse *W = r->growth.W;
  #pragma omp parallel for num_threads(threads) schedule(static)
  for (int32_t i = 0; i < W->n_in; i++)
    r->free[i] = W->n_out - (int32_t)count_kept(r->growth.keep + W->ptr[i], W->ptr[i + 1] - W->ptr[i]);
}

static void cut_rows (Rewiring *r) {
  int32_t n_in = r->growth.W->n_in, n_out = r->growth.W->n_out;
  int64_t at = 0;
  for (int32_t i = 0; i < n_in; i++) {
    r->ptr[i] = at;
    at += n_out - r->free[i] + r->growth.start[i + 1] - r->growth.start[i];
  }
  r->ptr[n_in] = at;
}

/* Writes unit i's survivors to first .. end-1, the last one first: what is not kept is written over
** by the next link that is, and the walk ends when there is no more room. */
static void pack_row (const Rewiring *r, int32_t i, int64_t first, int64_t end, int32_t *to, uint32_t *source) {
  const Sparse *W = r->growth.W;
  for (int64_t at = end - 1, k = W->ptr[i + 1] - 1; at >= first; at -= r->growth.keep[k--]) {
    to[at] = W->to[k];
    source[at] = (uint32_t)k;
  }
}

/* Merges survivors and newborn links of unit i, both ascending. The p-th free place, with `passed`
** kept links before it, is output unit p + passed. Which of two comes first is not to be foreseen:
** so the inner loop has no branch for it. */
static void merge_row (const Rewiring *r, int32_t i, int32_t *to, uint32_t *source) {
  const int32_t *place = r->growth.place + r->growth.start[i];
  int64_t born = r->growth.start[i + 1] - r->growth.start[i], first = r->ptr[i] + born, end = r->ptr[i + 1];
  int64_t at = r->ptr[i], passed = 0, n = 0;
  pack_row(r, i, first, end, to, source);
  for (; n < born && first + passed < end; n = at - r->ptr[i] - passed) {
    int64_t newborn = place[n] + passed, survivor = to[first + passed], survives = survivor <= newborn;
    to[at] = (int32_t)(survives ? survivor : newborn);
    source[at++] = source[first + passed] | (uint32_t)(survives - 1);  /* or NEWBORN, all bits set */
    passed += survives;
  }
  for (; n < born; at++) {
    to[at] = (int32_t)(place[n++] + passed);
    source[at] = NEWBORN;
  }
}

static void merge_rows (const Rewiring *r, int threads, int32_t *to, uint32_t *source) {
  const Sparse *W = r->growth.W;
  #pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int part = 0; part < threads; part++) {
    int32_t end = sparse_cut(W->ptr, W->n_in, part + 1, threads);
    for (int32_t i = sparse_cut(W->ptr, W->n_in, part, threads); i < end; i++) merge_row(r, i, to, source);
  }
}

/* ---- what moves along ---- */

/* One chunk of links: survivors bring what they had, and newborn links, whose NEWBORN + 1 is 0,
** anything. Returns how many those are, and where in the chunk. No branch: any would be a guess. */
static int32_t carry_chunk (const uint32_t *source, int32_t n, const float *old, float *now, uint16_t *born) {
  int32_t count = 0;
  for (int32_t k = 0; k < n; k++) {
    int is_new = source[k] == NEWBORN;
    now[k] = old[source[k] + (uint32_t)is_new];
    born[count] = (uint16_t)k;
    count += is_new;
  }
  return count;
}

/* The old values go where the links went. Newborn links draw theirs by `init`, each chunk from its
** own stream of `key`; without `init` they get 0. */
static void carry (const Sparse *W, const uint32_t *source, const float *old, float *now, const Init *init,
                   uint64_t key, int threads) {
  double scale = init ? init->scale(W->n_in, W->n_out) : 0;
  #pragma omp parallel for num_threads(threads) schedule(static)
  for (int64_t first = 0; first < W->links; first += INIT_CHUNK) {
    uint16_t born[INIT_CHUNK + 1];
    int32_t n = (int32_t)(W->links - first < INIT_CHUNK ? W->links - first : INIT_CHUNK);
    int32_t count = carry_chunk(source + first, n, old, now + first, born);
    Rng rng;
    if (init) rng_seed(&rng, key, (uint64_t)first / INIT_CHUNK);
    for (int32_t b = 0; b < count; b++) now[first + born[b]] = init ? init_draw(init, scale, &rng) : 0;
  }
}

/* W takes the new order; see evolve.h for what becomes of its arrays. */
static void rebuild (Rewiring *r, Sparse *W, const Init *init, int threads, Rng *rng) {
  int32_t *to = W->from;
  uint32_t *source = W->at;
  merge_rows(r, threads, to, source);
  float *w = (void *)W->to;
  carry(W, source, W->w, w, init, rng_u64(rng), threads);
  float *momentum = W->w;
  carry(W, source, W->momentum, momentum, NULL, 0, threads);
  int32_t *from = (void *)W->momentum;
  int64_t *ptr = W->ptr;
  W->to = to;
  W->w = w;
  W->momentum = momentum;
  W->from = from;
  W->ptr = r->ptr;
  r->ptr = ptr;
  sparse_mirror(W, threads);
}

/* ---- the whole step ---- */

/* The threads meet a dozen times, and on a busy machine each meeting may take a while: a small layer
** is done before. */
static int useful_threads (const Sparse *W, int threads) {
  enum { LINKS_A_THREAD = 1 << 15 };
  int64_t most = 1 + W->links / LINKS_A_THREAD;
  return threads < most ? threads : (int)most;
}

static int64_t replace (Sparse *W, const uint8_t *keep, int64_t count, const Grow *grow, const Init *init,
                        int threads, Rng *rng) {
  Rewiring r;
  if (count == 0) return 0;
  if (rewiring_new(&r, W, keep, count) < 0) return -1;
  count_free(&r, threads);
  if (grow->choose(&r.growth, threads, rng) < 0) count = -1;
  else {
    cut_rows(&r);
    rebuild(&r, W, init, threads, rng);
  }
  rewiring_free(&r);
  return count;
}

int64_t evolve_kept (Sparse *W, const uint8_t *keep, const Grow *grow, const Init *init, int threads, Rng *rng) {
  int64_t count = W->links - count_kept(keep, W->links);
  return replace(W, keep, count, grow, init, useful_threads(W, threads), rng);
}

int64_t evolve (Sparse *W, const Evolution *rule, int threads, Rng *rng) {
  uint8_t *keep = mem_new((size_t)W->links, 1);
  if (!keep) return -1;
  threads = useful_threads(W, threads);
  int64_t kept = rule->prune->mark(W->w, W->links, rule->zeta, threads, keep);
  int64_t replaced = kept < 0 ? -1 : replace(W, keep, W->links - kept, rule->grow, rule->init, threads, rng);
  mem_free(keep);
  return replaced;
}
