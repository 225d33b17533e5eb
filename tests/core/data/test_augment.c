/*
** Augmentation: the kernels of every instruction set that this machine has against the formulas of
** Keras's map in double precision; what is drawn; and training on images so changed.
*/
#include "isa.h"
#include "net_fixture.h"
#include <stdlib.h>
#include <string.h>

static const Kernels *kernels;  /* the set under test */

/* ---- the twin: 3 x 3 matrices as written, and SciPy's rules for what lies outside ---- */

typedef struct Matrix { double m[3][3]; } Matrix;

static Matrix times (Matrix a, Matrix b) {
  Matrix c = { { { 0 } } };
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      for (int k = 0; k < 3; k++) c.m[i][j] += a.m[i][k] * b.m[k][j];
  return c;
}

static Matrix moved (double x, double y) { return (Matrix){ { { 1, 0, x }, { 0, 1, y }, { 0, 0, 1 } } }; }

/* Keras: x is the first axis, tx its shift, until both axes are swapped. The middle stays where it is. */
static Matrix twin_matrix (const double d[AUGMENT_KINDS], int h, int w) {
  const double degree = acos(-1) / 180;
  double t = d[AUGMENT_ROTATION] * degree, s = d[AUGMENT_SHEAR] * degree;
  Matrix turn = { { { cos(t), -sin(t), 0 }, { sin(t), cos(t), 0 }, { 0, 0, 1 } } };
  Matrix shear = { { { 1, -sin(s), 0 }, { 0, cos(s), 0 }, { 0, 0, 1 } } };
  Matrix zoom = { { { d[AUGMENT_COLUMN_ZOOM], 0, 0 }, { 0, d[AUGMENT_ROW_ZOOM], 0 }, { 0, 0, 1 } } };
  Matrix swap = { { { 0, 1, 0 }, { 1, 0, 0 }, { 0, 0, 1 } } };
  Matrix m = times(times(turn, moved(d[AUGMENT_COLUMN_SHIFT] * w, d[AUGMENT_ROW_SHIFT] * h)), times(shear, zoom));
  m = times(times(moved(w / 2.0 - 0.5, h / 2.0 - 0.5), m), moved(-(w / 2.0 - 0.5), -(h / 2.0 - 0.5)));
  return times(times(swap, m), swap);
}

/* A coordinate outside to one inside, or to -1: the constant. */
static double twin_inside (double c, int n, AugmentFill fill) {
  if (c >= 0 && c <= n - 1) return c;
  if (fill == AUGMENT_CONSTANT) return -1;
  if (fill == AUGMENT_NEAREST || n == 1) return c < 0 ? 0 : n - 1;
  if (fill == AUGMENT_WRAP) return c < 0 ? c + (n - 1) * (trunc(-c / (n - 1)) + 1) : c - (n - 1) * trunc(c / (n - 1));
  c = fmod(c + 0.5, 2 * n);
  if (c < 0) c += 2 * n;
  if (c > n) c = 2 * n - c;
  return fmin(n - 1, fmax(0, c - 0.5));
}

/* Where constant and wrap jump, and halfway between pixels that are not mixed, the last bit of a
** coordinate decides. */
static int on_the_edge (double c, int n, AugmentFill fill, AugmentSampling sampling) {
  if (sampling == AUGMENT_NEAREST_PIXEL && fabs(c - floor(c) - 0.5) < 2e-6) return 1;
  double period = n > 1 ? n - 1 : 1, near = fabs(c / period - round(c / period)) * period;
  return (fill == AUGMENT_CONSTANT || fill == AUGMENT_WRAP) && near < 2e-6 && near > 0;
}

typedef struct Picture { int channels, height, width, floats; const uint8_t *u8; const float *f32; } Picture;

static double raw (const Picture *p, int channel, int row, int column) {
  size_t k = ((size_t)channel * (size_t)p->height + (size_t)row) * (size_t)p->width + (size_t)column;
  return p->floats ? (double)p->f32[k] : (double)p->u8[k];
}

static double twin_sample (const Picture *p, int channel, double y, double x, AugmentFill fill, AugmentSampling sampling, double value) {
  double cy = twin_inside(y, p->height, fill), cx = twin_inside(x, p->width, fill), sum = 0;
  if (cy < 0 || cx < 0) return value;
  if (sampling == AUGMENT_NEAREST_PIXEL) return raw(p, channel, (int)floor(cy + 0.5), (int)floor(cx + 0.5));
  int y0 = (int)floor(cy), x0 = (int)floor(cx);
  for (int j = 0; j < 2; j++)
    for (int i = 0; i < 2; i++) {
      double weight = (j ? cy - y0 : 1 - (cy - y0)) * (i ? cx - x0 : 1 - (cx - x0));
      if (weight > 0) sum += weight * raw(p, channel, y0 + j, x0 + i);
    }
  return sum;
}

/* Pixel (row, column) of what several parts make of the picture; NAN: do not ask. */
static double twin_pixel (const Picture *p, int parts, const double drawn[][AUGMENT_KINDS], int channel, int row, int column,
                          AugmentFill fill, AugmentSampling sampling, double value) {
  double y = row, x = column, brightness = 1;
  for (int k = parts - 1; k >= 0; k--) {
    const double *d = drawn[k];
    Matrix m = twin_matrix(d, p->height, p->width);
    if (d[AUGMENT_FLIP_VERTICAL] != 0) y = p->height - 1 - y;
    if (d[AUGMENT_FLIP_HORIZONTAL] != 0) x = p->width - 1 - x;
    double from_y = m.m[0][0] * y + m.m[0][1] * x + m.m[0][2];
    x = m.m[1][0] * y + m.m[1][1] * x + m.m[1][2];
    y = from_y;
    brightness *= d[AUGMENT_BRIGHTNESS];
  }
  if (on_the_edge(y, p->height, fill, sampling) || on_the_edge(x, p->width, fill, sampling)) return (double)NAN;
  double v = twin_sample(p, channel, y, x, fill, sampling, value) * brightness;
  return p->floats ? v : fmin(v, 255);
}

/* ---- kernels against the twin ---- */

enum { SAMPLES = 37, MOST_FEATURES = 3072 };

/* Images each in a block of its own, to the byte, for the address sanitizer. */
typedef struct Images {
  int channels, height, width, n;
  uint8_t *u8[SAMPLES];
  float *f32[SAMPLES], *scale, *shift;
} Images;

static Images images_make (int channels, int height, int width) {
  Images m = { channels, height, width, channels * height * width, { NULL }, { NULL }, NULL, NULL };
  size_t n = (size_t)m.n;
  Rng rng;
  rng_seed(&rng, 5, 0);
  m.scale = malloc(n * sizeof(float));
  m.shift = malloc(n * sizeof(float));
  for (size_t k = 0; k < n; k++) {
    m.scale[k] = 0.5f + (float)rng_double(&rng);
    m.shift[k] = (float)rng_double(&rng) * 50;
  }
  for (int s = 0; s < SAMPLES; s++) {
    m.u8[s] = malloc(n);
    m.f32[s] = malloc(n * sizeof(float));
    assert_true(m.u8[s] && m.f32[s]);
    for (size_t k = 0; k < n; k++) {
      m.u8[s][k] = (uint8_t)rng_below(&rng, 256);
      m.f32[s][k] = (float)rng_normal(&rng) * 100;
    }
  }
  return m;
}

static void images_free (Images *m) {
  for (int s = 0; s < SAMPLES; s++) {
    free(m->u8[s]);
    free(m->f32[s]);
  }
  free(m->scale);
  free(m->shift);
}

typedef struct Case { int batch, floats, standardised, parts; WarpPart part; size_t stride; AugmentFill fill; AugmentSampling sampling; float value; } Case;

static void check_pixel (const Images *m, const Case *c, const double drawn[][AUGMENT_KINDS], int b, int f, float got) {
  int plane = m->height * m->width;
  Picture p = { m->channels, m->height, m->width, c->floats, m->u8[b], m->f32[b] };
  double want = twin_pixel(&p, c->parts, drawn, f / plane, f % plane / m->width, f % m->width, c->fill, c->sampling, (double)c->value);
  if (isnan(want)) return;
  if (c->standardised) want = want * 0.5 * (double)m->scale[f] + (double)m->shift[f];
  else want *= 0.5;
  if (fabs((double)got - want) > 1e-3)
    fail_msg("%s, %d x %d x %d, fill %d, sampling %d, floats %d, channels %d to %d, pixels %d to %d, sample %d of %d, feature %d: got %.9g, want %.9g", kernels->isa,
             m->channels, m->height, m->width, (int)c->fill, (int)c->sampling, c->floats, (int)c->part.channel0, (int)c->part.channel1, (int)c->part.pixel0, (int)c->part.pixel1, b, c->batch, f, (double)got, want);
}

/* Columns past the batch become 0; those past the width, and rows between two channels, stay as
** they are. */
static void check_rows (const Images *m, const Case *c, const double drawn[SAMPLES][2][AUGMENT_KINDS], int width, const float *x) {
  int apart = (int)c->part.apart, pixels = c->part.pixel1 - c->part.pixel0;
  for (int row = 0; row < (c->part.channel1 - c->part.channel0) * apart; row++)
    for (size_t b = 0; b < c->stride; b++) {
      float got = x[(size_t)row * c->stride + b];
      int f = (c->part.channel0 + row / apart) * m->height * m->width + c->part.pixel0 + row % apart;
      int made = row % apart < pixels && b < (size_t)width;
      if (made && b < (size_t)c->batch) check_pixel(m, c, drawn[b], (int)b, f, got);
      else if (got != (made ? 0 : 7)) fail_msg("%s: row %d, column %zu of %d became %.9g", kernels->isa, row, b, c->batch, (double)got);
    }
}

static void check_case (const Images *m, const Case *c, const double drawn[SAMPLES][2][AUGMENT_KINDS]) {
  WarpFrame frame = { .channels = m->channels, .height = m->height, .width = m->width, .fill = c->fill, .value = c->value, .brightest = c->floats ? 3e38f : 255, .sampling = c->sampling };
  Warp *warp = malloc((size_t)c->batch * sizeof *warp);
  size_t n = (size_t)(c->part.channel1 - c->part.channel0) * c->part.apart * c->stride;
  float *x = malloc(n * sizeof *x + 1);
  int width = (c->batch + STRIDE_STEP - 1) / STRIDE_STEP * STRIDE_STEP;
  assert_true(warp && x);
  for (size_t e = 0; e < n; e++) x[e] = 7;
  for (int b = 0; b < c->batch; b++) {
    AugmentMap map = augment_map(drawn[b][0], m->height, m->width);
    double brightness = drawn[b][0][AUGMENT_BRIGHTNESS];
    if (c->parts == 2) {
      map = augment_map_after(&map, drawn[b][1], m->height, m->width);
      brightness *= drawn[b][1][AUGMENT_BRIGHTNESS];
    }
    warp[b] = augment_warp_of(&map, brightness);
  }
  const float *scale = c->standardised ? m->scale : NULL, *shift = c->standardised ? m->shift : NULL;
  if (c->floats)
    kernels->warp_floats(x, &c->part, c->stride, width, (const float *const *)m->f32, warp, &frame, c->batch, 0.5f, scale, shift);
  else
    kernels->warp_bytes(x, &c->part, c->stride, width, (const uint8_t *const *)m->u8, warp, &frame, c->batch, 0.5f, scale, shift);
  check_rows(m, c, drawn, width, x);
  free(warp);
  free(x);
}

/* Rotated, moved, sheared and zoomed as `strong` says; at 0 moved by whole pixels alone, at most
** the image's size and two more. */
static void draw_all (Rng *rng, double strong, int height, int width, double d[AUGMENT_KINDS]) {
  AugmentPart nothing = augment_nothing();
  memcpy(d, nothing.low, sizeof nothing.low);
  d[AUGMENT_FLIP_VERTICAL] = (double)rng_below(rng, 2);
  d[AUGMENT_FLIP_HORIZONTAL] = (double)rng_below(rng, 2);
  d[AUGMENT_ROW_SHIFT] = ((double)rng_below(rng, (uint64_t)(2 * height + 5)) - height - 2) / height;
  d[AUGMENT_COLUMN_SHIFT] = ((double)rng_below(rng, (uint64_t)(2 * width + 5)) - width - 2) / width;
  if (!(strong > 0)) return;
  d[AUGMENT_ROTATION] = strong * (rng_double(rng) - 0.5) * 60;
  d[AUGMENT_SHEAR] = strong * (rng_double(rng) - 0.5) * 30;
  d[AUGMENT_ROW_SHIFT] = strong * (rng_double(rng) - 0.5);
  d[AUGMENT_COLUMN_SHIFT] = strong * (rng_double(rng) - 0.5);
  d[AUGMENT_ROW_ZOOM] = 1 + 0.4 * strong * (rng_double(rng) - 0.5);
  d[AUGMENT_COLUMN_ZOOM] = 1 + 0.4 * strong * (rng_double(rng) - 0.5);
  d[AUGMENT_BRIGHTNESS] = 1 + 0.5 * (rng_double(rng) - 0.5);
}

static const int shapes[][3] = {
  { 1, 5, 7 }, { 3, 8, 8 }, { 1, 28, 28 }, { 3, 32, 32 }, { 1, 1, 9 }, { 1, 9, 1 }, { 2, 3, 40 }, { 1, 10, 14 }, { 3, 14, 10 }, { 5, 2, 3 }, { 4, 1, 1 }, { 1, 2, 2 } };
enum { SHAPES = sizeof shapes / sizeof *shapes };

static void check_shape (const int shape[3], AugmentFill fill, AugmentSampling sampling, int floats) {
  static double drawn[SAMPLES][2][AUGMENT_KINDS];
  static const double strength[] = { 0, 0.3, 1, 4 };   /* the last looks far beyond the image */
  static const int batches[] = { 1, 37, 16, 9 };
  Images m = images_make(shape[0], shape[1], shape[2]);
  int large = m.n > 1000;
  for (int i = 0; i < 4; i++) {
    Rng rng;
    rng_seed(&rng, (uint64_t)(i + 10 * (int)fill), 0);
    for (int s = 0; s < SAMPLES; s++)
      for (int p = 0; p < 2; p++) draw_all(&rng, strength[i], m.height, m.width, drawn[s][p]);
    int pixels = m.height * m.width;
    Case c = { .batch = large ? 5 : batches[i], .part = { 0, m.channels, 0, pixels, (size_t)pixels }, .floats = floats, .standardised = i & 1, .parts = 1 + i / 2 % 2, .fill = fill, .sampling = sampling, .value = 130 };
    c.stride = (size_t)(c.batch + 15) / 16 * 16;
    check_case(&m, &c, drawn);
    c.stride += 16;
    c.part = (WarpPart){ m.channels / 2, m.channels, pixels / 3, pixels - pixels / 4, (size_t)pixels };
    check_case(&m, &c, drawn);
  }
  images_free(&m);
}

static void test_like_the_twin (void **state) {
  kernels = isa_kernels(state);
  for (int shape = 0; shape < SHAPES; shape++)
    for (int fill = 0; fill < 4; fill++)
      for (int way = 0; way < 4; way++) check_shape(shapes[shape], (AugmentFill)fill, (AugmentSampling)(way / 2), way & 1);
}

/* Whatever is turned, sheared and zoomed, the middle of an image of any shape stays in place; a shift
** moves it by shares of the height and the width, turned. */
static void test_about_the_middle (void **state) {
  (void)state;
  Rng rng;
  rng_seed(&rng, 8, 0);
  for (int shape = 0; shape < SHAPES; shape++)
    for (int round = 0; round < 40; round++) {
      int h = shapes[shape][1], w = shapes[shape][2], moves = round & 1;
      double d[AUGMENT_KINDS], y = (h - 1) / 2.0, x = (w - 1) / 2.0;
      draw_all(&rng, 1, h, w, d);
      if (!moves) d[AUGMENT_ROW_SHIFT] = d[AUGMENT_COLUMN_SHIFT] = 0;
      double turn = d[AUGMENT_ROTATION] * acos(-1) / 180, down = d[AUGMENT_ROW_SHIFT] * h, right = d[AUGMENT_COLUMN_SHIFT] * w;
      AugmentMap m = augment_map(d, h, w);
      assert_true(fabs(m.row[0] * y + m.row[1] * x + m.row[2] - (y + sin(turn) * right + cos(turn) * down)) < 1e-9);
      assert_true(fabs(m.column[0] * y + m.column[1] * x + m.column[2] - (x + cos(turn) * right - sin(turn) * down)) < 1e-9);
    }
}

/* What `d` makes of picture 0, whose features are bytes. */
static void warp_one (const Images *m, const double d[AUGMENT_KINDS], float *x) {
  WarpFrame frame = { .channels = m->channels, .height = m->height, .width = m->width, .fill = AUGMENT_CONSTANT, .brightest = 255 };
  AugmentMap map = augment_map(d, m->height, m->width);
  Warp warp = augment_warp_of(&map, 1);
  int32_t pixels = m->height * m->width;
  WarpPart all = { 0, m->channels, 0, pixels, (size_t)pixels };
  float *row = calloc((size_t)m->n * STRIDE_STEP, sizeof *row);
  const uint8_t *image[1] = { m->u8[0] };
  assert_non_null(row);
  kernels->warp_bytes(row, &all, STRIDE_STEP, STRIDE_STEP, image, &warp, &frame, 1, 1, NULL, NULL);
  for (int f = 0; f < m->n; f++) x[f] = row[(size_t)f * STRIDE_STEP];
  free(row);
}

/* Turned by 180 degrees: rows and columns in reverse, nothing from outside. */
static void test_half_a_turn (void **state) {
  kernels = isa_kernels(state);
  for (int shape = 0; shape < SHAPES; shape++) {
    Images m = images_make(shapes[shape][0], shapes[shape][1], shapes[shape][2]);
    AugmentPart turn = augment_nothing(), flips = augment_nothing();
    turn.low[AUGMENT_ROTATION] = 180;
    flips.low[AUGMENT_FLIP_VERTICAL] = flips.low[AUGMENT_FLIP_HORIZONTAL] = 1;
    float turned[MOST_FEATURES], flipped[MOST_FEATURES];
    warp_one(&m, turn.low, turned);
    warp_one(&m, flips.low, flipped);
    int plane = m.height * m.width;
    for (int f = 0; f < m.n; f++) {
      float want = m.u8[0][f / plane * plane + plane - 1 - f % plane];
      assert_true(fabs((double)(turned[f] - want)) < 1e-3 && flipped[f] == want);
    }
    images_free(&m);
  }
}

/* Nothing done: the plain batch, bit by bit where nothing is scaled. */
static void test_nothing (void **state) {
  kernels = isa_kernels(state);
  Images m = images_make(3, 6, 11);
  WarpFrame frame = { .channels = 3, .height = 6, .width = 11, .fill = AUGMENT_CONSTANT, .value = 9, .brightest = 255 };
  AugmentMap map = augment_map(augment_nothing().low, 6, 11);
  Warp warp[SAMPLES];
  for (int s = 0; s < SAMPLES; s++) warp[s] = augment_warp_of(&map, 1);
  size_t stride = 48, n = (size_t)m.n * stride;
  float *x = calloc(n, sizeof *x), *y = calloc(n, sizeof *y);
  assert_true(x && y);
  WarpPart all = { 0, 3, 0, 66, 66 };
  kernels->warp_bytes(x, &all, stride, 48, (const uint8_t *const *)m.u8, warp, &frame, SAMPLES, 1, NULL, NULL);
  kernels->batch_bytes(y, 0, m.n, stride, 48, (const uint8_t *const *)m.u8, SAMPLES, 1, NULL, NULL);
  assert_memory_equal(x, y, n * sizeof *x);
  free(x);
  free(y);
  images_free(&m);
}

/* ---- what is drawn ---- */

static Data *pictures (int32_t n, DataType type) {
  Data *d = make_data(n, 3 * 8 * 8, 4, type, 6);
  d->channels = 3;
  d->height = d->width = 8;
  return d;
}

static Augment usual (void) {
  Augment a = { .parts = 1, .part = { augment_nothing() } };
  AugmentPart *p = &a.part[0];
  p->low[AUGMENT_ROTATION] = -10;
  p->high[AUGMENT_ROTATION] = 10;
  p->low[AUGMENT_ROW_SHIFT] = p->low[AUGMENT_COLUMN_SHIFT] = -0.1;
  p->high[AUGMENT_ROW_SHIFT] = p->high[AUGMENT_COLUMN_SHIFT] = 0.1;
  p->high[AUGMENT_FLIP_HORIZONTAL] = 0.5;
  return a;
}

/* The angle and the flip can be read off the map: its columns' step is (sin, cos), or less. */
static double angle_of (const Warp *w, int *flipped) {
  *flipped = w->x_column < 0;
  return atan2((double)w->y_column * (*flipped ? -1 : 1), fabs((double)w->x_column)) * 180 / acos(-1);
}

static void test_drawn (void **state) {
  (void)state;
  enum { N = 20000 };
  Data *d = pictures(4, DATA_U8);
  Augment a = usual(), only_flips = usual();
  only_flips.part[0].low[AUGMENT_ROTATION] = only_flips.part[0].high[AUGMENT_ROTATION] = 0;
  WarpFrame frame = augment_frame(&a, d);
  double sum = 0, squares = 0;
  int flips = 0, flipped, other;
  for (int32_t s = 0; s < N; s++) {
    Warp w = augment_warp(&a, &frame, d, 1, 1, s), alone = augment_warp(&only_flips, &frame, d, 1, 1, s);
    double angle = angle_of(&w, &flipped);
    assert_true(fabs(angle) <= 10 + 1e-6);
    assert_true(fabs(angle_of(&alone, &other)) < 1e-6 && flipped == other);  /* one kind less, the rest the same */
    sum += angle;
    squares += angle * angle;
    flips += flipped;
  }
  assert_true(fabs(sum / N) < 0.15 && fabs(squares / N - 100.0 / 3) < 1);
  assert_true(abs(flips - N / 2) < 300);
  data_free(d);
}

/* Another seed, epoch or sample is another draw; the same is the same. */
static void test_streams (void **state) {
  (void)state;
  Data *d = pictures(4, DATA_U8);
  Augment a = usual();
  WarpFrame frame = augment_frame(&a, d);
  Warp first = augment_warp(&a, &frame, d, 1, 1, 0), again = augment_warp(&a, &frame, d, 1, 1, 0);
  assert_true(first.y == again.y && first.x_column == again.x_column);
  Warp others[] = { augment_warp(&a, &frame, d, 2, 1, 0), augment_warp(&a, &frame, d, 1, 2, 0), augment_warp(&a, &frame, d, 1, 1, 1) };
  for (int i = 0; i < 3; i++) assert_true(others[i].y != first.y && others[i].y != others[(i + 1) % 3].y);
  data_free(d);
}

static void test_given (void **state) {
  (void)state;
  Data *d = pictures(4, DATA_U8);
  Augment a = usual();
  const double turns[] = { 0, 3, -7, 45 };
  a.part[0].given[AUGMENT_ROTATION] = turns;
  a.samples = 4;
  assert_null(augment_check(&a, d));
  WarpFrame frame = augment_frame(&a, d);
  for (int32_t s = 0; s < 4; s++) {
    int flipped;
    Warp w = augment_warp(&a, &frame, d, 1, 1, s);
    assert_true(fabs(angle_of(&w, &flipped) - turns[s]) < 1e-6);
  }
  data_free(d);
}

static void test_refused (void **state) {
  (void)state;
  Data *d = pictures(4, DATA_U8);
  Augment a = usual();
  assert_null(augment_check(&a, d));
  a.samples = 3;
  assert_string_equal(augment_check(&a, d), "numbers are given for another number of samples");
  a.samples = 0;
  d->height = 7;
  assert_string_equal(augment_check(&a, d), "the images' sizes do not fit their features");
  d->channels = d->height = d->width = 0;
  assert_string_equal(augment_check(&a, d), "the data are not images");
  data_free(d);
}

/* ---- training ---- */

static const Recipe recipe = { .size = { 192, 40, 30, 4 }, .density = { 0.2, 0.3, 1 }, .hidden = "relu", .output = "linear",
                               .loss = "cross_entropy", .dropout = 0.2f, .seed = 3 };

/* Three epochs, the second in slices; all parameters, to be given to mem_free. */
static float *trained (const Recipe *r, const Data *d, const Augment *a, int64_t *n, double *loss) {
  Net *net = make_net(r);
  Protocol p = { .batch = 13, .rate = 0.05f, .momentum = 0.9f, .augment = a };
  EpochResult result;
  *loss = 0;
  for (int32_t epoch = 1; epoch <= 3; epoch++) {
    p.steps = epoch == 2 ? 3 : 0;
    for (p.first_step = 0; p.first_step < d->n / 13; p.first_step += p.steps ? p.steps : d->n) {
      assert_int_equal(net_train_epoch(net, d, &p, epoch, NULL, NULL, &result), NET_OK);
      *loss += result.loss;
    }
  }
  float *all = all_parameters(net, n);
  net_free(net);
  return all;
}

static void test_threads_do_not_matter (void **state) {
  kernels = isa_kernels(state);
  for (int way = 0; way < 4; way++) {
    Recipe r = recipe;
    Data *d = pictures(100, way & 1 ? DATA_F32 : DATA_U8);
    Augment a = usual();
    int64_t n;
    double loss, other;
    r.isa = kernels->isa;
    r.bf16 = way / 2;
    r.threads = 1;
    a.fill = (AugmentFill)way;
    float *one = trained(&r, d, &a, &n, &loss);
    for (r.threads = 2; r.threads <= 5; r.threads++) {
      float *several = trained(&r, d, &a, &n, &other);
      assert_memory_equal(one, several, (size_t)n * sizeof *one);
      mem_free(several);
    }
    float *plain = trained(&r, d, NULL, &n, &other);
    assert_memory_not_equal(one, plain, (size_t)n * sizeof *one);
    mem_free(one);
    mem_free(plain);
    data_free(d);
  }
}

/* The same as training, without augmentation, on images that were changed beforehand. Evaluation
** sees them as they are. */
static void test_as_if_changed_before (void **state) {
  Recipe r = recipe;
  kernels = isa_kernels(state);
  r.isa = kernels->isa;
  r.threads = 2;
  Data *d = pictures(60, DATA_U8), *changed = pictures(60, DATA_F32);
  Augment a = usual();
  WarpFrame frame = augment_frame(&a, d);
  WarpPart all = { 0, 3, 0, 64, 64 };
  for (int32_t s = 0; s < d->n; s++) {
    Warp w = augment_warp(&a, &frame, d, r.seed, 1, s);
    const uint8_t *row[1] = { d->u8 + s * 192 };
    float x[192][STRIDE_STEP];
    kernels->warp_bytes(x[0], &all, STRIDE_STEP, STRIDE_STEP, row, &w, &frame, 1, 1, NULL, NULL);
    for (int f = 0; f < 192; f++) changed->f32[s * 192 + f] = x[f][0];
  }
  changed->unit = d->unit;
  Net *net = make_net(&r), *other = make_net(&r);
  Protocol p = { .batch = 10, .rate = 0.05f };
  EpochResult result, wanted;
  double loss[2], accuracy;
  assert_int_equal(net_train_epoch(other, changed, &p, 1, NULL, NULL, &wanted), NET_OK);
  p.augment = &a;
  assert_int_equal(net_train_epoch(net, d, &p, 1, NULL, NULL, &result), NET_OK);
  assert_true(fabs(result.loss - wanted.loss) < 1e-5 && fabs(result.accuracy - wanted.accuracy) < 1e-9);
  assert_int_equal(net_evaluate(net, d, NULL, NULL, &loss[0], &accuracy), NET_OK);
  assert_int_equal(net_evaluate(other, d, NULL, NULL, &loss[1], &accuracy), NET_OK);
  assert_true(fabs(loss[0] - loss[1]) < 1e-5);
  net_free(net);
  net_free(other);
  data_free(d);
  data_free(changed);
}

/* Sets of kernels sum in different orders, but see the same images. */
static void test_instruction_sets_agree (void **state) {
  (void)state;
  double first = 0;
  for (int set = 0; set < 3; set++) {
    Recipe r = recipe;
    r.isa = isa_names[set];
    if (!kernels_choose(r.isa)) continue;
    Data *d = pictures(60, DATA_U8);
    Augment a = usual();
    int64_t n;
    double loss;
    mem_free(trained(&r, d, &a, &n, &loss));
    if (set == 0) first = loss;
    if (fabs(loss - first) > 1e-3) fail_msg("%s: %.9g, portable %.9g", r.isa, loss, first);
    data_free(d);
  }
}

int main (void) {
  const struct CMUnitTest tests[] = {
    EACH_ISA(test_like_the_twin), cmocka_unit_test(test_about_the_middle), EACH_ISA(test_half_a_turn), EACH_ISA(test_nothing),
    cmocka_unit_test(test_drawn), cmocka_unit_test(test_streams), cmocka_unit_test(test_given), cmocka_unit_test(test_refused),
    EACH_ISA(test_threads_do_not_matter), EACH_ISA(test_as_if_changed_before), cmocka_unit_test(test_instruction_sets_agree),
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("augment", tests, NULL, NULL);
}
