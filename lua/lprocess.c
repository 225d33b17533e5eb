/*
** lprocess.c -- lab.c.process: running another program to its end.
*/
#include "lcheck.h"
#include "libs.h"
#include "interrupt.h"
#include "os/process.h"
#include <math.h>
#include <string.h>

#define RESULT "lab.process.result"

enum { MOST_STRINGS = 10000 };   /* of an array */

/* The string at the top of the stack; C would read it as far as its first zero byte. */
static const char *text_at_top (lua_State *L, const char *name) {
  size_t length;
  const char *text = lua_tolstring(L, -1, &length);
  if (strlen(text) != length) luaL_error(L, "process.run: %s holds a zero byte", name);
  return text;
}

/* The strings of the array at the top of the stack as a NULL-terminated C array. Both stay on the
** stack. */
static const char *const *string_array (lua_State *L, const char *name) {
  int array = lua_gettop(L);
  lua_Integer n = lcheck_length(L, array, MOST_STRINGS, name);
  luaL_checkstack(L, (int)n + LUA_MINSTACK, name);
  const char **list = lua_newuserdatauv(L, ((size_t)n + 1) * sizeof *list, 0);
  for (lua_Integer i = 1; i <= n; i++) {
    if (lua_geti(L, array, i) != LUA_TSTRING)
      luaL_error(L, "process.run: %s[%I] must be a string", name, (LUAI_UACINT)i);
    list[i - 1] = text_at_top(L, name);
  }
  list[n] = NULL;
  return list;
}

static const char *const *string_array_field (lua_State *L, const char *name) {
  if (lua_getfield(L, 1, name) == LUA_TNIL) return NULL;
  if (!lua_istable(L, -1)) luaL_argerror(L, 1, lua_pushfstring(L, "%s must be an array of strings", name));
  return string_array(L, name);
}

/* A string that stays on the stack. `size` NULL: it may hold no zero byte. */
static const char *string_field (lua_State *L, const char *name, size_t *size) {
  if (lua_getfield(L, 1, name) == LUA_TNIL) return NULL;
  if (lua_type(L, -1) != LUA_TSTRING) luaL_argerror(L, 1, lua_pushfstring(L, "%s must be a string", name));
  return size ? lua_tolstring(L, -1, size) : text_at_top(L, name);
}

static void read_job (lua_State *L, ProcessJob *job) {
  luaL_checktype(L, 1, LUA_TTABLE);
  job->argv = string_array_field(L, "argv");
  luaL_argcheck(L, job->argv && job->argv[0], 1, "argv must name a program");
  job->env = string_array_field(L, "env");
  job->cwd = string_field(L, "cwd", NULL);
  job->input = string_field(L, "stdin", &job->input_size);
  lua_getfield(L, 1, "confined");
  job->confined = lua_toboolean(L, -1);
  luaL_argcheck(L, !job->confined || job->cwd, 1, "who is confined needs a folder, cwd");
  if (lua_getfield(L, 1, "timeout_seconds") != LUA_TNIL) {
    job->timeout_seconds = lua_tonumber(L, -1);
    luaL_argcheck(L, job->timeout_seconds > 0 && isfinite(job->timeout_seconds), 1,
                  "timeout_seconds must be a finite number above 0");
  }
}

static int result_free (lua_State *L) {
  process_free(luaL_checkudata(L, 1, RESULT));
  return 0;
}

static void push_result (lua_State *L, const ProcessResult *r) {
  lua_createtable(L, 0, 5);
  if (r->status >= 0) {
    lua_pushinteger(L, r->status);
    lua_setfield(L, -2, "status");
  }
  if (r->signal) {
    lua_pushinteger(L, r->signal);
    lua_setfield(L, -2, "signal");
  }
  lua_pushboolean(L, r->timed_out);
  lua_setfield(L, -2, "timed_out");
  lua_pushlstring(L, r->out.text, r->out.size);
  lua_setfield(L, -2, "out");
  lua_pushlstring(L, r->err.text, r->err.size);
  lua_setfield(L, -2, "err");
}

/* process.run { argv = { program, ... }, stdin = text, timeout_seconds = 60, env = { "NAME=value" },
** cwd = folder, confined = true if it may write only there and start nothing } -> { status =, signal =, out =, err =, timed_out = } or nil, why. */
static int l_run (lua_State *L) {
  ProcessJob job = { .timeout_seconds = 60, .cancelled = interrupt_pending };
  char why[256];
  read_job(L, &job);
  ProcessResult *result = lua_newuserdatauv(L, sizeof *result, 0);
  *result = (ProcessResult){ 0 };
  luaL_setmetatable(L, RESULT); /* from here on __gc frees the texts on every path */
  if (!process_run(&job, result, why)) {
    lua_pushnil(L);
    lua_pushstring(L, why);
    return 2;
  }
  if (result->was_cancelled) interrupt_check(L); /* Ctrl-C: raises, the child has ended */
  push_result(L, result);
  process_free(result);
  return 1;
}

int luaopen_lab_process (lua_State *L) {
  static const luaL_Reg functions[] = { { "run", l_run }, { NULL, NULL } };
  static const luaL_Reg metamethods[] = { { "__gc", result_free }, { "__close", result_free }, { NULL, NULL } };
  luaL_newmetatable(L, RESULT);
  luaL_setfuncs(L, metamethods, 0);
  luaL_newlib(L, functions);
  return 1;
}
