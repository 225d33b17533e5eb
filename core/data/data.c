#include "data/data.h"
#include "base/mem.h"
#include <float.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

Data *data_new_empty (int32_t n, int32_t n_features, DataType type) {
  Data *data = mem_zero(1, sizeof *data);
  if (!data) return NULL;
  data->n = n;
  data->n_features = n_features;
  data->type = type;
  data->unit = type == DATA_U8 ? 1.0f / 255 : 1.0f;
  data->label = mem_zero((size_t)n, sizeof *data->label);
  if (data->label) return data;
  data_free(data);
  return NULL;
}

Data *data_new (int32_t n, int32_t n_features, DataType type) {
  Data *data = data_new_empty(n, n_features, type);
  size_t n_values = (size_t)n * (size_t)n_features;
  if (!data) return NULL;
  if (type == DATA_U8) data->u8 = mem_new(n_values, sizeof *data->u8);
  else data->f32 = mem_new(n_values, sizeof *data->f32);
  if (data->u8 || data->f32) return data;
  data_free(data);
  return NULL;
}

uint64_t data_bytes (int64_t n, int64_t n_features, DataType type) {
  uint64_t value = type == DATA_U8 ? sizeof(uint8_t) : sizeof(float);
  return mem_block(1, sizeof(Data)) + mem_block((uint64_t)n, sizeof(int32_t)) +
         mem_block((uint64_t)n * (uint64_t)n_features, value);
}

void data_free (Data *data) {
  if (!data) return;
  mem_free(data->map_path);
  if (data->map) munmap(data->map, data->map_bytes);
  else {
    mem_free(data->u8);
    mem_free(data->f32);
  }
  mem_free(data->label);
  mem_free(data->target);
  mem_free(data->feature_scale);
  mem_free(data->feature_shift);
  mem_free(data->class_names);
  mem_free(data->column_names);
  mem_free(data);
}

/* ---- a file that is mapped ---- */

static size_t sample_bytes (const Data *data) { return (size_t)data->n_features * (data->type == DATA_U8 ? sizeof *data->u8 : sizeof *data->f32); }

int32_t data_block (const Data *data) {
  const size_t bytes = 32 << 20;
  if (!data->map) return data->n;
  size_t samples = bytes / sample_bytes(data);
  return samples < 1 ? 1 : samples < (size_t)data->n ? (int32_t)samples : data->n;
}

/* Whole pages are asked for; no more than advice. */
void data_expect (const Data *data, int32_t i) {
  if (!data->map) return;
  size_t samples = (size_t)data_block(data), first = (size_t)i / samples * samples, last = first + samples < (size_t)data->n ? first + samples : (size_t)data->n;
  char *values = data->u8 ? (char *)data->u8 : (char *)data->f32, *map = data->map;
  size_t page = (size_t)sysconf(_SC_PAGESIZE), begin = (size_t)(values - map) + first * sample_bytes(data), end = (size_t)(values - map) + last * sample_bytes(data);
  begin = begin / page * page;
  madvise(map + begin, end - begin, MADV_WILLNEED);
}

/* ---- the hash ---- */

/* The hash is chained: that of each block seeds the next, so that no state is allocated. */
static XXH128_hash_t chain (XXH128_hash_t before, const void *block, size_t size) {
  XXH128_hash_t h = XXH3_128bits_withSeed(block, size, before.low64);
  h.high64 ^= before.high64 * 0x9e3779b97f4a7c15u;
  return h;
}

/* Of the values. A mapped file is not read again for the same. */
static XXH128_hash_t chain_values (XXH128_hash_t h, Data *data) {
  size_t bytes = (size_t)data->n * sample_bytes(data);
  uint64_t *known = data->hashed;
  if (data->map && known[0] == h.high64 && known[1] == h.low64) return (XXH128_hash_t){ .high64 = known[2], .low64 = known[3] };
  XXH128_hash_t after = chain(h, data->u8 ? (const void *)data->u8 : data->f32, bytes);
  memcpy(known, (uint64_t[]){ h.high64, h.low64, after.high64, after.low64 }, sizeof data->hashed);
  return after;
}

void data_rehash (Data *data) {
  size_t n = (size_t)data->n, n_features = (size_t)data->n_features;
  int32_t shape[7] = { data->n, data->n_features, data->n_classes, (int32_t)data->type,
                       data->channels, data->height, data->width };
  XXH128_hash_t h = chain((XXH128_hash_t){ 0, 0 }, shape, sizeof shape);
  h = chain(h, &data->unit, sizeof data->unit);
  h = chain_values(h, data);
  int32_t block = data_block(data);
  if (block < data->n) h = chain(h, &block, sizeof block);   /* samples come in another order (net_order): results are other ones */
  h = chain(h, data->label, n * sizeof *data->label);
  if (data->target) h = chain(h, data->target, n * (size_t)data->n_targets * sizeof *data->target);
  if (data->feature_scale) {
    h = chain(h, data->feature_scale, n_features * sizeof *data->feature_scale);
    h = chain(h, data->feature_shift, n_features * sizeof *data->feature_shift);
  }
  data->hash[0] = h.high64;
  data->hash[1] = h.low64;
}

static double raw (const Data *data, int32_t i, int32_t j) {
  size_t k = (size_t)i * (size_t)data->n_features + (size_t)j;
  return data->u8 ? (double)data->u8[k] : (double)data->f32[k];
}

/* sum[j] and sum_squares[j] of x_ij - x_0j: differences from the first sample, so that a
** constant feature has deviation exactly 0 and a large mean costs no digits. */
static void sum_features (const Data *data, double *sum, double *sum_squares) {
  for (int32_t i = 1; i < data->n; i++)
    for (int32_t j = 0; j < data->n_features; j++) {
      double d = raw(data, i, j) - raw(data, 0, j);
      sum[j] += d;
      sum_squares[j] += d * d;
    }
}

/* The mean and the variance of a feature, or of several, in raw values. */
typedef struct Moments { double mean, variance; } Moments;

static Moments moments_of (const Data *reference, const double *sums, int32_t j) {
  double mean = sums[j] / reference->n, squares = sums[(size_t)reference->n_features + (size_t)j];
  return (Moments){ mean + raw(reference, 0, j), fmax(0, squares / reference->n - mean * mean) };
}

/* Of n features from the first: the mean of the means; the mean of the variances and the variance of the means. */
static Moments moments_of_group (const Data *reference, const double *sums, int32_t first, int32_t n) {
  Moments all = { 0, 0 };
  for (int32_t j = first; j < first + n; j++) all.mean += moments_of(reference, sums, j).mean / n;
  for (int32_t j = first; j < first + n; j++) {
    Moments m = moments_of(reference, sums, j);
    all.variance += (m.variance + (m.mean - all.mean) * (m.mean - all.mean)) / n;
  }
  return all;
}

/* Scale and shift of feature j, so that a mean becomes 0 and a deviation 1; both in raw values. */
static void standardise_feature (const Data *data, float *scale, float *shift, int32_t j, double mean, double sd) {
  double unit = (double)data->unit, deviation = sd * unit;
  double factor = deviation > 0 && 1 / deviation <= (double)FLT_MAX ? 1 / deviation : 1;
  scale[j] = (float)factor;
  shift[j] = (float)(-mean * unit * factor);
}

/* Puts new scales and shifts, which it takes over, in the place of the old ones. */
static void take_scales (Data *data, float *scale, float *shift) {
  mem_free(data->feature_scale);
  mem_free(data->feature_shift);
  data->feature_scale = scale;
  data->feature_shift = shift;
  data_rehash(data);
}

/* Features in so many groups of equal size, one after the other, each group by its own mean and deviation: those given in raw
** values, or those it has over `reference`. */
static int standardise (Data *data, const Data *reference, const Moments *given, int32_t groups) {
  size_t n_features = (size_t)data->n_features;
  int32_t n = data->n_features / groups;
  double *sums = mem_zero(2 * n_features, sizeof *sums);
  float *scale = mem_new(n_features, sizeof *scale);
  float *shift = mem_new(n_features, sizeof *shift);
  int ok = sums && scale && shift;
  if (ok) {
    if (!given) sum_features(reference, sums, sums + n_features);
    for (int32_t g = 0; g < groups; g++) {
      Moments m = given ? given[g] : moments_of_group(reference, sums, g * n, n);
      for (int32_t j = g * n; j < (g + 1) * n; j++) standardise_feature(data, scale, shift, j, m.mean, sqrt(m.variance));
    }
    take_scales(data, scale, shift);
    scale = shift = NULL;
  }
  mem_free(sums);
  mem_free(scale);
  mem_free(shift);
  return ok;
}

int data_standardise (Data *data, const Data *reference) { return standardise(data, reference, NULL, data->n_features); }

int data_standardise_groups (Data *data, const Data *reference, int32_t groups) { return standardise(data, reference, NULL, groups); }

int data_standardise_by (Data *data, const double *mean, const double *sd, int32_t groups) {
  Moments *given = mem_new((size_t)groups, sizeof *given);
  for (int32_t g = 0; given && g < groups; g++) {
    double deviation = sd[g] / (double)data->unit;
    given[g] = (Moments){ mean[g] / (double)data->unit, deviation * deviation };
  }
  int ok = given && standardise(data, data, given, groups);
  mem_free(given);
  return ok;
}

int32_t data_check_inputs (const Data *data) {
  for (int32_t i = 0; data->feature_scale && i < data->n; i++)
    for (int32_t j = 0; j < data->n_features; j++) {
      float x = (float)raw(data, i, j) * (data->unit * data->feature_scale[j]) + data->feature_shift[j];
      if (!isfinite(x)) return j;
    }
  return -1;
}

size_t data_names_size (const char *names, int32_t n) {
  const char *end = names;
  for (int32_t i = 0; end && i < n; i++) end += strlen(end) + 1;
  return (size_t)(end - names);
}

/* Never 0, which says that nothing is known. */
static uint64_t fingerprint (const void *block, size_t size, uint64_t seed) {
  uint64_t h = XXH3_64bits_withSeed(block, size, seed);
  return h ? h : 1;
}

DataView data_view (const Data *data) {
  DataView v = { 0, 0, 0 };
  size_t scales = (size_t)data->n_features * sizeof(float);
  if (data->column_names)
    v.features = fingerprint(data->column_names, data_names_size(data->column_names, data->n_features), 0);
  if (data->class_names)
    v.classes = fingerprint(data->class_names, data_names_size(data->class_names, data->n_classes), 0);
  if (data->feature_scale)
    v.standardised = fingerprint(data->feature_scale, scales, fingerprint(data->feature_shift, scales, 0));
  return v;
}

const char *data_class_name (const Data *data, int32_t c) {
  const char *name = data->class_names;
  if (!name || c < 0 || c >= data->n_classes) return NULL;
  while (c-- > 0) name += strlen(name) + 1;
  return name;
}
