/*
** net_train.c -- epochs of steps, and evaluation.
*/
#include "clock.h"
#include "mem.h"
#include "net_internal.h"
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
  int32_t batch, steps;
  Update  update;
  Tick   *tick;
  void   *context;
  EpochResult *result;
  int     status, stop;
} Walk;

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
  walk->stop = walk->status != NET_OK || s + 1 == walk->steps;
  if (!walk->stop) net_take_rows(net, walk->data, walk->order + (size_t)(s + 1) * (size_t)walk->batch, walk->batch);
}

static void walk_steps (Net *net, int t, Walk *walk, uint64_t first_step) {
  Shape shape = net_shape(net, walk->batch);
  for (int32_t s = 0; !walk->stop; s++) {
    const int32_t *rows = walk->order + (size_t)s * (size_t)walk->batch;
    uint64_t step = first_step + (uint64_t)s;
    net_forward(net, t, walk->data, &shape, 1, step);
    net_loss(net, t, walk->data, rows, &shape, 1);
    team_meet(&net->team);
    if (t == 0) account(net, walk, s);
    net_phase_end(net, t, &net->loss_seconds);
    net_backward(net, t, &shape, step, &walk->update, NULL, NULL);
  }
}

static void walk_epoch (Net *net, Walk *walk) {
  uint64_t first_step = net->steps;
  net_take_rows(net, walk->data, walk->order, walk->batch);
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
  Walk walk = { .data = data, .order = order, .batch = batch, .steps = data->n / batch,
                .update = update_of(protocol, batch), .tick = tick, .context = context, .result = result };
  walk_epoch(net, &walk);
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

static void evaluate_batch (Net *net, const Data *data, const int32_t *rows, int32_t batch) {
  Shape shape = net_shape(net, batch);
  net_take_rows(net, data, rows, batch);
  #pragma omp parallel num_threads(net->threads)
  {
    int t = omp_get_thread_num();
    unsigned state = net_thread_begin();
    net_forward(net, t, data, &shape, 0, 0);
    net_loss(net, t, data, rows, &shape, 0);
    net_phase_end(net, t, &net->loss_seconds);
    net_thread_end(state);
  }
}

int net_evaluate (Net *net, const Data *data, Tick *tick, void *context, double *loss, double *accuracy) {
  int32_t batch = net_evaluation_batch(net, data->n);
  *loss = *accuracy = 0;
  if (!net_reserve_values(net, batch)) return NET_NO_MEMORY;
  for (int32_t first = 0; first < data->n; first += batch) {
    int32_t here = data->n - first < batch ? data->n - first : batch;
    for (int32_t b = 0; b < here; b++) net->sample[b] = first + b;
    evaluate_batch(net, data, net->sample, here);
    for (int32_t b = 0; b < here; b++) {
      *loss += net->column_loss[b];
      *accuracy += net->column_hit[b];
    }
    if (tick && tick(context, (double)(first + here) / data->n, *loss / (first + here))) return NET_INTERRUPTED;
  }
  *loss /= data->n;
  *accuracy /= data->n;
  return NET_OK;
}

int net_predict (Net *net, const Data *data, int32_t row, float *out) {
  if (!net_reserve_values(net, STRIDE_STEP)) return 0;
  evaluate_batch(net, data, &row, 1);
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
