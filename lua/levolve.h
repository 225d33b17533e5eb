/*
** levolve.h -- one evolution of a net's wiring, described by a table of Lua.
**
** The words of the notebook (lua/lab/evolve) turn an evolution and a moment of training into such a table: rules by name, and
** numbers. Fields: first, last (layers), number (chooses the random streams); prune (a name of lab.c.net.prunes), share, stay
** (links that stay: a number for all layers together, or an array, one for each layer of the net), threshold, lambda, alpha,
** delta, soft; grow (a name of lab.c.net.grows), subset, guide ("uniform", "bound", "sketch"), scores (a name of
** lab.c.net.scores), draw, may_return; links (an array: how many each layer of the net has afterwards; as many as before without it); init (of
** newborn weights; 0 without it); together, percolate, share_out.
*/
#ifndef SETLAB_LEVOLVE_H
#define SETLAB_LEVOLVE_H
#include <lauxlib.h>
#include "net/net_evolve.h"

/* The evolution that the table at stack index `table` describes, for a net of n_layers. Arrays live in userdata that
** stay on the stack. Raises where a rule is unknown or a number out of range. */
NetEvolution levolve_check (lua_State *L, int table, int32_t n_layers);

extern const luaL_Reg levolve_methods[];   /* of a net: probe, evolve, rewire */

#endif
