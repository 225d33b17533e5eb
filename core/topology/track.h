/*
** track.h -- what happens to links: a series of looks at a net's wiring, each compared with the one before.
**
** A look costs O(links) and now and then a copy of the cells that were ever linked, which are kept as sorted lists, 8 bytes
** each: never a table of all cells. Links count as born at the look that sees them first. What comes and goes between two
** looks is not seen.
*/
#ifndef SETLAB_TRACK_H
#define SETLAB_TRACK_H
#include "topology/stack.h"

typedef struct Track Track;

/* A layer at the last look. */
typedef struct TrackLook {
  int64_t cells, links;
  int64_t born, gone;            /* since the look before; */
  int64_t tried, regrown;        /* those of the born that were never linked before, and the others */
  int64_t ever;                  /* cells that were linked at any look: R_s = ever / cells (Liu et al. 2021) */
  int64_t all_gone, all_regrown; /* over all looks: a link that goes and comes twice counts twice */
  int64_t first, common_first;   /* links at the first look, and those of them that are there now */
  /* Common links / links of either, with the look before and with the first; of two empty ones: 1. */
  double  jaccard_before, jaccard_first;
} TrackLook;

/* Links born at one look, and how many of them have been there ever since. The first look's are all its links. */
typedef struct Cohort { int64_t born, alive; } Cohort;

/* A track whose first look this is. NULL if memory runs out. The caller gives it to track_free (NULL is fine). */
Track *track_new  (const Stack *s);
void   track_free (Track *track);

/* The next look, at a net of the same sizes. 0 if memory runs out; the track is then as it was. */
int track_look (Track *track, const Stack *s);

int32_t track_looks  (const Track *track);               /* how many there were */
int32_t track_layers (const Track *track);
/* Has the net the sizes that were looked at before, and the same layers dense? */
int track_fits (const Track *track, const Stack *s);
TrackLook track_layer (const Track *track, int32_t l);
/* For each look the links born at it; borrowed until the next look. NULL for a dense layer. */
const Cohort *track_cohorts (const Track *track, int32_t l);
/* For each link, in the order of the layer, the number of the look (from 0) that saw it first. NULL for a dense layer. */
const int32_t *track_births (const Track *track, int32_t l);

#endif
