/*
** lranks.c -- the processes of one training for Lua: require "lab.c.ranks".
**
**   library()             the MPI library's name, or nil
**   launched()            among how many processes a launcher started this one, 1 if none did
**   join()                joins the others: rank (from 0), number; or nil and why. Of rank 1 and up, what is printed from then on goes nowhere,
**                         unless the ranks part in discord, or it crashes: then the last lines on standard error are shown
**   here()                rank, number; 0, 1 if nothing was joined
**   broadcast([text])     rank 0's text, to all
**   agree(number, seconds)   whether all have called it with the same number, within so many seconds
**   exchange(bytes)       bytes a second that two ranks can send each other
**   abort(status)         ends all processes
*/
#include "lranks.h"
#include "libs.h"
#include "ranks/exchange_rate.h"
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static Ranks *joined;
static FILE  *muttered;        /* what a rank but 0 says on standard error */
static int    error_output;    /* where that was to go */

Ranks *lranks_joined (void) { return joined; }

/* A crash, with what was said before it: only with what is allowed in a signal. */
static void show_crash (int number) {
  enum { MOST = 4000 };
  char text[MOST];
  static atomic_flag told_already = ATOMIC_FLAG_INIT;
  while (atomic_flag_test_and_set(&told_already)) pause();   /* another thread is at it, and ends the process */
  static const char crashed[] = "setlab: another rank crashed; it said at last:\n";
  off_t end = lseek(fileno(muttered), 0, SEEK_END), begin = end > MOST ? end - MOST : 0;
  ssize_t n = end > begin ? pread(fileno(muttered), text, (size_t)(end - begin), begin) : 0;
  ssize_t told = write(error_output, crashed, sizeof crashed - 1);
  if (told > 0 && n > 0) told = write(error_output, text, (size_t)n);
  (void)told;
  signal(number, SIG_DFL);
  raise(number);   /* once more, for what happens to it by default */
}

/* In the place of what the MPI library does about them, which is to say it on standard error. */
static void catch_crashes (void) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  static const int crashes[] = { SIGABRT };   /* a sanitizer has more to say about the others */
#else
  static const int crashes[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
#endif
  static char stack[1 << 16];   /* a stack that overflowed is of no use; other threads have only their own */
  const stack_t ours_too = { .ss_sp = stack, .ss_size = sizeof stack };
  sigaltstack(&ours_too, NULL);
  struct sigaction ours = { .sa_handler = show_crash, .sa_flags = SA_ONSTACK | SA_NODEFER };
  for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) sigaction(crashes[i], &ours, NULL);
}

/* Standard output to nowhere; standard error to a file that has no name. */
static void fall_silent (void) {
  if (!freopen("/dev/null", "w", stdout)) return;
  muttered = tmpfile();
  if (!muttered) return;
  fflush(stderr);
  error_output = dup(STDERR_FILENO);
  dup2(fileno(muttered), STDERR_FILENO);
  catch_crashes();
}

/* The end of what was said. */
static void show_muttered (int rank) {
  enum { MOST = 4000 };
  char text[MOST];
  if (!muttered) return;
  fflush(stderr);
  off_t end = lseek(fileno(muttered), 0, SEEK_END), begin = end > MOST ? end - MOST : 0;
  ssize_t n = end > begin ? pread(fileno(muttered), text, (size_t)(end - begin), begin) : 0;
  dprintf(error_output, "setlab: rank %d ended on its own:\n%.*s", rank, (int)n, text);
}

static void leave_in_discord (int status) {
  show_muttered(ranks_rank(joined));
  if (ranks_rank(joined) == 0) fprintf(stderr, "setlab: the other ranks did not come to the same end, and are stopped\n");
  fflush(NULL);
  ranks_abort(joined, status ? status : 1);
}

void lranks_leave (int status) {
  enum { END = 1 << 16 };
  const double patient = 600, impatient = 5;   /* seconds: others may have more to do; but not if something went wrong here */
  if (!joined) return;
  if (!ranks_agree(joined, END + status, status == 0 ? patient : impatient)) leave_in_discord(status);
  ranks_leave(joined);
  joined = NULL;
}

static int l_library (lua_State *L) {
  lua_pushstring(L, ranks_library());
  return 1;
}

static int l_launched (lua_State *L) {
  lua_pushinteger(L, ranks_launched());
  return 1;
}

static int l_here (lua_State *L) {
  lua_pushinteger(L, joined ? ranks_rank(joined) : 0);
  lua_pushinteger(L, joined ? ranks_number(joined) : 1);
  return 2;
}

static int l_join (lua_State *L) {
  const char *why;
  if (!joined) joined = ranks_join(&why);
  if (!joined) {
    lua_pushnil(L);
    lua_pushstring(L, why);
    return 2;
  }
  if (ranks_rank(joined) > 0 && !muttered) fall_silent();
  return l_here(L);
}

/* First how long it is. */
static int l_broadcast (lua_State *L) {
  size_t n = 0;
  const char *text = luaL_optlstring(L, 1, NULL, &n);
  if (!joined) return luaL_error(L, "no other process has been joined");
  uint64_t length = n;
  ranks_broadcast(joined, &length, sizeof length);
  if (ranks_rank(joined) == 0) {
    ranks_broadcast(joined, (void *)text, n);
    lua_settop(L, 1);
    return 1;
  }
  luaL_Buffer b;
  char *to = luaL_buffinitsize(L, &b, (size_t)length);
  ranks_broadcast(joined, to, (size_t)length);
  luaL_pushresultsize(&b, (size_t)length);
  return 1;
}

static int l_agree (lua_State *L) {
  lua_Integer number = luaL_checkinteger(L, 1);
  lua_Number seconds = luaL_checknumber(L, 2);
  lua_pushboolean(L, !joined || ranks_agree(joined, (int)number, seconds));
  return 1;
}

static int l_abort (lua_State *L) {
  int status = (int)luaL_checkinteger(L, 1);
  if (joined) leave_in_discord(status);
  return 0;
}

/* ranks.exchange(bytes) -> bytes a second that ranks 0 and 1 send each other, in each direction; of two ranks */
static int l_exchange (lua_State *L) {
  lua_Integer n = luaL_checkinteger(L, 1);
  luaL_argcheck(L, 1 <= n && n <= 1 << 30, 1, "out of range");
  if (!joined || ranks_number(joined) != 2) return luaL_error(L, "two ranks are needed");
  double rate = exchange_rate(joined, (size_t)n);
  if (rate == 0) return luaL_error(L, "not enough memory");
  lua_pushnumber(L, rate);
  return 1;
}

int luaopen_lab_ranks (lua_State *L) {
  static const luaL_Reg library[] = {
    { "library", l_library }, { "launched", l_launched }, { "join", l_join }, { "here", l_here }, { "broadcast", l_broadcast },
    { "agree", l_agree }, { "exchange", l_exchange }, { "abort", l_abort }, { NULL, NULL },
  };
  luaL_newlib(L, library);
  return 1;
}
