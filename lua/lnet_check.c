#include "lnet_check.h"
#include <float.h>
#include <math.h>
#include <string.h>

static void free_net (void *net) { net_free(net); }

const BoxKind lnet_kind = { "lab.net", "net", "the net is closed", free_net };

Net *lnet_check (lua_State *L) { return box_check(L, 1, &lnet_kind); }

Net *lnet_hold (lua_State *L, int arg, BoxUse use) { return box_hold(L, arg, &lnet_kind, use); }

int32_t lnet_check_layer (lua_State *L, const Net *net, int arg) {
  lua_Integer l = luaL_checkinteger(L, arg);
  luaL_argcheck(L, 1 <= l && l <= net_layers(net), arg, "no such layer");
  return (int32_t)l - 1;
}

int lnet_check_side (lua_State *L, int arg) {
  const char *side = luaL_checkstring(L, arg);
  if (strcmp(side, "in") == 0) return 0;
  if (strcmp(side, "out") != 0) luaL_argerror(L, arg, lua_pushfstring(L, "invalid option '%s'; known: in, out", side));
  return 1;
}

const Sparse *lnet_check_sparse (lua_State *L, const Net *net, int32_t l) {
  const Sparse *W = net_sparse(net, l);
  if (!W) luaL_error(L, "layer %d is dense", (int)l + 1);
  return W;
}

const Init *lnet_check_init (lua_State *L, int arg) {
  const Init *init = init_find(luaL_checkstring(L, arg));
  luaL_argcheck(L, init, arg, "no such rule for starting weights");
  return init;
}

Rule lnet_check_rule (lua_State *L, int arg) {
  static const char *const names[] = { [RULE_SGD] = "sgd", [RULE_ADAMW] = "adamw", [RULE_LION] = "lion", [RULE_LASSO] = "beta_lasso",
                                       [RULE_S2SAM] = "s2sam", NULL };
  return (Rule)luaL_checkoption(L, arg, "sgd", names);
}

void lnet_new_array (lua_State *L, int64_t n) {
  if (n > INT32_MAX) luaL_error(L, "%I numbers are more than a table of Lua holds", (LUAI_UACINT)n);
  lua_createtable(L, (int)n, 0);
}

void lnet_push_numbers (lua_State *L, const float *v, int64_t n) {
  lnet_new_array(L, n);
  for (int64_t k = 0; k < n; k++) {
    lua_pushnumber(L, (lua_Number)v[k]);
    lua_rawseti(L, -2, k + 1);
  }
}

lua_Number lnet_number_field (lua_State *L, int table, const char *name) {
  lua_getfield(L, table, name);
  lua_Number x = luaL_checknumber(L, -1);
  lua_pop(L, 1);
  return x;
}

float lnet_float_field (lua_State *L, int table, const char *name) {
  lua_Number x = lnet_number_field(L, table, name);
  if (!(fabs(x) <= (double)FLT_MAX)) luaL_error(L, "'%s' is %f, and single precision ends at %f", name, x, (double)FLT_MAX);
  return (float)x;
}

int32_t lnet_size_field (lua_State *L, int table, const char *name) {
  lua_Number x = lnet_number_field(L, table, name);
  if (!(x >= 1 && x <= 1e9 && x == floor(x)))
    luaL_error(L, "'%s' must be a whole number from 1 to 1e9, not %f", name, x);
  return (int32_t)x;
}
