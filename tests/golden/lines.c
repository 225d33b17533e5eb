#include "golden.h"
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

int malformed (const Lines *in, const char *format, ...) {
  va_list values;
  va_start(values, format);
  fprintf(stderr, "%s:%ld: ", in->path, in->number);
  vfprintf(stderr, format, values);
  fputc('\n', stderr);
  va_end(values);
  return MALFORMED;
}

int next_line (Lines *in) {
  in->number++;
  ssize_t length = getline(&in->text, &in->room, in->file);
  if (length < 0) return 0;
  if (memchr(in->text, 0, (size_t)length)) return -1;
  in->text[strcspn(in->text, "\r\n")] = 0;
  in->fresh = 1;
  return 1;
}

/* The next word of the line, or NULL. */
const char *word (Lines *in) {
  const char *w = strtok_r(in->fresh ? in->text : NULL, " \t", &in->rest);
  in->fresh = 0;
  return w;
}

/* The next word as a number; 0 if there is none or it is something else. */
int take_double (Lines *in, double *x) {
  const char *w = word(in);
  char *end;
  if (!w) return 0;
  *x = strtod(w, &end);
  return *end == 0 && isfinite(*x);
}

/* Read as a float at once: rounding twice could give a neighbour. */
int take_float (Lines *in, float *x) {
  const char *w = word(in);
  char *end;
  if (!w) return 0;
  *x = strtof(w, &end);
  return *end == 0 && isfinite(*x);
}

int take_count (Lines *in, int64_t *n) {
  const char *w = word(in);
  char *end;
  if (!w || *w < '0' || *w > '9') return 0;
  errno = 0;
  *n = strtoll(w, &end, 10);
  return *end == 0 && errno == 0;
}

int follow (Lines *in, int64_t count, const char *what) {
  int got = next_line(in);
  if (got == 0) return malformed(in, "the file ends where a line of %s is expected", what);
  if (got < 0) return malformed(in, "expected a line of %s, this is no text", what);
  if ((size_t)count > strlen(in->text))
    return malformed(in, "expected %lld %s, the line is too short for them", (long long)count, what);
  return PASSED;
}
