/*
** net_probe.h -- a look at a net on one batch, without training on it: every level's values and loss gradients, and the
** gradients of the links that are there.
**
** Rules of evolution need these (evolve/view.h). A probe is one forward and one backward walk, with the kernels of training
** and in float32, also in a bfloat16 net, since growth by 16-bit gradients collapses; without dropout, so that it is the
** same whatever masks a step would draw. Several batches in one probe are one larger batch.
*/
#ifndef SETLAB_NET_PROBE_H
#define SETLAB_NET_PROBE_H
#include "evolve/view.h"
#include "net/net.h"

typedef struct Probe Probe;

/* Looks at samples rows[0 .. batch-1] of the data, changed as `augment` says for that epoch (NULL: as they are). With
** NEEDS_GRADIENTS in `needs` links' gradients are kept, too. The caller owns the result and gives it to net_probe_free (NULL is
** fine); NULL: no memory. The net must not change while it is used. */
Probe *net_probe (Net *net, const Data *data, const Augment *augment, int32_t epoch, const int32_t *rows, int32_t batch, int needs);
void   net_probe_free (Probe *probe);

/* What the rules may look at in layer l, which is sparse. Borrowed from the probe. */
View   net_probe_view (const Probe *probe, int32_t l);
/* The mean loss of the batch: not finite where the net has diverged. */
double net_probe_loss (const Probe *probe);

/* Bytes of a probe. */
uint64_t net_probe_bytes (const Net *net, int32_t batch, int needs);

#endif
