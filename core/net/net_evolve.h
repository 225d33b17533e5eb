/*
** net_evolve.h -- the wiring of a net's layers changed by one evolution.
**
** Each layer has a random stream of its own for each evolution, so that results depend neither on the order of the layers nor
** on the number of threads.
*/
#ifndef SETLAB_NET_EVOLVE_H
#define SETLAB_NET_EVOLVE_H
#include "evolve/evolve.h"
#include "net/net_probe.h"

typedef struct NetEvolution {
  Evolution rule;
  int32_t first, last;    /* layers, counted from 0; dense ones among them are left alone */
  int32_t number;         /* of the evolution: chooses the random streams */
  int     together;       /* one order of scores for all these layers (a global threshold); the rule must be a score */
  int     percolate;      /* rounds of percolation between pruning and growing; 0: none */
  int     shared_out;     /* lost links come back to layers in proportion to what they have left (DSR) */
  const int64_t *stay;    /* (layers): links that stay in each when the rule, a score, has pruned; NULL: the share decides */
  const int64_t *links;   /* (layers): links that each is to have afterwards; NULL: as many as before */
} NetEvolution;

/* Rewires the layers. `probe` is there if evolution_needs asks for it. Returns the number of links born, or -1 when memory runs
** out; layers may have been rewired by then, each as a whole. */
int64_t net_evolve (Net *net, const NetEvolution *how, const Probe *probe);

/* Layers first .. last by a rule that needs no probe. */
int64_t net_evolve_layers (Net *net, int32_t first, int32_t last, const Evolution *rule, int32_t number);

/* The second half for one layer, with the survivors already marked: keep[k] for every link (evolve_kept). */
int64_t net_rewire (Net *net, int32_t l, uint8_t *keep, const Evolution *rule, const Probe *probe, int32_t number);

#endif
