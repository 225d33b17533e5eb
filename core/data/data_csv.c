/*
** data_csv.c -- samples from separated values.
**
** The file is read twice. The first pass counts records and collects the classes, the second
** fills arrays of exactly the right size: time is cheaper here than twice the memory, and a
** random draw needs to know how many there are. A file that changes between the passes is noticed:
** its records and classes are checked both times.
**
** Nothing is guessed silently: a header that looks like a sample, duplicate names,
** and labels that look like measurements are errors, each with its remedy.
*/
#include "data/classes.h"
#include "data/data_reader.h"
#include "data/target.h"
#include "format/number.h"
#include "format/csv.h"
#include "base/mem.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct Reader {
  Csv      csv;
  Classes  classes;
  int32_t  n_columns;         /* of a record */
  int32_t  label;             /* which of them is the label, from 0; or the first target */
  int32_t  n_targets;         /* 0: there is a label */
  int64_t  n;                 /* records */
  int32_t *feature;           /* (n_columns) which feature a column is, from 0; -1 for the label and for targets */
  int32_t *target;            /* (n_columns) which target it is, from 0; -1 for the others; NULL: there is a label */
  char    *names;             /* the features' names end to end, in the order of features, and the label's; or NULL */
  char    *sample_label;      /* a header that would also do as a sample: its label; else NULL */
  char     decimal;           /* '.' or ',', as soon as one has been seen; else 0 */
  int64_t  decimal_line;
} Reader;

static int no_memory (const Reader *r) {
  return data_complain(r->csv.file.why, r->csv.file.path, "not enough memory to read it");
}

static int decimal_comma (const Reader *r) { return r->csv.separator != ','; }

/* ---- columns and their names ---- */

/* "the line has 2 ';' and no ','": what helps when a line is one field. The hint is "" otherwise. */
static const char *separator_hint (const Reader *r, char hint[100]) {
  const char *text = r->csv.n_fields == 1 ? csv_text(&r->csv, 0) : "";
  int most = 0, count;
  *hint = '\0';
  for (const char *s = csv_separators; *s; s++) {
    count = 0;
    for (const char *c = text; *c; c++) count += *c == *s;
    if (count <= most) continue;
    most = count;
    snprintf(hint, 100, "; the line has %d of %s and none of %s, which separates here", count, csv_separator_name(*s),
             csv_separator_name(r->csv.separator));
  }
  return hint;
}

/* The name of column i of the header; a column without one is known by its place. */
static const char *column_name (Reader *r, int32_t i, char made[32]) {
  const char *name = csv_trimmed(&r->csv, i);
  if (*name) return name;
  snprintf(made, 32, "column %d", i + 1);
  return made;
}

/* The column of this name; -1 if there is none. */
static int32_t find_column (Reader *r, const char *name) {
  char made[32];
  for (int32_t i = 0; i < r->csv.n_fields; i++)
    if (strcmp(column_name(r, i, made), name) == 0) return i;
  return -1;
}

static int complain_no_column (Reader *r, const char *name, const char *whose) {
  return csv_complain(&r->csv, r->csv.field, "no column is named '%.40s'%s; the first is '%.40s', the last '%.40s'",
                      name, whose, csv_trimmed(&r->csv, 0), csv_trimmed(&r->csv, r->csv.n_fields - 1));
}

/* Is column i the label, or a target? */
static int is_answer (const Reader *r, int32_t i) { return r->target ? r->target[i] >= 0 : i == r->label; }

/* The columns of the targets. */
static int find_targets (Reader *r, const DataCsv *options) {
  const CsvField *first = r->csv.field;
  int32_t n = r->n_columns = r->csv.n_fields;
  char hint[100];
  if (n <= options->n_targets)
    return csv_complain(&r->csv, first, "%d column%s, expected features and %d target%s%s", n, n == 1 ? "" : "s", options->n_targets,
                        options->n_targets == 1 ? "" : "s", separator_hint(r, hint));
  r->target = mem_new((size_t)n, sizeof *r->target);
  if (!r->target) return no_memory(r);
  for (int32_t i = 0; i < n; i++) r->target[i] = -1;
  for (int32_t t = 0; t < options->n_targets; t++) {
    const DataColumn *wanted = &options->targets[t];
    int32_t i = wanted->name ? find_column(r, wanted->name) : wanted->column - 1;
    if (wanted->name && i < 0) return complain_no_column(r, wanted->name, "");
    if (i >= n) return csv_complain(&r->csv, first, "target %d is column %d, but there are %d columns", t + 1, wanted->column, n);
    if (r->target[i] >= 0) return csv_complain(&r->csv, &r->csv.field[i], "column %d is target %d and target %d", i + 1, r->target[i] + 1, t + 1);
    r->target[i] = t;
    if (t == 0) r->label = i;
  }
  r->n_targets = options->n_targets;
  return 1;
}

/* The label of a test split is the column with the name that the training split's has. */
static int find_label (Reader *r, const DataCsv *options, const Data *like) {
  const CsvField *first = r->csv.field;
  int32_t n = r->csv.n_fields;
  char hint[100];
  r->n_columns = n;
  if (n < 2)
    return csv_complain(&r->csv, first, "one column, expected features and a label%s", separator_hint(r, hint));
  const char *name = options->label_name, *names = options->header && like ? like->column_names : NULL;
  if (!name && names) name = names + data_names_size(names, like->n_features);
  r->label = name ? find_column(r, name) : options->label_column ? options->label_column - 1 : n - 1;
  if (name && r->label < 0) return complain_no_column(r, name, options->label_name ? "" : ", as the training split's label is");
  if (r->label < n) return 1;
  return csv_complain(&r->csv, first, "the label is column %d, but there are %d columns", options->label_column, n);
}

typedef struct Named { const char *name; int32_t column; } Named;

static int by_name (const void *a, const void *b) {
  const Named *x = a, *y = b;
  int order = strcmp(x->name, y->name);
  return order ? order : (x->column > y->column) - (x->column < y->column);
}

/* Names must differ; made holds those of columns without one. */
static int check_names (Reader *r, Named *sorted, char (*made)[32]) {
  int32_t n = r->n_columns;
  for (int32_t i = 0; i < n; i++) sorted[i] = (Named){ column_name(r, i, made[i]), i };
  qsort(sorted, (size_t)n, sizeof *sorted, by_name);
  for (int32_t k = 1; k < n; k++)
    if (strcmp(sorted[k - 1].name, sorted[k].name) == 0)
      return csv_complain(&r->csv, &r->csv.field[sorted[k].column],
                          "two columns are named '%.40s', %d and %d: give each a name of its own", sorted[k].name,
                          sorted[k - 1].column + 1, sorted[k].column + 1);
  return 1;
}

/* Without a header columns are matched by their places. */
static void number_features (Reader *r) {
  for (int32_t i = 0, j = 0; i < r->n_columns; i++) r->feature[i] = is_answer(r, i) ? -1 : j++;
}

/* The names of the features in order, and the label's or the first target's. */
static int keep_names (Reader *r) {
  size_t size = 0;
  char made[32];
  for (int32_t i = 0; i < r->n_columns; i++) size += strlen(column_name(r, i, made)) + 1;
  char *next = r->names = mem_new(size, 1);
  if (!next) return no_memory(r);
  for (int32_t i = 0; i < r->n_columns; i++)
    if (!is_answer(r, i)) next = stpcpy(next, column_name(r, i, made)) + 1;
  strcpy(next, column_name(r, r->label, made));
  return 1;
}

/* Every feature of the training split has its column here, and no column is left over. */
static int match_names (Reader *r, const Data *like, const Named *sorted) {
  const char *name = like->column_names;
  for (int32_t i = 0; i < r->n_columns; i++) r->feature[i] = -1;
  for (int32_t j = 0; j < like->n_features; j++, name += strlen(name) + 1) {
    Named key = { name, -1 };
    int32_t low = 0, high = r->n_columns;
    while (low < high) {   /* the first that is not before the key */
      int32_t middle = low + (high - low) / 2;
      if (by_name(&sorted[middle], &key) < 0) low = middle + 1;
      else high = middle;
    }
    if (low == r->n_columns || strcmp(sorted[low].name, name) != 0 || is_answer(r, sorted[low].column))
      return csv_complain(&r->csv, r->csv.field, "feature %d of the training split, '%.40s', is missing; column %d here is '%.40s'",
                          j + 1, name, j < r->n_columns ? j + 1 : r->n_columns,
                          csv_trimmed(&r->csv, j < r->n_columns ? j : r->n_columns - 1));
    r->feature[sorted[low].column] = j;
  }
  for (int32_t i = 0; i < r->n_columns; i++)
    if (r->feature[i] < 0 && !is_answer(r, i))
      return csv_complain(&r->csv, &r->csv.field[i], "column %d, '%.40s', is not in the training split", i + 1,
                          csv_trimmed(&r->csv, i));
  return 1;
}

static int take_names (Reader *r, const Data *like) {
  Named *sorted = mem_new((size_t)r->n_columns, sizeof *sorted);
  char (*made)[32] = mem_new((size_t)r->n_columns, sizeof *made);
  int ok = sorted && made ? check_names(r, sorted, made) : no_memory(r);
  ok = ok && keep_names(r);
  if (ok && like && like->column_names) ok = match_names(r, like, sorted);
  mem_free(sorted);
  mem_free(made);
  return ok;
}

/* ---- is the header one? ---- */

/* All features are numbers: a sample, or the names 0, 1, 2, ... that some programs give columns. If
** the latter are possible the label decides, once all classes are known; 0 with a sentence. */
static int doubt_header (Reader *r) {
  int counts[2] = { 1, 1 };   /* the features are 0, 1, 2, ...; 1, 2, 3, ... */
  float value;
  for (int32_t i = 0, j = 0; i < r->n_columns; i++) {
    if (is_answer(r, i)) continue;
    if (!number_read(csv_trimmed(&r->csv, i), decimal_comma(r), &value)) return 1;
    counts[0] &= value == (float)j++;
    counts[1] &= value == (float)j;
  }
  const char *label = csv_trimmed(&r->csv, r->label);
  int number = number_read(label, decimal_comma(r), &value) || *label == '\0';
  if (number || !(counts[0] || counts[1]))
    return csv_complain(&r->csv, r->csv.field, "the first record would be the header, but looks like a sample: say header = "
                        "false if it is one, header = true if these are names");
  r->sample_label = mem_new(strlen(label) + 1, 1);
  if (!r->sample_label) return no_memory(r);
  strcpy(r->sample_label, label);
  return 1;
}

/* Asked when all classes are known. */
static int settle_header (Reader *r) {
  CsvField start = { 0, 1, 1 };
  if (!r->sample_label || classes_of(&r->classes, r->sample_label) < 0) return 1;
  return csv_complain(&r->csv, &start, "the first record would be the header, but its label '%.40s' occurs below: say "
                      "header = false if it is a sample, header = true if these are names", r->sample_label);
}

/* Passes the header, finds the columns. With no header the first record stays unread only by
** going back. */
static int begin (Reader *r, const DataCsv *options, const Data *like) {
  int state = csv_next(&r->csv);
  if (state == 0) return data_complain(r->csv.file.why, r->csv.file.path, "holds no record");
  if (state < 0 || !(options->n_targets > 0 ? find_targets(r, options) : find_label(r, options, like))) return 0;
  r->feature = mem_new((size_t)r->n_columns, sizeof *r->feature);
  if (!r->feature) return no_memory(r);
  number_features(r);
  if (!options->header) return csv_rewind(&r->csv);
  if (options->header == DATA_HEADER_LIKELY && !options->label_name && !(options->n_targets > 0 && options->targets[0].name) && !doubt_header(r)) return 0;
  return take_names(r, like);
}

/* ---- records ---- */

/* The next record of samples: 1, 0 at the end, -1 with a sentence. */
static int next_record (Reader *r) {
  int state = csv_next(&r->csv);
  char hint[100];
  if (state != 1 || r->csv.n_fields == r->n_columns) return state;
  const CsvField *last = &r->csv.field[r->csv.n_fields - 1];
  csv_complain(&r->csv, last, "the record ends with field %d, expected %d fields%s", r->csv.n_fields, r->n_columns,
               separator_hint(r, hint));
  return -1;
}

/* The class of the current record, from 0; -1 with a sentence. */
static int32_t class_of (Reader *r) {
  const CsvField *where = &r->csv.field[r->label];
  const char *text = csv_trimmed(&r->csv, r->label);
  if (*text == '\0') return csv_complain(&r->csv, where, "empty label"), -1;
  if (label_is_missing(text))
    return csv_complain(&r->csv, where, "the label is '%s', a missing value: fill it in, or leave the record out", text), -1;
  int32_t c = classes_of(&r->classes, text);
  if (c == CLASS_UNKNOWN && r->classes.closed == CLASSES_LIKE)
    csv_complain(&r->csv, where, "label '%.40s' does not occur in the training split", text);
  else if (c == CLASS_UNKNOWN)
    csv_complain(&r->csv, where, "label '%.40s' was not there before: the file changed while it was read", text);
  else if (c == CLASS_TOO_MANY)
    csv_complain(&r->csv, where, "more than %d different labels; is this column the label?", DATA_MAX_CLASSES);
  else if (c < 0) csv_complain(&r->csv, where, "not enough memory for another class");
  return c < 0 ? -1 : c;
}

/* Labels must be classes, not measurements. */
static int check_classes (Reader *r) {
  if (r->target || r->classes.closed || !classes_are_measured(&r->classes, r->n)) return 1;
  return data_complain(r->csv.file.why, r->csv.file.path,
                       "column %d, the label, has %d different values in %lld records, such as %.20s and %.20s: they look like "
                       "measurements, not classes. Say which column is the label (label =), or that these numbers are to be learnt (targets =)", r->label + 1, r->classes.n, (long long)r->n, r->classes.name[0],
                       r->classes.name[r->classes.n - 1]);
}

static int first_pass (Reader *r, const DataCsv *options, const Data *like) {
  int state;
  if (!begin(r, options, like)) return 0;
  while ((state = next_record(r)) == 1) {
    if (!r->target && class_of(r) < 0) return 0;
    if (++r->n > INT32_MAX)
      return csv_complain(&r->csv, r->csv.field, "too many records, expected at most %d",
                          INT32_MAX);
  }
  if (state < 0) return 0;
  if (r->n == 0)
    return data_complain(r->csv.file.why, r->csv.file.path, "holds a header and no record");
  if (!check_classes(r)) return 0;
  return (classes_sort(&r->classes, NULL) || no_memory(r)) && settle_header(r) && csv_rewind(&r->csv);
}

/* One file has one decimal mark: "1,234" beside "1.5" is a thousand, or is not; nobody knows. */
static int check_mark (Reader *r, const CsvField *where, const char *text) {
  const char *mark = strpbrk(text, ".,");
  if (!mark || !decimal_comma(r)) return 1;
  if (!r->decimal) r->decimal = *mark, r->decimal_line = where->line;
  if (r->decimal == *mark) return 1;
  return csv_complain(&r->csv, where, "'%.40s' has a decimal %s, line %lld a decimal %s: use one of them", text,
                      *mark == ',' ? "comma" : "point", (long long)r->decimal_line, r->decimal == ',' ? "comma" : "point");
}

static const char missing_value[] = " (a missing value? Fill it in, or leave the record out)";

/* What may be meant by a field that is no number. */
static const char *remedy (const Reader *r, const char *text, const DataCsv *options, const CsvField *where) {
  static const char *const missing[] = { "?", "na", "n/a", "nan", "null", "none", "-", ".", NULL };
  for (const char *const *m = missing; *m; m++) if (strcasecmp(text, *m) == 0) return missing_value;
  if (where->line == 1 && !options->header) return "; if line 1 holds the columns' names, leave out header = false";
  return strchr(text, ',') && r->csv.separator != ',' ? "; a comma here is the decimal mark" : "";
}

static int read_value (Reader *r, const DataCsv *options, int32_t i, float *value) {
  const CsvField *where = &r->csv.field[i];
  const char *text = csv_trimmed(&r->csv, i);
  if (*text == '\0') return csv_complain(&r->csv, where, "empty field, expected a number%s", missing_value);
  if (number_read(text, decimal_comma(r), value)) return check_mark(r, where, text);
  return csv_complain(&r->csv, where, "'%.40s' is not a finite number%s", text, remedy(r, text, options, where));
}

/* A feature or a target to its place in a sample. */
static int read_field (Reader *r, const DataCsv *options, int32_t i, float *features, float *targets) {
  if (r->feature[i] >= 0) return read_value(r, options, i, features + r->feature[i]);
  return !r->target || read_value(r, options, i, targets + r->target[i]);
}

/* In a split to be trained on, a column that never changes is a mistake. */
static int check_targets (Reader *r, const DataCsv *options, const Data *data) {
  int32_t c = data_constant_target(data), i = 0;
  if (c < 0) return 1;
  while (r->target[i] != c) i++;
  const char *name = options->targets[c].name;
  return data_complain(r->csv.file.why, r->csv.file.path, "column %d, the target%s%.40s%s, is the same in all %d records: there is nothing to learn", i + 1,
                       name ? " '" : "", name ? name : "", name ? "'" : "", data->n);
}

static int second_pass (Reader *r, const DataCsv *options, DataDraw *draw, Data *data) {
  float *row = data->f32, *targets = data->target;
  int32_t kept = 0;
  if (options->header && csv_next(&r->csv) < 0) return 0;
  while (draw->wanted > 0) {
    int state = next_record(r);
    if (state == 0)
      return data_complain(r->csv.file.why, r->csv.file.path, "changed while it was read");
    if (state < 0) return 0;
    if (!data_draw_next(draw)) continue;
    if (!r->target && (data->label[kept++] = class_of(r)) < 0) return 0;
    for (int32_t i = 0; i < r->n_columns; i++)
      if (!read_field(r, options, i, row, targets)) return 0;
    row += data->n_features;
    if (targets) targets += data->n_targets;
  }
  return 1;
}

/* ---- the split ---- */

/* The names go from the reader to the split; a test split has its columns in the training order. */
static int give_names (Reader *r, const DataWanted *want, Data *data) {
  data->class_names = r->target ? NULL : classes_join(&r->classes);
  if (!r->target && !data->class_names) return 0;
  data->n_classes = r->target ? 1 : r->classes.n;
  const char *like = r->names && want->like ? want->like->column_names : NULL;
  if (!like) {
    data->column_names = r->names;
    r->names = NULL;
    return 1;
  }
  size_t size = data_names_size(like, data->n_features + 1);
  data->column_names = mem_new(size, 1);
  if (data->column_names) memcpy(data->column_names, like, size);
  return data->column_names != NULL;
}

static void say_how (const Reader *r, Data *data) {
  snprintf(data->note, sizeof data->note, "separated by %s%s", csv_separator_name(r->csv.separator),
           r->decimal == ',' ? ", decimal commas" : "");
}

/* A feature that counts the records is an index that some program wrote along. By chance a few records
** count, not this many. */
static void doubt_index (Data *data) {
  enum { LEAST = 10 };
  const char *name = data->column_names;
  for (int32_t j = 0; data->n >= LEAST && j < data->n_features; j++) {
    const float *value = data->f32 + j;
    int32_t i = 1;
    if (*value != 0 && *value != 1) i = data->n + 1;
    while (i < data->n && value[(size_t)i * (size_t)data->n_features] == *value + (float)i) i++;
    if (i == data->n)
      data_warn(data, "feature %d%s%.40s%s counts the records: is it an index? A net sees it like any other.", j + 1,
                name ? " ('" : "", name ? name : "", name ? "')" : "");
    if (name) name += strlen(name) + 1;
  }
}

static Data *read_csv (Reader *r, const DataCsv *options, const DataWanted *want) {
  DataDraw draw;
  const char *path = r->csv.file.path;
  char *why = r->csv.file.why;
  if (options->separator) r->csv.separator = options->separator;
  else if (!csv_detect(&r->csv)) return NULL;
  r->classes.comma = decimal_comma(r);
  if (want->like && options->n_targets == 0 && !classes_like(&r->classes, want->like)) {
    data_complain(why, path, "not enough memory for the classes");
    return NULL;
  }
  if (!first_pass(r, options, want->like) || !data_draw_begin(&draw, want, r->n, path, why)) return NULL;
  Data *data = data_new((int32_t)draw.wanted, r->n_columns - (r->target ? r->n_targets : 1), DATA_F32);
  if (data && r->target) {
    data->n_targets = r->n_targets;
    data->target = mem_new((size_t)data->n * (size_t)r->n_targets, sizeof *data->target);
  }
  if (!data || (r->target && !data->target) || !give_names(r, want, data)) {
    data_complain(why, path, "not enough memory for %lld samples", (long long)draw.wanted);
    data_free(data);
    return NULL;
  }
  if (second_pass(r, options, &draw, data) && (!r->target || want->like || check_targets(r, options, data))) {
    say_how(r, data);
    if (!want->like) doubt_index(data);
    return data_finish(data, want, path, why);
  }
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
  classes_free(&r->classes);
  mem_free(r->feature);
  mem_free(r->target);
  mem_free(r->names);
  mem_free(r->sample_label);
  mem_free(r);
  return data;
}
