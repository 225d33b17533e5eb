#include "named.h"
#include "base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading ----------------------------------------------------------------------------- */

static int read_values (Lines *in, Field *f) {
  f->value = mem_new((size_t)f->n, sizeof *f->value);
  if (!f->value) return malformed(in, "not enough memory");
  const char *at = f->text;
  for (int64_t i = 0; i < f->n; i++) {
    char *end;
    f->value[i] = strtod(at, &end);
    if (end == at) return malformed(in, "'%s' says %lld values, and has %lld", f->word, (long long)f->n, (long long)i);
    at = end;
  }
  if (at[strspn(at, " \t")]) return malformed(in, "'%s' has more values than the %lld it says", f->word, (long long)f->n);
  return PASSED;
}

/* The current line as a field. */
static int read_field (Lines *in, Field *f) {
  int used = 0;
  long long n;
  *f = (Field){ .line = in->number };
  if (sscanf(in->text, "%31s %lld%n", f->word, &n, &used) != 2 || n < 0 || n > 1 << 24)
    return malformed(in, "expected a word, a count and so many values");
  f->n = n;
  f->text = strdup(in->text + used);
  return f->text ? read_values(in, f) : malformed(in, "not enough memory");
}

static int add_field (Lines *in, Case *c) {
  if (c->fields == c->room) {
    int room = 2 * c->room + 16;
    Field *grown = realloc(c->field, (size_t)room * sizeof *grown);
    if (!grown) return malformed(in, "not enough memory");
    c->field = grown;
    c->room = room;
  }
  return read_field(in, &c->field[c->fields++]);
}

int case_read (Lines *in, Case *c) {
  *c = (Case){ .in = in, .verdict = PASSED };
  if (sscanf(in->text, "case %63s", c->name) != 1) return malformed(in, "expected a line 'case NAME'");
  for (;;) {
    int got = next_line(in);
    if (got < 0) return malformed(in, "this is no text");
    if (got == 0) return ferror(in->file) ? malformed(in, "cannot be read") : PASSED;
    const char *first = in->text + strspn(in->text, " \t");
    if (strncmp(first, "case ", 5) == 0) return PASSED;
    if (!*first || *first == '#') continue;
    int verdict = add_field(in, c);
    if (verdict != PASSED) return verdict;
  }
}

void case_free (Case *c) {
  for (int i = 0; i < c->fields; i++) {
    mem_free(c->field[i].value);
    free(c->field[i].text);
  }
  free(c->field);
}

/* ---- looking things up -------------------------------------------------------------------- */

const Field *case_find (const Case *c, const char *name) {
  for (int i = 0; i < c->fields; i++)
    if (strcmp(c->field[i].word, name) == 0) return &c->field[i];
  return NULL;
}

const Field *case_field (Case *c, const char *name, int64_t n, const Field *after) {
  for (int i = after ? (int)(after - c->field) + 1 : 0; i < c->fields; i++) {
    const Field *f = &c->field[i];
    if (strcmp(f->word, name) != 0) continue;
    if (n < 0 || f->n == n) return f;
    fprintf(stderr, "%s:%ld: '%s' has %lld values, expected %lld\n", c->in->path, f->line, name, (long long)f->n, (long long)n);
    c->verdict = MALFORMED;
    return NULL;
  }
  if (!after) {
    fprintf(stderr, "%s: case %s: there is no line '%s'\n", c->in->path, c->name, name);
    c->verdict = MALFORMED;
  }
  return NULL;
}

double case_number (Case *c, const char *name) {
  const Field *f = case_field(c, name, 1, NULL);
  return f ? f->value[0] : 0;
}

/* ---- layers ------------------------------------------------------------------------------- */

Sparse *case_layer (Case *c, int32_t n_in, int32_t n_out, const char *from, const char *to, const char *weight, const char *momentum) {
  const Field *f = case_field(c, from, -1, NULL), *t = f ? case_field(c, to, f->n, NULL) : NULL;
  const Field *w = weight && t ? case_field(c, weight, f->n, NULL) : NULL;
  const Field *m = momentum && t ? case_field(c, momentum, f->n, NULL) : NULL;
  if (!t || c->verdict != PASSED) return NULL;
  Sparse *W = sparse_new(n_in, n_out, f->n);
  if (!W) return NULL;
  for (int64_t k = 0; k < f->n; k++) {
    W->ptr[(int32_t)f->value[k] + 1]++;
    W->to[k] = (int32_t)t->value[k];
    W->w[k] = w ? (float)w->value[k] : 0;
    W->momentum[k] = m ? (float)m->value[k] : 0;
  }
  for (int32_t i = 0; i < n_in; i++) W->ptr[i + 1] += W->ptr[i];
  sparse_mirror(W, 1);
  const char *broken = sparse_check(W);
  if (!broken) return W;
  fprintf(stderr, "%s:%ld: %s\n", c->in->path, f->line, broken);
  c->verdict = MALFORMED;
  sparse_free(W);
  return NULL;
}

/* ---- comparing ----------------------------------------------------------------------------- */

int case_near (Case *c, const Field *want, int64_t at, double ours, double tolerance) {
  if (!want || at >= want->n) return 0;
  double theirs = want->value[at];
  if ((isnan(ours) && isnan(theirs)) || fabs(ours - theirs) <= tolerance) return 1;
  if (c->verdict == PASSED)
    printf("%s:%ld: case %s: %s, value %lld: %.9g, the file says %.9g\n", c->in->path, want->line, c->name, want->word,
           (long long)at + 1, ours, theirs);
  if (c->verdict == PASSED) c->verdict = FAILED;
  return 0;
}

int case_same (Case *c, const Field *want, int64_t at, double ours) { return case_near(c, want, at, ours, 0); }
