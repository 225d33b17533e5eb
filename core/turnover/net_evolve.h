/*
** net_evolve.h -- the wiring of a net's layers changed by one evolution.
**
** Each layer has a random stream of its own for each evolution, so that results depend neither on the order of the layers nor
** on the number of threads.
*/
#ifndef SETLAB_NET_EVOLVE_H
#define SETLAB_NET_EVOLVE_H
#include "evolve/evolve.h"
#include "turnover/net_probe.h"

/* Where links grow that were lost. */
enum {
  SHARE_OWN,        /* in the layer that lost them */
  SHARE_LEFT,       /* in all layers, in proportion to the links that each has left (DSR) */
  SHARE_GRADIENT,   /* or to the mean |dL/dw| of those (SNFS): the probe must keep gradients; or to that of */
  SHARE_MOMENTUM,   /* their momenta */
  SHARE_BEST        /* in all layers, where the cells of the highest scores are (GSE over the whole net); of a rule of places as SHARE_OWN */
};

typedef struct NetEvolution {
  Evolution rule;
  int32_t first, last;    /* layers, counted from 0; dense ones among them are left alone */
  const uint8_t *only;    /* (layers): 1 for those among them that evolve; NULL: all do */
  int     looks;          /* NEEDS_... that somebody else looks at on the probe: for the plan */
  int32_t number;         /* of the evolution: chooses the random streams, and is what births are remembered by */
  int     cut_together;   /* rule.cut: one order of scores for all these layers (a global threshold); it must be a score, */
  int     together;       /* and so for rule.prune. Numbers of links that stay (`stay`) then are those of all layers */
  int     percolate;      /* rounds of percolation between pruning and growing; 0: none */
  int     shared_out;     /* SHARE_... */
  const int64_t *cut_to;  /* (layers): links that each has when rule.cut is done; NULL: as rule.cutting says */
  const int64_t *stay;    /* (layers): links that stay in each when rule.prune is done; NULL: as rule.pruning says */
  const int64_t *links;   /* (layers): links that each is to have afterwards; NULL: as rule.links says */
  Change *changes;        /* (layers): filled in; NULL: nobody asks */
} NetEvolution;

enum { NET_EVOLVE_NO_MEMORY = -1, NET_EVOLVE_DIVERGED = -2 };

/* What the probe must look at: NEEDS_... of view.h. */
int net_evolution_needs (const NetEvolution *how);

/* Rewires the layers. `probe` is there if net_evolution_needs asks for it. Returns the number of links born. NET_EVOLVE_DIVERGED
** if a weight, the probe's loss or anything that the rules look at is not finite: nothing is changed then. NET_EVOLVE_NO_MEMORY
** when memory runs out; layers may have been rewired by then, each as a whole. Where links are marked in all layers before any
** grows (together, cut_together, percolate, shared_out), each layer keeps at least one link, its best. Rules that grow as a
** whole (fan-in) do not go with these. */
int64_t net_evolve (Net *net, const NetEvolution *how, const Probe *probe);

/* Layers first .. last by a rule that needs no probe. */
int64_t net_evolve_layers (Net *net, int32_t first, int32_t last, const Evolution *rule, int32_t number);

/* The second half for one layer, with the survivors already marked: keep[k] for every link (evolve_kept). */
int64_t net_rewire (Net *net, int32_t l, uint8_t *keep, const Evolution *rule, const Probe *probe, int32_t number);

/* A change of one layer that comes from outside: which links stay, keep[k] for every link (NULL: all), and `count` new ones, in
** any order, with their weights. */
typedef struct GivenChange {
  const uint8_t *keep;
  int64_t        count;
  const int32_t *from, *to;     /* count: units, from 0 */
  const float   *weight;        /* count; NULL: drawn by init, or 0 where that is NULL, too */
  const Init    *init;
  int            restores;      /* whether a dropped link that is among them keeps its weight and momentum; only without weights */
} GivenChange;

enum { NET_REWIRE_WHY = 160 };

/* Can that change be made? 1; 0 with a sentence if not, or if memory runs out. */
int net_check_given (const Net *net, int32_t l, const GivenChange *given, char why[NET_REWIRE_WHY]);

/* Makes that change of layer l, which is sparse. `number` chooses the random stream of weights and is what births are
** remembered by. Returns the number of links born. -1 with a sentence, and nothing is changed, if memory runs out or a link
** cannot be: a unit is out of range, a link is given twice, it is there and kept, or its weight is not finite. The sentence
** names the first such link, counted from 1, and its units, counted from 1. */
int64_t net_rewire_given (Net *net, int32_t l, const GivenChange *given, int32_t number, char why[NET_REWIRE_WHY]);

/* ---- what a net remembers of its wiring ---- */

/* From now on its sparse layers remember at which evolution each link was born, and which cells were ever linked: what of the
** two is asked for. Links that are there count as born at 0. Both are part of the net's state (net_state.h). 0 if memory runs
** out; the net is good for all else then. */
int net_keep_history (Net *net, int births, int tried);
/* Of every link of layer l, the number of the evolution that it was born in; NULL if the net does not remember. Borrowed. */
const int32_t *net_births (const Net *net, int32_t l);
/* The cells of layer l that were ever linked: n_in, n_out, links, ptr and to. NULL if the net does not remember. Borrowed. */
const Sparse *net_tried (const Net *net, int32_t l);
/* How many these are; -1 if the net does not remember. A dense layer has tried all. */
int64_t net_cells_tried (const Net *net, int32_t l);

/* How many links a layer gets, as its rule says. */
int64_t net_evolution_born (const Net *net, const NetEvolution *how, int32_t l);

/* What net_evolve claims at its worst moment, the probe not counted, if layers lose and get as many links as their rules say
** (by chance, SET's rule may take some more or less). */
uint64_t net_evolve_bytes (const Net *net, const NetEvolution *how);

/* ---- shared by net_evolve*.c ---- */

/* Does layer l evolve, if it is sparse? */
static inline int net_evolution_takes (const NetEvolution *how, int32_t l) {
  return l >= how->first && l <= how->last && (!how->only || how->only[l]);
}

/* The random stream, the view and the rule of one layer. */
Rng       net_evolution_stream (const Net *net, int32_t l, int32_t number);
View      net_evolution_view (const Net *net, const Probe *probe, int32_t l);
Evolution net_evolution_rule (const NetEvolution *how, int32_t l);

/* All layers are marked before any of them grows. */
int64_t net_evolve_together (Net *net, const NetEvolution *how, const Probe *probe);
/* What it claims, if what a layer claims for itself is at most `dearest`. */
uint64_t net_evolve_together_bytes (const Net *net, const NetEvolution *how, uint64_t dearest);

#endif
