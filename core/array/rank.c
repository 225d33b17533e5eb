#include "array/rank.h"
#include "base/mem.h"
#include "choose/select.h"
#include <math.h>
#include <string.h>

/* ---- the element at a rank ---- */

static float float_at_rank (const float *v, int64_t n, int64_t rank, int threads) {
  Census census;
  float a, b;
  select_census(v, n, threads, &census);
  select_two(v, n, threads, &census, rank, rank, &a, &b);
  return a;
}

#define SIGN_BIT ((uint64_t)1 << 63)

/* Unsigned numbers in the order of the integers. */
static uint64_t key_of (int64_t x) { return (uint64_t)x ^ SIGN_BIT; }

enum { DIGIT = 11, BINS = 1 << DIGIT };

/* Digit by digit from the highest bit in which any two differ: keys that share `prefix` in the bits of `known`. */
static int64_t integer_at_rank (const int64_t *v, int64_t n, int64_t rank) {
  uint64_t differ = 0, first = key_of(v[0]);
  for (int64_t i = 1; i < n; i++) differ |= key_of(v[i]) ^ first;
  int top = differ ? 64 - __builtin_clzll(differ) : 0;
  uint64_t known = top < 64 ? ~(uint64_t)0 << top : 0, prefix = first & known;
  while (top > 0) {
    int width = top < DIGIT ? top : DIGIT, shift = top - width;
    uint64_t mask = ((uint64_t)1 << width) - 1, digit = 0;
    int64_t count[BINS] = { 0 };
    for (int64_t i = 0; i < n; i++)
      if ((key_of(v[i]) & known) == prefix) count[(key_of(v[i]) >> shift) & mask]++;
    while (rank >= count[digit]) rank -= count[digit++];
    prefix |= digit << shift;
    known |= mask << shift;
    top = shift;
  }
  return (int64_t)(prefix ^ SIGN_BIT);
}

/* ---- the k at one end ---- */

/* Places of the elements beyond the threshold, and of the first of those that equal it, k in all. */
#define COLLECT(T) \
  static void collect_##T (const T *v, int64_t n, int64_t k, T threshold, RankEnd end, int64_t *place) { \
    int64_t beyond = 0, found = 0; \
    if (end == RANK_HIGHEST) for (int64_t i = 0; i < n; i++) beyond += v[i] > threshold; \
    else for (int64_t i = 0; i < n; i++) beyond += v[i] < threshold; \
    int64_t equal = k - beyond; \
    for (int64_t i = 0; found < k; i++) { \
      int is_equal = v[i] == threshold && equal > 0; \
      place[found] = i + 1; \
      found += is_equal | (end == RANK_HIGHEST ? v[i] > threshold : v[i] < threshold); \
      equal -= is_equal; \
    } \
  }
COLLECT(float)
COLLECT(int64_t)

static int64_t rank_of (int64_t k, int64_t n, RankEnd end) { return end == RANK_HIGHEST ? n - k : k - 1; }

static int64_t count_nans (const float *v, int64_t n) {
  int64_t nans = 0;
  for (int64_t i = 0; i < n; i++) nans += v[i] != v[i];
  return nans;
}

/* All numbers, and as many NaNs as are left to choose. */
static void collect_with_nans (const float *v, int64_t n, int64_t nans, int64_t *place) {
  for (int64_t i = 0, found = 0; i < n; i++) {
    if (v[i] != v[i] && nans-- <= 0) continue;
    place[found++] = i + 1;
  }
}

/* Of floats with NaNs among them: the numbers alone decide the threshold. */
static int extreme_of_numbers (const float *v, int64_t n, int64_t numbers, int64_t k, RankEnd end, int threads, int64_t *place) {
  float *some = mem_new((size_t)numbers, sizeof *some);
  if (!some) return 0;
  int64_t m = 0;
  for (int64_t i = 0; i < n; i++) if (v[i] == v[i]) some[m++] = v[i];
  collect_float(v, n, k, float_at_rank(some, m, rank_of(k, m, end), threads), end, place);
  mem_free(some);
  return 1;
}

static int extreme_floats (const float *v, int64_t n, int64_t k, RankEnd end, int threads, int64_t *place) {
  int64_t numbers = n - count_nans(v, n);
  if (k >= numbers) collect_with_nans(v, n, k - numbers, place);
  else if (numbers < n) return extreme_of_numbers(v, n, numbers, k, end, threads, place);
  else collect_float(v, n, k, float_at_rank(v, n, rank_of(k, n, end), threads), end, place);
  return 1;
}

int rank_extreme (const Array *v, int64_t k, RankEnd end, int threads, int64_t *place) {
  if (k == 0) return 1;
  if (v->n < ARRAY_THREADED) threads = 1;
  if (v->kind == ARRAY_FLOAT) return extreme_floats(v->data, v->n, k, end, threads, place);
  collect_int64_t(v->data, v->n, k, integer_at_rank(v->data, v->n, rank_of(k, v->n, end)), end, place);
  return 1;
}

/* ---- the order: a radix sort, which keeps what is equal in its order ---- */

typedef struct Item { uint32_t key, at; } Item;

/* Keys in the order of the floats: 0 for both zeros, and NaN above all. */
static uint32_t float_key (float x) {
  uint32_t bits;
  if (x != x) return UINT32_MAX;
  x += 0.0f;   /* -0 becomes 0 */
  memcpy(&bits, &x, sizeof bits);
  return bits ^ ((uint32_t)((int32_t)bits >> 31) | 0x80000000u);
}

/* One pass: by the digit at `shift` into `to`. 0 if all have the same digit, and nothing is moved. */
static int pass (const Item *from, int64_t n, int shift, Item *to) {
  int64_t start[BINS] = { 0 }, before = 0;
  for (int64_t i = 0; i < n; i++) start[(from[i].key >> shift) & (BINS - 1)]++;
  if (start[(from[0].key >> shift) & (BINS - 1)] == n) return 0;
  for (int b = 0; b < BINS; b++) {
    int64_t count = start[b];
    start[b] = before;
    before += count;
  }
  for (int64_t i = 0; i < n; i++) to[start[(from[i].key >> shift) & (BINS - 1)]++] = from[i];
  return 1;
}

/* Sorts by key; `item` and `other` change places with each pass. */
static void sort_items (Item **item, Item **other, int64_t n) {
  for (int shift = 0; shift < 32; shift += DIGIT)
    if (pass(*item, n, shift, *other)) {
      Item *sorted = *other;
      *other = *item;
      *item = sorted;
    }
}

static uint32_t low_half (uint64_t key) { return (uint32_t)key; }
static uint32_t high_half (uint64_t key) { return (uint32_t)(key >> 32); }

/* First by the lower halves of the keys, then by the upper ones. */
static void sort_integers (const int64_t *v, int64_t n, Item **item, Item **other) {
  for (int64_t i = 0; i < n; i++) (*item)[i] = (Item){ low_half(key_of(v[i])), (uint32_t)i };
  sort_items(item, other, n);
  for (int64_t i = 0; i < n; i++) (*item)[i].key = high_half(key_of(v[(*item)[i].at]));
  sort_items(item, other, n);
}

static void sort_floats (const float *v, int64_t n, Item **item, Item **other) {
  for (int64_t i = 0; i < n; i++) (*item)[i] = (Item){ float_key(v[i]), (uint32_t)i };
  sort_items(item, other, n);
}

int rank_order (const Array *v, int64_t *place) {
  int64_t n = v->n;
  if (n == 0) return 1;
  Item *item = mem_new((size_t)n, sizeof *item), *other = mem_new((size_t)n, sizeof *other);
  int made = item && other;
  if (made) {
    if (v->kind == ARRAY_FLOAT) sort_floats(v->data, n, &item, &other);
    else sort_integers(v->data, n, &item, &other);
    for (int64_t i = 0; i < n; i++) place[i] = (int64_t)item[i].at + 1;
  }
  mem_free(item);
  mem_free(other);
  return made;
}
