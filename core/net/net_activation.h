/*
** net_activation.h -- what happens between a unit's sums and its values, forward and backward:
** normalisation, activation and dropout, on the rows of a part.
*/
#ifndef SETLAB_NET_ACTIVATION_H
#define SETLAB_NET_ACTIVATION_H
#include "net/net_level.h"

/* Are the units above a layer ReLUs, which the kernels know; and rectified at once, of the sums as they are? */
static inline int net_is_relu (const Layer *layer) { return layer->activation && layer->activation->zero_is_shut; }
static inline int net_is_rectified (const Layer *layer) { return net_is_relu(layer) && !layer->normed; }
/* Does this walk drop units above layer l; and its mask, of which scale is 1 if not. */
int     net_drops   (const Walker *w, int32_t l);
Dropout net_dropout (const Walker *w, int32_t l);

/* Asks for what normalisation above layer l will read or write beside a part's rows: it comes while the kernels make these. */
void net_fetch_centred (const Walker *w, int32_t l, const Part *part);

/* Sums to values, above layer l. Where that is normalised, the part is all columns of the tile; so it is below. */
void net_activate (const Walker *w, int32_t l, const Part *part, float *rows);

/* Gradients above layer l, until now by the units' values, become those by their sums. Gradients of the activation's parameters
** are summed on the way: then the part is all columns of the tile. */
void net_through_activation (const Walker *w, int32_t l, const Part *part, const float *values, float *gradients);

/* The last part of that, for gradients by what the activation takes: nothing unless layer l is normalised. */
void net_through_normalisation (const Walker *w, int32_t l, const Part *part, float *gradients);

#endif
