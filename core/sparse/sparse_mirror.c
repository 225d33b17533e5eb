/*
** sparse_mirror.c -- the mirrored order, by counting sort of the links by output unit.
**
** A layer that the caches hold is sorted straight away: each thread owns a range of output units,
** and looks up in every row where those begin; so nobody writes where another does. In a larger
** layer every link would be a walk to memory, three times. So its links are first parted into
** groups of neighbouring output units, few enough that each can have a cache line open, and then
** every group, which the cache holds, is sorted on its own. Where units are as few as groups, a group
** is a unit, and parting has sorted already.
*/
#include "sparse/sparse.h"
#include "base/mem.h"
#include <string.h>

enum { GROUPS = 1 << 11 };

/* Turns the counts in in_ptr[o + 1], o = first .. last-1, into the places where each unit's first
** link goes; the units' links begin at `start`. Returns where they end. */
static int64_t add_up (Sparse *W, int32_t first, int32_t last, int64_t start) {
  for (int32_t o = first; o < last; o++) {
    int64_t count = W->in_ptr[o + 1];
    W->in_ptr[o + 1] = start;
    start += count;
  }
  return start;
}

/* ---- straight ---- */

/* The first link of unit i to unit o or beyond. */
static int64_t first_link (const Sparse *W, int32_t i, int32_t o) {
  int64_t low = W->ptr[i], length = W->ptr[i + 1] - low;
  if (o == 0) return low;
  while (length > 0) {
    int64_t half = length / 2;
    int below = W->to[low + half] < o;
    low += below ? half + 1 : 0;
    length = below ? length - half - 1 : half;
  }
  return low;
}

/* Counts the links to units first .. last-1, unit o's in in_ptr[o + 1]. */
static void count_range (Sparse *W, int32_t first, int32_t last) {
  int64_t *count = W->in_ptr + 1;
  memset(count + first, 0, (size_t)(last - first) * sizeof *count);
  for (int32_t i = 0; i < W->n_in; i++)
    for (int64_t k = first_link(W, i, first); k < W->ptr[i + 1] && W->to[k] < last; k++) count[W->to[k]]++;
}

/* Lists the links to units first .. last-1: in_ptr[o + 1] is where unit o's next one goes, and
** ends up as its end, which is the start of unit o + 1. */
static void list_range (Sparse *W, int32_t first, int32_t last) {
  int64_t *next = W->in_ptr + 1;
  for (int32_t i = 0; i < W->n_in; i++)
    for (int64_t k = first_link(W, i, first); k < W->ptr[i + 1] && W->to[k] < last; k++) {
      int64_t m = next[W->to[k]]++;
      W->from[m] = i;
      W->at[m] = (uint32_t)k;
    }
}

static int32_t range (const Sparse *W, int part, int parts) { return (int32_t)((int64_t)W->n_out * part / parts); }

void sparse_count_in (Sparse *W, int threads) {
  #pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int p = 0; p < threads; p++) count_range(W, range(W, p, threads), range(W, p + 1, threads));
  W->in_ptr[0] = 0;
  for (int32_t o = 0; o < W->n_out; o++) W->in_ptr[o + 1] += W->in_ptr[o];
}

static void mirror_straight (Sparse *W, int threads) {
  #pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int p = 0; p < threads; p++) count_range(W, range(W, p, threads), range(W, p + 1, threads));
  add_up(W, 0, W->n_out, 0);
  #pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int p = 0; p < threads; p++) list_range(W, range(W, p, threads), range(W, p + 1, threads));
}

/* ---- by groups ---- */

typedef struct Link { int32_t from, to; uint32_t at; } Link;

typedef struct Groups {
  int      shift, n, threads;
  int64_t *next;      /* threads * n: where a thread's next link to a group goes */
  int64_t *start;     /* n + 1: a group's links are start[g] .. start[g + 1] - 1 */
  int64_t  largest;   /* links of the largest group */
  Link    *link;      /* threads * largest: a group being sorted; NULL if a group is a unit */
} Groups;

static void groups_free (Groups *g) {
  mem_free(g->next);
  mem_free(g->start);
  mem_free(g->link);
}

/* Counts the links of each thread's rows to each group, and says where they go: group by group,
** and in each the rows of one thread after those of another. 0 if there is no memory. */
static int groups_count (Groups *g, const Sparse *W, int threads) {
  *g = (Groups){ .threads = threads };
  while ((W->n_out - 1) >> g->shift >= GROUPS) g->shift++;
  g->n = ((W->n_out - 1) >> g->shift) + 1;
  g->next = mem_zero((size_t)threads * (size_t)g->n, sizeof *g->next);
  g->start = mem_new((size_t)g->n + 1, sizeof *g->start);
  if (!g->next || !g->start) return 0;
  #pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int p = 0; p < threads; p++) {
    int64_t *next = g->next + (int64_t)p * g->n, end = W->ptr[sparse_cut(W->ptr, W->n_in, p + 1, threads)];
    for (int64_t k = W->ptr[sparse_cut(W->ptr, W->n_in, p, threads)]; k < end; k++) next[W->to[k] >> g->shift]++;
  }
  int64_t at = 0;
  for (int i = 0; i < g->n; i++) {
    g->start[i] = at;
    for (int p = 0; p < threads; p++) {
      int64_t *next = &g->next[(int64_t)p * g->n + i], count = *next;
      *next = at;
      at += count;
    }
    if (at - g->start[i] > g->largest) g->largest = at - g->start[i];
  }
  g->start[g->n] = at;
  if (g->shift == 0) return 1;
  g->link = mem_new((size_t)threads * (size_t)g->largest, sizeof *g->link);
  return g->link != NULL;
}

/* Sends a thread's links to their groups, in the order that they have. */
static void part_rows (Sparse *W, const Groups *g, int p) {
  int64_t *next = g->next + (int64_t)p * g->n;
  int32_t end = sparse_cut(W->ptr, W->n_in, p + 1, g->threads);
  for (int32_t i = sparse_cut(W->ptr, W->n_in, p, g->threads); i < end; i++)
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) {
      int64_t m = next[W->to[k] >> g->shift]++;
      W->from[m] = i;
      W->at[m] = (uint32_t)k;
    }
}

/* Sorts one group, whose links go to units first .. last-1. They come from all over the primary
** order, where their `to` stands: it is asked for some time before it is needed. */
static void sort_group (Sparse *W, const Groups *g, int group, Link *link) {
  enum { AHEAD = 24 };
  int64_t start = g->start[group], n = g->start[group + 1] - start, *next = W->in_ptr + 1;
  int32_t first = (int32_t)((int64_t)group << g->shift), last = group == g->n - 1 ? W->n_out : first + (1 << g->shift);
  const uint32_t *at = W->at + start;
  memset(next + first, 0, (size_t)(last - first) * sizeof *next);
  for (int64_t k = 0; k < n; k++) {
    if (k + AHEAD < n) __builtin_prefetch(&W->to[at[k + AHEAD]]);
    link[k] = (Link){ W->from[start + k], W->to[at[k]], at[k] };
    next[link[k].to]++;
  }
  add_up(W, first, last, start);
  for (int64_t k = 0; k < n; k++) {
    int64_t m = next[link[k].to]++;
    W->from[m] = link[k].from;
    W->at[m] = link[k].at;
  }
}

static void sort_groups (Sparse *W, const Groups *g) {
  _Atomic int group = 0;
  #pragma omp parallel for num_threads(g->threads) schedule(static, 1)
  for (int p = 0; p < g->threads; p++)
    for (int mine; (mine = group++) < g->n;) sort_group(W, g, mine, g->link + p * g->largest);
}

static int mirror_by_groups (Sparse *W, int threads) {
  Groups g;
  int there = groups_count(&g, W, threads);
  if (there) {
    #pragma omp parallel for num_threads(threads) schedule(static, 1)
    for (int p = 0; p < threads; p++) part_rows(W, &g, p);
    if (g.shift > 0) sort_groups(W, &g);
    else memcpy(W->in_ptr, g.start, ((size_t)g.n + 1) * sizeof *g.start);
  }
  groups_free(&g);
  return there;
}

void sparse_mirror (Sparse *W, int threads) {
  W->in_ptr[0] = 0;
  if (W->links < SPARSE_LARGE || !mirror_by_groups(W, threads)) mirror_straight(W, threads);
}
