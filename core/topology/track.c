#include "topology/track.h"
#include "base/mem.h"
#include "topology/ever.h"
#include <string.h>

/* A layer as it was seen last; all NULL and 0 of one that is dense. */
typedef struct Seen {
  int64_t *ptr;        /* n_in + 1 */
  int32_t *to;         /* links */
  int32_t *birth;      /* links: number of the look */
  Cohort  *cohort;     /* looks */
  Ever     ever;
  TrackLook look;
} Seen;

struct Track {
  int32_t  n, looks;
  int32_t *size;       /* n + 1 */
  uint8_t *dense;      /* n */
  Seen    *first, *last;   /* n; of the first only ptr and to */
};

/* ---- memory ------------------------------------------------------------------------------ */

static void seen_free (Seen *seen, int32_t n, const Seen *other) {
  for (int32_t l = 0; seen && l < n; l++) {
    mem_free(seen[l].ptr);
    mem_free(seen[l].to);
    mem_free(seen[l].birth);
    mem_free(seen[l].cohort);
    ever_free(&seen[l].ever, other ? &other[l].ever : NULL);
  }
  mem_free(seen);
}

void track_free (Track *track) {
  if (!track) return;
  seen_free(track->first, track->n, NULL);
  seen_free(track->last, track->n, NULL);
  mem_free(track->size);
  mem_free(track->dense);
  mem_free(track);
}

static int copy_links (const Sparse *W, Seen *seen) {
  seen->ptr = mem_new((size_t)W->n_in + 1, sizeof *seen->ptr);
  seen->to = mem_new((size_t)W->links, sizeof *seen->to);
  if (!seen->ptr || !seen->to) return 0;
  memcpy(seen->ptr, W->ptr, ((size_t)W->n_in + 1) * sizeof *seen->ptr);
  memcpy(seen->to, W->to, (size_t)W->links * sizeof *seen->to);
  return 1;
}

/* ---- two looks compared ------------------------------------------------------------------ */

/* How many links both have; their births, if `birth` is there, go over to it. */
static int64_t common_links (const Sparse *W, const Seen *before, int32_t *birth) {
  int64_t common = 0;
  for (int32_t i = 0; i < W->n_in; i++) {
    int64_t k = W->ptr[i], m = before->ptr[i], end = W->ptr[i + 1], end_before = before->ptr[i + 1];
    while (k < end && m < end_before) {
      int32_t x = W->to[k], y = before->to[m];
      if (x == y) {
        common++;
        if (birth) birth[k] = before->birth[m];
      }
      k += x <= y;
      m += y <= x;
    }
  }
  return common;
}

static double jaccard (int64_t a, int64_t b, int64_t common) {
  int64_t any = a + b - common;
  return any ? (double)common / (double)any : 1;
}

/* The cells of links that were born now and had never been linked: ascending, in `cell`. Returns how many. */
static int64_t list_tried (const Sparse *W, const int32_t *birth, int32_t now, const Ever *ever, uint64_t *cell) {
  int64_t n = 0, walked[2] = { 0, 0 };
  for (int32_t i = 0; i < W->n_in; i++)
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) {
      uint64_t at = (uint64_t)i * (uint64_t)W->n_out + (uint64_t)W->to[k];
      if (birth[k] == now && !ever_has(ever, at, walked)) cell[n++] = at;
    }
  return n;
}

static void count_cohorts (const Sparse *W, const Seen *before, Seen *seen, int32_t now) {
  for (int32_t look = 0; look <= now; look++) seen->cohort[look] = (Cohort){ look < now ? before->cohort[look].born : 0, 0 };
  for (int64_t k = 0; k < W->links; k++) seen->cohort[seen->birth[k]].alive++;
  seen->cohort[now].born = seen->cohort[now].alive;
}

static TrackLook look_of (const Track *t, int32_t l, const Sparse *W, const Seen *before, int64_t common, int64_t tried) {
  TrackLook look = { .cells = (int64_t)W->n_in * W->n_out, .links = W->links, .jaccard_before = 1, .jaccard_first = 1 };
  look.ever = before->look.ever + tried;
  look.first = t->first[l].ptr[W->n_in];
  look.common_first = common_links(W, &t->first[l], NULL);
  if (t->looks == 0) return look;   /* nothing comes or goes at the first look */
  look.born = W->links - common;
  look.gone = before->look.links - common;
  look.tried = tried;
  look.regrown = look.born - tried;
  look.all_gone = before->look.all_gone + look.gone;
  look.all_regrown = before->look.all_regrown + look.regrown;
  look.jaccard_before = jaccard(W->links, before->look.links, common);
  look.jaccard_first = jaccard(W->links, look.first, look.common_first);
  return look;
}

/* ---- a look ------------------------------------------------------------------------------ */

static int look_sparse (const Track *t, int32_t l, const Sparse *W, const Seen *before, Seen *seen) {
  uint64_t *cell = mem_new((size_t)W->links, sizeof *cell);
  seen->birth = mem_new((size_t)W->links, sizeof *seen->birth);
  seen->cohort = mem_new((size_t)t->looks + 1, sizeof *seen->cohort);
  int there = cell && seen->birth && seen->cohort && copy_links(W, seen);
  if (there) {
    for (int64_t k = 0; k < W->links; k++) seen->birth[k] = t->looks;
    int64_t common = t->looks ? common_links(W, before, seen->birth) : 0;
    int64_t tried = list_tried(W, seen->birth, t->looks, &before->ever, cell);
    there = ever_grow(&before->ever, cell, tried, &seen->ever);
    count_cohorts(W, before, seen, t->looks);
    seen->look = look_of(t, l, W, before, common, tried);
  }
  mem_free(cell);
  return there;
}

static TrackLook look_dense (int64_t cells) {
  TrackLook look = { .cells = cells, .links = cells, .ever = cells, .jaccard_before = 1, .jaccard_first = 1 };
  look.first = look.common_first = cells;
  return look;
}

int track_look (Track *t, const Stack *s) {
  Seen *seen = mem_zero((size_t)t->n, sizeof *seen);
  int there = seen != NULL;
  for (int32_t l = 0; there && l < t->n; l++) {
    if (s->W[l]) there = look_sparse(t, l, s->W[l], &t->last[l], &seen[l]);
    else seen[l].look = look_dense(stack_cells(s, l));
  }
  if (!there) {
    seen_free(seen, t->n, t->last);
    return 0;
  }
  seen_free(t->last, t->n, seen);
  t->last = seen;
  t->looks++;
  return 1;
}

Track *track_new (const Stack *s) {
  Track *t = mem_zero(1, sizeof *t);
  if (!t) return NULL;
  t->n = s->n;
  t->size = mem_new((size_t)s->n + 1, sizeof *t->size);
  t->dense = mem_new((size_t)s->n, 1);
  t->first = mem_zero((size_t)s->n, sizeof *t->first);
  t->last = mem_zero((size_t)s->n, sizeof *t->last);
  int there = t->size && t->dense && t->first && t->last;
  if (there) memcpy(t->size, s->size, ((size_t)s->n + 1) * sizeof *t->size);
  for (int32_t l = 0; there && l < s->n; l++) {
    t->dense[l] = !s->W[l];
    there = !s->W[l] || copy_links(s->W[l], &t->first[l]);
  }
  if (there && track_look(t, s)) return t;
  track_free(t);
  return NULL;
}

/* ---- what was seen ----------------------------------------------------------------------- */

int32_t track_looks (const Track *track) { return track->looks; }

int32_t track_layers (const Track *track) { return track->n; }

int track_fits (const Track *t, const Stack *s) {
  if (t->n != s->n || memcmp(t->size, s->size, ((size_t)s->n + 1) * sizeof *t->size) != 0) return 0;
  for (int32_t l = 0; l < s->n; l++)
    if (t->dense[l] != !s->W[l]) return 0;
  return 1;
}

TrackLook track_layer (const Track *track, int32_t l) { return track->last[l].look; }

const Cohort *track_cohorts (const Track *track, int32_t l) { return track->last[l].cohort; }

const int32_t *track_births (const Track *track, int32_t l) { return track->last[l].birth; }
