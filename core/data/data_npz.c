/*
** data_npz.c -- samples and labels from NumPy's .npz.
**
** Labels come first: they decide the number of classes.
*/
#include "data/classes.h"
#include "data/data_reader.h"
#include "data/target.h"
#include "format/number.h"
#include "base/mem.h"
#include "format/npz_array.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static int complain_memory (const NpzArray *a) {
  return data_complain(a->why, a->path, "not enough memory for the array %s", a->name);
}

/* ---- labels ---------------------------------------------------------------------------- */

static const char measured[] = "looks like measurements, not classes: store classes, numbered from 0 or as text, or have these "
                               "numbers learnt (targets = true)";

static int is_text (const Npy *npy) { return npy->kind == 'U' || npy->kind == 'S'; }
static int64_t width_of (const NpzArray *y) { return y->row / y->npy.size; }

/* The class in one row of y: the number itself, or the place of the one 1. */
static int row_number (NpzArray *y, const uint8_t *row, int64_t i, int64_t *label) {
  int64_t width = width_of(y), ones = 0, others = 0;
  double v = npy_value(&y->npy, row);
  if (width == 1) {
    if (!(v == floor(v) && fabs(v) < 1e15))
      return data_complain(y->why, y->path,
                           "array %s: label %g of sample %lld is not a whole number: it %s", y->name,
                           v, (long long)i + 1, measured);
    *label = (int64_t)v;
    return 1;
  }
  for (int64_t c = 0; c < width; c++) {
    v = npy_value(&y->npy, row + c * y->npy.size);
    if (v == 1) ones++, *label = c;
    else if (v != 0) others++;
  }
  if (ones == 1 && others == 0) return 1;
  return data_complain(y->why, y->path,
                       "array %s: sample %lld is not one-hot, expected one 1 and otherwise 0",
                       y->name, (long long)i + 1);
}

/* What labels are read with. */
typedef struct Labels {
  NpzArray *y;
  Classes   classes;    /* of text, or of the training split's names */
  int       by_name;    /* 1: labels are names of classes */
  int32_t   n_classes;  /* numbers: one more than the largest that is allowed; 0 if that is open */
  uint8_t  *seen;       /* numbers that may be measured: (DATA_MAX_CLASSES) flags */
  int64_t   largest;
} Labels;

/* The class that a name has, or that a number names. */
static int name_label (Labels *s, const uint8_t *row, int64_t i, int64_t *label) {
  NpzArray *y = s->y;
  char text[NPY_MAX_TEXT + 1];
  const char *wrong = NULL;
  if (is_text(&y->npy)) wrong = npy_text(&y->npy, row, text);
  else snprintf(text, sizeof text, "%.15g", npy_value(&y->npy, row));
  if (wrong) return data_complain(y->why, y->path, "array %s: label of sample %lld %s", y->name, (long long)i + 1, wrong);
  if (label_is_missing(text))
    return data_complain(y->why, y->path, "array %s: label of sample %lld is '%s', a missing value", y->name, (long long)i + 1, text);
  int32_t c = classes_of(&s->classes, text);
  if (c == CLASS_UNKNOWN)
    return data_complain(y->why, y->path, "array %s: label '%.40s' of sample %lld does not occur in the training split",
                         y->name, text, (long long)i + 1);
  if (c == CLASS_TOO_MANY)
    return data_complain(y->why, y->path, "array %s has more than %d different labels", y->name, DATA_MAX_CLASSES);
  *label = c;
  return c >= 0 || complain_memory(y);
}

static int number_label (Labels *s, const uint8_t *row, int64_t i, int64_t *label) {
  NpzArray *y = s->y;
  if (!row_number(y, row, i, label)) return 0;
  if (!data_check_label(*label, s->n_classes ? s->n_classes : DATA_MAX_CLASSES, i, y->path, y->why)) {
    if (!s->n_classes) {
      size_t used = strlen(y->why);
      snprintf(y->why + used, DATA_WHY - used, " (classes are numbered from 0, or are text; measurements are learnt with targets = true)");
    }
    return 0;
  }
  if (*label > s->largest) s->largest = *label;
  if (s->seen) s->seen[*label] = 1;
  return 1;
}

static int has_numbers (const Classes *s) {
  float value;
  for (int32_t c = 0; c < s->n; c++) if (number_read(s->name[c], 0, &value)) return 1;
  return 0;
}

/* Text names classes; so do numbers if the training split's names are numbers. Where they are words,
** a number is the place of a class among them. */
static int prepare (Labels *s, const DataWanted *want, Data *data) {
  NpzArray *y = s->y;
  int64_t width = width_of(y);
  const Data *like = want->like;
  s->n_classes = like ? like->n_classes : want->n_classes;
  if (is_text(&y->npy) && width > 1) return data_complain(y->why, y->path, "array %s holds rows of text, expected one label a sample", y->name);
  if (!s->n_classes && width > 1) s->n_classes = (int32_t)width;
  if (width > 1 && width != s->n_classes)
    return data_complain(y->why, y->path, "array %s has %lld classes, expected %d", y->name,
                         (long long)width, s->n_classes);
  if (like && (is_text(&y->npy) || like->class_names) && !classes_like(&s->classes, like)) return complain_memory(y);
  s->by_name = is_text(&y->npy) || (width == 1 && like && like->class_names && has_numbers(&s->classes));
  if (like && like->class_names && !s->by_name)
    data_warn(data, "%s holds numbers, the training labels are text: class 0 is taken for '%.40s', the first in sorted order.",
              y->name, data_class_name(like, 0));
  if (!s->by_name && !s->n_classes) s->seen = mem_zero(DATA_MAX_CLASSES, 1);
  return s->by_name || s->n_classes || s->seen || complain_memory(y);
}

/* Refuses about as many different numbers as there are samples, with gaps between them. */
static int check_measured (const Labels *s, int64_t n) {
  NpzArray *y = s->y;
  int64_t count = 0, lowest = s->largest;
  if (s->by_name && !s->classes.closed && classes_are_measured(&s->classes, n))
    return data_complain(y->why, y->path, "array %s %s", y->name, measured);
  for (int64_t c = s->largest; s->seen && c >= 0; c--) if (s->seen[c]) count++, lowest = c;
  if (!s->seen || !classes_have_gaps(count, (double)lowest, (double)s->largest, n)) return 1;
  return data_complain(y->why, y->path, "array %s has %lld different labels in %lld samples, from %lld to %lld: it %s", y->name,
                       (long long)count, (long long)n, (long long)lowest, (long long)s->largest, measured);
}

/* Classes in their final order, labels with them. */
static int settle_names (Labels *s, Data *data) {
  int32_t *place = mem_new((size_t)s->classes.n, sizeof *place);
  int ok = place && classes_sort(&s->classes, place);
  for (int32_t k = 0; ok && k < data->n; k++) data->label[k] = place[data->label[k]];
  mem_free(place);
  if (ok) data->class_names = classes_join(&s->classes);
  data->n_classes = s->classes.n;
  return data->class_names ? 1 : complain_memory(s->y);
}

/* All labels pass by, the drawn ones stay; n_classes is what was asked for, the one-hot width, or
** what they show. */
static int pass_labels (Labels *s, const DataWanted *want, Data *data, uint8_t *row) {
  DataDraw draw;
  NpzArray *y = s->y;
  int64_t n = y->npy.shape[0], label = 0;
  int32_t kept = 0;
  if (!prepare(s, want, data) || !data_draw_begin(&draw, want, n, y->path, y->why)) return 0;
  for (int64_t i = 0; i < n; i++) {
    if (!npz_row(y, row, i) || !(s->by_name ? name_label : number_label)(s, row, i, &label)) return 0;
    if (data_draw_next(&draw)) data->label[kept++] = (int32_t)label;
  }
  if (!npz_end(y) || !check_measured(s, n)) return 0;
  if (s->by_name) return settle_names(s, data);
  data->n_classes = s->n_classes ? s->n_classes : (int32_t)s->largest + 1;
  return 1;
}

/* A split whose training split has names has the same. */
static int read_labels (NpzArray *y, const DataWanted *want, Data *data, uint8_t *row) {
  Labels s = { .y = y };
  int ok = pass_labels(&s, want, data, row);
  if (ok && want->like && want->like->class_names && !data->class_names) {
    data->class_names = classes_join(&s.classes);
    if (!data->class_names) ok = complain_memory(y);
  }
  classes_free(&s.classes);
  mem_free(s.seen);
  return ok;
}

/* ---- targets, in the place of labels ---------------------------------------------------- */

static int check_varied (const NpzArray *y, const Data *data) {
  int32_t c = data_constant_target(data);
  if (c < 0) return 1;
  return data_complain(y->why, y->path, "array %s: target %d is the same for all %d samples: there is nothing to learn", y->name, (int)c + 1, (int)data->n);
}

/* All of them pass by, the drawn ones stay. */
static int read_targets (NpzArray *y, const DataWanted *want, Data *data, uint8_t *row) {
  DataDraw draw;
  int64_t n = y->npy.shape[0];
  if (is_text(&y->npy)) return data_complain(y->why, y->path, "array %s holds text, expected numbers to be learnt", y->name);
  if (want->like && want->like->n_targets != width_of(y))
    return data_complain(y->why, y->path, "array %s has %lld target%s a sample, the training split has %d", y->name, (long long)width_of(y),
                         width_of(y) == 1 ? "" : "s", (int)want->like->n_targets);
  data->n_classes = 1;
  data->n_targets = (int32_t)width_of(y);
  data->target = mem_new((size_t)data->n * (size_t)data->n_targets, sizeof *data->target);
  if (!data->target) return complain_memory(y);
  float *next = data->target;
  if (!data_draw_begin(&draw, want, n, y->path, y->why)) return 0;
  for (int64_t i = 0; i < n; i++) {
    if (!npz_row(y, row, i)) return 0;
    if (!data_draw_next(&draw)) continue;
    for (int32_t c = 0; c < data->n_targets; c++) {
      next[c] = (float)npy_value(&y->npy, row + (size_t)c * (size_t)y->npy.size);
      if (!isfinite(next[c]))
        return data_complain(y->why, y->path, "array %s: target %d of sample %lld is not a finite number", y->name, (int)c + 1, (long long)i + 1);
    }
    next += data->n_targets;
  }
  return npz_end(y) && (want->like || check_varied(y, data));
}

/* ---- samples --------------------------------------------------------------------------- */

/* A number of channels: grey, red-green-blue, and with transparency. */
static int colours (int64_t n) { return n == 1 || n == 3 || n == 4; }

/* Rank 3 and 4 are images; 1 if the last axis is the channels. */
static int set_image_shape (Data *data, const Npy *npy) {
  const int64_t *s = npy->shape;
  int last = npy->rank == 4 && colours(s[3]) && !colours(s[1]);
  if (npy->rank != 3 && npy->rank != 4) return 0;
  data->channels = npy->rank == 3 ? 1 : (int32_t)(last ? s[3] : s[1]);
  data->height = (int32_t)(npy->rank == 3 || last ? s[1] : s[2]);
  data->width = (int32_t)(npy->rank == 3 || last ? s[2] : s[3]);
  return last;
}

/* One packed row into sample k, channel-major. */
static int store_row (const NpzArray *x, const uint8_t *row, int last, Data *data, int32_t k,
                      int64_t i) {
  int32_t channels = last ? data->channels : 1, area = data->n_features / channels;
  size_t base = (size_t)k * (size_t)data->n_features;
  for (int32_t j = 0; j < data->n_features; j++) {
    int32_t to = last ? j % channels * area + j / channels : j;
    if (data->u8) {
      data->u8[base + (size_t)to] = row[j];
      continue;
    }
    float value = (float)npy_value(&x->npy, row + (size_t)j * (size_t)x->npy.size);
    if (!isfinite(value))
      return data_complain(x->why, x->path,
                           "array %s: value %d of sample %lld is not a finite number", x->name,
                           j + 1, (long long)i + 1);
    data->f32[base + (size_t)to] = value;
  }
  return 1;
}

static int read_samples (NpzArray *x, const DataWanted *want, Data *data, uint8_t *row) {
  DataDraw draw;
  int last = set_image_shape(data, &x->npy);
  int32_t kept = 0;
  int64_t n = x->npy.shape[0], i = 0;
  if (!data_draw_begin(&draw, want, n, x->path, x->why)) return 0;
  for (; i < n && draw.wanted > 0; i++) {
    if (!npz_row(x, row, i)) return 0;
    if (data_draw_next(&draw) && !store_row(x, row, last, data, kept++, i)) return 0;
  }
  return i < n || npz_end(x);
}

/* ---- both ------------------------------------------------------------------------------ */

static int check_shapes (const NpzArray *x, const NpzArray *y) {
  int64_t n_features = x->row / x->npy.size, n_labels = y->row / y->npy.size;
  if (x->npy.rank < 2)
    return data_complain(x->why, x->path, "array %s has rank 1, expected samples in rows (reshape(-1, 1) makes rows of one feature)",
                         x->name);
  if (x->npy.kind == 'U' || x->npy.kind == 'S')
    return data_complain(x->why, x->path, "array %s holds text, expected numbers", x->name);
  if (n_features < 1 || n_features > INT32_MAX)
    return data_complain(x->why, x->path,
                         "array %s has %lld features a sample, expected 1 to %d", x->name,
                         (long long)n_features, INT32_MAX);
  if (y->npy.rank > 2 || n_labels < 1 || n_labels > DATA_MAX_CLASSES)
    return data_complain(x->why, x->path,
                         "array %s has rank %d, expected labels or one-hot rows", y->name,
                         y->npy.rank);
  if (x->npy.shape[0] != y->npy.shape[0])
    return data_complain(x->why, x->path, "array %s has %lld labels, but %s has %lld samples",
                         y->name,
                         (long long)y->npy.shape[0], x->name, (long long)x->npy.shape[0]);
  return 1;
}

/* "X_train u1 (60000, 784)". */
static void say_how (const NpzArray *x, Data *data) {
  char type[16];
  size_t used;
  npy_type(&x->npy, type);
  used = (size_t)snprintf(data->note, sizeof data->note, "%.24s %s (%lld", x->name, type, (long long)x->npy.shape[0]);
  for (int d = 1; d < x->npy.rank && d < 4 && used < sizeof data->note; d++)
    used += (size_t)snprintf(data->note + used, sizeof data->note - used, ", %lld", (long long)x->npy.shape[d]);
  if (used < sizeof data->note) snprintf(data->note + used, sizeof data->note - used, x->npy.rank > 4 ? ", ...)" : ")");
}

static Data *read_both (NpzArray *x, NpzArray *y, int numbers, const DataWanted *want) {
  DataDraw draw;
  if (!check_shapes(x, y) || !data_draw_begin(&draw, want, x->npy.shape[0], x->path, x->why))
    return NULL;
  DataType type = x->npy.kind == 'u' && x->npy.size == 1 ? DATA_U8 : DATA_F32;
  Data *data = data_new((int32_t)draw.wanted, (int32_t)(x->row / x->npy.size), type);
  uint8_t *row = mem_new((size_t)(x->row > y->row ? x->row : y->row), 1);
  int ok = data && row;
  if (!ok) complain_memory(x);
  else say_how(x, data);
  ok = ok && (numbers ? read_targets : read_labels)(y, want, data, row) && read_samples(x, want, data, row);
  mem_free(row);
  if (ok) return data_finish(data, want, x->path, x->why);
  data_free(data);
  return NULL;
}

Data *data_read_npz (const char *path, const char *split, const DataNpz *names, const DataWanted *want,
                     char why[DATA_WHY]) {
  NpzArray x = { .path = path, .why = why }, y = x;
  int64_t size;
  int code = 0;
  if (!data_file_stat(path, &size, why)) return NULL;
  zip_t *zip = zip_open(path, ZIP_RDONLY, &code);
  if (!zip) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    data_complain(why, path, "is not a readable .npz archive (%s)", zip_error_strerror(&error));
    zip_error_fini(&error);
    return NULL;
  }
  Data *data = NULL;
  if (npz_open(&x, zip, names ? names->samples : NULL, "X", split, size) &&
      npz_open(&y, zip, names ? names->labels : NULL, "y", split, size))
    data = read_both(&x, &y, names && names->numbers, want);
  npz_close(&x);
  npz_close(&y);
  zip_discard(zip);
  return data;
}
