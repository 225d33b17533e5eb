/*
** net_gradient.h -- where the gradients of a tile go, and how they become an update.
**
** Usually every tile has arrays of its own, and a layer is updated when all tiles have passed it, by their sum in
** the order of the tiles. With only one tile, or without memory for those arrays, a single group processes tile after tile: it
** adds to one array, and the last tile carries the update, so that a single tile stores nothing. Both make the same sums.
*/
#ifndef SETLAB_NET_GRADIENT_H
#define SETLAB_NET_GRADIENT_H
#include "net/net_internal.h"

/* Of layer l's links, on this tile. */
Sink net_link_sink (const Walker *w, int32_t l);

/* Of the parameters of the activation above layer l: kind k of unit u at gradient[k * n_out + u]. */
typedef struct ParameterSink { float *gradient; int add; } ParameterSink;
ParameterSink net_parameter_sink (const Walker *w, int32_t l);
/* Of those of normalisation: kind k of unit u at gradient[k * n_out + u]. */
ParameterSink net_norm_sink (const Walker *w, int32_t l);
/* Those of units u0 <= u < u1 have their sums of this tile. */
void net_parameters_done (const Walker *w, int32_t l, int32_t u0, int32_t u1);

/* Where the sums of this tile's loss gradients by unit go, for the biases of layer l; only if gradients are separate. */
float *net_bias_sums (const Walker *w, int32_t l);
/* Loss gradients of units u0 <= u < u1 above layer l, all columns of the tile: biases get their sums. */
void net_bias_rows (const Walker *w, int32_t l, int32_t u0, int32_t u1, const float *rows, size_t stride);

/* What all tiles have of the gradients from `first` on, of which tile i has its own at all + i * step. */
void net_take_tiles (int tiles, const float *all, int64_t step, int64_t first, const float **g);

/* A whole level's values, and its loss gradients: of group 0, all columns. */
float *net_whole_values (const Net *net, int32_t l);
float *net_whole_gradients (const Net *net, int32_t l);

/* The update of all of layer l by the gradients of the tiles of w->shape, by one thread. */
void net_update_whole (const Walker *w, int32_t l);

#endif
