/*
** lua_draw.h -- the numbers of Lua 5.4's math.random, from a state that can be kept.
**
** Lua hides the state of its generator, so a run that uses math.random could not go on from a
** checkpoint with the numbers that an uninterrupted run draws. The generator is xoshiro256**
** (Blackman and Vigna 2018), seeded and projected as lmathlib.c does: after math.randomseed(n)
** scripts get the numbers that plain Lua gives them. Our own draws go through rng.h.
*/
#ifndef SETLAB_LUA_DRAW_H
#define SETLAB_LUA_DRAW_H
#include <stdint.h>

typedef struct LuaDraw { uint64_t state[4]; } LuaDraw;

/* math.randomseed(n1, n2). */
void     lua_draw_seed   (LuaDraw *draw, uint64_t n1, uint64_t n2);
uint64_t lua_draw_u64    (LuaDraw *draw);              /* math.random(0) */
double   lua_draw_double (LuaDraw *draw);              /* math.random(): uniform in [0, 1) */
uint64_t lua_draw_upto   (LuaDraw *draw, uint64_t n);  /* uniform in 0 .. n, n included */

#endif
