#include "interrupt.h"
#include <lauxlib.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

/* A signal handler has no argument of ours: these are the program's only globals. */
static volatile sig_atomic_t pending;  /* asked, and not raised yet */
static volatile sig_atomic_t asked;    /* since interrupt_clear */
static struct timespec first;          /* when */
static volatile sig_atomic_t noticed;  /* SIGUSR1 has come */
static lua_State *state;
static pthread_t  owner;  /* the thread that runs Lua */

static void set_handler (int signal_number, void (*handler)(int), int flags) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  sigaction(signal_number, &action, NULL);
}

static void set_action (void (*handler)(int)) {
  set_handler(SIGINT, handler, 0);  /* no SA_RESTART: a blocked read must come back */
  set_handler(SIGTERM, handler, 0);
}

static void raise_hook (lua_State *L, lua_Debug *where) {
  (void)where;
  interrupt_check(L);
}

/* One request often comes twice: to the process and to its group. Only what follows after a
** moment is a second one. */
static int is_echo (void) {
  enum { MOMENT_MS = 300 };
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (now.tv_sec - first.tv_sec) * 1000 + (now.tv_nsec - first.tv_nsec) / 1000000 < MOMENT_MS;
}

/* Only calls that are safe in a handler; lua_sethook is meant for this (see lua.c). */
static void on_signal (int signal_number) {
  if (!pthread_equal(pthread_self(), owner)) {  /* a worker thread got it: pass it on */
    pthread_kill(owner, signal_number);
    return;
  }
  if (asked) {
    if (is_echo()) return;
    set_action(SIG_DFL);
    raise(signal_number);
    return;
  }
  clock_gettime(CLOCK_MONOTONIC, &first);
  asked = pending = 1;
  lua_sethook(state, raise_hook, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

void interrupt_install (lua_State *L) {
  state = L;
  owner = pthread_self();
  interrupt_clear();
}

int interrupt_pending (void) { return pending; }

void interrupt_check (lua_State *L) {
  if (!pending) return;
  pending = 0;
  lua_sethook(state, NULL, 0, 0);
  lua_pushliteral(L, INTERRUPTED);
  lua_error(L);
}

void interrupt_clear (void) {
  set_action(SIG_IGN);  /* between the two lines nothing may arrive half-way */
  asked = pending = 0;
  lua_sethook(state, NULL, 0, 0);
  set_action(on_signal);
}

/* ---- the notice -------------------------------------------------------------------------- */

static void on_notice (int signal_number) {
  (void)signal_number;
  noticed = 1;
}

void interrupt_heed_notice (void) { set_handler(SIGUSR1, on_notice, SA_RESTART); }

int interrupt_noticed (void) { return noticed; }
