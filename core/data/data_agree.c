/*
** data_agree.c -- whether two splits agree, and which values are scaled.
**
** A network that is trained on values from 0 to 1 and tested on values from 0 to 255 is right only
** by chance, and nothing fails. So a certain mistake is refused, and a possible one gives a
** warning. No check may separate a split from a part of it: a draw of some samples must
** always agree with all of them.
*/
#include "data/data_reader.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void data_warn (Data *data, const char *format, ...) {
  size_t used = strlen(data->warning);
  va_list args;
  if (used > 0 && used + 2 < sizeof data->warning) strcpy(data->warning + used++, " ");
  va_start(args, format);
  vsnprintf(data->warning + used, sizeof data->warning - used, format, args);
  va_end(args);
}

/* ---- which values are divided by 255 ---- */

static const float BYTE = 1.0f / 255;

/* A table of bits, such as word counts cut at 1 or one-hot columns, is no picture. */
static int only_bits (const Data *data) {
  size_t n = (size_t)data->n * (size_t)data->n_features;
  for (size_t k = 0; k < n; k++) if (data->u8[k] > 1) return 0;
  return 1;
}

/* Bytes when nobody says how they are meant. Those of a table are scaled too, so that runs on MNIST as
** rows of 784 bytes keep their results; a warning says so. */
static void scale_bytes (Data *data, const Data *like) {
  if (like && like->u8) data->unit = like->unit;
  else if (!data->channels && only_bits(data)) data->unit = 1;
  else if (!data->channels && !like)
    data_warn(data, "%s%sa table of bytes above 1 is taken for pictures and divided by 255: say scale = \"bytes\" if "
              "that is right, scale = \"none\" if not.", data->note, *data->note ? ": " : "");
}

static int check_bytes (const Data *data, const char *path, char why[DATA_WHY]) {
  size_t n = (size_t)data->n * (size_t)data->n_features;
  for (size_t k = 0; data->f32 && k < n; k++)
    if (!(data->f32[k] >= 0 && data->f32[k] <= 255))
      return data_complain(why, path, "value %zu of sample %zu is %g: scale = \"bytes\" is for values from 0 to 255",
                           k % (size_t)data->n_features + 1, k / (size_t)data->n_features + 1, (double)data->f32[k]);
  return 1;
}

int data_scale (Data *data, const DataWanted *want, const char *path, char why[DATA_WHY]) {
  if (want->scale == DATA_SCALE_BYTES && !check_bytes(data, path, why)) return 0;
  if (want->scale == DATA_SCALE_BYTES) data->unit = BYTE;
  else if (want->scale == DATA_SCALE_NONE) data->unit = 1;
  else if (data->u8) scale_bytes(data, want->like);
  return 1;
}

/* ---- one kind, one range ---- */

typedef struct Range { double low, high; int whole; } Range;

static Range range_of_bytes (const uint8_t *v, size_t n) {
  uint8_t low = 255, high = 0;
  #pragma omp simd reduction(min : low) reduction(max : high)
  for (size_t k = 0; k < n; k++) {
    low = v[k] < low ? v[k] : low;
    high = v[k] > high ? v[k] : high;
  }
  return n > 0 ? (Range){ low, high, 1 } : (Range){ HUGE_VAL, -HUGE_VAL, 1 };
}

static Range range_of_floats (const float *v, size_t n) {
  float low = HUGE_VALF, high = -HUGE_VALF;
  int broken = 0;
  #pragma omp simd reduction(min : low) reduction(max : high) reduction(| : broken)
  for (size_t k = 0; k < n; k++) {
    low = v[k] < low ? v[k] : low;
    high = v[k] > high ? v[k] : high;
    broken |= v[k] != floorf(v[k]);
  }
  return (Range){ (double)low, (double)high, !broken };
}

static Range range_of (const Data *data) {
  size_t n = (size_t)data->n * (size_t)data->n_features;
  return data->u8 ? range_of_bytes(data->u8, n) : range_of_floats(data->f32, n);
}

/* Shares of 255 on one side, bytes on the other. */
static int is_share (const Range *r) { return r->low >= 0 && r->high <= 1 && !r->whole; }
static int is_bytes (const Range *r) { return r->low >= 0 && r->high > 1 && r->high <= 255 && r->whole; }

/* The same pictures, divided by 255 in one split only. */
static int check_ranges (Data *data, const Data *like, const char *path, char why[DATA_WHY]) {
  const double most = 50;
  if (data->u8 && like->u8 && data->channels) return 1;   /* pictures of bytes: nothing to see, and many */
  Range here = range_of(data), there = range_of(like);
  if ((is_share(&here) && is_bytes(&there)) || (is_bytes(&here) && is_share(&there)))
    return data_complain(why, path, "has values from %g to %g, the training split from %g to %g: one looks divided by "
                         "255, the other not; store both alike", here.low, here.high, there.low, there.high);
  double a = fmax(fabs(here.low), fabs(here.high)), b = fmax(fabs(there.low), fabs(there.high));
  if (a > 0 && b > 0 && (a > most * b || b > most * a))
    data_warn(data, "values of the test split reach %g, those of the training split %g: are both scaled alike?", a, b);
  return 1;
}

int data_agree (Data *data, const Data *like, const char *path, char why[DATA_WHY]) {
  if (data->unit == like->unit) return check_ranges(data, like, path, why);
  return data_complain(why, path, "has %s, the training split %s: bytes are divided by 255, other numbers are not; "
                       "store both alike, or say scale = \"bytes\" or \"none\", which holds for both",
                       *data->note ? data->note : "other values", *like->note ? like->note : "others");
}
