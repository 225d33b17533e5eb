#include "format/data_complain.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int data_complain (char why[DATA_WHY], const char *path, const char *format, ...) {
  enum { LONGEST = 96 };
  size_t n = strlen(path);
  const char *dots = n > LONGEST ? "..." : "";
  if (n > LONGEST) path += n - LONGEST;
  int used = snprintf(why, DATA_WHY, "%s%s: ", dots, path);
  va_list args;
  va_start(args, format);
  vsnprintf(why + used, (size_t)(DATA_WHY - used), format, args);
  va_end(args);
  return 0;
}
