/*
** net_ranks.h -- a step whose tiles are divided among ranks (ranks/ranks.h): what they tell each other, and when.
**
** Each rank walks some of the tiles of every batch, in order. As soon as its tiles have passed a layer backward, their gradients are on the way
** to the other ranks, each of which gets the share of the links that it updates; it goes on with the layer below meanwhile. Every
** rank adds the gradients of all tiles in the order of the tiles, as a process alone does, updates its share, and sends its weights to
** the others. So the weights are the same bits everywhere, and the same as without ranks. Units are few: all ranks update all of them.
** Velocities and what else a rule remembers stay with the share, and are exchanged at the end of a run.
**
** The first thread speaks for all of a process; the other threads only wait for what it has heard.
*/
#ifndef SETLAB_NET_RANKS_H
#define SETLAB_NET_RANKS_H
#include "net/net_internal.h"

/* Tiles first <= i < last of a shape are this process's: all, if it is alone. */
void net_own_tiles (const Net *net, const Shape *shape, int *first, int *last);
/* Links k0 <= k < k1 of layer l are updated here. */
void net_own_links (const Net *net, int32_t l, int64_t *k0, int64_t *k1);

/* Before anything else of an epoch: can the ranks share batches of this size, and do they have the same net, epoch and kernels? All call it alike, and get the same answer:
** NET_OK, NET_NOT_SHARED or NET_APART. `order` has n samples. */
int net_check_ranks (Net *net, const Protocol *protocol, const int32_t *order, int32_t n, int32_t batch);

/* Before a run of training and after it; 0 if memory runs out. */
int  net_exchange_begin (Net *net, Ranks *ranks, const Shape *shape);
void net_exchange_end   (Net *net);

/* Of the first thread; each does nothing if there are no ranks. */
void net_exchange_step   (Net *net);              /* a step begins: gradients that come in it have a place to go */
void net_send_gradients  (const Walker *w);       /* of the layers that this process's tiles have passed by now, whose weights may come from then on */
void net_send_weights    (Net *net, int32_t l);   /* of its share, which has been updated */
void net_await_weights   (Net *net);              /* the others' */
/* The losses and hits of all columns come to all. Returns whether a rank says `stop`. */
int  net_exchange_losses (Net *net, int stop);
void net_exchange_state  (Net *net);              /* velocities and the like, at the end of a run */

/* Waits until the gradients of layer l are here: the first thread hears it, and the others hear it from this one. */
void net_await_gradients (Walker *w, int32_t l);

#endif
