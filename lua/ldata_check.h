/*
** ldata_check.h -- data splits as arguments and results of functions of Lua: the userdata "lab.data".
*/
#ifndef SETLAB_LDATA_CHECK_H
#define SETLAB_LDATA_CHECK_H
#include "data/data.h"
#include "lbox.h"

extern const BoxKind ldata_kind;

/* The split at stack index `arg`; raises if it is no split or has been closed. It belongs to its
** userdata: whoever keeps the pointer keeps the userdata too. See box_check and box_hold. */
Data *ldata_check (lua_State *L, int arg);
Data *ldata_hold (lua_State *L, int arg, BoxUse use);

/* Pushes a closed split; its Data goes into `it`. */
Box *ldata_push (lua_State *L);

/* Pushes an array of the raw values of a sample (from 0): whole numbers if they are bytes. */
void ldata_push_values (lua_State *L, const Data *data, int32_t sample);

#endif
