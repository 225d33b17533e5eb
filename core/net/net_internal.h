/*
** net_internal.h -- the net's inside, shared by net*.c only.
*/
#ifndef SETLAB_NET_INTERNAL_H
#define SETLAB_NET_INTERNAL_H
#include "net/net.h"
#include "base/team.h"

typedef struct Layer {
  int32_t n_in, n_out;
  Sparse *sparse;             /* one of the two */
  Dense  *dense;
  float  *bias, *bias_velocity;   /* n_out */
  const Activation *activation;   /* NULL: the loss takes the sums */
  float   slope, dropout;
  /* The activation's own parameters, a run of n_out for each kind; NULL if it has none. */
  float  *parameter, *parameter_velocity, *parameter_gradient;
  /* Where the threads' shares begin: thread t owns units cut[t] .. cut[t+1]-1. */
  int32_t *cut_in, *cut_out;      /* threads + 1 */
  _Alignas(128) double forward_seconds, backward_seconds;   /* see Net's clocks */
} Layer;

/* How a batch lies in memory: `batch` samples in the first of `width` columns, rows `stride`
** floats apart; sparse layers walk the columns in `tiles` tiles. */
typedef struct Shape { int32_t batch, width, tiles; size_t stride; } Shape;

struct Net {
  int32_t n_layers;
  Layer  *layer;
  const Loss *loss;
  const Kernels *kernels;
  uint64_t seed;
  int      threads;
  Team     team;
  uint64_t steps;             /* taken so far: numbers the dropout masks */
  int32_t  capacity;          /* columns that the arrays below have room for, but for delta: */
  int32_t  trainable;         /* columns that delta has room for; at most capacity */
  float  **a;                 /* n_layers + 1: values, (units, stride); */
  float  **delta;             /* n_layers + 1: loss gradients; */
  float  **sums;              /* n_layers + 1: in training, of levels whose activation needs them, */
  uint16_t **signs;           /* n_layers + 1: or their signs; else NULL (net_level.h); */
  uint16_t **a16, **delta16;  /* n_layers + 1: both in bfloat16; each NULL where net_level.h has no use for it */
  float   *scratch;           /* threads * level_scratch(stride) */
  int      bf16;              /* whether sparse layers read their far rows as bfloat16 */
  int      apart;             /* whether values and gradients of every level are kept, as floats: of a probe */
  double  *column_loss;       /* capacity */
  int32_t *column_hit;        /* capacity */
  const void **row;           /* capacity: the batch's samples */
  Warp    *warp;              /* capacity: what is done to their images, */
  const WarpFrame *frame;     /* NULL: nothing */
  int32_t *sample;            /* capacity: their numbers, in evaluation */
  float   *partial;           /* links of the largest sparse layer: gradients between two tiles */
  int64_t  partials;          /* how many partial has room for; 0 until a batch needs tiles */
  int32_t  tile;              /* columns of a tile, at most */
  /* Clocks: on a line of their own, which the other threads never read. */
  _Alignas(128) double batch_seconds, loss_seconds, phase_began;
};

/* The shape of a batch. */
Shape net_shape (const Net *net, int32_t batch);
/* Tile number i of a shape: its first column and its width. */
void  shape_tile (const Shape *shape, int i, int32_t *column, int32_t *width);

/* ---- memory ---- */

/* Frees what a net has for its batches: all that net_reserve claims, and the pointers to it. */
void net_release_levels (Net *net);

/* Memory for the values of batches of this size: enough to evaluate. 0 if memory runs out. */
int net_reserve_values (Net *net, int32_t batch);
/* Samples out of n that net_evaluate takes at a time. */
int32_t net_evaluation_batch (const Net *net, int32_t n);

/* Bytes of what net_new claims beside the links: the frame, and each layer's units. */
uint64_t net_frame_bytes (int32_t n_layers);
uint64_t layer_bytes (const Layer *layer, int threads);
/* Bytes of what net_reserve claims for batches of this size: values with what is kept of each
** column, loss gradients, and weight gradients between tiles. The first two are one level's. */
uint64_t net_level_bytes (const Net *net, int32_t l, int32_t batch);
uint64_t net_level_gradient_bytes (const Net *net, int32_t l, int32_t batch);
uint64_t net_values_bytes (const Net *net, int32_t batch);
uint64_t net_gradients_bytes (const Net *net, int32_t batch);
uint64_t net_partial_bytes (const Net *net, int32_t batch);

/* ---- what the threads of a team do together: all call, thread t does its share ---- */

/* A thread's floating-point state while it works; BLAS must start no threads. */
unsigned net_thread_begin (void);
void net_thread_end (unsigned state);

/* Thread t's share of net->warp: what is done to the images of the samples rows[0 .. batch-1]. */
void net_draw_warps (Net *net, int t, const Augment *augment, int32_t epoch, const int32_t *rows, int32_t batch);

/* The batch that net->row points at, as level 0: bytes to floats, samples to columns; the images as
** net->warp says unless net->frame is NULL. */
void net_make_batch (Net *net, int t, const Data *data, const Shape *shape);

/* Forward pass of the batch that net->row points at; training draws dropout masks for `step`.
** They meet after each layer. */
void net_forward (Net *net, int t, const Data *data, const Shape *shape, int training, uint64_t step);

/* Loss and, when training, delta of the output units, for thread t's columns. */
void net_loss (Net *net, int t, const Data *data, const int32_t *rows, const Shape *shape, int training);

/* Backward pass with update, or with gradients instead (see net_step); they meet at its end. */
void net_backward (Net *net, int t, const Shape *shape, uint64_t step, const Update *update,
                   float **weight_gradients, float **bias_gradients);

/* ---- what one thread does ---- */

/* Thread 0 says that a phase begins (to be called before the first), or that one has ended and
** the next begins: its seconds are added to *seconds. Another thread's call does nothing. */
void net_phase_begin (Net *net, int t);
void net_phase_end   (Net *net, int t, double *seconds);

/* Adds up the batch's losses and hits, in the order of its samples. */
void net_sum_columns (const Net *net, int32_t batch, double *loss, int32_t *hits);

/* Points net->row at the samples. */
void net_take_rows (Net *net, const Data *data, const int32_t *rows, int32_t batch);

/* Do layers first .. last evolve side by side, a thread each? That spares the threads all their
** meetings, but somebody has the largest layer: so they work on one after the other if it would
** keep the rest waiting. Large layers, too, go one after the other: it takes less memory. */
int net_evolves_apart (const Net *net, int32_t first, int32_t last);

/* Gives the units above layer number l their activation; slope as in LayerSpec. 0 if there is no
** such activation. */
int layer_activate (Layer *layer, int32_t l, const Kernels *kernels, const char *name, float slope);

/* Shares the units out among threads, after a layer's links have changed. */
void layer_cut (Layer *layer, int threads);

#endif
