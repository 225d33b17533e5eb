/*
** lmonitor.c -- the resource monitor for Lua: require "lab.c.monitor".
**
**   start(path [, interval [, resumed]])  a running monitor, or nil and why; 0.5 s by default. With
**                             resumed = { seconds, cpu_percent, read_bytes, written_bytes } the file
**                             goes on from there
**   monitor:stop()            the summary as a table: seconds, cpu_percent, peak_uss_mib,
**                             peak_rss_mib, samples, sampling_seconds, and why if the file
**                             could not be written to the end
** A monitor that is forgotten, or closed as <close>, is stopped too.
*/
#include "lbox.h"
#include "lfs_check.h"
#include "libs.h"
#include "os/monitor.h"

static void stop (void *monitor) { monitor_stop(monitor, NULL); }

static const BoxKind kind = { "lab.monitor", "monitor", "the monitor has stopped", stop };

static double resumed_field (lua_State *L, const char *name) {
  lua_getfield(L, 3, name);
  double value = luaL_optnumber(L, -1, 0);
  lua_pop(L, 1);
  return value;
}

static int l_start (lua_State *L) {
  const char *path = fs_check_path(L, 1);
  lua_Number interval = luaL_optnumber(L, 2, 0.5);
  luaL_argcheck(L, interval >= 0.001 && interval <= 3600, 2, "not in [0.001, 3600] seconds");
  Box *box = box_push(L, &kind);
  char why[256];
  if (lua_istable(L, 3)) {
    MonitorResumed resumed = { resumed_field(L, "seconds"), resumed_field(L, "cpu_percent"),
                               resumed_field(L, "read_bytes"), resumed_field(L, "written_bytes") };
    box->it = monitor_continue(path, interval, &resumed, why);
  } else box->it = monitor_start(path, interval, why);
  if (box->it) return 1;
  lua_pushnil(L);
  lua_pushstring(L, why);
  return 2;
}

static int l_close (lua_State *L) { return box_close(L, &kind); }

static void set_number (lua_State *L, const char *key, double value) {
  lua_pushnumber(L, value);
  lua_setfield(L, -2, key);
}

static int l_stop (lua_State *L) {
  Monitor *monitor = box_check(L, 1, &kind);
  Box *box = lua_touserdata(L, 1);
  MonitorSummary s;
  box->it = NULL;
  monitor_stop(monitor, &s);
  lua_createtable(L, 0, 7);
  set_number(L, "seconds", s.seconds);
  set_number(L, "cpu_percent", s.cpu_percent);
  set_number(L, "peak_uss_mib", s.peak_uss_mib);
  set_number(L, "peak_rss_mib", s.peak_rss_mib);
  set_number(L, "sampling_seconds", s.sampling_seconds);
  lua_pushinteger(L, s.samples);
  lua_setfield(L, -2, "samples");
  if (s.why[0]) {
    lua_pushstring(L, s.why);
    lua_setfield(L, -2, "why");
  }
  return 1;
}

int luaopen_lab_monitor (lua_State *L) {
  static const luaL_Reg methods[] = { { "stop", l_stop }, { NULL, NULL } };
  static const luaL_Reg functions[] = { { "start", l_start }, { NULL, NULL } };
  box_kind(L, &kind, methods, NULL, l_close);
  luaL_newlib(L, functions);
  return 1;
}
