/*
** net_state.h -- everything that training changes in a net, array by array.
**
** Code that saves a net or fills one from a file goes through here, so that each array is named
** once. In this order, layers counted from 1:
**
**   layer1_shape          i8 (2)            units below and above: n_in, n_out; never changes
**   layer1_indptr         i8 (n_in + 1)  \  a sparse layer: compressed sparse rows of the n_in x
**   layer1_indices        i4 (links)      | n_out matrix; row i holds the links of input unit i, in
**   layer1_data           f4 (links)      | ascending order of their output units. The mirrored
**   layer1_velocity       f4 (links)     /  order follows from these and is not listed
**   layer1_second, layer1_age  f4 (as the velocity)   what AdamW remembers (net_use_rule); the same of layer1_bias_... and of each kind
**                                           of parameter
**   layer1_born           i4 (links)        the evolution that each link was born in; \ only if the net remembers
**   layer1_tried_indptr   i8 (n_in + 1)     the cells that were ever linked, laid out  | them (net_keep_history)
**   layer1_tried_indices  i4 (cells)        as the links are; the links are among them /
**   layer1_weights        f4 (n_in, n_out)  \ a dense layer; stored unit above by unit above, which
**   layer1_velocity       f4 (n_in, n_out)  / is NumPy's Fortran order
**   layer1_bias           f4 (n_out)
**   layer1_bias_velocity  f4 (n_out)
**   layer1_t_left, layer1_t_left_velocity, ...  f4 (n_out)   each kind of parameter that the
**                                           activation has, under the name that it gives it
**   ...
**   layer1_mean, layer1_bias_mean, ...      (as what they are of)   only while there is a mean of weights (net_average.h)
**   steps                 i8 ()             steps taken: numbers the masks of dropout
**   averaged              i8 ()             moments that the mean is of; only while there is one
**
** So the sums above a layer are x @ W + bias, whichever kind it is. No generator has a state: all
** random streams begin anew with the seed, the layer and the epoch or step.
*/
#ifndef SETLAB_NET_STATE_H
#define SETLAB_NET_STATE_H
#include "net/net.h"

typedef enum StateRole {
  STATE_VALUES,    /* any bits will do */
  STATE_FIXED,     /* must be what they are */
  STATE_POINTERS,  /* ascending, from 0 to the number of links */
  STATE_TARGETS,   /* of each input unit: ascending, distinct, below n_out */
  STATE_TRIED      /* the same, and the layer's own targets are among them */
} StateRole;

typedef struct StateArray {
  char      name[32];
  char      type[4];         /* NumPy's, without the byte order: "f4", "i4", "i8" */
  int       rank;
  int64_t   shape[2];
  int       fortran;         /* the first index runs fastest */
  StateRole role;
  void     *data;            /* the net's own memory; of STATE_FIXED it is gone after the visit */
  size_t    size;            /* bytes */
  const Sparse *links;       /* whose pointers or targets they are; else NULL */
} StateArray;

/* Returns 0 to end the walk. */
typedef int StateVisitor (void *context, const StateArray *array);

/* Shows every array to `visit`; 0 if it ended the walk. */
int net_visit_state (Net *net, StateVisitor *visit, void *context);

/* To be called when arrays have been written: what follows from them is made anew. */
void net_state_written (Net *net);

/* Gives sparse layer l room for so many links instead of those that it has: before arrays are written that have another number
** of them, and forgets the mean of weights. Until then the net is good for nothing else. 0 if memory runs out; the layer is then as it was. */
int net_make_room (Net *net, int32_t l, int64_t links);

/* What layer l remembers of its wiring, taken out and put back: the caller owns what it gets (mem_free and sparse_free), the
** layer what it is given, which has room for as many links as the layer has. Of a dense layer nothing, and nothing to it. */
typedef struct History { int32_t *born; Sparse *tried; } History;
History net_take_history (Net *net, int32_t l);
void    net_give_history (Net *net, int32_t l, History history);

/* Copies links, weights, velocities, what AdamW keeps, the activations' parameters and the count of steps from a net of the same levels, with
** as many links in each layer, the same of them sparse, the same activations and the same rule; not what layers remember of their wiring.
** 0 if it is none such; `to` is then as it was. It has no mean of weights afterwards. */
int net_copy_state (Net *to, const Net *from);

/* A sparse layer's links to be changed in place, their number apart; NULL of a dense one. net_state_written is to follow. */
Sparse *net_links_to_write (Net *net, int32_t l);

#endif
