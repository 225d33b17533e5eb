/*
** net_internal.h -- the net's inside, shared by net*.c here and in the rooms above that take a net apart: turnover and plan.
*/
#ifndef SETLAB_NET_INTERNAL_H
#define SETLAB_NET_INTERNAL_H
#include "net/net.h"
#include "base/team.h"
#include "data/mix.h"

typedef struct Exchange Exchange;   /* net_ranks.c */

typedef struct Layer {
  int32_t n_in, n_out;
  Sparse *sparse;             /* one of the two */
  Dense  *dense;
  float  *bias, *bias_velocity;   /* n_out */
  float  *bias_moments;           /* AdamW's second moments and ages of biases, 2 * n_out, and of parameters, a run of n_out for each kind */
  float  *parameter_moments;      /* and all of these twice; NULL without AdamW */
  const Activation *activation;   /* NULL: the loss takes the sums */
  float   slope, dropout;
  int     normed;             /* its sums are normalised before the activation, over ghost batches of net->ghost samples */
  /* The activation's own parameters, a run of n_out for each kind, and behind them those of the normalisation; NULL if there are none. */
  float  *parameter, *parameter_velocity, *parameter_gradient;
  float  *mean;               /* net_average.c; NULL */
  double *squares;            /* net_sam.c; NULL without S2-SAM */
  Update  update;             /* how its links and units learn in the present run, with a rate of its own */
  /* Where its links and units begin in arrays that all layers share (net_lay_out). */
  int64_t first_link, first_unit;
  _Alignas(128) double forward_seconds, backward_seconds;   /* see Net's clocks */
} Layer;

/* ---- how a batch is cut (net_tile.c) ---- */

/* `batch` samples in the first of `stride` columns, which are cut into `tiles`. Where sums are normalised, that is over `ghosts` ghost
** batches, of ghost_steps steps of columns each but for the last ones, and a tile has tile_ghosts of them, whole; else these are 0.
** A tile is at most as wide as the kernels take, but for that of a whole batch whose sums are normalised together. */
typedef struct Shape { int32_t batch, stride, tiles, ghosts, ghost_steps, tile_ghosts; } Shape;

/* Columns column .. column + width - 1 of a batch: the samples first .. first + samples - 1 of its rows, and zeros. */
typedef struct Tile { int32_t number, column, width, first, samples; } Tile;

/* How the threads of a team divide: into groups, each of which walks tiles of its own. If gradients are `separate`, each tile
** has an array of its own; else there is a single group, which adds them up as it goes and updates with the last tile. */
typedef struct Split { int groups, separate; } Split;
enum { MOST_TILES = 256 };   /* that gradients are kept apart for */

/* What levels have room for: the groups' own ones, each of the widest tile; and those that all share, of all columns. */
typedef struct Extent { int groups; int32_t widest, stride; } Extent;

/* A level of a group: net_level.h. */
typedef struct Level {
  float    *a, *delta, *sums;         /* values, loss gradients, and what activations keep of the sums: they themselves, */
  uint16_t *signs, *a16, *delta16;    /* or their signs; and bfloat16 copies. Each NULL where net_level.h has no use for it */
  float    *centred;                  /* what normalisation keeps of the sums: their distances from the mean */
} Level;

/* How far the threads are with a layer in a step. On lines of their own: everyone writes here. */
typedef struct Progress {
  _Alignas(128) _Atomic unsigned passed;   /* walks over a tile that are through with it, since the run began */
  _Alignas(128) _Atomic int      taken;    /* pieces of its update, and how many of these are done */
  _Alignas(128) _Atomic int      done;
  _Atomic int                    heard;   /* with ranks: the gradients of all of them are here */
} Progress;

typedef struct Ticket { _Alignas(128) _Atomic int next; } Ticket;
enum { TICKETS = 4 };

/* Links in the orders of the walks (net_links.c), each layer's from first_link on. */
typedef struct Orders {
  int64_t   links;       /* there is room for; of all sparse layers */
  int64_t   copied;      /* floats of a copy, */
  int       copies;      /* and how many of them */
  uint16_t *from, *to;   /* far ends: by output unit, by input unit */
  uint32_t *place;       /* of each link, by input unit: where it stands by output unit */
  float    *copy;        /* weights by output unit, of all layers but the lowest */
  int64_t   turns;       /* links of the lowest layer that there is room for */
  float    *turned;      /* its weights by output unit */
} Orders;

struct Net {
  int32_t n_layers;
  Layer  *layer;
  const Loss *loss;
  float   smoothing;        /* of the labels that a net is trained on */
  Mixing  mixing;           /* of the samples that it is trained on */
  const Kernels *kernels;
  uint64_t seed;
  int      threads;
  uint64_t steps;             /* taken so far: numbers the dropout masks */
  int64_t  averaged;          /* moments that the layers' means are of */
  int      parts;             /* tiles that a batch has at least, if there are columns for so many */
  int32_t  ghost;             /* samples of a ghost batch; GHOST_ALL: of the whole batch; 0: no layer is normalised */
  int      affine;            /* whether scale and shift are trained */
  Rule     rule;              /* by which it learns */
  float    clip;              /* the largest norm of a step's gradient; 0: any */
  double  *clip_squares;      /* n_layers * (NET_PIECES + 1), those of links and then of units; NULL: it was never clipped */
  int64_t  clipped;           /* steps, since the epoch began */
  int      bf16;              /* whether sparse layers read their far rows as bfloat16 */
  int      apart;             /* whether values and gradients of every level are kept, of all columns, as floats: of a probe */
  /* memory for batches (net_memory.c) */
  Extent   values, gradients; /* that there is room for; gradients at most values */
  Level   *level;             /* threads * (n_layers + 1), group by group */
  float   *scratch;           /* threads * level_scratch(widest) */
  const void **row;           /* threads * widest: a tile's samples, */
  Warp    *warp;              /* and what is done to their images */
  int32_t  columns;           /* that the next two have room for */
  double  *column_loss;
  int32_t *column_hit;
  int64_t  links, units;      /* of all layers that have gradients by tile; set by net_lay_out */
  int64_t  tile_links, tile_units;   /* floats that there is room for in */
  float   *link_gradient;     /* tiles * links, */
  float   *unit_gradient;     /* tiles * units: of biases and of parameters */
  int64_t  clip_floats;
  float   *clip_blocks;       /* threads: blocks of dense gradients, where steps are clipped */
  Orders   orders;
  /* a run: an epoch, an evaluation, a probe */
  Split    split;
  int      plain;             /* links are walked as they lie in their layers */
  int      turned;            /* the lowest layer's weights and velocities are, for now, in the order of output units */
  int      shared;            /* all groups read copy 0, which does not change */
  const WarpFrame *frame;     /* NULL: nothing is done to images */
  Exchange *exchange;         /* NULL: the process trains alone */
  Team     team;
  Team    *group;             /* threads */
  Progress *progress;         /* n_layers */
  Ticket   ticket[TICKETS];   /* the next tile: of steps in turn, so that those of the next are drawn while others end this one */
  /* Clocks: on a line of their own, which the other threads never read. */
  _Alignas(128) double batch_seconds, loss_seconds, phase_began;
};

/* What is to be done with a batch. */
typedef struct Step {
  const Data *data;
  const int32_t *rows;        /* of the batch's samples; NULL: those that the tile numbers */
  const Augment *augment;     /* with net->frame: what is done to the images, in this */
  int32_t epoch;
  int     training;
  uint64_t number;            /* of the dropout masks */
  int     updates;            /* layers learn, by their `update`; 0: gradients are wanted, */
  float **weight_gradient;    /* per layer, here (or NULL: nowhere), laid out as the weights are, */
  float **bias_gradient;      /* and here */
} Step;

/* What a run is for: to look, forward only; to probe, forward and backward, without an update; to train. */
typedef enum Purpose { TO_LOOK, TO_PROBE, TO_TRAIN } Purpose;

/* One thread on its way through a tile, with the others of its group. */
typedef struct Walker {
  Net  *net;
  Step  step;
  Shape shape;
  Tile  tile;
  int   thread, group, member, members;
  Team *team;         /* of the group */
  int   drawn;        /* tiles so far in this step */
  int   made;         /* the tile's samples are in level 0 already */
  Mix     mix;          /* how they are mixed */
  unsigned begun, passes;   /* what Progress.passed will be when all are through with the tiles of the step last begun; and of that which is updated */
  const int32_t *next_rows; /* the batch of the next step; NULL: there is none, or it has been begun */
  int32_t copied_below, copied_from;   /* layers l < copied_below and l >= copied_from have their copies of this step's weights */
} Walker;

/* The sample of the tile's column b. */
static inline int32_t net_sample (const Walker *w, int32_t b) {
  int32_t sample = w->tile.first + b;
  return w->step.rows ? w->step.rows[sample] : sample;
}

/* The shape of a training batch; its tiles, of which the first or the last is the widest: whole steps of STRIDE_STEP columns. */
Shape net_shape  (const Net *net, int32_t batch);
Tile  shape_tile (const Shape *shape, int i);
/* The ghost batches whose samples a tile has, and the columns c0 <= c < c1 of the tile where those of its i-th stand. */
int32_t tile_ghosts (const Shape *shape, const Tile *tile);
void    tile_ghost  (const Shape *shape, const Tile *tile, int32_t i, int32_t *c0, int32_t *c1);

/* How the threads divide for the tiles of a batch; and for an evaluation of n samples, where each is alone if there are several tiles. */
Split  net_split (const Net *net, const Shape *shape);
Split  net_split_to_look (const Net *net, int32_t n);
Extent net_extent (const Net *net, const Shape *shape);
/* Columns of a tile in evaluations of n samples; and what they need. */
int32_t net_evaluation_width (const Net *net, int32_t n);
Extent  net_evaluation_extent (const Net *net, int32_t n);

/* Thread t sets out; the net's split has been chosen. */
Walker net_walker (Net *net, int t, const Shape *shape, const Step *step);
/* A step begins: its tiles are counted, and nothing has been copied yet. */
void   net_begin_step (Walker *w);
/* Begins step s, the next one, if that has not been done: the thread takes its first tile and makes it, while others may still be at the
** step before. If CBLAS has the lowest layer nothing is made yet, for its update looks at all samples. */
void   net_begin_next (Walker *w, unsigned s);
/* Takes the next tile of step s; 0 if there is none for this thread. */
int    net_draw_tile (Walker *w, unsigned s);
/* The leader, when all have come: nobody is at work on step s any more. */
void   net_clear_step (Net *net, unsigned s);
/* Before a run's threads start: who walks what, and how links are walked. Links have been laid out (net_reserve). */
void net_begin_run (Net *net, Split split, Purpose purpose);

/* This member's share of n units; ptr gives a unit's links, by which they are shared out, or is NULL. */
void net_share (const Walker *w, const int64_t *ptr, int32_t n, int32_t *first, int32_t *last);

/* ---- links in the orders of the walks (net_links.c) ---- */

/* Is a layer too large for indices of 16 bits, or for copies? */
int  net_is_plain (const Net *net);
/* Sets where each layer's links and units begin. */
void net_lay_out (Net *net);
/* The threads make the orders for a run, each its share. To train, the lowest layer's weights are turned; else nothing changes. They meet. */
void net_order_links  (Net *net, int t, Purpose purpose);
/* And back: weights and velocities are where they were. They meet. */
void net_return_links (Net *net, int t);
/* The group's copy of layer l's weights, unless there is one of this step: of those that this member's units need. */
void net_copy_weights (Walker *w, int32_t l);
/* A group of one copies weights of layers above l for the next step, which it has begun: those whose update is done. */
void net_copy_ahead (Walker *w, int32_t l);
/* Layer l's links for the forward and for the backward walk. In a turned layer both are by output units. */
Fan  net_fan_out (const Walker *w, int32_t l);
Fan  net_fan_in  (const Walker *w, int32_t l);
int  net_is_turned (const Net *net, int32_t l);

/* ---- clipping, S2-SAM (net_clip.c, net_sam.c) ---- */

enum { NET_PIECES = 64 };   /* of a layer's links, for each of which squares are added up: links k0 <= k < k1 */
void   net_piece   (const Net *net, int32_t l, int piece, int64_t *k0, int64_t *k1);
double net_squares (const float *x, int64_t n);   /* their sum, always in the same order */

/* Gradients of all tiles are clipped by the updates that follow: waits until all have passed all layers. All threads call it, and meet. */
void net_clip_step (Walker *w);
/* Floats of net->clip_blocks that clipping wants. */
int64_t net_clip_floats (const Net *net);

/* Between steps: the weights of all links move to where the next gradient is taken. The net learns by RULE_S2SAM; all threads call it, and meet. */
void net_climb (Net *net, int t);

/* ---- memory (net_memory.c) ---- */

/* A layer that goes to CBLAS: the thin kernels do not make whole rows, which normalisation takes. */
static inline int layer_is_blas (const Layer *layer) { return !layer->sparse && (layer->n_out > THIN || layer->normed); }

/* Parameters of each unit above the layer: the activation's, then the normalisation's. */
static inline int32_t layer_activation_parameters (const Layer *layer) { return layer->activation ? layer->activation->parameters : 0; }
static inline int32_t layer_parameters (const Layer *layer) {
  return layer_activation_parameters(layer) + (layer->normed ? NORM_PARAMETERS : 0);
}
/* What is learnt of the layer from link, unit or parameter k on; parameters are counted kind by kind. */
Learnt layer_links_at (const Layer *layer, int64_t k);
Learnt layer_biases_at (const Layer *layer, int32_t k);
Learnt layer_parameters_at (const Layer *layer, size_t k);

/* Where the normalisation's begin, in floats. */
static inline size_t layer_norm_place (const Layer *layer) { return (size_t)layer_activation_parameters(layer) * (size_t)layer->n_out; }

/* Memory for the values of such an extent, and of so many samples at a time; the rest that is needed to evaluate. 0 if memory runs out. */
int net_reserve_values (Net *net, Extent extent, int32_t columns);
int net_reserve_to_look (Net *net);

/* What the threads share, for net->threads and net->n_layers; 0 if memory runs out. */
int net_make_frame (Net *net);
/* Frees that, and what a net has for its batches: all that net_reserve claims. */
void net_release_levels (Net *net);

/* Bytes of what net_new claims beside the links: the frame, and each layer's units. */
uint64_t net_frame_bytes (int32_t n_layers, int threads);
uint64_t layer_bytes (const Layer *layer, Rule rule);
/* Bytes of what is claimed for batches of an extent: values with what is kept of each
** column, and loss gradients. The level's are one level's. */
uint64_t net_level_bytes (const Net *net, int32_t l, Extent extent);
uint64_t net_level_gradient_bytes (const Net *net, int32_t l, Extent extent);
uint64_t net_values_bytes (const Net *net, Extent extent, int32_t columns);
uint64_t net_gradients_bytes (const Net *net, Extent extent);
/* Of gradients by tile, and of the orders of links, for training or only to look, with as much as there is. */
uint64_t net_partial_bytes (const Net *net, int32_t batch);
uint64_t net_orders_bytes (const Net *net, int32_t batch, int looks);
/* And of an evaluation of n samples, while it lasts. */
uint64_t net_evaluation_bytes (const Net *net, int32_t n);
static inline Extent extent_most (Extent a, Extent b) {
  return (Extent){ a.groups > b.groups ? a.groups : b.groups, a.widest > b.widest ? a.widest : b.widest, a.stride > b.stride ? a.stride : b.stride };
}

/* ---- what the threads of a group do with a tile ---- */

/* A thread's floating-point state while it works; BLAS must start no threads. */
unsigned net_thread_begin (void);
void net_thread_end (unsigned state);

/* The tile's samples as level 0: bytes to floats, samples to columns; images changed unless net->frame is NULL. */
void net_make_tile (Walker *w);
/* Makes it unless that is done, and walks forward. They meet after each layer. */
void net_forward (Walker *w);
/* Loss and, when training, loss gradients of the output units. They meet. */
void net_loss (Walker *w);
/* Walks backward; a single group updates on the way. */
void net_backward (Walker *w);
/* Have all tiles passed layer l? Waits until they have. */
int  net_is_passed (const Walker *w, int32_t l);
void net_await_passed (const Walker *w, int32_t l);
/* Updates layer l by gradients of tiles, which have all passed it: the threads share its pieces. */
void net_update_layer (Walker *w, int32_t l);
/* Have the threads done all pieces of layer l's update? */
int  net_is_updated (const Walker *w, int32_t l);
/* All of a step's tiles that this thread gets, step s of the run, and its share of the update. */
void net_walk_step (Walker *w, unsigned s);
/* A run of this step alone, by all threads. */
void net_run_step (Net *net, const Step *step, int32_t batch);

/* ---- what one thread does ---- */

/* Thread 0 says that a phase begins (to be called before the first), or that one has ended and
** the next begins: its seconds are added to *seconds. Another thread's call does nothing. */
void net_phase_begin (Net *net, int t);
void net_phase_end   (Net *net, int t, double *seconds);

/* Adds up losses and hits of columns, in their order. */
void net_sum_columns (const Net *net, int32_t first, int32_t samples, double *loss, int32_t *hits);

/* Gives the units above layer number l their activation; slope as in LayerSpec. 0 if there is no
** such activation. */
int layer_activate (Layer *layer, int32_t l, const Kernels *kernels, const char *name, float slope);

#endif
