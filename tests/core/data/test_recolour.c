/*
** Crops, colours, cut-outs and TrivialAugment: every set of kernels against changes written out pixel
** by pixel in double precision; what is drawn; what is refused.
*/
#include "isa.h"
#include "net_fixture.h"
#include <stdlib.h>
#include <string.h>

enum { N = 23, HEIGHT = 9, WIDTH = 11, SIZE = HEIGHT * WIDTH };

static Data *pictures (DataType type, int channels) {
  Data *d = make_data(N, channels * SIZE, 4, type, 6);
  d->channels = channels;
  d->height = HEIGHT;
  d->width = WIDTH;
  return d;
}

static double raw (const Data *d, int sample, int channel, int row, int column) {
  int64_t k = (int64_t)sample * d->n_features + channel * SIZE + row * WIDTH + column;
  return d->type == DATA_U8 ? (double)d->u8[k] : (double)d->f32[k];
}

/* ---- the twin ---- */

static double grey_of (const double v[3], int channels) { return channels == 3 ? 0.299 * v[0] + 0.587 * v[1] + 0.114 * v[2] : v[0]; }

static double mean_grey (const Data *d, int sample) {
  double sum = 0, v[3];
  for (int k = 0; k < SIZE; k++) {
    for (int c = 0; c < d->channels; c++) v[c] = raw(d, sample, c, k / WIDTH, k % WIDTH);
    sum += grey_of(v, d->channels) / SIZE;
  }
  return sum;
}

static double clamp (double x, double most) { return x < 0 ? 0 : x > most ? most : x; }

/* Bilinear, the edge going on. */
static double at (const Data *d, int sample, int channel, double y, double x) {
  y = clamp(y, HEIGHT - 1);
  x = clamp(x, WIDTH - 1);
  int r = (int)fmin(floor(y), HEIGHT - 2), c = (int)fmin(floor(x), WIDTH - 2);
  double p = y - r, q = x - c;
  return (1 - p) * ((1 - q) * raw(d, sample, channel, r, c) + q * raw(d, sample, channel, r, c + 1)) +
         p * ((1 - q) * raw(d, sample, channel, r + 1, c) + q * raw(d, sample, channel, r + 1, c + 1));
}

/* The pixel's values after brightness, contrast and saturation, one after the other. `mean` follows. */
static void recolour (double v[3], double *mean, int channels, const double k[AUGMENT_KINDS]) {
  for (int c = 0; c < channels; c++) v[c] *= k[AUGMENT_BRIGHTNESS];
  *mean *= k[AUGMENT_BRIGHTNESS];
  for (int c = 0; c < channels; c++) v[c] = *mean + k[AUGMENT_CONTRAST] * (v[c] - *mean);
  double grey = grey_of(v, channels);
  for (int c = 0; c < channels; c++) v[c] = grey + k[AUGMENT_SATURATION] * (v[c] - grey);
}

/* What parts of drawn numbers, without rotation and the like, show at a pixel. */
static double twin (const Data *d, int sample, int parts, double k[][AUGMENT_KINDS], int channel, int row, int column) {
  double y = row, x = column, v[3], mean = mean_grey(d, sample);
  for (int p = parts - 1; p >= 0; p--) {
    const double *a = k[p];
    int side = (int)a[AUGMENT_CUTOUT];
    int top = (int)floor(a[AUGMENT_CUTOUT_ROW] * HEIGHT) - side / 2, left = (int)floor(a[AUGMENT_CUTOUT_COLUMN] * WIDTH) - side / 2;
    if (row >= top && row < top + side && column >= left && column < left + side) return 0;
    if (a[AUGMENT_FLIP_HORIZONTAL] > 0) x = WIDTH - 1 - x;
    double high = fmin(HEIGHT, HEIGHT * sqrt(a[AUGMENT_AREA] / a[AUGMENT_ASPECT])), wide = fmin(WIDTH, WIDTH * sqrt(a[AUGMENT_AREA] * a[AUGMENT_ASPECT]));
    y = a[AUGMENT_AREA_ROW] * (HEIGHT - high) + (y + 0.5) * high / HEIGHT - 0.5 + a[AUGMENT_ROW_CROP];
    x = a[AUGMENT_AREA_COLUMN] * (WIDTH - wide) + (x + 0.5) * wide / WIDTH - 0.5 + a[AUGMENT_COLUMN_CROP];
  }
  for (int c = 0; c < d->channels; c++) v[c] = at(d, sample, c, y, x);
  for (int p = 0; p < parts; p++) recolour(v, &mean, d->channels, k[p]);
  return d->type == DATA_U8 ? clamp(v[channel], 255) : v[channel];
}

/* ---- kernels against it ---- */

static double between (Rng *rng, double low, double high) { return low + rng_double(rng) * (high - low); }

static void draw_kinds (Rng *rng, int channels, int cuts, double k[AUGMENT_KINDS]) {
  AugmentPart nothing = augment_nothing();
  memcpy(k, nothing.low, sizeof nothing.low);
  k[AUGMENT_FLIP_HORIZONTAL] = (double)rng_below(rng, 2);
  k[AUGMENT_BRIGHTNESS] = between(rng, 0.3, 1.7);
  k[AUGMENT_CONTRAST] = between(rng, 0.1, 1.9);
  if (channels == 3) k[AUGMENT_SATURATION] = between(rng, 0, 1.9);
  k[AUGMENT_ROW_CROP] = (double)rng_below(rng, 7) - 3;
  k[AUGMENT_COLUMN_CROP] = (double)rng_below(rng, 7) - 3;
  k[AUGMENT_AREA] = between(rng, 0.1, 1);
  k[AUGMENT_ASPECT] = between(rng, 0.5, 2);
  k[AUGMENT_AREA_ROW] = rng_double(rng);
  k[AUGMENT_AREA_COLUMN] = rng_double(rng);
  if (cuts) k[AUGMENT_CUTOUT] = (double)rng_below(rng, 8);
  k[AUGMENT_CUTOUT_ROW] = rng_double(rng);
  k[AUGMENT_CUTOUT_COLUMN] = rng_double(rng);
}

/* Columns for a part, and the same numbers by sample for the twin. */
typedef struct Numbers { double column[2][AUGMENT_KINDS][N], sample[N][2][AUGMENT_KINDS]; } Numbers;

static void draw_numbers (Numbers *all, int channels, Augment *a) {
  Rng rng;
  rng_seed(&rng, 4, (uint64_t)channels);
  for (int p = 0; p < a->parts; p++) {
    a->part[p] = augment_nothing();
    for (int s = 0; s < N; s++) draw_kinds(&rng, channels, p == 0, all->sample[s][p]);
    for (int k = 0; k < AUGMENT_KINDS; k++) {
      for (int s = 0; s < N; s++) all->column[p][k][s] = all->sample[s][p][k];
      a->part[p].given[k] = all->column[p][k];
    }
    if (channels != 3) a->part[p].given[AUGMENT_SATURATION] = NULL;
  }
}

static void check_part (const Kernels *kernels, const Data *d, const Augment *a, Numbers *all, WarpPart part) {
  WarpFrame frame = augment_frame(a, d);
  int width = 32;
  size_t rows = (size_t)(part.channel1 - part.channel0) * part.apart;
  float *x = calloc(rows * (size_t)width, sizeof *x);
  Warp warp[N];
  const uint8_t *bytes[N];
  const float *floats[N];
  assert_non_null(x);
  assert_null(augment_check(a, d));
  for (int s = 0; s < N; s++) {
    warp[s] = augment_warp(a, &frame, d, 1, 1, s);
    if (d->type == DATA_U8) bytes[s] = d->u8 + s * d->n_features;
    else floats[s] = d->f32 + s * d->n_features;
  }
  if (d->type == DATA_U8) kernels->warp_bytes(x, &part, (size_t)width, width, bytes, warp, &frame, N, 1, NULL, NULL);
  else kernels->warp_floats(x, &part, (size_t)width, width, floats, warp, &frame, N, 1, NULL, NULL);
  for (int c = part.channel0; c < part.channel1; c++)
    for (int p = part.pixel0; p < part.pixel1; p++)
      for (int s = 0; s < N; s++) {
        double ours = (double)x[((size_t)(c - part.channel0) * part.apart + (size_t)(p - part.pixel0)) * (size_t)width + (size_t)s];
        double theirs = twin(d, s, a->parts, all->sample[s], c, p / WIDTH, p % WIDTH);
        if (!(fabs(ours - theirs) <= 2e-3)) fail_msg("sample %d, channel %d, pixel %d: %.9g, the twin says %.9g", s, c, p, ours, theirs);
      }
  free(x);
}

static void test_like_the_twin (void **state) {
  const Kernels *kernels = isa_kernels(state);
  static Numbers all;
  for (int way = 0; way < 8; way++) {
    int channels = way & 1 ? 3 : 1;
    Data *d = pictures(way & 2 ? DATA_F32 : DATA_U8, channels);
    Augment a = { .parts = 1 + way / 4 };
    draw_numbers(&all, channels, &a);
    check_part(kernels, d, &a, &all, (WarpPart){ 0, channels, 0, SIZE, SIZE });
    check_part(kernels, d, &a, &all, (WarpPart){ channels - 1, channels, 21, SIZE - 5, SIZE });
    data_free(d);
  }
}

/* ---- what is drawn ---- */

/* A crop moves by whole pixels, each as often; a share of the image stays inside it. */
static void test_crops (void **state) {
  (void)state;
  enum { DRAWS = 9000 };
  Data *d = pictures(DATA_U8, 3);
  Augment crop = { .parts = 1, .part = { augment_nothing() } }, area = crop;
  crop.part[0].low[AUGMENT_ROW_CROP] = crop.part[0].low[AUGMENT_COLUMN_CROP] = -1;
  crop.part[0].high[AUGMENT_ROW_CROP] = crop.part[0].high[AUGMENT_COLUMN_CROP] = 1;
  area.part[0].low[AUGMENT_AREA] = 0.3;
  area.part[0].low[AUGMENT_ASPECT] = 0.75;
  area.part[0].high[AUGMENT_ASPECT] = 4.0 / 3;
  WarpFrame cropped = augment_frame(&crop, d), shared = augment_frame(&area, d);
  int count[3][3] = { { 0 } }, wider = 0;
  for (int s = 0; s < DRAWS; s++) {
    Warp w = augment_warp(&crop, &cropped, d, 1, 1, s);
    count[1 + (w.y >> 32)][1 + (w.x >> 32)]++;
    assert_true((w.y & 0xffffffff) == 0 && (w.x & 0xffffffff) == 0);
    w = augment_warp(&area, &shared, d, 1, 1, s);
    double high = (double)w.y_row * 0x1p-32, wide = (double)w.x_column * 0x1p-32;
    double top = (double)w.y * 0x1p-32 + 0.5 - high / 2, left = (double)w.x * 0x1p-32 + 0.5 - wide / 2;
    assert_true(high * wide > 0.3 - 1e-6 && high <= 1 && wide <= 1 && wide / high > 0.75 - 1e-6 && wide / high < 4.0 / 3 + 1e-6);
    assert_true(top >= -1e-6 && top + high * HEIGHT <= HEIGHT + 1e-6 && left >= -1e-6 && left + wide * WIDTH <= WIDTH + 1e-6);
    wider += wide > high;
  }
  for (int i = 0; i < 9; i++) assert_true(abs(count[i / 3][i % 3] - DRAWS / 9) < 150);
  assert_true(abs(wider - DRAWS / 2) < 250);
  data_free(d);
}

/* TrivialAugment changes one thing: place or colour, not both; and nothing in one of nine. */
static void test_trivial (void **state) {
  (void)state;
  enum { DRAWS = 9000 };
  for (int channels = 1; channels <= 3; channels += 2) {
    Data *d = pictures(DATA_U8, channels);
    Augment a = { .parts = 1, .part = { augment_nothing() } };
    a.part[0].trivial = 1;
    WarpFrame frame = augment_frame(&a, d);
    AugmentMap map = augment_map(a.part[0].low, HEIGHT, WIDTH);
    Warp same = augment_warp_of(&map, 1);
    int nothing = 0, moved = 0, coloured = 0;
    for (int s = 0; s < DRAWS; s++) {
      Warp w = augment_warp(&a, &frame, d, (uint64_t)s, 1, s % N);
      int moves = w.y != same.y || w.x != same.x || w.y_row != same.y_row || w.x_column != same.x_column;
      int colours = w.brightness < 1 || w.brightness > 1;
      assert_false(moves && colours);
      moved += moves;
      coloured += colours;
      nothing += !moves && !colours;
    }
    int changes = channels == 3 ? 9 : 8;
    assert_true(abs(nothing - DRAWS / changes) < 120 && abs(moved - 5 * DRAWS / changes) < 200 && abs(coloured - (changes - 6) * DRAWS / changes) < 200);
    data_free(d);
  }
}

/* A kind from contrast on leaves the draws of the others as they were. */
static void test_streams (void **state) {
  (void)state;
  Data *d = pictures(DATA_U8, 3);
  Augment plain = { .parts = 2, .part = { augment_nothing(), augment_nothing() } };
  plain.part[0].low[AUGMENT_ROTATION] = plain.part[1].low[AUGMENT_ROTATION] = -20;
  Augment more = plain;
  more.part[0].low[AUGMENT_CONTRAST] = 0.5;
  more.part[0].low[AUGMENT_CUTOUT] = more.part[0].high[AUGMENT_CUTOUT] = 4;
  WarpFrame frame = augment_frame(&plain, d), other = augment_frame(&more, d);
  assert_false(frame.is_coloured || frame.is_cut || frame.draws_more);
  assert_true(other.is_coloured && other.is_cut && other.draws_more && !other.is_saturated);
  for (int s = 0; s < N; s++) {
    Warp v = augment_warp(&plain, &frame, d, 1, 1, s), w = augment_warp(&more, &other, d, 1, 1, s);
    assert_true(v.y == w.y && v.x_column == w.x_column && w.brightness < 1 && w.row1 - w.row0 == 4 && v.row1 == 0);
  }
  data_free(d);
}

static void test_refused (void **state) {
  (void)state;
  Data *d = pictures(DATA_U8, 1);
  Augment a = { .parts = 1, .part = { augment_nothing() } };
  assert_null(augment_check(&a, d));
  a.part[0].high[AUGMENT_SATURATION] = 1.5;
  assert_string_equal(augment_check(&a, d), "saturation is of colours: it needs images of three channels");
  data_free(d);
}

int main (void) {
  const struct CMUnitTest tests[] = { EACH_ISA(test_like_the_twin), cmocka_unit_test(test_crops), cmocka_unit_test(test_trivial),
                                      cmocka_unit_test(test_streams), cmocka_unit_test(test_refused) };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("recolour", tests, NULL, NULL);
}
