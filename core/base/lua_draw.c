#include "base/lua_draw.h"
#include "base/rng.h"

uint64_t lua_draw_u64 (LuaDraw *draw) {
  uint64_t result = rng_rotate(draw->state[1] * 5, 7) * 9;
  rng_advance(draw->state);
  return result;
}

void lua_draw_seed (LuaDraw *draw, uint64_t n1, uint64_t n2) {
  draw->state[0] = n1;
  draw->state[1] = 0xff;  /* no seed makes all four words zero */
  draw->state[2] = n2;
  draw->state[3] = 0;
  for (int i = 0; i < 16; i++) lua_draw_u64(draw);
}

double lua_draw_double (LuaDraw *draw) { return (double)(lua_draw_u64(draw) >> 11) * 0x1p-53; }

/* The lowest bits that can hold n, drawn again until they are at most n. */
uint64_t lua_draw_upto (LuaDraw *draw, uint64_t n) {
  uint64_t drawn = lua_draw_u64(draw), mask = n;
  for (int shift = 1; shift < 64; shift *= 2) mask |= mask >> shift;
  while ((drawn &= mask) > n) drawn = lua_draw_u64(draw);
  return drawn;
}
