#include "array/array.h"
#include <math.h>
#include <string.h>

size_t array_size (ArrayKind kind) {
  static const size_t size[] = { sizeof(float), sizeof(int64_t), sizeof(uint8_t) };
  return size[kind];
}

double array_number (const Array *a, int64_t i) {
  if (a->kind == ARRAY_FLOAT) return (double)array_floats(a)[i];
  return a->kind == ARRAY_INTEGER ? (double)array_integers(a)[i] : array_booleans(a)[i];
}

/* ---- conversion ---- */

static int64_t whole_numbers (const float *from, int64_t n, int64_t *to) {
  for (int64_t i = 0; i < n; i++) {
    if (!(from[i] >= -0x1p63f && from[i] < 0x1p63f) || from[i] != truncf(from[i])) return i;
    to[i] = (int64_t)from[i];
  }
  return -1;
}

#define EACH(expression) \
  _Pragma("omp parallel for if (n >= ARRAY_THREADED)") \
  for (int64_t i = 0; i < n; i++) to[i] = expression

static void to_floats (const Array *a, float *restrict to) {
  const int64_t n = a->n, *integer = a->data;
  const uint8_t *boolean = a->data;
  if (a->kind == ARRAY_INTEGER) EACH((float)integer[i]);
  else EACH((float)boolean[i]);
}

static void to_booleans (const Array *a, uint8_t *restrict to) {
  const int64_t n = a->n, *integer = a->data;
  const float *number = a->data;
  if (a->kind == ARRAY_FLOAT) EACH(number[i] != 0);
  else EACH(integer[i] != 0);
}

int64_t array_convert (const Array *a, Array *out) {
  if (a->kind == out->kind) memcpy(out->data, a->data, (size_t)a->n * array_size(a->kind));
  else if (out->kind == ARRAY_FLOAT) to_floats(a, out->data);
  else if (out->kind == ARRAY_BOOLEAN) to_booleans(a, out->data);
  else if (a->kind == ARRAY_FLOAT) return whole_numbers(a->data, a->n, out->data);
  else {
    const int64_t n = a->n;
    const uint8_t *boolean = a->data;
    int64_t *restrict to = out->data;
    EACH(boolean[i]);
  }
  return -1;
}

/* ---- equality ---- */

int array_equal (const Array *a, const Array *b) {
  if (a->kind != b->kind || a->n != b->n) return 0;
  if (a->kind != ARRAY_FLOAT) return memcmp(a->data, b->data, (size_t)a->n * array_size(a->kind)) == 0;
  const float *x = a->data, *y = b->data;
  for (int64_t i = 0; i < a->n; i++)
    if (!(x[i] == y[i])) return 0;
  return 1;
}
