#include "net/net_gradient.h"
#include "base/min.h"
#include "net/net_level.h"
#include "net/net_ranks.h"

static int is_last (const Walker *w) { return w->tile.number == w->shape.tiles - 1; }

/* Of a single group, now: the update is with the last tile. */
static const Update *update_now (const Walker *w, int32_t l) {
  return !w->net->split.separate && is_last(w) && w->step.updates ? &w->net->layer[l].update : NULL;
}

/* ---- links ---- */

Sink net_link_sink (const Walker *w, int32_t l) {
  const Net *net = w->net;
  int64_t first = net->layer[l].first_link;
  if (net->split.separate) return (Sink){ NULL, net->link_gradient + w->tile.number * net->links + first, 0 };
  float *wanted = w->step.weight_gradient ? w->step.weight_gradient[l] : NULL;
  if (!wanted && net->link_gradient) wanted = net->link_gradient + first;
  return (Sink){ update_now(w, l), wanted, w->tile.number > 0 };
}

/* ---- units ---- */

static float *tile_units (const Net *net, int tile, int32_t l) { return net->unit_gradient + tile * net->units + net->layer[l].first_unit; }

float *net_bias_sums (const Walker *w, int32_t l) { return tile_units(w->net, w->tile.number, l); }

/* Running means and variances move a tenth of the way to those of the batch, which stand where others have gradients. */
static void update_running (Layer *layer, size_t first, size_t n) {
  const float share = 0.1f;
  float *running = layer->parameter + first;
  for (size_t u = 0; u < n; u++) running[u] += share * (layer->parameter_gradient[first + u] - running[u]);
}

/* Two rules are for links: units learn by stochastic gradient descent there. */
static Update for_units (const Layer *layer) {
  Update update = layer->update;
  if (update.rule == RULE_LASSO || update.rule == RULE_S2SAM) update.rule = RULE_SGD;
  return update;
}

static void step_units (const Net *net, Learnt units, size_t n, const float *g, const Update *update) { net->kernels->update(&units, n, &g, 1, update); }

/* Weight decay is not for the parameters of activations and of normalisation. */
static void update_parameters (const Net *net, Layer *layer, int32_t u0, int32_t u1) {
  Update plain = for_units(layer);
  plain.couple = plain.shrink = 0;
  for (int32_t k = 0; k < layer_parameters(layer); k++) {
    size_t first = (size_t)k * (size_t)layer->n_out + (size_t)u0, n = (size_t)(u1 - u0);
    int32_t norm = k - layer_activation_parameters(layer);
    const float *g = layer->parameter_gradient + first;
    if (norm >= NORM_MEAN) update_running(layer, first, n);
    else if (norm < 0 || net->affine) step_units(net, layer_parameters_at(layer, first), n, g, &plain);
  }
}

ParameterSink net_parameter_sink (const Walker *w, int32_t l) {
  const Net *net = w->net;
  if (net->split.separate) return (ParameterSink){ tile_units(net, w->tile.number, l) + net->layer[l].n_out, 0 };
  return (ParameterSink){ net->layer[l].parameter_gradient, w->tile.number > 0 };
}

ParameterSink net_norm_sink (const Walker *w, int32_t l) {
  ParameterSink sink = net_parameter_sink(w, l);
  sink.gradient += layer_norm_place(&w->net->layer[l]);
  return sink;
}

void net_parameters_done (const Walker *w, int32_t l, int32_t u0, int32_t u1) {
  if (update_now(w, l)) update_parameters(w->net, &w->net->layer[l], u0, u1);
}

static void bias_part (const Walker *w, int32_t l, int32_t u0, int32_t u1, const float *rows, size_t stride, float *kept) {
  Layer *layer = &w->net->layer[l];
  float now[LEVEL_UNITS], *sum = kept ? kept + u0 : now;
  w->net->kernels->row_sums(rows, stride, u1 - u0, w->tile.width, sum, !w->net->split.separate && w->tile.number > 0);
  if (!update_now(w, l)) return;
  Update update = for_units(layer);
  step_units(w->net, layer_biases_at(layer, u0), (size_t)(u1 - u0), sum, &update);
}

void net_bias_rows (const Walker *w, int32_t l, int32_t u0, int32_t u1, const float *rows, size_t stride) {
  const Net *net = w->net;
  if (!w->step.updates && !w->step.bias_gradient) return;
  float *kept = net->split.separate      ? tile_units(net, w->tile.number, l)
                : w->step.bias_gradient  ? w->step.bias_gradient[l]
                : w->shape.tiles > 1     ? tile_units(net, 0, l)
                                         : NULL;
  for (int32_t u = u0; u < u1; u += LEVEL_UNITS)
    bias_part(w, l, u, min_i32(u + LEVEL_UNITS, u1), rows + (size_t)(u - u0) * stride, stride, kept);
}

/* ---- the update of a layer, when all tiles have passed it ---- */

enum { PIECE = 8192 };

void net_take_tiles (int tiles, const float *all, int64_t step, int64_t first, const float **g) {
  for (int i = 0; i < tiles; i++) g[i] = all + i * step + first;
}

static void update_links (const Walker *w, int32_t l, int64_t k0, int64_t k1) {
  Net *net = w->net;
  Layer *layer = &net->layer[l];
  const float *g[MOST_TILES];
  net_take_tiles(w->shape.tiles, net->link_gradient, net->links, layer->first_link + k0, g);
  Learnt links = layer_links_at(layer, k0);
  size_t n = (size_t)(k1 - k0);
  if (w->step.updates) net->kernels->update(&links, n, g, w->shape.tiles, &layer->update);
  else if (w->step.weight_gradient && w->step.weight_gradient[l])
    net->kernels->sum_gradients(w->step.weight_gradient[l] + k0, n, g, w->shape.tiles);
}

/* Biases and parameters, all of them: they are few. */
static void update_units (const Walker *w, int32_t l) {
  Net *net = w->net;
  Layer *layer = &net->layer[l];
  const float *g[MOST_TILES];
  size_t n = (size_t)layer->n_out;
  net_take_tiles(w->shape.tiles, net->unit_gradient, net->units, layer->first_unit, g);
  Learnt biases = layer_biases_at(layer, 0);
  Update update = for_units(layer);
  if (w->step.updates) net->kernels->update(&biases, n, g, w->shape.tiles, &update);
  else if (w->step.bias_gradient) net->kernels->sum_gradients(w->step.bias_gradient[l], n, g, w->shape.tiles);
  if (!layer->parameter) return;
  net_take_tiles(w->shape.tiles, net->unit_gradient, net->units, layer->first_unit + layer->n_out, g);
  net->kernels->sum_gradients(layer->parameter_gradient, n * (size_t)layer_parameters(layer), g, w->shape.tiles);
  if (w->step.updates) update_parameters(net, layer, 0, layer->n_out);
}

float *net_whole_values (const Net *net, int32_t l) { return net->level[l].a; }

float *net_whole_gradients (const Net *net, int32_t l) { return level_shared(net, l) ? net->level[l].a : net->level[l].delta; }

static void update_blas (const Walker *w, int32_t l, int task) {
  Net *net = w->net;
  const Layer *layer = &net->layer[l];
  Dense *D = layer->dense;
  Block block = dense_update_block(D, task);
  float *x = net_whole_values(net, l), *dy = net_whole_gradients(net, l + 1);
  size_t stride = (size_t)w->shape.stride;
  int32_t columns = dense_columns(w->shape.batch);
  if (w->step.updates) dense_update(D, block, stride, columns, x, dy, &layer->update, net->kernels);
  else if (w->step.weight_gradient && w->step.weight_gradient[l])
    dense_gradient(D, block, stride, columns, x, dy, w->step.weight_gradient[l]);
}

int net_is_passed (const Walker *w, int32_t l) {
  return (int)(atomic_load_explicit(&w->net->progress[l].passed, memory_order_acquire) - w->passes) >= 0;
}

void net_await_passed (const Walker *w, int32_t l) {
  for (int spin = 0; !net_is_passed(w, l); spin++) team_pause(spin);
}

/* Two threads begin at either end, so that each keeps most of its pieces from step to step. */
static int64_t piece_for (const Walker *w, int64_t mine, int64_t taken, int64_t all) {
  if (w->net->threads > 2) return taken;
  return w->thread == 0 ? mine : all - 1 - mine;
}

/* The last piece of a layer without CBLAS is its units. */
static int64_t pieces_of (const Net *net, int32_t l) {
  const Layer *layer = &net->layer[l];
  int64_t k0, k1;
  net_own_links(net, l, &k0, &k1);
  int64_t pieces = layer_is_blas(layer) ? dense_update_tasks(layer->dense) : (k1 - k0 + PIECE - 1) / PIECE;
  return pieces + (net->split.separate ? 1 : 0);
}

static void update_piece (Walker *w, int32_t l, int64_t piece, int64_t all) {
  int64_t k0, k1;
  net_own_links(w->net, l, &k0, &k1);
  int64_t first = k0 + piece * PIECE;
  if (w->net->split.separate && piece == all - 1) update_units(w, l);
  else if (layer_is_blas(&w->net->layer[l])) update_blas(w, l, (int)piece);
  else update_links(w, l, first, first + PIECE < k1 ? first + PIECE : k1);
}

void net_update_layer (Walker *w, int32_t l) {
  Net *net = w->net;
  Progress *progress = &net->progress[l];
  int64_t all = pieces_of(net, l);
  for (int64_t mine = 0, taken; (taken = atomic_fetch_add_explicit(&progress->taken, 1, memory_order_relaxed)) < all; mine++) {
    update_piece(w, l, piece_for(w, mine, taken, all), all);
    atomic_fetch_add_explicit(&progress->done, 1, memory_order_release);
  }
}

void net_update_whole (const Walker *w, int32_t l) {
  update_links(w, l, 0, net_links(w->net, l));
  update_units(w, l);
}

int net_is_updated (const Walker *w, int32_t l) {
  return atomic_load_explicit(&w->net->progress[l].done, memory_order_acquire) >= pieces_of(w->net, l);
}
