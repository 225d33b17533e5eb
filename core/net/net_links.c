/*
** net_links.c -- links in the orders in which the passes visit them, made again for every run.
**
** A pass jumps among rows at the far ends of links; it need not also jump among weights. So each group copies a
** layer's weights into the order of its output units before it first needs them in a step: reading in sequence, writing where
** nobody waits. The lowest layer needs no input gradient, so that its backward walk, too, can go by output units: for the time
** of a run its weights and velocities are turned into that order, and nothing is copied.
*/
#include "net/net_internal.h"
#include <string.h>

int net_is_plain (const Net *net) {
  enum { MOST_UNITS = 1 << 16 };
  for (int32_t l = 0; l < net->n_layers; l++) {
    const Layer *layer = &net->layer[l];
    if (layer->sparse && (layer->n_in > MOST_UNITS || layer->n_out > MOST_UNITS || layer->sparse->links >= SPARSE_LARGE)) return 1;
  }
  return 0;
}

int net_is_turned (const Net *net, int32_t l) { return l == 0 && net->turned; }

/* ---- where each layer's begin ---- */

/* Room for whole vectors, and for a walk to look ahead. */
static int64_t room (int64_t n) { return (n + SPARSE_SLACK - 1) / SPARSE_SLACK * SPARSE_SLACK + SPARSE_SLACK; }

/* Sparse layers come first: only they have orders. */
void net_lay_out (Net *net) {
  int64_t links = 0, units = 0;
  for (int sparse = 1; sparse >= 0; sparse--)
    for (int32_t l = 0; l < net->n_layers; l++) {
      Layer *layer = &net->layer[l];
      if (layer_is_blas(layer) || (layer->sparse != NULL) != sparse) continue;
      layer->first_link = links;
      links += room(net_links(net, l));
    }
  for (int32_t l = 0; l < net->n_layers; l++) {
    Layer *layer = &net->layer[l];
    layer->first_unit = units;
    units += room((int64_t)layer->n_out) * (1 + layer_parameters(layer));
  }
  net->links = links;
  net->units = units;
}

/* ---- copies ---- */

static float *copy_of (const Net *net, int group, int32_t l) {
  const Orders *orders = &net->orders;
  if (l == 0) return orders->turned;
  int64_t lowest = net->layer[0].sparse ? room(net->layer[0].sparse->links) : 0;
  return orders->copy + (net->shared ? 0 : group) * orders->copied + net->layer[l].first_link - lowest;
}

/* Links k0 <= k < k1 by input unit, four at a time. */
static void copy_links (const float *w, const uint32_t *place, float *to, int64_t k0, int64_t k1) {
  enum { AHEAD = 24, AT_A_TIME = 4 };
  int64_t k = k0;
  for (; k + AHEAD + AT_A_TIME <= k1; k += AT_A_TIME)
    for (int q = 0; q < AT_A_TIME; q++) {
      __builtin_prefetch(&to[place[k + q + AHEAD]], 1, 3);
      to[place[k + q]] = w[k + q];
    }
  for (; k < k1; k++) to[place[k]] = w[k];
}

static int is_copied (const Net *net, int32_t l) { return net->layer[l].sparse && !net->plain && !net->shared && !net_is_turned(net, l); }

/* Links m0 <= m < m1 by output unit. */
static void gather_links (const float *w, const uint32_t *at, float *to, int64_t m0, int64_t m1) {
  enum { AHEAD = SPARSE_SLACK };
  for (int64_t m = m0; m < m1; m++) {
    __builtin_prefetch(&w[at[m + AHEAD]], 0, 3);
    to[m] = w[at[m]];
  }
}

/* A member copies the links of its own units, so that no two write on one line; alone, it is faster to read in sequence. */
static void copy_layer (const Walker *w, int32_t l) {
  const Net *net = w->net;
  const Sparse *W = net->layer[l].sparse;
  float *to = copy_of(net, w->group, l);
  int32_t first, last;
  net_share(w, W->in_ptr, W->n_out, &first, &last);
  if (w->members == 1) copy_links(W->w, net->orders.place + net->layer[l].first_link, to, 0, W->links);
  else gather_links(W->w, W->at, to, W->in_ptr[first], W->in_ptr[last]);
}

void net_copy_weights (Walker *w, int32_t l) {
  if (!is_copied(w->net, l) || l < w->copied_below || l >= w->copied_from) return;
  copy_layer(w, l);
  w->copied_below = l + 1;
}

void net_copy_ahead (Walker *w, int32_t l) {
  if (w->net->rule == RULE_S2SAM || w->net->exchange) return;   /* they will move before the next step, or are not all here */
  while (w->members == 1 && w->copied_from - 1 > l && net_is_updated(w, w->copied_from - 1)) {
    w->copied_from--;
    if (is_copied(w->net, w->copied_from)) copy_layer(w, w->copied_from);
  }
}

/* ---- orders ---- */

static int64_t part_of (int64_t n, int t, int threads) { return n * t / threads; }

static void order_layer (Net *net, int t, int32_t l, int backward) {
  const Sparse *W = net->layer[l].sparse;
  Orders *orders = &net->orders;
  int64_t first = net->layer[l].first_link, m0 = part_of(W->links, t, net->threads), m1 = part_of(W->links, t + 1, net->threads);
  for (int64_t m = m0; m < m1; m++) orders->from[first + m] = (uint16_t)W->from[m];
  for (int64_t m = m0; m < m1 && backward; m++) {
    orders->to[first + m] = (uint16_t)W->to[m];
    orders->place[first + W->at[m]] = (uint32_t)m;
  }
  if (t != net->threads - 1) return;
  memset(orders->from + first + W->links, 0, SPARSE_SLACK * sizeof *orders->from);
  if (backward) memset(orders->to + first + W->links, 0, SPARSE_SLACK * sizeof *orders->to);
}

/* Weights as they are, in the order of output units. */
static void gather (const Net *net, int t, const Sparse *W, const float *w, float *to) {
  int64_t m0 = part_of(W->links, t, net->threads), m1 = part_of(W->links, t + 1, net->threads);
  gather_links(w, W->at, to, m0, m1);
}

/* One array of the lowest layer into the other order, by way of orders.turned. */
static void turn (Net *net, int t, float *w) {
  const Sparse *W = net->layer[0].sparse;
  int64_t m0 = part_of(W->links, t, net->threads), m1 = part_of(W->links, t + 1, net->threads);
  gather(net, t, W, w, net->orders.turned);
  team_meet(&net->team);
  memcpy(w + m0, net->orders.turned + m0, (size_t)(m1 - m0) * sizeof *w);
  team_meet(&net->team);
}

static void turn_back (Net *net, int t, float *w) {
  const Sparse *W = net->layer[0].sparse;
  int64_t m0 = part_of(W->links, t, net->threads), m1 = part_of(W->links, t + 1, net->threads);
  for (int64_t m = m0; m < m1; m++) net->orders.turned[W->at[m]] = w[m];
  team_meet(&net->team);
  memcpy(w + m0, net->orders.turned + m0, (size_t)(m1 - m0) * sizeof *w);
  team_meet(&net->team);
}

void net_order_links (Net *net, int t, Purpose purpose) {
  int turn_lowest = purpose == TO_TRAIN && net->layer[0].sparse != NULL;
  if (net->plain) return;
  for (int32_t l = 0; l < net->n_layers; l++) {
    if (!net->layer[l].sparse) continue;
    order_layer(net, t, l, purpose != TO_LOOK);
    if (net->shared) gather(net, t, net->layer[l].sparse, net->layer[l].sparse->w, copy_of(net, 0, l));
  }
  team_meet(&net->team);
  if (!turn_lowest) return;
  turn(net, t, net->layer[0].sparse->w);
  turn(net, t, net->layer[0].sparse->momentum);
  if (net->layer[0].sparse->second) turn(net, t, net->layer[0].sparse->second);
  if (net->layer[0].sparse->age) turn(net, t, net->layer[0].sparse->age);
  if (t == 0) net->turned = 1;
  team_meet(&net->team);
}

void net_return_links (Net *net, int t) {
  if (!net->turned) return;
  team_meet(&net->team);
  turn_back(net, t, net->layer[0].sparse->w);
  turn_back(net, t, net->layer[0].sparse->momentum);
  if (net->layer[0].sparse->second) turn_back(net, t, net->layer[0].sparse->second);
  if (net->layer[0].sparse->age) turn_back(net, t, net->layer[0].sparse->age);
  if (t == 0) net->turned = 0;
}

/* ---- fans ---- */

Fan net_fan_out (const Walker *w, int32_t l) {
  const Net *net = w->net;
  Sparse *W = net->layer[l].sparse;
  if (net->plain) return (Fan){ .ptr = W->in_ptr, .far = W->from, .at = W->at, .w = W->w };
  int turned = net_is_turned(net, l);
  return (Fan){ .ptr = W->in_ptr, .brief = net->orders.from + net->layer[l].first_link,
                .w = turned ? W->w : copy_of(net, w->group, l), .velocity = turned ? W->momentum : NULL,
                .second = turned ? W->second : NULL, .age = turned ? W->age : NULL };
}

Fan net_fan_in (const Walker *w, int32_t l) {
  const Net *net = w->net;
  Sparse *W = net->layer[l].sparse;
  if (net_is_turned(net, l)) return net_fan_out(w, l);
  Fan fan = { .ptr = W->ptr, .far = W->to, .w = W->w, .velocity = W->momentum, .second = W->second, .age = W->age };
  if (!net->plain) fan.brief = net->orders.to + net->layer[l].first_link;
  return fan;
}
