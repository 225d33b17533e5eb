#include "choose/select.h"
#include <string.h>

enum { DIGITS = 3, LOWER_BINS = 1 << 10, BLOCK = 2048, MAGNITUDE = 0x7fffffff, INFINITE = 0x7f800000 };
#define SIGN 0x80000000u
static const int shift_of[DIGITS] = { 20, 10, 0 };
static const uint32_t mask_of[DIGITS] = { 0xfff, 0x3ff, 0x3ff };

static uint32_t bits_of (float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static float float_of (uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* Negative floats order backwards as integers: flip all their bits; of the others, only
** the sign. */
static uint32_t ordered (float x) {
  uint32_t bits = bits_of(x);
  return bits ^ ((uint32_t)((int32_t)bits >> 31) | SIGN);
}

static float unordered (uint32_t key) { return float_of(key & SIGN ? key ^ SIGN : ~key); }

static int64_t share (int64_t n, int part, int parts) {
  return (int64_t)((__int128)n * part / parts);
}

/* ---- the census ---- */

/* What one thread has seen. Neighbours often fall into one bin: two sets of bins let their
** additions overlap. */
typedef struct Tally {
  uint32_t bin[2][SELECT_BINS];
  int32_t  least;               /* bits of the smallest magnitude */
  int64_t  at_minus, at_plus;
} Tally;

/* The smallest magnitude, and how often it is there; most blocks have nothing smaller. */
static void tally_least (Tally *t, const float *v, int64_t n) {
  int32_t least = MAGNITUDE;
  #pragma omp simd reduction(min : least)
  for (int64_t k = 0; k < n; k++) {
    int32_t magnitude = (int32_t)bits_of(v[k]) & MAGNITUDE;
    least = magnitude < least ? magnitude : least;
  }
  if (least > t->least) return;
  if (least < t->least) t->at_minus = t->at_plus = 0;
  t->least = least;
  for (int64_t k = 0; k < n; k++) {
    t->at_minus += bits_of(v[k]) == ((uint32_t)least | SIGN);
    t->at_plus += bits_of(v[k]) == (uint32_t)least;
  }
}

static void tally_block (Tally *t, const float *v, int64_t n) {
  tally_least(t, v, n);
  int64_t k = 0;
  for (; k + 1 < n; k += 2) {
    t->bin[0][ordered(v[k]) >> 20]++;
    t->bin[1][ordered(v[k + 1]) >> 20]++;
  }
  if (k < n) t->bin[0][ordered(v[k]) >> 20]++;
}

static void add_tally (Census *census, const Tally *t) {
  for (int b = 0; b < SELECT_BINS; b++) census->bin[b] += (int64_t)t->bin[0][b] + t->bin[1][b];
  int32_t least = (int32_t)bits_of(census->least);
  if (t->least > least) return;
  if (t->least < least) census->at_minus = census->at_plus = 0;
  census->least = float_of((uint32_t)t->least);
  census->at_minus += t->at_minus;
  census->at_plus += t->at_plus;
}

void select_census (const float *v, int64_t n, int threads, Census *census) {
  memset(census, 0, sizeof *census);
  census->least = float_of(INFINITE);
  #pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int part = 0; part < threads; part++) {
    Tally t;
    memset(&t, 0, sizeof t);
    t.least = INFINITE;
    int64_t end = share(n, part + 1, threads);
    for (int64_t k = share(n, part, threads); k < end; k += BLOCK)
      tally_block(&t, v + k, end - k < BLOCK ? end - k : BLOCK);
    #pragma omp critical
    add_tally(census, &t);
  }
  for (int b = 0; b < SELECT_BINS / 2; b++) census->negative += census->bin[b];
}

/* ---- the search ---- */

/* A search under way: the upper digits already known, and the rank among those who share
** them. */
typedef struct Search { uint32_t prefix; int64_t rank; } Search;

/* Goes down one digit, given how many keys with the search's prefix have each value of it. */
static void descend (Search *s, const int64_t *count, int digit) {
  uint32_t value = 0;
  while (s->rank >= count[value]) s->rank -= count[value++];
  s->prefix |= value << shift_of[digit];
}

static int any_of_eight (const uint8_t *bytes) {
  uint64_t eight;
  memcpy(&eight, bytes, sizeof eight);
  return eight != 0;
}

/* Collects the keys that share either search's prefix; returns how many. They are few: first they
** are marked, then looked for by eights. */
static int pick (const float *v, int n, const Search *s, uint32_t known, uint32_t *picked) {
  uint8_t shares[BLOCK + 8];
  int m = 0;
  memset(shares + n, 0, 8);
  #pragma omp simd
  for (int k = 0; k < n; k++) {
    uint32_t prefix = ordered(v[k]) & known;
    shares[k] = (prefix == s[0].prefix) | (prefix == s[1].prefix);
  }
  for (int k = 0; k < n; k += 8) {
    if (!any_of_eight(shares + k)) continue;
    for (int j = k; j < k + 8 && j < n; j++) {
      picked[m] = ordered(v[j]);
      m += shares[j];
    }
  }
  return m;
}

/* Counts a digit of the keys that share either search's prefix. */
static void count_block (const float *v, int n, const Search *s, int digit, uint32_t (*count)[LOWER_BINS]) {
  uint32_t picked[BLOCK + 1], known = ~(uint32_t)0 << shift_of[digit - 1];
  int m = pick(v, n, s, known, picked);
  for (int k = 0; k < m; k++) {
    uint32_t value = (picked[k] >> shift_of[digit]) & mask_of[digit];
    count[0][value] += (picked[k] & known) == s[0].prefix;
    count[1][value] += (picked[k] & known) == s[1].prefix;
  }
}

static void count_digit (const float *v, int64_t n, int threads, const Search *s, int digit,
                         int64_t (*count)[LOWER_BINS]) {
  #pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int part = 0; part < threads; part++) {
    uint32_t own[2][LOWER_BINS];
    memset(own, 0, sizeof own);
    int64_t end = share(n, part + 1, threads);
    for (int64_t k = share(n, part, threads); k < end; k += BLOCK)
      count_block(v + k, end - k < BLOCK ? (int)(end - k) : BLOCK, s, digit, own);
    #pragma omp critical
    for (int b = 0; b < LOWER_BINS; b++) {
      count[0][b] += own[0][b];
      count[1][b] += own[1][b];
    }
  }
}

void select_two (const float *v, int64_t n, int threads, const Census *census,
                 int64_t rank_a, int64_t rank_b, float *a, float *b) {
  Search s[2] = { { 0, rank_a }, { 0, rank_b } };
  descend(&s[0], census->bin, 0);
  descend(&s[1], census->bin, 0);
  for (int digit = 1; digit < DIGITS; digit++) {
    int64_t count[2][LOWER_BINS];
    memset(count, 0, sizeof count);
    count_digit(v, n, threads, s, digit, count);
    descend(&s[0], count[0], digit);
    descend(&s[1], count[1], digit);
  }
  *a = unordered(s[0].prefix);
  *b = unordered(s[1].prefix);
}
