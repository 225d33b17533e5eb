/*
** interrupt.h -- Ctrl-C, and SIGTERM, by which batch systems say the same.
**
** The first signal asks: it raises a flag, which long loops in C look at between two
** steps, and sets a Lua hook, which raises a stop (stop.h) at the next instruction. A
** second signal, unless it comes within a third of a second as an echo of the first, has its
** default action and ends the program at once. The stop travels like an error, so runs are
** tidied on its way up.
**
** SIGUSR1 is a notice, not a request: a batch system sends it some time before it ends a job. A program that
** waits for it looks at a flag when it suits; for any other it keeps its default action.
*/
#ifndef SETLAB_INTERRUPT_H
#define SETLAB_INTERRUPT_H
#include <lua.h>

/* Catches both for this state, in which stop_open was called; to be called by the thread that runs Lua. */
void interrupt_install (lua_State *L);
/* From now on the next instruction is one of this thread: a coroutine begins or ends. Returns the
** thread before it. */
lua_State *interrupt_watch (lua_State *L);
/* 1 after a Ctrl-C that has not been raised yet. For loops in C, between steps. */
int  interrupt_pending (void);
/* Raises the stop if a Ctrl-C is pending, and takes flag and hook away; else returns. */
void interrupt_check   (lua_State *L);
/* Forgets a pending Ctrl-C and catches the next one again: the prompt, before each line. */
void interrupt_clear   (void);
/* From now on SIGUSR1 raises a flag that stays up, and does nothing else; also one that was blocked so far. */
void interrupt_on_usr1 (void);
/* 1 once it has come. */
int  interrupt_usr1_came (void);

#endif
