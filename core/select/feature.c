#include "select/feature.h"
#include "base/mem.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static double raw (const Data *data, int32_t i, int32_t j) {
  size_t k = (size_t)i * (size_t)data->n_features + (size_t)j;
  return data->u8 ? (double)data->u8[k] : (double)data->f32[k];
}

/* ---- a choice of features ---- */

static const char *next_name (const char *name) { return name + strlen(name) + 1; }

/* The name of a feature of a split without names: its number, from 1. */
enum { NUMBER = 12 };

static size_t columns_size (const Data *data, int64_t n) {
  return data->column_names ? data_names_size(data->column_names, data->n_features + 1) : (size_t)n * NUMBER + 1;
}

/* Names of the chosen features, and the label's; so that a net is not evaluated on other ones. */
static int copy_columns (Data *to, const Data *from, const int32_t *feature) {
  int32_t most = from->n_features + 1;
  const char **name = from->column_names ? mem_new((size_t)most, sizeof *name) : NULL;
  char *end = to->column_names = mem_new(columns_size(from, to->n_features), 1);
  int ok = end && (name || !from->column_names);
  const char *next = from->column_names;
  for (int32_t j = 0; ok && name && j < most; j++, next = next_name(next)) name[j] = next;
  for (int32_t j = 0; ok && j < to->n_features; j++)
    end = name ? stpcpy(end, name[feature[j]]) + 1 : end + snprintf(end, NUMBER, "%d", feature[j] + 1) + 1;
  if (ok) strcpy(end, name ? name[most - 1] : "");
  mem_free(name);
  return ok;
}

uint64_t feature_select_bytes (const Data *data, int64_t n) {
  uint64_t bytes = data_bytes(data->n, n, data->type);
  if (data->feature_scale) bytes += 2 * mem_block((uint64_t)n, sizeof(float));
  if (data->class_names) bytes += mem_block(data_names_size(data->class_names, data->n_classes), 1);
  return bytes + mem_block(columns_size(data, n), 1);
}

/* What stands beside the values; 0 without memory. */
static int copy_beside (Data *to, const Data *from, const int32_t *feature) {
  size_t n = (size_t)to->n_features, size = data_names_size(from->class_names, from->n_classes);
  to->n_classes = from->n_classes;
  to->unit = from->unit;
  memcpy(to->note, from->note, sizeof to->note);
  if (!copy_columns(to, from, feature)) return 0;
  memcpy(to->label, from->label, (size_t)from->n * sizeof *to->label);
  if (from->target) {
    size_t targets = (size_t)from->n * (size_t)from->n_targets;
    to->n_targets = from->n_targets;
    to->target = mem_new(targets, sizeof *to->target);
    if (!to->target) return 0;
    memcpy(to->target, from->target, targets * sizeof *to->target);
  }
  if (from->class_names) {
    to->class_names = mem_new(size, 1);
    if (!to->class_names) return 0;
    memcpy(to->class_names, from->class_names, size);
  }
  if (!from->feature_scale) return 1;
  to->feature_scale = mem_new(n, sizeof *to->feature_scale);
  to->feature_shift = mem_new(n, sizeof *to->feature_shift);
  if (!to->feature_scale || !to->feature_shift) return 0;
  for (size_t j = 0; j < n; j++) {
    to->feature_scale[j] = from->feature_scale[feature[j]];
    to->feature_shift[j] = from->feature_shift[feature[j]];
  }
  return 1;
}

Data *feature_select (const Data *data, const int32_t *feature, int32_t n) {
  Data *chosen = data_new(data->n, n, data->type);
  if (!chosen) return NULL;
  if (!copy_beside(chosen, data, feature)) {
    data_free(chosen);
    return NULL;
  }
  for (size_t i = 0; i < (size_t)data->n; i++) {
    size_t from = i * (size_t)data->n_features, to = i * (size_t)n;
    if (data->u8) for (int32_t j = 0; j < n; j++) chosen->u8[to + (size_t)j] = data->u8[from + (size_t)feature[j]];
    else for (int32_t j = 0; j < n; j++) chosen->f32[to + (size_t)j] = data->f32[from + (size_t)feature[j]];
  }
  data_rehash(chosen);
  return chosen;
}

/* ---- information about the class ---- */

/* Sums of differences from the first sample: a constant feature then has variance exactly 0, and a
** large mean costs no digits. */
void feature_moments (const Data *data, double *mean, double *variance) {
  int32_t n_features = data->n_features;
  double unit = (double)data->unit, n = data->n;
  for (int32_t j = 0; j < n_features; j++) mean[j] = variance[j] = 0;
  for (int32_t i = 1; i < data->n; i++)
    for (int32_t j = 0; j < n_features; j++) {
      double d = raw(data, i, j) - raw(data, 0, j);
      mean[j] += d;
      variance[j] += d * d;
    }
  for (int32_t j = 0; j < n_features; j++) {
    double shift = mean[j] / n;
    variance[j] = fmax(0, variance[j] / n - shift * shift) * unit * unit;
    mean[j] = (shift + raw(data, 0, j)) * unit;
  }
}

/* Counts of the samples of some features, `width` from `first` on: of each feature, of each bin, of
** each class. */
enum { BLOCK = 64 };

typedef struct Counts {
  int32_t first, width, bins, classes;
  double low[BLOCK], high[BLOCK];
  int32_t *in_class;   /* classes */
  int32_t *count;      /* (width, bins, classes) */
} Counts;

static void find_range (const Data *data, Counts *c) {
  for (int32_t j = 0; j < c->width; j++) c->low[j] = c->high[j] = raw(data, 0, c->first + j);
  for (int32_t i = 1; i < data->n; i++)
    for (int32_t j = 0; j < c->width; j++) {
      double v = raw(data, i, c->first + j);
      c->low[j] = v < c->low[j] ? v : c->low[j];
      c->high[j] = v > c->high[j] ? v : c->high[j];
    }
}

static void count_block (const Data *data, Counts *c) {
  double per_bin[BLOCK];
  size_t classes = (size_t)c->classes, of_feature = (size_t)c->bins * classes;
  for (int32_t j = 0; j < c->width; j++) {
    double range = c->high[j] - c->low[j];
    per_bin[j] = range > 0 ? c->bins / range : 0;
  }
  memset(c->count, 0, (size_t)c->width * of_feature * sizeof *c->count);
  for (int32_t i = 0; i < data->n; i++)
    for (int32_t j = 0; j < c->width; j++) {
      int32_t b = (int32_t)((raw(data, i, c->first + j) - c->low[j]) * per_bin[j]);
      if (b >= c->bins) b = c->bins - 1;   /* the highest value closes the last bin */
      c->count[(size_t)j * of_feature + (size_t)b * classes + (size_t)data->label[i]]++;
    }
}

/* The sum above for one feature, from its counts and those of the classes. */
static double information_of (const Counts *c, const int32_t *count, double n) {
  double sum = 0;
  for (int32_t b = 0; b < c->bins; b++, count += c->classes) {
    double in_bin = 0;
    for (int32_t k = 0; k < c->classes; k++) in_bin += count[k];
    for (int32_t k = 0; k < c->classes; k++)
      if (count[k]) sum += count[k] * log2(count[k] * n / (in_bin * c->in_class[k]));
  }
  return fmax(0, sum / n);
}

int feature_information (const Data *data, int32_t bins, double *information) {
  Counts c = { .bins = bins, .classes = data->n_classes };
  size_t of_feature = (size_t)bins * (size_t)c.classes;
  c.in_class = mem_zero((size_t)c.classes, sizeof *c.in_class);
  c.count = mem_new(BLOCK * of_feature, sizeof *c.count);
  int ok = c.in_class && c.count;
  for (int32_t i = 0; ok && i < data->n; i++) c.in_class[data->label[i]]++;
  for (c.first = 0; ok && c.first < data->n_features; c.first += BLOCK) {
    int32_t left = data->n_features - c.first;
    c.width = left < BLOCK ? left : BLOCK;
    find_range(data, &c);
    count_block(data, &c);
    for (int32_t j = 0; j < c.width; j++)
      information[c.first + j] = information_of(&c, c.count + (size_t)j * of_feature, data->n);
  }
  mem_free(c.in_class);
  mem_free(c.count);
  return ok;
}
