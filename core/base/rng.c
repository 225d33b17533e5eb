#include "base/rng.h"
#include <math.h>

uint64_t rng_mix (uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

void rng_seed (Rng *rng, uint64_t seed, uint64_t stream) {
  uint64_t x = rng_mix(seed) ^ rng_mix(stream * 0xd1342543de82ef95u + 1);
  for (int i = 0; i < 4; i++) rng->state[i] = x = rng_mix(x);
}

double rng_normal (Rng *rng) {
  double x, y, r;
  do {
    x = 2 * rng_double(rng) - 1;
    y = 2 * rng_double(rng) - 1;
    r = x * x + y * y;
  } while (r >= 1 || r == 0);
  return x * sqrt(-2 * log(r) / r);
}

void rng_shuffle (Rng *rng, int32_t *items, int32_t n) {
  for (int32_t i = 0; i < n; i++) items[i] = i;
  for (int32_t i = n - 1; i > 0; i--) {
    int32_t j = (int32_t)rng_below(rng, (uint64_t)i + 1), kept = items[i];
    items[i] = items[j];
    items[j] = kept;
  }
}
