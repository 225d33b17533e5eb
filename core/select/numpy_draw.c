#include "select/numpy_draw.h"

enum { WORDS = 624, SHIFT = 397 };
typedef struct Twister { uint32_t word[WORDS]; int next; } Twister;

static void twister_seed (Twister *t, uint32_t seed) {
  for (uint32_t i = 0; i < WORDS; i++) {
    t->word[i] = seed;
    seed = 1812433253u * (seed ^ seed >> 30) + i + 1;
  }
  t->next = WORDS;
}

static void twister_refill (Twister *t) {
  for (int i = 0; i < WORDS; i++) {
    uint32_t y = (t->word[i] & 0x80000000u) | (t->word[(i + 1) % WORDS] & 0x7fffffffu);
    t->word[i] = t->word[(i + SHIFT) % WORDS] ^ y >> 1 ^ (y & 1 ? 0x9908b0dfu : 0);
  }
  t->next = 0;
}

static uint32_t twister_next (Twister *t) {
  if (t->next == WORDS) twister_refill(t);
  uint32_t y = t->word[t->next++];
  y ^= y >> 11;
  y ^= y << 7 & 0x9d2c5680u;
  y ^= y << 15 & 0xefc60000u;
  return y ^ y >> 18;
}

/* Uniform in 0 .. most: masked to the next power of two, and drawn again if too large. */
static uint32_t twister_upto (Twister *t, uint32_t most) {
  uint32_t mask = most, x;
  for (int s = 1; s <= 16; s *= 2) mask |= mask >> s;
  do x = twister_next(t) & mask; while (x > most);
  return x;
}

static void shuffle (Twister *t, int32_t *item, int32_t n) {
  for (int32_t i = 0; i < n; i++) item[i] = i;
  for (int32_t i = n - 1; i > 0; i--) {
    int32_t j = (int32_t)twister_upto(t, (uint32_t)i), kept = item[i];
    item[i] = item[j];
    item[j] = kept;
  }
}

void numpy_draw (uint32_t seed, int32_t before, int32_t n, int32_t *item) {
  Twister t;
  twister_seed(&t, seed);
  shuffle(&t, item, before);
  shuffle(&t, item, n);
}
