/*
** net_train.c -- epochs of steps, evaluation, and where the time of both goes.
*/
#include "base/clock.h"
#include "base/mem.h"
#include "base/min.h"
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
typedef struct Epoch {
  const Data *data;
  const int32_t *order;
  const Augment *augment;
  int32_t epoch, batch, first, last, steps;  /* does steps first <= s < last of the epoch's */
  Update  update;
  Tick   *tick;
  void   *context;
  EpochResult *result;
  int     status, stop;
} Epoch;

/* The samples of step s. */
static const int32_t *rows_of_step (const Epoch *e, int32_t s) { return e->order + (size_t)s * (size_t)e->batch; }

/* Thread 0, once the losses of step s are known: sums, decisions, and the next batch's rows. */
static void account (Net *net, Epoch *e, int32_t s) {
  EpochResult *r = e->result;
  double loss;
  int32_t hits;
  net_sum_columns(net, e->batch, &loss, &hits);
  r->loss += loss;
  r->accuracy += hits;
  r->samples += e->batch;
  net->steps++;
  if (!isfinite(loss)) e->status = NET_DIVERGED;
  else if (e->tick && e->tick(e->context, (s + 1.0) / e->steps, r->loss / (double)r->samples))
    e->status = NET_INTERRUPTED;
  e->stop = e->status != NET_OK || s + 1 == e->last;
  if (!e->stop) net_take_rows(net, e->data, rows_of_step(e, s + 1), e->batch);
}

/* Thread t's share of what is done to the images of step s, if there is such a step. */
static void draw_warps (Net *net, int t, const Epoch *e, int32_t s) {
  if (e->augment && s < e->last) net_draw_warps(net, t, e->augment, e->epoch, rows_of_step(e, s), e->batch);
}

/* What is done to the next batch's images is drawn as soon as this one's are made. */
static void train_steps (Net *net, int t, Epoch *e, uint64_t first_step) {
  Shape shape = net_shape(net, e->batch);
  draw_warps(net, t, e, e->first);
  team_meet(&net->team);
  for (int32_t s = e->first; !e->stop; s++) {
    const int32_t *rows = rows_of_step(e, s);
    uint64_t step = first_step + (uint64_t)(s - e->first);
    net_forward(net, t, e->data, &shape, 1, step);
    net_loss(net, t, e->data, rows, &shape, 1);
    team_meet(&net->team);
    draw_warps(net, t, e, s + 1);
    if (t == 0) account(net, e, s);
    net_phase_end(net, t, &net->loss_seconds);
    net_backward(net, t, &shape, step, &e->update, NULL, NULL);
  }
}

static void train_epoch (Net *net, Epoch *e) {
  uint64_t first_step = net->steps;
  net_take_rows(net, e->data, rows_of_step(e, e->first), e->batch);
  #pragma omp parallel num_threads(net->threads)
  {
    unsigned state = net_thread_begin();
    train_steps(net, omp_get_thread_num(), e, first_step);
    net_thread_end(state);
  }
}

int32_t *net_order (const Net *net, int32_t n, int32_t epoch) {
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
  int32_t batch = min_i32(protocol->batch, data->n);
  int32_t *order = net_order(net, data->n, epoch);
  if (!order || !net_reserve(net, batch)) {
    mem_free(order);
    return NET_NO_MEMORY;
  }
  Epoch e = { .data = data, .order = order, .augment = protocol->augment, .epoch = epoch, .batch = batch,
              .first = protocol->first_step, .steps = data->n / batch, .update = update_of(protocol, batch),
              .tick = tick, .context = context, .result = result };
  int32_t left = e.steps - e.first;
  if (left <= 0) {  /* nothing is left of the epoch */
    mem_free(order);
    return NET_OK;
  }
  e.last = e.first + (protocol->steps > 0 && protocol->steps < left ? protocol->steps : left);
  WarpFrame frame = e.augment ? augment_frame(e.augment, data) : (WarpFrame){ 0 };
  net->frame = e.augment ? &frame : NULL;
  train_epoch(net, &e);
  net->frame = NULL;
  mem_free(order);
  result->loss /= (double)result->samples;
  result->accuracy /= (double)result->samples;
  result->seconds = clock_seconds() - start;
  return e.status;
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
typedef struct Evaluation {
  const Data *data;
  int32_t batch, first, here;   /* samples first .. first + here - 1 are this batch; here 0: the end */
  Shape   shape;
  Tick   *tick;
  void   *context;
  double  loss, hits;
  int     status;
} Evaluation;

static void take_batch (Net *net, Evaluation *e, int32_t first) {
  int32_t left = e->data->n - first;
  e->first = first;
  e->here = min_i32(left, e->batch);
  if (e->here == 0) return;
  e->shape = net_shape(net, e->here);
  for (int32_t b = 0; b < e->here; b++) net->sample[b] = first + b;
  net_take_rows(net, e->data, net->sample, e->here);
}

/* Thread 0, once a batch is done. */
static void next_batch (Net *net, Evaluation *e) {
  int32_t done = e->first + e->here;
  for (int32_t b = 0; b < e->here; b++) {
    e->loss += net->column_loss[b];
    e->hits += net->column_hit[b];
  }
  take_batch(net, e, done);
  if (!e->tick || !e->tick(e->context, (double)done / e->data->n, e->loss / done)) return;
  e->status = NET_INTERRUPTED;
  e->here = 0;
}

static void evaluate_batches (Net *net, int t, Evaluation *e) {
  while (e->here > 0) {
    net_forward(net, t, e->data, &e->shape, 0, 0);
    net_loss(net, t, e->data, net->sample, &e->shape, 0);
    team_meet(&net->team);
    net_phase_end(net, t, &net->loss_seconds);
    if (t == 0) next_batch(net, e);
    team_meet(&net->team);
  }
}

/* One team for all batches, as in training: to start one for each costs more than a batch where
** the threads have to share a processor. */
static void evaluate_from (Net *net, Evaluation *e, int32_t first) {
  take_batch(net, e, first);
  #pragma omp parallel num_threads(net->threads)
  {
    unsigned state = net_thread_begin();
    evaluate_batches(net, omp_get_thread_num(), e);
    net_thread_end(state);
  }
}

int net_evaluate (Net *net, const Data *data, Tick *tick, void *context, double *loss, double *accuracy) {
  Evaluation e = { .data = data, .batch = net_evaluation_batch(net, data->n), .tick = tick, .context = context };
  *loss = *accuracy = 0;
  if (!net_reserve_values(net, e.batch)) return NET_NO_MEMORY;
  evaluate_from(net, &e, 0);
  if (e.status != NET_OK) return e.status;
  *loss = e.loss / data->n;
  *accuracy = e.hits / data->n;
  return NET_OK;
}

int net_predict (Net *net, const Data *data, int32_t row, float *out) {
  if (!net_reserve_values(net, STRIDE_STEP)) return 0;
  Data one = *data;
  one.n = row + 1;
  Evaluation e = { .data = &one, .batch = 1 };
  evaluate_from(net, &e, row);
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

/* ---- clocks: one is read at the border of every phase ----
** A dozen reads of some 30 ns a step, by the first thread only: always on. */

PhaseSeconds net_seconds (const Net *net) { return (PhaseSeconds){ net->batch_seconds, net->loss_seconds }; }

LayerSeconds net_layer_seconds (const Net *net, int32_t l) {
  return (LayerSeconds){ net->layer[l].forward_seconds, net->layer[l].backward_seconds };
}

void net_clear_seconds (Net *net) {
  net->batch_seconds = net->loss_seconds = 0;
  for (int32_t l = 0; l < net->n_layers; l++) net->layer[l].forward_seconds = net->layer[l].backward_seconds = 0;
}

void net_phase_begin (Net *net, int t) {
  if (t == 0) net->phase_began = clock_seconds();
}

void net_phase_end (Net *net, int t, double *seconds) {
  if (t != 0) return;
  double now = clock_seconds();
  *seconds += now - net->phase_began;
  net->phase_began = now;
}
