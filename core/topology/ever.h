/*
** ever.h -- a set of cells that only grows, as two sorted lists: a long one, and a short one of the latest.
*/
#ifndef SETLAB_EVER_H
#define SETLAB_EVER_H
#include <stdint.h>

typedef struct Ever {
  uint64_t *old, *fresh;   /* ascending; no cell is in both */
  int64_t   n_old, n_fresh;
} Ever;

/* The cells of `ever` and n more, ascending and not among them, to *grown. Lists that stay are shared with `ever`. 0 if memory
** runs out; *grown is then empty. */
int  ever_grow (const Ever *ever, const uint64_t *more, int64_t n, Ever *grown);
/* Is the cell in the set? Cells are asked for in ascending order: `at`, which begins as { 0, 0 }, is how far both lists have
** been walked. */
int  ever_has  (const Ever *ever, uint64_t cell, int64_t at[2]);
/* Frees the lists of `ever` that `other` does not share; other may be NULL. */
void ever_free (Ever *ever, const Ever *other);

#endif
