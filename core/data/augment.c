#include "data/augment.h"
#include "base/rng.h"
#include <float.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

const char *const augment_names[AUGMENT_KINDS + 1] = {
  [AUGMENT_ROTATION] = "rotation", [AUGMENT_ROW_SHIFT] = "row_shift", [AUGMENT_COLUMN_SHIFT] = "column_shift",
  [AUGMENT_SHEAR] = "shear", [AUGMENT_ROW_ZOOM] = "row_zoom", [AUGMENT_COLUMN_ZOOM] = "column_zoom",
  [AUGMENT_BRIGHTNESS] = "brightness", [AUGMENT_FLIP_VERTICAL] = "flip_vertical",
  [AUGMENT_FLIP_HORIZONTAL] = "flip_horizontal", [AUGMENT_CONTRAST] = "contrast", [AUGMENT_SATURATION] = "saturation",
  [AUGMENT_ROW_CROP] = "row_crop", [AUGMENT_COLUMN_CROP] = "column_crop", [AUGMENT_AREA] = "area", [AUGMENT_ASPECT] = "aspect",
  [AUGMENT_AREA_ROW] = "area_row", [AUGMENT_AREA_COLUMN] = "area_column", [AUGMENT_CUTOUT] = "cutout",
  [AUGMENT_CUTOUT_ROW] = "cutout_row", [AUGMENT_CUTOUT_COLUMN] = "cutout_column",
};

AugmentPart augment_nothing (void) {
  AugmentPart part = { .low = { 0 } };
  const AugmentKind ones[] = { AUGMENT_ROW_ZOOM, AUGMENT_COLUMN_ZOOM, AUGMENT_BRIGHTNESS, AUGMENT_CONTRAST, AUGMENT_SATURATION, AUGMENT_AREA, AUGMENT_ASPECT };
  for (size_t k = 0; k < sizeof ones / sizeof *ones; k++) part.low[ones[k]] = part.high[ones[k]] = 1;
  const AugmentKind places[] = { AUGMENT_AREA_ROW, AUGMENT_AREA_COLUMN, AUGMENT_CUTOUT_ROW, AUGMENT_CUTOUT_COLUMN };
  for (size_t k = 0; k < sizeof places / sizeof *places; k++) part.high[places[k]] = 1;
  return part;
}

/* Whether any part may draw or give this kind a number other than its neutral one. */
static int uses (const Augment *augment, AugmentKind kind) {
  AugmentPart nothing = augment_nothing();
  for (int32_t p = 0; p < augment->parts; p++) {
    const AugmentPart *part = &augment->part[p];
    if (part->given[kind] || part->low[kind] < nothing.low[kind] || part->high[kind] > nothing.high[kind] ||
        part->low[kind] > nothing.low[kind] || part->high[kind] < nothing.high[kind]) return 1;
  }
  return 0;
}

static int has_trivial (const Augment *augment) {
  for (int32_t p = 0; p < augment->parts; p++)
    if (augment->part[p].trivial) return 1;
  return 0;
}

const char *augment_check (const Augment *augment, const Data *data) {
  if (data->channels < 1) return "the data are not images";
  if (data->channels * data->height * data->width != data->n_features) return "the images' sizes do not fit their features";
  if (data->n_features < 4) return "images of fewer than four numbers are too small";
  if (data->channels != 3 && uses(augment, AUGMENT_SATURATION)) return "saturation is of colours: it needs images of three channels";
  if (augment->samples != 0 && augment->samples != data->n) return "numbers are given for another number of samples";
  return NULL;
}

WarpFrame augment_frame (const Augment *augment, const Data *data) {
  int trivial = has_trivial(augment), is_saturated = uses(augment, AUGMENT_SATURATION) || (trivial && data->channels == 3);
  WarpFrame frame = { .channels = data->channels, .height = data->height, .width = data->width, .fill = augment->fill, .value = augment->value,
                      .darkest = data->type == DATA_U8 ? 0 : -FLT_MAX, .brightest = data->type == DATA_U8 ? 255 : FLT_MAX,
                      .sampling = augment->sampling, .draws_more = trivial, .is_saturated = is_saturated,
                      .is_coloured = is_saturated || trivial || uses(augment, AUGMENT_CONTRAST), .is_cut = uses(augment, AUGMENT_CUTOUT) };
  for (int k = AUGMENT_CONTRAST; k < AUGMENT_KINDS; k++) frame.draws_more |= uses(augment, (AugmentKind)k);
  return frame;
}

/* ---- the map ---- */

/* a after b: the place that a finds for the place that b finds. */
static AugmentMap after (const AugmentMap *a, const AugmentMap *b) {
  AugmentMap m;
  for (int k = 0; k < 3; k++) {
    m.row[k] = a->row[0] * b->row[k] + a->row[1] * b->column[k];
    m.column[k] = a->column[0] * b->row[k] + a->column[1] * b->column[k];
  }
  m.row[2] += a->row[2];
  m.column[2] += a->column[2];
  return m;
}

static double radians (double degrees) { return degrees * (3.14159265358979323846 / 180); }

/* The part of the old image that a crop takes, stretched to a whole image: its sides are cut where
** they are longer than the image's. */
static AugmentMap crop_map (const double drawn[AUGMENT_KINDS], int32_t height, int32_t width) {
  double high = fmin(1, sqrt(drawn[AUGMENT_AREA] / drawn[AUGMENT_ASPECT])), wide = fmin(1, sqrt(drawn[AUGMENT_AREA] * drawn[AUGMENT_ASPECT]));
  double top = drawn[AUGMENT_AREA_ROW] * (1 - high) * height, left = drawn[AUGMENT_AREA_COLUMN] * (1 - wide) * width;
  return (AugmentMap){ .row = { high, 0, top + (high - 1) / 2 + drawn[AUGMENT_ROW_CROP] },
                       .column = { 0, wide, left + (wide - 1) / 2 + drawn[AUGMENT_COLUMN_CROP] } };
}

static int crops (const double drawn[AUGMENT_KINDS]) {
  return drawn[AUGMENT_AREA] < 1 || fabs(drawn[AUGMENT_ASPECT] - 1) > 0 || fabs(drawn[AUGMENT_ROW_CROP]) > 0 || fabs(drawn[AUGMENT_COLUMN_CROP]) > 0;
}

/* R S is a matrix of sines and cosines of the two angles. Keras's x is its first axis until the
** axes are swapped, and our column then; its tx therefore moves columns. */
AugmentMap augment_map (const double drawn[AUGMENT_KINDS], int32_t height, int32_t width) {
  double turn = radians(drawn[AUGMENT_ROTATION]), both = turn + radians(drawn[AUGMENT_SHEAR]);
  double tx = drawn[AUGMENT_COLUMN_SHIFT] * width, ty = drawn[AUGMENT_ROW_SHIFT] * height;
  double zx = drawn[AUGMENT_COLUMN_ZOOM], zy = drawn[AUGMENT_ROW_ZOOM];
  double middle_x = width / 2.0 - 0.5, middle_y = height / 2.0 - 0.5;
  AugmentMap m = { .row = { cos(both) * zy, sin(turn) * zx, 0 }, .column = { -sin(both) * zy, cos(turn) * zx, 0 } };
  m.row[2] = sin(turn) * tx + cos(turn) * ty + middle_y - m.row[0] * middle_y - m.row[1] * middle_x;
  m.column[2] = cos(turn) * tx - sin(turn) * ty + middle_x - m.column[0] * middle_y - m.column[1] * middle_x;
  AugmentMap flip = { .row = { 1, 0, 0 }, .column = { 0, 1, 0 } };
  if (drawn[AUGMENT_FLIP_VERTICAL] != 0) flip.row[0] = -1, flip.row[2] = height - 1;
  if (drawn[AUGMENT_FLIP_HORIZONTAL] != 0) flip.column[1] = -1, flip.column[2] = width - 1;
  m = after(&m, &flip);
  if (!crops(drawn)) return m;
  AugmentMap crop = crop_map(drawn, height, width);
  return after(&crop, &m);
}

AugmentMap augment_map_after (const AugmentMap *map, const double drawn[AUGMENT_KINDS], int32_t height, int32_t width) {
  AugmentMap next = augment_map(drawn, height, width);
  return after(map, &next);
}

static int64_t fixed (double pixels, double most) { return llrint(fmax(-most, fmin(most, pixels)) * 0x1p32); }

Warp augment_warp_of (const AugmentMap *map, double brightness) {
  const double far = 1 << 21, step = 7.9;
  return (Warp){ .y = fixed(map->row[2], far), .y_row = fixed(map->row[0], step), .y_column = fixed(map->row[1], step),
                 .x = fixed(map->column[2], far), .x_row = fixed(map->column[0], step), .x_column = fixed(map->column[1], step),
                 .brightness = (float)brightness };
}

/* ---- colours ---- */

AugmentColour augment_colour_after (AugmentColour c, const double drawn[AUGMENT_KINDS]) {
  double bright = drawn[AUGMENT_BRIGHTNESS], contrast = drawn[AUGMENT_CONTRAST], saturation = drawn[AUGMENT_SATURATION];
  c = (AugmentColour){ c.value * bright, c.grey * bright, c.mean * bright };
  c = (AugmentColour){ c.value * contrast, c.grey * contrast, c.mean * contrast + (1 - contrast) * (c.value + c.grey + c.mean) };
  return (AugmentColour){ c.value * saturation, c.grey * saturation + (1 - saturation) * (c.value + c.grey), c.mean };
}

/* Sums of bytes are exact, so their order does not matter. */
static double mean_of (const Data *data, size_t start, int32_t n) {
  double sum = 0;
  uint32_t bytes = 0;   /* 2^24 of them, at least, fit */
  if (data->type == DATA_U8) {
    for (int32_t k = 0; k < n; k++) bytes += data->u8[start + (size_t)k];
    sum = bytes;
  } else
    for (int32_t k = 0; k < n; k++) sum += (double)data->f32[start + (size_t)k];
  return sum / n;
}

double augment_mean_grey (const Data *data, int32_t sample) {
  int32_t size = data->height * data->width;
  size_t start = (size_t)sample * (size_t)data->n_features;
  double mean[3], sum = 0;
  if (data->channels == 3) {
    for (int c = 0; c < 3; c++) mean[c] = mean_of(data, start + (size_t)c * (size_t)size, size);
    return 0.299 * mean[0] + 0.587 * mean[1] + 0.114 * mean[2];
  }
  for (int32_t c = 0; c < data->channels; c++) sum += mean_of(data, start + (size_t)c * (size_t)size, size);
  return sum / data->channels;
}

/* ---- what is drawn ---- */

static double draw_one (const AugmentPart *part, int kind, double u, int32_t sample) {
  double low = part->low[kind], high = part->high[kind];
  if (part->given[kind]) return part->given[kind][sample];
  if (kind == AUGMENT_FLIP_VERTICAL || kind == AUGMENT_FLIP_HORIZONTAL) return u < high;
  if (kind == AUGMENT_ROW_CROP || kind == AUGMENT_COLUMN_CROP) return floor(low + u * (high - low + 1));
  if (kind == AUGMENT_ASPECT && high > low) return exp(log(low) + u * (log(high) - log(low)));
  return low + u * (high - low);
}

static void draw (const AugmentPart *part, Rng *rng, int first, int last, int32_t sample, double drawn[AUGMENT_KINDS]) {
  for (int k = first; k < last; k++) drawn[k] = draw_one(part, k, rng_double(rng), sample);
}

/* The list has nine changes, with the ranges of the paper's narrower space, and no saturation where
** there are no colours. A shear by rows is one by columns, turned back. Strengths have either sign. */
static void draw_trivial (Rng *rng, int has_colours, double drawn[AUGMENT_KINDS]) {
  enum { NOTHING, TURN, SHEAR, SHEAR_ROWS, ROWS, COLUMNS, BRIGHTNESS, CONTRAST, SATURATION, CHANGES };
  int which = (int)rng_below(rng, has_colours ? CHANGES : SATURATION);
  double u = 2 * rng_double(rng) - 1, slant = atan(0.3 * u) * 180 / 3.14159265358979323846;
  switch (which) {
    case TURN: drawn[AUGMENT_ROTATION] = 30 * u; break;
    case SHEAR: drawn[AUGMENT_SHEAR] = slant; drawn[AUGMENT_ROW_ZOOM] = 1 / cos(atan(0.3 * u)); break;   /* Keras's shear shortens the other axis */
    case SHEAR_ROWS: drawn[AUGMENT_SHEAR] = slant; drawn[AUGMENT_ROTATION] = -slant; drawn[AUGMENT_COLUMN_ZOOM] = 1 / cos(atan(0.3 * u)); break;
    case ROWS: drawn[AUGMENT_ROW_SHIFT] = 10.0 / 32 * u; break;
    case COLUMNS: drawn[AUGMENT_COLUMN_SHIFT] = 10.0 / 32 * u; break;
    case BRIGHTNESS: drawn[AUGMENT_BRIGHTNESS] = 1 + 0.9 * u; break;
    case CONTRAST: drawn[AUGMENT_CONTRAST] = 1 + 0.9 * u; break;
    case SATURATION: drawn[AUGMENT_SATURATION] = 1 + 0.9 * u; break;
    default: break;
  }
}

/* The square may reach beyond the edges, as its middle lies anywhere. */
static void cut_out (Warp *warp, const WarpFrame *frame, const double drawn[AUGMENT_KINDS]) {
  int32_t side = (int32_t)fmin(drawn[AUGMENT_CUTOUT], 1 << 20);
  if (side < 1) return;
  warp->row0 = (int32_t)floor(drawn[AUGMENT_CUTOUT_ROW] * frame->height) - side / 2;
  warp->column0 = (int32_t)floor(drawn[AUGMENT_CUTOUT_COLUMN] * frame->width) - side / 2;
  warp->row1 = warp->row0 + side;
  warp->column1 = warp->column0 + side;
}

Warp augment_warp (const Augment *augment, const WarpFrame *frame, const Data *data, uint64_t seed, int32_t epoch, int32_t sample) {
  Rng rng, more;
  uint64_t stream = (uint64_t)epoch << 8 | (uint64_t)(uint32_t)sample << 32;
  rng_seed(&rng, seed, RNG_AUGMENT | stream);
  rng_seed(&more, seed, RNG_AUGMENT_MORE | stream);
  AugmentMap map = { .row = { 1, 0, 0 }, .column = { 0, 1, 0 } };
  AugmentColour colour = { 1, 0, 0 };
  Warp cut = { 0 };
  for (int32_t p = 0; p < augment->parts; p++) {
    AugmentPart nothing = augment_nothing();
    double drawn[AUGMENT_KINDS];
    memcpy(drawn, nothing.low, sizeof drawn);
    draw(&augment->part[p], &rng, 0, AUGMENT_CONTRAST, sample, drawn);
    if (frame->draws_more) draw(&augment->part[p], &more, AUGMENT_CONTRAST, AUGMENT_KINDS, sample, drawn);
    if (augment->part[p].trivial) draw_trivial(&more, frame->channels == 3, drawn);
    map = augment_map_after(&map, drawn, frame->height, frame->width);
    colour = augment_colour_after(colour, drawn);
    cut_out(&cut, frame, drawn);
  }
  Warp warp = augment_warp_of(&map, colour.value);
  warp.grey = (float)colour.grey;
  if (fabs(colour.mean) > 0) warp.lift = (float)(colour.mean * augment_mean_grey(data, sample));
  warp.row0 = cut.row0, warp.row1 = cut.row1, warp.column0 = cut.column0, warp.column1 = cut.column1;
  return warp;
}
