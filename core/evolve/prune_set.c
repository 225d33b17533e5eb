#include "evolve/prune.h"
#include "base/mem.h"
#include "choose/select.h"

/* The zeros stand at first .. last-1 of the sorted weights. Without exact zeros, the elements of
** smallest magnitude take their place: from the first of them, which stands after all that are
** more negative, to the last, which ends the run of +least, or of -least if there is no +least. */
void prune_set_thresholds (const float *w, int64_t n, double zeta, int threads, float *t_minus, float *t_plus) {
  Census census;
  select_census(w, n, threads, &census);
  int64_t first = census.negative - census.at_minus, last = census.negative + census.at_plus;
  int64_t minus = (int64_t)((1 - zeta) * (double)first);
  int64_t plus = (int64_t)((double)last + zeta * (double)(n - last));
  if (plus > n - 1) plus = n - 1;
  select_two(w, n, threads, &census, minus, plus, t_minus, t_plus);
}

static int64_t mark_block (const float *w, int64_t n, float t_minus, float t_plus, uint8_t *keep) {
  int32_t kept = 0;
  #pragma omp simd
  for (int64_t k = 0; k < n; k++) keep[k] = (w[k] < t_minus) | (w[k] > t_plus);
  #pragma omp simd reduction(+ : kept)
  for (int64_t k = 0; k < n; k++) kept += keep[k];
  return kept;
}

/* Among some links: their weights are put side by side first. */
static int64_t mark_some (const View *view, double zeta, int threads, uint8_t *keep) {
  int64_t links = view->W->links, n = 0, m = 0, kept = -1;
  float *w = mem_new((size_t)links, sizeof *w);
  uint8_t *mark = mem_new((size_t)links, 1);
  if (w && mark) {
    for (int64_t k = 0; k < links; k++)
      if (view->among[k]) w[n++] = view->W->w[k];
    kept = prune_set_mark(w, n, zeta, threads, mark);
    for (int64_t k = 0; k < links; k++) keep[k] = view->among[k] ? mark[m++] : 0;
  }
  mem_free(w);
  mem_free(mark);
  return kept;
}

int64_t prune_set (const Prune *rule, const View *view, const PruneOptions *options, int threads, Rng *rng, uint8_t *keep) {
  (void)rule, (void)rng;
  if (view->among) return mark_some(view, options->share, threads, keep);
  return prune_set_mark(view->W->w, view->W->links, options->share, threads, keep);
}

int64_t prune_set_mark (const float *w, int64_t n, double zeta, int threads, uint8_t *keep) {
  enum { BLOCK = 4096 };
  if (n == 0) return 0;
  float t_minus, t_plus;
  prune_set_thresholds(w, n, zeta, threads, &t_minus, &t_plus);
  int64_t kept = 0;
  #pragma omp parallel for num_threads(threads) reduction(+ : kept)
  for (int64_t k = 0; k < n; k += BLOCK)
    kept += mark_block(w + k, n - k < BLOCK ? n - k : BLOCK, t_minus, t_plus, keep + k);
  return kept;
}
