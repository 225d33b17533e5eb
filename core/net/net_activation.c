#include "net/net_activation.h"
#include "net/net_gradient.h"

int net_drops (const Walker *w, int32_t l) { return w->step.training && w->net->layer[l].dropout > 0; }

Dropout net_dropout (const Walker *w, int32_t l) {
  double p = (double)w->net->layer[l].dropout;
  uint64_t key = rng_mix(w->net->seed ^ rng_mix(RNG_DROPOUT | (uint64_t)l << 8 | w->step.number << 24));
  return (Dropout){ (uint32_t)key, (uint32_t)(p * 0x1p32), (float)(1 / (1 - p)) };
}

/* Elements are numbered as if the rows were those of the whole batch, whatever tile they are in. */
static void drop_rows (const Walker *w, int32_t l, const Part *p, const Dropout *drop, float *rows) {
  size_t step = (size_t)w->shape.stride, first = (size_t)p->u0 * step + (size_t)(w->tile.column + p->column);
  w->net->kernels->dropout(rows, level_stride(w, l + 1), p->u1 - p->u0, p->width, first, step, drop);
}

/* Rows that lie one after the other are taken in one piece. */
typedef struct Piece { size_t length, count, step; } Piece;

static Piece piece_of (const Walker *w, int32_t l, const Part *p) {
  size_t units = (size_t)(p->u1 - p->u0), stride = level_stride(w, l + 1), width = (size_t)p->width;
  return stride == width ? (Piece){ units * stride, 1, 0 } : (Piece){ width, units, stride };
}

/* ---- activations of elements; sign NULL: values tell all ---- */

static void forward_elements (const Layer *layer, Piece p, uint16_t *sign, float *rows) {
  const Activation *f = layer->activation;
  for (size_t i = 0; i < p.count; i++, rows += p.step) {
    if (sign) f->forward_signs(rows, sign + i * p.step / SIGNS, p.length, layer->slope);
    else f->forward(rows, p.length, layer->slope);
  }
}

static void backward_elements (const Layer *layer, Piece p, float drop_scale, const uint16_t *sign, const float *values,
                               float *gradients) {
  const Activation *f = layer->activation;
  for (size_t i = 0; i < p.count; i++, values += p.step, gradients += p.step) {
    if (sign) f->backward_signs(sign + i * p.step / SIGNS, gradients, p.length, layer->slope);
    else f->backward(values, gradients, p.length, layer->slope, drop_scale);
  }
}

/* ---- normalisation: over each ghost batch of the tile ---- */

void net_fetch_centred (const Walker *w, int32_t l, const Part *p) {
  enum { LINE = 16 };   /* floats */
  if (!w->net->layer[l].normed || !w->step.training) return;
  const float *rows = level_centred(w, l + 1, p);
  size_t stride = level_stride(w, l + 1);
  for (int32_t u = p->u0; u < p->u1; u++, rows += stride)
    for (int32_t c = 0; c < p->width; c += LINE) __builtin_prefetch(rows + c, 1, 3);
}

/* In training ReLU and dropout are part of it: see net_activate. */
static void normalise (const Walker *w, int32_t l, const Part *p, float *rows) {
  const Layer *layer = &w->net->layer[l];
  const Kernels *kernels = w->net->kernels;
  const float *parameter = layer->parameter + layer_norm_place(layer) + p->u0;
  size_t run = (size_t)layer->n_out, stride = level_stride(w, l + 1);
  if (!w->step.training) {
    kernels->norm_apply(rows, p->u1 - p->u0, stride, p->width, parameter, run);
    return;
  }
  ParameterSink sink = net_norm_sink(w, l);
  Dropout drop = net_dropout(w, l);
  size_t step = (size_t)w->shape.stride;
  Rectify rectify = { net_drops(w, l) ? &drop : NULL, (size_t)p->u0 * step + (size_t)w->tile.column, step };
  float *centred = level_centred(w, l + 1, p), share = 1 / (float)w->shape.ghosts;
  for (int32_t i = 0; i < tile_ghosts(&w->shape, &w->tile); i++) {
    int32_t c0, c1;
    tile_ghost(&w->shape, &w->tile, i, &c0, &c1);
    kernels->norm_forward(rows, centred, p->u1 - p->u0, stride, c0, c1, parameter, sink.gradient + p->u0, run, share, sink.add || i > 0,
                          net_is_relu(layer) ? &rectify : NULL);
  }
}

void net_through_normalisation (const Walker *w, int32_t l, const Part *p, float *gradients) {
  const Layer *layer = &w->net->layer[l];
  if (!layer->normed) return;
  ParameterSink sink = net_norm_sink(w, l);
  const float *parameter = layer->parameter + layer_norm_place(layer) + p->u0, *centred = level_centred(w, l + 1, p);
  for (int32_t i = 0; i < tile_ghosts(&w->shape, &w->tile); i++) {
    int32_t c0, c1;
    tile_ghost(&w->shape, &w->tile, i, &c0, &c1);
    w->net->kernels->norm_backward(gradients, centred, p->u1 - p->u0, level_stride(w, l + 1), c0, c1, parameter,
                                   sink.gradient + p->u0, (size_t)layer->n_out, sink.add || i > 0);
  }
}

/* ---- all of it ---- */

/* Those of the activation, from unit u0 on. */
static const float *own_parameters (const Layer *layer, const Part *p) { return layer_activation_parameters(layer) ? layer->parameter + p->u0 : NULL; }

void net_activate (const Walker *w, int32_t l, const Part *p, float *rows) {
  const Layer *layer = &w->net->layer[l];
  int keeps = w->step.training;
  if (layer->normed) normalise(w, l, p, rows);
  if (layer->normed && keeps && net_is_relu(layer)) return;
  if (layer->activation && layer->activation->forward_units)
    layer->activation->forward_units(rows, keeps ? level_sums(w, l + 1, p) : NULL, p->u1 - p->u0, level_stride(w, l + 1), p->width,
                                     own_parameters(layer, p), (size_t)layer->n_out);
  else if (layer->activation) forward_elements(layer, piece_of(w, l, p), keeps ? level_signs(w, l + 1, p) : NULL, rows);
  if (!net_drops(w, l)) return;
  Dropout drop = net_dropout(w, l);
  drop_rows(w, l, p, &drop, rows);
}

void net_through_activation (const Walker *w, int32_t l, const Part *p, const float *values, float *gradients) {
  Layer *layer = &w->net->layer[l];
  const Activation *f = layer->activation;
  Dropout drop = net_dropout(w, l);
  if (f && !f->backward_units)
    backward_elements(layer, piece_of(w, l, p), drop.scale, level_signs(w, l + 1, p), values, gradients);
  if (layer->dropout > 0 && !(f && f->zero_is_shut)) drop_rows(w, l, p, &drop, gradients);
  if (f && f->backward_units) {
    ParameterSink sink = f->parameters ? net_parameter_sink(w, l) : (ParameterSink){ NULL, 0 };
    f->backward_units(values, drop.scale, level_sums(w, l + 1, p), gradients, p->u1 - p->u0, level_stride(w, l + 1), p->width,
                      own_parameters(layer, p), (size_t)layer->n_out, sink.gradient ? sink.gradient + p->u0 : NULL, sink.add);
  }
  net_through_normalisation(w, l, p, gradients);
  if (layer->parameter) net_parameters_done(w, l, p->u0, p->u1);
}
