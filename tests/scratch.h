/*
** scratch.h -- what the tests of readers share: a directory of their own, files in it, plain
** or gzip, and readers tortured with every damaged sibling of a good file.
*/
#ifndef SETLAB_SCRATCH_H
#define SETLAB_SCRATCH_H
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include "data.h"
#include "mem.h"

static char scratch_directory[64];

static inline int scratch_begin (void **state) {
  (void)state;
  const char *base = getenv("TMPDIR");
  snprintf(scratch_directory, sizeof scratch_directory, "%s/setlab-test.XXXXXX",
           base && strlen(base) < 30 ? base : "/tmp");
  return mkdtemp(scratch_directory) ? 0 : -1;
}

static inline int scratch_end (void **state) {
  char command[96];
  (void)state;
  snprintf(command, sizeof command, "rm -rf '%s'", scratch_directory);
  return system(command);
}

/* The path of a file in the directory; good for the next eight calls. */
static inline const char *scratch (const char *name) {
  static char paths[8][128];
  static int next;
  char *path = paths[next++ % 8];
  snprintf(path, sizeof paths[0], "%s/%s", scratch_directory, name);
  return path;
}

static inline void scratch_write (const char *path, const void *bytes, size_t n) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, n, file), n);
  assert_int_equal(fclose(file), 0);
}

static inline void scratch_gzip (const char *path, const void *bytes, size_t n) {
  gzFile file = gzopen(path, "wb9");
  assert_non_null(file);
  assert_int_equal(gzwrite(file, bytes, (unsigned)n), n);
  assert_int_equal(gzclose(file), Z_OK);
}

/* The whole file; the caller frees it. */
static inline uint8_t *scratch_read (const char *path, size_t *n) {
  struct stat s;
  assert_int_equal(stat(path, &s), 0);
  FILE *file = fopen(path, "rb");
  uint8_t *bytes = malloc((size_t)s.st_size + 1);
  assert_non_null(file);
  assert_non_null(bytes);
  *n = fread(bytes, 1, (size_t)s.st_size, file);
  fclose(file);
  return bytes;
}

/* The sentence holds `part`; says what it holds otherwise. */
static inline void expect_why (const char *why, const char *part) {
  if (!strstr(why, part)) fail_msg("the sentence is \"%s\", want \"%s\" in it", why, part);
}

/* What every reader promises of what it gives. */
static inline void check_data (const Data *data) {
  assert_true(data->n >= 1 && data->n_features >= 1 && data->n_classes >= 1);
  assert_true((data->u8 != NULL) == (data->type == DATA_U8));
  assert_true((data->f32 != NULL) == (data->type == DATA_F32));
  for (int32_t i = 0; i < data->n; i++) assert_in_range(data->label[i], 0, data->n_classes - 1);
  if (data->channels) assert_int_equal(data->channels * data->height * data->width, data->n_features);
  assert_true(data->hash[0] && data->hash[1]);
}

/* Writes every truncation of the named file, and the file with each byte changed in four ways, over
** it; `read` must give sound data or a sentence that names the file, and never fall. */
static inline void torture (const char *name, Data *(*read)(char *why)) {
  char path[128];
  snprintf(path, sizeof path, "%s", scratch(name));
  static const uint8_t masks[] = { 0x01, 0x80, 0xff, 0x0a };
  char why[DATA_WHY];
  size_t n;
  uint8_t *good = scratch_read(path, &n);
  for (size_t i = 0; i < n * 5; i++) {
    size_t at = i / 5, mask = i % 5;
    if (mask < 4) {
      good[at] ^= masks[mask];
      scratch_write(path, good, n);
      good[at] ^= masks[mask];
    } else scratch_write(path, good, at);
    why[0] = '\0';
    Data *data = read(why);
    if (data) check_data(data);
    else expect_why(why, scratch_directory);
    if (mask == 4 && at == 0) expect_why(why, "is empty");
    data_free(data);
  }
  scratch_write(path, good, n);
  free(good);
  Data *data = read(why);
  assert_non_null(data);
  data_free(data);
}

#ifdef LAB_FAIL_ALLOC
/* Lets the first, the second, ... request for memory fail until one run succeeds. */
static inline void starve (Data *(*read)(char *why)) {
  char why[DATA_WHY];
  Data *data = NULL;
  long n = 0;
  while (!data) {
    why[0] = '\0';
    mem_fail_at(++n);
    data = read(why);
    mem_fail_at(0);
    if (!data) expect_why(why, "not enough memory");
    assert_true(n < 1000);
  }
  assert_true(n > 1);
  data_free(data);
}
#endif

#endif
