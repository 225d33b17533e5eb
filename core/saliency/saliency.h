/*
** saliency.h -- how much each link of a net matters, to decide which links stay when a net is pruned to a wiring.
*/
#ifndef SETLAB_SALIENCY_H
#define SETLAB_SALIENCY_H
#include "net/net.h"

/* score[l] gets a number for each link of layer l, dense or sparse, in the order of net_weights: |w|; or, with a batch, samples rows[0 ..
** batch - 1] of data, |w g|, g being the gradient of their mean loss (SNIP, Lee et al. 2019), with dropout as in a step of training.
** data may be NULL. A score that is no number counts as 0. 0: no memory. */
int saliency (Net *net, const Data *data, const int32_t *rows, int32_t batch, float **score);

#endif
