/*
** net_activation.h -- what happens between a unit's sums and its values, forward and backward:
** normalisation, activation and dropout, on the rows of a part.
*/
#ifndef SETLAB_NET_ACTIVATION_H
#define SETLAB_NET_ACTIVATION_H
#include "net/net_level.h"

/* Are the units above a layer rectified at once: ReLU, which the kernels know, of the sums as they are? */
static inline int net_is_rectified (const Layer *layer) { return !layer->normed && layer->activation && layer->activation->zero_is_shut; }
/* Does this walk drop units above layer l; and its mask, of which scale is 1 if not. */
int     net_drops   (const Walker *w, int32_t l);
Dropout net_dropout (const Walker *w, int32_t l);

/* Sums to values, above layer l. Where that is normalised, the part is all columns of the tile; so it is below. */
void net_activate (const Walker *w, int32_t l, const Part *part, float *rows);

/* Gradients above layer l, until now by the units' values, become those by their sums. Gradients of the activation's parameters
** are summed on the way: then the part is all columns of the tile. */
void net_through_activation (const Walker *w, int32_t l, const Part *part, const float *values, float *gradients);

#endif
