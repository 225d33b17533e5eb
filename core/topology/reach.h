/*
** reach.h -- units that lead nowhere, and what is left without them.
**
** An input unit needs no link in, an output unit none out. A link has an effect if it lies on a path from an input
** unit to an output unit (effective sparsity; Vysogorets and Kempe 2023). Two walks, up and down, find all of them at once;
** percolation (evolve/percolate.h) comes to the same links round by round.
*/
#ifndef SETLAB_REACH_H
#define SETLAB_REACH_H
#include "topology/stack.h"

enum {
  UNIT_IN   = 1,   /* has a link in, or is an input */
  UNIT_OUT  = 2,   /* has a link out, or is an output */
  UNIT_FED  = 4,   /* a path from an input ends here */
  UNIT_READ = 8    /* a path to an output begins here */
};

/* The flags of all units, level after level. NULL if memory runs out. The caller gives it to mem_free. */
uint8_t *reach_new (const Stack *s);

typedef struct UnitCount {
  int32_t units, no_in, no_out, either;
  int32_t on_path;    /* what is left when units that lead nowhere are taken out until there are none */
  int32_t once;       /* what is left after one walk from the first layer to the last, as RigL's published program counts */
} UnitCount;

/* count: n + 1, of each level. 0 if memory runs out. */
int reach_count (const Stack *s, const uint8_t *flags, UnitCount *count);

/* The share of active units: those with a link out, of the last level those with a link in (ANP in Zhang et al. 2024). */
double reach_active (const Stack *s, const uint8_t *flags);

/* links: n, those of each layer that have an effect. */
void reach_links (const Stack *s, const uint8_t *flags, int64_t *links);

#endif
