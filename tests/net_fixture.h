/*
** net_fixture.h -- small nets and data for test_net*.c and test_training.c.
*/
#ifndef SETLAB_TESTS_NET_FIXTURE_H
#define SETLAB_TESTS_NET_FIXTURE_H
#include "mem.h"
#include "net.h"
#include "wiring.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <string.h>
#include <cmocka.h>

enum { MOST_LEVELS = 8 };

/* What a net is made from. size ends with 0. */
typedef struct Recipe {
  int32_t size[MOST_LEVELS];
  double  density[MOST_LEVELS];   /* of each layer; 1 is dense */
  const char *hidden, *output, *loss;
  float   dropout;                /* of hidden layers */
  uint64_t seed;
  int     threads;
  const char *isa;
  int     bf16;                   /* far rows in bfloat16 */
} Recipe;

static inline int32_t recipe_layers (const Recipe *r) {
  int32_t levels = 0;
  while (levels < MOST_LEVELS && r->size[levels]) levels++;
  return levels - 1;
}

static inline void make_layers (const Recipe *r, LayerSpec *spec) {
  int32_t n = recipe_layers(r);
  for (int32_t l = 0; l < n; l++) {
    Rng wiring, weights;
    rng_seed(&wiring, r->seed, RNG_WIRING | (uint64_t)l << 8);
    rng_seed(&weights, r->seed, RNG_WEIGHTS | (uint64_t)l << 8);
    const Init *init = init_find("he_uniform");
    spec[l] = (LayerSpec){ .activation = l == n - 1 ? r->output : r->hidden, .slope = NAN, .dropout = l == n - 1 ? 0 : r->dropout };
    if (r->density[l] < 1) spec[l].sparse = wiring_erdos_renyi(r->size[l], r->size[l + 1], r->density[l], init, &wiring, &weights, 1);
    else spec[l].dense = dense_new(r->size[l], r->size[l + 1], init, &weights);
  }
}

static inline void free_layers (const Recipe *r, LayerSpec *spec) {
  for (int32_t l = 0; l < recipe_layers(r); l++) {
    sparse_free(spec[l].sparse);
    dense_free(spec[l].dense);
  }
}

/* SReLU's parameters, so that all three pieces are met: outer ones that rise, fall and hardly do
** either, and t_right of both signs. */
static inline void bend (float *parameter, int32_t n) {
  static const float a_left[] = { 0.5f, -0.4f, 0.02f, 1.3f }, a_right[] = { 0.7f, 1.5f, -0.3f, 0.03f, 0.2f };
  for (int32_t u = 0; u < n; u++) {
    parameter[u] = 0.11f * (float)(u % 3 - 1);
    parameter[n + u] = a_left[u % 4];
    parameter[2 * n + u] = u % 2 ? -0.23f : 0.31f;
    parameter[3 * n + u] = a_right[u % 5];
  }
}

static inline Net *make_net (const Recipe *r) {
  LayerSpec spec[MOST_LEVELS];
  const char *why;
  make_layers(r, spec);
  Net *net = net_new(recipe_layers(r), spec, r->loss, r->seed, r->threads ? r->threads : 1, r->isa, &why);
  if (!net) fail_msg("%s", why);
  if (r->bf16) net_use_bf16(net);
  /* Biases start at 0; here they must be seen to count, and no sum may stand on a kink. */
  for (int32_t l = 0, n = net_layers(net); l < n; l++)
    for (int32_t o = 0; o < net_units(net, l + 1); o++)
      ((float *)(uintptr_t)net_bias(net, l))[o] = 0.1f * (float)(o % 5 - 2) + (l == n - 1 ? 0.53f : 0.03f);
  for (int32_t l = 0, n = net_layers(net); l < n; l++)
    if (net_parameters(net, l)) bend(net_parameter(net, l), net_units(net, l + 1));
  return net;
}

/* All weights, all biases and all parameters of the activation, layer by layer. */
static inline float *all_parameters (Net *net, int64_t *n) {
  *n = 0;
  for (int32_t l = 0; l < net_layers(net); l++) *n += net_links(net, l) + net_units(net, l + 1) * (1 + net_parameters(net, l));
  float *all = mem_new((size_t)*n, sizeof *all), *at = all;
  for (int32_t l = 0; l < net_layers(net); l++) {
    memcpy(at, net_weights(net, l), (size_t)net_links(net, l) * sizeof *at);
    at += net_links(net, l);
    memcpy(at, net_bias(net, l), (size_t)net_units(net, l + 1) * sizeof *at);
    at += net_units(net, l + 1);
    size_t own = (size_t)(net_units(net, l + 1) * net_parameters(net, l));
    if (own) memcpy(at, net_parameter(net, l), own * sizeof *at);
    at += own;
  }
  return all;
}

/* n samples whose class shows in their features. */
static inline Data *make_data (int32_t n, int32_t n_features, int32_t n_classes, DataType type, uint64_t seed) {
  Data *d = data_new(n, n_features, type);
  Rng rng;
  rng_seed(&rng, seed, RNG_DATA);
  d->n_classes = n_classes;
  for (int32_t i = 0; i < n; i++) {
    d->label[i] = (int32_t)rng_below(&rng, (uint64_t)n_classes);
    for (int32_t f = 0; f < n_features; f++) {
      double x = 0.25 * rng_normal(&rng) + (f % n_classes == d->label[i] ? 0.8 : 0.2);
      if (type == DATA_U8) d->u8[(size_t)i * (size_t)n_features + (size_t)f] = (uint8_t)fmin(255, fmax(0, x * 255));
      else d->f32[(size_t)i * (size_t)n_features + (size_t)f] = (float)x;
    }
  }
  return d;
}

/* ---- the twin: a net in double precision, every layer dense, absent links masked ---- */

enum { TWIN_UNITS = 48, TWIN_LEVELS = MOST_LEVELS };

typedef struct Twin {
  int32_t layers, size[TWIN_LEVELS];
  const char *hidden, *output, *loss;
  uint8_t linked[TWIN_LEVELS][TWIN_UNITS][TWIN_UNITS];           /* [layer][in][out] */
  double  w[TWIN_LEVELS][TWIN_UNITS][TWIN_UNITS], v[TWIN_LEVELS][TWIN_UNITS][TWIN_UNITS];
  double  g[TWIN_LEVELS][TWIN_UNITS][TWIN_UNITS];
  double  b[TWIN_LEVELS][TWIN_UNITS], bv[TWIN_LEVELS][TWIN_UNITS], bg[TWIN_LEVELS][TWIN_UNITS];
  double  p[TWIN_LEVELS][4][TWIN_UNITS], pv[TWIN_LEVELS][4][TWIN_UNITS], pg[TWIN_LEVELS][4][TWIN_UNITS];  /* SReLU's */
  double  z[TWIN_LEVELS][TWIN_UNITS], a[TWIN_LEVELS][TWIN_UNITS], delta[TWIN_LEVELS][TWIN_UNITS];
} Twin;

/* The twin with the net's links, weights and biases; velocities 0. */
static inline void twin_copy (Twin *t, Net *net, const Recipe *r) {
  memset(t, 0, sizeof *t);
  t->layers = net_layers(net);
  t->hidden = r->hidden;
  t->output = r->output;
  t->loss = r->loss;
  for (int32_t l = 0; l <= t->layers; l++) t->size[l] = net_units(net, l);
  for (int32_t l = 0; l < t->layers; l++) {
    const Sparse *W = net_sparse(net, l);
    const float *w = net_weights(net, l), *bias = net_bias(net, l);
    for (int32_t i = 0; i < t->size[l]; i++)
      for (int64_t k = W ? W->ptr[i] : 0; k < (W ? W->ptr[i + 1] : t->size[l + 1]); k++) {
        int32_t o = W ? W->to[k] : (int32_t)k;
        t->linked[l][i][o] = 1;
        t->w[l][i][o] = (double)(W ? w[k] : w[o * t->size[l] + i]);
      }
    for (int32_t o = 0; o < t->size[l + 1]; o++) t->b[l][o] = (double)bias[o];
    for (int32_t k = 0; k < net_parameters(net, l); k++)
      for (int32_t o = 0; o < t->size[l + 1]; o++) t->p[l][k][o] = (double)net_parameter(net, l)[k * t->size[l + 1] + o];
  }
}

/* The activation of unit o above layer l. */
static inline double twin_f (const Twin *t, const char *name, int32_t l, int32_t o, double z) {
  if (strcmp(name, "relu") == 0) return z > 0 ? z : 0;
  if (strcmp(name, "leaky_relu") == 0) return z > 0 ? z : 0.01 * z;
  if (strcmp(name, "all_relu") == 0) return z > 0 ? z : l % 2 ? 0.6 * z : -0.6 * z;
  if (strcmp(name, "sigmoid") == 0) return 1 / (1 + exp(-z));
  if (strcmp(name, "tanh") == 0) return tanh(z);
  if (strcmp(name, "srelu") != 0) return z;
  double left = t->p[l][0][o], top = left + fabs(t->p[l][2][o]);
  return z <= left ? left + t->p[l][1][o] * (z - left) : z >= top ? top + t->p[l][3][o] * (z - top) : z;
}

static inline double twin_slope (const Twin *t, const char *name, int32_t l, int32_t o, double z) {
  double y = twin_f(t, name, l, o, z);
  if (strcmp(name, "relu") == 0) return z > 0;
  if (strcmp(name, "leaky_relu") == 0) return z > 0 ? 1 : 0.01;
  if (strcmp(name, "all_relu") == 0) return z > 0 ? 1 : l % 2 ? 0.6 : -0.6;
  if (strcmp(name, "sigmoid") == 0) return y * (1 - y);
  if (strcmp(name, "tanh") == 0) return 1 - y * y;
  if (strcmp(name, "srelu") != 0) return 1;
  double left = t->p[l][0][o], top = left + fabs(t->p[l][2][o]);
  return z <= left ? t->p[l][1][o] : z >= top ? t->p[l][3][o] : 1;
}

/* Adds one sample's gradient by SReLU's parameters; `by` is that by the unit's value. */
static inline void twin_bend (Twin *t, int32_t l, int32_t o, double z, double by) {
  double left = t->p[l][0][o], top = left + fabs(t->p[l][2][o]), by_top = by * (1 - t->p[l][3][o]);
  if (z <= left) {
    t->pg[l][0][o] += by * (1 - t->p[l][1][o]);
    t->pg[l][1][o] += by * (z - left);
  } else if (z >= top) {
    t->pg[l][0][o] += by_top;
    t->pg[l][2][o] += t->p[l][2][o] < 0 ? -by_top : by_top;
    t->pg[l][3][o] += by * (z - top);
  }
}

/* Forward for one sample: the loss; a[layers] holds the outputs (shares, with softmax). */
static inline double twin_forward (Twin *t, const Data *d, int32_t row, int32_t *winner) {
  int softmax = strcmp(t->loss, "cross_entropy") == 0;
  int32_t L = t->layers, n = t->size[L], label = d->label[row];
  for (int32_t f = 0; f < t->size[0]; f++) {
    size_t e = (size_t)row * (size_t)d->n_features + (size_t)f;
    t->a[0][f] = (d->u8 ? (double)d->u8[e] : (double)d->f32[e]) * (double)d->unit;
  }
  for (int32_t l = 0; l < L; l++)
    for (int32_t o = 0; o < t->size[l + 1]; o++) {
      double z = t->b[l][o];
      for (int32_t i = 0; i < t->size[l]; i++) z += t->w[l][i][o] * t->a[l][i];
      t->z[l + 1][o] = z;
      t->a[l + 1][o] = l < L - 1 ? twin_f(t, t->hidden, l, o, z) : softmax ? exp(z) : twin_f(t, t->output, l, o, z);
    }
  double sum = 0, loss = 0;
  *winner = 0;
  for (int32_t o = 0; o < n; o++) sum += t->a[L][o];
  for (int32_t o = 0; o < n; o++) {
    if (softmax) t->a[L][o] /= sum;
    if (t->a[L][o] > t->a[L][*winner]) *winner = o;
    double error = t->a[L][o] - (o == label);
    t->delta[L][o] = softmax ? error : error * twin_slope(t, t->output, L - 1, o, t->z[L][o]);
    if (!softmax && strcmp(t->output, "srelu") == 0) twin_bend(t, L - 1, o, t->z[L][o], error);
    loss += softmax ? (o == label ? -log(t->a[L][o]) : 0) : error * error / 2;
  }
  return loss;
}

/* Adds one sample's gradient, after its twin_forward. */
static inline void twin_backward (Twin *t) {
  for (int32_t l = t->layers - 1; l >= 0; l--) {
    for (int32_t i = 0; i < t->size[l]; i++) {
      double sum = 0;
      for (int32_t o = 0; o < t->size[l + 1]; o++) {
        sum += t->w[l][i][o] * t->delta[l + 1][o];
        t->g[l][i][o] += t->a[l][i] * t->delta[l + 1][o];
      }
      t->delta[l][i] = l > 0 ? sum * twin_slope(t, t->hidden, l - 1, i, t->z[l][i]) : 0;
      if (l > 0 && strcmp(t->hidden, "srelu") == 0) twin_bend(t, l - 1, i, t->z[l][i], sum);
    }
    for (int32_t o = 0; o < t->size[l + 1]; o++) t->bg[l][o] += t->delta[l + 1][o];
  }
}

/* METHODS 6 for one parameter. */
static inline void twin_move (const Protocol *p, int32_t batch, double *w, double *v, double *g) {
  double rate = (double)p->rate, mu = (double)p->momentum, decay = (double)p->weight_decay, old = *w;
  double step = rate * (*g / batch + (p->decay == DECAY_COUPLED ? decay * old : 0));
  *v = mu * *v - step;
  *w += p->nesterov ? mu * *v - step : *v;
  if (p->decay == DECAY_STEP) *w -= decay * old;
  if (p->decay == DECAY_DECOUPLED) *w -= rate * decay * old;
  *g = 0;
}

static inline void twin_update (Twin *t, const Protocol *p, int32_t batch) {
  for (int32_t l = 0; l < t->layers; l++)
    for (int32_t o = 0; o < t->size[l + 1]; o++) {
      for (int32_t i = 0; i < t->size[l]; i++) {
        if (t->linked[l][i][o]) twin_move(p, batch, &t->w[l][i][o], &t->v[l][i][o], &t->g[l][i][o]);
        t->g[l][i][o] = 0;
      }
      twin_move(p, batch, &t->b[l][o], &t->bv[l][o], &t->bg[l][o]);
      Protocol plain = *p;
      plain.weight_decay = 0;  /* a line is as good as another */
      for (int k = 0; k < 4; k++) twin_move(&plain, batch, &t->p[l][k][o], &t->pv[l][k][o], &t->pg[l][k][o]);
    }
}

#endif
