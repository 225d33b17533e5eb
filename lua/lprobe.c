#include "lprobe.h"
#include "lcheck.h"
#include "laugment.h"
#include "ldata_check.h"
#include "lnet_check.h"
#include "base/mem.h"
#include "base/min.h"
#include <math.h>

static void free_probe (void *probe) { net_probe_free(probe); }

const BoxKind lprobe_kind = { "lab.probe", "probe", "the probe is closed: its net has changed since it was made", free_probe };

const Probe *lprobe_hold (lua_State *L, int arg, int net) {
  if (lua_isnoneornil(L, arg)) return NULL;
  const Probe *probe = box_hold(L, arg, &lprobe_kind, BOX_READ);
  lua_getiuservalue(L, arg, 1);
  luaL_argcheck(L, lua_rawequal(L, -1, net), arg, "the probe belongs to another net");
  lua_pop(L, 1);
  return probe;
}

int64_t lprobe_links (lua_State *L, int arg, int32_t l) {
  lua_getiuservalue(L, arg, 2);
  lua_geti(L, -1, l + 1);
  int64_t links = lua_tointeger(L, -1);
  lua_pop(L, 2);
  return links;
}

/* The links of each layer, in a table. */
static void push_links (lua_State *L, const Net *net) {
  lua_createtable(L, net_layers(net), 0);
  for (int32_t l = 0; l < net_layers(net); l++) {
    lua_pushinteger(L, net_links(net, l));
    lua_seti(L, -2, l + 1);
  }
}

static int boolean_field (lua_State *L, int table, const char *name) {
  lua_getfield(L, table, name);
  int yes = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return yes;
}

/* Batch `first` of the epoch's order, from 0, and those after it, up to the epoch's last one. */
static int32_t look (lua_State *L, Box *box, Net *net, const Data *data, int table, const Augment *augment) {
  int32_t epoch = lnet_size_field(L, table, "epoch"), batch = min_i32(lnet_size_field(L, table, "batch"), data->n);
  int32_t batches = lnet_size_field(L, table, "batches"), first = (int32_t)lnet_number_field(L, table, "first_step");
  int32_t all = data->n / batch;
  if (first < 0 || first >= all) luaL_error(L, "batch %d is beyond the last of the epoch, %d", (int)first + 1, (int)all);
  batches = min_i32(batches, all - first);
  if ((int64_t)batches * batch > INT32_MAX / 2) luaL_error(L, "%d batches of %d are too many for one probe", (int)batches, (int)batch);
  int needs = NEEDS_VALUES | (boolean_field(L, table, "gradients") ? NEEDS_GRADIENTS : 0);
  int32_t *rows = net_order(net, data, epoch);
  if (rows) box->it = net_probe(net, data, augment, epoch, rows + (size_t)first * (size_t)batch, batches * batch, needs);
  mem_free(rows);
  if (!box->it) luaL_error(L, "not enough memory to look at %d samples", (int)(batches * batch));
  return batches * batch;
}

/* net:probe(data, { epoch, first_step, batch, batches, gradients, augment = lab.c.augment's | nil })
** -> probe, loss, how many samples it has looked at */
int lprobe_new (lua_State *L) {
  lua_settop(L, 3);
  Net *net = lnet_hold(L, 1, BOX_CHANGE);
  const Data *data = ldata_hold(L, 2, BOX_READ);
  luaL_checktype(L, 3, LUA_TTABLE);
  if (data->n_features != net_units(net, 0)) return luaL_error(L, "the net has %d inputs, the data %d features", (int)net_units(net, 0), (int)data->n_features);
  if (data->n < 1) return luaL_error(L, "the data has no samples");
  lua_getfield(L, 3, "augment");   /* stays on the stack, and so alive */
  const Augment *augment = laugment_test(L, -1);
  const char *why = augment ? augment_check(augment, data) : NULL;
  if (why) return luaL_error(L, "option 'augment': %s", why);
  Box *box = lua_newuserdatauv(L, sizeof *box, 2);
  *box = (Box){ 0 };
  luaL_setmetatable(L, lprobe_kind.name);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  push_links(L, net);
  lua_setiuservalue(L, -2, 2);
  int at = lua_gettop(L);
  int32_t samples = look(L, box, net, data, 3, augment);
  lua_pushvalue(L, at);
  lua_pushnumber(L, net_probe_loss(box->it));
  lua_pushinteger(L, samples);
  return 3;
}

static int l_close (lua_State *L) { return box_close(L, &lprobe_kind); }

void lprobe_open (lua_State *L) {
  static const luaL_Reg methods[] = { { NULL, NULL } };
  box_kind(L, &lprobe_kind, methods, NULL, l_close);
  lua_pop(L, 1);
}
