#include "evolve/rewire.h"
#include "base/mem.h"
#include <string.h>

#define NEWBORN UINT32_MAX   /* the former place of a link that had none */

/* What a rewiring needs on top of W's own memory, all of it claimed before W is touched. */
typedef struct Rewiring {
  const Growth *growth;
  int64_t *ptr;              /* n_in + 1: the new primary order */
  int64_t  links, capacity;  /* the new layer's */
  /* Where the new layer's arrays are: what W has, in other places; or memory of its own. */
  int32_t  *to, *from;
  uint32_t *source, *at;     /* source: where each link was; it becomes at */
  float    *w, *momentum;
  float    *second, *age;    /* what a rule of learning keeps, in memory of its own; NULL where W does not */
  int32_t  *born;            /* and what it remembers, in memory of its own; NULL where W does not */
  Sparse   *tried;
} Rewiring;

static int moves_out (const Rewiring *r) { return r->capacity != r->growth->W->capacity; }

static void rewiring_free (Rewiring *r, int unused) {
  mem_free(r->ptr);
  if (unused) mem_free(r->second);
  if (unused) mem_free(r->age);
  if (unused) mem_free(r->born);
  if (unused) sparse_free(r->tried);
  if (!unused || !moves_out(r)) return;
  mem_free(r->to);
  mem_free(r->w);
  mem_free(r->momentum);
  mem_free(r->from);
  mem_free(r->at);
}

/* The mirrored order is made anew anyway, so its two arrays take the new order and, for each link, the
** place it had before; the three arrays of the old order become free one after the other, and the
** next one moves there. */
static void take_places (Rewiring *r, Sparse *W) {
  r->to = W->from;
  r->source = r->at = W->at;
  r->w = (void *)W->to;
  r->momentum = W->w;
  r->from = (void *)W->momentum;
}

static int claim_places (Rewiring *r) {
  r->to = sparse_links_new(r->capacity);
  r->source = r->at = sparse_links_new(r->capacity);
  r->w = sparse_links_new(r->capacity);
  r->momentum = sparse_links_new(r->capacity);
  r->from = sparse_links_new(r->capacity);
  return r->to && r->at && r->w && r->momentum && r->from;
}

static int claim_memories (Rewiring *r, const Sparse *W) {
  int64_t born = r->growth->start[W->n_in];
  if (W->second) r->second = sparse_links_new(r->capacity);
  if (W->age) r->age = sparse_links_new(r->capacity);
  if (W->born) r->born = sparse_links_new(r->capacity);
  if (W->tried) r->tried = sparse_cells_new(W->n_in, W->n_out, W->tried->links + born);
  return (!W->second || r->second) && (!W->age || r->age) && (!W->born || r->born) && (!W->tried || r->tried);
}

static int rewiring_new (Rewiring *r, Sparse *W, const Growth *growth, int64_t links) {
  *r = (Rewiring){ .growth = growth, .links = links, .capacity = sparse_room(links, W->capacity) };
  if (links == W->links) r->capacity = W->capacity;
  r->ptr = mem_new((size_t)W->n_in + 1, sizeof *r->ptr);
  int there = r->ptr != NULL && claim_memories(r, W);
  if (!moves_out(r)) take_places(r, W);
  else there = claim_places(r) && there;
  if (there) return 1;
  rewiring_free(r, 1);
  return 0;
}

uint64_t rewire_bytes (const Sparse *W, int64_t links, int64_t born) {
  int64_t room = links == W->links ? W->capacity : sparse_room(links, W->capacity);
  uint64_t bytes = mem_block((uint64_t)W->n_in + 1, sizeof(int64_t));
  bytes += sparse_moments_bytes(room, sparse_moments(W));
  if (W->born) bytes += sparse_births_bytes(room);
  if (W->tried) bytes += sparse_tried_bytes(W->n_in, W->tried->links + born);
  return bytes + (room == W->capacity ? 0 : 5 * mem_block((uint64_t)room + SPARSE_SLACK, sizeof(uint32_t)));
}

/* ---- the new order ---- */

static void cut_rows (Rewiring *r) {
  const Growth *g = r->growth;
  int32_t n_in = g->W->n_in, n_out = g->W->n_out;
  int64_t at = 0;
  for (int32_t i = 0; i < n_in; i++) {
    r->ptr[i] = at;
    at += n_out - g->free[i] + g->start[i + 1] - g->start[i];
  }
  r->ptr[n_in] = at;
}

/* Writes unit i's survivors to first .. end-1, the last one first: what is not kept is written over
** by the next link that is, and the walk ends when there is no more room. */
static void pack_row (const Rewiring *r, int32_t i, int64_t first, int64_t end, int32_t *to, uint32_t *source) {
  const Sparse *W = r->growth->W;
  for (int64_t at = end - 1, k = W->ptr[i + 1] - 1; at >= first; at -= r->growth->keep[k--]) {
    to[at] = W->to[k];
    source[at] = (uint32_t)k;
  }
}

/* Merges survivors and newborn links of unit i, both ascending. The p-th free place, with `passed`
** kept links before it, is output unit p + passed. Which of two comes first is not to be foreseen:
** so the inner loop has no branch for it. */
static void merge_row (const Rewiring *r, int32_t i, int32_t *to, uint32_t *source) {
  const int32_t *place = r->growth->place + r->growth->start[i];
  int64_t born = r->growth->start[i + 1] - r->growth->start[i], first = r->ptr[i] + born, end = r->ptr[i + 1];
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

static void merge_rows (const Rewiring *r, int threads) {
  const Sparse *W = r->growth->W;
  #pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int part = 0; part < threads; part++) {
    int32_t end = sparse_cut(W->ptr, W->n_in, part + 1, threads);
    for (int32_t i = sparse_cut(W->ptr, W->n_in, part, threads); i < end; i++) merge_row(r, i, r->to, r->source);
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
** own stream of `key`; without `init` they get 0. W->in_ptr has been counted, if the rule asks for it. */
static void carry (const Rewiring *r, const float *old, float *now, const Init *init, uint64_t key, int threads) {
  const Sparse *W = r->growth->W;
  InitLayer drawn = init ? init_layer(init, W->n_in, W->n_out, r->links, W->in_ptr) : (InitLayer){ 0 };
  #pragma omp parallel for num_threads(threads) schedule(static)
  for (int64_t first = 0; first < r->links; first += INIT_CHUNK) {
    uint16_t born[INIT_CHUNK + 1];
    int32_t n = (int32_t)(r->links - first < INIT_CHUNK ? r->links - first : INIT_CHUNK);
    int32_t count = carry_chunk(r->source + first, n, old, now + first, born);
    Rng rng;
    if (init) rng_seed(&rng, key, (uint64_t)first / INIT_CHUNK);
    for (int32_t b = 0; b < count; b++) {
      int64_t k = first + born[b];
      now[k] = init ? init_draw(&drawn, r->to[k], &rng) : 0;
    }
  }
}

/* The scale may depend on the links that a unit has now: in_ptr, which the mirror will make anew, counts them before. */
static void count_in (const Rewiring *r, const Sparse *W, int threads) {
  Sparse now = *W;
  now.ptr = r->ptr;
  now.to = r->to;
  now.links = r->links;
  sparse_count_in(&now, threads);
}

/* Newborn links take the weights that were given, in the order of the cells. */
static void take_given (const Rewiring *r, const float *given) {
  int64_t n = 0;
  for (int64_t k = 0; k < r->links; k++)
    if (r->source[k] == NEWBORN) r->w[k] = given[n++];
}

/* ---- what is remembered ---- */

static void carry_births (const Rewiring *r, int32_t number, int threads) {
  const int32_t *old = r->growth->W->born;
  #pragma omp parallel for num_threads(threads) schedule(static)
  for (int64_t k = 0; k < r->links; k++) r->born[k] = r->source[k] == NEWBORN ? number : old[r->source[k]];
}

/* The cells tried so far and the new layer's links, merged; both ascending. */
static void add_tried (const Rewiring *r) {
  const Sparse *old = r->growth->W->tried;
  Sparse *now = r->tried;
  int64_t n = 0;
  for (int32_t i = 0; i < old->n_in; i++) {
    int64_t c = old->ptr[i], k = r->ptr[i];
    now->ptr[i] = n;
    while (c < old->ptr[i + 1] || k < r->ptr[i + 1]) {
      int32_t a = c < old->ptr[i + 1] ? old->to[c] : INT32_MAX, b = k < r->ptr[i + 1] ? r->to[k] : INT32_MAX;
      now->to[n++] = a < b ? a : b;
      c += a <= b;
      k += b <= a;
    }
  }
  now->ptr[old->n_in] = now->links = n;
}

/* ---- the whole step ---- */

static void hand_over (Rewiring *r, Sparse *W) {
  int64_t *ptr = W->ptr;
  if (moves_out(r)) {
    mem_free(W->to);
    mem_free(W->w);
    mem_free(W->momentum);
    mem_free(W->from);
    mem_free(W->at);
  }
  W->ptr = r->ptr;
  W->to = r->to;
  W->w = r->w;
  W->momentum = r->momentum;
  W->from = r->from;
  W->at = r->at;
  if (r->second) {
    mem_free(W->second);
    W->second = r->second;
  }
  if (r->age) {
    mem_free(W->age);
    W->age = r->age;
  }
  if (r->born) {
    mem_free(W->born);
    W->born = r->born;
  }
  if (r->tried) {
    sparse_free(W->tried);
    W->tried = r->tried;
  }
  W->links = r->links;
  W->capacity = r->capacity;
  r->ptr = ptr;
  /* Behind the last link there are units, whatever stood there before: walks look ahead. */
  memset(W->to + W->links, 0, SPARSE_SLACK * sizeof *W->to);
  memset(W->from + W->links, 0, SPARSE_SLACK * sizeof *W->from);
  memset(W->at + W->links, 0, SPARSE_SLACK * sizeof *W->at);
}

int rewire (Sparse *W, const Growth *growth, const Newborn *newborn, int threads, Rng *rng) {
  int64_t kept = 0;
  for (int32_t i = 0; i < W->n_in; i++) kept += W->n_out - growth->free[i];
  Rewiring r;
  if (!rewiring_new(&r, W, growth, kept + growth->start[W->n_in])) return 0;
  cut_rows(&r);
  merge_rows(&r, threads);
  if (r.born) carry_births(&r, newborn->number, threads);
  if (r.tried) add_tried(&r);
  if (newborn->init && newborn->init->counts == INIT_OWN_LINKS) count_in(&r, W, threads);
  carry(&r, W->w, r.w, newborn->init, rng_u64(rng), threads);
  if (newborn->weight) take_given(&r, newborn->weight);
  carry(&r, W->momentum, r.momentum, NULL, 0, threads);
  if (r.second) carry(&r, W->second, r.second, NULL, 0, threads);
  if (r.age) carry(&r, W->age, r.age, NULL, 0, threads);
  hand_over(&r, W);
  sparse_mirror(W, threads);
  rewiring_free(&r, 0);
  return 1;
}
