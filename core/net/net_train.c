/*
** net_train.c -- epochs of steps, evaluation, and where the time of both goes.
*/
#include "base/clock.h"
#include "base/mem.h"
#include "base/min.h"
#include "net/net_async.h"
#include "net/net_level.h"
#include "net/net_ranks.h"
#include <math.h>
#include <omp.h>

/* Of layer l. */
static Update update_of (const Protocol *p, int32_t l, Rule rule, int32_t batch) {
  float rate = p->layer_rate ? p->rate * p->layer_rate[l] : p->rate;
  Update u = { .rate = rate, .lasso = p->lasso, .cut = p->lasso * p->lasso_cut, .radius = p->radius, .momentum = p->momentum, .scale = 1 / (float)batch, .nesterov = p->nesterov, .rule = rule, .fresh = p->fresh };
  if (p->decay == DECAY_STEP) u.shrink = p->weight_decay;
  else if (p->decay == DECAY_COUPLED) u.couple = p->weight_decay;
  else u.shrink = p->weight_decay * rate;
  if (p->layer_rate && p->layer_rate[l] == 0) u.couple = u.shrink = u.lasso = u.cut = 0;   /* the layer stays as it is */
  return u;
}

/* An epoch under way, seen by all threads; the leader writes while nobody else is at work. */
typedef struct Epoch {
  const Data *data;
  const int32_t *order;
  int32_t batch, first, last, steps;  /* does steps first <= s < last of the epoch's */
  Step    step;                       /* what all steps have in common */
  Shape   shape;
  uint64_t first_number;
  Tick   *tick;
  void   *context;
  EpochResult *result;
  int     status, stop;
  int     asked;                      /* to stop, by the tick: ranks stop together, a step later */
  int32_t expected;                   /* the block of a mapped file that was asked for last; below 0: none */
} Epoch;

/* The block of samples that the order comes to after that of step s is read while this one is trained on. */
static void expect_block (Epoch *e, int32_t s) {
  const Data *data = e->data;
  if (!data->map) return;
  int32_t block = data_block(data);
  int64_t at = (int64_t)s * e->batch + block, end = (int64_t)e->steps * e->batch;
  if (at >= end || e->order[at] / block == e->expected) return;
  e->expected = e->order[at] / block;
  data_expect(data, e->order[at]);
}

/* The leader, once the losses of step s are known: sums and decisions. */
static void account (Net *net, Epoch *e, int32_t s) {
  EpochResult *r = e->result;
  double loss;
  int32_t hits;
  int told = net_exchange_losses(net, e->asked);
  net_sum_columns(net, 0, e->batch, &loss, &hits);
  r->loss += loss;
  r->accuracy += hits;
  r->samples += e->batch;
  net->steps++;
  expect_block(e, s);
  if (!isfinite(loss)) e->status = NET_DIVERGED;
  else if (told) e->status = NET_INTERRUPTED;
  else if (e->tick && e->tick(e->context, (s + 1.0) / e->steps, r->loss / (double)r->samples)) {
    if (net->exchange) e->asked = 1;
    else e->status = NET_INTERRUPTED;
  }
  e->stop = e->status != NET_OK || s + 1 == e->last;
}

/* The rows of step s; NULL if that is not in this run. */
static const int32_t *rows_of (const Epoch *e, int32_t s) { return s < e->last ? e->order + (size_t)s * (size_t)e->batch : NULL; }

/* The threads meet once a step; whoever is there early makes the samples of its next tile. */
static void train_steps (Walker *w, Epoch *e) {
  Net *net = w->net;
  w->step.number = e->first_number - 1;   /* counted up as a step begins */
  w->next_rows = rows_of(e, e->first);
  net_begin_next(w, 0);
  for (int32_t s = e->first; !e->stop; s++) {
    if (w->thread == 0) net_exchange_step(net);
    if (net->rule == RULE_S2SAM) net_climb(net, w->thread);
    w->next_rows = rows_of(e, s + 1);
    net_walk_step(w, (unsigned)(s - e->first));
    if (w->thread == 0) net_await_weights(net);
    unsigned round = w->thread > 0 ? team_come(&net->team) : 0;
    net_begin_next(w, (unsigned)(s - e->first) + 1);
    if (w->thread > 0) {
      team_follow(&net->team, round);
      continue;
    }
    net_phase_begin(net, 0);
    team_come(&net->team);
    team_lead(&net->team);
    account(net, e, s);
    net_clear_step(net, (unsigned)(s - e->first));
    team_release(&net->team);
    net_phase_end(net, 0, &net->loss_seconds);
  }
}

static void train_epoch (Net *net, Epoch *e) {
  net_begin_run(net, net_split(net, &e->shape), TO_TRAIN);
  #pragma omp parallel num_threads(net->threads)
  {
    unsigned state = net_thread_begin();
    Walker w = net_walker(net, omp_get_thread_num(), &e->shape, &e->step);
    net_order_links(net, w.thread, TO_TRAIN);
    train_steps(&w, e);
    if (w.thread == 0) net_exchange_state(net);
    team_meet(&net->team);
    net_return_links(net, w.thread);
    net_thread_end(state);
  }
}

/* Blocks of samples in random order, each with its samples in random order. */
static int shuffle_blocks (Rng *rng, int32_t *order, int32_t n, int32_t block) {
  int32_t blocks = (n - 1) / block + 1, done = 0, *turn = mem_new((size_t)blocks, sizeof *turn);
  if (!turn) return 0;
  rng_shuffle(rng, turn, blocks);
  for (int32_t b = 0; b < blocks; b++) {
    int32_t first = turn[b] * block, samples = min_i32(block, n - first);
    rng_shuffle(rng, order + done, samples);
    for (int32_t i = 0; i < samples; i++) order[done + i] += first;
    done += samples;
  }
  mem_free(turn);
  return 1;
}

int32_t *net_order (const Net *net, const Data *data, int32_t epoch) {
  int32_t *order = mem_new((size_t)data->n, sizeof *order), block = data_block(data);
  if (!order) return NULL;
  Rng rng;
  rng_seed(&rng, net->seed, RNG_ORDER | (uint64_t)epoch << 8);
  if (block >= data->n) rng_shuffle(&rng, order, data->n);
  else if (!shuffle_blocks(&rng, order, data->n, block)) {
    mem_free(order);
    return NULL;
  }
  return order;
}

static int train_dealt (Net *net, const Protocol *protocol, Epoch *e) {
  Dealt dealt = { .ranks = protocol->ranks, .step = e->step, .shape = e->shape, .order = e->order, .first = e->first, .last = e->last, .steps = e->steps,
                  .first_number = e->first_number, .tick = e->tick, .context = e->context };
  return net_train_dealt(net, &dealt, e->result);
}

/* The samples of one part, in the order that they have; returns how many there are. */
static int32_t only_part (int32_t *order, int32_t n, int32_t part, int32_t parts) {
  int32_t kept = 0;
  for (int32_t i = 0; i < n; i++)
    if (order[i] % parts == part) order[kept++] = order[i];
  return kept;
}

int net_train_epoch (Net *net, const Data *data, const Protocol *protocol, int32_t epoch,
                     Tick *tick, void *context, EpochResult *result) {
  *result = (EpochResult){ 0 };
  double start = clock_seconds();
  int32_t n = data->n, *order = net_order(net, data, epoch);
  if (order && protocol->parts > 1) n = only_part(order, n, protocol->part, protocol->parts);
  int32_t batch = min_i32(protocol->batch, n);
  int status = order && protocol->ranks ? net_check_ranks(net, protocol, order, n, batch) : NET_OK;
  if (status != NET_OK) {
    mem_free(order);
    return status;
  }
  Shape shape = net_shape(net, batch);
  int ready = order && (!protocol->ranks || protocol->asynchronous || net_exchange_begin(net, protocol->ranks, &shape)) && net_reserve(net, batch);
  if (!ready) {
    net_exchange_end(net);
    mem_free(order);
    return NET_NO_MEMORY;
  }
  for (int32_t l = 0; l < net->n_layers; l++) net->layer[l].update = update_of(protocol, l, net->rule, batch);
  net->clipped = 0;
  Epoch e = { .data = data, .order = order, .batch = batch, .first = protocol->first_step, .steps = n / batch,
              .step = { .data = data, .augment = protocol->augment, .epoch = epoch, .training = 1, .updates = 1 },
              .shape = shape, .first_number = net->steps, .tick = tick, .context = context, .result = result, .expected = -1 };
  int32_t left = e.steps - e.first;
  if (left <= 0) {  /* nothing is left of the epoch */
    net_exchange_end(net);
    mem_free(order);
    return NET_OK;
  }
  e.last = e.first + (protocol->steps > 0 && protocol->steps < left ? protocol->steps : left);
  data_expect(data, order[(int64_t)e.first * batch]);
  WarpFrame frame = protocol->augment ? augment_frame(protocol->augment, data) : (WarpFrame){ 0 };
  net->frame = protocol->augment ? &frame : NULL;
  if (protocol->ranks && protocol->asynchronous) e.status = train_dealt(net, protocol, &e);
  else train_epoch(net, &e);
  net->frame = NULL;
  net_exchange_end(net);
  mem_free(order);
  result->loss /= (double)result->samples;
  result->accuracy /= (double)result->samples;
  result->clipped = net->clipped;
  result->seconds = clock_seconds() - start;
  return e.status;
}

/* ---- evaluation ---- */

/* Sums over the samples of a tile. */
typedef struct TileSum { double loss; int32_t hits; } TileSum;

/* An evaluation under way. Tiles are taken as threads are free; sums over them are made in their order, at the end. */
typedef struct Evaluation {
  const Data *data;
  int32_t  first, width, tiles;   /* tile i has samples first + i * width and after */
  Shape    shape;
  Step     step;
  TileSum *sum;                   /* tiles; NULL: nobody asks */
  float   *out;                   /* [sample][output unit]; NULL: nobody asks */
  Tick    *tick;
  void    *context;
  _Atomic int stop;               /* a status other than NET_OK */
} Evaluation;

uint64_t net_evaluation_bytes (const Net *net, int32_t n) {
  if (n <= 0) return 0;
  int32_t width = net_evaluation_width(net, n);
  return mem_block((uint64_t)((n + width - 1) / width), sizeof(TileSum));
}

/* Each group has one tile for certain, so that the first thread has something to tell; the others are for whoever comes first.
** Columns of levels that all groups share are divided among these. */
static int take_tile (Walker *w, const Evaluation *e) {
  Net *net = w->net;
  int groups = net->split.groups, i = w->drawn++;
  if (groups > 1) i = i == 0 ? w->group : groups + atomic_fetch_add_explicit(&net->ticket[0].next, 1, memory_order_relaxed);
  if (i >= e->tiles || atomic_load_explicit(&e->stop, memory_order_relaxed)) return 0;
  int32_t first = e->first + i * e->width;
  w->tile = (Tile){ i, w->group * e->width, e->width, first, min_i32(e->width, e->data->n - first) };
  return 1;
}

/* What the first thread has seen stands for the whole. */
static void say_how_far (const Walker *w, Evaluation *e, double *loss, int32_t *seen) {
  double done = (double)w->tile.number * e->width + w->tile.samples;
  *loss += e->sum[w->tile.number].loss;
  *seen += w->tile.samples;
  if (e->tick && e->tick(e->context, done / e->data->n, *loss / *seen)) atomic_store_explicit(&e->stop, NET_INTERRUPTED, memory_order_relaxed);
}

/* The output units' values for one sample, of which `top` has column after column. */
static void copy_outputs (const Net *net, const float *top, size_t stride, float *out) {
  int32_t n = net_units(net, net->n_layers);
  float largest = -INFINITY, sum = 0;
  for (int32_t o = 0; o < n; o++) {
    out[o] = top[(size_t)o * stride];
    largest = fmaxf(largest, out[o]);
  }
  for (int32_t o = 0; o < n && net->loss->part == LOSS_SIGMOID; o++) out[o] = loss_sigmoid(out[o]);
  if (net->loss->part != LOSS_SOFTMAX) return;
  for (int32_t o = 0; o < n; o++) sum += out[o] = expf(out[o] - largest);
  for (int32_t o = 0; o < n; o++) out[o] /= sum;
}

/* The outputs of a tile's samples, each to its row. */
static void keep_outputs (const Walker *w, const Evaluation *e) {
  size_t n = (size_t)net_units(w->net, w->net->n_layers);
  const float *top = level_floats(w, w->net->n_layers);
  for (int32_t b = 0; b < w->tile.samples; b++)
    copy_outputs(w->net, top + b, level_stride(w, w->net->n_layers), e->out + n * (size_t)(w->tile.first - e->first + b));
}

static void evaluate_tiles (Walker *w, Evaluation *e) {
  Net *net = w->net;
  double loss = 0;
  int32_t seen = 0;
  while (take_tile(w, e)) {
    net_forward(w);
    net_loss(w);
    if (w->member == 0 && e->sum) {
      TileSum *sum = &e->sum[w->tile.number];
      net_sum_columns(net, w->tile.column, w->tile.samples, &sum->loss, &sum->hits);
      if (w->thread == 0) say_how_far(w, e, &loss, &seen);
    }
    if (w->member == 0 && e->out) keep_outputs(w, e);
    team_meet(w->team);
    net_phase_end(net, w->thread, &net->loss_seconds);
  }
}

/* One team for all tiles, as in training: to start one for each costs more than a tile where
** the threads have to share a processor. */
static void evaluate (Net *net, Evaluation *e) {
  #pragma omp parallel num_threads(net->threads)
  {
    unsigned state = net_thread_begin();
    Walker w = net_walker(net, omp_get_thread_num(), &e->shape, &e->step);
    net_order_links(net, w.thread, TO_LOOK);
    evaluate_tiles(&w, e);
    net_thread_end(state);
  }
}

/* All of `data`: sums over its tiles to e->sum, which the caller frees, and whatever e asks for. */
static int evaluate_all (Net *net, const Data *data, Evaluation *e) {
  Extent extent = net_evaluation_extent(net, data->n);
  e->data = e->step.data = data;
  e->width = extent.widest;
  e->shape.stride = extent.stride;
  e->tiles = (data->n + e->width - 1) / e->width;
  e->sum = mem_new((size_t)e->tiles, sizeof *e->sum);
  if (!e->sum || !net_reserve_values(net, extent, extent.stride) || !net_reserve_to_look(net)) return NET_NO_MEMORY;
  net_begin_run(net, net_split_to_look(net, data->n), TO_LOOK);
  evaluate(net, e);
  return e->stop ? e->stop : NET_OK;
}

int net_evaluate (Net *net, const Data *data, Tick *tick, void *context, double *loss, double *accuracy) {
  Evaluation e = { .tick = tick, .context = context };
  int status = evaluate_all(net, data, &e);
  *loss = *accuracy = 0;
  for (int32_t i = 0; i < e.tiles && status == NET_OK; i++) {
    *loss += e.sum[i].loss;
    *accuracy += e.sum[i].hits;
  }
  mem_free(e.sum);
  *loss /= data->n;
  *accuracy /= data->n;
  return status;
}

int net_outputs (Net *net, const Data *data, const Augment *augment, int32_t epoch, Tick *tick, void *context, float *out) {
  Evaluation e = { .step = { .augment = augment, .epoch = epoch }, .tick = tick, .context = context, .out = out };
  WarpFrame frame = augment ? augment_frame(augment, data) : (WarpFrame){ 0 };
  net->frame = augment ? &frame : NULL;
  int status = evaluate_all(net, data, &e);
  net->frame = NULL;
  mem_free(e.sum);
  return status;
}

/* One sample is no reason to put links in order. */
int net_predict (Net *net, const Data *data, int32_t row, float *out) {
  Extent extent = { 1, STRIDE_STEP, STRIDE_STEP };
  if (!net_reserve_values(net, extent, STRIDE_STEP)) return 0;
  Data one = *data;
  one.n = row + 1;
  Evaluation e = { .data = &one, .first = row, .width = STRIDE_STEP, .tiles = 1, .shape = { .stride = STRIDE_STEP }, .step = { .data = &one }, .out = out };
  net_begin_run(net, (Split){ 1, 0 }, TO_LOOK);
  net->plain = 1;
  evaluate(net, &e);
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
