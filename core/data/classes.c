#include "data/classes.h"
#include "base/mem.h"
#include "format/number.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- labels ---- */

static int is_whole (double v) { return v == floor(v) && fabs(v) < 1e15; }

/* What the label is known by: "1" for 1.0, 1., +1 and 1e0; "0.5" for 0.50. */
static const char *known_by (Classes *s, const char *text) {
  double v;
  if (strcmp(text, "-0") == 0) return "0";
  if (!strpbrk(text, ".,eE+") || !number_read_double(text, s->comma, &v)) return text;
  snprintf(s->number, sizeof s->number, is_whole(v) ? "%.0f" : "%.15g", v + 0.0);
  return s->number;
}

int label_is_missing (const char *text) { return strcasecmp(text, "nan") == 0 || strcmp(text, "?") == 0; }

/* ---- the set ---- */

/* Where `text` stands in sorted, or would stand; *found says which. */
static int32_t search (const Classes *s, const char *text, int *found) {
  int32_t low = 0, high = s->n;
  while (low < high) {
    int32_t middle = low + (high - low) / 2;
    int order = strcmp(s->name[s->sorted[middle]], text);
    if (order == 0) return *found = 1, middle;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return *found = 0, low;
}

static int grow (Classes *s) {
  if (s->n < s->room) return 1;
  int32_t room = s->room ? 2 * s->room : 16;
  char **name = mem_grow(s->name, (size_t)s->n, (size_t)room, sizeof *name);
  if (name) s->name = name;
  if (!name) return 0;
  int32_t *sorted = mem_grow(s->sorted, (size_t)s->n, (size_t)room, sizeof *sorted);
  if (!sorted) return 0;
  s->sorted = sorted;
  s->room = room;
  return 1;
}

static void enter (Classes *s, int32_t c, int32_t at) {
  memmove(s->sorted + at + 1, s->sorted + at, (size_t)(s->n - at) * sizeof *s->sorted);
  s->sorted[at] = c;
}

/* A class for `text`, which stands at `at` in sorted; 0 without memory. */
static int insert (Classes *s, const char *text, int32_t at) {
  size_t size = strlen(text) + 1;
  char *copy = grow(s) ? mem_new(size, 1) : NULL;
  if (!copy) return 0;
  memcpy(copy, text, size);
  enter(s, s->n, at);
  s->name[s->n++] = copy;
  return 1;
}

void classes_free (Classes *s) {
  for (int32_t i = 0; i < s->n; i++) mem_free(s->name[i]);
  mem_free(s->name);
  mem_free(s->sorted);
  s->name = NULL;
  s->sorted = NULL;
  s->n = s->room = 0;
}

int classes_like (Classes *s, const Data *like) {
  const char *name = like->class_names;
  for (int32_t c = 0, found; c < like->n_classes; c++) {
    char number[16];
    snprintf(number, sizeof number, "%d", c);
    int32_t at = search(s, name ? name : number, &found);
    if (!insert(s, name ? name : number, at)) return 0;
    if (name) name += strlen(name) + 1;
  }
  s->closed = CLASSES_LIKE;
  return 1;
}

int32_t classes_of (Classes *s, const char *text) {
  int found;
  const char *name = known_by(s, text);
  int32_t at = search(s, name, &found);
  if (found) return s->sorted[at];
  if (s->closed) return CLASS_UNKNOWN;
  if (s->n == DATA_MAX_CLASSES) return CLASS_TOO_MANY;
  return insert(s, name, at) ? s->n - 1 : CLASS_NO_MEMORY;
}

/* ---- their order, and what it says ---- */

typedef struct Named { char *name; int32_t from; double value; } Named;

static int by_value (const void *a, const void *b) {
  const Named *x = a, *y = b;
  return x->value != y->value ? (x->value > y->value) - (x->value < y->value) : strcmp(x->name, y->name);
}

static int by_bytes (const void *a, const void *b) {
  return strcmp(((const Named *)a)->name, ((const Named *)b)->name);
}

int classes_sort (Classes *s, int32_t *place) {
  if (s->closed) {
    for (int32_t c = 0; place && c < s->n; c++) place[c] = c;
    return 1;
  }
  Named *all = mem_new((size_t)s->n, sizeof *all);
  if (!all) return 0;
  int numbers = 1, found;
  int32_t n = s->n;
  for (int32_t c = 0; c < n; c++) {
    all[c] = (Named){ s->name[c], c, 0 };
    numbers &= number_read_double(s->name[c], 0, &all[c].value);
  }
  qsort(all, (size_t)n, sizeof *all, numbers ? by_value : by_bytes);
  for (s->n = 0; s->n < n; s->n++) {  /* sorted insertion of what is there already */
    s->name[s->n] = all[s->n].name;
    if (place) place[all[s->n].from] = s->n;
    enter(s, s->n, search(s, s->name[s->n], &found));
  }
  s->closed = CLASSES_COUNTED;
  mem_free(all);
  return 1;
}

int classes_have_gaps (int64_t count, double lowest, double highest, int64_t n) {
  return n >= 20 && 2 * count > n && highest - lowest + 1 > 2.0 * (double)count;
}

int classes_are_measured (const Classes *s, int64_t n) {
  double lowest = HUGE_VAL, highest = -HUGE_VAL;
  int fractions = 0;
  for (int32_t c = 0; c < s->n; c++) {
    double v;
    if (!number_read_double(s->name[c], 0, &v)) return 0;
    fractions |= !is_whole(v);
    lowest = fmin(lowest, v);
    highest = fmax(highest, v);
  }
  int many = 2 * (int64_t)s->n > n;
  if (fractions) return many || s->n > 20;
  return classes_have_gaps(s->n, lowest, highest, n);
}

char *classes_join (const Classes *s) {
  size_t size = 0;
  for (int32_t c = 0; c < s->n; c++) size += strlen(s->name[c]) + 1;
  char *names = mem_new(size, 1), *next = names;
  for (int32_t c = 0; names && c < s->n; c++) next = stpcpy(next, s->name[c]) + 1;
  return names;
}
