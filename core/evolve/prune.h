/*
** prune.h -- which links a layer loses.
**
** A rule marks each link: keep[k] = 1 or 0. SET's rule (Mocanu et al. 2018, as the published
** tutorial program computes it): with v the weights in ascending order and the zeros at
** first .. last-1 (without exact zeros: the elements of smallest magnitude), the thresholds
** are T- = v[floor((1-zeta) first)] and T+ = v[min(n-1, floor(last + zeta (n-last)))], and a
** link stays if w < T- or w > T+, both strict. So about the share zeta of the negative and
** of the positive weights goes, of each sign separately, and ties with a threshold go too.
*/
#ifndef SETLAB_PRUNE_H
#define SETLAB_PRUNE_H
#include <stdint.h>

/* Fills keep[0 .. n-1], with up to `threads` threads, and returns how many stay, or -1 when
** memory runs out. */
typedef int64_t PruneRule (const float *w, int64_t n, double zeta, int threads, uint8_t *keep);

typedef struct Prune { const char *name; PruneRule *mark; } Prune;
extern const Prune prune_rules[];              /* the last has name NULL */
const Prune *prune_find (const char *name);    /* NULL if there is none */

PruneRule prune_set;
/* SET's two thresholds, by selection in O(n), without sorting or memory; n >= 1. */
void prune_set_thresholds (const float *w, int64_t n, double zeta, int threads, float *t_minus, float *t_plus);

#endif
