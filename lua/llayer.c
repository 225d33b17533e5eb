#include "llayer.h"
#include "lcheck.h"
#include "levolve.h"
#include "lnet_check.h"
#include "lprobe.h"
#include "vector.h"
#include "base/mem.h"
#include "choose/keep.h"
#include "sparse/draw_cells.h"
#include <float.h>
#include <string.h>

/* ---- what a layer has ---- */

static void copy_floats (const Vector *v, const float *from) { memcpy(v->data, from, (size_t)v->n * sizeof(float)); }

/* The input unit of every link, from 1. */
static void copy_from (const Vector *v, const Sparse *W) {
  int64_t *from = v->data;
  for (int32_t i = 0; i < W->n_in; i++)
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) from[k] = i + 1;
}

static void copy_to (const Vector *v, const Sparse *W) {
  int64_t *to = v->data;
  for (int64_t k = 0; k < W->links; k++) to[k] = W->to[k] + 1;
}

static void copy_born (const Vector *v, const Sparse *W) {
  int64_t *born = v->data;
  for (int64_t k = 0; k < W->links; k++) born[k] = W->born[k];
}

static void copy_degrees (const Vector *v, const int64_t *ptr) {
  int64_t *degree = v->data;
  for (int64_t u = 0; u < v->n; u++) degree[u] = ptr[u + 1] - ptr[u];
}

/* net:vector(layer, "weights", "velocities", "from", "to", "births", "in_degrees" or "out_degrees") -> vector */
static int l_vector (lua_State *L) {
  static const char *const names[] = { "weights", "velocities", "from", "to", "births", "in_degrees", "out_degrees", NULL };
  enum { WEIGHTS, VELOCITIES, FROM, TO, BIRTHS, IN_DEGREES, OUT_DEGREES };
  lua_settop(L, 3);
  Net *net = lnet_hold(L, 1, BOX_READ);
  const Sparse *W = lnet_check_sparse(L, net, lnet_check_layer(L, net, 2));
  int what = luaL_checkoption(L, 3, NULL, names);
  if (what == BIRTHS && !W->born) return luaL_error(L, "the net does not keep when its links were born: make it with lab.mlp { history = true }");
  int64_t n = what == IN_DEGREES ? W->n_out : what == OUT_DEGREES ? W->n_in : W->links;
  const Vector *v = vector_push(L, what <= VELOCITIES ? VECTOR_FLOAT : VECTOR_INTEGER, n);
  switch (what) {
    case WEIGHTS: copy_floats(v, W->w); break;
    case VELOCITIES: copy_floats(v, W->momentum); break;
    case FROM: copy_from(v, W); break;
    case TO: copy_to(v, W); break;
    case BIRTHS: copy_born(v, W); break;
    case IN_DEGREES: copy_degrees(v, W->in_ptr); break;
    default: copy_degrees(v, W->ptr);
  }
  return 1;
}

/* ---- what a probe has seen ---- */

/* The layer must have the links that it had when the probe at `arg` was made. */
static void check_fresh (lua_State *L, const Probe *probe, int arg, int32_t l, const Sparse *W) {
  if (probe && lprobe_links(L, arg, l) != W->links) luaL_error(L, "the wiring of layer %d has changed since the net was looked at", (int)l + 1);
}

/* The view of layer `arg`, which must have the links that it had when the probe was made. */
static View check_view (lua_State *L, Net *net, const Probe *probe, int arg) {
  int32_t l = lnet_check_layer(L, net, arg);
  const Sparse *W = lnet_check_sparse(L, net, l);
  luaL_argcheck(L, probe, arg - 1, "there is no probe");
  View view = net_probe_view(probe, l);
  check_fresh(L, probe, arg - 1, l, W);
  return view;
}

/* net:probed(probe, layer, "gradients", "values" or "loss_gradients") -> vector: one for each link; or for each unit one for
** each sample of the probe */
static int l_probed (lua_State *L) {
  static const char *const names[] = { "gradients", "values", "loss_gradients", NULL };
  lua_settop(L, 4);
  Net *net = lnet_hold(L, 1, BOX_READ);
  const Probe *probe = lprobe_hold(L, 2, 1);
  View view = check_view(L, net, probe, 3);
  int what = luaL_checkoption(L, 4, NULL, names);
  if (what == 0) {
    if (!view.gradient) return luaL_error(L, "the probe has not kept the gradients of links");
    copy_floats(vector_push(L, VECTOR_FLOAT, view.W->links), view.gradient);
    return 1;
  }
  int32_t units = what == 1 ? view.W->n_in : view.W->n_out;
  float *v = vector_push(L, VECTOR_FLOAT, (int64_t)units * view.batch)->data;
  const float *from = what == 1 ? view.x : view.dy;
  for (int32_t u = 0; u < units; u++)
    memcpy(v + (size_t)u * (size_t)view.batch, from + (size_t)u * view.stride, (size_t)view.batch * sizeof(float));
  return 1;
}

/* The unit that element k of an integer vector names, counted from 0. */
static int32_t unit_at (lua_State *L, const Vector *v, int64_t k, int32_t units, const char *side) {
  int64_t u = ((const int64_t *)v->data)[k];
  if (u < 1 || u > units) luaL_error(L, "element %I of '%s' is unit %I, and there are %d", (LUAI_UACINT)k + 1, side, (LUAI_UACINT)u, (int)units);
  return (int32_t)u - 1;
}

static double product (const float *x, const float *y, int32_t n) {
  float sum = 0;
  #pragma omp simd reduction(+ : sum)
  for (int32_t b = 0; b < n; b++) sum += x[b] * y[b];
  return (double)sum;
}

/* net:gradients_of(probe, layer, from, to) -> vector: dL/dw of these cells, a mean over the probe's samples */
static int l_gradients_of (lua_State *L) {
  lua_settop(L, 5);
  Net *net = lnet_hold(L, 1, BOX_READ);
  const Probe *probe = lprobe_hold(L, 2, 1);
  View view = check_view(L, net, probe, 3);
  int64_t n = vector_check(L, 4, VECTOR_INTEGER)->n;
  luaL_argcheck(L, vector_check(L, 5, VECTOR_INTEGER)->n == n, 5, "both vectors must have the same length");
  float *g = vector_push(L, VECTOR_FLOAT, n)->data;
  const Vector *from = vector_check(L, 4, VECTOR_INTEGER), *to = vector_check(L, 5, VECTOR_INTEGER);
  for (int64_t k = 0; k < n; k++) {
    int32_t i = unit_at(L, from, k, view.W->n_in, "from"), o = unit_at(L, to, k, view.W->n_out, "to");
    g[k] = (float)(product(view.x + (size_t)i * view.stride, view.dy + (size_t)o * view.stride, view.batch) / view.batch);
  }
  return 1;
}

/* ---- cells without a link ---- */

/* Marks, one for each link: the vector of booleans at `arg`; NULL where nil stands there, which is all links. */
static const uint8_t *check_keep (lua_State *L, int arg, const Sparse *W) {
  if (lua_isnoneornil(L, arg)) return NULL;
  const Vector *keep = vector_check(L, arg, VECTOR_BOOLEAN);
  if (keep->n != W->links) luaL_argerror(L, arg, lua_pushfstring(L, "%I booleans for %I links", (LUAI_UACINT)keep->n, (LUAI_UACINT)W->links));
  return keep->data;
}

static int64_t count_missing (const Sparse *W, const uint8_t *keep, int32_t first, int32_t end) {
  int64_t missing = 0;
  for (int32_t i = first; i < end; i++) {
    missing += W->n_out;
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) missing -= keep ? keep[k] : 1;
  }
  return missing;
}

static void list_missing (const Sparse *W, const uint8_t *keep, int32_t first, int32_t end, int64_t *from, int64_t *to) {
  for (int32_t i = first; i < end; i++) {
    int64_t k = W->ptr[i];
    for (int32_t o = 0; o < W->n_out; o++) {
      int linked = k < W->ptr[i + 1] && W->to[k] == o;
      if (!linked || (keep && !keep[k])) {
        *from++ = i + 1;
        *to++ = o + 1;
      }
      k += linked;
    }
  }
}

/* net:missing(layer, keep | nil, unit | nil) -> from, to: cells without a link that stays, of one input unit or of all */
static int l_missing (lua_State *L) {
  lua_settop(L, 4);
  Net *net = lnet_hold(L, 1, BOX_READ);
  const Sparse *W = lnet_check_sparse(L, net, lnet_check_layer(L, net, 2));
  int32_t first = 0, end = W->n_in;
  if (!lua_isnil(L, 4)) {
    first = (int32_t)lcheck_between(L, 4, 1, W->n_in) - 1;
    end = first + 1;
  }
  int64_t n = count_missing(W, check_keep(L, 3, W), first, end);
  int64_t *from = vector_push(L, VECTOR_INTEGER, n)->data, *to = vector_push(L, VECTOR_INTEGER, n)->data;
  list_missing(W, check_keep(L, 3, W), first, end, from, to);
  return 2;
}

/* The vector of weights at `arg`, one for each of n units, finite and at least 0; NULL where nil stands there and may. */
static const float *check_weights (lua_State *L, int arg, int32_t n, int may_be_nil) {
  if (may_be_nil && lua_isnil(L, arg)) return NULL;
  const Vector *v = vector_check(L, arg, VECTOR_FLOAT);
  if (v->n != n) luaL_argerror(L, arg, lua_pushfstring(L, "%I weights for %d units", (LUAI_UACINT)v->n, (int)n));
  const float *weight = v->data;
  for (int32_t i = 0; i < n; i++)
    if (!(weight[i] >= 0 && weight[i] <= FLT_MAX)) luaL_argerror(L, arg, lua_pushfstring(L, "the weight of unit %d is %f: it must be finite and at least 0", (int)i + 1, (lua_Number)weight[i]));
  return weight;
}

/* net:draw_cells(layer, keep | nil, below, above | nil, count, number, calls) -> from, to: different cells without a link that stays, drawn in
** proportion to the weights of their units; from the stream of evolution `number`, for its call `calls` */
static int l_draw_cells (lua_State *L) {
  lua_settop(L, 8);
  Net *net = lnet_hold(L, 1, BOX_READ);
  int32_t l = lnet_check_layer(L, net, 2);
  const Sparse *W = lnet_check_sparse(L, net, l);
  int64_t count = lcheck_between(L, 6, 0, (int64_t)W->n_in * W->n_out);
  int32_t number = (int32_t)lcheck_between(L, 7, 0, INT32_MAX);
  int64_t *from = vector_push(L, VECTOR_INTEGER, count)->data, *to = vector_push(L, VECTOR_INTEGER, count)->data;
  int32_t *units = lua_newuserdatauv(L, 2 * (size_t)count * sizeof *units + 1, 0);
  const float *below = check_weights(L, 4, W->n_in, 0), *above = check_weights(L, 5, W->n_out, 1);
  Rng stream = net_evolution_stream(net, l, number), rng;
  rng_seed(&rng, rng_u64(&stream), 2 | (uint64_t)lcheck_between(L, 8, 0, INT32_MAX) << 8);   /* apart from what the engine's own rules and free_places draw */
  int64_t n = draw_cells(W, check_keep(L, 3, W), below, above, count, &rng, units, units + count);
  if (n < 0) return luaL_error(L, "not enough memory to draw cells");
  if (n < count) return luaL_error(L, "only %I cells without a link have a weight above 0, and %I were asked for", (LUAI_UACINT)n, (LUAI_UACINT)count);
  for (int64_t k = 0; k < count; k++) from[k] = units[k] + 1, to[k] = units[count + k] + 1;
  lua_pop(L, 1);
  return 2;
}

/* A random place that is not taken yet, of n_free: by trial where most are free, else by counting. */
static int64_t take_place (uint8_t *taken, int32_t n_out, int64_t n_free, Rng *rng) {
  int64_t place = -1;
  if (2 * n_free > n_out) {
    do place = (int64_t)rng_below(rng, (uint64_t)n_out);
    while (taken[place]);
  }
  else for (int64_t left = (int64_t)rng_below(rng, (uint64_t)n_free) + 1; left > 0; left -= !taken[place]) place++;
  taken[place] = 1;
  return place;
}

/* Places for the links that start at unit i, in the order of the vector. */
static int fill_unit (const Sparse *W, const uint8_t *keep, int32_t i, const int64_t *at, int64_t n, uint8_t *taken, int64_t *to, Rng *rng) {
  int64_t n_free = W->n_out;
  memset(taken, 0, (size_t)W->n_out);
  for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++)
    if (!keep || keep[k]) taken[W->to[k]] = 1, n_free--;
  for (int64_t m = 0; m < n; m++) {
    if (n_free < 1) return 0;
    to[at[m]] = take_place(taken, W->n_out, n_free--, rng) + 1;
  }
  return 1;
}

/* net:free_places(layer, keep | nil, from, number, calls) -> vector: for each unit of `from` a random place without a link that stays, none
** twice; from the stream of evolution `number` */
static int l_free_places (lua_State *L) {
  lua_settop(L, 6);
  Net *net = lnet_hold(L, 1, BOX_READ);
  int32_t l = lnet_check_layer(L, net, 2);
  const Sparse *W = lnet_check_sparse(L, net, l);
  int32_t number = (int32_t)lcheck_between(L, 5, 0, INT32_MAX);
  int64_t n = vector_check(L, 4, VECTOR_INTEGER)->n;
  int64_t *to = vector_push(L, VECTOR_INTEGER, n)->data;
  int64_t *start = lua_newuserdatauv(L, ((size_t)W->n_in + 2) * sizeof *start, 0);
  int64_t *at = lua_newuserdatauv(L, (size_t)n * sizeof *at + 1, 0);
  uint8_t *taken = lua_newuserdatauv(L, (size_t)W->n_out + 1, 0);
  const Vector *from = vector_check(L, 4, VECTOR_INTEGER);
  const uint8_t *keep = check_keep(L, 3, W);
  memset(start, 0, ((size_t)W->n_in + 2) * sizeof *start);
  for (int64_t k = 0; k < n; k++) start[unit_at(L, from, k, W->n_in, "from") + 2]++;
  for (int32_t i = 0; i < W->n_in; i++) start[i + 2] += start[i + 1];
  for (int64_t k = 0; k < n; k++) at[start[((const int64_t *)from->data)[k]]++] = k;
  Rng stream = net_evolution_stream(net, l, number), rng;
  rng_seed(&rng, rng_u64(&stream), 1 | (uint64_t)lcheck_between(L, 6, 0, INT32_MAX) << 8);   /* apart from what the engine's own rules draw */
  for (int32_t i = 0; i < W->n_in; i++)
    if (!fill_unit(W, keep, i, at + start[i], start[i + 1] - start[i], taken, to, &rng))
      return luaL_error(L, "unit %d has fewer free places than the %I links that are to start there", (int)i + 1, (LUAI_UACINT)(start[i + 1] - start[i]));
  lua_pushvalue(L, -4);
  return 1;
}

/* ---- marks and growth ---- */

/* net:best(scores, count) -> vector of booleans: true for the `count` links of the highest score, of equal ones the first */
static int l_best (lua_State *L) {
  lua_settop(L, 3);
  Net *net = lnet_check(L);
  int threads = net_threads(net);
  int64_t n = vector_check(L, 2, VECTOR_FLOAT)->n, count = lcheck_between(L, 3, 0, n);
  uint8_t *keep = vector_push(L, VECTOR_BOOLEAN, n)->data;
  const Vector *score = vector_check(L, 2, VECTOR_FLOAT);
  for (int64_t k = 0; k < n; k++)
    if (((const float *)score->data)[k] != ((const float *)score->data)[k]) return luaL_error(L, "score %I is not a number", (LUAI_UACINT)k + 1);
  keep_best(score->data, n, count, threads, keep);
  return 1;
}

/* net:mark(layer, how, probe | nil) -> vector of booleans: true for the links that the rule for pruning leaves */
static int l_mark (lua_State *L) {
  lua_settop(L, 4);
  Net *net = lnet_hold(L, 1, BOX_READ);
  const Probe *probe = lprobe_hold(L, 4, 1);
  int32_t l = lnet_check_layer(L, net, 2);
  const Sparse *W = lnet_check_sparse(L, net, l);
  NetEvolution how = levolve_check(L, 3, net_layers(net));
  check_fresh(L, probe, 4, l, W);
  View view = net_evolution_view(net, probe, l);
  Evolution rule = net_evolution_rule(&how, l);
  Rng rng = net_evolution_stream(net, l, how.number);
  uint8_t *keep = vector_push(L, VECTOR_BOOLEAN, W->links)->data;
  int64_t links;
  if (!evolve_mark(&view, &rule, net_threads(net), &rng, keep, &links)) return luaL_error(L, "not enough memory to rewire the net");
  return 1;
}

/* A copy of the marks at `arg`, in userdata on the stack: growth may change them. */
static uint8_t *copy_keep (lua_State *L, int arg, const Sparse *W) {
  if (!lua_isnoneornil(L, arg)) vector_check(L, arg, VECTOR_BOOLEAN);
  uint8_t *copy = lua_newuserdatauv(L, (size_t)W->links + 1, 0);
  const uint8_t *keep = check_keep(L, arg, W);
  if (keep) memcpy(copy, keep, (size_t)W->links);
  else memset(copy, 1, (size_t)W->links);
  return copy;
}

/* net:grow_marked(layer, keep, how, count, probe | nil) -> links grown. Links that are not kept go, and `count` grow by the rule. */
static int l_grow_marked (lua_State *L) {
  lua_settop(L, 6);
  Net *net = lnet_hold(L, 1, BOX_CHANGE);
  const Probe *probe = lprobe_hold(L, 6, 1);
  int32_t l = lnet_check_layer(L, net, 2);
  const Sparse *W = lnet_check_sparse(L, net, l);
  NetEvolution how = levolve_check(L, 4, net_layers(net));
  int64_t count = lcheck_between(L, 5, 0, INT64_MAX);
  check_fresh(L, probe, 6, l, W);
  if (how.rule.grow && how.rule.grow->whole) return luaL_error(L, "the rule '%s' prunes, too", how.rule.grow->name);
  uint8_t *keep = copy_keep(L, 3, W);
  Evolution rule = how.rule;
  rule.links = keep_count(keep, W->links) + count;
  int64_t grown = net_rewire(net, l, keep, &rule, probe, how.number);
  if (grown < 0) return luaL_error(L, "not enough memory to rewire the net");
  lua_pushinteger(L, grown);
  return 1;
}

/* ---- a change that a script gives ---- */

/* The units of the vector at `arg`, counted from 0, in userdata on the stack; those out of range stay so. */
static int32_t *copy_units (lua_State *L, int arg, int64_t n) {
  int32_t *units = lua_newuserdatauv(L, (size_t)n * sizeof *units + 1, 0);
  const Vector *v = vector_check(L, arg, VECTOR_INTEGER);
  for (int64_t k = 0; k < n; k++) {
    int64_t u = ((const int64_t *)v->data)[k];
    if (u < INT32_MIN + 2 || u > INT32_MAX) luaL_error(L, "link %I has a unit %I, which no layer has", (LUAI_UACINT)k + 1, (LUAI_UACINT)u);
    units[k] = (int32_t)u - 1;
  }
  return units;
}

/* The change described by a call (net, layer, keep, how, from, to, weights | nil); its arrays stay on the stack. */
static GivenChange check_given (lua_State *L, const Sparse *W, const NetEvolution *how) {
  int64_t n = vector_check(L, 5, VECTOR_INTEGER)->n;
  luaL_argcheck(L, vector_check(L, 6, VECTOR_INTEGER)->n == n, 6, "as many units that links go to are needed as units that they come from");
  luaL_argcheck(L, lua_isnil(L, 7) || vector_check(L, 7, VECTOR_FLOAT)->n == n, 7, "one weight a link is needed");
  const int32_t *from = copy_units(L, 5, n), *to = copy_units(L, 6, n);
  const uint8_t *keep = copy_keep(L, 3, W);
  return (GivenChange){ .keep = keep, .count = n, .from = from, .to = to, .init = how->rule.init, .restores = how->rule.growing.may_return,
                        .weight = lua_isnil(L, 7) ? NULL : vector_check(L, 7, VECTOR_FLOAT)->data };
}

/* net:check_given(layer, keep, how, from, to, weights | nil): raises if these links cannot grow */
static int l_check_given (lua_State *L) {
  char why[NET_REWIRE_WHY];
  lua_settop(L, 7);
  Net *net = lnet_hold(L, 1, BOX_READ);
  int32_t l = lnet_check_layer(L, net, 2);
  NetEvolution how = levolve_check(L, 4, net_layers(net));
  GivenChange given = check_given(L, lnet_check_sparse(L, net, l), &how);
  return net_check_given(net, l, &given, why) ? 0 : luaL_error(L, "%s", why);
}

/* net:grow_given(layer, keep, how, from, to, weights | nil) -> links grown. Links that are not kept go, those given come. */
static int l_grow_given (lua_State *L) {
  char why[NET_REWIRE_WHY];
  lua_settop(L, 7);
  Net *net = lnet_hold(L, 1, BOX_CHANGE);
  int32_t l = lnet_check_layer(L, net, 2);
  NetEvolution how = levolve_check(L, 4, net_layers(net));
  GivenChange given = check_given(L, lnet_check_sparse(L, net, l), &how);
  int64_t grown = net_rewire_given(net, l, &given, how.number, why);
  if (grown < 0) return luaL_error(L, "%s", why);
  lua_pushinteger(L, grown);
  return 1;
}

/* net:keep_history(): from now on it remembers births of links, and cells that were ever linked */
static int l_keep_history (lua_State *L) {
  lua_settop(L, 1);
  if (!net_keep_history(lnet_hold(L, 1, BOX_CHANGE), 1, 1)) return luaL_error(L, "not enough memory for the net's history");
  return 0;
}

/* net:cells_tried(layer) -> cells that were ever linked; nil if the net does not remember */
static int l_cells_tried (lua_State *L) {
  const Net *net = lnet_check(L);
  int64_t cells = net_cells_tried(net, lnet_check_layer(L, net, 2));
  if (cells < 0) return 0;
  lua_pushinteger(L, cells);
  return 1;
}

const luaL_Reg llayer_methods[] = {
  { "vector", l_vector }, { "probed", l_probed }, { "gradients_of", l_gradients_of }, { "missing", l_missing },
  { "free_places", l_free_places }, { "draw_cells", l_draw_cells }, { "best", l_best }, { "mark", l_mark }, { "grow_marked", l_grow_marked },
  { "check_given", l_check_given }, { "grow_given", l_grow_given }, { "keep_history", l_keep_history }, { "cells_tried", l_cells_tried }, { NULL, NULL },
};
