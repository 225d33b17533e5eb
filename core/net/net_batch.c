/*
** net_batch.c -- from samples to level 0: each thread makes its share of the features, for all
** samples of the batch.
*/
#include "net/net_level.h"
#include "base/min.h"

void net_take_rows (Net *net, const Data *data, const int32_t *rows, int32_t batch) {
  for (int32_t b = 0; b < batch; b++) {
    size_t start = (size_t)rows[b] * (size_t)data->n_features;
    net->row[b] = data->type == DATA_U8 ? (const void *)(data->u8 + start) : (const void *)(data->f32 + start);
  }
}

/* Asks for features f0 <= f < f1 of a batch's samples, which lie far apart in memory: sample after
** sample, so that many lines are on their way at once. They come to the second cache level. */
static void fetch_samples (const Net *net, const Data *data, int32_t f0, int32_t f1, int32_t batch) {
  enum { LINE = 64 };
  size_t size = data->type == DATA_U8 ? sizeof(uint8_t) : sizeof(float);
  for (int32_t b = 0; b < batch; b++) {
    const char *row = net->row[b];
    for (size_t at = (size_t)f0 * size; at < (size_t)f1 * size; at += LINE) __builtin_prefetch(row + at, 0, 2);
  }
}

/* ---- samples as they are ---- */

static void make_part (const Net *net, const Data *data, const Part *p, const Shape *s, float *x) {
  const Kernels *k = net->kernels;
  if (data->type == DATA_U8)
    k->batch_bytes(x, p->u0, p->u1, s->stride, s->width, (const uint8_t *const *)net->row, s->batch,
                   data->unit, data->feature_scale, data->feature_shift);
  else
    k->batch_floats(x, p->u0, p->u1, s->stride, s->width, (const float *const *)net->row, s->batch,
                    data->unit, data->feature_scale, data->feature_shift);
}

static void make_samples (Net *net, int t, const Data *data, const Shape *s) {
  int32_t first = net->layer[0].cut_in[t], last = net->layer[0].cut_in[t + 1];
  fetch_samples(net, data, first, last, s->batch);
  for (int32_t f = first; f < last; f += LEVEL_UNITS) {
    Part part = { f, min_i32(f + LEVEL_UNITS, last), 0, s->width };
    float *x = level_fill(net, t, 0, &part, s);
    make_part(net, data, &part, s, x);
    level_filled(net, 0, &part, s, x);
  }
}

/* ---- images that are changed on the way (augment.h) ---- */

void net_draw_warps (Net *net, int t, const Augment *augment, int32_t epoch, const int32_t *rows, int32_t batch) {
  int32_t b0 = (int32_t)((int64_t)batch * t / net->threads), b1 = (int32_t)((int64_t)batch * (t + 1) / net->threads);
  for (int32_t b = b0; b < b1; b++) net->warp[b] = augment_warp(augment, net->frame, net->seed, epoch, rows[b]);
}

static void make_warped_part (const Net *net, const Data *data, const WarpPart *p, const Shape *s, float *x) {
  const Kernels *k = net->kernels;
  if (data->type == DATA_U8)
    k->warp_bytes(x, p, s->stride, s->width, (const uint8_t *const *)net->row, net->warp, net->frame, s->batch,
                  data->unit, data->feature_scale, data->feature_shift);
  else
    k->warp_floats(x, p, s->stride, s->width, (const float *const *)net->row, net->warp, net->frame, s->batch,
                   data->unit, data->feature_scale, data->feature_shift);
}

/* Thread t's pixels, in all channels: what is found out about a pixel's place serves all of them.
** Rows that are kept as bfloat16 are made in scratch memory, some of one channel at a time. A pixel
** may come from anywhere in its image. */
static void make_images (Net *net, int t, const Data *data, const Shape *s) {
  int32_t size = data->height * data->width, steps = (size + LEVEL_UNITS - 1) / LEVEL_UNITS;
  int32_t first = min_i32(steps * t / net->threads * LEVEL_UNITS, size);
  int32_t last = min_i32(steps * (t + 1) / net->threads * LEVEL_UNITS, size);
  int is_bf16 = level_is_bf16(net, 0);
  int32_t channels = is_bf16 ? 1 : data->channels, pixels = is_bf16 ? LEVEL_UNITS : size;
  fetch_samples(net, data, 0, data->n_features, s->batch);
  for (int32_t c = 0; c < data->channels; c += channels)
    for (int32_t p = first; p < last; p += pixels) {
      WarpPart images = { c, c + channels, p, min_i32(p + pixels, last), (size_t)size };
      Part part = { c * size + images.pixel0, c * size + images.pixel1, 0, s->width };
      float *x = level_fill(net, t, 0, &part, s);
      make_warped_part(net, data, &images, s, x);
      level_filled(net, 0, &part, s, x);
    }
}

void net_make_batch (Net *net, int t, const Data *data, const Shape *shape) {
  if (net->frame) make_images(net, t, data, shape);
  else make_samples(net, t, data, shape);
}
