#include "base/lua_draw.h"
#include "base/rng.h"

uint64_t lua_draw_u64 (LuaDraw *draw) {
  uint64_t *s = draw->state;
  uint64_t result = rng_rotate(s[1] * 5, 7) * 9;
  uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rng_rotate(s[3], 45);
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
