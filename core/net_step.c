/*
** net_step.c -- one training step, walked by the whole team.
**
** Each thread computes whole units of every layer; they meet where a layer needs all of the
** one before. A link's weight changes in the walk that produces its gradient, after its old
** value has served the input gradient.
*/
#include "cpu.h"
#include "net_internal.h"
#include <omp.h>
#include <string.h>

enum { UNITS_AT_ONCE = 32 };  /* forward: units whose values are still in L1 for the activation */

/* ---- forward ---- */

/* The mask of layer l in one step; the backward pass asks for the same again. */
static Dropout dropout_of (const Net *net, int32_t l, uint64_t step) {
  double p = (double)net->layer[l].dropout;
  uint64_t key = rng_mix(net->seed ^ rng_mix(RNG_DROPOUT | (uint64_t)l << 8 | step << 24));
  return (Dropout){ (uint32_t)key, (uint32_t)(p * 0x1p32), (float)(1 / (1 - p)) };
}

/* Units u0 <= u < u1 with `width` columns from `column` on. Whole rows lie one after the other and
** are taken in one piece, with the unused columns at their ends. */
typedef struct Piece { size_t first, length, count, step; } Piece;

static Piece piece_of (const Shape *shape, int32_t u0, int32_t u1, int32_t column, int32_t width) {
  size_t units = (size_t)(u1 - u0), first = (size_t)u0 * shape->stride + (size_t)column;
  if (width == shape->width) return (Piece){ first, units * shape->stride, 1, 0 };
  return (Piece){ first, (size_t)width, units, shape->stride };
}

/* Sums to values: units u0 <= u < u1 above layer l. */
static void activate (Net *net, int32_t l, int32_t u0, int32_t u1, int32_t column, int32_t width,
                      const Shape *shape, const Dropout *drop) {
  const Layer *layer = &net->layer[l];
  Piece p = piece_of(shape, u0, u1, column, width);
  for (size_t i = 0; i < p.count; i++) {
    size_t first = p.first + i * p.step;
    float *a = net->a[l + 1] + first;
    if (layer->activation) layer->activation->forward(a, p.length, layer->slope);
    if (drop) net->kernels->dropout(a, first, p.length, drop);
  }
}

/* Makes the bfloat16 copies of a tile of units u0 <= u < u1 of an array of rows; copies is NULL
** where nobody reads them. */
static void copy_tile (Net *net, uint16_t *copies, const float *rows, int32_t u0, int32_t u1, int32_t column,
                       int32_t width, size_t stride) {
  if (!copies) return;
  net->kernels->round_bf16(copies + (size_t)u0 * bf16_stride(stride) + (size_t)column,
                           rows + (size_t)u0 * stride + (size_t)column, u1 - u0, stride, width);
}

/* The same for all tiles of a layer's rows, cut as the layer that reads them tiles its columns. */
static void copy_rows (Net *net, uint16_t *copies, const float *rows, int32_t u0, int32_t u1, const Shape *shape) {
  int32_t column, width;
  for (int i = 0; copies && i < shape->tiles; i++) {
    shape_tile(shape, i, &column, &width);
    copy_tile(net, copies, rows, u0, u1, column, width, shape->stride);
  }
}

/* One tile of units o <= u < o1. */
static void forward_links (Net *net, int32_t l, int32_t o, int32_t o1, int32_t column, int32_t width, const Shape *shape) {
  const Layer *layer = &net->layer[l];
  float *y = net->a[l + 1] + column;
  if (net->bf16)
    net->kernels->forward_bf16(layer->sparse, o, o1, shape->stride, width, net->a16[l] + column, layer->bias, y);
  else
    net->kernels->forward(layer->sparse, o, o1, shape->stride, width, net->a[l] + column, layer->bias, y);
}

/* Tile by tile, so that the units below stay in the cache while the links read them. */
static void forward_sparse (Net *net, int t, int32_t l, const Shape *shape, const Dropout *drop) {
  Layer *layer = &net->layer[l];
  int32_t end = layer->cut_out[t + 1], column, width;
  for (int i = 0; i < shape->tiles; i++) {
    shape_tile(shape, i, &column, &width);
    for (int32_t o = layer->cut_out[t]; o < end; o += UNITS_AT_ONCE) {
      int32_t o1 = o + UNITS_AT_ONCE < end ? o + UNITS_AT_ONCE : end;
      forward_links(net, l, o, o1, column, width, shape);
      activate(net, l, o, o1, column, width, shape, drop);
      copy_tile(net, net->a16[l + 1], net->a[l + 1], o, o1, column, width, shape->stride);
    }
  }
}

/* Few outputs: the threads share the columns. */
static void forward_thin (Net *net, int t, int32_t l, const Shape *shape, const Dropout *drop) {
  Layer *layer = &net->layer[l];
  int32_t steps = (int32_t)shape->stride / STRIDE_STEP;
  int32_t c0 = steps * t / net->threads * STRIDE_STEP, c1 = steps * (t + 1) / net->threads * STRIDE_STEP;
  if (c1 > shape->width) c1 = shape->width;
  if (c0 >= c1) return;
  net->kernels->thin_forward(layer->dense->w, layer->n_in, layer->n_out, shape->stride, c0, c1, net->a[l],
                             layer->bias, net->a[l + 1]);
  activate(net, l, 0, layer->n_out, c0, c1 - c0, shape, drop);
}

static void forward_dense (Net *net, int t, int32_t l, const Shape *shape, const Dropout *drop) {
  Layer *layer = &net->layer[l];
  int tasks = dense_forward_tasks(layer->dense, shape->width);
  for (int task = t; task < tasks; task += net->threads) {
    Tile tile = dense_forward_tile(layer->dense, shape->width, task);
    dense_forward(layer->dense, tile, shape->stride, net->a[l], layer->bias, net->a[l + 1]);
    activate(net, l, tile.row0, tile.row1, tile.column0, tile.column1 - tile.column0, shape, drop);
  }
}

/* Thread t's features of the batch, bytes to floats, samples to columns. */
static void make_batch (Net *net, int t, const Data *data, const Shape *s) {
  int32_t f0 = net->layer[0].cut_in[t], f1 = net->layer[0].cut_in[t + 1];
  const Kernels *k = net->kernels;
  if (data->type == DATA_U8)
    k->batch_bytes(net->a[0], f0, f1, s->stride, s->width, (const uint8_t *const *)net->row, s->batch,
                   data->unit, data->feature_scale, data->feature_shift);
  else
    k->batch_floats(net->a[0], f0, f1, s->stride, s->width, (const float *const *)net->row, s->batch,
                    data->unit, data->feature_scale, data->feature_shift);
  copy_rows(net, net->a16[0], net->a[0], f0, f1, s);
}

void net_forward (Net *net, int t, const Data *data, const Shape *shape, int training, uint64_t step) {
  net_phase_begin(net, t);
  make_batch(net, t, data, shape);
  team_meet(&net->team);
  net_phase_end(net, t, &net->batch_seconds);
  for (int32_t l = 0; l < net->n_layers; l++) {
    Dropout drop = dropout_of(net, l, step);
    const Dropout *active = training && net->layer[l].dropout > 0 ? &drop : NULL;
    if (net->layer[l].sparse) forward_sparse(net, t, l, shape, active);
    else if (net->layer[l].n_out <= THIN) forward_thin(net, t, l, shape, active);
    else forward_dense(net, t, l, shape, active);
    team_meet(&net->team);
    if (!net->layer[l].sparse && net->a16[l + 1]) {  /* a sparse layer upon a dense one */
      const Layer *above = &net->layer[l + 1];
      copy_rows(net, net->a16[l + 1], net->a[l + 1], above->cut_in[t], above->cut_in[t + 1], shape);
      team_meet(&net->team);
    }
    net_phase_end(net, t, &net->layer[l].forward_seconds);
  }
}

/* ---- loss ---- */

void net_take_rows (Net *net, const Data *data, const int32_t *rows, int32_t batch) {
  for (int32_t b = 0; b < batch; b++) {
    size_t start = (size_t)rows[b] * (size_t)data->n_features;
    net->row[b] = data->type == DATA_U8 ? (const void *)(data->u8 + start) : (const void *)(data->f32 + start);
  }
}

void net_loss (Net *net, int t, const Data *data, const int32_t *rows, const Shape *shape, int training) {
  const Layer *top = &net->layer[net->n_layers - 1];
  const float *a = net->a[net->n_layers];
  float *delta = net->delta[net->n_layers];
  size_t stride = shape->stride;
  int64_t columns = training ? shape->width : shape->batch;
  int32_t b0 = (int32_t)(columns * t / net->threads), b1 = (int32_t)(columns * (t + 1) / net->threads);
  for (int32_t b = b0; b < b1; b++) {
    if (b >= shape->batch) {  /* no sample here: no gradient either */
      for (int32_t o = 0; o < top->n_out; o++) delta[(size_t)o * stride + (size_t)b] = 0;
      continue;
    }
    int32_t label = data->label[rows[b]];
    net->column_loss[b] = net->loss->sample(a + b, stride, top->n_out, label, training ? delta + b : NULL);
    net->column_hit[b] = loss_winner(a + b, stride, top->n_out) == label;
  }
}

/* ---- backward ---- */

/* delta of the units u0 <= u < u1 above layer l, until now the derivative by their values,
** becomes that by their sums. */
static void through_activation (Net *net, int32_t l, int32_t u0, int32_t u1, int32_t column, int32_t width,
                                const Shape *shape, uint64_t step) {
  const Layer *layer = &net->layer[l];
  Dropout drop = dropout_of(net, l, step);
  int masked = layer->dropout > 0 && !(layer->activation && layer->activation->zero_is_shut);
  Piece p = piece_of(shape, u0, u1, column, width);
  for (size_t i = 0; i < p.count; i++) {
    size_t first = p.first + i * p.step;
    float *delta = net->delta[l + 1] + first;
    if (layer->activation)
      layer->activation->backward(net->a[l + 1] + first, delta, p.length, layer->slope, drop.scale);
    if (masked) net->kernels->dropout(delta, first, p.length, &drop);
  }
}

/* One tile. Gradients of several tiles add up in `gradient`; the last one carries the update. */
static void backward_tile (Net *net, int t, int32_t l, const Shape *shape, int i, const Update *update,
                           uint64_t step, float *gradient) {
  Layer *layer = &net->layer[l];
  int32_t end = layer->cut_in[t + 1], column, width;
  shape_tile(shape, i, &column, &width);
  const float *x = net->a[l] + column;
  float *dx = net->delta[l] ? net->delta[l] + column : NULL;
  const Update *now = i == shape->tiles - 1 ? update : NULL;
  for (int32_t u = layer->cut_in[t]; u < end; u += UNITS_AT_ONCE) {
    int32_t u1 = u + UNITS_AT_ONCE < end ? u + UNITS_AT_ONCE : end;
    if (net->bf16)
      net->kernels->backward_bf16(layer->sparse, u, u1, shape->stride, width, x, net->delta16[l + 1] + column, dx,
                                  now, gradient, i > 0);
    else
      net->kernels->backward(layer->sparse, u, u1, shape->stride, width, x, net->delta[l + 1] + column, dx, now,
                             gradient, i > 0);
    if (l == 0) continue;
    through_activation(net, l - 1, u, u1, column, width, shape, step);
    copy_tile(net, net->delta16[l], net->delta[l], u, u1, column, width, shape->stride);
  }
}

static void backward_sparse (Net *net, int t, int32_t l, const Shape *shape, const Update *update,
                             uint64_t step, float *gradient) {
  for (int i = 0; i < shape->tiles; i++)
    backward_tile(net, t, l, shape, i, update, step, gradient ? gradient : net->partial);
}

/* Few outputs: an input unit's weights serve its own gradient only, and change with it. */
static void backward_thin (Net *net, int t, int32_t l, const Shape *s, const Update *update, uint64_t step,
                           float *gradient) {
  Layer *layer = &net->layer[l];
  int32_t end = layer->cut_in[t + 1];
  for (int32_t u = layer->cut_in[t]; u < end; u += UNITS_AT_ONCE) {
    int32_t u1 = u + UNITS_AT_ONCE < end ? u + UNITS_AT_ONCE : end;
    net->kernels->thin_backward(layer->dense->w, layer->dense->momentum, layer->n_in, layer->n_out, u, u1, s->stride,
                                s->width, net->a[l], net->delta[l + 1], net->delta[l], update, gradient);
    if (l == 0) continue;
    through_activation(net, l - 1, u, u1, 0, s->width, s, step);
    copy_rows(net, net->delta16[l], net->delta[l], u, u1, s);
  }
}

static void backward_dense (Net *net, int t, int32_t l, const Shape *s, const Update *update,
                            uint64_t step, float *gradient) {
  Dense *D = net->layer[l].dense;
  int tasks = l > 0 ? dense_backward_tasks(D, s->width) : 0;
  for (int task = t; task < tasks; task += net->threads) {
    Tile tile = dense_backward_tile(D, s->width, task);
    dense_backward(D, tile, s->stride, net->delta[l + 1], net->delta[l]);
    through_activation(net, l - 1, tile.row0, tile.row1, tile.column0, tile.column1 - tile.column0, s, step);
  }
  team_meet(&net->team);  /* the input gradient is made from the old weights */
  if (net->delta16[l]) {
    const Layer *below = &net->layer[l - 1];
    copy_rows(net, net->delta16[l], net->delta[l], below->cut_out[t], below->cut_out[t + 1], s);
  }
  for (int task = t, all = dense_update_tasks(D); task < all; task += net->threads) {
    Tile tile = dense_update_tile(D, task);
    if (update) dense_update(D, tile, s->stride, s->width, net->a[l], net->delta[l + 1], update, net->kernels);
    else dense_gradient(D, tile, s->stride, s->width, net->a[l], net->delta[l + 1], gradient);
  }
}

static void backward_bias (Net *net, int t, int32_t l, const Shape *s, const Update *update, float *gradient) {
  Layer *layer = &net->layer[l];
  int32_t o0 = layer->cut_out[t], n = layer->cut_out[t + 1] - o0;
  const float *dy = net->delta[l + 1] + (size_t)o0 * s->stride;
  if (update) {
    net->kernels->update_bias(layer->bias + o0, layer->bias_velocity + o0, n, s->stride, s->width, dy, update);
    return;
  }
  for (int32_t o = 0; o < n; o++) {
    gradient[o0 + o] = 0;
    for (int32_t b = 0; b < s->width; b++) gradient[o0 + o] += dy[(size_t)o * s->stride + (size_t)b];
  }
}

/* The output units' own activation, where the loss did not include it. */
static void backward_top (Net *net, int t, const Shape *shape, uint64_t step) {
  int32_t top = net->n_layers - 1;
  const Layer *layer = &net->layer[top];
  int32_t o0 = layer->cut_out[t], o1 = layer->cut_out[t + 1];
  int through = layer->activation || layer->dropout > 0;
  uint16_t *copies = net->delta16[top + 1];
  if (through) through_activation(net, top, o0, o1, 0, shape->width, shape, step);
  copy_rows(net, copies, net->delta[top + 1], o0, o1, shape);
  if (through || copies) team_meet(&net->team);
}

void net_backward (Net *net, int t, const Shape *shape, uint64_t step, const Update *update,
                   float **weight_gradients, float **bias_gradients) {
  backward_top(net, t, shape, step);
  for (int32_t l = net->n_layers - 1; l >= 0; l--) {
    float *gradient = weight_gradients ? weight_gradients[l] : NULL;
    if (net->layer[l].sparse) backward_sparse(net, t, l, shape, update, step, gradient);
    else if (net->layer[l].n_out <= THIN) backward_thin(net, t, l, shape, update, step, gradient);
    else backward_dense(net, t, l, shape, update, step, gradient);
    backward_bias(net, t, l, shape, update, bias_gradients ? bias_gradients[l] : NULL);
    team_meet(&net->team);
    net_phase_end(net, t, &net->layer[l].backward_seconds);
  }
}

/* ---- a step by itself ---- */

unsigned net_thread_begin (void) {
  omp_set_num_threads(1);  /* for BLAS in a team of one: it asks how many it may start */
  return cpu_flush_subnormals();
}

void net_thread_end (unsigned state) { cpu_restore(state); }

void net_sum_columns (const Net *net, int32_t batch, double *loss, int32_t *hits) {
  *loss = 0;
  *hits = 0;
  for (int32_t b = 0; b < batch; b++) {
    *loss += net->column_loss[b];
    *hits += net->column_hit[b];
  }
}

void net_step (Net *net, const Data *data, const int32_t *rows, int32_t batch, uint64_t step,
               const Update *update, float **weight_gradients, float **bias_gradients,
               double *loss, int32_t *hits) {
  Shape shape = net_shape(net, batch);
  net_take_rows(net, data, rows, batch);
  #pragma omp parallel num_threads(net->threads)
  {
    int t = omp_get_thread_num();
    unsigned state = net_thread_begin();
    net_forward(net, t, data, &shape, 1, step);
    net_loss(net, t, data, rows, &shape, 1);
    team_meet(&net->team);
    net_backward(net, t, &shape, step, update, weight_gradients, bias_gradients);
    net_thread_end(state);
  }
  net_sum_columns(net, batch, loss, hits);
}
