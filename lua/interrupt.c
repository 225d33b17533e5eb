#include "interrupt.h"
#include "stop.h"
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

/* A signal handler has no argument of ours: these are the program's only globals. */
static volatile sig_atomic_t pending;  /* asked, and not raised yet */
static volatile sig_atomic_t asked;    /* since interrupt_clear */
static struct timespec first;          /* when */
static volatile sig_atomic_t noticed;  /* SIGUSR1 has come */
static lua_State *volatile state;  /* the thread of Lua that runs */
static pthread_t  owner;  /* the system's thread that runs Lua */

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

/* A thread that was made with the hook in place inherited it: there it only takes itself away. */
static void raise_hook (lua_State *L, lua_Debug *where) {
  (void)where;
  interrupt_check(L);
  lua_sethook(L, NULL, 0, 0);
  interrupt_check(L);  /* it came between the two */
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

lua_State *interrupt_watch (lua_State *L) {
  lua_State *before = state;
  state = L;
  return before;
}

int interrupt_pending (void) { return pending; }

void interrupt_check (lua_State *L) {
  if (!pending) return;
  pending = 0;
  lua_sethook(state, NULL, 0, 0);
  lua_sethook(L, NULL, 0, 0);
  stop_push_interrupt(L);
  stop_raise(L);
}

void interrupt_clear (void) {
  set_action(SIG_IGN);  /* between the two lines nothing may arrive half-way */
  asked = pending = 0;
  lua_sethook(state, NULL, 0, 0);
  stop_forget();
  set_action(on_signal);
}

/* ---- the notice -------------------------------------------------------------------------- */

static void on_notice (int signal_number) {
  (void)signal_number;
  noticed = 1;
}

void interrupt_on_usr1 (void) {
  sigset_t notice;
  set_handler(SIGUSR1, on_notice, SA_RESTART);
  sigemptyset(&notice);
  sigaddset(&notice, SIGUSR1);
  pthread_sigmask(SIG_UNBLOCK, &notice, NULL); /* one that came early has waited for this (core/os/pool.h) */
}

int interrupt_usr1_came (void) { return noticed; }
