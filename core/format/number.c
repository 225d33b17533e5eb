#include "format/number.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The text with a decimal point, in `copy` if it had a comma; NULL if it cannot be a number. */
static const char *with_point (const char *text, int comma, char copy[64]) {
  if (text[strspn(text, comma ? "0123456789+-.,eE" : "0123456789+-.eE")] != '\0' || *text == '\0')
    return NULL;
  const char *mark = strchr(text, ',');
  if (!mark) return text;
  size_t n = strlen(text);
  int within = mark > text && strchr("0123456789", mark[-1]) && mark[1] && strchr("0123456789", mark[1]);
  if (n >= 64 || !within || strchr(mark + 1, ',') || strchr(text, '.')) return NULL;   /* "1," ends a field of a list */
  memcpy(copy, text, n + 1);
  copy[mark - text] = '.';
  return copy;
}

/* strtof would also take hexadecimal digits, "nan" and "infinity": with_point does not. */
int number_read (const char *text, int comma, float *value) {
  char copy[64], *end;
  const char *plain = with_point(text, comma, copy);
  if (!plain) return 0;
  *value = strtof(plain, &end);
  return *end == '\0' && isfinite(*value);
}

int number_read_double (const char *text, int comma, double *value) {
  char copy[64], *end;
  const char *plain = with_point(text, comma, copy);
  if (!plain) return 0;
  *value = strtod(plain, &end);
  return *end == '\0' && isfinite(*value);
}
