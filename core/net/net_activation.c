#include "net/net_activation.h"

Dropout net_dropout (const Net *net, int32_t l, uint64_t step) {
  double p = (double)net->layer[l].dropout;
  uint64_t key = rng_mix(net->seed ^ rng_mix(RNG_DROPOUT | (uint64_t)l << 8 | step << 24));
  return (Dropout){ (uint32_t)key, (uint32_t)(p * 0x1p32), (float)(1 / (1 - p)) };
}

/* Whole rows lie one after the other and are taken in one piece, with the unused columns at
** their ends; of a tile's rows each is a piece. `element` numbers the first for dropout. */
typedef struct Piece { size_t element, length, count, step; } Piece;

static Piece piece_of (const Part *p, const Shape *s) {
  size_t units = (size_t)(p->u1 - p->u0), element = (size_t)p->u0 * s->stride + (size_t)p->column;
  if (p->width == s->width) return (Piece){ element, units * s->stride, 1, 0 };
  return (Piece){ element, (size_t)p->width, units, s->stride };
}

static void drop_rows (const Net *net, const Part *part, const Shape *shape, const Dropout *drop, float *rows) {
  Piece p = piece_of(part, shape);
  for (size_t i = 0; i < p.count; i++, rows += p.step) net->kernels->dropout(rows, p.element + i * p.step, p.length, drop);
}

/* ---- activations of elements; sign NULL: values tell all ---- */

static void forward_elements (const Layer *layer, const Part *part, const Shape *shape, uint16_t *sign, float *rows) {
  const Activation *f = layer->activation;
  Piece p = piece_of(part, shape);
  for (size_t i = 0; i < p.count; i++, rows += p.step) {
    if (sign) f->forward_signs(rows, sign + i * p.step / SIGNS, p.length, layer->slope);
    else f->forward(rows, p.length, layer->slope);
  }
}

static void backward_elements (const Layer *layer, const Part *part, const Shape *shape, const Dropout *drop,
                               const uint16_t *sign, const float *values, float *gradients) {
  const Activation *f = layer->activation;
  Piece p = piece_of(part, shape);
  for (size_t i = 0; i < p.count; i++, values += p.step, gradients += p.step) {
    if (sign) f->backward_signs(sign + i * p.step / SIGNS, gradients, p.length, layer->slope);
    else f->backward(values, gradients, p.length, layer->slope, drop->scale);
  }
}

/* ---- activations with parameters ---- */

/* Those of the part's units; weight decay is not for them. */
static void update_parameters (const Kernels *kernels, Layer *layer, const Part *part, const Update *update) {
  Update plain = *update;
  plain.couple = plain.shrink = 0;
  for (int32_t k = 0; k < layer->activation->parameters; k++) {
    size_t first = (size_t)k * (size_t)layer->n_out + (size_t)part->u0;
    kernels->update_parameters(layer->parameter + first, layer->parameter_velocity + first,
                               (size_t)(part->u1 - part->u0), layer->parameter_gradient + first, &plain);
  }
}

static void forward_units (const Layer *layer, const Part *p, const Shape *shape, float *sums, float *rows) {
  layer->activation->forward_units(rows, sums, p->u1 - p->u0, shape->stride, p->width, layer->parameter + p->u0,
                                   (size_t)layer->n_out);
}

static void backward_units (Layer *layer, const Part *p, const Shape *shape, const Dropout *drop, const float *values,
                            const float *sums, float *gradients) {
  layer->activation->backward_units(values, drop->scale, sums, gradients, p->u1 - p->u0, shape->stride, p->width,
                                    layer->parameter + p->u0, (size_t)layer->n_out,
                                    layer->parameter_gradient + p->u0, p->column > 0);
}

/* ---- both ---- */

void net_activate (Net *net, int32_t l, const Part *part, const Shape *shape, const Pass *pass, float *rows) {
  const Layer *layer = &net->layer[l];
  int keeps = pass->training;
  if (layer->parameter) forward_units(layer, part, shape, keeps ? level_sums(net, l + 1, part, shape) : NULL, rows);
  else if (layer->activation)
    forward_elements(layer, part, shape, keeps ? level_signs(net, l + 1, part, shape) : NULL, rows);
  if (pass->drop) drop_rows(net, part, shape, pass->drop, rows);
}

void net_through_activation (Net *net, int32_t l, const Part *part, const Shape *shape, const Purpose *purpose,
                             const float *values, float *gradients) {
  Layer *layer = &net->layer[l];
  const Activation *f = layer->activation;
  Dropout drop = net_dropout(net, l, purpose->step);
  if (f && !f->parameters)
    backward_elements(layer, part, shape, &drop, level_signs(net, l + 1, part, shape), values, gradients);
  if (layer->dropout > 0 && !(f && f->zero_is_shut)) drop_rows(net, part, shape, &drop, gradients);
  if (!f || !f->parameters) return;
  backward_units(layer, part, shape, &drop, values, level_sums(net, l + 1, part, shape), gradients);
  if (purpose->update && part->column + part->width == shape->width)
    update_parameters(net->kernels, layer, part, purpose->update);
}
