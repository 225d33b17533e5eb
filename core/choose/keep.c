#include "choose/keep.h"
#include "choose/select.h"
#include <string.h>

/* Marks what is above the threshold; returns how many that are. */
static int64_t keep_above (const float *score, int64_t n, float threshold, int threads, uint8_t *keep) {
  int64_t kept = 0;
  #pragma omp parallel for simd num_threads(threads) schedule(static) reduction(+ : kept)
  for (int64_t k = 0; k < n; k++) {
    keep[k] = score[k] > threshold;
    kept += keep[k];
  }
  return kept;
}

void keep_best (const float *score, int64_t n, int64_t count, int threads, uint8_t *keep) {
  if (count == 0 || count == n) {
    memset(keep, count > 0, (size_t)n);
    return;
  }
  Census census;
  float least, same;
  select_census(score, n, threads, &census);
  select_two(score, n, threads, &census, n - count, n - count, &least, &same);
  int64_t missing = count - keep_above(score, n, least, threads, keep);
  for (int64_t k = 0; missing > 0 && k < n; k++)
    if (score[k] == least) {
      keep[k] = 1;
      missing--;
    }
}

int64_t keep_count (const uint8_t *keep, int64_t n) {
  int64_t kept = 0;
  #pragma omp simd reduction(+ : kept)
  for (int64_t k = 0; k < n; k++) kept += keep[k];
  return kept;
}
