#include "data/augment.h"
#include "base/rng.h"
#include <float.h>
#include <math.h>
#include <stddef.h>

const char *const augment_names[AUGMENT_KINDS + 1] = {
  [AUGMENT_ROTATION] = "rotation", [AUGMENT_ROW_SHIFT] = "row_shift", [AUGMENT_COLUMN_SHIFT] = "column_shift",
  [AUGMENT_SHEAR] = "shear", [AUGMENT_ROW_ZOOM] = "row_zoom", [AUGMENT_COLUMN_ZOOM] = "column_zoom",
  [AUGMENT_BRIGHTNESS] = "brightness", [AUGMENT_FLIP_VERTICAL] = "flip_vertical",
  [AUGMENT_FLIP_HORIZONTAL] = "flip_horizontal",
};

AugmentPart augment_nothing (void) {
  AugmentPart part = { .low = { 0 } };
  const AugmentKind factors[] = { AUGMENT_ROW_ZOOM, AUGMENT_COLUMN_ZOOM, AUGMENT_BRIGHTNESS };
  for (size_t k = 0; k < sizeof factors / sizeof *factors; k++) part.low[factors[k]] = part.high[factors[k]] = 1;
  return part;
}

const char *augment_check (const Augment *augment, const Data *data) {
  if (data->channels < 1) return "the data are not images";
  if (data->channels * data->height * data->width != data->n_features) return "the images' sizes do not fit their features";
  if (data->n_features < 4) return "images of fewer than four numbers are too small";
  if (augment->samples != 0 && augment->samples != data->n) return "numbers are given for another number of samples";
  return NULL;
}

WarpFrame augment_frame (const Augment *augment, const Data *data) {
  return (WarpFrame){ data->channels, data->height, data->width, augment->fill, augment->value,
                      data->type == DATA_U8 ? 255 : FLT_MAX, augment->sampling };
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
  return after(&m, &flip);
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

/* ---- what is drawn ---- */

static void draw (const AugmentPart *part, Rng *rng, int32_t sample, double drawn[AUGMENT_KINDS]) {
  for (int k = 0; k < AUGMENT_KINDS; k++) {
    double u = rng_double(rng);
    int flips = k == AUGMENT_FLIP_VERTICAL || k == AUGMENT_FLIP_HORIZONTAL;
    if (part->given[k]) drawn[k] = part->given[k][sample];
    else if (flips) drawn[k] = u < part->high[k];
    else drawn[k] = part->low[k] + u * (part->high[k] - part->low[k]);
  }
}

Warp augment_warp (const Augment *augment, const WarpFrame *frame, uint64_t seed, int32_t epoch, int32_t sample) {
  Rng rng;
  rng_seed(&rng, seed, RNG_AUGMENT | (uint64_t)epoch << 8 | (uint64_t)(uint32_t)sample << 32);
  AugmentMap map = { .row = { 1, 0, 0 }, .column = { 0, 1, 0 } };
  double brightness = 1;
  for (int32_t p = 0; p < augment->parts; p++) {
    double drawn[AUGMENT_KINDS];
    draw(&augment->part[p], &rng, sample, drawn);
    map = augment_map_after(&map, drawn, frame->height, frame->width);
    brightness *= drawn[AUGMENT_BRIGHTNESS];
  }
  return augment_warp_of(&map, brightness);
}
