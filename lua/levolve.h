/*
** levolve.h -- one evolution of a net's wiring, described by a table of Lua.
**
** The words of the notebook (lua/lab/evolve) turn an evolution and a moment of training into such a table: rules by name, and
** numbers. All fields but the first two may be missing.
**
**   number                  of the evolution: chooses the random streams
**   first, last, only       layers; of these only those with true in the array `only`, if there is one
**   cut, prune              { rule = a name of lab.c.net.prunes, share, round_up, stay (links that stay, of all layers together where
**                           together is set; or an array, for each layer of the net), together, threshold, lambda, alpha, soft = "chts" or "power", delta,
**                           power }
**   grow                    { rule = a name of lab.c.net.grows, subset, guide = "uniform", "bound" or "sketch", score = a name of lab.c.net.scores,
**                           draw, within, gamma }
**   may_return, anew        whether links that are dropped may grow again at once, and whether they then start as newborn ones
**   links                   an array: how many each layer of the net has afterwards
**   init                    of newborn weights; they start at 0 without it
**   percolate               rounds
**   looks_at_values, looks_at_gradients   whether functions of the script look at these: for the plan
**   redistribute            "none", "links", "gradient", "momentum" or "best"
*/
#ifndef SETLAB_LEVOLVE_H
#define SETLAB_LEVOLVE_H
#include <lauxlib.h>
#include "turnover/net_evolve.h"

/* The evolution that the table at stack index `table` describes, for a net of n_layers. Arrays live in userdata that
** stay on the stack. Raises where a rule is unknown or a number out of range. */
NetEvolution levolve_check (lua_State *L, int table, int32_t n_layers);

extern const luaL_Reg levolve_methods[];   /* of a net: probe, needs, evolve */

#endif
