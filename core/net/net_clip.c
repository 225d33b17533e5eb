/*
** net_clip.c -- gradients clipped by their norm (Pascanu, Mikolov and Bengio 2013).
**
** When all tiles of a step have passed all layers, the threads add up the squares of the batch's mean gradient, over all links, biases and parameters
** together; if its length exceeds the limit, the updates that follow scale it down to that. Weight decay comes after. The gradients of a layer
** that goes to CBLAS are never stored: with X the values below it and D the loss gradients above, sample by sample,
**
**     |D X'|^2 = sum over samples b and c of (D'D)_bc (X'X)_bc,
**
** which takes little work where the batch is small beside the layer (Goodfellow 2015, for one sample each).
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

const char *net_clip_trouble (const Net *net, int32_t batch) {
  Shape shape = net_shape(net, batch);
  return net->clip > 0 && !net_split(net, &shape).separate ? "the net has too many links for all of a step's gradients to be kept" : NULL;
}

static int is_blas_in (const Net *net) {
  for (int32_t l = 0; l < net->n_layers; l++)
    if (layer_is_blas(&net->layer[l])) return 1;
  return 0;
}

int64_t net_clip_floats (const Net *net, int32_t batch) {
  int64_t columns = dense_columns(batch);
  return net->clip > 0 && is_blas_in(net) ? 2 * columns * columns : 0;
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

static double dense_squares (const Walker *w, int32_t l) {
  Net *net = w->net;
  return dense_gradient_squares(net->layer[l].dense, (size_t)w->shape.stride, dense_columns(w->shape.batch), net_whole_values(net, l),
                                net_whole_gradients(net, l + 1), net->gram);
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
  if (w->thread == 0) square[NET_PIECES] = unit_squares(w, l) + (blas ? dense_squares(w, l) : 0);
  for (int piece = w->thread; piece < NET_PIECES; piece += net->threads) {
    net_piece(net, l, piece, &k0, &k1);
    square[piece] = blas ? 0 : squares(w, net->link_gradient, net->links, layer->first_link + k0, k1 - k0);
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
