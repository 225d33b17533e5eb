/*
** bf16.h -- bfloat16 as the tests understand it: a float whose last 16 bits are 0.
*/
#ifndef SETLAB_TESTS_BF16_H
#define SETLAB_TESTS_BF16_H
#include <math.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t float_bits (float x) {
  uint32_t b;
  memcpy(&b, &x, sizeof b);
  return b;
}

static inline float float_of (uint32_t b) {
  float x;
  memcpy(&x, &b, sizeof x);
  return x;
}

/* The nearest, of two as near the one whose last bit is 0. Decided with the neighbours' values
** in double precision; the neighbour of the largest one is 2^128, which is called infinity. */
static inline float bf16_nearest (float x) {
  if (isnan(x) || isinf(x)) return x;
  uint32_t toward_zero = float_bits(x) & 0xffff0000u, away = toward_zero + 0x10000u;
  double low = (double)float_of(toward_zero), high = (double)float_of(away), exact = (double)x;
  if (isinf(high)) high = copysign(0x1p128, exact);
  double below = fabs(exact - low), above = fabs(high - exact);
  if (below == above) return float_of(toward_zero & 0x10000u ? away : toward_zero);
  return float_of(below < above ? toward_zero : away);
}

#endif
