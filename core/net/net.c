#include "net/net_internal.h"
#include "base/mem.h"
#include <math.h>
#include <omp.h>
#include <string.h>

/* ---- making and unmaking ---- */

static const Activation *find_activation (const Kernels *kernels, const char *name) {
  for (const Activation *a = kernels->activations; a->name; a++)
    if (strcmp(a->name, name) == 0) return a;
  return NULL;
}

static void layer_release (Layer *layer) {
  mem_free(layer->bias);
  mem_free(layer->bias_velocity);
  mem_free(layer->bias_moments);
  mem_free(layer->squares);
  mem_free(layer->parameter_moments);
  mem_free(layer->mean);
  mem_free(layer->parameter);
  mem_free(layer->parameter_velocity);
  mem_free(layer->parameter_gradient);
}

int layer_activate (Layer *layer, int32_t l, const Kernels *kernels, const char *name, float slope) {
  const Activation *f = layer->activation = find_activation(kernels, name);
  if (!f) return 0;
  layer->slope = isnan(slope) ? f->slope : slope;
  if (f->alternates && l % 2 == 0) layer->slope = -layer->slope;
  return 1;
}

/* Room for the units' parameters, if they have some. */
static int claim_parameters (Layer *layer) {
  size_t n = (size_t)layer_parameters(layer) * (size_t)layer->n_out;
  if (n == 0) return 1;
  layer->parameter = mem_zero(n, sizeof(float));
  layer->parameter_velocity = mem_zero(n, sizeof(float));
  layer->parameter_gradient = mem_zero(n, sizeof(float));
  return layer->parameter && layer->parameter_velocity && layer->parameter_gradient;
}

/* Everything of a layer but its links, which stay the caller's until the whole net stands. */
static int layer_make (Layer *layer, const LayerSpec *spec) {
  layer->n_in = spec->sparse ? spec->sparse->n_in : spec->dense->n_in;
  layer->n_out = spec->sparse ? spec->sparse->n_out : spec->dense->n_out;
  layer->sparse = spec->sparse;
  layer->dense = spec->dense;
  layer->dropout = spec->dropout;
  size_t n = (size_t)layer->n_out;
  layer->bias = mem_zero(n, sizeof(float));
  layer->bias_velocity = mem_zero(n, sizeof(float));
  return layer->bias && layer->bias_velocity && claim_parameters(layer);
}

static void start_parameters (Layer *layer, int32_t l, uint64_t seed) {
  Rng rng;
  rng_seed(&rng, seed, RNG_ACTIVATION | (uint64_t)l << 8);
  if (layer_activation_parameters(layer)) layer->activation->start(layer->parameter, layer->n_out, &rng);
  float *norm = layer->normed ? layer->parameter + layer_norm_place(layer) : NULL;
  size_t n = (size_t)layer->n_out;
  for (size_t u = 0; norm && u < n; u++) norm[NORM_SCALE * n + u] = norm[NORM_VARIANCE * n + u] = 1;   /* the others are 0 */
}

uint64_t layer_bytes (const Layer *layer, Rule rule) {
  uint64_t n = (uint64_t)layer->n_out, own = (uint64_t)layer_parameters(layer) * n;
  uint64_t moments = rule == RULE_ADAMW ? mem_block(2 * n, sizeof(float)) + (own > 0 ? mem_block(2 * own, sizeof(float)) : 0) : 0;
  if (rule == RULE_S2SAM) moments += mem_block(NET_PIECES, sizeof *layer->squares);
  return moments + mem_block(n, sizeof *layer->bias) + mem_block(n, sizeof *layer->bias_velocity) +
         (own > 0 ? 3 * mem_block(own, sizeof *layer->parameter) : 0);
}

uint64_t net_frame_bytes (int32_t n_layers, int threads) {
  Net *net;
  uint64_t layers = (uint64_t)n_layers, members = (uint64_t)threads;
  return mem_block(1, sizeof *net) + mem_block(layers, sizeof *net->layer) + mem_block(members * (layers + 1), sizeof *net->level) +
         mem_block(members, sizeof *net->group) + mem_block(layers, sizeof *net->progress);
}

static const char *check_specs (int32_t n_layers, const LayerSpec *spec, const Kernels *kernels) {
  int32_t below = 0, inputs = 0;
  for (int32_t l = 0; l < n_layers; l++) {
    const LayerSpec *s = &spec[l];
    if (!s->sparse == !s->dense) return "a layer must be either sparse or dense";
    int32_t n_in = s->sparse ? s->sparse->n_in : s->dense->n_in;
    if (l == 0) inputs = n_in;
    else if (n_in != below && (int64_t)n_in != (int64_t)below + inputs) return "layer sizes do not fit each other";
    if (s->sparse && s->sparse->links > UINT32_MAX) return "a sparse layer has at most 4294967295 links";
    below = s->sparse ? s->sparse->n_out : s->dense->n_out;
    if (!find_activation(kernels, s->activation)) return "no such activation";
    if (!(s->dropout >= 0 && s->dropout < 1)) return "dropout must be in [0, 1)";
    if (isinf(s->slope)) return "a slope must be finite";
    if (s->ghost != (l == n_layers - 1 ? 0 : spec[0].ghost)) return "hidden layers are normalised alike, and the last layer is not";
    if (s->ghost != 0 && s->ghost != STRIDE_STEP && s->ghost != MOST_GHOST && s->ghost != GHOST_ALL) return "a ghost batch has 16 or 32 samples";
  }
  return n_layers >= 1 ? NULL : "a net needs at least one layer";
}

static void net_release (Net *net) {
  for (int32_t l = 0; net->layer && l < net->n_layers; l++) layer_release(&net->layer[l]);
  mem_free(net->layer);
  mem_free(net->clip_squares);
  net_release_levels(net);
  mem_free(net);
}

int net_make_frame (Net *net) {
  net->level = mem_zero((size_t)net->threads * ((size_t)net->n_layers + 1), sizeof *net->level);
  net->group = mem_zero((size_t)net->threads, sizeof *net->group);
  net->progress = mem_zero((size_t)net->n_layers, sizeof *net->progress);
  return net->level && net->group && net->progress;
}

static int net_make (Net *net, const LayerSpec *spec) {
  net->layer = mem_zero((size_t)net->n_layers, sizeof *net->layer);
  if (!net->layer || !net_make_frame(net)) return 0;
  for (int32_t l = 0; l < net->n_layers; l++) {
    Layer *layer = &net->layer[l];
    if (l < net->n_layers - 1 || net->loss->part == LOSS_NOTHING)
      layer_activate(layer, l, net->kernels, spec[l].activation, spec[l].slope);
    layer->normed = spec[l].ghost > 0;
    if (!layer_make(layer, &spec[l])) return 0;
    if (layer->parameter) start_parameters(layer, l, net->seed);
  }
  net->ghost = spec[0].ghost;
  net->affine = 1;
  net_lay_out(net);
  return 1;
}

/* How many threads OpenMP grants: its own limits may be lower than what is asked for, and a team
** that waits for a thread that never came would wait for ever. */
static int threads_granted (int wanted) {
  int granted = 1;
  omp_set_dynamic(0);  /* not fewer the next time, because the machine is busy then */
  #pragma omp parallel num_threads(wanted < 1 ? 1 : wanted)
  {
    #pragma omp single
    granted = omp_get_num_threads();
  }
  return granted;
}

void net_smooth_labels (Net *net, float share) { net->smoothing = share; }
void net_mix_samples (Net *net, Mixing mixing) { net->mixing = mixing; }

void net_reseed (Net *net, uint64_t seed) { net->seed = seed; }
uint64_t net_seed (const Net *net) { return net->seed; }

Net *net_new (int32_t n_layers, const LayerSpec *spec, const char *loss, uint64_t seed,
              int threads, const char *isa, const char **why) {
  const Kernels *kernels = kernels_choose(isa);
  *why = kernels ? NULL : "this processor lacks the instruction set asked for";
  if (!*why && !loss_find(loss)) *why = "no such loss";
  if (!*why) *why = check_specs(n_layers, spec, kernels);
  if (*why) return NULL;
  Net *net = mem_zero(1, sizeof *net);
  if (net) {
    net->n_layers = n_layers;
    net->loss = loss_find(loss);
    net->kernels = kernels;
    net->seed = seed;
    net->threads = net->team.threads = threads_granted(threads);
    if (net_make(net, spec)) return net;
    net_release(net);
  }
  *why = "not enough memory";
  return NULL;
}

void net_free (Net *net) {
  if (!net) return;
  for (int32_t l = 0; l < net->n_layers; l++) {
    sparse_free(net->layer[l].sparse);
    dense_free(net->layer[l].dense);
  }
  net_release(net);
}

/* ---- how it learns ---- */

static int keep_moments (Layer *layer) {
  size_t n = (size_t)layer->n_out, own = (size_t)layer_parameters(layer) * n;
  layer->bias_moments = mem_zero(2 * n, sizeof(float));
  if (own > 0) layer->parameter_moments = mem_zero(2 * own, sizeof(float));
  return layer->bias_moments && (own == 0 || layer->parameter_moments);
}

int net_use_rule (Net *net, Rule rule) {
  net->rule = rule;
  int there = 1;
  for (int32_t l = 0; l < net->n_layers && there; l++) {
    Layer *layer = &net->layer[l];
    if (layer->dense) there = dense_keep_moments(layer->dense, rule, layer_is_blas(layer));
    else there = sparse_keep_moments(layer->sparse, rule_moments(rule));
    if (there && rule == RULE_S2SAM) there = (layer->squares = mem_zero(NET_PIECES, sizeof *layer->squares)) != NULL;
    if (there && rule == RULE_ADAMW) there = keep_moments(layer);
  }
  return there;
}

Rule net_rule (const Net *net) { return net->rule; }

Learnt layer_links_at (const Layer *layer, int64_t k) {
  const Sparse *W = layer->sparse;
  if (!W) return dense_learnt(layer->dense, (size_t)k);
  return (Learnt){ W->w + k, W->momentum + k, W->second ? W->second + k : NULL, W->age ? W->age + k : NULL };
}

static Learnt learnt_at (float *value, float *velocity, float *moments, size_t n, size_t k) {
  return (Learnt){ value + k, velocity + k, moments ? moments + k : NULL, moments ? moments + n + k : NULL };
}

Learnt layer_biases_at (const Layer *layer, int32_t k) {
  return learnt_at(layer->bias, layer->bias_velocity, layer->bias_moments, (size_t)layer->n_out, (size_t)k);
}

Learnt layer_parameters_at (const Layer *layer, size_t k) {
  return learnt_at(layer->parameter, layer->parameter_velocity, layer->parameter_moments, (size_t)layer_parameters(layer) * (size_t)layer->n_out, k);
}

void net_use_bf16 (Net *net) { net->bf16 = 1; }
void net_use_affine (Net *net, int affine) { net->affine = affine; }

/* ---- looking in ---- */

int32_t net_layers (const Net *net) { return net->n_layers; }
int net_gives_numbers (const Net *net) { return net->loss->numbers != NULL; }
int net_gives_labels (const Net *net) { return net->loss->part == LOSS_SIGMOID; }
const Sparse *net_sparse (const Net *net, int32_t l) { return net->layer[l].sparse; }
const Dense *net_dense (const Net *net, int32_t l) { return net->layer[l].dense; }
const float *net_bias (const Net *net, int32_t l) { return net->layer[l].bias; }

int32_t net_parameters (const Net *net, int32_t l) { return layer_parameters(&net->layer[l]); }
float *net_parameter (Net *net, int32_t l) { return net->layer[l].parameter; }
const float *net_parameter_gradient (const Net *net, int32_t l) { return net->layer[l].parameter_gradient; }
const char *net_parameter_name (const Net *net, int32_t l, int32_t kind) {
  static const char *const norm[NORM_PARAMETERS] = { "norm_scale", "norm_shift", "norm_mean", "norm_variance" };
  const Layer *layer = &net->layer[l];
  int32_t own = layer_activation_parameters(layer);
  return kind < own ? layer->activation->parameter_name[kind] : norm[kind - own];
}

const char *net_isa (const Net *net) { return net->kernels->isa; }
int net_threads (const Net *net) { return net->threads; }

float *net_weights (Net *net, int32_t l) {
  Layer *layer = &net->layer[l];
  return layer->sparse ? layer->sparse->w : layer->dense->w;
}

int32_t net_units (const Net *net, int32_t l) {
  return l == 0 ? net->layer[0].n_in : net->layer[l - 1].n_out;
}

int32_t net_rows (const Net *net, int32_t l) { return l < net->n_layers ? net->layer[l].n_in : net_units(net, l); }

int64_t net_links (const Net *net, int32_t l) {
  const Layer *layer = &net->layer[l];
  return layer->sparse ? layer->sparse->links : (int64_t)layer->n_in * layer->n_out;
}

void net_degrees (const Net *net, int32_t l, int out_side, int32_t *degree) {
  const Layer *layer = &net->layer[l];
  int32_t n = out_side ? layer->n_in : layer->n_out;
  const int64_t *ptr = !layer->sparse ? NULL : out_side ? layer->sparse->ptr : layer->sparse->in_ptr;
  for (int32_t i = 0; i < n; i++)
    degree[i] = ptr ? (int32_t)(ptr[i + 1] - ptr[i]) : out_side ? layer->n_out : layer->n_in;
}

void net_strength (const Net *net, int32_t l, double *strength) {
  const Layer *layer = &net->layer[l];
  const Sparse *W = layer->sparse;
  for (int32_t i = 0; i < layer->n_in; i++) {
    strength[i] = 0;
    for (int64_t k = W ? W->ptr[i] : 0; W && k < W->ptr[i + 1]; k++) strength[i] += fabs((double)W->w[k]);
  }
  if (W) return;
  const float *w = layer->dense->w;   /* (n_out, n_in): row after row */
  for (int32_t o = 0; o < layer->n_out; o++, w += layer->n_in)
    for (int32_t i = 0; i < layer->n_in; i++) strength[i] += fabs((double)w[i]);
}

const char *net_check (const Net *net) {
  for (int32_t l = 0; l < net->n_layers; l++) {
    const char *broken = net->layer[l].sparse ? sparse_check(net->layer[l].sparse) : NULL;
    if (broken) return broken;
  }
  return NULL;
}
