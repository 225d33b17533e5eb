#include "evolve/prune.h"
#include "base/mem.h"
#include "choose/keep.h"
#include <math.h>
#include <string.h>

static const Prune own_rules[] = {
  { "set", 0, prune_set, 0 },
  { "threshold", 0, prune_threshold, 0 },
  { "neurons", 0, prune_neurons, 1 },
};

enum { OWN_RULES = sizeof own_rules / sizeof own_rules[0] };

const char *prune_name (int n) { return n < OWN_RULES ? own_rules[n].name : scores[n - OWN_RULES].name; }

int prune_find (const char *name, Prune *rule) {
  for (int n = 0; n < OWN_RULES; n++)
    if (strcmp(own_rules[n].name, name) == 0) {
      *rule = own_rules[n];
      return 1;
    }
  const Score *score = score_find(name);
  if (score) *rule = (Prune){ score->name, score->needs, prune_scored, 0 };
  return score != NULL;
}

int64_t prune_threshold (const Prune *rule, const View *view, const PruneOptions *options, int threads, Rng *rng, uint8_t *keep) {
  (void)rule, (void)rng;
  int64_t kept = 0;
  #pragma omp parallel for num_threads(threads) schedule(static) reduction(+ : kept)
  for (int64_t k = 0; k < view->W->links; k++) {
    keep[k] = (!view->among || view->among[k]) && fabs((double)view->W->w[k]) >= options->threshold;
    kept += keep[k];
  }
  return kept;
}

int64_t prune_stay (const PruneOptions *options, int64_t n) {
  if (options->stay >= 0) return options->stay < n ? options->stay : n;
  double go = options->share * (double)n;
  int64_t gone = options->round_up ? (int64_t)ceil(go - 1e-9 * go) : (int64_t)go;   /* a whole number is not rounded up */
  return gone < n ? n - gone : 0;
}

static void leave_out (const uint8_t *among, int64_t n, int threads, float *score) {
  #pragma omp parallel for num_threads(threads) schedule(static)
  for (int64_t k = 0; k < n; k++) score[k] = among[k] ? score[k] : -INFINITY;
}

int prune_scores (const Prune *rule, const View *view, const PruneOptions *options, int threads, Rng *rng, float *score) {
  int64_t links = view->W->links;
  if (options->soft == SOFT_CHTS) {
    /* delta = 1/2 is the power 1; the power comes with the draw, by logarithms, which no power makes too small for a float. */
    if (!score_soft(view, options->score.alpha, 0.5, threads, score)) return 0;
    score_temper(score, links, options->delta / (1 - options->delta), threads, rng);
  } else {
    if (!score_find(rule->name)->of_links(view, &options->score, threads, rng, score)) return 0;
    if (options->soft == SOFT_POWER) score_temper(score, links, options->power, threads, rng);
  }
  if (view->among) leave_out(view->among, links, threads, score);
  return 1;
}

int64_t prune_scored (const Prune *rule, const View *view, const PruneOptions *options, int threads, Rng *rng, uint8_t *keep) {
  int64_t links = view->W->links, stay = prune_stay(options, view->among ? keep_count(view->among, links) : links);
  float *score = mem_new((size_t)links, sizeof *score);
  int there = score && prune_scores(rule, view, options, threads, rng, score);
  if (there) keep_best(score, links, stay, threads, keep);
  mem_free(score);
  return there ? stay : -1;
}

uint64_t prune_bytes (const Prune *rule, const PruneOptions *options, int32_t n_in, int32_t n_out, int64_t links, int among) {
  uint64_t in = mem_block((uint64_t)n_in, sizeof(double)), out = mem_block((uint64_t)n_out, sizeof(double));
  uint64_t of_links = mem_block((uint64_t)links, sizeof(float));
  if (rule->mark == prune_neurons) return 2 * out;
  if (rule->mark == prune_set) return among ? of_links + mem_block((uint64_t)links, sizeof(uint8_t)) : 0;
  if (rule->mark != prune_scored) return 0;
  int sums = options->soft == SOFT_CHTS || strcmp(rule->name, "relative importance") == 0;
  return of_links + (sums ? in + out : 0);
}
