/*
** lnet_check.h -- nets as arguments of functions of Lua: what lnet.c, lnet_make.c and lnet_look.c share.
**
** Layers, samples and units count from 1 in Lua, classes from 0 as in the data. The notebook's
** words (lua/lab/train/mlp.lua, train/net.lua) check options and give defaults; what is checked here
** protects the engine.
*/
#ifndef SETLAB_LNET_CHECK_H
#define SETLAB_LNET_CHECK_H
#include "lbox.h"
#include "net/net.h"

extern const BoxKind lnet_kind;   /* the userdata: a box with a Net */

Net *lnet_check (lua_State *L);                                      /* argument 1, alive: box_check */
Net *lnet_hold (lua_State *L, int arg, BoxUse use);                  /* the same, held: box_hold */
int32_t lnet_check_layer (lua_State *L, const Net *net, int arg);    /* counts from 0 */
int lnet_check_side (lua_State *L, int arg);                         /* 0 for "in", 1 for "out" */
const Sparse *lnet_check_sparse (lua_State *L, const Net *net, int32_t l);
const Init *lnet_check_init (lua_State *L, int arg);
Rule lnet_check_rule (lua_State *L, int arg);                        /* an optimiser's name; nil is RULE_SGD */
void lnet_new_array (lua_State *L, int64_t n);                        /* with room for n numbers */
void lnet_push_numbers (lua_State *L, const float *v, int64_t n);    /* as an array */
/* Fields of the table at stack index `table`: a number, one that single precision holds, or a whole
** number from 1 to 1e9. */
lua_Number lnet_number_field (lua_State *L, int table, const char *name);
float lnet_float_field (lua_State *L, int table, const char *name);
int32_t lnet_size_field (lua_State *L, int table, const char *name);

#endif
