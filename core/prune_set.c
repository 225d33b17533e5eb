#include "prune.h"
#include "select.h"
#include <math.h>

/* Where the zeros stand in the sorted weights: [first, last). Without exact zeros, the
** elements of smallest magnitude take their place. */
static void zero_span (const float *w, int64_t n, int64_t *first, int64_t *last) {
  float smallest = INFINITY;
  for (int64_t k = 0; k < n; k++) smallest = fminf(smallest, fabsf(w[k]));
  int64_t below = 0, at_minus = 0, at_plus = 0;
  for (int64_t k = 0; k < n; k++) {
    below += w[k] < -smallest;
    at_minus += w[k] == -smallest;
    at_plus += w[k] == smallest;
  }
  if (smallest == 0) at_plus = 0;  /* -0 and +0 are the same element, counted once */
  /* The first of the smallest stands after all that are more negative; the last one ends
  ** the run of +smallest, or of -smallest when no +smallest is there. */
  *first = below;
  *last = below + at_minus + at_plus;
}

void prune_set_thresholds (const float *w, int64_t n, double zeta, float *t_minus, float *t_plus) {
  int64_t first, last;
  zero_span(w, n, &first, &last);
  int64_t minus = (int64_t)((1 - zeta) * (double)first);
  int64_t plus = (int64_t)((double)last + zeta * (double)(n - last));
  if (plus > n - 1) plus = n - 1;
  select_two(w, n, minus, plus, t_minus, t_plus);
}

int64_t prune_set (const float *w, int64_t n, double zeta, uint8_t *keep) {
  if (n == 0) return 0;
  float t_minus, t_plus;
  prune_set_thresholds(w, n, zeta, &t_minus, &t_plus);
  int64_t kept = 0;
  for (int64_t k = 0; k < n; k++) {
    keep[k] = w[k] < t_minus || w[k] > t_plus;
    kept += keep[k];
  }
  return kept;
}
