#include "ldata_check.h"
#include "lmem.h"

static void free_data (void *data) { data_free(data); }

const BoxKind ldata_kind = { "lab.data", "split", "data is closed", free_data };

Data *ldata_check (lua_State *L, int arg) { return box_check(L, arg, &ldata_kind); }

Data *ldata_hold (lua_State *L, int arg, BoxUse use) { return box_hold(L, arg, &ldata_kind, use); }

Box *ldata_push (lua_State *L) {
  lmem_make_room(L);
  return box_push(L, &ldata_kind);
}

void ldata_push_values (lua_State *L, const Data *data, int32_t sample) {
  size_t base = (size_t)sample * (size_t)data->n_features;
  lua_createtable(L, data->n_features, 0);
  for (int32_t j = 0; j < data->n_features; j++) {
    if (data->u8) lua_pushinteger(L, data->u8[base + (size_t)j]);
    else lua_pushnumber(L, (lua_Number)data->f32[base + (size_t)j]);
    lua_rawseti(L, -2, j + 1);
  }
}
