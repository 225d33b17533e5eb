/*
** lhash.c -- lab.c.hash: the content hash behind run folders and data sets (XXH3, 128
** bits), and the results version, which is hashed into every run's key.
*/
#include "libs.h"
#include "version.h"
#include <inttypes.h>
#include <stdio.h>
#include <xxhash.h>

/* hash.xxh128(bytes): 32 hex digits, the high word first, the same on every machine. */
static int hash_xxh128 (lua_State *L) {
  size_t n;
  const char *bytes = luaL_checklstring(L, 1, &n);
  XXH128_hash_t h = XXH3_128bits(bytes, n);
  char hex[33];
  snprintf(hex, sizeof hex, "%016" PRIx64 "%016" PRIx64, (uint64_t)h.high64, (uint64_t)h.low64);
  lua_pushstring(L, hex);
  return 1;
}

int luaopen_lab_hash (lua_State *L) {
  static const luaL_Reg functions[] = { { "xxh128", hash_xxh128 }, { NULL, NULL } };
  luaL_newlib(L, functions);
  lua_pushinteger(L, SETLAB_RESULTS_VERSION);
  lua_setfield(L, -2, "results_version");
  return 1;
}
