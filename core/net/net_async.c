#include "net/net_async.h"
#include "net/net_gradient.h"
#include "base/mem.h"
#include <math.h>
#include <omp.h>
#include <string.h>

/* A worker's message: what came of its step, before the gradients; the first one of all has no step yet. Its gradients lie as those of a tile
** do (net_lay_out). And the master's answer: the next step, before the weights; -1: there is none. */
typedef struct Report { double loss; int32_t hits, samples, stop, step; } Report;
typedef struct Order { int32_t step; } Order;

typedef struct Async {
  Net  *net;
  const Dealt *dealt;
  Mail *mail;
  float *links, *units;    /* net->links, net->units: gradients; units also for their values */
  float **link_gradient, **unit_gradient;   /* by layer, in those */
  Report report;
  Order  order;
  EpochResult sum;         /* the master's */
  int    status;
} Async;

/* ---- blocks of units ---- */

/* All that units learn, as it lies in a block: values from it, or to it. */
static void each_unit_value (Net *net, float *block, int into) {
  for (int32_t l = 0; l < net->n_layers; l++) {
    Layer *layer = &net->layer[l];
    size_t n = (size_t)layer->n_out, parameters = n * (size_t)layer_parameters(layer);
    float *at = block + layer->first_unit;
    memcpy(into ? at : layer->bias, into ? layer->bias : at, n * sizeof *at);
    if (parameters > 0) memcpy(into ? at + n : layer->parameter, into ? layer->parameter : at + n, parameters * sizeof *at);
  }
}

/* ---- messages ---- */

static void send_net (Async *a, int to) {
  each_unit_value(a->net, a->units, 1);
  mail_send(a->mail, to, RANKS_STATE, &a->order, sizeof a->order);
  for (int32_t l = 0; l < a->net->n_layers; l++)
    mail_send(a->mail, to, RANKS_WEIGHTS, layer_links_at(&a->net->layer[l], 0).value, (size_t)net_links(a->net, l) * sizeof(float));
  mail_send(a->mail, to, RANKS_UNITS, a->units, (size_t)a->net->units * sizeof(float));
  mail_wait(a->mail);
}

static void receive_net (Async *a) {
  mail_receive(a->mail, 0, RANKS_STATE, &a->order, sizeof a->order);
  for (int32_t l = 0; l < a->net->n_layers; l++)
    mail_receive(a->mail, 0, RANKS_WEIGHTS, layer_links_at(&a->net->layer[l], 0).value, (size_t)net_links(a->net, l) * sizeof(float));
  mail_receive(a->mail, 0, RANKS_UNITS, a->units, (size_t)a->net->units * sizeof(float));
  mail_wait(a->mail);
  each_unit_value(a->net, a->units, 0);
}

static void send_report (Async *a) {
  mail_send(a->mail, 0, RANKS_WORD, &a->report, sizeof a->report);
  if (a->report.step >= 0) {
    mail_send(a->mail, 0, RANKS_GRADIENT, a->links, (size_t)a->net->links * sizeof(float));
    mail_send(a->mail, 0, RANKS_UNITS, a->units, (size_t)a->net->units * sizeof(float));
  }
  mail_wait(a->mail);
}

/* Whoever comes first. */
static int receive_report (Async *a) {
  int from = ranks_next(a->dealt->ranks, RANKS_WORD);
  mail_receive(a->mail, from, RANKS_WORD, &a->report, sizeof a->report);
  mail_wait(a->mail);
  if (a->report.step < 0) return from;
  mail_receive(a->mail, from, RANKS_GRADIENT, a->net->link_gradient, (size_t)a->net->links * sizeof(float));
  mail_receive(a->mail, from, RANKS_UNITS, a->net->unit_gradient, (size_t)a->net->units * sizeof(float));
  mail_wait(a->mail);
  return from;
}

/* ---- the master ---- */

/* As if the gradient were that of a single tile. */
static void update_all (Async *a) {
  Shape one = a->dealt->shape;
  one.tiles = 1;
  Walker w = net_walker(a->net, 0, &one, &a->dealt->step);
  w.step.updates = 1;
  for (int32_t l = 0; l < a->net->n_layers; l++) net_update_whole(&w, l);
}

static void take_report (Async *a) {
  const Dealt *d = a->dealt;
  if (a->report.step < 0) return;
  a->sum.loss += a->report.loss;
  a->sum.accuracy += a->report.hits;
  a->sum.samples += a->report.samples;
  if (!isfinite(a->report.loss)) a->status = NET_DIVERGED;
  else update_all(a);
  a->net->steps++;
  int asked = d->tick && d->tick(d->context, (a->report.step + 1.0) / d->steps, a->sum.loss / (double)a->sum.samples);
  if ((asked || a->report.stop) && a->status == NET_OK) a->status = NET_INTERRUPTED;
}

/* Until every worker has heard that there is no more. */
static void serve (Async *a) {
  int32_t next = a->dealt->first;
  for (int left = ranks_number(a->dealt->ranks) - 1; left > 0;) {
    int from = receive_report(a);
    take_report(a);
    a->order.step = next < a->dealt->last && a->status == NET_OK ? next++ : -1;
    left -= a->order.step < 0;
    send_net(a, from);
  }
}

/* ---- a worker ---- */

/* The first thread, between steps: tells what came of the last one and gets the next. */
static void ask (Async *a, unsigned s) {
  Net *net = a->net;
  const Dealt *d = a->dealt;
  if (s > 0) {
    net_sum_columns(net, 0, d->shape.batch, &a->report.loss, &a->report.hits);
    a->report.samples = d->shape.batch;
    a->report.step = a->order.step;
    a->sum.loss += a->report.loss;
    a->sum.samples += a->report.samples;
    for (int32_t l = 0; l < net->n_layers; l++) {
      const Layer *layer = &net->layer[l];
      size_t n = (size_t)layer->n_out;
      if (layer->parameter) memcpy(a->unit_gradient[l] + n, layer->parameter_gradient, n * (size_t)layer_parameters(layer) * sizeof(float));
    }
    a->report.stop = d->tick && d->tick(d->context, (a->report.step + 1.0) / d->steps, a->sum.loss / (double)a->sum.samples);
    net_clear_step(net, s - 1);
  } else a->report = (Report){ .step = -1 };
  send_report(a);
  receive_net(a);
}

static void work (Walker *w, Async *a) {
  const Dealt *d = a->dealt;
  for (unsigned s = 0;; s++) {
    if (w->thread == 0) ask(a, s);
    team_meet(&a->net->team);
    if (a->order.step < 0) return;
    w->next_rows = d->order + (size_t)a->order.step * (size_t)d->shape.batch;
    w->step.number = d->first_number + (uint64_t)(a->order.step - d->first) - 1;
    net_begin_next(w, s);
    net_walk_step(w, s);
    team_meet(&a->net->team);
  }
}

static void work_in_team (Async *a, int is_master) {
  Net *net = a->net;
  Step step = a->dealt->step;
  step.updates = 0;
  step.weight_gradient = a->link_gradient;
  step.bias_gradient = a->unit_gradient;
  net_begin_run(net, net_split(net, &a->dealt->shape), TO_TRAIN);
  #pragma omp parallel num_threads(net->threads)
  {
    unsigned state = net_thread_begin();
    Walker w = net_walker(net, omp_get_thread_num(), &a->dealt->shape, &step);
    net_order_links(net, w.thread, TO_TRAIN);
    if (!is_master) work(&w, a);
    else if (w.thread == 0) serve(a);
    team_meet(&net->team);
    net_return_links(net, w.thread);
    net_thread_end(state);
  }
}

/* ---- the end ---- */

static void broadcast (Async *a, float *x, size_t n) { if (x && n > 0) ranks_broadcast(a->dealt->ranks, x, n * sizeof *x); }

/* The master's net, with all that learning keeps, and what came of the epoch. */
static void share_end (Async *a) {
  Net *net = a->net;
  Ranks *ranks = a->dealt->ranks;
  for (int32_t l = 0; l < net->n_layers; l++) {
    Layer *layer = &net->layer[l];
    size_t links = (size_t)net_links(net, l), n = (size_t)layer->n_out, parameters = n * (size_t)layer_parameters(layer), moments = net->rule == RULE_ADAMW ? 2 : 0;
    Learnt all = layer_links_at(layer, 0);
    broadcast(a, all.value, links);
    broadcast(a, all.velocity, links);
    broadcast(a, all.second, links);
    broadcast(a, all.age, links);
    broadcast(a, layer->bias, n);
    broadcast(a, layer->bias_velocity, n);
    broadcast(a, layer->bias_moments, n * moments);
    broadcast(a, layer->parameter, parameters);
    broadcast(a, layer->parameter_velocity, parameters);
    broadcast(a, layer->parameter_moments, parameters * moments);
  }
  ranks_broadcast(ranks, &net->steps, sizeof net->steps);
  ranks_broadcast(ranks, &a->sum, sizeof a->sum);
  ranks_broadcast(ranks, &a->status, sizeof a->status);
}

static int claim (Async *a) {
  Net *net = a->net;
  size_t layers = (size_t)net->n_layers;
  a->mail = mail_new(a->dealt->ranks, net->n_layers + 3);
  a->links = mem_zero((size_t)net->links, sizeof *a->links);
  a->units = mem_zero((size_t)net->units, sizeof *a->units);
  a->link_gradient = mem_new(layers, sizeof *a->link_gradient);
  a->unit_gradient = mem_new(layers, sizeof *a->unit_gradient);
  if (!a->mail || !a->links || !a->units || !a->link_gradient || !a->unit_gradient) return 0;
  for (size_t l = 0; l < layers; l++) {
    a->link_gradient[l] = a->links + net->layer[l].first_link;
    a->unit_gradient[l] = a->units + net->layer[l].first_unit;
  }
  return 1;
}

int net_train_dealt (Net *net, const Dealt *dealt, EpochResult *result) {
  Async a = { .net = net, .dealt = dealt, .status = NET_OK };
  int ready = claim(&a);
  if (ready) {
    work_in_team(&a, ranks_rank(dealt->ranks) == 0);
    share_end(&a);
  }
  mail_free(a.mail);
  mem_free(a.links);
  mem_free(a.units);
  mem_free(a.link_gradient);
  mem_free(a.unit_gradient);
  if (!ready) return NET_NO_MEMORY;
  *result = a.sum;
  return a.status;
}
