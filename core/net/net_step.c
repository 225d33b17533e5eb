/*
** net_step.c -- a training step: tile by tile, layer by layer, part by part.
**
** A group takes a tile of the batch's columns through all layers, forward and back, in levels of its own: nothing moves to
** another processor, and a group of one thread waits for nobody. In a group of several, each member computes whole units
** of every layer, and they meet where a layer needs all of the one before. A layer is walked in parts of a few units, so that
** what is done to their rows next finds them in the first cache level; net_level.h has the rows, net_gradient.h what becomes
** of the gradients.
*/
#include "base/cpu.h"
#include "base/min.h"
#include "net/net_activation.h"
#include "net/net_gradient.h"
#include "net/net_ranks.h"
#include <omp.h>
#include <string.h>

/* Units first <= u < last, a part of LEVEL_UNITS at a time, all columns of the tile. */
#define EACH_PART(part, first, last, w)                                                          \
  for (Part part = { first, min_i32((first) + LEVEL_UNITS, last), 0, (w)->tile.width };            \
       part.u0 < (last); part.u0 = part.u1, part.u1 = min_i32(part.u1 + LEVEL_UNITS, last))

/* ---- tiles that are wider than the kernels take ---- */

static int32_t slice_width (const Walker *w, int32_t column) { return min_i32(w->net->kernels->widest, w->tile.width - column); }

/* The tile's columns, `v` of them at a time from c on. A tile of more than one slice has all gradients apart (net_split): those of the
** second and further ones are added to the first one's. */
#define EACH_SLICE(c, v, w) for (int32_t c = 0, v = slice_width(w, 0); c < (w)->tile.width; c += v, v = slice_width(w, c))

static int is_wide (const Walker *w) { return w->tile.width > w->net->kernels->widest; }
static FloatRows from_column (FloatRows rows, int32_t c) { return (FloatRows){ rows.floats + c, rows.stride }; }
static Sink from_slice (const Sink *sink, int32_t c) { return (Sink){ sink->update, sink->gradient, sink->add || c > 0 }; }

/* ---- forward ---- */

/* Rectified values are made in registers, and rounded there. */
static void forward_brief (const Walker *w, int32_t l, const Fan *fan, const Part *p, const Rectify *rectify) {
  w->net->kernels->forward_bf16(fan, p->u0, p->u1, p->width, level_far_values(w, l), w->net->layer[l].bias, level_brief(w, l + 1, p), rectify);
}

static void forward_part (const Walker *w, int32_t l, const Fan *fan, const Part *p, const Rectify *rectify) {
  const Net *net = w->net;
  float *y = level_fill(w, l + 1, p);
  size_t stride = level_stride(w, l + 1);
  const float *bias = net->layer[l].bias;
  net_fetch_centred(w, l, p);
  if (net->bf16) net->kernels->forward_bf16(fan, p->u0, p->u1, p->width, level_far_values(w, l), bias, (RowsOut){ y, NULL, stride }, rectify);
  else EACH_SLICE(c, v, w) {
    Rectify here = rectify ? *rectify : (Rectify){ 0 };
    here.first += (size_t)c;
    net->kernels->forward(fan, p->u0, p->u1, v, from_column(level_far_floats(w, l), c), bias, y + c, stride, rectify ? &here : NULL);
  }
  if (!rectify) net_activate(w, l, p, y);
  level_filled(w, l + 1, p, y);
}

static void forward_sparse (Walker *w, int32_t l) {
  int32_t first, last;
  net_copy_weights(w, l);
  Fan fan = net_fan_out(w, l);
  net_share(w, fan.ptr, w->net->layer[l].n_out, &first, &last);
  Dropout drop = net_dropout(w, l);
  Rectify rectify = { net_drops(w, l) ? &drop : NULL, (size_t)w->tile.column, (size_t)w->shape.stride };
  int rectified = net_is_rectified(&w->net->layer[l]), brief = rectified && level_is_bf16(w->net, l + 1);
  EACH_PART(part, first, last, w) {
    if (brief) forward_brief(w, l, &fan, &part, &rectify);
    else forward_part(w, l, &fan, &part, rectified ? &rectify : NULL);
  }
}

/* Few outputs: the members share the columns. */
static void forward_thin (const Walker *w, int32_t l) {
  const Net *net = w->net;
  const Layer *layer = &net->layer[l];
  int32_t c0, c1;
  net_share(w, NULL, w->tile.width / STRIDE_STEP, &c0, &c1);
  if (c0 == c1) return;
  c0 *= STRIDE_STEP, c1 *= STRIDE_STEP;
  float *y = level_floats(w, l + 1);
  size_t stride = level_stride(w, l + 1);
  EACH_PART(part, 0, layer->n_in, w) {
    FloatRows x = { level_is_bf16(net, l) ? level_values(w, l, &part) : level_floats(w, l) + (size_t)part.u0 * level_stride(w, l),
                    level_stride(w, l) };
    net->kernels->thin_forward(layer->dense->w, layer->n_in, layer->n_out, part.u0, part.u1, c0, c1, x,
                               part.u0 == 0 ? layer->bias : NULL, y, stride);
  }
  Part mine = { 0, layer->n_out, c0, c1 - c0 };
  net_activate(w, l, &mine, y + c0);
}

/* Columns of the tile that no product makes are 0. */
static void clear_rest (const Walker *w, const Block *block, float *rows, size_t stride) {
  int32_t columns = dense_columns(w->tile.samples), rest = w->tile.width - columns;
  for (int32_t u = block->row0; u < block->row1 && rest > 0 && block->column1 == columns; u++)
    memset(rows + (size_t)u * stride + columns, 0, (size_t)rest * sizeof *rows);
}

static void forward_blas (const Walker *w, int32_t l) {
  const Layer *layer = &w->net->layer[l];
  size_t stride = level_stride(w, l);   /* that of level l + 1, too: both are whole */
  float *x = level_floats(w, l), *y = level_floats(w, l + 1);
  int32_t columns = dense_columns(w->tile.samples);
  for (int task = w->member, tasks = dense_forward_tasks(layer->dense, columns); task < tasks; task += w->members) {
    Block block = dense_forward_block(layer->dense, columns, task);
    dense_forward(layer->dense, block, stride, x, layer->bias, y);
    clear_rest(w, &block, y, stride);
    Part part = { block.row0, block.row1, block.column0, block.column1 - block.column0 };
    if (!layer->normed) net_activate(w, l, &part, y + (size_t)part.u0 * stride + part.column);
  }
  if (!layer->normed) return;
  int32_t first, last;   /* normalisation takes whole rows */
  team_meet(w->team);
  net_share(w, NULL, layer->n_out, &first, &last);
  EACH_PART(part, first, last, w) net_activate(w, l, &part, y + (size_t)part.u0 * stride);
}

/* Where layer l + 1 has skip links, the inputs' values stand behind those of its own units. Level 0 is complete. */
static void carry_inputs (const Walker *w, int32_t l) {
  int32_t own = w->net->layer[l].n_out, first, last;
  if (l + 1 == w->net->n_layers || net_rows(w->net, l + 1) == own) return;
  net_share(w, NULL, net_rows(w->net, l + 1) - own, &first, &last);
  size_t from = level_stride(w, 0), to = level_stride(w, l + 1), row = (size_t)w->tile.width * sizeof(float);
  EACH_PART(part, first, last, w) {
    Part behind = { own + part.u0, own + part.u1, 0, part.width };
    const float *x = level_values_in_place(w, 0, &part);
    float *y = level_fill(w, l + 1, &behind);   /* may be the same scratch */
    for (size_t u = 0; y != x && u < (size_t)(part.u1 - part.u0); u++) memcpy(y + u * to, x + u * from, row);
    level_filled(w, l + 1, &behind, y);
  }
}

static void forward_layer (Walker *w, int32_t l) {
  const Layer *layer = &w->net->layer[l];
  if (layer->sparse) forward_sparse(w, l);
  else if (layer_is_blas(layer)) forward_blas(w, l);
  else forward_thin(w, l);
  carry_inputs(w, l);
  team_meet(w->team);
  if (layer->sparse || !level_copies_values(w->net, l + 1)) return;
  int32_t first, last;  /* a sparse layer upon a dense one */
  net_share(w, NULL, layer->n_out, &first, &last);
  level_copy_values(w, l + 1, first, last);
  team_meet(w->team);
}

void net_forward (Walker *w) {
  Net *net = w->net;
  net_phase_begin(net, w->thread);
  if (!w->made) net_make_tile(w);
  w->made = 0;
  team_meet(w->team);
  net_phase_end(net, w->thread, &net->batch_seconds);
  for (int32_t l = 0; l < net->n_layers; l++) {
    forward_layer(w, l);
    net_phase_end(net, w->thread, &net->layer[l].forward_seconds);
  }
}

/* ---- loss ---- */

static int32_t label_of (const Walker *w, int32_t b) { return w->step.data->label[net_sample(w, b)]; }

/* The loss of column b: to its numbers; or to a class, whose target is that of its own label or, of a pair that is mixed, of two. */
static double loss_of_column (const Walker *w, int32_t b, const float *a, size_t stride, float *delta) {
  const Net *net = w->net;
  const Data *data = w->step.data;
  if (data->target)
    return net->loss->numbers(a, stride, data->n_targets, data->target + (size_t)net_sample(w, b) * (size_t)data->n_targets, delta);
  LossTarget target = { label_of(w, b), label_of(w, b), 1, w->step.training ? net->smoothing : 0 };
  if (w->mix.active) {
    target.other = label_of(w, mix_partner(b, w->tile.samples));
    target.share = w->mix.share;
  }
  return loss_mixed(net->loss, a, stride, net->layer[net->n_layers - 1].n_out, &target, delta);
}

void net_loss (Walker *w) {
  Net *net = w->net;
  const Layer *top = &net->layer[net->n_layers - 1];
  int training = w->step.training;
  const float *a = level_floats(w, net->n_layers);
  float *delta = training ? level_delta(w, net->n_layers) : NULL;
  size_t stride = level_stride(w, net->n_layers);
  int32_t b0, b1;
  net_share(w, NULL, training ? w->tile.width : w->tile.samples, &b0, &b1);
  for (int32_t b = b0; b < b1; b++) {
    if (b >= w->tile.samples) {  /* no sample here: no gradient either */
      for (int32_t o = 0; o < top->n_out; o++) delta[(size_t)o * stride + (size_t)b] = 0;
      continue;
    }
    net->column_loss[w->tile.column + b] = loss_of_column(w, b, a + b, stride, training ? delta + b : NULL);
    net->column_hit[w->tile.column + b] = !w->step.data->target && loss_winner(a + b, stride, top->n_out) == label_of(w, b);
  }
  team_meet(w->team);
}

/* ---- backward ---- */

/* Are the units below layer l so, where gradients are separate: then their row sums have a place of their own. Nothing is added there. */
static int is_short (const Walker *w, int32_t l) {
  return l > 0 && w->net->split.separate && !is_wide(w) && net_is_relu(&w->net->layer[l - 1]);
}

static Through through_of (const Walker *w, int32_t l, const Part *p) {
  return (Through){ net_drops(w, l - 1) ? net_dropout(w, l - 1).scale : 1, net_bias_sums(w, l - 1) + p->u0 };
}

/* Rectified units below layer l take the short way, in registers: gradients take the values' place, in whichever way these are kept. */
static void backward_brief (const Walker *w, int32_t l, const Fan *fan, const Part *p, const Sink *sink, const Through *through) {
  RowsOut rows = level_brief(w, l, p);
  w->net->kernels->backward_bf16(fan, p->u0, p->u1, p->width, (RowsIn){ NULL, rows.brief, rows.stride }, level_far_gradients(w, l + 1), rows,
                                 sink, through);
}

/* What follows where the way is short: of units that are normalised, too, the sums are those behind the normalisation. */
static void short_gradients_made (const Walker *w, int32_t l, const Part *p, float *gradients) {
  if (w->net->layer[l - 1].normed) {
    net_through_normalisation(w, l - 1, p, gradients);
    net_bias_rows(w, l - 1, p->u0, p->u1, gradients, level_stride(w, l));
  }
  level_filled_gradients(w, l, p, gradients);
}

static void backward_rectified (const Walker *w, int32_t l, const Fan *fan, const Part *p, const Sink *sink) {
  const Net *net = w->net;
  size_t stride = level_stride(w, l);
  Through through = through_of(w, l, p);
  if (level_is_bf16(net, l) && !net->layer[l - 1].normed) {
    backward_brief(w, l, fan, p, sink, &through);
    return;
  }
  net_fetch_centred(w, l - 1, p);
  const float *x = level_values_in_place(w, l, p);
  float *dx = level_fill_gradients(w, l, p);
  if (net->bf16)
    net->kernels->backward_bf16(fan, p->u0, p->u1, p->width, (RowsIn){ x, NULL, stride }, level_far_gradients(w, l + 1), (RowsOut){ dx, NULL, stride },
                                sink, &through);
  else net->kernels->backward(fan, p->u0, p->u1, p->width, (FloatRows){ x, stride }, level_far_delta(w, l + 1), dx, stride, sink, &through);
  short_gradients_made(w, l, p, dx);
}

/* What follows once the rows of gradients below layer l are made, all columns of the tile. */
static void gradients_made (const Walker *w, int32_t l, const Part *p, const float *values, float *gradients) {
  net_through_activation(w, l - 1, p, values, gradients);
  level_filled_gradients(w, l, p, gradients);
  net_bias_rows(w, l - 1, p->u0, p->u1, gradients, level_stride(w, l));
}

/* Do the part's units need loss gradients of their own? Inputs do not, those behind the units of a layer with skip links neither. */
static int needs_gradients (const Walker *w, int32_t l, const Part *p) { return l > 0 && p->u0 < net_units(w->net, l); }

static void backward_part (const Walker *w, int32_t l, const Fan *fan, const Part *p, const Sink *sink) {
  const Net *net = w->net;
  const float *values = level_values(w, l, p);
  float *dx = needs_gradients(w, l, p) ? level_fill_gradients(w, l, p) : NULL;
  size_t stride = level_stride(w, l);
  if (net->bf16)
    net->kernels->backward_bf16(fan, p->u0, p->u1, p->width, (RowsIn){ values, NULL, stride }, level_far_gradients(w, l + 1),
                                (RowsOut){ dx, NULL, stride }, sink, NULL);
  else EACH_SLICE(c, v, w) {
    Sink here = from_slice(sink, c);
    net->kernels->backward(fan, p->u0, p->u1, v, (FloatRows){ values + c, stride }, from_column(level_far_delta(w, l + 1), c), dx ? dx + c : NULL, stride,
                           &here, NULL);
  }
  if (dx) gradients_made(w, l, p, values, dx);
}

/* The lowest layer by output units: these are the near ones, with their gradients, and inputs the far ones. */
static void backward_turned_part (const Walker *w, const Fan *fan, const Part *p, const Sink *sink) {
  const Net *net = w->net;
  RowsIn near = level_gradients(w, 1, p);
  if (net->bf16) net->kernels->backward_bf16(fan, p->u0, p->u1, p->width, near, level_far_values(w, 0), (RowsOut){ 0 }, sink, NULL);
  else EACH_SLICE(c, v, w) {
    Sink here = from_slice(sink, c);
    net->kernels->backward(fan, p->u0, p->u1, v, (FloatRows){ near.floats + c, near.stride }, from_column(level_far_floats(w, 0), c), NULL, 0, &here, NULL);
  }
}

/* Units first <= u < last of those that layer l reads, which are all of one kind: with gradients of their own or without. */
static void backward_units (const Walker *w, int32_t l, const Fan *fan, const Sink *sink, int32_t first, int32_t last) {
  EACH_PART(part, first, last, w) {
    if (is_short(w, l) && needs_gradients(w, l, &part)) backward_rectified(w, l, fan, &part, sink);
    else backward_part(w, l, fan, &part, sink);
  }
}

static void backward_sparse (const Walker *w, int32_t l) {
  Fan fan = net_fan_in(w, l);
  Sink sink = net_link_sink(w, l);
  int turned = net_is_turned(w->net, l);
  int32_t first, last, own = net_units(w->net, l);
  net_share(w, fan.ptr, turned ? w->net->layer[l].n_out : w->net->layer[l].n_in, &first, &last);
  if (turned) {
    EACH_PART(part, first, last, w) backward_turned_part(w, &fan, &part, &sink);
    return;
  }
  backward_units(w, l, &fan, &sink, first, min_i32(last, own));
  backward_units(w, l, &fan, &sink, first > own ? first : own, last);
}

/* Few outputs: an input unit's weights serve its own gradient only, and may change with it. */
static void backward_thin_units (const Walker *w, int32_t l, const Sink *sink, int32_t first, int32_t last) {
  const Net *net = w->net;
  const Layer *layer = &net->layer[l];
  const Learnt links = layer_links_at(layer, 0);
  size_t stride = level_stride(w, l);
  EACH_PART(part, first, last, w) {
    int needed = needs_gradients(w, l, &part), rectified = needed && is_short(w, l);
    const float *values = rectified ? level_values_in_place(w, l, &part) : level_values(w, l, &part);
    float *dx = needed ? level_fill_gradients(w, l, &part) : NULL;
    Through through = rectified ? through_of(w, l, &part) : (Through){ 0 };
    net->kernels->thin_backward(&links, layer->n_in, layer->n_out, part.u0, part.u1, part.width,
                                (FloatRows){ values, stride }, level_far_delta(w, l + 1), dx, stride, sink, rectified ? &through : NULL);
    if (rectified) short_gradients_made(w, l, &part, dx);
    else if (needed) gradients_made(w, l, &part, values, dx);
  }
}

static void backward_thin (const Walker *w, int32_t l) {
  Sink sink = net_link_sink(w, l);
  int32_t first, last, own = net_units(w->net, l);
  net_share(w, NULL, w->net->layer[l].n_in, &first, &last);
  backward_thin_units(w, l, &sink, first, min_i32(last, own));
  backward_thin_units(w, l, &sink, first > own ? first : own, last);
}

/* The input gradient of a dense layer, in BLAS's tasks, which may not have whole rows; what is done to these comes after. */
static void backward_blas (const Walker *w, int32_t l) {
  const Dense *D = w->net->layer[l].dense;
  if (l == 0) return;
  size_t stride = level_stride(w, l);   /* that of level l + 1, too: both are whole */
  const float *dy = level_delta(w, l + 1);
  float *dx = level_delta(w, l);
  int32_t columns = dense_columns(w->tile.samples);
  for (int task = w->member, all = dense_backward_tasks(D, columns); task < all; task += w->members) {
    Block block = dense_backward_block(D, columns, task);
    dense_backward(D, block, stride, dy, dx);
    clear_rest(w, &block, dx, stride);
  }
  team_meet(w->team);
  int32_t first, last;
  net_share(w, NULL, net_units(w->net, l), &first, &last);
  EACH_PART(part, first, last, w)
    gradients_made(w, l, &part, level_floats(w, l) + (size_t)part.u0 * stride, dx + (size_t)part.u0 * stride);
}

/* The output units: their own activation, where the loss did not include it. */
static void backward_top (const Walker *w) {
  int32_t top = w->net->n_layers - 1;
  const Layer *layer = &w->net->layer[top];
  int32_t first, last;
  net_share(w, NULL, layer->n_out, &first, &last);
  size_t stride = level_stride(w, top + 1), at = (size_t)first * stride;
  Part mine = { first, last, 0, w->tile.width };
  float *delta = level_delta(w, top + 1) + at;
  if (layer->activation || layer->dropout > 0) net_through_activation(w, top, &mine, level_floats(w, top + 1) + at, delta);
  if (level_copies_gradients(w->net, top + 1)) level_copy_gradients(w, top + 1, first, last);
  net_bias_rows(w, top, first, last, delta, stride);
  team_meet(w->team);
}

static void backward_layer (const Walker *w, int32_t l) {
  const Layer *layer = &w->net->layer[l];
  if (layer->sparse) backward_sparse(w, l);
  else if (layer_is_blas(layer)) backward_blas(w, l);
  else backward_thin(w, l);
  atomic_fetch_add_explicit(&w->net->progress[l].passed, 1, memory_order_release);
}

void net_backward (Walker *w) {
  Net *net = w->net;
  int updates = !net->split.separate && w->tile.number == w->shape.tiles - 1;
  backward_top(w);
  for (int32_t l = net->n_layers - 1; l >= 0; l--) {
    backward_layer(w, l);
    if (updates && layer_is_blas(&net->layer[l])) {
      net_await_passed(w, l);
      net_update_layer(w, l);
    }
    team_meet(w->team);
    net_send_gradients(w);
    net_phase_end(net, w->thread, &net->layer[l].backward_seconds);
  }
}

/* ---- a step ---- */

static void walk_tiles (Walker *w, unsigned s) {
  Net *net = w->net;
  for (int has = w->made || net_draw_tile(w, s); has; has = net_draw_tile(w, s)) {
    net_forward(w);
    net_loss(w);
    net_phase_end(net, w->thread, &net->loss_seconds);
    net_backward(w);
  }
}

/* The first thread sends on what all have updated. */
static void updated_layer (const Walker *w, int32_t l) {
  if (!w->net->exchange || w->thread > 0) return;
  for (int spin = 0; !net_is_updated(w, l); spin++) team_pause(spin);
  net_send_weights(w->net, l);
}

/* Layer by layer from the top, as the tiles pass them. Who would wait does something for the next step. */
static void update_layers (Walker *w, unsigned s) {
  Net *net = w->net;
  net_phase_begin(net, w->thread);
  if (net->clip > 0 && w->step.updates) net_clip_step(w);
  for (int32_t l = net->n_layers - 1; l >= 0; l--) {
    if (!net_is_passed(w, l)) {
      net_begin_next(w, s + 1);
      net_copy_ahead(w, l);
      net_await_passed(w, l);
    }
    net_await_gradients(w, l);
    net_update_layer(w, l);
    updated_layer(w, l);
    net_phase_end(net, w->thread, &net->layer[l].backward_seconds);
  }
}

void net_walk_step (Walker *w, unsigned s) {
  w->passes = w->begun;
  walk_tiles(w, s);
  if (w->net->split.separate) update_layers(w, s);
}

unsigned net_thread_begin (void) {
  omp_set_num_threads(1);  /* for BLAS in a team of one: it asks how many it may start */
  return cpu_flush_subnormals();
}

void net_thread_end (unsigned state) { cpu_restore(state); }

void net_sum_columns (const Net *net, int32_t first, int32_t samples, double *loss, int32_t *hits) {
  *loss = 0;
  *hits = 0;
  for (int32_t b = first; b < first + samples; b++) {
    *loss += net->column_loss[b];
    *hits += net->column_hit[b];
  }
}

/* A run of one step, with the lowest layer turned if there is an update. */
void net_run_step (Net *net, const Step *step, int32_t batch) {
  Shape shape = net_shape(net, batch);
  Purpose purpose = step->updates ? TO_TRAIN : TO_PROBE;
  net_begin_run(net, net_split(net, &shape), purpose);
  #pragma omp parallel num_threads(net->threads)
  {
    unsigned state = net_thread_begin();
    Walker w = net_walker(net, omp_get_thread_num(), &shape, step);
    net_order_links(net, w.thread, purpose);
    if (step->updates && net->rule == RULE_S2SAM) net_climb(net, w.thread);
    net_begin_step(&w);
    net_walk_step(&w, 0);
    team_meet(&net->team);
    net_return_links(net, w.thread);
    net_thread_end(state);
  }
}

void net_step (Net *net, const Data *data, const int32_t *rows, int32_t batch, uint64_t number,
               const Update *update, float **weight_gradients, float **bias_gradients,
               double *loss, int32_t *hits) {
  for (int32_t l = 0; l < net->n_layers && update; l++) net->layer[l].update = *update;
  Step step = { .data = data, .rows = rows, .training = 1, .number = number, .updates = update != NULL,
                .weight_gradient = weight_gradients, .bias_gradient = bias_gradients };
  net_run_step(net, &step, batch);
  net_sum_columns(net, 0, batch, loss, hits);
}
