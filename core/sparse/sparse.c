#include "sparse/sparse.h"
#include "base/mem.h"
#include <string.h>

/* Four bytes for each link. All five arrays of links are alike: in an evolution they trade places. */
void *sparse_links_new (int64_t capacity) {
  size_t n = (size_t)capacity;
  uint32_t *of_links = mem_new(n + SPARSE_SLACK, sizeof *of_links);
  if (of_links) memset(of_links + n, 0, SPARSE_SLACK * sizeof *of_links);
  return of_links;
}

int64_t sparse_room (int64_t links, int64_t capacity) {
  if (links > capacity) return links + links / 8;
  return links < capacity / 2 ? links + links / 8 : capacity;
}

Sparse *sparse_new (int32_t n_in, int32_t n_out, int64_t links) {
  Sparse *W = mem_zero(1, sizeof *W);
  if (!W) return NULL;
  W->n_in = n_in;
  W->n_out = n_out;
  W->links = W->capacity = links;
  W->ptr = mem_zero((size_t)n_in + 1, sizeof *W->ptr);
  W->to = sparse_links_new(links);
  W->w = sparse_links_new(links);
  W->momentum = sparse_links_new(links);
  W->in_ptr = mem_zero((size_t)n_out + 1, sizeof *W->in_ptr);
  W->from = sparse_links_new(links);
  W->at = sparse_links_new(links);
  if (W->ptr && W->to && W->w && W->momentum && W->in_ptr && W->from && W->at) return W;
  sparse_free(W);
  return NULL;
}

uint64_t sparse_bytes (int32_t n_in, int32_t n_out, int64_t capacity) {
  Sparse *W;
  uint64_t of_links = mem_block((uint64_t)capacity + SPARSE_SLACK, sizeof(uint32_t));
  return mem_block(1, sizeof *W) +
         mem_block((uint64_t)n_in + 1, sizeof *W->ptr) + mem_block((uint64_t)n_out + 1, sizeof *W->in_ptr) +
         5 * of_links;  /* to, w, momentum, from, at */
}

/* ---- what a layer remembers ---- */

int sparse_keep_births (Sparse *W) {
  if (W->born) return 1;
  W->born = sparse_links_new(W->capacity);
  if (W->born) memset(W->born, 0, (size_t)W->capacity * sizeof *W->born);
  return W->born != NULL;
}

static int keep_zeros (Sparse *W, float **array) {
  if (*array) return 1;
  *array = sparse_links_new(W->capacity);
  if (*array) memset(*array, 0, (size_t)W->capacity * sizeof **array);
  return *array != NULL;
}

int sparse_keep_moments (Sparse *W, int moments) {
  return (moments < 1 || keep_zeros(W, &W->second)) && (moments < 2 || keep_zeros(W, &W->age));
}

Sparse *sparse_cells_new (int32_t n_in, int32_t n_out, int64_t capacity) {
  Sparse *cells = mem_zero(1, sizeof *cells);
  if (!cells) return NULL;
  *cells = (Sparse){ .n_in = n_in, .n_out = n_out, .capacity = capacity };
  cells->ptr = mem_zero((size_t)n_in + 1, sizeof *cells->ptr);
  cells->to = sparse_links_new(capacity);
  if (cells->ptr && cells->to) return cells;
  sparse_free(cells);
  return NULL;
}

int sparse_keep_tried (Sparse *W) {
  if (W->tried) return 1;
  W->tried = sparse_cells_new(W->n_in, W->n_out, W->links);
  if (!W->tried) return 0;
  memcpy(W->tried->ptr, W->ptr, ((size_t)W->n_in + 1) * sizeof *W->ptr);
  memcpy(W->tried->to, W->to, (size_t)W->links * sizeof *W->to);
  W->tried->links = W->links;
  return 1;
}

uint64_t sparse_births_bytes (int64_t capacity) { return mem_block((uint64_t)capacity + SPARSE_SLACK, sizeof(uint32_t)); }

uint64_t sparse_moments_bytes (int64_t capacity, int moments) { return (uint64_t)moments * sparse_births_bytes(capacity); }

uint64_t sparse_tried_bytes (int32_t n_in, int64_t tried) {
  Sparse *W;
  return mem_block(1, sizeof *W) + mem_block((uint64_t)n_in + 1, sizeof *W->ptr) + sparse_births_bytes(tried);
}

/* ---- the end ---- */

void sparse_free (Sparse *W) {
  if (!W) return;
  mem_free(W->ptr);
  mem_free(W->to);
  mem_free(W->w);
  mem_free(W->momentum);
  mem_free(W->in_ptr);
  mem_free(W->from);
  mem_free(W->at);
  mem_free(W->born);
  mem_free(W->second);
  mem_free(W->age);
  sparse_free(W->tried);
  mem_free(W);
}

int32_t sparse_cut (const int64_t *ptr, int32_t n, int part, int parts) {
  if (part == parts) return n;
  int64_t goal = (int64_t)((__int128)(ptr[n] + n) * part / parts);
  int32_t low = 0, high = n;
  while (low < high) {
    int32_t middle = low + (high - low) / 2;
    if (ptr[middle] + middle < goal) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* Does ptr, of n + 1, cut the links into n runs? Asked before anything follows it. */
static int cuts_links (const int64_t *ptr, int32_t n, int64_t links) {
  for (int32_t i = 0; i < n; i++)
    if (ptr[i] > ptr[i + 1]) return 0;
  return ptr[0] == 0 && ptr[n] == links;
}

static const char *check_primary (const Sparse *W) {
  if (!cuts_links(W->ptr, W->n_in, W->links)) return "ptr does not cut the links into units";
  for (int32_t i = 0; i < W->n_in; i++)
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) {
      if (W->to[k] < 0 || W->to[k] >= W->n_out) return "a link goes to no unit";
      if (k > W->ptr[i] && W->to[k] <= W->to[k - 1]) return "links of a unit are not ascending and distinct";
    }
  return NULL;
}

/* The position in the primary order of the link i -> o, or -1. */
static int64_t find_link (const Sparse *W, int32_t i, int32_t o) {
  int64_t low = W->ptr[i], high = W->ptr[i + 1];
  while (low < high) {
    int64_t middle = (low + high) / 2;
    if (W->to[middle] < o) low = middle + 1;
    else high = middle;
  }
  return low < W->ptr[i + 1] && W->to[low] == o ? low : -1;
}

static const char *check_mirror (const Sparse *W) {
  if (!cuts_links(W->in_ptr, W->n_out, W->links)) return "in_ptr does not cut the links into units";
  for (int32_t o = 0; o < W->n_out; o++)
    for (int64_t m = W->in_ptr[o]; m < W->in_ptr[o + 1]; m++) {
      if (W->from[m] < 0 || W->from[m] >= W->n_in) return "a mirrored link comes from no unit";
      if (m > W->in_ptr[o] && W->from[m] <= W->from[m - 1]) return "mirrored links are not ascending and distinct";
      int64_t k = find_link(W, W->from[m], o);
      if (k < 0) return "a mirrored link is not in the primary order";
      if (W->at[m] != k) return "a mirrored link points to another";
    }
  return NULL;
}

static const char *check_tried (const Sparse *W) {
  const Sparse *cells = W->tried;
  if (cells->capacity < cells->links) return "there are more tried cells than the arrays have room for";
  if (check_primary(cells)) return "tried cells are not in order";
  for (int32_t i = 0; i < W->n_in; i++)
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++)
      if (find_link(cells, i, W->to[k]) < 0) return "a link stands in a cell that was never tried";
  return NULL;
}

const char *sparse_check (const Sparse *W) {
  if (W->capacity < W->links) return "there are more links than the arrays have room for";
  const char *broken = check_primary(W);
  if (!broken) broken = check_mirror(W);
  return broken || !W->tried ? broken : check_tried(W);
}
