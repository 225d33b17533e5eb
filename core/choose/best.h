/*
** best.h -- the best cells of a layer, out of any number that are offered.
**
** Cells are ordered by score, from the highest; of equal ones the first cell, row by row, comes first. So the best
** `count` of a set are the same, whatever the order and the number of threads in which cells are offered. There
** is room for twice as many: when it is full, the better half stays, and cells that are worse than all of these are no
** longer taken.
*/
#ifndef SETLAB_BEST_H
#define SETLAB_BEST_H
#include <stdint.h>

/* A place for a link, from an input unit to an output unit. */
typedef struct Cell { float score; int32_t from, to; } Cell;

typedef struct Best {
  Cell   *cell;    /* room: those that may be among the best */
  int64_t n, room, count;
  float   floor;   /* what scores less is not among them */
} Best;

/* Room for the best `count`; 0 if there is no memory. best_free takes it, also after that. */
int  best_new  (Best *best, int64_t count);
void best_free (Best *best);
uint64_t best_bytes (int64_t count);

/* Makes room: the best `count` stay. */
void best_trim (Best *best);

/* Offers a cell. No cell may be offered twice; a score that is not a number counts as the lowest. */
static inline void best_offer (Best *best, float score, int32_t from, int32_t to) {
  if (!(score >= best->floor)) return;
  if (best->n == best->room) {
    best_trim(best);
    if (!(score >= best->floor)) return;
  }
  best->cell[best->n++] = (Cell){ score, from, to };
}

/* Takes in what another has, which is empty then. */
void best_add (Best *best, Best *other);
/* When all are offered: the best `count` are left, in the order of the cells. */
void best_finish (Best *best);

#endif
