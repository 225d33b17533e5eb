#include "net/net_state.h"
#include "net/net_average.h"
#include "net/net_internal.h"
#include <stdio.h>
#include <string.h>

/* A walk under way. */
typedef struct Walk {
  StateVisitor *visit;
  void *context;
  const Net *net;
  const Layer *layer;
  int32_t number;      /* of the layer, from 1 */
  int     goes_on;
} Walk;

static size_t count_of (const StateArray *a) {
  size_t n = 1;
  for (int i = 0; i < a->rank; i++) n *= (size_t)a->shape[i];
  return n;
}

static void show (Walk *w, StateArray a, const char *name) {
  if (!w->goes_on) return;
  if (w->layer) snprintf(a.name, sizeof a.name, "layer%d_%s", (int)w->number, name);
  else snprintf(a.name, sizeof a.name, "%s", name);
  a.size = count_of(&a) * (size_t)(a.type[1] - '0');
  w->goes_on = w->visit(w->context, &a);
}

static void show_floats (Walk *w, const char *name, float *data, int64_t n) {
  show(w, (StateArray){ .type = "f4", .rank = 1, .shape = { n }, .data = data }, name);
}

static void show_matrix (Walk *w, const char *name, float *data) {
  show(w, (StateArray){ .type = "f4", .rank = 2, .shape = { w->layer->n_in, w->layer->n_out }, .fortran = 1, .data = data },
       name);
}

/* The cells that were ever linked, which the links are among. */
static void show_tried (Walk *w, Sparse *cells) {
  show(w, (StateArray){ .type = "i8", .rank = 1, .shape = { (int64_t)cells->n_in + 1 }, .role = STATE_POINTERS,
                        .data = cells->ptr,
                        .links = cells }, "tried_indptr");
  show(w, (StateArray){ .type = "i4", .rank = 1, .shape = { cells->links }, .role = STATE_TRIED, .data = cells->to,
                        .links = cells },
       "tried_indices");
}

static void show_links (Walk *w, Sparse *W) {
  show(w, (StateArray){ .type = "i8", .rank = 1, .shape = { (int64_t)W->n_in + 1 }, .role = STATE_POINTERS, .data = W->ptr,
                        .links = W }, "indptr");
  show(w, (StateArray){ .type = "i4", .rank = 1, .shape = { W->links }, .role = STATE_TARGETS, .data = W->to, .links = W },
       "indices");
  show_floats(w, "data", W->w, W->links);
  show_floats(w, "velocity", W->momentum, W->links);
  if (W->second) show_floats(w, "second", W->second, W->links);
  if (W->age) show_floats(w, "age", W->age, W->links);
  if (W->born) show(w, (StateArray){ .type = "i4", .rank = 1, .shape = { W->links }, .data = W->born }, "born");
  if (W->tried) show_tried(w, W->tried);
}

/* Of some units: what AdamW keeps of them; `all` of them are there. */
static void show_moments (Walk *w, const char *of, float *moments, size_t first, size_t all) {
  char name[40];
  if (!moments) return;
  snprintf(name, sizeof name, "%s_second", of);
  show_floats(w, name, moments + first, w->layer->n_out);
  snprintf(name, sizeof name, "%s_age", of);
  show_floats(w, name, moments + all + first, w->layer->n_out);
}

/* Kind by kind, each under its own name. */
static void show_parameters (Walk *w, const Layer *layer) {
  char name[32];
  size_t all = (size_t)layer_parameters(layer) * (size_t)layer->n_out;
  for (int32_t k = 0; k < layer_parameters(layer); k++) {
    size_t run = (size_t)k * (size_t)layer->n_out;
    snprintf(name, sizeof name, "%s", net_parameter_name(w->net, w->number - 1, k));
    show_floats(w, name, layer->parameter + run, layer->n_out);
    snprintf(name, sizeof name, "%s_velocity", net_parameter_name(w->net, w->number - 1, k));
    show_floats(w, name, layer->parameter_velocity + run, layer->n_out);
    show_moments(w, net_parameter_name(w->net, w->number - 1, k), layer->parameter_moments, run, all);
  }
}

/* Of links, of biases, and of each kind of parameter. */
static void show_mean (Walk *w, const Layer *layer) {
  char name[40];
  int64_t links = layer->sparse ? layer->sparse->links : (int64_t)layer->n_in * layer->n_out;
  float *units = layer->mean + links;
  if (layer->sparse) show_floats(w, "mean", layer->mean, links);
  else show_matrix(w, "mean", layer->mean);
  show_floats(w, "bias_mean", units, layer->n_out);
  for (int32_t k = 0; k < layer_parameters(layer); k++) {
    snprintf(name, sizeof name, "%s_mean", net_parameter_name(w->net, w->number - 1, k));
    show_floats(w, name, units + (size_t)(1 + k) * (size_t)layer->n_out, layer->n_out);
  }
}

static void show_layer (Walk *w, const Layer *layer) {
  int64_t shape[2] = { layer->n_in, layer->n_out };
  show(w, (StateArray){ .type = "i8", .rank = 1, .shape = { 2 }, .role = STATE_FIXED, .data = shape }, "shape");
  if (layer->sparse) show_links(w, layer->sparse);
  else {
    show_matrix(w, "weights", layer->dense->w);
    show_matrix(w, "velocity", layer->dense->momentum);
    if (layer->dense->second) show_matrix(w, "second", layer->dense->second);
    if (layer->dense->age) show_matrix(w, "age", layer->dense->age);
  }
  show_floats(w, "bias", layer->bias, layer->n_out);
  show_floats(w, "bias_velocity", layer->bias_velocity, layer->n_out);
  show_moments(w, "bias", layer->bias_moments, 0, (size_t)layer->n_out);
  show_parameters(w, layer);
  if (layer->mean) show_mean(w, layer);
}

int net_visit_state (Net *net, StateVisitor *visit, void *context) {
  Walk w = { .visit = visit, .context = context, .net = net, .goes_on = 1 };
  for (int32_t l = 0; l < net->n_layers; l++) {
    w.layer = &net->layer[l];
    w.number = l + 1;
    show_layer(&w, w.layer);
  }
  w.layer = NULL;
  show(&w, (StateArray){ .type = "i8", .data = &net->steps }, "steps");
  if (net->layer[0].mean) show(&w, (StateArray){ .type = "i8", .data = &net->averaged }, "averaged");
  return w.goes_on;
}

void net_state_written (Net *net) {
  for (int32_t l = 0; l < net->n_layers; l++)
    if (net->layer[l].sparse) sparse_mirror(net->layer[l].sparse, net->threads);
}

History net_take_history (Net *net, int32_t l) {
  Sparse *W = net->layer[l].sparse;
  if (!W) return (History){ NULL, NULL };
  History history = { W->born, W->tried };
  W->born = NULL;
  W->tried = NULL;
  return history;
}

void net_give_history (Net *net, int32_t l, History history) {
  Sparse *W = net->layer[l].sparse;
  if (!W) return;
  W->born = history.born;
  W->tried = history.tried;
}

int net_make_room (Net *net, int32_t l, int64_t links) {
  Sparse *W = net->layer[l].sparse, *fresh = sparse_new(W->n_in, W->n_out, links);
  if (!fresh || !sparse_keep_moments(fresh, sparse_moments(W))) {
    sparse_free(fresh);
    return 0;
  }
  net_forget_average(net);
  Sparse held = *W;
  *W = *fresh;
  *fresh = held;
  sparse_free(fresh);
  return 1;
}

/* ---- from net to net ---------------------------------------------------------------------- */

static int is_alike (const Layer *a, const Layer *b) {
  if (a->n_in != b->n_in || a->n_out != b->n_out || a->activation != b->activation || a->normed != b->normed || !a->sparse != !b->sparse) return 0;
  return !a->sparse || a->sparse->links == b->sparse->links;
}

static void copy_floats (float *to, const float *from, int64_t n) { memcpy(to, from, (size_t)n * sizeof *to); }

static void copy_links (Sparse *to, const Sparse *from) {
  memcpy(to->ptr, from->ptr, ((size_t)from->n_in + 1) * sizeof *to->ptr);
  memcpy(to->to, from->to, (size_t)from->links * sizeof *to->to);
  copy_floats(to->w, from->w, from->links);
  copy_floats(to->momentum, from->momentum, from->links);
  if (from->second) copy_floats(to->second, from->second, from->links);
  if (from->age) copy_floats(to->age, from->age, from->links);
}

static void copy_layer (Layer *to, const Layer *from) {
  int64_t cells = (int64_t)from->n_in * from->n_out;
  if (from->sparse) copy_links(to->sparse, from->sparse);
  else {
    copy_floats(to->dense->w, from->dense->w, cells);
    copy_floats(to->dense->momentum, from->dense->momentum, cells);
    if (from->dense->second) copy_floats(to->dense->second, from->dense->second, cells);
    if (from->dense->age) copy_floats(to->dense->age, from->dense->age, cells);
  }
  copy_floats(to->bias, from->bias, from->n_out);
  copy_floats(to->bias_velocity, from->bias_velocity, from->n_out);
  if (from->bias_moments) copy_floats(to->bias_moments, from->bias_moments, 2 * (int64_t)from->n_out);
  if (!from->parameter) return;
  if (from->parameter_moments) copy_floats(to->parameter_moments, from->parameter_moments, 2 * (int64_t)layer_parameters(from) * from->n_out);
  copy_floats(to->parameter, from->parameter, (int64_t)layer_parameters(from) * from->n_out);
  copy_floats(to->parameter_velocity, from->parameter_velocity, (int64_t)layer_parameters(from) * from->n_out);
}

int net_copy_state (Net *to, const Net *from) {
  int alike = to->n_layers == from->n_layers && to->rule == from->rule;
  for (int32_t l = 0; alike && l < from->n_layers; l++) alike = is_alike(&to->layer[l], &from->layer[l]);
  if (!alike) return 0;
  for (int32_t l = 0; l < from->n_layers; l++) copy_layer(&to->layer[l], &from->layer[l]);
  to->steps = from->steps;
  net_forget_average(to);
  net_state_written(to);
  return 1;
}

Sparse *net_links_to_write (Net *net, int32_t l) {
  net_forget_average(net);
  return net->layer[l].sparse;
}
