/*
** lnet_stack.h -- a net's layers of links as core/topology sees them.
*/
#ifndef SETLAB_LNET_STACK_H
#define SETLAB_LNET_STACK_H
#include "lnet_check.h"
#include "topology/stack.h"

/* The layers of the net, whose arrays of sizes and layers are userdata that is pushed here and must stay on the stack. */
Stack lnet_stack (lua_State *L, const Net *net);

#endif
