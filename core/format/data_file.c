#include "format/data_file.h"
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

int data_file_stat (const char *path, int64_t *size, char why[DATA_WHY]) {
  struct stat s;
  if (stat(path, &s) != 0)
    return data_complain(why, path, "cannot be opened: %s", strerror(errno));
  if (S_ISDIR(s.st_mode))
    return data_complain(why, path, "is a directory, expected a data file");
  if (!S_ISREG(s.st_mode))
    return data_complain(why, path, "is not a regular file, expected a data file");
  if (s.st_size == 0)
    return data_complain(why, path, "is empty (0 bytes), expected a data file");
  *size = s.st_size;
  return 1;
}

int data_file_open (DataFile *f, const char *path, char why[DATA_WHY]) {
  *f = (DataFile){ .path = path, .why = why };
  if (!data_file_stat(path, &f->size, why)) return 0;
  errno = 0;
  f->gz = gzopen(path, "rb");
  if (!f->gz)
    return data_complain(why, path, "cannot be opened: %s",
                         errno ? strerror(errno) : "not enough memory");
  gzbuffer(f->gz, 128 * 1024);
  f->compressed = !gzdirect(f->gz);
  return 1;
}

/* What zlib says about a file that did not give all its bytes. */
static int explain (DataFile *f, const char *what) {
  int code = Z_OK, saved = errno;
  const char *message = gzerror(f->gz, &code);
  if (code == Z_ERRNO)
    return data_complain(f->why, f->path, "cannot be read at byte %lld: %s",
                         (long long)f->position, strerror(saved));
  if (code == Z_MEM_ERROR)
    return data_complain(f->why, f->path, "not enough memory to unpack it");
  if (code == Z_DATA_ERROR) {
    const char *colon = strrchr(message, ':');  /* zlib puts the path first, we have done so */
    return data_complain(f->why, f->path, "corrupted gzip data near unpacked byte %lld (%s)",
                         (long long)f->position, colon ? colon + 2 : message);
  }
  return data_complain(f->why, f->path, "truncated: ends at %sbyte %lld, expected %s there",
                       f->compressed ? "unpacked " : "", (long long)f->position, what);
}

int64_t data_file_some (DataFile *f, void *to, size_t size) {
  if (size > INT_MAX) size = INT_MAX;
  int n = gzread(f->gz, to, (unsigned)size), code = Z_OK;
  if (n > 0) f->position += n;
  if (n > 0 && (size_t)n == size) return n;
  gzerror(f->gz, &code);
  if (n < 0 || code != Z_OK) return explain(f, "more data"), -1;
  return n;
}

int data_file_read (DataFile *f, void *to, size_t size, const char *what) {
  char *next = to;
  while (size > 0) {
    unsigned piece = size < (1u << 30) ? (unsigned)size : 1u << 30;
    int n = gzread(f->gz, next, piece);
    if (n > 0) f->position += n;
    if (n != (int)piece) return explain(f, what);
    next += n;
    size -= (size_t)n;
  }
  return 1;
}

/* Reads and forgets: seeking would throw zlib's buffer away for every skipped sample. */
int data_file_skip (DataFile *f, size_t size, const char *what) {
  char forgotten[16 * 1024];
  while (size > 0) {
    size_t piece = size < sizeof forgotten ? size : sizeof forgotten;
    if (!data_file_read(f, forgotten, piece, what)) return 0;
    size -= piece;
  }
  return 1;
}

int data_file_end (DataFile *f, const char *what) {
  char byte;
  int n = gzread(f->gz, &byte, 1), code = Z_OK;
  gzerror(f->gz, &code);
  if (n == 1)
    return data_complain(f->why, f->path, "goes on after byte %lld, expected its end after %s",
                         (long long)f->position, what);
  return n < 0 || code != Z_OK ? explain(f, "the end of the gzip data") : 1;
}

int data_file_rewind (DataFile *f) {
  f->position = 0;
  gzclearerr(f->gz);   /* what was wrong is found again, and explained then */
  return gzrewind(f->gz) == 0 || data_complain(f->why, f->path, "cannot be read a second time");
}

void data_file_close (DataFile *f) {
  if (f->gz) gzclose_r(f->gz);
  f->gz = NULL;
}

int data_file_can_hold (const DataFile *f, uint64_t bytes) {
  uint64_t size = (uint64_t)f->size;
  return f->compressed ? bytes / 1032 <= size : bytes <= size;
}
