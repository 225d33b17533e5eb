#include "data/target.h"
#include "data/hold_out.h"
#include "base/mem.h"
#include "base/rng.h"
#include <string.h>

static void take (Data *data, int32_t n_targets, float *targets) {
  mem_free(data->target);
  data->target = targets;
  data->n_targets = n_targets;
  data_rehash(data);
}

int data_set_targets (Data *data, int32_t n_targets, const float *targets) {
  size_t n = (size_t)data->n * (size_t)n_targets;
  float *copy = mem_new(n, sizeof *copy);
  if (!copy) return 0;
  memcpy(copy, targets, n * sizeof *copy);
  take(data, n_targets, copy);
  return 1;
}

int data_aim_at (Data *data, const Data *source) {
  size_t n = (size_t)source->n, n_features = (size_t)source->n_features;
  float *targets = mem_new(n * n_features, sizeof *targets);
  if (!targets) return 0;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n_features; j++) targets[i * n_features + j] = data_seen(source, i, j);
  take(data, source->n_features, targets);
  return 1;
}

static Data *copy_of (const Data *data) {
  uint8_t *all = mem_zero((size_t)data->n, 1);
  Data *copy = all ? data_part(data, all, 0) : NULL;
  mem_free(all);
  return copy;
}

static void fill_noisy (const Data *data, double sd, uint64_t seed, float *to) {
  Rng rng;
  rng_seed(&rng, seed, RNG_NOISE);
  size_t n_features = (size_t)data->n_features;
  for (size_t i = 0; i < (size_t)data->n; i++)
    for (size_t j = 0; j < n_features; j++) *to++ = data_seen(data, i, j) + (sd > 0 ? (float)(sd * rng_normal(&rng)) : 0);
}

Data *data_noisy (const Data *data, double sd, uint64_t seed) {
  Data *noisy = copy_of(data);
  float *values = noisy ? mem_new((size_t)data->n * (size_t)data->n_features, sizeof *values) : NULL;
  if (!values) {
    data_free(noisy);
    return NULL;
  }
  fill_noisy(data, sd, seed, values);
  mem_free(noisy->u8);
  mem_free(noisy->f32);
  mem_free(noisy->feature_scale);
  mem_free(noisy->feature_shift);
  noisy->u8 = NULL;
  noisy->feature_scale = noisy->feature_shift = NULL;
  noisy->f32 = values;
  noisy->type = DATA_F32;
  noisy->unit = 1;
  data_rehash(noisy);
  return noisy;
}

/* Sums of differences from the first sample's, so that a large mean costs no digits. */
double data_target_spread (const Data *data) {
  double spread = 0;
  size_t n = (size_t)data->n, columns = (size_t)data->n_targets;
  for (size_t c = 0; c < columns; c++) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
      double d = (double)data->target[i * columns + c] - (double)data->target[c];
      sum += d;
      squares += d * d;
    }
    spread += squares / data->n - sum / data->n * (sum / data->n);
  }
  return spread > 0 ? spread : 0;
}

/* Zeros and ones, several for each sample. */
static int are_labels (const Data *data) {
  size_t n = (size_t)data->n * (size_t)data->n_targets, k = 0;
  while (k < n && (data->target[k] == 0 || data->target[k] == 1)) k++;
  return data->n_targets > 1 && k == n;
}

int32_t data_constant_target (const Data *data) {
  if (are_labels(data)) return -1;
  size_t columns = (size_t)data->n_targets;
  for (size_t c = 0; c < columns; c++) {
    size_t i = 1;
    while (i < (size_t)data->n && data->target[i * columns + c] == data->target[c]) i++;
    if (i == (size_t)data->n) return (int32_t)c;
  }
  return -1;
}

int64_t data_target_beyond_labels (const Data *data) {
  int64_t n = (int64_t)data->n * data->n_targets;
  for (int64_t k = 0; k < n; k++)
    if (!(data->target[k] >= 0 && data->target[k] <= 1)) return k;
  return -1;
}

LabelCounts data_count_labels (const Data *data, const float *outputs) {
  LabelCounts counts = { 0 };
  for (int32_t i = 0; i < data->n; i++) {
    int wrong = 0;
    for (int32_t c = 0; c < data->n_targets; c++) {
      size_t k = (size_t)i * (size_t)data->n_targets + (size_t)c;
      int said = outputs[k] >= 0.5f, there = data->target[k] >= 0.5f;
      counts.both += said && there;
      counts.output_only += said && !there;
      counts.target_only += !said && there;
      counts.neither += !said && !there;
      wrong |= said != there;
    }
    counts.exact += !wrong;
  }
  return counts;
}
