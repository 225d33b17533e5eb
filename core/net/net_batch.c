/*
** net_batch.c -- from samples to level 0: the members of a group make a tile's share of the features each.
*/
#include "net/net_level.h"
#include "base/min.h"

/* The tile's samples, to be read by this thread. */
static const void **take_rows (const Walker *w) {
  const Data *data = w->step.data;
  const void **row = w->net->row + (size_t)w->thread * (size_t)w->net->values.widest;
  for (int32_t b = 0; b < w->tile.samples; b++) {
    int32_t sample = w->step.rows ? w->step.rows[w->tile.first + b] : w->tile.first + b;
    size_t start = (size_t)sample * (size_t)data->n_features;
    row[b] = data->type == DATA_U8 ? (const void *)(data->u8 + start) : (const void *)(data->f32 + start);
  }
  return row;
}

/* Asks for features f0 <= f < f1 of a tile's samples, which lie far apart in memory: sample after
** sample, so that many lines are on their way at once. They come to the second cache level. */
static void fetch_samples (const Walker *w, const void **row, int32_t f0, int32_t f1) {
  enum { LINE = 64 };
  size_t size = w->step.data->type == DATA_U8 ? sizeof(uint8_t) : sizeof(float);
  for (int32_t b = 0; b < w->tile.samples; b++) {
    const char *sample = row[b];
    for (size_t at = (size_t)f0 * size; at < (size_t)f1 * size; at += LINE) __builtin_prefetch(sample + at, 0, 2);
  }
}

/* ---- pairs that are mixed (data/mix.h) ---- */

/* Features f0 <= f < f1, whose rows begin at x: those in the rectangle change places. */
static void cut_rows (const Walker *w, int32_t f0, int32_t f1, float *x) {
  const Data *data = w->step.data;
  const Mix *mix = &w->mix;
  size_t stride = level_stride(w, 0);
  for (int32_t f = f0; f < f1; f++) {
    int32_t pixel = f % (data->height * data->width), row = pixel / data->width, column = pixel % data->width;
    if (row < mix->row0 || row >= mix->row1 || column < mix->col0 || column >= mix->col1) continue;
    w->net->kernels->mix_pairs(x + (size_t)(f - f0) * stride, 1, stride, w->tile.samples, 0);
  }
}

static void mix_rows (const Walker *w, int32_t f0, int32_t f1, float *x) {
  if (!w->mix.active) return;
  if (w->mix.is_cut) cut_rows(w, f0, f1, x);
  else w->net->kernels->mix_pairs(x, f1 - f0, level_stride(w, 0), w->tile.samples, w->mix.share);
}

/* ---- samples as they are ---- */

static void make_part (const Walker *w, const void **row, const Part *p, float *x) {
  const Kernels *k = w->net->kernels;
  const Data *data = w->step.data;
  size_t stride = level_stride(w, 0);
  if (data->type == DATA_U8)
    k->batch_bytes(x, p->u0, p->u1, stride, p->width, (const uint8_t *const *)row, w->tile.samples, data->unit, data->feature_scale,
                   data->feature_shift);
  else
    k->batch_floats(x, p->u0, p->u1, stride, p->width, (const float *const *)row, w->tile.samples, data->unit, data->feature_scale,
                    data->feature_shift);
}

static void make_samples (const Walker *w, const void **row) {
  int32_t first, last;
  net_share(w, NULL, w->step.data->n_features, &first, &last);
  fetch_samples(w, row, first, last);
  for (int32_t f = first; f < last; f += LEVEL_UNITS) {
    Part part = { f, min_i32(f + LEVEL_UNITS, last), 0, w->tile.width };
    float *x = level_fill(w, 0, &part);
    make_part(w, row, &part, x);
    mix_rows(w, part.u0, part.u1, x);
    level_filled(w, 0, &part, x);
  }
}

/* ---- images that are changed on the way (augment.h) ---- */

static Warp *draw_warps (const Walker *w) {
  Net *net = w->net;
  Warp *warp = net->warp + (size_t)w->thread * (size_t)net->values.widest;
  for (int32_t b = 0; b < w->tile.samples; b++)
    warp[b] = augment_warp(w->step.augment, net->frame, w->step.data, net->seed, w->step.epoch, net_sample(w, b));
  return warp;
}

static void make_warped_part (const Walker *w, const void **row, const Warp *warp, const WarpPart *p, float *x) {
  const Kernels *k = w->net->kernels;
  const Data *data = w->step.data;
  size_t stride = level_stride(w, 0);
  if (data->type == DATA_U8)
    k->warp_bytes(x, p, stride, w->tile.width, (const uint8_t *const *)row, warp, w->net->frame, w->tile.samples, data->unit,
                  data->feature_scale, data->feature_shift);
  else
    k->warp_floats(x, p, stride, w->tile.width, (const float *const *)row, warp, w->net->frame, w->tile.samples, data->unit,
                   data->feature_scale, data->feature_shift);
}

/* This member's pixels, in all channels: what is found out about a pixel's place serves all of them.
** Rows that are kept as bfloat16 are made in scratch memory, some of one channel at a time. A pixel
** may come from anywhere in its image. */
static void make_images (const Walker *w, const void **row) {
  const Data *data = w->step.data;
  const Warp *warp = draw_warps(w);
  int32_t size = data->height * data->width, first, last;
  int is_bf16 = level_is_bf16(w->net, 0);
  int32_t channels = is_bf16 ? 1 : data->channels, pixels = is_bf16 ? LEVEL_UNITS : size;
  net_share(w, NULL, size, &first, &last);
  fetch_samples(w, row, 0, data->n_features);
  for (int32_t c = 0; c < data->channels; c += channels)
    for (int32_t p = first; p < last; p += pixels) {
      WarpPart images = { c, c + channels, p, min_i32(p + pixels, last), (size_t)size };
      Part part = { c * size + images.pixel0, c * size + images.pixel1, 0, w->tile.width };
      float *x = level_fill(w, 0, &part);
      make_warped_part(w, row, warp, &images, x);
      for (int32_t channel = 0; channel < channels; channel++)
        mix_rows(w, part.u0 + channel * size, part.u1 + channel * size, x + (size_t)channel * (size_t)size * level_stride(w, 0));
      level_filled(w, 0, &part, x);
    }
}

/* Only training mixes: a probe's net has no mixing. */
static void draw_mix (Walker *w) {
  const Data *data = w->step.data;
  w->mix = w->step.training ? mix_draw(&w->net->mixing, w->net->seed, w->step.number, data->height, data->width) : (Mix){ 0 };
}

void net_make_tile (Walker *w) {
  draw_mix(w);
  const void **row = take_rows(w);
  if (w->net->frame) make_images(w, row);
  else make_samples(w, row);
}
