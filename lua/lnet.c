/*
** lnet.c -- nets as seen from Lua: the library lab.c.net, training and evolution.
*/
#include "levolve.h"
#include "llayer.h"
#include "lnet_check.h"
#include "lnet_look.h"
#include "lnet_make.h"
#include "base/clock.h"
#include "interrupt.h"
#include "laugment.h"
#include "lcheck.h"
#include "lprobe.h"
#include "choose/amount.h"
#include "data/target.h"
#include "net/net_average.h"
#include "evolve/cannistraci.h"
#include "libs.h"
#include "vector.h"
#include "ldata_check.h"
#include "lranks.h"
#include "stop.h"
#include "workers/merge.h"
#include "base/version.h"
#include "sparse/density.h"
#include "sparse/wiring.h"
#include <float.h>

/* ---- training ---- */

/* What the tick needs: ten times a second at most, the Lua function at stack index 2. */
typedef struct Telling { lua_State *L; double next; int function, failed; } Telling;

static int tick (void *context, double share, double loss) {
  Telling *telling = context;
  if (interrupt_pending()) return 1;
  double now = clock_seconds();
  if (!telling->function || now < telling->next) return 0;
  telling->next = now + 0.1;
  lua_pushvalue(telling->L, telling->function);
  lua_pushnumber(telling->L, share);
  lua_pushnumber(telling->L, loss);
  telling->failed = lua_pcall(telling->L, 2, 0, 0) != LUA_OK;  /* the message stays on the stack */
  return telling->failed;
}

static void check_labels (lua_State *L, const Net *net, const Data *data) {
  int64_t k = net_gives_labels(net) ? data_target_beyond_labels(data) : -1;
  if (k < 0) return;
  int sample = (int)(k / data->n_targets) + 1, column = (int)(k % data->n_targets) + 1;
  luaL_error(L, "target %d of sample %d is %f, and binary_cross_entropy takes numbers from 0 to 1", column, sample, (lua_Number)data->target[k]);
}

/* The split at index `arg`, held, which must fit the net. */
static const Data *hold_fitting (lua_State *L, const Net *net, int arg) {
  const Data *data = ldata_hold(L, arg, BOX_READ);
  int32_t n_in = net_units(net, 0), n_out = net_units(net, net_layers(net));
  if (data->n_features != n_in)
    luaL_error(L, "the net has %d inputs, the data %d features", (int)n_in, (int)data->n_features);
  if (data->n < 1) luaL_error(L, "the data has no samples");
  if (!data_is_unchanged(data)) luaL_error(L, "%s has changed since it was opened: what is read in place must stay as it is; write another file, and rename it", data->map_path);
  if (data->target) {
    if (data->n_targets != n_out) luaL_error(L, "the net has %d outputs, the data %d targets for each sample", (int)n_out, (int)data->n_targets);
    if (!net_gives_numbers(net)) luaL_error(L, "the data has numbers as targets, and the net's loss is for classes: make it with lab.mlp { loss = \"mse\" }, "
                                               "or \"binary_cross_entropy\" where each says whether a label is there");
    check_labels(L, net, data);
    return data;
  }
  if (data->n_classes > n_out)
    luaL_error(L, "the net has %d outputs, the data %d classes", (int)n_out, (int)data->n_classes);
  return data;
}

static Decay check_decay (lua_State *L, int table) {
  static const char *const names[] = { "step", "coupled", "decoupled", NULL };
  lua_getfield(L, table, "decay");
  int which = luaL_checkoption(L, -1, "step", names);
  lua_pop(L, 1);
  return (Decay)which;
}

static int32_t optional_count (lua_State *L, int table, const char *name) {
  lua_getfield(L, table, name);
  lua_Integer n = luaL_optinteger(L, -1, 0);
  lua_pop(L, 1);
  if (n < 0 || n > INT32_MAX) luaL_error(L, "%s must be a count, not %I", name, (LUAI_UACINT)n);
  return (int32_t)n;
}

/* The array layer_rates as one that lives as long as its userdata, which stays on the stack; NULL if there is none. */
static const float *layer_rates (lua_State *L, int table, int32_t layers) {
  if (lua_getfield(L, table, "layer_rates") == LUA_TNIL) return NULL;
  int given = lua_gettop(L);
  luaL_checktype(L, given, LUA_TTABLE);
  if (luaL_len(L, given) != layers) luaL_error(L, "option 'layer_rates' has %I numbers for %d layers", (LUAI_UACINT)luaL_len(L, given), (int)layers);
  float *rates = lua_newuserdatauv(L, (size_t)layers * sizeof *rates, 0);
  for (int32_t l = 0; l < layers; l++) {
    int is_number;
    lua_geti(L, given, l + 1);
    rates[l] = (float)lua_tonumberx(L, -1, &is_number);
    if (!is_number || !(rates[l] >= 0 && rates[l] <= 1e6f)) luaL_error(L, "option 'layer_rates', number %d: expected one from 0 to 1e6", (int)l + 1);
    lua_pop(L, 1);
  }
  return rates;
}

static void raise_status (lua_State *L, int status, const Telling *telling) {
  if (telling->failed) lua_error(L);
  if (status == NET_INTERRUPTED) {
    interrupt_check(L);
    stop_push_interrupt(L);   /* it was another rank's */
    stop_raise(L);
  }
  if (status == NET_NOT_SHARED) luaL_error(L, "the ranks cannot share this net's batches any more: it has too many links now");
  if (status == NET_APART) luaL_error(L, "the ranks do not have the same net, samples and kernels: they need the same program, data and processors of one kind, "
                                         "and a script that does the same everywhere");
  if (status == NET_NO_MEMORY) luaL_error(L, "not enough memory for a batch of this size");
}

/* net:train(data, tick | nil, { batch, rate, layer_rates, momentum, second_momentum (of AdamW and Lion), lasso, lasso_cut (of beta-LASSO), radius (of S2-SAM), weight_decay, decay, nesterov, epoch,
** first_step, steps, augment = lab.c.augment's | nil, together = whether the ranks share the work: each batch, or, if asynchronous, the batches,
** part, parts = only the samples i (from 0) with i % parts == part }) -> loss, accuracy, seconds, samples, diverged, steps that were clipped */
static int l_train (lua_State *L) {
  lua_settop(L, 4);
  Net *net = lnet_hold(L, 1, BOX_CHANGE);
  const Data *data = hold_fitting(L, net, 2);
  luaL_checktype(L, 4, LUA_TTABLE);
  Protocol p = { .batch = lnet_size_field(L, 4, "batch"), .rate = lnet_float_field(L, 4, "rate"),
                 .momentum = lnet_float_field(L, 4, "momentum"),
                 .weight_decay = lnet_float_field(L, 4, "weight_decay"), .decay = check_decay(L, 4) };
  if (net_rule(net) == RULE_LASSO) p.lasso = lnet_float_field(L, 4, "lasso"), p.lasso_cut = lnet_float_field(L, 4, "lasso_cut");
  if (net_rule(net) == RULE_S2SAM) p.radius = lnet_float_field(L, 4, "radius");
  if (net_rule(net) == RULE_ADAMW || net_rule(net) == RULE_LION) p.fresh = (float)(1 - lnet_number_field(L, 4, "second_momentum"));
  lua_getfield(L, 4, "nesterov");
  p.nesterov = lua_toboolean(L, -1);
  int32_t epoch = lnet_size_field(L, 4, "epoch");
  p.first_step = optional_count(L, 4, "first_step");
  p.steps = optional_count(L, 4, "steps");
  if (p.first_step > 0 && p.first_step >= data->n / (p.batch < data->n ? p.batch : data->n))
    return luaL_error(L, "step %d is beyond the last of the epoch: %d samples make %d batches of %d", (int)p.first_step + 1,
                      (int)data->n, (int)(data->n / (p.batch < data->n ? p.batch : data->n)), (int)p.batch);
  p.part = optional_count(L, 4, "part");
  p.parts = optional_count(L, 4, "parts");
  if (p.parts > 1 && (p.part >= p.parts || data->n < p.parts)) return luaL_error(L, "there is no part %d of %d of %d samples", (int)p.part, (int)p.parts, (int)data->n);
  p.layer_rate = layer_rates(L, 4, net_layers(net));
  lua_getfield(L, 4, "augment");   /* stays on the stack, and so alive */
  p.augment = laugment_test(L, -1);
  lua_getfield(L, 4, "together");
  p.ranks = lua_toboolean(L, -1) ? lranks_joined() : NULL;
  lua_getfield(L, 4, "asynchronous");
  p.asynchronous = lua_toboolean(L, -1);
  const char *why = p.augment ? augment_check(p.augment, data) : NULL;
  if (why) return luaL_error(L, "option 'augment': %s", why);
  Telling telling = { L, clock_seconds() + 0.1, lua_isfunction(L, 3) ? 3 : 0, 0 };
  EpochResult r;
  int status = net_train_epoch(net, data, &p, epoch, tick, &telling, &r);
  raise_status(L, status, &telling);
  lua_pushnumber(L, r.loss);
  lua_pushnumber(L, r.accuracy);
  lua_pushnumber(L, r.seconds);
  lua_pushinteger(L, r.samples);
  lua_pushboolean(L, status == NET_DIVERGED);
  lua_pushinteger(L, r.clipped);
  return 6;
}

/* net:ranks_trouble(batch, number) -> why so many ranks cannot share batches of this size, or nil; in how many parts one is processed */
static int l_ranks_trouble (lua_State *L) {
  const Net *net = lnet_check(L);
  lua_Integer batch = luaL_checkinteger(L, 2);
  luaL_argcheck(L, 1 <= batch && batch <= INT32_MAX, 2, "no size of a batch");
  lua_pushstring(L, net_ranks_trouble(net, (int32_t)batch, (int)luaL_checkinteger(L, 3)));
  lua_pushinteger(L, net_parts(net, (int32_t)batch));
  return 2;
}

/* net:divide(parts): a batch is processed in at least so many parts */
static int l_divide (lua_State *L) {
  lua_settop(L, 2);
  lua_Integer parts = luaL_checkinteger(L, 2);
  luaL_argcheck(L, 0 <= parts && parts <= 4096, 2, "from 0 to 4096");
  net_divide(lnet_hold(L, 1, BOX_CHANGE), (int)parts);
  return 0;
}

/* net:reseed([seed]) -> the seed that it had; without one nothing changes */
static int l_reseed (lua_State *L) {
  lua_settop(L, 2);
  Net *net = lnet_hold(L, 1, BOX_CHANGE);
  lua_pushinteger(L, (lua_Integer)net_seed(net));
  if (!lua_isnoneornil(L, 2)) net_reseed(net, (uint64_t)luaL_checkinteger(L, 2));
  return 1;
}

/* net:merge(number): the nets of all ranks become one */
static int l_merge (lua_State *L) {
  char why[NET_REWIRE_WHY];
  lua_settop(L, 2);
  lua_Integer number = luaL_checkinteger(L, 2);
  luaL_argcheck(L, 0 <= number && number <= INT32_MAX, 2, "no number of an evolution");
  Net *net = lnet_hold(L, 1, BOX_CHANGE);
  if (!lranks_joined()) return luaL_error(L, "no other process has been joined");
  if (!net_merge(net, lranks_joined(), (int32_t)number, why)) return luaL_error(L, "the nets of the ranks cannot become one: %s", why);
  return 0;
}

/* net:evaluate(data) -> loss, accuracy, seconds */
static int l_evaluate (lua_State *L) {
  lua_settop(L, 2);
  Net *net = lnet_hold(L, 1, BOX_CHANGE);
  const Data *data = hold_fitting(L, net, 2);
  Telling telling = { L, 0, 0, 0 };
  double loss, accuracy, start = clock_seconds();
  raise_status(L, net_evaluate(net, data, tick, &telling, &loss, &accuracy), &telling);
  lua_pushnumber(L, loss);
  lua_pushnumber(L, accuracy);
  lua_pushnumber(L, clock_seconds() - start);
  return 3;
}

/* net:predict(data, i) -> array: the output units' values for sample i */
static int l_predict (lua_State *L) {
  lua_settop(L, 3);
  Net *net = lnet_hold(L, 1, BOX_CHANGE);
  const Data *data = hold_fitting(L, net, 2);
  lua_Integer i = luaL_checkinteger(L, 3);
  luaL_argcheck(L, 1 <= i && i <= data->n, 3, "no such sample");
  int32_t n = net_units(net, net_layers(net));
  float *out = lua_newuserdatauv(L, (size_t)n * sizeof *out, 0);
  if (!net_predict(net, data, (int32_t)i - 1, out)) return luaL_error(L, "not enough memory");
  lnet_push_numbers(L, out, n);
  return 1;
}

/* net:outputs(data [, lab.c.augment's, epoch]) -> vector of n_samples * n_out floats: the output units' values, sample after sample; of images changed as in
** this epoch of training */
static int l_outputs (lua_State *L) {
  lua_settop(L, 4);
  Net *net = lnet_hold(L, 1, BOX_CHANGE);
  const Data *data = hold_fitting(L, net, 2);
  Vector *out = vector_push(L, VECTOR_FLOAT, (int64_t)data->n * net_units(net, net_layers(net)));
  Telling telling = { L, 0, 0, 0 };
  const Augment *augment = laugment_test(L, 3);
  lua_Integer epoch = luaL_optinteger(L, 4, 1);
  luaL_argcheck(L, 1 <= epoch && epoch <= INT32_MAX, 4, "no epoch");
  const char *why = augment ? augment_check(augment, data) : NULL;
  if (why) return luaL_error(L, "option 'augment': %s", why);
  raise_status(L, net_outputs(net, data, augment, (int32_t)epoch, tick, &telling, out->data), &telling);
  return 1;
}

/* net:mix_samples(mixup, cutmix): of all training to come, the parameters of Beta; 0: none */
static int l_mix_samples (lua_State *L) {
  lua_Number mixup = luaL_checknumber(L, 2), cutmix = luaL_checknumber(L, 3);
  luaL_argcheck(L, mixup >= 0 && mixup <= MIX_MOST_ALPHA, 2, "from 0 to 100");
  luaL_argcheck(L, cutmix >= 0 && cutmix <= MIX_MOST_ALPHA, 3, "from 0 to 100");
  net_mix_samples(lnet_hold(L, 1, BOX_CHANGE), (Mixing){ (float)mixup, (float)cutmix });
  return 0;
}

/* net:average() -> number of moments that the mean is of, this one included */
static int l_average (lua_State *L) {
  lua_settop(L, 1);
  int64_t moments = net_average(lnet_hold(L, 1, BOX_CHANGE));
  if (moments == 0) return luaL_error(L, "not enough memory for the mean of the weights");
  lua_pushinteger(L, moments);
  return 1;
}

/* net:averaged() -> moments that the mean is of; 0: there is none */
static int l_averaged (lua_State *L) {
  lua_pushinteger(L, net_averaged(lnet_check(L)));
  return 1;
}

/* net:take_average(): the net becomes its mean */
static int l_take_average (lua_State *L) {
  lua_settop(L, 1);
  net_take_average(lnet_hold(L, 1, BOX_CHANGE));
  return 0;
}

/* net:forget_average() */
static int l_forget_average (lua_State *L) {
  lua_settop(L, 1);
  net_forget_average(lnet_hold(L, 1, BOX_CHANGE));
  return 0;
}

/* net:make_average(): room for a mean that comes from a file */
static int l_make_average (lua_State *L) {
  lua_settop(L, 1);
  if (!net_make_average(lnet_hold(L, 1, BOX_CHANGE))) return luaL_error(L, "not enough memory for the mean of the weights");
  return 0;
}

/* net:smooth_labels(share): of all training to come */
static int l_smooth_labels (lua_State *L) {
  lua_settop(L, 2);
  lua_Number share = luaL_checknumber(L, 2);
  luaL_argcheck(L, share >= 0 && share < 1, 2, "must be from 0 to below 1");
  net_smooth_labels(lnet_hold(L, 1, BOX_CHANGE), (float)share);
  return 0;
}

/* net:clip(norm, batch): of all training to come, by batches of so many samples; 0: none -> why that cannot be, or nil */
static int l_clip (lua_State *L) {
  lua_settop(L, 3);
  double given = luaL_checknumber(L, 2);
  lua_Integer batch = luaL_checkinteger(L, 3);
  luaL_argcheck(L, given == 0 || (given >= (double)FLT_MIN && given <= (double)FLT_MAX), 2, "must be 0, or from 1.2e-38 to 3.4e38");
  float norm = (float)given;
  luaL_argcheck(L, 1 <= batch && batch <= INT32_MAX, 3, "no size of a batch");
  Net *net = lnet_hold(L, 1, BOX_CHANGE);
  if (!net_clip_gradients(net, norm)) return luaL_error(L, "not enough memory to clip gradients");
  lua_pushstring(L, net_clip_trouble(net, (int32_t)batch));
  return 1;
}

/* net:norm_trouble(batch) -> why the net cannot normalise over batches of so many samples, or nil */
static int l_norm_trouble (lua_State *L) {
  lua_Integer batch = luaL_checkinteger(L, 2);
  luaL_argcheck(L, 1 <= batch && batch <= INT32_MAX, 2, "no size of a batch");
  lua_pushstring(L, net_norm_trouble(lnet_hold(L, 1, BOX_CHANGE), (int32_t)batch));
  return 1;
}

/* ---- evolution ---- */

/* keep[k] of the array at index 3, one boolean for each link, as bytes in a userdata on the stack. */
static uint8_t *take_keep (lua_State *L, int64_t links) {
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_Integer n = lcheck_length(L, 3, LUA_MAXINTEGER, "the array");
  if (n != links)
    luaL_argerror(L, 3, lua_pushfstring(L, "%I values for %I links: one boolean a link is needed", (LUAI_UACINT)n,
                                        (LUAI_UACINT)links));
  uint8_t *keep = lua_newuserdatauv(L, (size_t)links + 1, 0);
  for (lua_Integer k = 1; k <= n; k++) {
    if (lua_geti(L, 3, k) != LUA_TBOOLEAN)
      luaL_argerror(L, 3, lua_pushfstring(L, "value %I is %s, not true or false", (LUAI_UACINT)k, luaL_tolstring(L, -1, NULL)));
    keep[k - 1] = (uint8_t)lua_toboolean(L, -1);
    lua_pop(L, 1);
  }
  return keep;
}

/* net:rewire(layer, keep, epoch, grow, init) -> links replaced. keep[k] is true for every
** surviving link, false for the others, in the order of net:links_of(layer). */
static int l_rewire (lua_State *L) {
  lua_settop(L, 6);
  Net *net = lnet_hold(L, 1, BOX_CHANGE);
  int32_t l = lnet_check_layer(L, net, 2);
  const Sparse *W = lnet_check_sparse(L, net, l);
  luaL_checktype(L, 3, LUA_TTABLE);
  int32_t epoch = (int32_t)lcheck_between(L, 4, 0, INT32_MAX);
  const Grow *grow = grow_find(luaL_checkstring(L, 5));
  luaL_argcheck(L, grow, 5, "no such rule for growing");
  Evolution rule = evolution_set(0, lnet_check_init(L, 6));
  rule.grow = grow;
  int64_t replaced = net_rewire(net, l, take_keep(L, W->links), &rule, NULL, epoch);
  if (replaced < 0) return luaL_error(L, "not enough memory to rewire the net");
  lua_pushinteger(L, replaced);
  return 1;
}

static int l_close (lua_State *L) { return box_close(L, &lnet_kind); }

/* ---- the library ---- */

/* library.density(epsilon, n_in, n_out) -> share of cells that are links */
static int l_density (lua_State *L) {
  int32_t n_in = (int32_t)lcheck_between(L, 2, 1, INT32_MAX), n_out = (int32_t)lcheck_between(L, 3, 1, INT32_MAX);
  lua_pushnumber(L, wiring_density(luaL_checknumber(L, 1), n_in, n_out));
  return 1;
}

/* library.cubic(from, to, x), library.logistic(from, to, steepness, x) -> the number at x in [0, 1] (core/evolve/amount.h) */
static int l_cubic (lua_State *L) {
  lua_pushnumber(L, amount_cubic(luaL_checknumber(L, 1), luaL_checknumber(L, 2), luaL_checknumber(L, 3)));
  return 1;
}

static int l_logistic (lua_State *L) {
  lua_pushnumber(L, amount_logistic(luaL_checknumber(L, 1), luaL_checknumber(L, 2), luaL_checknumber(L, 3), luaL_checknumber(L, 4)));
  return 1;
}

/* library.density_links(n_in, n_out, density) -> links of a layer of that density */
static int l_density_links (lua_State *L) {
  int64_t n_in = lcheck_between(L, 1, 1, INT32_MAX), n_out = lcheck_between(L, 2, 1, INT32_MAX);
  lua_pushinteger(L, density_links(n_in * n_out, luaL_checknumber(L, 3)));
  return 1;
}

/* library.densities({ n_in ... }, { n_out ... }, density, power) -> array: the density of each layer by ER, for one of all layers */
static int l_densities (lua_State *L) {
  lua_settop(L, 4);
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_Integer n = lcheck_length(L, 1, 4096, "the array");
  int32_t *size = lua_newuserdatauv(L, 2 * (size_t)n * sizeof *size + 1, 0);
  double *out = lua_newuserdatauv(L, (size_t)n * sizeof *out + 1, 0);
  for (lua_Integer l = 0; l < 2 * n; l++) {
    lua_geti(L, l < n ? 1 : 2, l % n + 1);
    size[l] = (int32_t)lcheck_between(L, lua_gettop(L), 1, INT32_MAX);
    lua_pop(L, 1);
  }
  density_er(size, size + n, (int32_t)n, luaL_checknumber(L, 3), luaL_checknumber(L, 4), out);
  lua_createtable(L, (int)n, 0);
  for (lua_Integer l = 0; l < n; l++) {
    lua_pushnumber(L, out[l]);
    lua_rawseti(L, -2, l + 1);
  }
  return 1;
}

/* library.fastest([isa]) -> name of the kernels that nets use, or nil if isa cannot be had */
static int l_fastest (lua_State *L) {
  const Kernels *kernels = kernels_choose(luaL_optstring(L, 1, NULL));
  lua_pushstring(L, kernels ? kernels->isa : NULL);
  return 1;
}

/* library.newborn_init(name) -> the rule by which newborn links draw in a net whose first weights `name` drew */
static int l_newborn_init (lua_State *L) {
  lua_pushstring(L, init_newborn(lnet_check_init(L, 1))->name);
  return 1;
}

static void push_names (lua_State *L, const char *field, const void *table, size_t size) {
  lua_newtable(L);
  for (const char *const *name = table; *name; name = (const char *const *)((const char *)name + size)) {
    lua_pushstring(L, *name);
    lua_rawseti(L, -2, luaL_len(L, -2) + 1);
  }
  lua_setfield(L, -2, field);
}

static void push_prunes (lua_State *L) {
  lua_newtable(L);
  for (int n = 0; prune_name(n); n++) {
    lua_pushstring(L, prune_name(n));
    lua_rawseti(L, -2, n + 1);
  }
  lua_setfield(L, -2, "prunes");
}

int luaopen_lab_net (lua_State *L) {
  static const luaL_Reg methods[] = {
    { "train", l_train },   { "ranks_trouble", l_ranks_trouble }, { "divide", l_divide }, { "reseed", l_reseed }, { "merge", l_merge },   { "evaluate", l_evaluate }, { "predict", l_predict },
    { "outputs", l_outputs }, { "average", l_average }, { "averaged", l_averaged },
    { "take_average", l_take_average }, { "forget_average", l_forget_average }, { "make_average", l_make_average }, { "smooth_labels", l_smooth_labels }, { "clip", l_clip }, { "norm_trouble", l_norm_trouble }, { "mix_samples", l_mix_samples },
    { "rewire", l_rewire }, { NULL, NULL },
  };
  static const luaL_Reg library[] = {
    { "new", lnet_new }, { "density", l_density }, { "density_links", l_density_links }, { "densities", l_densities },
    { "fastest", l_fastest }, { "newborn_init", l_newborn_init },
    { "cubic", l_cubic }, { "logistic", l_logistic }, { NULL, NULL },
  };
  lnet_make_open(L);
  lprobe_open(L);
  box_kind(L, &lnet_kind, methods, NULL, l_close);
  lua_getfield(L, -1, "__index");
  luaL_setfuncs(L, lnet_look_methods, 0);
  luaL_setfuncs(L, levolve_methods, 0);
  luaL_setfuncs(L, llayer_methods, 0);
  luaL_newlib(L, library);
  push_names(L, "activations", kernels_portable.activations, sizeof(Activation));
  push_names(L, "inits", init_rules, sizeof(Init));
  push_names(L, "losses", losses, sizeof(Loss));
  push_prunes(L);
  push_names(L, "grows", grow_rules, sizeof(Grow));
  push_names(L, "scores", cannistraci_rules, sizeof(Cannistraci));
  lua_pushinteger(L, SETLAB_RESULTS_VERSION);
  lua_setfield(L, -2, "results_version");
  lua_pushinteger(L, GHOST_ALL);
  lua_setfield(L, -2, "ghost_all");
  return 1;
}
