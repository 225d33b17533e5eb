/*
** data_npz.c -- the reader for NumPy's .npz: a zip archive with one .npy file an array.
**
** Entries are unpacked as they are read, sample by sample, so that the archive never stands
** in memory. Labels come first: they decide the number of classes.
*/
#include "data_file.h"
#include "mem.h"
#include "npy.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <zip.h>

typedef struct Array {    /* one entry, open at its values */
  const char *path;       /* of the archive */
  char       *why;
  char        name[16];   /* "X_train" */
  zip_file_t *file;
  Npy         npy;
  int64_t     row;        /* bytes a sample */
} Array;

static int complain_memory (const Array *a) {
  return data_complain(a->why, a->path, "not enough memory for the array %s", a->name);
}

/* Reads all of `size` bytes; i is the sample, for the sentence. */
static int read_bytes (Array *a, void *to, size_t size, int64_t i) {
  char *next = to;
  while (size > 0) {
    zip_int64_t n = zip_fread(a->file, next, size);
    if (n < 0)
      return data_complain(a->why, a->path, "array %s is corrupted near sample %lld (%s)",
                           a->name,
                           (long long)i + 1, zip_error_strerror(zip_file_get_error(a->file)));
    if (n == 0)
      return data_complain(a->why, a->path,
                           "array %s is truncated: it ends at sample %lld, expected %lld",
                           a->name, (long long)i + 1, a->npy.rank ? (long long)a->npy.shape[0] : 1LL);
    next += n;
    size -= (size_t)n;
  }
  return 1;
}

/* The entry must end here, and its checksum be good. */
static int check_end (Array *a) {
  char byte;
  zip_int64_t n = zip_fread(a->file, &byte, 1);
  if (n == 0) return 1;
  const char *wrong = n > 0 ? "it goes on after its last value"
                            : zip_error_strerror(zip_file_get_error(a->file));
  return data_complain(a->why, a->path, "array %s is corrupted: %s", a->name, wrong);
}

static int read_header (Array *a, int64_t size) {
  uint8_t prefix[NPY_PREFIX];
  char text[NPY_MAX_HEADER];
  int begin;
  uint32_t length;
  if (size < NPY_PREFIX)
    return data_complain(a->why, a->path, "array %s has %lld bytes, expected a .npy header",
                         a->name, (long long)size);
  if (!read_bytes(a, prefix, sizeof prefix, 0)) return 0;
  const char *wrong = npy_prefix(prefix, &begin, &length);
  if (!wrong && length < (uint32_t)(NPY_PREFIX - begin))
    wrong = "has a .npy header that is too short";
  if (wrong) return data_complain(a->why, a->path, "array %s %s", a->name, wrong);
  uint32_t known = (uint32_t)(NPY_PREFIX - begin);  /* header bytes already in the prefix */
  memcpy(text, prefix + begin, known);
  if (!read_bytes(a, text + known, length - known, 0)) return 0;
  wrong = npy_header(text, length, &a->npy);
  if (wrong) return data_complain(a->why, a->path, "array %s %s", a->name, wrong);
  int64_t count = npy_count(&a->npy, 0), bytes;
  if (count < 0 || __builtin_mul_overflow(count, (int64_t)a->npy.size, &bytes))
    return data_complain(a->why, a->path, "array %s has a shape that no memory can hold", a->name);
  if (bytes != size - begin - (int64_t)length)
    return data_complain(a->why, a->path,
                         "array %s has %lld bytes of values, its shape promises %lld of %d bytes",
                         a->name, (long long)(size - begin - (int64_t)length),
                         (long long)count, a->npy.size);
  return 1;
}

/* "has no array X_train; it holds a, b, c". */
static int complain_missing (const Array *a, zip_t *zip) {
  char names[120] = "";
  size_t used = 0;
  zip_int64_t n = zip_get_num_entries(zip, 0);
  for (zip_int64_t i = 0; i < n && used < sizeof names - 1; i++) {
    const char *name = zip_get_name(zip, (zip_uint64_t)i, 0);
    size_t length = name ? strlen(name) : 0;
    if (length > 4 && strcmp(name + length - 4, ".npy") == 0) length -= 4;
    if (name)
      used += (size_t)snprintf(names + used, sizeof names - used, "%s%.*s", i ? ", " : "",
                               (int)length, name);
  }
  return data_complain(a->why, a->path, "has no array %s; it holds %s", a->name,
                       n ? names : "nothing");
}

/* Opens <prefix>_<split>; file_size bounds what the entry may claim to unpack to. */
static int open_array (Array *a, zip_t *zip, const char *prefix, const char *split,
                       int64_t file_size) {
  char entry[24];
  zip_stat_t s;
  snprintf(a->name, sizeof a->name, "%s_%s", prefix, split);
  snprintf(entry, sizeof entry, "%s.npy", a->name);
  if (zip_stat(zip, entry, 0, &s) != 0) return complain_missing(a, zip);
  if (s.size / 1032 > (zip_uint64_t)file_size)
    return data_complain(a->why, a->path,
                         "array %s promises %llu bytes, more than the file can hold", a->name,
                         (unsigned long long)s.size);
  a->file = zip_fopen(zip, entry, 0);
  if (!a->file)
    return data_complain(a->why, a->path, "array %s cannot be unpacked: %s", a->name,
                         zip_strerror(zip));
  if (!read_header(a, (int64_t)s.size)) return 0;
  int64_t n = a->npy.rank ? a->npy.shape[0] : 0;
  if (n < 1 || n > INT32_MAX)
    return data_complain(a->why, a->path, "array %s has %lld samples, expected 1 to %d",
                         a->name, (long long)n, INT32_MAX);
  a->row = npy_count(&a->npy, 1) * a->npy.size;
  return 1;
}

/* ---- labels ---------------------------------------------------------------------------- */

/* The class in one row of y: the number itself, or the place of the one 1. -1 if neither. */
static int row_label (Array *y, const uint8_t *row, int64_t i, int64_t *label) {
  int64_t width = y->row / y->npy.size;
  double v = npy_value(&y->npy, row);
  if (width == 1) {
    if (!(v == floor(v) && fabs(v) < 1e15))
      return data_complain(y->why, y->path,
                           "array %s: label %g of sample %lld is not a whole number", y->name,
                           v, (long long)i + 1);
    *label = (int64_t)v;
    return 1;
  }
  int64_t ones = 0, others = 0;
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

/* All labels pass by; n_classes is what was asked for, the one-hot width, or what they show. */
static int read_labels (Array *y, const DataWanted *want, Data *data, uint8_t *row) {
  DataDraw draw;
  int64_t n = y->npy.shape[0], width = y->row / y->npy.size, label = 0, largest = 0;
  int32_t n_classes = want->like ? want->like->n_classes : want->n_classes, kept = 0;
  if (!n_classes && width > 1) n_classes = (int32_t)width;
  if (width > 1 && width != n_classes)
    return data_complain(y->why, y->path, "array %s has %lld classes, expected %d", y->name,
                         (long long)width, n_classes);
  if (!data_draw_begin(&draw, want, n, y->path, y->why)) return 0;
  for (int64_t i = 0; i < n; i++) {
    if (!read_bytes(y, row, (size_t)y->row, i) || !row_label(y, row, i, &label)) return 0;
    if (!data_check_label(label, n_classes ? n_classes : DATA_MAX_CLASSES, i, y->path, y->why))
      return 0;
    if (label > largest) largest = label;
    if (data_draw_next(&draw)) data->label[kept++] = (int32_t)label;
  }
  data->n_classes = n_classes ? n_classes : (int32_t)largest + 1;
  return check_end(y);
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
static int store_row (const Array *x, const uint8_t *row, int last, Data *data, int32_t k,
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

static int read_samples (Array *x, const DataWanted *want, Data *data, uint8_t *row) {
  DataDraw draw;
  int last = set_image_shape(data, &x->npy);
  int32_t kept = 0;
  int64_t n = x->npy.shape[0], i = 0;
  if (!data_draw_begin(&draw, want, n, x->path, x->why)) return 0;
  for (; i < n && draw.wanted > 0; i++) {
    if (!read_bytes(x, row, (size_t)x->row, i)) return 0;
    if (data_draw_next(&draw) && !store_row(x, row, last, data, kept++, i)) return 0;
  }
  return i < n || check_end(x);
}

/* ---- both ------------------------------------------------------------------------------ */

static int check_shapes (const Array *x, const Array *y) {
  int64_t n_features = x->row / x->npy.size, n_labels = y->row / y->npy.size;
  if (x->npy.rank < 2)
    return data_complain(x->why, x->path, "array %s has rank 1, expected samples in rows",
                         x->name);
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

static Data *read_both (Array *x, Array *y, const DataWanted *want) {
  DataDraw draw;
  if (!check_shapes(x, y) || !data_draw_begin(&draw, want, x->npy.shape[0], x->path, x->why))
    return NULL;
  DataType type = x->npy.kind == 'u' ? DATA_U8 : DATA_F32;
  Data *data = data_new((int32_t)draw.wanted, (int32_t)(x->row / x->npy.size), type);
  uint8_t *row = mem_new((size_t)(x->row > y->row ? x->row : y->row), 1);
  int ok = data && row;
  if (!ok) complain_memory(x);
  ok = ok && read_labels(y, want, data, row) && read_samples(x, want, data, row);
  mem_free(row);
  if (ok) return data_finish(data, want, x->path, x->why);
  data_free(data);
  return NULL;
}

Data *data_read_npz (const char *path, const char *split, const DataWanted *want,
                     char why[DATA_WHY]) {
  Array x = { .path = path, .why = why }, y = x;
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
  if (open_array(&x, zip, "X", split, size) && open_array(&y, zip, "y", split, size))
    data = read_both(&x, &y, want);
  if (x.file) zip_fclose(x.file);
  if (y.file) zip_fclose(y.file);
  zip_discard(zip);
  return data;
}
