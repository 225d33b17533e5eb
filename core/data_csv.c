/*
** data_csv.c -- samples from comma-separated values.
**
** The file is read twice. The first pass counts records and collects the classes, the second
** fills arrays of exactly the right size: time is cheaper here than twice the memory, and a
** random draw needs to know how many there are.
*/
#include "csv.h"
#include "mem.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- classes: distinct label texts --------------------------------------------------- */

typedef struct Classes {
  char    **name;    /* (n) owned copies; in order of appearance, or of want->like */
  int32_t  *sorted;  /* (n) indices of name, bytewise ascending, to search in */
  int32_t   n, room;
  int       closed;  /* 1: no new class may appear */
} Classes;

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

/* A class for `text`, which stands at `at` in sorted; 0 without memory. */
static int insert (Classes *s, const char *text, int32_t at) {
  size_t size = strlen(text) + 1;
  char *copy = grow(s) ? mem_new(size, 1) : NULL;
  if (!copy) return 0;
  memcpy(copy, text, size);
  memmove(s->sorted + at + 1, s->sorted + at, (size_t)(s->n - at) * sizeof *s->sorted);
  s->sorted[at] = s->n;
  s->name[s->n++] = copy;
  return 1;
}

static void free_classes (Classes *s) {
  for (int32_t i = 0; i < s->n; i++) mem_free(s->name[i]);
  mem_free(s->name);
  mem_free(s->sorted);
}

/* The classes of the training split, in its order; no other may appear. */
static int copy_classes (Classes *s, const Data *like) {
  for (int32_t c = 0, found; c < like->n_classes; c++) {
    char number[16];
    const char *name = data_class_name(like, c);
    snprintf(number, sizeof number, "%d", c);
    int32_t at = search(s, name ? name : number, &found);
    if (!insert(s, name ? name : number, at)) return 0;
  }
  return s->closed = 1;
}

static int whole_number (const char *text, long long *value) {
  char *end;
  errno = 0;
  *value = strtoll(text, &end, 10);
  return end != text && *end == '\0' && errno == 0;
}

static int by_number (const void *a, const void *b) {
  const char *x = *(char *const *)a, *y = *(char *const *)b;
  long long m = 0, n = 0;
  whole_number(x, &m);
  whole_number(y, &n);
  return m != n ? (m > n) - (m < n) : strcmp(x, y);
}

static int by_bytes (const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Final order of classes: by number if all are whole numbers. Renews `sorted`. */
static void sort_classes (Classes *s) {
  int numbers = 1, found;
  long long value;
  if (s->closed) return;
  for (int32_t c = 0; c < s->n; c++) numbers &= whole_number(s->name[c], &value);
  qsort(s->name, (size_t)s->n, sizeof *s->name, numbers ? by_number : by_bytes);
  int32_t n = s->n;
  for (s->n = 0; s->n < n; s->n++) {  /* sorted insertion of what is there already */
    int32_t at = search(s, s->name[s->n], &found);
    memmove(s->sorted + at + 1, s->sorted + at, (size_t)(s->n - at) * sizeof *s->sorted);
    s->sorted[at] = s->n;
  }
}

/* All names end to end, as Data keeps them. */
static char *join_names (const Classes *s) {
  size_t size = 0;
  for (int32_t c = 0; c < s->n; c++) size += strlen(s->name[c]) + 1;
  char *names = mem_new(size, 1), *next = names;
  for (int32_t c = 0; names && c < s->n; c++) next = stpcpy(next, s->name[c]) + 1;
  return names;
}

/* ---- one pass -------------------------------------------------------------------------- */

typedef struct Reader {
  Csv      csv;
  Classes  classes;
  int32_t  n_columns, label;  /* columns of a record, and which is the label, from 0 */
  int64_t  n;                 /* records */
} Reader;

/* A field without blanks around it; the text is shortened in place. */
static char *trimmed (Reader *r, int32_t i) {
  char *text = r->csv.text + r->csv.field[i].at, *end = text + strlen(text);
  while (*text == ' ' || *text == '\t') text++;
  while (end > text && (end[-1] == ' ' || end[-1] == '\t')) *--end = '\0';
  return text;
}

static int find_label (Reader *r, const DataCsv *options) {
  const CsvField *first = r->csv.field;
  int32_t n = r->csv.n_fields;
  r->n_columns = n;
  if (n < 2) return csv_complain(&r->csv, first, "one column, expected features and a label");
  r->label = options->label_column ? options->label_column - 1 : n - 1;
  if (r->label < 0 || r->label >= n)
    return csv_complain(&r->csv, first, "the label is column %d, but there are %d columns",
                        options->label_column, n);
  if (!options->label_name) return 1;
  for (r->label = 0; r->label < n; r->label++)
    if (strcmp(trimmed(r, r->label), options->label_name) == 0) return 1;
  return csv_complain(&r->csv, first,
                      "no column is named '%.40s'; the first is '%.40s', the last '%.40s'",
                      options->label_name, csv_text(&r->csv, 0), csv_text(&r->csv, n - 1));
}

/* The next record of samples: 1, 0 at the end, -1 with a sentence. */
static int next_record (Reader *r) {
  int state = csv_next(&r->csv);
  if (state != 1 || r->csv.n_fields == r->n_columns) return state;
  const CsvField *last = &r->csv.field[r->csv.n_fields - 1];
  csv_complain(&r->csv, last, "the record ends with field %d, expected %d fields",
               r->csv.n_fields, r->n_columns);
  return -1;
}

/* Passes the header, finds the label's column. With no header the first record stays unread
** only by going back. */
static int begin (Reader *r, const DataCsv *options) {
  int state = csv_next(&r->csv);
  if (state == 0) return data_complain(r->csv.file.why, r->csv.file.path, "holds no record");
  if (state < 0 || !find_label(r, options)) return 0;
  return options->header || csv_rewind(&r->csv);
}

/* The class of the current record, from 0; -1 with a sentence. */
static int32_t class_of (Reader *r) {
  const CsvField *where = &r->csv.field[r->label];
  const char *text = trimmed(r, r->label);
  int found;
  if (*text == '\0') return csv_complain(&r->csv, where, "empty label"), -1;
  int32_t at = search(&r->classes, text, &found);
  if (found) return r->classes.sorted[at];
  if (r->classes.closed)
    return csv_complain(&r->csv, where, "label '%.40s' does not occur in the training split",
                        text), -1;
  if (r->classes.n == DATA_MAX_CLASSES)
    return csv_complain(&r->csv, where,
                        "more than %d different labels; is this column the label?",
                        DATA_MAX_CLASSES), -1;
  if (insert(&r->classes, text, at)) return r->classes.n - 1;
  return csv_complain(&r->csv, where, "not enough memory for another class"), -1;
}

static int first_pass (Reader *r, const DataCsv *options) {
  int state;
  if (!begin(r, options)) return 0;
  while ((state = next_record(r)) == 1) {
    if (class_of(r) < 0) return 0;
    if (++r->n > INT32_MAX)
      return csv_complain(&r->csv, r->csv.field, "too many records, expected at most %d",
                          INT32_MAX);
  }
  if (state < 0) return 0;
  if (r->n == 0)
    return data_complain(r->csv.file.why, r->csv.file.path, "holds a header and no record");
  sort_classes(&r->classes);
  return csv_rewind(&r->csv);
}

static int read_number (Reader *r, int32_t i, float *value) {
  const CsvField *where = &r->csv.field[i];
  const char *text = trimmed(r, i);
  char *end;
  if (*text == '\0') return csv_complain(&r->csv, where, "empty field, expected a number");
  *value = strtof(text, &end);
  /* strtof would also take hexadecimal digits, "nan" and "infinity". */
  if (*end == '\0' && isfinite(*value) && text[strspn(text, "0123456789+-.eE")] == '\0')
    return 1;
  return csv_complain(&r->csv, where, "'%.40s' is not a finite number", text);
}

static int second_pass (Reader *r, const DataCsv *options, DataDraw *draw, Data *data) {
  float *next = data->f32;
  int32_t kept = 0;
  if (options->header && csv_next(&r->csv) < 0) return 0;
  while (draw->wanted > 0) {
    int state = next_record(r);
    if (state == 0)
      return data_complain(r->csv.file.why, r->csv.file.path, "changed while it was read");
    if (state < 0) return 0;
    if (!data_draw_next(draw)) continue;
    if ((data->label[kept++] = class_of(r)) < 0) return 0;
    for (int32_t i = 0; i < r->n_columns; i++)
      if (i != r->label && !read_number(r, i, next++)) return 0;
  }
  return 1;
}

static Data *read_csv (Reader *r, const DataCsv *options, const DataWanted *want) {
  DataDraw draw;
  const char *path = r->csv.file.path;
  char *why = r->csv.file.why;
  if (want->like && !copy_classes(&r->classes, want->like)) {
    data_complain(why, path, "not enough memory for the classes");
    return NULL;
  }
  if (!first_pass(r, options) || !data_draw_begin(&draw, want, r->n, path, why)) return NULL;
  Data *data = data_new((int32_t)draw.wanted, r->n_columns - 1, DATA_F32);
  if (data) data->class_names = join_names(&r->classes);
  if (!data || !data->class_names) {
    data_complain(why, path, "not enough memory for %lld samples", (long long)draw.wanted);
    data_free(data);
    return NULL;
  }
  data->n_classes = r->classes.n;
  if (second_pass(r, options, &draw, data)) return data_finish(data, want, path, why);
  data_free(data);
  return NULL;
}

Data *data_read_csv (const char *path, const DataCsv *options, const DataWanted *want,
                     char why[DATA_WHY]) {
  Reader *r = mem_zero(1, sizeof *r);
  if (!r) {
    data_complain(why, path, "not enough memory to read it");
    return NULL;
  }
  Data *data = csv_open(&r->csv, path, why) ? read_csv(r, options, want) : NULL;
  csv_close(&r->csv);
  free_classes(&r->classes);
  mem_free(r);
  return data;
}
