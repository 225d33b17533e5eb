/*
** net_plan.h -- how much memory a net will take, known before it takes any.
**
** The bytes are those that core/base/mem.h hands out: each part is added up by a function that
** stands beside the code which claims it (sparse_bytes, dense_bytes, net_evolve_bytes, and those of
** net_internal.h), so that plan and net cannot drift apart unnoticed: tests check that they
** agree to the byte. Two things are expected values: the links of a random wiring, and those
** which an evolution will replace. What layers remember of tried cells is the most that it can be. What no machine can hold
** counts as MEM_MOST bytes.
*/
#ifndef SETLAB_NET_PLAN_H
#define SETLAB_NET_PLAN_H
#include "turnover/net_evolve.h"

/* One layer, and what is found out about it. */
typedef struct LayerPlan {
  int32_t  n_in, n_out;
  int      dense;
  int64_t  links;         /* n_in * n_out if dense */
  const char *activation; /* and slope: as in LayerSpec; NULL: the loss takes the sums */
  float    slope;
  int32_t  ghost;         /* as in LayerSpec */
  uint64_t link_bytes;    /* weights, momentum, indices, mirror: what grows with the links */
  uint64_t unit_bytes;    /* biases, the activation's parameters, and where each unit's links begin */
  uint64_t value_bytes;   /* the units above in a batch: activations, and loss gradients */
  uint64_t gradient_bytes;   /* and the sums that some activations go backward from */
} LayerPlan;

/* How the net will be used. */
typedef struct NetUse {
  int     threads;
  const char *isa;       /* as in net_new */
  int     bf16;          /* as after net_use_bf16 */
  Rule    rule;          /* as after net_use_rule */
  int32_t batch;         /* of training; 0: never trained */
  int32_t samples;       /* of an epoch */
  int32_t evaluated;     /* samples that are evaluated at a time; 0: none ever */
  const NetEvolution *how;      /* what changes the wiring; or only a rule, */
  const Evolution *evolution;   /* for each layer by itself; both NULL: nothing does */
  int32_t evolved;       /* then layers 0 .. evolved - 1 evolve, the sparse ones among them */
  int32_t probed;        /* samples of a probe, if the evolution needs one */
  int     clips;         /* whether steps are clipped (net_clip_gradients) */
  int     averages;      /* whether a mean of weights is kept (net_average.h) */
  int     births;        /* whether layers remember births; */
  int64_t tried;         /* and the number of evolutions whose cells they remember; 0: they do not */
} NetUse;

/* What each purpose takes, in bytes. */
typedef struct NetPlan {
  int32_t  columns;      /* samples that there are values for: of training or of evaluation */
  uint64_t net;          /* what stands after net_new: links, units, and the frame around them */
  uint64_t values;       /* activations of a batch, the batch itself among them */
  uint64_t gradients;    /* loss gradients of a batch */
  uint64_t partial;      /* gradients of links and units by tile, or between two tiles */
  uint64_t orders;       /* links in the orders of the walks, and copies of weights */
  uint64_t average;      /* the mean of weights */
  uint64_t order;        /* the epoch's order of samples; given back at its end */
  uint64_t evaluation;   /* sums over its tiles; given back at its end */
  uint64_t evolve;       /* while links are replaced; given back */
  uint64_t peak;         /* the most at one time: order, evaluation and evolve exclude each other */
} NetPlan;

/* Fills in the plan, and the plans of its layers, whose sizes fit each other. Returns NULL; or
** a sentence if there can be no such net, or no memory even to plan it. */
const char *net_plan (int32_t n_layers, LayerPlan *layer, const NetUse *use, NetPlan *plan);

/* Bytes that a net which stands already will claim on top, at most, if used so. */
uint64_t net_plan_more (const Net *net, const NetUse *use);

#endif
