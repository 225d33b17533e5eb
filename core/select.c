#include "select.h"
#include <string.h>

enum { DIGITS = 3, WIDEST = 1 << 11 };
static const int shift_of[DIGITS] = { 21, 10, 0 };
static const uint32_t mask_of[DIGITS] = { 0x7ff, 0x7ff, 0x3ff };

/* Negative floats order backwards as integers: flip all their bits; of the others, only
** the sign. */
static uint32_t ordered (float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits ^ ((uint32_t)-(int32_t)(bits >> 31) | 0x80000000u);
}

static float unordered (uint32_t key) {
  uint32_t bits = key & 0x80000000u ? key ^ 0x80000000u : ~key;
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* A search under way: the upper digits already known, and the rank among those who share
** them. */
typedef struct Search { uint32_t prefix; int64_t rank; } Search;

/* Goes down one digit, given how many keys with the search's prefix have each value of it. */
static void descend (Search *s, const int64_t *count, int digit) {
  uint32_t value = 0;
  while (s->rank >= count[value]) s->rank -= count[value++];
  s->prefix |= value << shift_of[digit];
}

void select_two (const float *v, int64_t n, int64_t rank_a, int64_t rank_b, float *a, float *b) {
  Search s[2] = { { 0, rank_a }, { 0, rank_b } };
  int64_t count[2][WIDEST];
  for (int digit = 0; digit < DIGITS; digit++) {
    memset(count, 0, sizeof count);
    uint32_t known = digit == 0 ? 0 : ~(uint32_t)0 << shift_of[digit - 1];
    for (int64_t k = 0; k < n; k++) {
      uint32_t key = ordered(v[k]), value = (key >> shift_of[digit]) & mask_of[digit];
      count[0][value] += (key & known) == s[0].prefix;
      count[1][value] += (key & known) == s[1].prefix;
    }
    descend(&s[0], count[0], digit);
    descend(&s[1], count[1], digit);
  }
  *a = unordered(s[0].prefix);
  *b = unordered(s[1].prefix);
}
