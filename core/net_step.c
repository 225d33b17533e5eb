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

/* Sums to values on a run of n elements of layer l, the first of them number `first`. */
static void activate (const Net *net, const Layer *layer, float *a, size_t first, size_t n, const Dropout *drop) {
  if (layer->activation) layer->activation->forward(a + first, n, layer->slope);
  if (drop) net->kernels->dropout(a + first, first, n, drop);
}

static void forward_sparse (Net *net, int t, int32_t l, size_t stride, const Dropout *drop) {
  Layer *layer = &net->layer[l];
  int32_t end = layer->cut_out[t + 1];
  for (int32_t o = layer->cut_out[t]; o < end; o += UNITS_AT_ONCE) {
    int32_t o1 = o + UNITS_AT_ONCE < end ? o + UNITS_AT_ONCE : end;
    net->kernels->forward(layer->sparse, o, o1, stride, net->a[l], layer->bias, net->a[l + 1]);
    activate(net, layer, net->a[l + 1], (size_t)o * stride, (size_t)(o1 - o) * stride, drop);
  }
}

static void forward_dense (Net *net, int t, int32_t l, size_t stride, const Dropout *drop) {
  Layer *layer = &net->layer[l];
  int tasks = dense_forward_tasks(layer->dense, stride);
  for (int task = t; task < tasks; task += net->threads) {
    Tile tile = dense_forward_tile(layer->dense, stride, task);
    dense_forward(layer->dense, tile, stride, net->a[l], layer->bias, net->a[l + 1]);
    for (int32_t o = tile.row0; o < tile.row1; o++)
      activate(net, layer, net->a[l + 1], (size_t)o * stride + (size_t)tile.column0, (size_t)(tile.column1 - tile.column0), drop);
  }
}

/* Thread t's features of the batch, bytes to floats, samples to columns. */
static void make_batch (Net *net, int t, const Data *data, int32_t batch, size_t stride) {
  int32_t f0 = net->layer[0].cut_in[t], f1 = net->layer[0].cut_in[t + 1];
  const Kernels *k = net->kernels;
  if (data->type == DATA_U8)
    k->batch_bytes(net->a[0], f0, f1, stride, (const uint8_t *const *)net->row, batch, data->unit, data->feature_scale, data->feature_shift);
  else
    k->batch_floats(net->a[0], f0, f1, stride, (const float *const *)net->row, batch, data->unit, data->feature_scale, data->feature_shift);
}

void net_forward (Net *net, int t, const Data *data, int32_t batch, size_t stride, int training, uint64_t step) {
  make_batch(net, t, data, batch, stride);
  team_meet(&net->team);
  for (int32_t l = 0; l < net->n_layers; l++) {
    Dropout drop = dropout_of(net, l, step);
    const Dropout *active = training && net->layer[l].dropout > 0 ? &drop : NULL;
    if (net->layer[l].sparse) forward_sparse(net, t, l, stride, active);
    else forward_dense(net, t, l, stride, active);
    team_meet(&net->team);
  }
}

/* ---- loss ---- */

void net_take_rows (Net *net, const Data *data, const int32_t *rows, int32_t batch) {
  for (int32_t b = 0; b < batch; b++) {
    size_t start = (size_t)rows[b] * (size_t)data->n_features;
    net->row[b] = data->type == DATA_U8 ? (const void *)(data->u8 + start) : (const void *)(data->f32 + start);
  }
}

void net_loss (Net *net, int t, const Data *data, const int32_t *rows, int32_t batch, size_t stride, int training) {
  const Layer *top = &net->layer[net->n_layers - 1];
  const float *a = net->a[net->n_layers];
  float *delta = net->delta[net->n_layers];
  int32_t columns = training ? (int32_t)stride : batch;
  int32_t b0 = (int32_t)((int64_t)columns * t / net->threads), b1 = (int32_t)((int64_t)columns * (t + 1) / net->threads);
  for (int32_t b = b0; b < b1; b++) {
    if (b >= batch) {  /* no sample here: no gradient either */
      for (int32_t o = 0; o < top->n_out; o++) delta[(size_t)o * stride + (size_t)b] = 0;
      continue;
    }
    int32_t label = data->label[rows[b]];
    net->column_loss[b] = net->loss->sample(a + b, stride, top->n_out, label, training ? delta + b : NULL);
    net->column_hit[b] = loss_winner(a + b, stride, top->n_out) == label;
  }
}

/* ---- backward ---- */

/* delta of layer l's output units, until now the derivative by their values, becomes that by
** their sums: n elements from number `first` on. */
static void through_activation (const Net *net, int32_t l, size_t first, size_t n, uint64_t step) {
  const Layer *layer = &net->layer[l];
  float *delta = net->delta[l + 1];
  Dropout drop = dropout_of(net, l, step);
  if (layer->activation)
    layer->activation->backward(net->a[l + 1] + first, delta + first, n, layer->slope, drop.scale);
  int done = !(layer->dropout > 0) || (layer->activation && layer->activation->zero_is_shut);
  if (!done) net->kernels->dropout(delta + first, first, n, &drop);
}

static void backward_sparse (Net *net, int t, int32_t l, size_t stride, const Update *update, uint64_t step, float *gradient) {
  Layer *layer = &net->layer[l];
  size_t n_out = (size_t)layer->n_out;
  uint32_t *running = layer->running + (size_t)t * n_out;
  if (update) memcpy(running, layer->place + (size_t)t * n_out, n_out * sizeof *running);
  int32_t end = layer->cut_in[t + 1];
  for (int32_t i = layer->cut_in[t]; i < end; i += UNITS_AT_ONCE) {
    int32_t i1 = i + UNITS_AT_ONCE < end ? i + UNITS_AT_ONCE : end;
    net->kernels->backward(layer->sparse, i, i1, stride, net->a[l], net->delta[l + 1], net->delta[l], update, running, gradient);
    if (l > 0) through_activation(net, l - 1, (size_t)i * stride, (size_t)(i1 - i) * stride, step);
  }
}

static void backward_dense (Net *net, int t, int32_t l, size_t stride, const Update *update, uint64_t step, float *gradient) {
  Layer *layer = &net->layer[l];
  Dense *D = layer->dense;
  int tasks = l > 0 ? dense_backward_tasks(D, stride) : 0;
  for (int task = t; task < tasks; task += net->threads) {
    Tile tile = dense_backward_tile(D, stride, task);
    dense_backward(D, tile, stride, net->delta[l + 1], net->delta[l]);
    for (int32_t i = tile.row0; i < tile.row1; i++)
      through_activation(net, l - 1, (size_t)i * stride + (size_t)tile.column0, (size_t)(tile.column1 - tile.column0), step);
  }
  team_meet(&net->team);  /* the input gradient is made from the old weights */
  for (int task = t, all = dense_update_tasks(D); task < all; task += net->threads) {
    Tile tile = dense_update_tile(D, task);
    if (update) dense_update(D, tile, stride, net->a[l], net->delta[l + 1], update, net->kernels);
    else dense_gradient(D, tile, stride, net->a[l], net->delta[l + 1], gradient);
  }
}

static void backward_bias (Net *net, int t, int32_t l, size_t stride, const Update *update, float *gradient) {
  Layer *layer = &net->layer[l];
  int32_t o0 = layer->cut_out[t], n = layer->cut_out[t + 1] - o0;
  const float *dy = net->delta[l + 1] + (size_t)o0 * stride;
  if (update) {
    net->kernels->update_bias(layer->bias + o0, layer->bias_velocity + o0, n, stride, dy, update);
    return;
  }
  for (int32_t o = 0; o < n; o++) {
    gradient[o0 + o] = 0;
    for (size_t b = 0; b < stride; b++) gradient[o0 + o] += dy[(size_t)o * stride + b];
  }
}

/* The output units' own activation, where the loss did not include it: thread t's columns are
** not contiguous, so one thread does it; such nets have few outputs. */
static void backward_top (Net *net, int t, size_t stride, uint64_t step) {
  int32_t top = net->n_layers - 1;
  if (!net->layer[top].activation && !(net->layer[top].dropout > 0)) return;
  if (t == 0) through_activation(net, top, 0, (size_t)net->layer[top].n_out * stride, step);
  team_meet(&net->team);
}

void net_backward (Net *net, int t, size_t stride, uint64_t step, const Update *update,
                   float **weight_gradients, float **bias_gradients) {
  backward_top(net, t, stride, step);
  for (int32_t l = net->n_layers - 1; l >= 0; l--) {
    float *gradient = weight_gradients ? weight_gradients[l] : NULL;
    if (net->layer[l].sparse) backward_sparse(net, t, l, stride, update, step, gradient);
    else backward_dense(net, t, l, stride, update, step, gradient);
    backward_bias(net, t, l, stride, update, bias_gradients ? bias_gradients[l] : NULL);
    team_meet(&net->team);
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
  size_t stride = net_stride(batch);
  net_take_rows(net, data, rows, batch);
  #pragma omp parallel num_threads(net->threads)
  {
    int t = omp_get_thread_num();
    unsigned state = net_thread_begin();
    net_forward(net, t, data, batch, stride, 1, step);
    net_loss(net, t, data, rows, batch, stride, 1);
    team_meet(&net->team);
    net_backward(net, t, stride, step, update, weight_gradients, bias_gradients);
    net_thread_end(state);
  }
  net_sum_columns(net, batch, loss, hits);
}
