/*
** lspawn.c -- lab.c.spawn: this program once more, as a child.
**
** `setlab report` weaves each script in a process of its own, so that one script's modules,
** parameters, memory peak or crash never reach the next one's page.
*/
#include "libs.h"
#include "interrupt.h"
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

/* The strings of the table at index 1 behind the program's name, NULL last; the block is a
** userdata on the stack, and so are the strings. */
static char **arguments_of (lua_State *L, lua_Integer count) {
  luaL_checkstack(L, (int)count + LUA_MINSTACK, "too many words");
  char **argv = lua_newuserdatauv(L, (size_t)(count + 2) * sizeof *argv, 0);
  argv[0] = (char *)"setlab";
  for (lua_Integer i = 1; i <= count; i++) {
    if (lua_rawgeti(L, 1, i) != LUA_TSTRING) luaL_error(L, "argument %I is no string", (LUAI_UACINT)i);
    argv[i] = (char *)lua_tostring(L, -1);
  }
  argv[count + 1] = NULL;
  return argv;
}

/* Waits for the child's end; -1 if it was lost. A Ctrl-C on a terminal reaches the child as well, but a
** signal sent to this process alone does not: it is passed on, and the child takes two that come
** at once for one. Then the wait goes on until the child has tidied up. */
static int wait_for (pid_t child, int *status) {
  const struct timespec nap = { .tv_nsec = 5000000 };
  int passed_on = 0;
  for (;;) {
    pid_t ended = waitpid(child, status, WNOHANG);
    if (ended == child) return 0;
    if (ended < 0 && errno != EINTR) return -1;
    if (!passed_on && interrupt_pending()) {
      kill(child, SIGINT);
      passed_on = 1;
    }
    nanosleep(&nap, NULL);
  }
}

/* self(words): runs this program with these words, its streams being ours, and waits.
** Returns the exit status (128 + n after signal n), or nil, why. */
static int spawn_self (lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer count = (lua_Integer)lua_rawlen(L, 1);
  luaL_argcheck(L, count < 10000, 1, "too many words");
  char **argv = arguments_of(L, count);
  pid_t child;
  int status, code = posix_spawn(&child, "/proc/self/exe", NULL, NULL, argv, environ);
  if (code != 0) {
    luaL_pushfail(L);
    lua_pushfstring(L, "cannot start a child process: %s", strerror(code));
    return 2;
  }
  if (wait_for(child, &status) != 0) {
    luaL_pushfail(L);
    lua_pushfstring(L, "lost the child process: %s", strerror(errno));
    return 2;
  }
  lua_pushinteger(L, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return 1;
}

int luaopen_lab_spawn (lua_State *L) {
  static const luaL_Reg functions[] = { { "self", spawn_self }, { NULL, NULL } };
  luaL_newlib(L, functions);
  return 1;
}
