#include "data/target.h"
#include "base/mem.h"
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

/* As data.h says that a batch is made. */
static float seen (const Data *data, size_t k, size_t j) {
  float x = (data->u8 ? (float)data->u8[k] : data->f32[k]) * data->unit;
  return data->feature_scale ? x * data->feature_scale[j] + data->feature_shift[j] : x;
}

int data_aim_at (Data *data, const Data *source) {
  size_t n = (size_t)source->n, n_features = (size_t)source->n_features;
  float *targets = mem_new(n * n_features, sizeof *targets);
  if (!targets) return 0;
  for (size_t i = 0, k = 0; i < n; i++)
    for (size_t j = 0; j < n_features; j++, k++) targets[k] = seen(source, k, j);
  take(data, source->n_features, targets);
  return 1;
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

int32_t data_constant_target (const Data *data) {
  size_t columns = (size_t)data->n_targets;
  for (size_t c = 0; c < columns; c++) {
    size_t i = 1;
    while (i < (size_t)data->n && data->target[i * columns + c] == data->target[c]) i++;
    if (i == (size_t)data->n) return (int32_t)c;
  }
  return -1;
}
