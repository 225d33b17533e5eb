/*
** net_activation.h -- what happens between a unit's sums and its values, forward and backward:
** activation and dropout, on the rows of a part.
*/
#ifndef SETLAB_NET_ACTIVATION_H
#define SETLAB_NET_ACTIVATION_H
#include "net/net_level.h"

/* What a forward pass is for. */
typedef struct Pass {
  int training;          /* what the backward pass wants to know of the sums is kept */
  const Dropout *drop;   /* the layer's; NULL: nothing is dropped */
} Pass;

/* What the gradients of a layer are for. */
typedef struct Purpose {
  const Update *update;   /* NULL: they are wanted themselves, */
  float *gradient;        /* here */
  uint64_t step;
} Purpose;

/* The mask of layer l in one step; the backward pass asks for the same again. */
Dropout net_dropout (const Net *net, int32_t l, uint64_t step);

/* Sums to values, above layer l. */
void net_activate (Net *net, int32_t l, const Part *part, const Shape *shape, const Pass *pass, float *rows);

/* Gradients above layer l, until now by the units' values, become those by their sums. Parameters
** of the activation are updated, or their gradients given: then the calls for one unit must come
** from one thread, its columns in ascending parts that together are all of the shape's. */
void net_through_activation (Net *net, int32_t l, const Part *part, const Shape *shape, const Purpose *purpose,
                             const float *values, float *gradients);

#endif
