/*
** assort.h -- are units with many links linked to units with many links? (Newman 2002)
*/
#ifndef SETLAB_ASSORT_H
#define SETLAB_ASSORT_H
#include "topology/stack.h"

/* Pearson's correlation, over the links of a layer, of the degrees at their two ends. `once`: each link once, its input's
** degree against its output's; `both`: each link in both directions, as in an undirected graph. NAN where the degrees do not
** vary, or with fewer than two links. */
typedef struct Assortativity { double once, both; } Assortativity;

Assortativity assort_of (const Stack *s, int32_t l);

#endif
