#include "evolve/prune.h"
#include "base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int ascending (const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Between two neighbours, in proportion. */
static double percentile (const double *sorted, int32_t n, double share) {
  double place = share * (n - 1);
  int32_t low = (int32_t)place, high = low + 1 < n ? low + 1 : low;
  return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
}

/* Weights above this strength stay; below 0: all do. */
static double strength_to_beat (const double *strength, double *sorted, int32_t n, double share) {
  if (!(share > 0)) return -1;
  memcpy(sorted, strength, (size_t)n * sizeof *sorted);
  qsort(sorted, (size_t)n, sizeof *sorted, ascending);
  double t = percentile(sorted, n, share < 1 ? share : 1);
  return t < sorted[n - 1] ? t : -1;
}

int64_t prune_neurons (const Prune *rule, const View *view, const PruneOptions *options, int threads, Rng *rng, uint8_t *keep) {
  (void)rule, (void)rng;
  const Sparse *W = view->W;
  double *strength = mem_new((size_t)W->n_out, sizeof *strength), *sorted = mem_new((size_t)W->n_out, sizeof *sorted);
  int64_t kept = strength && sorted ? 0 : -1;
  if (kept == 0) {
    score_strength_in(view, threads, strength);
    double t = strength_to_beat(strength, sorted, W->n_out, options->share);
    for (int64_t k = 0; k < W->links; k++) kept += keep[k] = (!view->among || view->among[k]) && strength[W->to[k]] > t;
  }
  mem_free(strength);
  mem_free(sorted);
  return kept;
}
