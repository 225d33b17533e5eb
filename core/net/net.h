/*
** net.h -- a multilayer perceptron of sparse and dense layers, and how it trains.
**
** Layer l links the units below, a[l], to those above, a[l+1]; a[0] is the batch. A layer above the first may also have skip
** links, from the inputs: then these count as further units below it, behind its own. The threads process
** a batch in tiles of its columns (net_step.c), which depend only on its size. Sums never depend on which
** thread computes them, so neither do results.
**
** All randomness comes from the net's seed, a stream a use: wiring and weights of each layer,
** order of the samples and dropout of each epoch, augmentation of each sample and epoch, evolution
** of each layer and epoch, and the first parameters of each layer's activation.
*/
#ifndef SETLAB_NET_H
#define SETLAB_NET_H
#include "data/augment.h"
#include "data/data.h"
#include "data/mix.h"
#include "dense/dense.h"
#include "kernel/kernel.h"
#include "dense/loss.h"
#include "ranks/ranks.h"
#include "sparse/sparse.h"

enum { NET_OK = 0, NET_DIVERGED = 1, NET_INTERRUPTED = 2, NET_NO_MEMORY = 3,
       NET_NOT_SHARED = 4,    /* with ranks: net_ranks_trouble is not NULL (any more), */
       NET_APART = 5 };       /* or they do not have the same net, data and kernels; all ranks hear it */

/* One layer for net_new: exactly one of sparse and dense is set. */
typedef struct LayerSpec {
  Sparse *sparse;          /* the net takes it over */
  Dense  *dense;           /* the net takes it over */
  const char *activation;  /* of the units above; ignored where the loss makes outputs of sums (loss.h) */
  float   slope;           /* of an activation that has one; NAN for its default */
  float   dropout;         /* share of the units above dropped in training, in [0, 1) */
  int32_t ghost;           /* batch normalisation of the units above, before the activation: samples of a ghost batch, STRIDE_STEP or
                              MOST_GHOST, the same for all layers; 0: none. Not of the last layer. The last ghost batch of a batch
                              has from STRIDE_STEP + 1 to MOST_GHOST samples, if there are as many, the one before it perhaps fewer.
                              GHOST_ALL: over the whole batch (net_norm_trouble) */
} LayerSpec;

enum { GHOST_ALL = 1 << 30 };

typedef struct Net Net;

/* A net of n_layers layers whose sizes fit each other: the n_in of each is the n_out of the one below, or that and as many more as there are
** inputs, for a layer with skip links. threads >= 1, fewer if OpenMP's limits
** say so (see net_threads); isa NULL for the fastest kernels. On success the net owns the
** layers; on failure (NULL, *why a sentence) the caller still does. */
Net *net_new  (int32_t n_layers, const LayerSpec *spec, const char *loss, uint64_t seed,
               int threads, const char *isa, const char **why);
void net_free (Net *net);   /* NULL is fine */

/* Whether the scale and the shift of normalised units are trained, as they are in a new net; or stay 1 and 0. */
void net_use_affine (Net *net, int affine);

/* Sparse layers read the values and loss gradients at the far ends of their links as bfloat16
** copies, half the bytes a link: the largest part of a step's memory traffic. Sums, weights and
** velocities stay float32. To be said before the first batch. */
void net_use_bf16 (Net *net);

/* Learns by this rule (kernel.h) from now on; a new net by RULE_SGD. To be said once, before the first batch. 0 if there is no memory for what the
** rule remembers; then the net is good for net_free only. */
int  net_use_rule (Net *net, Rule rule);
Rule net_rule (const Net *net);

/* ---- training ---- */

typedef enum Decay { DECAY_STEP, DECAY_COUPLED, DECAY_DECOUPLED } Decay;

/* One epoch's protocol. Weight decay: STEP takes decay * w off after every step, as the
** tutorial's program does; COUPLED adds it to the gradient (L2); DECOUPLED takes rate * decay
** * w off (Loshchilov and Hutter 2019). Biases decay like weights. */
typedef struct Protocol {
  int32_t batch;
  float   rate, momentum, weight_decay;
  const float *layer_rate;    /* factors of the rate, one for each layer, at least 0; NULL: 1. Borrowed */
  float   lasso, lasso_cut;   /* of beta-LASSO: lambda and beta, at least 0 */
  float   radius;             /* of S2-SAM: rho, at least 0 */
  float   fresh;              /* of AdamW and Lion (kernel.h), in (0, 1) */
  Decay   decay;
  int     nesterov;
  int32_t first_step, steps;  /* of the epoch: `steps` of them from first_step (from 0) on; 0: all there are.
                                 With none left, nothing is done and there are no samples */
  const Augment *augment;     /* what is done to the images; NULL: nothing. augment_check has said yes */
  int32_t part, parts;        /* only the samples i of the data with i % parts == part are trained on; parts 0 or 1: all */
  Ranks  *ranks;              /* the processes among which each batch is divided (net_ranks_trouble has said NULL); all call alike. NULL: none. Borrowed */
  int     asynchronous;       /* with ranks: whether each batch is one rank's (net_async.h). Not with S2-SAM */
} Protocol;

/* Called between steps with the share of the epoch that is done; nonzero stops the epoch. */
typedef int Tick (void *context, double share, double loss);

typedef struct EpochResult {
  double  loss;        /* mean over the epoch's samples, each as seen in training */
  double  accuracy;    /* the same: with dropout, before the step it led to */
  double  seconds;
  int64_t samples;     /* whole batches only: what is left over waits for the next order */
  int64_t clipped;     /* steps whose gradient was longer than net_clip_gradients allows */
} EpochResult;

/* Where `data` has targets (core/data/target.h), there are as many as output units, the loss is not for classes only, and there are no hits: accuracy is 0.
** Mixed samples and smoothed labels are for classes.
** Trains one epoch over `data` in an order drawn for (seed, epoch); epoch counts from 1. A
** batch larger than the data is cut to it. An epoch may be done in slices of its steps, in order,
** with an evolution between them: the same samples, each once. Returns NET_OK, NET_DIVERGED (the loss is not
** finite), NET_INTERRUPTED (by tick; with ranks, anybody's), NET_NO_MEMORY, NET_NOT_SHARED or NET_APART; *result covers what was done. */
int net_train_epoch (Net *net, const Data *data, const Protocol *protocol, int32_t epoch,
                     Tick *tick, void *context, EpochResult *result);

/* Why `ranks` processes cannot share batches of this size, in static text; NULL: they can. Each takes some of the parts that a batch is
** processed in, of which there are net_parts; the results are the same bits as those of one process. */
/* From now on a batch is processed in at least so many parts (but of 16 samples at least; where sums are normalised, in whole ghost batches): each rank
** needs one. Sums over a batch are added part by part, so that this shows in the last bits. 0, as in a new net: in as many as is fastest. */
void net_divide (Net *net, int parts);
const char *net_ranks_trouble (const Net *net, int32_t batch, int ranks);
int net_parts (const Net *net, int32_t batch);

/* The order in which an epoch takes the samples of `data`: batch b of it is at b * batch and after. Those of a mapped file come block by block
** (data_block), the blocks in random order and the samples of a block, too, so that a file on disk is not read here and there. The caller gives
** it to mem_free; NULL if memory runs out. */
int32_t *net_order (const Net *net, const Data *data, int32_t epoch);

/* One step on the samples rows[0 .. batch-1] of data, as step number `step` of the net's
** dropout stream; the batch's summed loss goes to *loss, its hits to *hits. For tests: with
** gradients (an array per layer, sized like its weights, then one per layer for the biases)
** nothing is updated. Needs net_reserve(batch). */
void net_step (Net *net, const Data *data, const int32_t *rows, int32_t batch, uint64_t step,
               const Update *update, float **weight_gradients, float **bias_gradients,
               double *loss, int32_t *hits);

/* Label smoothing (loss.h) of all training and probing from now on; evaluation has none. From 0, as in a new net, to below 1. */
void net_smooth_labels (Net *net, float share);

/* From now on the gradient of each step of training, the mean over its batch, is scaled down to this norm over all links and units that learn, if it
** is longer; before weight decay. 0, as in a new net: it may have any. 0 is returned if memory runs out. */
int net_clip_gradients (Net *net, float norm);
/* Why batches of this size cannot be clipped, in static text; NULL: they can, or need not. */
const char *net_clip_trouble (Net *net, int32_t batch);

/* Why sums cannot be normalised over batches of this size, in static text; NULL: they can, or need not. */
const char *net_norm_trouble (Net *net, int32_t batch);

/* Mixes the samples and the targets of each batch of training from now on (mix.h); probing and evaluation see samples as they are. The
** hits of training are counted by each sample's own label. Cutmix needs images. {0, 0}, as in a new net: no mixing. */
void net_mix_samples (Net *net, Mixing mixing);

/* From now on the net's random streams are those of another seed. Links and weights stay. */
void net_reseed (Net *net, uint64_t seed);
uint64_t net_seed (const Net *net);

/* Memory to train on batches of this size; net_train_epoch calls it. 0 if memory runs out. */
int net_reserve (Net *net, int32_t batch);

/* Mean loss and share of hits over data, without dropout. Returns as net_train_epoch. */
int net_evaluate (Net *net, const Data *data, Tick *tick, void *context, double *loss, double *accuracy);

/* The output units' values (shares where the loss includes softmax or sigmoid) for every sample, without dropout: n * n_out
** floats to out, sample after sample; of images changed as in this epoch of training, if `augment` is not NULL. Returns as net_train_epoch. */
int net_outputs (Net *net, const Data *data, const Augment *augment, int32_t epoch, Tick *tick, void *context, float *out);

/* The same for sample `row` alone: n_out floats to out. 0 if memory ran out. */
int net_predict (Net *net, const Data *data, int32_t row, float *out);

/* ---- where the time goes ---- */

/* Seconds that the first thread has spent in each phase of training and evaluation, waiting for
** the others included, since the net was made or net_clear_seconds. */
typedef struct PhaseSeconds { double batch, loss; } PhaseSeconds;
typedef struct LayerSeconds { double forward, backward; } LayerSeconds;   /* the update is in backward */
PhaseSeconds net_seconds (const Net *net);
LayerSeconds net_layer_seconds (const Net *net, int32_t l);
void net_clear_seconds (Net *net);

/* ---- looking in ---- */

int32_t net_layers (const Net *net);
int net_gives_numbers (const Net *net);   /* whether its loss can compare outputs with numbers: any but one with softmax */
int net_gives_labels (const Net *net);    /* whether each output says if a label is there: its numbers are from 0 to 1 */
/* Layer l's links; NULL if it is dense. Borrowed. */
const Sparse *net_sparse (const Net *net, int32_t l);
const Dense  *net_dense  (const Net *net, int32_t l);
const float  *net_bias   (const Net *net, int32_t l);   /* n_out of layer l; borrowed */
/* The parameters of the units above layer l, those of the activation (SReLU's) and those of normalisation, whose running mean and
** variance count as such: how many a unit has, 0 for most layers; what kind number k = 0, 1, ... is called; all of them, a run of n_out for each kind
** (borrowed; NULL if there are none); and their gradients, summed over the batch of the last step. */
int32_t net_parameters (const Net *net, int32_t l);
const char *net_parameter_name (const Net *net, int32_t l, int32_t kind);
float  *net_parameter (Net *net, int32_t l);
const float *net_parameter_gradient (const Net *net, int32_t l);
float  *net_weights (Net *net, int32_t l);    /* for tests and loaders */
int64_t net_links (const Net *net, int32_t l);           /* nnz; n_in * n_out if dense */
int32_t net_units (const Net *net, int32_t l);           /* l = 0: inputs */
/* The n_in of layer l: the units of level l; and, if the layer has skip links, the inputs behind them. */
int32_t net_rows  (const Net *net, int32_t l);
/* Links of each unit of layer l: leaving each of its n_in units (out_side 1) or arriving at
** each of its n_out units (0). `degree` has room for them. */
void net_degrees (const Net *net, int32_t l, int out_side, int32_t *degree);
/* The strength of each of layer l's n_in units: the sum of |w| over the links that leave it; `strength`
** has room for them. A unit without links has strength 0. By it
** QuickSelection ranks input features (Atashgahi et al. 2022). */
void net_strength (const Net *net, int32_t l, double *strength);
const char *net_isa (const Net *net);
int net_threads (const Net *net);
/* NULL if every sparse layer is whole (sparse_check); otherwise what is broken. */
const char *net_check (const Net *net);

#endif
