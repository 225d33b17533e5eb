/* Dead ends: what percolation takes away, what is left, and the paths through it. */
#include "named.h"
#include "stacks.h"
#include "base/mem.h"
#include "evolve/percolate.h"
#include "topology/paths.h"
#include "topology/reach.h"
#include <math.h>
#include <string.h>

static const Field *numbered (Case *c, const char *stem, int32_t number, int64_t n) {
  char name[32];
  snprintf(name, sizeof name, "%s%d", stem, (int)number);
  return case_field(c, name, n, NULL);
}

/* ---- percolation ------------------------------------------------------------------------- */

/* The links that are kept, as a layer. */
static Sparse *kept_layer (const Sparse *W, const uint8_t *keep) {
  int64_t links = 0;
  for (int64_t k = 0; k < W->links; k++) links += keep[k];
  Sparse *left = sparse_new(W->n_in, W->n_out, links);
  if (!left) return NULL;
  links = 0;
  for (int32_t i = 0; i < W->n_in; i++) {
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++)
      if (keep[k]) left->to[links++] = W->to[k];
    left->ptr[i + 1] = links;
  }
  sparse_mirror(left, 1);
  return left;
}

static void check_active (Case *c, const char *name, const Stack *s) {
  uint8_t *flags = reach_new(s);
  if (flags) case_near(c, case_field(c, name, 1, NULL), 0, reach_active(s, flags), 1e-6);
  mem_free(flags);
}

static void check_left (Case *c, const Layers *s, uint8_t *const *keep, const char *kept, const char *active) {
  Layers left = { .stack.n = 0 };
  left.stack = (Stack){ s->stack.n, s->size, (const Sparse *const *)left.W, NULL };
  for (int32_t l = 0; l < s->stack.n; l++) {
    const Field *f = numbered(c, kept, l + 1, s->W[l]->links);
    for (int64_t k = 0; f && k < f->n; k++) case_same(c, f, k, keep[l][k]);
    left.W[l] = kept_layer(s->W[l], keep[l]);
  }
  check_active(c, active, &left.stack);
  layers_free(&left);
}

static void check_rounds (Case *c, Layers *s, uint8_t **keep, int rounds, const char *removed, const char *kept,
                          const char *active) {
  int64_t gone[MOST_LAYERS];
  const Field *want = case_field(c, removed, s->stack.n, NULL);
  for (int32_t l = 0; l < s->stack.n; l++) memset(keep[l], 1, (size_t)s->W[l]->links);
  int done = percolate(s->stack.n, s->stack.W, keep, rounds, gone);
  for (int32_t l = 0; want && l < s->stack.n; l++) case_same(c, want, l, (double)gone[l]);
  if (kept) check_left(c, s, keep, kept, active);
  if (rounds == PERCOLATE_ALL) case_same(c, case_field(c, "rounds", 1, NULL), 0, done);
}

static void check_percolate (Case *c, Layers *s) {
  uint8_t *keep[MOST_LAYERS];
  for (int32_t l = 0; l < s->stack.n; l++) keep[l] = mem_new((size_t)s->W[l]->links, 1);
  check_rounds(c, s, keep, 1, "removed_1", NULL, NULL);
  check_rounds(c, s, keep, 2, "removed_2", "kept_2_", "anp_2");
  check_rounds(c, s, keep, PERCOLATE_ALL, "removed_all", "kept_all_", "anp_all");
  for (int32_t l = 0; l < s->stack.n; l++) mem_free(keep[l]);
}

/* ---- units ------------------------------------------------------------------------------- */

/* The units that lack a flag, as a list. */
static void check_without (Case *c, const char *stem, int32_t level, const uint8_t *flags, int32_t n, int flag) {
  const Field *f = numbered(c, stem, level, -1);
  int64_t found = 0;
  for (int32_t u = 0; f && u < n; u++)
    if (!(flags[u] & flag) && found++ < f->n) case_same(c, f, found - 1, u);
  if (f && found != f->n) {
    printf("%s:%ld: case %s: %s: %lld units, the file says %lld\n", c->in->path, f->line, c->name, f->word,
           (long long)found, (long long)f->n);
    c->verdict = FAILED;
  }
}

static void check_units (Case *c, const Stack *s, const uint8_t *flags) {
  UnitCount count[MOST_LAYERS + 1];
  const Field *sizes = case_field(c, "compressed", s->n + 1, NULL), *once = case_field(c, "compressed_once", s->n + 1, NULL);
  if (!sizes || !once || !reach_count(s, flags, count)) return;
  const uint8_t *at = flags;
  for (int32_t l = 0; l <= s->n; at += s->size[l++]) {
    if (l > 0) check_without(c, "no_in", l, at, s->size[l], UNIT_IN);
    if (l < s->n) check_without(c, "no_out", l, at, s->size[l], UNIT_OUT);
    case_same(c, sizes, l, count[l].on_path);
    case_same(c, once, l, count[l].once);
  }
}

static void check_effect (Case *c, const Stack *s, const uint8_t *flags) {
  int64_t links[MOST_LAYERS];
  const Field *count = case_field(c, "effective_links", s->n, NULL);
  const Field *density = case_field(c, "effective_density", s->n + 1, NULL);
  double all = 0, cells = 0;
  reach_links(s, flags, links);
  for (int32_t l = 0; count && density && l < s->n; l++) {
    case_same(c, count, l, (double)links[l]);
    case_near(c, density, l, (double)links[l] / (double)stack_cells(s, l), 1e-6);
    all += (double)links[l];
    cells += (double)stack_cells(s, l);
  }
  case_near(c, density, s->n, all / cells, 1e-6);
}

/* ---- paths ------------------------------------------------------------------------------- */

/* Number `at` of a field's values, as it is written there. */
static void check_digits (Case *c, const Field *f, int32_t at, const char *ours) {
  const char *text = f->text + strspn(f->text, " \t");
  for (int32_t skip = 0; skip < at; skip++) {
    text += strcspn(text, " \t");
    text += strspn(text, " \t");
  }
  size_t length = strcspn(text, " \t\r\n");
  if (length == strlen(ours) && memcmp(text, ours, length) == 0) return;
  printf("%s:%ld: case %s: %s, value %d: %s, the file says %.*s\n", c->in->path, f->line, c->name, f->word, (int)at + 1, ours,
         (int)length, text);
  c->verdict = FAILED;
}

static void check_shares (Case *c, const Stack *s) {
  double *share = mem_new((size_t)stack_units(s, s->n + 1), sizeof *share), log10_paths, *at = share;
  const Field *paths = case_field(c, "paths_to", s->n, NULL);
  if (share && paths && paths_share(s, share, &log10_paths)) {
    double total = paths->value[s->n - 1];
    if (total > 0 && fabs(log10_paths - log10(total)) > 1e-12 * fmax(1, log10(total))) c->verdict = FAILED;
    for (int32_t l = 0; l <= s->n; at += s->size[l++]) {
      const Field *f = numbered(c, "path_share_", l, s->size[l]);
      for (int32_t u = 0; f && u < s->size[l]; u++) case_near(c, f, u, at[u], 1e-6);
    }
  }
  mem_free(share);
}

static void check_paths (Case *c, const Stack *s) {
  const Field *f = case_field(c, "paths_to", s->n, NULL);
  for (int32_t l = 1; f && l <= s->n; l++) {
    char *digits = paths_exact(s, l);
    if (digits) check_digits(c, f, l - 1, digits);
    mem_free(digits);
  }
  check_shares(c, s);
}

void check_percolation (Case *c) {
  const Field *sizes = case_field(c, "sizes", -1, NULL);
  if (!sizes) return;
  Layers layers;
  uint8_t *flags = NULL;
  if (layers_read(c, &layers, sizes, "")) {
    check_percolate(c, &layers);
    flags = reach_new(&layers.stack);
    if (flags) {
      check_active(c, "anp", &layers.stack);
      check_units(c, &layers.stack, flags);
      check_effect(c, &layers.stack, flags);
    }
    check_paths(c, &layers.stack);
  }
  mem_free(flags);
  layers_free(&layers);
}
