/*
** net_async.h -- an epoch by asynchronous workers: the first phase of WASAP-SGD (Curci et al. 2021, "Truly sparse neural networks at scale").
**
** Rank 0 is the master, the others are workers. A worker takes a batch, walks it with the weights that it has, and sends the gradient; the
** master takes gradients as they come, updates, and answers with the weights and the number of the next batch. So a gradient may be of
** weights some updates old, and results depend on when messages arrive. Fast workers get more batches. At the end all ranks have the
** same net, and the wiring changes only then: no gradient is ever of links that are gone.
*/
#ifndef SETLAB_NET_ASYNC_H
#define SETLAB_NET_ASYNC_H
#include "net/net_internal.h"

/* The steps first <= s < last of an epoch. */
typedef struct Dealt {
  Ranks  *ranks;
  Step    step;             /* what all steps have in common */
  Shape   shape;
  const int32_t *order;
  int32_t first, last, steps;   /* of so many in the whole epoch */
  uint64_t first_number;
  Tick   *tick;
  void   *context;
} Dealt;

/* Trains them; memory has been reserved. Sums (not means) of losses and hits go to *result. Returns as net_train_epoch, the same on all ranks. */
int net_train_dealt (Net *net, const Dealt *dealt, EpochResult *result);

#endif
