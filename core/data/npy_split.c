#include "data/npy_split.h"
#include "data/classes.h"
#include "data/target.h"
#include "format/number.h"
#include "base/mem.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static int complain_memory (const NpyArray *a) {
  return data_complain(a->why, a->path, "not enough memory for the array %s", a->name);
}

/* ---- shapes ----------------------------------------------------------------------------- */

/* A number of channels: grey, red-green-blue, and with transparency. */
static int colours (int64_t n) { return n == 1 || n == 3 || n == 4; }

int npy_image_shape (Data *data, const Npy *npy) {
  const int64_t *s = npy->shape;
  int last = npy->rank == 4 && colours(s[3]) && !colours(s[1]);
  if (npy->rank != 3 && npy->rank != 4) return 0;
  data->channels = npy->rank == 3 ? 1 : (int32_t)(last ? s[3] : s[1]);
  data->height = (int32_t)(npy->rank == 3 || last ? s[1] : s[2]);
  data->width = (int32_t)(npy->rank == 3 || last ? s[2] : s[3]);
  return last;
}

int npy_check_shapes (const NpyArray *x, const NpyArray *y) {
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

void npy_say_how (const NpyArray *x, Data *data) {
  char type[16];
  size_t used;
  npy_type(&x->npy, type);
  used = (size_t)snprintf(data->note, sizeof data->note, "%.24s %s (%lld", x->name, type, (long long)x->npy.shape[0]);
  for (int d = 1; d < x->npy.rank && d < 4 && used < sizeof data->note; d++)
    used += (size_t)snprintf(data->note + used, sizeof data->note - used, ", %lld", (long long)x->npy.shape[d]);
  if (used < sizeof data->note) snprintf(data->note + used, sizeof data->note - used, x->npy.rank > 4 ? ", ...)" : ")");
}

/* ---- labels ---------------------------------------------------------------------------- */

static const char measured[] = "looks like measurements, not classes: store classes, numbered from 0 or as text, or have these "
                               "numbers learnt (targets = true)";

static int is_text (const Npy *npy) { return npy->kind == 'U' || npy->kind == 'S'; }
static int64_t width_of (const NpyArray *y) { return y->row / y->npy.size; }

/* The class in one row of y: the number itself, or the place of the one 1. */
static int row_number (NpyArray *y, const uint8_t *row, int64_t i, int64_t *label) {
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
  NpyArray *y;
  Classes   classes;    /* of text, or of the training split's names */
  int       by_name;    /* 1: labels are names of classes */
  int32_t   n_classes;  /* numbers: one more than the largest that is allowed; 0 if that is open */
  uint8_t  *seen;       /* numbers that may be measured: (DATA_MAX_CLASSES) flags */
  int64_t   largest;
} Labels;

/* The class that a name has, or that a number names. */
static int name_label (Labels *s, const uint8_t *row, int64_t i, int64_t *label) {
  NpyArray *y = s->y;
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
  NpyArray *y = s->y;
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
  NpyArray *y = s->y;
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
  NpyArray *y = s->y;
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
  NpyArray *y = s->y;
  int64_t n = y->npy.shape[0], label = 0;
  int32_t kept = 0;
  if (!prepare(s, want, data) || !data_draw_begin(&draw, want, n, y->path, y->why)) return 0;
  for (int64_t i = 0; i < n; i++) {
    if (!npy_array_row(y, row, i) || !(s->by_name ? name_label : number_label)(s, row, i, &label)) return 0;
    if (data_draw_next(&draw)) data->label[kept++] = (int32_t)label;
  }
  if (!npy_array_end(y) || !check_measured(s, n)) return 0;
  if (s->by_name) return settle_names(s, data);
  data->n_classes = s->n_classes ? s->n_classes : (int32_t)s->largest + 1;
  return 1;
}

/* A split whose training split has names has the same. */
static int read_labels (NpyArray *y, const DataWanted *want, Data *data, uint8_t *row) {
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

static int check_varied (const NpyArray *y, const Data *data) {
  int32_t c = data_constant_target(data);
  if (c < 0) return 1;
  return data_complain(y->why, y->path, "array %s: target %d is the same for all %d samples: there is nothing to learn", y->name, (int)c + 1, (int)data->n);
}

/* All of them pass by, the drawn ones stay. */
static int read_targets (NpyArray *y, const DataWanted *want, Data *data, uint8_t *row) {
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
    if (!npy_array_row(y, row, i)) return 0;
    if (!data_draw_next(&draw)) continue;
    for (int32_t c = 0; c < data->n_targets; c++) {
      next[c] = (float)npy_value(&y->npy, row + (size_t)c * (size_t)y->npy.size);
      if (!isfinite(next[c]))
        return data_complain(y->why, y->path, "array %s: target %d of sample %lld is not a finite number", y->name, (int)c + 1, (long long)i + 1);
    }
    next += data->n_targets;
  }
  return npy_array_end(y) && (want->like || check_varied(y, data));
}


int npy_labels (NpyArray *y, int numbers, const DataWanted *want, Data *data) {
  uint8_t *row = mem_new((size_t)y->row, 1);
  int ok = row ? (numbers ? read_targets : read_labels)(y, want, data, row) : complain_memory(y);
  mem_free(row);
  return ok;
}
