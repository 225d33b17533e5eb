/*
** net_clip.c -- gradients clipped by their norm (Pascanu, Mikolov and Bengio 2013).
**
** When all tiles of a step have passed all layers, the threads add up the squares of the batch's mean gradient, over all links, biases and parameters
** together; if its length exceeds the limit, the updates that follow scale it down to that. Weight decay comes after. The gradients of a layer
** that goes to CBLAS are never stored: they are made once more for their length, block by block.
*/
#include "net/net_gradient.h"
#include "base/mem.h"
#include "base/min.h"
#include <math.h>

enum { BUFFER = 1024 };

int net_clip_gradients (Net *net, float norm) {
  if (norm > 0 && !net->clip_squares) net->clip_squares = mem_new((size_t)net->n_layers * (NET_PIECES + 1), sizeof *net->clip_squares);
  if (norm > 0 && !net->clip_squares) return 0;
  net->clip = norm;
  return 1;
}

const char *net_clip_trouble (Net *net, int32_t batch) {
  if (net->clip <= 0) return NULL;
  net_lay_out(net);
  Shape shape = net_shape(net, batch);
  if (net_split(net, &shape).separate) return NULL;
  if (net_is_plain(net)) return "a net with a layer of more than 65,536 units or with very many links keeps no step's gradients";
  return shape.tiles > MOST_TILES ? "of so large a batch, not all of a step's gradients are kept" : "the net has too many links for all of a step's gradients to be kept";
}

int64_t net_clip_floats (const Net *net) {
  size_t most = 0;
  for (int32_t l = 0; l < net->n_layers && net->clip > 0; l++) {
    const Layer *layer = &net->layer[l];   /* of a plan: without an array */
    size_t floats = layer_is_blas(layer) ? dense_block_most(layer->n_in, layer->n_out) : 0;
    if (floats > most) most = floats;
  }
  return (int64_t)most * net->threads;
}

/* ---- squares ---- */

/* Of the sums over tiles of n gradients from the first on; `all` has those of tile i at i * step. */
static double squares (const Walker *w, const float *all, int64_t step, int64_t first, int64_t n) {
  const float *g[MOST_TILES];
  float sum[BUFFER];
  double total = 0;
  for (int64_t k = 0; k < n; k += BUFFER) {
    int64_t some = n - k < BUFFER ? n - k : BUFFER;
    net_take_tiles(w->shape.tiles, all, step, first + k, g);
    w->net->kernels->sum_gradients(sum, (size_t)some, g, w->shape.tiles);
    total += net_squares(sum, some);
  }
  return total;
}

/* Of the blocks of a CBLAS layer whose turn it is, with its piece. */
static double dense_squares (const Walker *w, int32_t l, int piece) {
  Net *net = w->net;
  const Dense *D = net->layer[l].dense;
  float *block = net->clip_blocks + (size_t)w->thread * (size_t)(net->clip_floats / net->threads);
  double total = 0;
  for (int task = piece; task < dense_update_tasks(D); task += NET_PIECES) {
    size_t n = dense_block_gradient(dense_update_block(D, task), (size_t)w->shape.stride, dense_columns(w->shape.batch), net_whole_values(net, l),
                                    net_whole_gradients(net, l + 1), block);
    total += net_squares(block, (int64_t)n);
  }
  return total;
}

/* Biases, and parameters but for running means and variances, which have no gradients. */
static double unit_squares (const Walker *w, int32_t l) {
  const Net *net = w->net;
  const Layer *layer = &net->layer[l];
  int32_t learnt = layer_activation_parameters(layer) + (layer->normed && net->affine ? NORM_MEAN : 0);
  return squares(w, net->unit_gradient, net->units, layer->first_unit, (int64_t)layer->n_out * (1 + learnt));
}

/* Always the same pieces, each by one thread. */
static void measure_layer (const Walker *w, int32_t l) {
  Net *net = w->net;
  const Layer *layer = &net->layer[l];
  double *square = net->clip_squares + l * (NET_PIECES + 1);
  int blas = layer_is_blas(layer);
  int64_t k0, k1;
  if (w->thread == 0) square[NET_PIECES] = unit_squares(w, l);
  for (int piece = w->thread; piece < NET_PIECES; piece += net->threads) {
    net_piece(net, l, piece, &k0, &k1);
    square[piece] = blas ? dense_squares(w, l, piece) : squares(w, net->link_gradient, net->links, layer->first_link + k0, k1 - k0);
  }
}

void net_clip_step (Walker *w) {
  Net *net = w->net;
  for (int32_t l = net->n_layers - 1; l >= 0; l--) {
    net_await_passed(w, l);
    if (net->layer[l].update.rate > 0) measure_layer(w, l);
  }
  team_meet(&net->team);
  if (w->thread == 0) {
    double sum = 0;
    for (int32_t l = 0; l < net->n_layers; l++)
      for (int piece = 0; piece <= NET_PIECES && net->layer[l].update.rate > 0; piece++) sum += net->clip_squares[l * (NET_PIECES + 1) + piece];
    double length = sqrt(sum) / w->shape.batch, factor = length > (double)net->clip ? (double)net->clip / length : 1;
    net->clipped += factor < 1;
    for (int32_t l = 0; l < net->n_layers; l++) net->layer[l].update.scale = (float)(factor / w->shape.batch);
  }
  team_meet(&net->team);
}
