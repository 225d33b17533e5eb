/*
** net_sam.c -- S2-SAM (Ji et al. 2024): a step's gradient is taken where the gradient of the step before leads.
**
** Sharpness-aware minimisation goes a distance rho up along the gradient, takes the gradient there, and steps from where it was: two passes
** a step. S2-SAM goes along the gradient that it had in the step before, so that one pass will do. Between steps weights stand at
** w + rho last / |last|, with the length taken over the links of all layers; the update (kernel.h) puts them back before it moves
** them. Outside a run they are where they belong.
*/
#include "net/net_internal.h"
#include <math.h>

void net_piece (const Net *net, int32_t l, int piece, int64_t *k0, int64_t *k1) {
  int64_t links = net_links(net, l);
  *k0 = links * piece / NET_PIECES;
  *k1 = links * (piece + 1) / NET_PIECES;
}

/* In several sums side by side, always the same ones. */
double net_squares (const float *x, int64_t n) {
  enum { LANES = 8 };
  double lane[LANES] = { 0 }, sum = 0;
  int64_t k = 0;
  for (; k + LANES <= n; k += LANES)
    for (int i = 0; i < LANES; i++) lane[i] += (double)x[k + i] * (double)x[k + i];
  for (; k < n; k++) sum += (double)x[k] * (double)x[k];
  for (int i = 0; i < LANES; i++) sum += lane[i];
  return sum;
}

/* Layers that learn nothing stay where they are, and their gradients do not count. */
static int moves (const Net *net, int32_t l) { return net->layer[l].update.rate > 0; }

/* Every thread adds up the same numbers in the same order. */
static float lift_of (const Net *net) {
  double all = 0;
  for (int32_t l = 0; l < net->n_layers; l++)
    for (int piece = 0; piece < NET_PIECES; piece++) all += net->layer[l].squares[piece];
  return all > 0 ? (float)((double)net->layer[0].update.radius / sqrt(all)) : 0;
}

static void move (Learnt links, int64_t n, float lift) {
  for (int64_t k = 0; k < n; k++) links.value[k] += lift * links.second[k];
}

void net_climb (Net *net, int t) {
  int64_t k0, k1;
  for (int32_t l = 0; l < net->n_layers; l++)
    for (int piece = t; piece < NET_PIECES; piece += net->threads) {
      net_piece(net, l, piece, &k0, &k1);
      net->layer[l].squares[piece] = moves(net, l) ? net_squares(layer_links_at(&net->layer[l], k0).second, k1 - k0) : 0;
    }
  team_meet(&net->team);
  float lift = lift_of(net);
  for (int32_t l = 0; l < net->n_layers; l++) {
    for (int piece = t; piece < NET_PIECES && moves(net, l); piece += net->threads) {
      net_piece(net, l, piece, &k0, &k1);
      move(layer_links_at(&net->layer[l], k0), k1 - k0, lift);
    }
    if (t == 0) net->layer[l].update.lift = moves(net, l) ? lift : 0;
  }
  team_meet(&net->team);
}
