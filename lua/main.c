/*
** main.c -- the program: opens Lua, preloads the libraries, hands the command line to
** lab.cli, and turns what comes back into an exit status. Nothing else lives here.
*/
#include "interrupt.h"
#include "libs.h"
#include "lranks.h"
#include "stop.h"
#include <errno.h>
#include <malloc.h>
#include <lualib.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Runs lab.cli's main with the arguments as strings; leaves the exit status on the stack. */
static int run_command_line (lua_State *L) {
  int argc = (int)lua_tointeger(L, 1);
  char **argv = lua_touserdata(L, 2);
  stop_open(L);
  interrupt_install(L);
  luaL_openlibs(L);
  libs_preload(L);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "lab.cli.cli");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "main");
  lua_createtable(L, argc, 0);
  for (int i = 0; i < argc; i++) {
    lua_pushstring(L, argv[i]);
    lua_rawseti(L, -2, i);
  }
  lua_call(L, 1, 1);
  return 1;
}

/* A reader that went away (setlab ... | head, a dead gnuplot) shows as EPIPE where we
** write. An empty handler does that here and, unlike SIG_IGN, is not inherited. */
static void ignore_signal (int signal_number) { (void)signal_number; }

static void survive_broken_pipes (void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = ignore_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGPIPE, &action, NULL);
}

/* 1 if standard output is a pipe that nobody reads any more. */
static int reader_gone (void) {
  struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
  return poll(&out, 1, 0) == 1 && (out.revents & POLLERR);
}

/* Results that could not be written are a failure; a reader that went away is not. */
static int flush_results (int status) {
  int earlier = ferror(stdout);
  errno = 0;
  if ((fflush(stdout) == 0 && !earlier) || reader_gone()) return status;
  fprintf(stderr, "setlab: cannot write to standard output: %s\n", 
          errno ? strerror(errno) : "is the disk full?");
  return status ? status : 1;
}

/* Is the value at the top Ctrl-C? */
static int is_interrupt (lua_State *L) {
  if (!stop_is(L, -1)) return 0;
  lua_getfield(L, -1, "kind");
  const char *kind = lua_tostring(L, -1);
  int interrupt = kind && strcmp(kind, "interrupt") == 0;
  lua_pop(L, 1);
  return interrupt;
}

/* What no Lua code caught is at the top: Ctrl-C before the command line was read, say. Returns the exit status. */
static int failure (lua_State *L) {
  int interrupted = is_interrupt(L);
  fprintf(stderr, "setlab: %s\n", interrupted ? "interrupted" : luaL_tolstring(L, -1, NULL));
  return interrupted ? 130 : 1;
}

/* Memory that an evolution gives back is claimed again at the next one. What glibc returns to the system in between costs a page
** fault for each page, which took half of a probe's time. Nets too large for it (blocks of 32 MiB and more) are still returned at once. */
static void keep_freed_memory (void) {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
}

int main (int argc, char **argv) {
  keep_freed_memory();
  lua_State *L = luaL_newstate();
  if (!L) {
    fputs("setlab: not enough memory to start\n", stderr);
    return 1;
  }
  survive_broken_pipes();
  lua_pushcfunction(L, run_command_line);
  lua_pushinteger(L, argc);
  lua_pushlightuserdata(L, argv);
  int status = lua_pcall(L, 2, 1, 0) == LUA_OK ? (int)lua_tointeger(L, -1) : failure(L);
  lua_settop(L, 0);
  lua_close(L);
  status = flush_results(status);
  lranks_leave(status);
  return status;
}
