/*
** rng.h -- random numbers: one seed, many independent streams.
**
** A run has one seed. Each use (wiring, weights, order, dropout, evolution, ...) draws
** from its own stream, so that switching one of them on or off never changes what the
** others see: all arms of a comparison get the same batches and the same first weights.
** The generator is xoshiro256++ (Blackman and Vigna 2019), seeded through splitmix64.
*/
#ifndef SETLAB_RNG_H
#define SETLAB_RNG_H
#include <stdint.h>

typedef struct Rng { uint64_t state[4]; } Rng;

/* What a stream is for. Numbers are part of every result: never change one. */
enum {
  RNG_WIRING = 1, RNG_WEIGHTS = 2, RNG_ORDER = 3, RNG_DROPOUT = 4, RNG_EVOLUTION = 5,
  RNG_AUGMENT = 6, RNG_DATA = 7, RNG_BOOTSTRAP = 8, RNG_ACTIVATION = 9, RNG_TOPOLOGY = 12, RNG_HELD_OUT = 13, RNG_MIX = 14,
  RNG_NOISE = 15, RNG_AUGMENT_MORE = 16
};

/* Starts a stream. Equal (seed, stream) give equal numbers; any two differing pairs give
** unrelated ones. `stream` may carry an index in its upper bits (use | index << 8). */
void     rng_seed   (Rng *rng, uint64_t seed, uint64_t stream);
static inline uint64_t rng_u64 (Rng *rng);
static inline double   rng_double (Rng *rng);              /* uniform in [0, 1), 53 bits */
static inline uint64_t rng_below  (Rng *rng, uint64_t n);  /* uniform in 0 .. n-1, unbiased; n >= 1 */
double   rng_normal (Rng *rng);              /* mean 0, standard deviation 1 (polar method) */
/* Puts 0 .. n-1 in random order (Fisher-Yates). */
void     rng_shuffle (Rng *rng, int32_t *items, int32_t n);

/* One step of splitmix64: a good 64-bit mix of x. */
uint64_t rng_mix    (uint64_t x);

/* ---- inline: evolution and wiring draw a number a link ---- */

static inline uint64_t rng_rotate (uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

/* The state after this one, of xoshiro256 in all its forms: they differ in what they return. */
static inline void rng_advance (uint64_t s[4]) {
  uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rng_rotate(s[3], 45);
}

static inline uint64_t rng_u64 (Rng *rng) {
  uint64_t *s = rng->state;
  uint64_t result = rng_rotate(s[0] + s[3], 23) + s[0];
  rng_advance(s);
  return result;
}

static inline double rng_double (Rng *rng) { return (double)(rng_u64(rng) >> 11) * 0x1p-53; }

/* Lemire 2019: multiply and reject the few values that would be favoured. */
static inline uint64_t rng_below (Rng *rng, uint64_t n) {
  __uint128_t product = (__uint128_t)rng_u64(rng) * n;
  if ((uint64_t)product < n) {
    uint64_t floor = (0 - n) % n;
    while ((uint64_t)product < floor) product = (__uint128_t)rng_u64(rng) * n;
  }
  return (uint64_t)(product >> 64);
}

#endif
