/*
** data_cifar.c -- the reader for CIFAR-10's binary version (Krizhevsky 2009).
**
** A file is a row of records without a header: one byte of label, then 32 x 32 bytes of red,
** of green, of blue. That is channel-major already, so pixels go in as they stand.
*/
#include "data/data_reader.h"
#include "format/data_file.h"
#include "base/mem.h"
#include <stdio.h>

enum { SIDE = 32, PIXELS = 3 * SIDE * SIDE, RECORD = 1 + PIXELS, CLASSES = 10 };

/* Records in all files, or 0 with a sentence: each must hold a whole number of them. */
static int64_t count_records (const char *const paths[], int n_paths, int32_t n_records,
                              char why[DATA_WHY]) {
  int64_t total = 0, size;
  for (int i = 0; i < n_paths; i++) {
    if (!data_file_stat(paths[i], &size, why)) return 0;
    if (n_records ? size != (int64_t)n_records * RECORD : size % RECORD != 0)
      return data_complain(why, paths[i],
                           "has %lld bytes, expected %s%lld (records of %d bytes)",
                           (long long)size, n_records ? "" : "a multiple of ",
                           (n_records ? (long long)n_records : 1) * RECORD, RECORD);
    total += size / RECORD;
  }
  if (total <= INT32_MAX) return total;
  return data_complain(why, paths[0], "has too many records in all: %lld", (long long)total);
}

/* One record into sample k, or past it. i counts records in this file. */
static int read_record (DataFile *f, int64_t i, int take, Data *data, int32_t k) {
  uint8_t label;
  char what[48];
  snprintf(what, sizeof what, "record %lld", (long long)i + 1);
  if (!data_file_read(f, &label, 1, what)) return 0;
  if (label >= CLASSES)
    return data_complain(f->why, f->path,
                         "label at byte %lld (record %lld) is %d, expected 0 to %d",
                         (long long)f->position - 1, (long long)i + 1, label, CLASSES - 1);
  if (!take) return data_file_skip(f, PIXELS, what);
  data->label[k] = label;
  return data_file_read(f, data->u8 + (size_t)k * PIXELS, PIXELS, what);
}

/* The drawn records of one file. */
static int read_file (const char *path, DataDraw *draw, Data *data, int32_t *kept,
                      char why[DATA_WHY]) {
  DataFile f;
  int ok = data_file_open(&f, path, why);
  if (ok && f.compressed)
    ok = data_complain(why, path, "is compressed, expected plain CIFAR-10 records");
  int64_t n = ok ? f.size / RECORD : 0;
  for (int64_t i = 0; ok && i < n && draw->wanted > 0; i++) {
    int take = data_draw_next(draw);
    ok = read_record(&f, i, take, data, *kept);
    *kept += take;
  }
  data_file_close(&f);
  return ok;
}

static int read_files (const char *const paths[], int n_paths, DataDraw *draw, Data *data,
                       char why[DATA_WHY]) {
  int32_t kept = 0;
  for (int i = 0; i < n_paths && draw->wanted > 0; i++)
    if (!read_file(paths[i], draw, data, &kept, why)) return 0;
  /* A file that shrank since it was measured leaves samples missing. */
  return kept == data->n || data_complain(why, paths[n_paths - 1], "changed while it was read");
}

Data *data_read_cifar10 (const char *const paths[], int n_paths, int32_t n_records,
                         const DataWanted *want, char why[DATA_WHY]) {
  DataDraw draw;
  int64_t total = count_records(paths, n_paths, n_records, why);
  if (!total || !data_draw_begin(&draw, want, total, paths[0], why)) return NULL;
  Data *data = data_new((int32_t)draw.wanted, PIXELS, DATA_U8);
  if (!data) {
    data_complain(why, paths[0], "not enough memory for %lld images", (long long)draw.wanted);
    return NULL;
  }
  data->n_classes = CLASSES;
  data->channels = 3;
  data->height = data->width = SIDE;
  if (read_files(paths, n_paths, &draw, data, why))
    return data_finish(data, want, paths[0], why);
  data_free(data);
  return NULL;
}
