#include "format/npy.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *npy_prefix (const uint8_t *bytes, int *begin, uint32_t *length) {
  if (memcmp(bytes, "\x93NUMPY", 6) != 0)
    return "does not begin with the magic number of a .npy array";
  int major = bytes[6];
  if (major < 1 || major > 3) return "is a .npy of an unknown version, expected 1 to 3";
  *begin = major == 1 ? 10 : 12;
  *length = (uint32_t)bytes[8] | (uint32_t)bytes[9] << 8;
  if (major > 1) *length |= (uint32_t)bytes[10] << 16 | (uint32_t)bytes[11] << 24;
  return *length <= NPY_MAX_HEADER ? NULL : "has a .npy header of more than 65536 bytes";
}

/* ---- a reader for the one literal that NumPy writes ------------------------------------ */

typedef struct Cursor { const char *at, *end; } Cursor;

static void skip_blanks (Cursor *c) {
  while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\t')) c->at++;
}

/* Takes `text` if it comes next. */
static int take (Cursor *c, const char *text) {
  size_t n = strlen(text);
  skip_blanks(c);
  if ((size_t)(c->end - c->at) < n || memcmp(c->at, text, n) != 0) return 0;
  c->at += n;
  return 1;
}

/* A quoted string of at most size-1 characters, without escapes. */
static int take_string (Cursor *c, char *to, size_t size) {
  skip_blanks(c);
  if (c->at >= c->end || (*c->at != '\'' && *c->at != '"')) return 0;
  char quote = *c->at++;
  size_t n = 0;
  while (c->at < c->end && *c->at != quote) {
    if (n + 1 >= size) return 0;
    to[n++] = *c->at++;
  }
  to[n] = '\0';
  return c->at++ < c->end;
}

static int take_integer (Cursor *c, int64_t *value) {
  int digits = 0;
  skip_blanks(c);
  for (*value = 0; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++, digits++)
    if (__builtin_mul_overflow(*value, (int64_t)10, value) ||
        __builtin_add_overflow(*value, (int64_t)(*c->at - '0'), value)) return 0;
  take(c, "L");  /* Python 2 wrote long integers so */
  return digits > 0;
}

static int take_shape (Cursor *c, Npy *npy) {
  npy->rank = 0;
  if (!take(c, "(")) return 0;
  while (!take(c, ")")) {
    if (npy->rank == NPY_MAX_RANK || !take_integer(c, &npy->shape[npy->rank++])) return 0;
    if (!take(c, ",")) return take(c, ")");
  }
  return 1;
}

/* "U12" and "S12": so many characters. */
static const char *set_text (Npy *npy, const char *descr) {
  char *end;
  long n = strtol(descr + 1, &end, 10);
  int width = *descr == 'U' ? 4 : 1;
  if (*end != '\0' || n < 1 || n > NPY_MAX_TEXT / width) return "holds texts of an unreadable length";
  npy->kind = *descr;
  npy->size = (int)n * width;
  return NULL;
}

/* "<f4" and its like. */
static const char *set_type (Npy *npy, const char *descr) {
  static const char *const known[] = { "u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8", "b1" };
  npy->big = descr[0] == '>';
  int order = npy->big || descr[0] == '<' || descr[0] == '|' || descr[0] == '=';
  if (order && (descr[1] == 'U' || descr[1] == 'S')) return set_text(npy, descr + 1);
  if (order && descr[1] == 'O')
    return "holds Python objects, expected numbers or text (save it with .astype(str) or .astype('f4'))";
  for (size_t i = 0; order && i < sizeof known / sizeof *known; i++)
    if (strcmp(descr + 1, known[i]) == 0) {
      npy->kind = known[i][0];
      npy->size = known[i][1] - '0';
      return NULL;
    }
  return "has values of an unknown type, expected u1 u2 u4 u8, i1 i2 i4 i8, f2 f4 f8, bool or text";
}

const char *npy_header (const char *text, size_t length, Npy *npy) {
  static const char broken[] = "has a .npy header that is not understood";
  Cursor c = { text, text + length };
  char key[32], descr[32] = "";
  int fortran = -1, shaped = 0;
  if (!take(&c, "{")) return broken;
  while (!take(&c, "}")) {
    if (!take_string(&c, key, sizeof key) || !take(&c, ":")) return broken;
    if (strcmp(key, "descr") == 0) {
      if (take(&c, "[")) return "holds records, expected plain numbers";
      if (!take_string(&c, descr, sizeof descr)) return broken;
    } else if (strcmp(key, "fortran_order") == 0) {
      fortran = take(&c, "True") ? 1 : take(&c, "False") ? 0 : -1;
      if (fortran < 0) return broken;
    } else if (strcmp(key, "shape") == 0) {
      shaped = take_shape(&c, npy);
      if (!shaped) return broken;
    } else return broken;
    if (!take(&c, ",")) {
      if (take(&c, "}")) break;
      return broken;
    }
  }
  if (!*descr || fortran < 0 || !shaped) return broken;
  npy->fortran = fortran && npy->rank > 1;
  return set_type(npy, descr);
}

int64_t npy_count (const Npy *npy, int from) {
  int64_t count = 1;
  for (int i = from; i < npy->rank; i++)
    if (__builtin_mul_overflow(count, npy->shape[i], &count)) return -1;
  return count;
}

/* f2: a sign, five bits of exponent, ten of fraction. */
static double half_value (uint32_t bits) {
  int exponent = (int)(bits >> 10 & 31);
  double fraction = bits & 1023;
  double v = exponent == 31 ? (fraction != 0 ? (double)NAN : (double)INFINITY)
           : exponent == 0 ? ldexp(fraction, -24) : ldexp(fraction + 1024, exponent - 25);
  return bits >> 15 & 1 ? -v : v;
}

double npy_value (const Npy *npy, const uint8_t *bytes) {
  uint64_t bits = 0;
  for (int i = npy->size - 1; i >= 0; i--) bits = bits << 8 | bytes[npy->big ? npy->size - 1 - i : i];
  if (npy->kind == 'f' && npy->size == 2) return half_value((uint32_t)bits);
  if (npy->kind == 'f' && npy->size == 4) {
    uint32_t half = (uint32_t)bits;
    float f;
    memcpy(&f, &half, sizeof f);
    return (double)f;
  }
  if (npy->kind == 'f') {
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
  }
  if (npy->kind == 'b') return bits != 0;
  if (npy->kind == 'u') return (double)bits;
  int unused = 64 - 8 * npy->size;  /* sign extension */
  return (double)((int64_t)(bits << unused) >> unused);
}

/* One character as UTF-8; the bytes written, 0 if it is no character. */
static int put_utf8 (uint32_t c, char *to) {
  if (c < 0x80) return to[0] = (char)c, 1;
  if (c < 0x800) return to[0] = (char)(0xc0 | c >> 6), to[1] = (char)(0x80 | (c & 63)), 2;
  if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) return 0;
  int n = c < 0x10000 ? 3 : 4;
  for (int i = n - 1; i > 0; i--, c >>= 6) to[i] = (char)(0x80 | (c & 63));
  to[0] = (char)((n == 3 ? 0xe0 : 0xf0) | c);
  return n;
}

const char *npy_text (const Npy *npy, const uint8_t *bytes, char *to) {
  int width = npy->kind == 'U' ? 4 : 1, n = npy->size / width;
  char *end = to;
  Npy one = { .kind = 'u', .size = width, .big = npy->big };
  while (n > 0 && npy_value(&one, bytes + (n - 1) * width) == 0) n--;   /* padding */
  for (int i = 0; i < n; i++) {
    uint32_t c = (uint32_t)npy_value(&one, bytes + i * width);
    if (c == 0) return "has a zero byte in it";
    int length = npy->kind == 'S' ? (*end = (char)c, 1) : put_utf8(c, end);
    if (!length) return "has a character that Unicode does not know";
    end += length;
  }
  while (end > to && (end[-1] == ' ' || end[-1] == '\t')) end--;
  *end = '\0';
  size_t blank = strspn(to, " \t");
  memmove(to, to + blank, (size_t)(end - to) - blank + 1);
  return *to ? NULL : "is empty";
}

void npy_type (const Npy *npy, char to[16]) {
  snprintf(to, 16, "%c%d", npy->kind, npy->kind == 'U' ? npy->size / 4 : npy->size);
}

void npy_gather (const Npy *npy, const uint8_t *all, int64_t i, uint8_t *row) {
  int64_t index[NPY_MAX_RANK] = { i }, stride[NPY_MAX_RANK] = { 1 }, at = i, count = npy_count(npy, 1);
  for (int d = 1; d < npy->rank; d++) stride[d] = stride[d - 1] * npy->shape[d - 1];
  for (int64_t k = 0; k < count; k++, row += npy->size) {
    memcpy(row, all + at * npy->size, (size_t)npy->size);
    for (int d = npy->rank - 1; d > 0; d--) {   /* the next one in C order */
      at += stride[d];
      if (++index[d] < npy->shape[d]) break;
      at -= stride[d] * npy->shape[d];
      index[d] = 0;
    }
  }
}
