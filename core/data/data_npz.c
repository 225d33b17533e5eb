/*
** data_npz.c -- samples and labels from NumPy's .npz.
**
** Labels come first: they decide the number of classes.
*/
#include "data/npy_split.h"
#include "base/mem.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static int complain_memory (const NpyArray *a) {
  return data_complain(a->why, a->path, "not enough memory for the array %s", a->name);
}

/* ---- samples --------------------------------------------------------------------------- */

/* One packed row into sample k, channel-major. */
static int store_row (const NpyArray *x, const uint8_t *row, int last, Data *data, int32_t k,
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

static int read_samples (NpyArray *x, const DataWanted *want, Data *data, uint8_t *row) {
  DataDraw draw;
  int last = npy_image_shape(data, &x->npy);
  int32_t kept = 0;
  int64_t n = x->npy.shape[0], i = 0;
  if (!data_draw_begin(&draw, want, n, x->path, x->why)) return 0;
  for (; i < n && draw.wanted > 0; i++) {
    if (!npy_array_row(x, row, i)) return 0;
    if (data_draw_next(&draw) && !store_row(x, row, last, data, kept++, i)) return 0;
  }
  return i < n || npy_array_end(x);
}

/* ---- both ------------------------------------------------------------------------------ */

static Data *read_both (NpyArray *x, NpyArray *y, int numbers, const DataWanted *want) {
  DataDraw draw;
  if (!npy_check_shapes(x, y) || !data_draw_begin(&draw, want, x->npy.shape[0], x->path, x->why))
    return NULL;
  DataType type = x->npy.kind == 'u' && x->npy.size == 1 ? DATA_U8 : DATA_F32;
  Data *data = data_new((int32_t)draw.wanted, (int32_t)(x->row / x->npy.size), type);
  uint8_t *row = mem_new((size_t)x->row, 1);
  int ok = data && row;
  if (!ok) complain_memory(x);
  else npy_say_how(x, data);
  ok = ok && npy_labels(y, numbers, want, data) && read_samples(x, want, data, row);
  mem_free(row);
  if (ok) return data_finish(data, want, x->path, x->why);
  data_free(data);
  return NULL;
}

Data *data_read_npz (const char *path, const char *split, const DataNpz *names, const DataWanted *want,
                     char why[DATA_WHY]) {
  NpyArray x = { .path = path, .why = why }, y = x;
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
  if (npy_array_entry(&x, zip, names ? names->samples : NULL, "X", split, size) &&
      npy_array_entry(&y, zip, names ? names->labels : NULL, "y", split, size))
    data = read_both(&x, &y, names && names->numbers, want);
  npy_array_close(&x);
  npy_array_close(&y);
  zip_discard(zip);
  return data;
}
