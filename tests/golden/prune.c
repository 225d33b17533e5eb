#include "golden.h"
#include "base/mem.h"
#include "evolve/prune.h"
#include <string.h>

/* ---- SET's prune: case count zeta largest_negative smallest_positive kept --------------- */

typedef struct PruneCase {
  long     line;             /* of its first line */
  int64_t  count, kept;
  double   zeta;
  float    t_minus, t_plus;
  float   *w;
  uint8_t *keep, *ours;
} PruneCase;

static void prune_case_free (PruneCase *c) {
  mem_free(c->w);
  mem_free(c->keep);
  mem_free(c->ours);
}

static int read_prune_head (Lines *in, PruneCase *c) {
  const char *w = word(in);
  if (!w || strcmp(w, "case") != 0) return malformed(in, "expected a line that begins with 'case'");
  if (!take_count(in, &c->count) || c->count < 1) return malformed(in, "expected the number of weights after 'case', 1 or more");
  if (!take_double(in, &c->zeta) || c->zeta < 0 || c->zeta > 1) return malformed(in, "expected zeta as the second number, in [0, 1]");
  if (!take_float(in, &c->t_minus)) return malformed(in, "expected the largest negative threshold as the third number");
  if (!take_float(in, &c->t_plus)) return malformed(in, "expected the smallest positive threshold as the fourth number");
  if (!take_count(in, &c->kept) || c->kept > c->count) return malformed(in, "expected the number of kept weights as the fifth number, at most the first");
  if (word(in)) return malformed(in, "expected five numbers after 'case', there are more");
  return PASSED;
}

static int read_prune_weights (Lines *in, PruneCase *c) {
  if (follow(in, c->count, "weights") == MALFORMED) return MALFORMED;
  c->w = mem_new((size_t)c->count, sizeof *c->w);
  c->keep = mem_new((size_t)c->count, 1);
  c->ours = mem_new((size_t)c->count, 1);
  if (!c->w || !c->keep || !c->ours) return malformed(in, "not enough memory for %lld weights", (long long)c->count);
  for (int64_t k = 0; k < c->count; k++)
    if (!take_float(in, &c->w[k]))
      return malformed(in, "expected %lld weights, number %lld is missing or no finite number", (long long)c->count, (long long)k + 1);
  if (word(in)) return malformed(in, "expected %lld weights, there are more", (long long)c->count);
  return PASSED;
}

static int read_prune_flags (Lines *in, PruneCase *c) {
  if (follow(in, c->count, "flags") == MALFORMED) return MALFORMED;
  for (int64_t k = 0; k < c->count; k++) {
    const char *w = word(in);
    if (!w || (strcmp(w, "0") != 0 && strcmp(w, "1") != 0))
      return malformed(in, "expected %lld flags, number %lld is missing or neither 0 nor 1", (long long)c->count, (long long)k + 1);
    c->keep[k] = *w == '1';
  }
  if (word(in)) return malformed(in, "expected %lld flags, there are more", (long long)c->count);
  return PASSED;
}

static int compare_prune (const Lines *in, PruneCase *c) {
  int verdict = PASSED;
  float t_minus, t_plus;
  prune_set_thresholds(c->w, c->count, c->zeta, 1, &t_minus, &t_plus);
  int64_t kept = prune_set_mark(c->w, c->count, c->zeta, 1, c->ours);
  const struct { const char *name; float ours, theirs; } threshold[2] = {
    { "largest negative", t_minus, c->t_minus }, { "smallest positive", t_plus, c->t_plus } };
  for (int i = 0; i < 2; i++) {
    if (threshold[i].ours == threshold[i].theirs) continue;
    printf("%s:%ld: %s threshold is %.9g, the file says %.9g\n", in->path, c->line, threshold[i].name,
           (double)threshold[i].ours, (double)threshold[i].theirs);
    verdict = FAILED;
  }
  if (kept != c->kept) {
    printf("%s:%ld: %lld weights are kept, the file says %lld\n", in->path, c->line, (long long)kept, (long long)c->kept);
    verdict = FAILED;
  }
  for (int64_t k = 0; k < c->count; k++) {
    if (c->ours[k] == c->keep[k]) continue;
    printf("%s:%ld: weight %lld, %.9g, is %s, the file says %s\n", in->path, in->number, (long long)k + 1,
           (double)c->w[k], c->ours[k] ? "kept" : "removed", c->keep[k] ? "kept" : "removed");
    verdict = FAILED;
  }
  return verdict;
}

int check_prune (Lines *in) {
  PruneCase c = { .line = in->number };
  int verdict = read_prune_head(in, &c);
  if (verdict == PASSED) verdict = read_prune_weights(in, &c);
  if (verdict == PASSED) verdict = read_prune_flags(in, &c);
  if (verdict == PASSED) verdict = compare_prune(in, &c);
  prune_case_free(&c);
  return verdict;
}
