/*
** lspawn.c -- lab.c.spawn: this program once more, as a child.
**
** `setlab report` weaves each script in a process of its own, so that one script's modules,
** parameters, memory peak or crash never reach the next one's page.
*/
#include "libs.h"
#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

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

/* self(words): runs this program with these words, its streams being ours, and waits.
** Returns the exit status (128 + n after signal n), or nil, why. A Ctrl-C reaches the child
** too, so the wait goes on until the child has tidied up. */
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
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) {
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
