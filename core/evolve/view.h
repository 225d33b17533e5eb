/*
** view.h -- what a rule may look at when a layer's links are chosen.
**
** A rule says what it needs (NEEDS_...), and the engine computes it once for all layers, by a probe: one forward
** and backward pass over a batch without an update (turnover/net_probe.h). What no rule needs is NULL.
*/
#ifndef SETLAB_VIEW_H
#define SETLAB_VIEW_H
#include <stddef.h>
#include "sparse/sparse.h"

enum {
  NEEDS_GRADIENTS = 1,   /* gradients of the links that are there */
  NEEDS_VALUES    = 2    /* values of the units below and above, loss gradients of the sums above */
};

typedef struct View {
  const Sparse *W;
  const float *gradient;   /* links: dL/dw, a mean over the batch */
  const float *x;          /* (n_in, stride): values of the units below, */
  const float *dy;         /* (n_out, stride): loss gradients of the sums above, of each sample */
  size_t  stride;          /* floats from one unit's row to the next */
  const float *y;          /* (n_out, stride): values of the units above */
  int32_t batch;           /* samples: the first columns of a row */
  const uint8_t *among;    /* links: 1 for those that a prune rule chooses among; NULL: all. Those with 0 go in any case */
} View;

#endif
