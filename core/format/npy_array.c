#include "format/npy_array.h"
#include "base/mem.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Up to `size` bytes; 0 at the end, below 0 with what went wrong in *wrong, or with the whole sentence if that is NULL. */
static int64_t read_some (NpyArray *a, void *to, size_t size, const char **wrong) {
  *wrong = NULL;
  if (!a->entry) return data_file_some(&a->file, to, size);
  zip_int64_t n = zip_fread(a->entry, to, size);
  if (n < 0) *wrong = zip_error_strerror(zip_file_get_error(a->entry));
  return n;
}

/* Reads all of `size` bytes; i is the sample, for the sentence; below 0 if it is not known. */
static int read_bytes (NpyArray *a, void *to, size_t size, int64_t i) {
  char *next = to, place[48] = "";
  const char *wrong;
  while (size > 0) {
    int64_t n = read_some(a, next, size, &wrong);
    if (n > 0) {
      next += n;
      size -= (size_t)n;
      continue;
    }
    if (n < 0 && !wrong) return 0;
    if (i >= 0) snprintf(place, sizeof place, " near sample %lld", (long long)i + 1);
    if (n < 0)
      return data_complain(a->why, a->path, "array %s is corrupted%s (%s)", a->name, place, wrong);
    return data_complain(a->why, a->path, "array %s is truncated%s, expected %lld samples", a->name, place,
                         a->npy.rank ? (long long)a->npy.shape[0] : 1LL);
  }
  return 1;
}

int npy_array_end (NpyArray *a) {
  char byte;
  const char *wrong;
  int64_t n = read_some(a, &byte, 1, &wrong);
  if (n == 0) return 1;
  if (n < 0 && !wrong) return 0;
  if (n > 0) wrong = "it goes on after its last value";
  return data_complain(a->why, a->path, "array %s is corrupted: %s", a->name, wrong);
}

/* size: bytes that there are in all; below 0 if they are not known before they are unpacked. */
static int read_header (NpyArray *a, int64_t size) {
  uint8_t prefix[NPY_PREFIX];
  char text[NPY_MAX_HEADER];
  int begin;
  uint32_t length;
  if (0 <= size && size < NPY_PREFIX)
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
  if (size >= 0 && bytes != size - begin - (int64_t)length)
    return data_complain(a->why, a->path,
                         "array %s has %lld bytes of values, its shape promises %lld of %d bytes",
                         a->name, (long long)(size - begin - (int64_t)length),
                         (long long)count, a->npy.size);
  return 1;
}

/* ---- which entry ---- */

/* "has no array X_train; it holds a, b, c". */
static int complain_missing (const NpyArray *a, zip_t *zip) {
  char names[160] = "";
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
  return data_complain(a->why, a->path, "has no array %s; it holds %s. Other names can be given: arrays = { %s = ... }",
                       a->name, n ? names : "nothing", a->name);
}

/* Is the entry, with or without .npy, the array of this name? */
static int is_entry (const char *entry, const char *name, int (*compare) (const char *, const char *, size_t)) {
  size_t n = strlen(name);
  if (strlen(entry) < n || compare(entry, name, n) != 0) return 0;
  return entry[n] == '\0' || strcmp(entry + n, ".npy") == 0;
}

/* The index of the only entry of this name; -1 if there is none, -2 with a sentence if there are two. */
static zip_int64_t find_entry (const NpyArray *a, zip_t *zip, int (*compare) (const char *, const char *, size_t)) {
  zip_int64_t n = zip_get_num_entries(zip, 0), found = -1;
  for (zip_int64_t i = 0; i < n; i++) {
    const char *entry = zip_get_name(zip, (zip_uint64_t)i, 0);
    if (!entry || !is_entry(entry, a->name, compare)) continue;
    if (found >= 0) {
      data_complain(a->why, a->path, "two arrays may be %s: %.40s and %.40s. Say which: arrays = { %s = ... }", a->name,
                    zip_get_name(zip, (zip_uint64_t)found, 0), entry, a->name);
      return -2;
    }
    found = i;
  }
  return found;
}

/* file_size bounds what the entry may claim to unpack to. */
static int open_entry (NpyArray *a, zip_t *zip, zip_uint64_t index, int64_t file_size, zip_stat_t *s) {
  if (zip_stat_index(zip, index, 0, s) != 0)
    return data_complain(a->why, a->path, "array %s cannot be unpacked: %s", a->name, zip_strerror(zip));
  if (s->size / 1032 > (zip_uint64_t)file_size)
    return data_complain(a->why, a->path,
                         "array %s promises %llu bytes, more than the file can hold", a->name,
                         (unsigned long long)s->size);
  a->entry = zip_fopen_index(zip, index, 0);
  const char *entry = zip_get_name(zip, index, 0);   /* from now on as it stands there */
  if (entry) snprintf(a->name, sizeof a->name, "%.*s", (int)strlen(a->name), entry);
  return a->entry || data_complain(a->why, a->path, "array %s cannot be unpacked: %s", a->name, zip_strerror(zip));
}

static int check_samples (NpyArray *a) {
  int64_t n = a->npy.rank ? a->npy.shape[0] : 0;
  if (n < 1 || n > INT32_MAX)
    return data_complain(a->why, a->path, "array %s has %lld samples, expected 1 to %d",
                         a->name, (long long)n, INT32_MAX);
  a->row = npy_count(&a->npy, 1) * a->npy.size;
  return 1;
}

int npy_array_entry (NpyArray *a, zip_t *zip, const char *given, const char *prefix, const char *split,
              int64_t file_size) {
  zip_stat_t s;
  if (given) snprintf(a->name, sizeof a->name, "%s", given);
  else snprintf(a->name, sizeof a->name, "%s_%s", prefix, split);
  zip_int64_t index = find_entry(a, zip, strncmp);
  if (index == -1 && !given) index = find_entry(a, zip, strncasecmp);
  if (index == -1) return complain_missing(a, zip);
  if (index < 0 || !open_entry(a, zip, (zip_uint64_t)index, file_size, &s) || !read_header(a, (int64_t)s.size)) return 0;
  return check_samples(a);
}

int npy_array_file (NpyArray *a) {
  const char *slash = strrchr(a->path, '/');
  snprintf(a->name, sizeof a->name, "%s", slash ? slash + 1 : a->path);
  if (!data_file_open(&a->file, a->path, a->why) || !read_header(a, a->file.compressed ? -1 : a->file.size)) return 0;
  if (data_file_can_hold(&a->file, (uint64_t)npy_count(&a->npy, 0) * (uint64_t)a->npy.size)) return check_samples(a);
  return data_complain(a->why, a->path, "array %s promises more than the file can hold", a->name);
}

/* ---- rows ---- */

static int load_all (NpyArray *a) {
  size_t n = (size_t)a->npy.shape[0], size = (size_t)a->row;
  a->all = mem_new(n, size);
  if (!a->all) return data_complain(a->why, a->path, "not enough memory for the array %s, all of it, for it is in Fortran order", a->name);
  return read_bytes(a, a->all, n * size, -1);
}

int npy_array_row (NpyArray *a, void *row, int64_t i) {
  if (!a->npy.fortran) return read_bytes(a, row, (size_t)a->row, i);
  if (!a->all && !load_all(a)) return 0;
  npy_gather(&a->npy, a->all, i, row);
  return 1;
}

void npy_array_close (NpyArray *a) {
  if (a->entry) zip_fclose(a->entry);
  data_file_close(&a->file);
  mem_free(a->all);
  a->entry = NULL;
  a->all = NULL;
}
