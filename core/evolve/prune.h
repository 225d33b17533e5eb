/*
** prune.h -- which links a layer loses.
**
** A rule marks each link: keep[k] = 1 or 0. Most rules score the links (score.h), and a given number of those with the
** highest score stay. Three choose by themselves:
**
** set (Mocanu et al. 2018, as the published tutorial program computes it): with v the weights in ascending
** order and the zeros at first .. last-1 (without exact zeros: the elements of smallest magnitude), the
** thresholds are T- = v[floor((1-zeta) first)] and T+ = v[min(n-1, floor(last + zeta (n-last)))], and a
** link stays if w < T- or w > T+, both strict. So about the share zeta of the negative and of the
** positive weights is dropped, of each sign separately, and ties with a threshold are dropped too.
**
** threshold (DSR, Mostafa and Wang 2019): a link stays if |w| is at least the threshold.
**
** neurons (importance pruning, Curci et al. 2021): all links into output units go whose strength, the sum of |w| over their
** links, is at or below a percentile (100 share) of all units' strengths, interpolated as NumPy does; share 0 takes none.
** Where that were all units, none goes. What goes is gone for good: the layer shrinks.
**
** A rule may be asked to choose among some links only (View.among): then it is as if the others were not there.
*/
#ifndef SETLAB_PRUNE_H
#define SETLAB_PRUNE_H
#include "evolve/score.h"

typedef struct PruneOptions {
  double  share;       /* of the links that go, in [0, 1]: set, and scores where stay is -1 */
  int64_t stay;        /* links that stay; -1: all but floor(share * links), */
  int     round_up;    /* or all but ceil(share * links) */
  double  threshold;   /* of the rule threshold */
  ScoreOptions score;
  int     soft;        /* scores: SOFT_... */
  double  delta;       /* of SOFT_CHTS, in [0, 1) */
  double  power;       /* of SOFT_POWER, at least 0 */
} PruneOptions;

enum {
  SOFT_NOT,     /* the links of the highest score stay */
  SOFT_CHTS,    /* links stay by a draw in proportion to score_soft, which looks at weights alone */
  SOFT_POWER    /* or to a power of the rule's score: its temperature */
};

typedef struct Prune Prune;

/* Fills keep for every link of the view, with up to `threads` threads, and returns how many stay, or -1 when
** memory runs out. */
typedef int64_t PruneRule (const Prune *rule, const View *view, const PruneOptions *options, int threads, Rng *rng,
                           uint8_t *keep);

struct Prune {
  const char *name;
  int        needs;   /* NEEDS_... of view.h */
  PruneRule *mark;
  int        shrinks; /* whether the layer is to have fewer links afterwards, if nothing else is said */
};

/* The rule of that name: "set", "threshold", or that of a score. 0 if there is none. */
int prune_find (const char *name, Prune *rule);
/* Name number n, from 0; NULL after the last. */
const char *prune_name (int n);

PruneRule prune_set, prune_threshold, prune_neurons, prune_scored;

/* How many of n links are to stay. */
int64_t prune_stay (const PruneOptions *options, int64_t n);
/* What prune_scored orders links by; -infinity for those that are not among the view's. 0 if memory runs out. */
int prune_scores (const Prune *rule, const View *view, const PruneOptions *options, int threads, Rng *rng, float *score);

/* SET's two thresholds, by selection in O(n), without sorting or memory; n >= 1. */
void prune_set_thresholds (const float *w, int64_t n, double zeta, int threads, float *t_minus, float *t_plus);
/* SET's marks of n weights; returns how many stay. */
int64_t prune_set_mark (const float *w, int64_t n, double zeta, int threads, uint8_t *keep);

/* What a rule claims while it marks so many links, all of them or `among` some. */
uint64_t prune_bytes (const Prune *rule, const PruneOptions *options, int32_t n_in, int32_t n_out, int64_t links, int among);

#endif
