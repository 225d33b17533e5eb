/*
** net_train.c -- epochs of steps, and evaluation.
*/
#include "base/clock.h"
#include "base/mem.h"
#include "net/net_internal.h"
#include <math.h>
#include <omp.h>

static Update update_of (const Protocol *p, int32_t batch) {
  Update u = { .rate = p->rate, .momentum = p->momentum, .scale = 1 / (float)batch, .nesterov = p->nesterov };
  if (p->decay == DECAY_STEP) u.shrink = p->weight_decay;
  else if (p->decay == DECAY_COUPLED) u.couple = p->weight_decay;
  else u.shrink = p->weight_decay * p->rate;
  return u;
}

/* An epoch under way, seen by all threads; thread 0 writes while the others are in the
** backward pass, and the meeting at its end shows them. */
typedef struct Walk {
  const Data *data;
  const int32_t *order;
  const Augment *augment;
  int32_t epoch, batch, first, last, steps;  /* does steps first <= s < last of the epoch's */
  Update  update;
  Tick   *tick;
  void   *context;
  EpochResult *result;
  int     status, stop;
} Walk;

/* The samples of step s. */
static const int32_t *rows_of_step (const Walk *walk, int32_t s) { return walk->order + (size_t)s * (size_t)walk->batch; }

/* Thread 0, once the losses of step s are known: sums, decisions, and the next batch's rows. */
static void account (Net *net, Walk *walk, int32_t s) {
  EpochResult *r = walk->result;
  double loss;
  int32_t hits;
  net_sum_columns(net, walk->batch, &loss, &hits);
  r->loss += loss;
  r->accuracy += hits;
  r->samples += walk->batch;
  net->steps++;
  if (!isfinite(loss)) walk->status = NET_DIVERGED;
  else if (walk->tick && walk->tick(walk->context, (s + 1.0) / walk->steps, r->loss / (double)r->samples))
    walk->status = NET_INTERRUPTED;
  walk->stop = walk->status != NET_OK || s + 1 == walk->last;
  if (!walk->stop) net_take_rows(net, walk->data, rows_of_step(walk, s + 1), walk->batch);
}

/* Thread t's share of what is done to the images of step s, if there is such a step. */
static void draw_warps (Net *net, int t, const Walk *walk, int32_t s) {
  if (walk->augment && s < walk->last) net_draw_warps(net, t, walk->augment, walk->epoch, rows_of_step(walk, s), walk->batch);
}

/* What is done to the next batch's images is drawn as soon as this one's are made. */
static void walk_steps (Net *net, int t, Walk *walk, uint64_t first_step) {
  Shape shape = net_shape(net, walk->batch);
  draw_warps(net, t, walk, walk->first);
  team_meet(&net->team);
  for (int32_t s = walk->first; !walk->stop; s++) {
    const int32_t *rows = rows_of_step(walk, s);
    uint64_t step = first_step + (uint64_t)(s - walk->first);
    net_forward(net, t, walk->data, &shape, 1, step);
    net_loss(net, t, walk->data, rows, &shape, 1);
    team_meet(&net->team);
    draw_warps(net, t, walk, s + 1);
    if (t == 0) account(net, walk, s);
    net_phase_end(net, t, &net->loss_seconds);
    net_backward(net, t, &shape, step, &walk->update, NULL, NULL);
  }
}

static void walk_epoch (Net *net, Walk *walk) {
  uint64_t first_step = net->steps;
  net_take_rows(net, walk->data, rows_of_step(walk, walk->first), walk->batch);
  #pragma omp parallel num_threads(net->threads)
  {
    unsigned state = net_thread_begin();
    walk_steps(net, omp_get_thread_num(), walk, first_step);
    net_thread_end(state);
  }
}

static int32_t *draw_order (const Net *net, int32_t n, int32_t epoch) {
  int32_t *order = mem_new((size_t)n, sizeof *order);
  if (!order) return NULL;
  Rng rng;
  rng_seed(&rng, net->seed, RNG_ORDER | (uint64_t)epoch << 8);
  rng_shuffle(&rng, order, n);
  return order;
}

int net_train_epoch (Net *net, const Data *data, const Protocol *protocol, int32_t epoch,
                     Tick *tick, void *context, EpochResult *result) {
  *result = (EpochResult){ 0 };
  double start = clock_seconds();
  int32_t batch = protocol->batch < data->n ? protocol->batch : data->n;
  int32_t *order = draw_order(net, data->n, epoch);
  if (!order || !net_reserve(net, batch)) {
    mem_free(order);
    return NET_NO_MEMORY;
  }
  Walk walk = { .data = data, .order = order, .augment = protocol->augment, .epoch = epoch, .batch = batch,
                .first = protocol->first_step, .steps = data->n / batch, .update = update_of(protocol, batch),
                .tick = tick, .context = context, .result = result };
  int32_t left = walk.steps - walk.first;
  if (left <= 0) {  /* nothing is left of the epoch */
    mem_free(order);
    return NET_OK;
  }
  walk.last = walk.first + (protocol->steps > 0 && protocol->steps < left ? protocol->steps : left);
  WarpFrame frame = walk.augment ? augment_frame(walk.augment, data) : (WarpFrame){ 0 };
  net->frame = walk.augment ? &frame : NULL;
  walk_epoch(net, &walk);
  net->frame = NULL;
  mem_free(order);
  result->loss /= (double)result->samples;
  result->accuracy /= (double)result->samples;
  result->seconds = clock_seconds() - start;
  return walk.status;
}

/* ---- evaluation ---- */

/* Samples at a time: enough for the kernels, not more than a wide net has memory for. */
int32_t net_evaluation_batch (const Net *net, int32_t n) {
  enum { USUAL = 128, MOST_FLOATS = 1 << 26 };
  int64_t units = 0;
  for (int32_t l = 0; l <= net->n_layers; l++) units += net_units(net, l);
  int64_t fits = MOST_FLOATS / units / STRIDE_STEP * STRIDE_STEP;
  if (fits >= USUAL) fits = USUAL;
  else if (fits <= net->capacity) fits = net->capacity > 0 ? net->capacity : STRIDE_STEP;
  return fits < n ? (int32_t)fits : n;
}

/* An evaluation under way, seen by all threads; thread 0 writes between two meetings. */
typedef struct Look {
  const Data *data;
  int32_t batch, first, here;   /* samples first .. first + here - 1 are looked at; here 0: the end */
  Shape   shape;
  Tick   *tick;
  void   *context;
  double  loss, hits;
  int     status;
} Look;

static void look_at (Net *net, Look *look, int32_t first) {
  int32_t left = look->data->n - first;
  look->first = first;
  look->here = left < look->batch ? left : look->batch;
  if (look->here == 0) return;
  look->shape = net_shape(net, look->here);
  for (int32_t b = 0; b < look->here; b++) net->sample[b] = first + b;
  net_take_rows(net, look->data, net->sample, look->here);
}

/* Thread 0, once a batch is done. */
static void look_further (Net *net, Look *look) {
  int32_t done = look->first + look->here;
  for (int32_t b = 0; b < look->here; b++) {
    look->loss += net->column_loss[b];
    look->hits += net->column_hit[b];
  }
  look_at(net, look, done);
  if (!look->tick || !look->tick(look->context, (double)done / look->data->n, look->loss / done)) return;
  look->status = NET_INTERRUPTED;
  look->here = 0;
}

static void look_on (Net *net, int t, Look *look) {
  while (look->here > 0) {
    net_forward(net, t, look->data, &look->shape, 0, 0);
    net_loss(net, t, look->data, net->sample, &look->shape, 0);
    team_meet(&net->team);
    net_phase_end(net, t, &net->loss_seconds);
    if (t == 0) look_further(net, look);
    team_meet(&net->team);
  }
}

/* One team for all batches, as in training: to start one for each costs more than a batch where
** the threads have to share a processor. */
static void look_through (Net *net, Look *look, int32_t first) {
  look_at(net, look, first);
  #pragma omp parallel num_threads(net->threads)
  {
    unsigned state = net_thread_begin();
    look_on(net, omp_get_thread_num(), look);
    net_thread_end(state);
  }
}

int net_evaluate (Net *net, const Data *data, Tick *tick, void *context, double *loss, double *accuracy) {
  Look look = { .data = data, .batch = net_evaluation_batch(net, data->n), .tick = tick, .context = context };
  *loss = *accuracy = 0;
  if (!net_reserve_values(net, look.batch)) return NET_NO_MEMORY;
  look_through(net, &look, 0);
  if (look.status != NET_OK) return look.status;
  *loss = look.loss / data->n;
  *accuracy = look.hits / data->n;
  return NET_OK;
}

int net_predict (Net *net, const Data *data, int32_t row, float *out) {
  if (!net_reserve_values(net, STRIDE_STEP)) return 0;
  Data one = *data;
  one.n = row + 1;
  Look look = { .data = &one, .batch = 1 };
  look_through(net, &look, row);
  int32_t n = net_units(net, net->n_layers);
  size_t stride = net_shape(net, 1).stride;
  const float *a = net->a[net->n_layers];
  float largest = -INFINITY, sum = 0;
  for (int32_t o = 0; o < n; o++) {
    out[o] = a[(size_t)o * stride];
    largest = fmaxf(largest, out[o]);
  }
  if (!net->loss->softmax) return 1;
  for (int32_t o = 0; o < n; o++) sum += out[o] = expf(out[o] - largest);
  for (int32_t o = 0; o < n; o++) out[o] /= sum;
  return 1;
}
