/*
** stop.h -- what ends a script without being an error of its own: Ctrl-C, the pause of a run, os.exit,
** a full disk.
**
** A stop travels as a Lua error, since only errors unwind the stack. Unlike an error it is not
** for the script to catch: the script's pcall and its like (lstop.c) raise it again. Each one
** is counted, so that whoever carries a script out sees that a stop was raised in the
** meantime, whatever road swallowed it: a finalizer, a reader of load, a handler's own error.
**
** A stop is a table { kind = "interrupt" | "pause" | "exit" | ..., message } with a metatable of its own:
** it is known by what it is, never by its text.
*/
#ifndef SETLAB_STOP_H
#define SETLAB_STOP_H
#include <lua.h>

/* Makes the metatable and the stop of Ctrl-C; once, before any of the others. */
void stop_open           (lua_State *L);
/* The table at the top becomes a stop; it stays there. */
void stop_make           (lua_State *L);
/* 1 if the value at this index is a stop. */
int  stop_is             (lua_State *L, int index);
void stop_push_interrupt (lua_State *L);
/* Raises the stop at the top. Never returns. */
int  stop_raise          (lua_State *L);
/* How many were raised so far. */
lua_Integer stop_count   (void);
/* Pushes the last stop if it was raised after `count` of them and nobody has forgotten it:
** returns 1; else pushes nothing and returns 0. */
int  stop_push_since     (lua_State *L, lua_Integer count);
/* The last stop has been dealt with: the script, or the next one, goes on. */
void stop_forget         (void);

#endif
