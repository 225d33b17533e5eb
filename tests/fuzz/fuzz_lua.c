/* fuzz_lua.c -- the readers that are written in Lua: sweeps and checkpoints.
**
** tests/fuzz/<name>.lua returns a function of one text that raises an error if a promise is
** broken. Its Lua state serves many inputs, and is closed and opened anew now and then; in
** between, its memory must not grow. Which lines of Lua an input reaches is counted where
** libFuzzer looks for it, as Lua itself tells no fuzzer where it was. */
#include "fuzz.h"
#include "libs.h"
#include "base/mem.h"
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINES = 1 << 14, INPUTS_A_STATE = 3000, INPUTS_A_LOOK = 100, MOST_GROWTH = 4096 /* KiB */, MOST_COUNTED = 300000 };

__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t reached[LINES];
static int counted;

/* Counts a line. One input need not count for ever: what it does so often is known. */
static void on_line (lua_State *L, lua_Debug *at) {
  if (++counted > MOST_COUNTED) {
    lua_sethook(L, NULL, 0, 0);
    return;
  }
  lua_getinfo(L, "S", at);
  uint32_t hash = 2166136261u;
  for (const char *c = at->source; *c && c < at->source + 40; c++) hash = (hash ^ (unsigned char)*c) * 16777619u;
  uint8_t *count = &reached[(hash ^ (uint32_t)at->currentline * 2654435761u) % LINES];
  *count = (uint8_t)(*count + (*count < 255));
}

typedef struct State {
  lua_State *L;       /* the function alone on its stack */
  int inputs, held;   /* read so far; KiB after the first ones */
} State;

static lua_State *open_state (const char *script) {
  lua_State *L = luaL_newstate();
  fuzz_expect(L != NULL, "no Lua");
  luaL_openlibs(L);
  libs_preload(L);
  if (luaL_dofile(L, script) != LUA_OK) {
    fprintf(stderr, "%s\n", lua_tostring(L, -1));
    exit(2);
  }
  return L;
}

static int memory (lua_State *L) {
  lua_gc(L, LUA_GCCOLLECT, 0);
  lua_gc(L, LUA_GCCOLLECT, 0);
  return lua_gc(L, LUA_GCCOUNT, 0);
}

/* Calls the script's function with a text. */
static void call (State *s, const char *script, const char *text, size_t size) {
  if (s->inputs == INPUTS_A_STATE) {
    lua_close(s->L);
    *s = (State){ NULL, 0, 0 };
  }
  if (!s->L) s->L = open_state(script);
  counted = 0;
  lua_sethook(s->L, on_line, LUA_MASKLINE, 0);
  lua_pushvalue(s->L, -1);
  lua_pushlstring(s->L, text, size);
  if (lua_pcall(s->L, 1, 0, 0) != LUA_OK) fuzz_expect(0, "%s", luaL_tolstring(s->L, -1, NULL));
  lua_sethook(s->L, NULL, 0, 0);
  if (++s->inputs % INPUTS_A_LOOK != 0) return;
  int held = memory(s->L);
  if (!s->held) s->held = held;
  fuzz_expect(held < s->held + MOST_GROWTH, "Lua held %d KiB after %d inputs, and %d KiB after %d", s->held, INPUTS_A_LOOK, held, s->inputs);
}

void fuzz_yaml (const uint8_t *bytes, size_t size) {
  static State state;
  call(&state, "tests/fuzz/sweep.lua", (const char *)bytes, size);
}

void fuzz_checkpoint (const uint8_t *bytes, size_t size) {
  static State state;
  const char *path = fuzz_file(0, bytes, size);
  call(&state, "tests/fuzz/checkpoint.lua", path, strlen(path));
  if (mem_held() > 0) lua_gc(state.L, LUA_GCCOLLECT, 0);  /* what nobody closed is still the collector's */
}
