/*
** lrandom.h -- the stream that math.random draws from, for what else draws on behalf of a script.
**
** It is part of a run's state and of its checkpoint (lab.run.surroundings), so what is drawn from it is too.
*/
#ifndef SETLAB_LRANDOM_H
#define SETLAB_LRANDOM_H
#include <lua.h>
#include "base/lua_draw.h"

/* Lives as long as L. */
LuaDraw *lrandom_stream (lua_State *L);

#endif
