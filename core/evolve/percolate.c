#include "evolve/percolate.h"
#include "base/mem.h"
#include <string.h>

/* Which units have links: on the input side of layer l the flags begin at out + out_of[l], on its output side at
** in + in_of[l]. */
typedef struct Flags { uint8_t *has_out, *has_in; } Flags;

static void flags_free (Flags *f, int32_t n) {
  for (int32_t l = 0; f && l < n; l++) {
    mem_free(f[l].has_out);
    mem_free(f[l].has_in);
  }
  mem_free(f);
}

static Flags *flags_new (int32_t n, const Sparse *const *W) {
  Flags *f = mem_zero((size_t)n, sizeof *f);
  int there = f != NULL;
  for (int32_t l = 0; there && l < n; l++) {
    if (!W[l]) continue;
    f[l].has_out = mem_new((size_t)W[l]->n_in, 1);
    f[l].has_in = mem_new((size_t)W[l]->n_out, 1);
    there = f[l].has_out && f[l].has_in;
  }
  if (there) return f;
  flags_free(f, n);
  return NULL;
}

/* The units of layer l that its links touch. */
static void look (const Sparse *W, const uint8_t *keep, Flags *f) {
  memset(f->has_out, 0, (size_t)W->n_in);
  memset(f->has_in, 0, (size_t)W->n_out);
  for (int32_t i = 0; i < W->n_in; i++)
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++)
      if (keep[k]) f->has_out[i] = f->has_in[W->to[k]] = 1;
}

/* Takes links away whose input unit has no link in (below: the layer below, or NULL, with n_below units above it) or whose output unit has none out. */
static int64_t cut (const Sparse *W, uint8_t *keep, const Flags *below, int32_t n_below, const Flags *above) {
  int64_t removed = 0;
  for (int32_t i = 0; i < W->n_in; i++) {
    int cut_off = i < n_below && below->has_in && !below->has_in[i];
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) {
      int dead_end = above && above->has_out && !above->has_out[W->to[k]];
      if (!keep[k] || !(cut_off || dead_end)) continue;
      keep[k] = 0;
      removed++;
    }
  }
  return removed;
}

int percolate (int32_t n, const Sparse *const *W, uint8_t *const *keep, int rounds, int64_t *removed) {
  Flags *f = flags_new(n, W);
  if (!f) return -1;
  if (removed) memset(removed, 0, (size_t)n * sizeof *removed);
  int done = 0;
  for (int64_t gone = 1; gone > 0 && done != rounds; done += gone > 0) {
    gone = 0;
    for (int32_t l = 0; l < n; l++)
      if (W[l]) look(W[l], keep[l], &f[l]);
    for (int32_t l = 0; l < n; l++) {
      if (!W[l]) continue;
      int64_t here = cut(W[l], keep[l], l > 0 ? &f[l - 1] : NULL, l > 0 && W[l - 1] ? W[l - 1]->n_out : 0, l + 1 < n ? &f[l + 1] : NULL);
      if (removed) removed[l] += here;
      gone += here;
    }
  }
  flags_free(f, n);
  return done;
}
