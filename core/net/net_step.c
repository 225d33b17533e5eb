/*
** net_step.c -- one training step, walked by the whole team.
**
** Each thread computes whole units of every layer; they meet where a layer needs all of the
** one before. A link's weight changes in the walk that produces its gradient, after its old
** value has served the input gradient. A layer is walked in parts of a few units, so that what
** is done to their rows next finds them in the first cache level; net_level.h has the rows.
*/
#include "base/cpu.h"
#include "base/min.h"
#include "net/net_activation.h"
#include <omp.h>

/* Units first <= u < last, a part of LEVEL_UNITS at a time, all columns of the shape. */
#define EACH_PART(part, first, last, shape)                                                      \
  for (Part part = { first, min_i32((first) + LEVEL_UNITS, last), 0, (shape)->width };             \
       part.u0 < (last); part.u0 = part.u1, part.u1 = min_i32(part.u1 + LEVEL_UNITS, last))

/* ---- forward ---- */

static void forward_part (Net *net, int t, int32_t l, const Part *p, const Shape *shape, const Pass *pass) {
  const Layer *layer = &net->layer[l];
  float *y = level_fill(net, t, l + 1, p, shape);
  if (net->bf16)
    net->kernels->forward_bf16(layer->sparse, p->u0, p->u1, shape->stride, p->width,
                               level_far_values(net, l) + p->column, layer->bias, y);
  else
    net->kernels->forward(layer->sparse, p->u0, p->u1, shape->stride, p->width, net->a[l] + p->column, layer->bias, y);
  net_activate(net, l, p, shape, pass, y);
  level_filled(net, l + 1, p, shape, y);
}

static void forward_sparse (Net *net, int t, int32_t l, const Shape *shape, const Pass *pass) {
  const Layer *layer = &net->layer[l];
  for (int i = 0; i < shape->tiles; i++)
    EACH_PART(part, layer->cut_out[t], layer->cut_out[t + 1], shape) {
      shape_tile(shape, i, &part.column, &part.width);
      forward_part(net, t, l, &part, shape, pass);
    }
}

/* Few outputs: the threads share the columns. */
static void forward_thin (Net *net, int t, int32_t l, const Shape *shape, const Pass *pass) {
  Layer *layer = &net->layer[l];
  int32_t steps = (int32_t)shape->stride / STRIDE_STEP;
  int32_t c0 = steps * t / net->threads * STRIDE_STEP, c1 = steps * (t + 1) / net->threads * STRIDE_STEP;
  if (c1 > shape->width) c1 = shape->width;
  if (c0 >= c1) return;
  float *y = net->a[l + 1];
  EACH_PART(part, 0, layer->n_in, shape) {
    const float *x = level_is_bf16(net, l) ? level_values(net, t, l, &part, shape)
                                         : net->a[l] + (size_t)part.u0 * shape->stride;
    net->kernels->thin_forward(layer->dense->w, layer->n_in, layer->n_out, part.u0, part.u1, shape->stride, c0, c1, x,
                               part.u0 == 0 ? layer->bias : NULL, y);
  }
  Part mine = { 0, layer->n_out, c0, c1 - c0 };
  net_activate(net, l, &mine, shape, pass, y + c0);
}

static void forward_dense (Net *net, int t, int32_t l, const Shape *shape, const Pass *pass) {
  Layer *layer = &net->layer[l];
  int tasks = dense_forward_tasks(layer->dense, shape->width);
  for (int task = t; task < tasks; task += net->threads) {
    Tile tile = dense_forward_tile(layer->dense, shape->width, task);
    dense_forward(layer->dense, tile, shape->stride, net->a[l], layer->bias, net->a[l + 1]);
    Part part = { tile.row0, tile.row1, tile.column0, tile.column1 - tile.column0 };
    net_activate(net, l, &part, shape, pass, net->a[l + 1] + (size_t)part.u0 * shape->stride + part.column);
  }
}

static void forward_layer (Net *net, int t, int32_t l, const Shape *shape, const Pass *pass) {
  const Layer *layer = &net->layer[l];
  if (layer->sparse) forward_sparse(net, t, l, shape, pass);
  else if (layer->n_out <= THIN) forward_thin(net, t, l, shape, pass);
  else forward_dense(net, t, l, shape, pass);
  team_meet(&net->team);
  if (layer->sparse || !level_copies_values(net, l + 1)) return;
  const Layer *above = layer + 1;  /* a sparse layer upon a dense one */
  level_copy_values(net, l + 1, above->cut_in[t], above->cut_in[t + 1], shape);
  team_meet(&net->team);
}

void net_forward (Net *net, int t, const Data *data, const Shape *shape, int training, uint64_t step) {
  net_phase_begin(net, t);
  net_make_batch(net, t, data, shape);
  team_meet(&net->team);
  net_phase_end(net, t, &net->batch_seconds);
  for (int32_t l = 0; l < net->n_layers; l++) {
    Dropout drop = net_dropout(net, l, step);
    Pass pass = { training, training && net->layer[l].dropout > 0 ? &drop : NULL };
    forward_layer(net, t, l, shape, &pass);
    net_phase_end(net, t, &net->layer[l].forward_seconds);
  }
}

/* ---- loss ---- */

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

/* One part of the units below a sparse layer, in tile number i. Gradients of several tiles add
** up; the last one carries the update. */
static void backward_part (Net *net, int t, int32_t l, const Part *p, const Shape *shape, int i, const Purpose *purpose) {
  Sparse *W = net->layer[l].sparse;
  const Kernels *k = net->kernels;
  const Update *now = i == shape->tiles - 1 ? purpose->update : NULL;
  float *gradient = purpose->gradient ? purpose->gradient : net->partial;
  const float *x = level_values(net, t, l, p, shape);
  float *dx = l > 0 ? level_fill_gradients(net, t, l, p, shape) : NULL;
  if (net->bf16)
    k->backward_bf16(W, p->u0, p->u1, shape->stride, p->width, x, level_far_gradients(net, l + 1) + p->column, dx, now,
                     gradient, i > 0);
  else
    k->backward(W, p->u0, p->u1, shape->stride, p->width, x, level_delta(net, l + 1) + p->column, dx, now, gradient,
                i > 0);
  if (l == 0) return;
  net_through_activation(net, l - 1, p, shape, purpose, x, dx);
  level_filled_gradients(net, l, p, shape, dx);
}

static void backward_sparse (Net *net, int t, int32_t l, const Shape *shape, const Purpose *purpose) {
  const Layer *layer = &net->layer[l];
  for (int i = 0; i < shape->tiles; i++)
    EACH_PART(part, layer->cut_in[t], layer->cut_in[t + 1], shape) {
      shape_tile(shape, i, &part.column, &part.width);
      backward_part(net, t, l, &part, shape, i, purpose);
    }
}

/* Few outputs: an input unit's weights serve its own gradient only, and change with it. */
static void backward_thin (Net *net, int t, int32_t l, const Shape *shape, const Purpose *purpose) {
  Layer *layer = &net->layer[l];
  EACH_PART(part, layer->cut_in[t], layer->cut_in[t + 1], shape) {
    const float *x = level_values(net, t, l, &part, shape);
    float *dx = l > 0 ? level_fill_gradients(net, t, l, &part, shape) : NULL;
    net->kernels->thin_backward(layer->dense->w, layer->dense->momentum, layer->n_in, layer->n_out, part.u0, part.u1,
                                shape->stride, shape->width, x, level_delta(net, l + 1), dx, purpose->update,
                                purpose->gradient);
    if (l == 0) continue;
    net_through_activation(net, l - 1, &part, shape, purpose, x, dx);
    level_filled_gradients(net, l, &part, shape, dx);
  }
}

/* Sums over the batch want whole rows, which BLAS's tasks do not have. */
static int wants_whole_rows (const Layer *layer) { return layer->parameter != NULL; }

/* The input gradient of a dense layer, in BLAS's tasks. */
static void backward_dense_inputs (Net *net, int t, int32_t l, const Shape *shape, const Purpose *purpose) {
  const Dense *D = net->layer[l].dense;
  for (int task = t, all = dense_backward_tasks(D, shape->width); task < all; task += net->threads) {
    Tile tile = dense_backward_tile(D, shape->width, task);
    dense_backward(D, tile, shape->stride, level_delta(net, l + 1), net->delta[l]);
    Part part = { tile.row0, tile.row1, tile.column0, tile.column1 - tile.column0 };
    size_t first = (size_t)part.u0 * shape->stride + (size_t)part.column;
    if (wants_whole_rows(&net->layer[l - 1])) continue;
    net_through_activation(net, l - 1, &part, shape, purpose, net->a[l] + first, net->delta[l] + first);
  }
}

/* What is done to the rows of thread t's units once all tasks are. */
static void backward_dense_rows (Net *net, int t, int32_t l, const Shape *shape, const Purpose *purpose) {
  const Layer *below = &net->layer[l - 1];
  if (wants_whole_rows(below))
    EACH_PART(part, below->cut_out[t], below->cut_out[t + 1], shape) {
      size_t first = (size_t)part.u0 * shape->stride;
      net_through_activation(net, l - 1, &part, shape, purpose, net->a[l] + first, net->delta[l] + first);
    }
  if (level_copies_gradients(net, l)) level_copy_gradients(net, l, below->cut_out[t], below->cut_out[t + 1], shape);
}

static void backward_dense (Net *net, int t, int32_t l, const Shape *shape, const Purpose *purpose) {
  Dense *D = net->layer[l].dense;
  const float *dy = level_delta(net, l + 1);
  if (l > 0) backward_dense_inputs(net, t, l, shape, purpose);
  team_meet(&net->team);  /* the input gradient is made from the old weights */
  if (l > 0) backward_dense_rows(net, t, l, shape, purpose);
  if (!purpose->update && !purpose->gradient) return;
  for (int task = t, all = dense_update_tasks(D); task < all; task += net->threads) {
    Tile tile = dense_update_tile(D, task);
    if (purpose->update) dense_update(D, tile, shape->stride, shape->width, net->a[l], dy, purpose->update, net->kernels);
    else dense_gradient(D, tile, shape->stride, shape->width, net->a[l], dy, purpose->gradient);
  }
}

static void backward_bias (Net *net, int t, int32_t l, const Shape *shape, const Update *update, float *gradient) {
  Layer *layer = &net->layer[l];
  if (!update && !gradient) return;
  EACH_PART(part, layer->cut_out[t], layer->cut_out[t + 1], shape) {
    const float *dy = level_gradients(net, t, l + 1, &part, shape);
    int32_t n = part.u1 - part.u0;
    if (update) {
      net->kernels->update_bias(layer->bias + part.u0, layer->bias_velocity + part.u0, n, shape->stride, shape->width,
                                dy, update);
      continue;
    }
    for (int32_t o = 0; o < n; o++) {
      gradient[part.u0 + o] = 0;
      for (int32_t b = 0; b < shape->width; b++) gradient[part.u0 + o] += dy[(size_t)o * shape->stride + (size_t)b];
    }
  }
}

/* The output units' own activation, where the loss did not include it. */
static void backward_top (Net *net, int t, const Shape *shape, const Purpose *purpose) {
  int32_t top = net->n_layers - 1;
  const Layer *layer = &net->layer[top];
  Part mine = { layer->cut_out[t], layer->cut_out[t + 1], 0, shape->width };
  size_t first = (size_t)mine.u0 * shape->stride;
  int through = layer->activation || layer->dropout > 0, copies = level_copies_gradients(net, top + 1);
  if (through) net_through_activation(net, top, &mine, shape, purpose, net->a[top + 1] + first, net->delta[top + 1] + first);
  if (copies) level_copy_gradients(net, top + 1, mine.u0, mine.u1, shape);
  if (through || copies) team_meet(&net->team);
}

void net_backward (Net *net, int t, const Shape *shape, uint64_t step, const Update *update,
                   float **weight_gradients, float **bias_gradients) {
  Purpose top = { update, NULL, step };
  backward_top(net, t, shape, &top);
  for (int32_t l = net->n_layers - 1; l >= 0; l--) {
    const Layer *layer = &net->layer[l];
    Purpose purpose = { update, weight_gradients ? weight_gradients[l] : NULL, step };
    if (layer->sparse) backward_sparse(net, t, l, shape, &purpose);
    else if (layer->n_out <= THIN) backward_thin(net, t, l, shape, &purpose);
    else backward_dense(net, t, l, shape, &purpose);
    backward_bias(net, t, l, shape, update, bias_gradients ? bias_gradients[l] : NULL);
    team_meet(&net->team);
    net_phase_end(net, t, &net->layer[l].backward_seconds);
  }
}

/* ---- a single step ---- */

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
