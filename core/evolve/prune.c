#include "evolve/prune.h"
#include "base/mem.h"
#include "evolve/keep.h"
#include <math.h>
#include <string.h>

static const Prune own_rules[] = {
  { "set", 0, prune_set },
  { "threshold", 0, prune_threshold },
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
  if (score) *rule = (Prune){ score->name, score->needs, prune_scored };
  return score != NULL;
}

int64_t prune_threshold (const Prune *rule, const View *view, const PruneOptions *options, int threads, Rng *rng, uint8_t *keep) {
  (void)rule, (void)rng;
  int64_t kept = 0;
  #pragma omp parallel for num_threads(threads) schedule(static) reduction(+ : kept)
  for (int64_t k = 0; k < view->W->links; k++) {
    keep[k] = fabs((double)view->W->w[k]) >= options->threshold;
    kept += keep[k];
  }
  return kept;
}

int64_t prune_scored (const Prune *rule, const View *view, const PruneOptions *options, int threads, Rng *rng, uint8_t *keep) {
  int64_t links = view->W->links, stay = options->stay;
  if (stay < 0) stay = links - (int64_t)(options->share * (double)links);
  float *score = mem_new((size_t)links, sizeof *score);
  int there = score != NULL;
  if (there && options->soft) {
    there = score_soft(view, options->score.alpha, options->delta, threads, score);
    if (there) score_draw(score, links, threads, rng);
  } else if (there) there = score_find(rule->name)->of_links(view, &options->score, threads, rng, score);
  if (there) keep_best(score, links, stay, threads, keep);
  mem_free(score);
  return there ? stay : -1;
}

uint64_t prune_bytes (const Prune *rule, int32_t n_in, int32_t n_out, int64_t links) {
  if (rule->mark != prune_scored) return 0;
  return mem_block((uint64_t)links, sizeof(float)) + mem_block((uint64_t)n_in, sizeof(double)) +
         mem_block((uint64_t)n_out, sizeof(double));
}
