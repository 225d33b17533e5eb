/*
** data_npy.c -- samples of a NumPy file that stay there: the file is mapped, and read as they are needed.
**
** So a data set may be larger than memory, and processes on one machine share what is in memory of it. The values have to be what the
** engine computes with, as nothing is converted. Labels are read.
*/
#include "data/npy_split.h"
#include "base/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int is_little_endian (void) {
  const uint16_t one = 1;
  return *(const uint8_t *)&one == 1;
}

/* NULL, or why the values cannot be used where they are. */
static const char *unfit (const NpyArray *x, int channels_last, int64_t offset) {
  const Npy *npy = &x->npy;
  int bytes = npy->kind == 'u' && npy->size == 1, floats = npy->kind == 'f' && npy->size == 4;
  if (x->file.compressed) return "is compressed, and cannot be read in place: unpack it";
  if (!bytes && !floats) return "has values of another type than u1 and f4, and nothing is converted: save it with .astype('f4')";
  if (floats && npy->big == is_little_endian()) return "has its bytes in the other order, and nothing is converted: save it with .astype('f4')";
  if (npy->fortran) return "is in Fortran order, expected sample after sample: save it with numpy.ascontiguousarray";
  if (channels_last) return "has its channels last, expected (samples, channels, height, width): save it with numpy.moveaxis(X, -1, 1).copy()";
  if (floats && offset % (int64_t)sizeof(float) != 0) return "has its values at an odd place in the file: save it anew";
  return NULL;
}

static void state_of (const struct stat *s, int64_t state[4]) {
  state[0] = (int64_t)s->st_dev;
  state[1] = (int64_t)s->st_ino;
  state[2] = (int64_t)s->st_size;
  state[3] = (int64_t)s->st_mtim.tv_sec * 1000000000 + s->st_mtim.tv_nsec;
}

int data_is_unchanged (const Data *data) {
  struct stat now;
  int64_t state[4];
  if (!data->map) return 1;
  if (stat(data->map_path, &now) != 0) return 1;
  state_of(&now, state);
  /* A file that was renamed or removed is there, as it was, as long as it is mapped; another may have its name by now. */
  if (state[0] != data->map_state[0] || state[1] != data->map_state[1]) return 1;
  return memcmp(state, data->map_state, sizeof state) == 0;
}

/* The file may have changed since its head was read. */
static int map_values (const NpyArray *x, int64_t offset, Data *data) {
  size_t bytes = (size_t)x->file.size, name = strlen(x->path) + 1;
  struct stat now = { 0 };
  data->map_path = mem_new(name, 1);
  if (!data->map_path) return data_complain(x->why, x->path, "not enough memory");
  memcpy(data->map_path, x->path, name);
  int file = open(x->path, O_RDONLY | O_CLOEXEC), same = file >= 0 && fstat(file, &now) == 0 && (uint64_t)now.st_size == bytes;
  void *map = same ? mmap(NULL, bytes, PROT_READ, MAP_SHARED, file, 0) : MAP_FAILED;
  int trouble = errno;
  if (file >= 0) close(file);
  if (file >= 0 && !same) return data_complain(x->why, x->path, "changes while it is read");
  if (map == MAP_FAILED) return data_complain(x->why, x->path, "cannot be mapped: %s", strerror(trouble));
  data->map = map;
  data->map_bytes = bytes;
  state_of(&now, data->map_state);
  if (data->type == DATA_U8) data->u8 = (uint8_t *)map + offset;
  else data->f32 = (float *)((char *)map + offset);
  return 1;
}

static int check_finite (const NpyArray *x, const Data *data) {
  size_t n_features = (size_t)data->n_features, n = (size_t)data->n * n_features;
  for (size_t k = 0; data->f32 && k < n; k++)
    if (!isfinite(data->f32[k]))
      return data_complain(x->why, x->path, "array %s: value %zu of sample %zu is not a finite number", x->name, k % n_features + 1, k / n_features + 1);
  return 1;
}

static Data *map_both (NpyArray *x, NpyArray *y, int numbers, const DataWanted *want) {
  DataDraw draw;
  if (want->order || want->random) {
    data_complain(x->why, x->path, "is read in place, and only its first samples can be taken");
    return NULL;
  }
  if (!npy_check_shapes(x, y) || !data_draw_begin(&draw, want, x->npy.shape[0], x->path, x->why)) return NULL;
  Data *data = data_new_empty((int32_t)draw.wanted, (int32_t)(x->row / x->npy.size), x->npy.kind == 'u' ? DATA_U8 : DATA_F32);
  if (!data) {
    data_complain(x->why, x->path, "not enough memory for the labels of %lld samples", (long long)draw.wanted);
    return NULL;
  }
  int64_t offset = x->file.size - npy_count(&x->npy, 0) * x->npy.size;
  const char *wrong = unfit(x, npy_image_shape(data, &x->npy), offset);
  npy_say_how(x, data);
  int ok = wrong ? data_complain(x->why, x->path, "array %s %s", x->name, wrong) : map_values(x, offset, data);
  if (ok && npy_labels(y, numbers, want, data) && check_finite(x, data)) return data_finish(data, want, x->path, x->why);
  data_free(data);
  return NULL;
}

Data *data_map_npy (const char *samples, const char *labels, int numbers, const DataWanted *want, char why[DATA_WHY]) {
  NpyArray x = { .path = samples, .why = why }, y = { .path = labels, .why = why };
  Data *data = npy_array_file(&x) && npy_array_file(&y) ? map_both(&x, &y, numbers, want) : NULL;
  npy_array_close(&x);
  npy_array_close(&y);
  return data;
}
