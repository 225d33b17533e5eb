/*
** merge.h -- the nets of all ranks made one.
*/
#ifndef SETLAB_MERGE_H
#define SETLAB_MERGE_H
#include "ranks/ranks.h"
#include "turnover/net_evolve.h"

/* The nets of all ranks, which have layers and options in common but links of their own, become their mean, the same on all ranks (Curci et al. 2021,
** WASAP-SGD, second phase): a link's weight is the sum over the ranks that have it, divided by the number of ranks; so are weights of dense layers,
** biases and parameters. The layers then have more links than each net had; SET's prune takes, of each sign, the share of them that is
** beyond the mean number of links that the nets have in a layer. Velocities, and what else a rule of learning keeps, are 0 afterwards, and the mean of weights
** (net_average.h) is forgotten. What the net remembers of cells that
** it tried is what rank 0 does, and so are the steps that it has taken. `number` is what births are remembered by. All ranks call it alike, with nets of the same seed. 0 with a sentence if it cannot be: the net is then not to be used. */
int net_merge (Net *net, Ranks *ranks, int32_t number, char why[NET_REWIRE_WHY]);

#endif
