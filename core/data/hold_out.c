#include "data/hold_out.h"
#include "base/mem.h"
#include "base/rng.h"
#include <string.h>

/* How many of a class there are, and how many of them are taken. */
typedef struct Share { int64_t all, taken, remainder; } Share;

static void count_classes (const Data *data, Share *share) {
  for (int32_t i = 0; i < data->n; i++) share[data->label[i]].all++;
}

/* The class with the largest remainder that is not rounded up yet; the lowest of equals. */
static int32_t next_up (const Share *share, int32_t classes) {
  int32_t best = 0;
  for (int32_t c = 1; c < classes; c++)
    if (share[c].remainder > share[best].remainder) best = c;
  return best;
}

static void divide (const Data *data, int32_t n, Share *share) {
  int64_t left = n;
  for (int32_t c = 0; c < data->n_classes; c++) {
    int64_t product = share[c].all * n;
    share[c].taken = product / data->n;
    share[c].remainder = product % data->n;
    left -= share[c].taken;
  }
  for (; left > 0; left--) {
    Share *up = &share[next_up(share, data->n_classes)];
    up->taken++;
    up->remainder = -1;
  }
}

int data_draw_held_out (const Data *data, int32_t n, uint64_t seed, uint8_t *held) {
  Share *share = mem_zero((size_t)data->n_classes, sizeof *share);
  int32_t *order = mem_new((size_t)data->n, sizeof *order);
  int ok = share && order;
  if (ok) {
    Rng rng;
    rng_seed(&rng, seed, RNG_HELD_OUT);
    rng_shuffle(&rng, order, data->n);
    count_classes(data, share);
    divide(data, n, share);
    for (int32_t k = 0; k < data->n; k++) {
      Share *s = &share[data->label[order[k]]];
      held[order[k]] = s->taken > 0;
      s->taken -= s->taken > 0;
    }
  }
  mem_free(share);
  mem_free(order);
  return ok;
}

static int copy_names (char **to, const char *names, int32_t n) {
  size_t size = data_names_size(names, n);
  if (!names) return 1;
  if ((*to = mem_new(size, 1))) memcpy(*to, names, size);
  return *to != NULL;
}

static int copy_floats (float **to, const float *from, int32_t n) {
  if (!from) return 1;
  if ((*to = mem_new((size_t)n, sizeof **to))) memcpy(*to, from, (size_t)n * sizeof **to);
  return *to != NULL;
}

/* What holds for all samples alike; 0 without memory. */
static int copy_beside (Data *to, const Data *from) {
  to->n_classes = from->n_classes;
  to->channels = from->channels;
  to->height = from->height;
  to->width = from->width;
  to->unit = from->unit;
  memcpy(to->note, from->note, sizeof to->note);
  to->n_targets = from->n_targets;
  if (from->target) to->target = mem_new((size_t)to->n * (size_t)to->n_targets, sizeof *to->target);
  if (from->target && !to->target) return 0;
  return copy_floats(&to->feature_scale, from->feature_scale, from->n_features) &&
         copy_floats(&to->feature_shift, from->feature_shift, from->n_features) &&
         copy_names(&to->class_names, from->class_names, from->n_classes) &&
         copy_names(&to->column_names, from->column_names, from->n_features + 1);
}

static void copy_sample (Data *to, int32_t k, const Data *from, int32_t i) {
  size_t n = (size_t)from->n_features, a = (size_t)k * n, b = (size_t)i * n;
  to->label[k] = from->label[i];
  size_t targets = (size_t)from->n_targets;
  if (from->target) memcpy(to->target + (size_t)k * targets, from->target + (size_t)i * targets, targets * sizeof *to->target);
  if (from->u8) memcpy(to->u8 + a, from->u8 + b, n);
  else memcpy(to->f32 + a, from->f32 + b, n * sizeof *to->f32);
}

Data *data_part (const Data *data, const uint8_t *held, uint8_t which) {
  int32_t n = 0, k = 0;
  for (int32_t i = 0; i < data->n; i++) n += held[i] == which;
  Data *part = data_new(n, data->n_features, data->type);
  if (!part || !copy_beside(part, data)) {
    data_free(part);
    return NULL;
  }
  for (int32_t i = 0; i < data->n; i++)
    if (held[i] == which) copy_sample(part, k++, data, i);
  data_rehash(part);
  return part;
}
