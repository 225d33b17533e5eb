/*
** data_idx.c -- the reader for IDX files, the format of MNIST and Fashion-MNIST.
**
** A file is a magic number (0, 0, type, rank), `rank` sizes of four bytes, most significant
** byte first, and the values in C order. Type 8 is unsigned bytes, the only one used here.
*/
#include "data/data_reader.h"
#include "format/data_file.h"
#include "base/mem.h"
#include <stdio.h>

enum { IDX_BYTES = 0x08, IDX_MAX_RANK = 3 };

static uint32_t big_endian (const uint8_t *b) {
  return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* Opens an IDX file of unsigned bytes with `rank` sizes, and reads these. */
static int open_idx (DataFile *f, const char *path, int rank, uint32_t *sizes,
                     char why[DATA_WHY]) {
  uint8_t head[4 + 4 * IDX_MAX_RANK];
  if (!data_file_open(f, path, why)) return 0;
  if (!data_file_read(f, head, 4, "an IDX magic number")) return 0;
  uint32_t magic = big_endian(head), expected = IDX_BYTES << 8 | (uint32_t)rank;
  if (magic != expected)
    return data_complain(why, path,
                         "magic number at byte 0 is 0x%08x, expected 0x%08x (IDX, unsigned bytes, "
                         "%d dimension%s)", magic, expected, rank, rank > 1 ? "s" : "");
  if (!data_file_read(f, head + 4, 4 * (size_t)rank, "the sizes of an IDX header")) return 0;
  for (int i = 0; i < rank; i++) {
    sizes[i] = big_endian(head + 4 + 4 * i);
    if (sizes[i] == 0 || sizes[i] > INT32_MAX)
      return data_complain(why, path, "size at byte %d is %u, expected 1 to %d", 4 + 4 * i,
                           sizes[i], INT32_MAX);
  }
  return 1;
}

/* A plain file must have exactly the size that its header promises. */
static int check_size (const DataFile *f, int rank, uint64_t promised) {
  uint64_t expected = promised + 4 + 4 * (uint64_t)rank;
  if (f->compressed || (uint64_t)f->size == expected) return 1;
  return data_complain(f->why, f->path, "has %lld bytes, expected %llu by its header",
                       (long long)f->size, (unsigned long long)expected);
}

/* All labels pass by, the drawn ones stay; n_classes comes from those that passed. */
static int read_labels (DataFile *f, uint32_t n, const DataWanted *want, Data *data) {
  DataDraw draw;
  int32_t n_classes = want->like ? want->like->n_classes : want->n_classes;
  int32_t largest = 0, kept = 0;
  if (!data_draw_begin(&draw, want, n, f->path, f->why)) return 0;
  for (uint32_t i = 0; i < n; i++) {
    uint8_t label;
    if (!data_file_read(f, &label, 1, "a label")) return 0;
    if (n_classes && !data_check_label(label, n_classes, i, f->path, f->why)) return 0;
    if (label > largest) largest = label;
    if (data_draw_next(&draw)) data->label[kept++] = label;
  }
  data->n_classes = n_classes ? n_classes : largest + 1;
  return data_file_end(f, "the last label");
}

/* Reads on until the last wanted image, and not one further. */
static int read_images (DataFile *f, uint32_t n, const DataWanted *want, Data *data) {
  DataDraw draw;
  size_t size = (size_t)data->n_features;
  uint8_t *next = data->u8;
  if (!data_draw_begin(&draw, want, n, f->path, f->why)) return 0;
  uint32_t i = 0;
  for (; i < n && draw.wanted > 0; i++) {
    char what[64];
    snprintf(what, sizeof what, "image %u of %u", i + 1, n);
    if (!data_draw_next(&draw)) {
      if (!data_file_skip(f, size, what)) return 0;
      continue;
    }
    if (!data_file_read(f, next, size, what)) return 0;
    next += size;
  }
  return i < n || data_file_end(f, "the last image");
}

/* The header's promises against each other, against the file and against what was asked. */
static int check_promises (const DataFile *images, const DataFile *labels,
                           const uint32_t sizes[3],
                           uint32_t n_labels, int64_t kept) {
  uint64_t pixels = (uint64_t)sizes[1] * sizes[2];
  if (n_labels != sizes[0])
    return data_complain(images->why, labels->path, "has %u labels, but there are %u images",
                         n_labels, sizes[0]);
  if (pixels > INT32_MAX)
    return data_complain(images->why, images->path, "images of %u x %u at byte 8 are too large",
                         sizes[1], sizes[2]);
  if (!check_size(images, 3, pixels * sizes[0]) || !check_size(labels, 1, n_labels)) return 0;
  if (!data_file_can_hold(images, (uint64_t)kept * pixels))
    return data_complain(images->why, images->path,
                         "promises %u images of %u x %u, more than its %lld bytes can hold",
                         sizes[0], sizes[1], sizes[2], (long long)images->size);
  return 1;
}

static Data *read_both (DataFile *images, DataFile *labels, const uint32_t sizes[3],
                        const DataWanted *want) {
  int32_t kept = (int32_t)(want->count ? want->count : sizes[0]);
  Data *data = data_new(kept, (int32_t)(sizes[1] * sizes[2]), DATA_U8);
  if (!data) {
    data_complain(images->why, images->path, "not enough memory for %d images", kept);
    return NULL;
  }
  data->channels = 1;
  data->height = (int32_t)sizes[1];
  data->width = (int32_t)sizes[2];
  if (read_labels(labels, sizes[0], want, data) && read_images(images, sizes[0], want, data))
    return data_finish(data, want, images->path, images->why);
  data_free(data);
  return NULL;
}

Data *data_read_idx (const char *images, const char *labels, const DataWanted *want,
                     char why[DATA_WHY]) {
  DataFile image_file = { .gz = NULL }, label_file = { .gz = NULL };
  DataDraw draw;
  uint32_t sizes[3], n_labels;
  Data *data = NULL;
  if (open_idx(&image_file, images, 3, sizes, why) &&
      open_idx(&label_file, labels, 1, &n_labels, why) &&
      data_draw_begin(&draw, want, sizes[0], images, why) &&
      check_promises(&image_file, &label_file, sizes, n_labels, draw.wanted))
    data = read_both(&image_file, &label_file, sizes, want);
  data_file_close(&image_file);
  data_file_close(&label_file);
  return data;
}
