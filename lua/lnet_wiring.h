/*
** lnet_wiring.h -- from the description of a sparse layer in Lua to its links.
*/
#ifndef SETLAB_LNET_WIRING_H
#define SETLAB_LNET_WIRING_H
#include <lua.h>
#include "sparse/wiring.h"

/* The layer described by the table at stack index `layer`, whose field `wiring` names a maker of sparse/wiring.h (nil: "erdos_renyi")
** and whose other fields are what it takes. NULL: no memory. Raises if the description is wrong. */
Sparse *lnet_wire (lua_State *L, int layer, int32_t n_in, int32_t n_out, const Draw *draw);

#endif
