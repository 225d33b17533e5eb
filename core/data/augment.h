/*
** augment.h -- turning, moving, cropping, flipping and recolouring images while a batch is made.
**
** The change of an image is drawn in every epoch, from a stream of its own for (seed, epoch,
** sample): nothing has to be kept from one epoch to the next, and it depends neither on the batches
** nor on the threads. All changes of place become one affine map from pixels of the new
** image to places in the old one, and each new pixel is one sample there: the way of SciPy's
** ndimage.affine_transform, as Keras's ImageDataGenerator calls it, with order = 1 (bilinear) or 0
** (the nearest pixel). Bytes are sampled as they are, and standardised after that, feature by
** feature.
**
** The map is Keras's, P C R T S Z C^-1 P: R turns, T moves, S shears, Z zooms, C
** moves the middle to column width/2 - 1/2 and row height/2 - 1/2, and P swaps the axes: Keras's x
** is a column. (Older releases of Keras swapped height and width in C too: the same for square
** images, and wrong for others.)
*/
#ifndef SETLAB_AUGMENT_H
#define SETLAB_AUGMENT_H
#include "data/data.h"
#include <stddef.h>

/* What lies outside an image. NEAREST: its edge goes on. CONSTANT: everywhere the same value.
** REFLECT: d c b a | a b c d | d c b a. WRAP: the next copy, whose first pixel lies on this one's last. */
typedef enum AugmentFill { AUGMENT_NEAREST, AUGMENT_CONSTANT, AUGMENT_REFLECT, AUGMENT_WRAP } AugmentFill;

/* What a place between pixels shows: a mixture of the four around it, or the one that lies nearest
** (halfway, the one further down or right), which leaves edges sharp. */
typedef enum AugmentSampling { AUGMENT_BILINEAR, AUGMENT_NEAREST_PIXEL } AugmentSampling;

/* What can be done to an image, in the order in which it is drawn. */
typedef enum AugmentKind {
  AUGMENT_ROTATION,        /* degrees */
  AUGMENT_ROW_SHIFT,       /* share of the height by which the place in the old image moves down */
  AUGMENT_COLUMN_SHIFT,    /* the same of the width, to the right */
  AUGMENT_SHEAR,           /* degrees */
  AUGMENT_ROW_ZOOM,        /* old pixels to a new one: below 1 makes things larger */
  AUGMENT_COLUMN_ZOOM,
  AUGMENT_BRIGHTNESS,      /* factor; bytes stay at most 255 */
  AUGMENT_FLIP_VERTICAL,   /* rows in reverse if not 0; drawn: with probability `high` */
  AUGMENT_FLIP_HORIZONTAL, /* columns in reverse */
  AUGMENT_CONTRAST,        /* factor of the distance from the image's mean grey */
  AUGMENT_SATURATION,      /* factor of the distance from a pixel's grey; three channels */
  AUGMENT_ROW_CROP,        /* whole pixels by which the place in the old image moves down */
  AUGMENT_COLUMN_CROP,     /* the same, to the right */
  AUGMENT_AREA,            /* share of the old image that fills the new one */
  AUGMENT_ASPECT,          /* width by height of that share, as a factor of the image's; its logarithm is drawn evenly */
  AUGMENT_AREA_ROW,        /* where that share lies: 0 above, 1 below */
  AUGMENT_AREA_COLUMN,     /* 0 left, 1 right */
  AUGMENT_CUTOUT,          /* pixels on a side of a square that the network sees as 0 */
  AUGMENT_CUTOUT_ROW,      /* where its middle lies: 0 above, 1 below */
  AUGMENT_CUTOUT_COLUMN,   /* 0 left, 1 right */
  AUGMENT_KINDS
} AugmentKind;

extern const char *const augment_names[AUGMENT_KINDS + 1];   /* "rotation", ...; the last is NULL */

/* Each kind is drawn evenly from low to high, or given. Every kind takes its number from the
** stream, so that one more or less leaves the others as they were; kinds from contrast on have a
** stream of their own. */
typedef struct AugmentPart {
  double low[AUGMENT_KINDS], high[AUGMENT_KINDS];
  const double *given[AUGMENT_KINDS];   /* NULL, or one for each sample of the data; borrowed */
  int trivial;   /* TrivialAugment (Mueller and Hutter 2021): none of the above, but one change from a list, at a strength drawn evenly */
} AugmentPart;

enum { AUGMENT_PARTS = 8 };

/* Parts are carried out one after the other, in one sampling. */
typedef struct Augment {
  int32_t     parts;
  AugmentPart part[AUGMENT_PARTS];
  AugmentFill fill;
  float       value;    /* of what lies outside, with CONSTANT: as raw data have it */
  int32_t     samples;  /* that given numbers are for; 0 where none are given */
  AugmentSampling sampling;
} Augment;

/* Where the pixels of one new image come from, in units of 2^-32 pixels: row r and column c from
** row y + r * y_row + c * y_column and column x + r * x_row + c * x_column. */
typedef struct Warp {
  int64_t y, y_row, y_column;
  int64_t x, x_row, x_column;
  float   brightness;   /* a value becomes brightness * value + grey * its pixel's grey + lift */
  float   grey, lift;
  int32_t row0, row1, column0, column1;   /* new pixels row0 <= r < row1, column0 <= c < column1 are cut out */
} Warp;

/* What the images of a batch have in common. */
typedef struct WarpFrame {
  int32_t     channels, height, width;   /* features in this order: at least 4 */
  AugmentFill fill;
  float       value;
  float       darkest, brightest;   /* no pixel becomes less or more: 0 and 255 for bytes */
  AugmentSampling sampling;
  int         draws_more;   /* any image may be changed by a kind from contrast on */
  int         is_coloured;  /* `grey` or `lift` of any image may be other than 0 */
  int         is_saturated; /* `grey` may */
  int         is_cut;       /* a rectangle may be cut out */
} WarpFrame;

/* Pixels pixel0 <= p < pixel1, counted through the rows, of channels channel0 <= c < channel1. Their
** rows in a batch follow one another within a channel; channels begin `apart` rows from each other. */
typedef struct WarpPart { int32_t channel0, channel1, pixel0, pixel1; size_t apart; } WarpPart;

/* A part that changes nothing. */
AugmentPart augment_nothing (void);

/* NULL if data's images can be so changed; otherwise a sentence that says why not. */
const char *augment_check (const Augment *augment, const Data *data);

/* To be asked after augment_check. */
WarpFrame augment_frame (const Augment *augment, const Data *data);
/* The mean grey is taken from data, and `sample` is looked at only for that. */
Warp      augment_warp  (const Augment *augment, const WarpFrame *frame, const Data *data, uint64_t seed, int32_t epoch, int32_t sample);

/* The map of one part: (row, column) of the old image are map times (row, column, 1) of the new. */
typedef struct AugmentMap { double row[3], column[3]; } AugmentMap;
AugmentMap augment_map (const double drawn[AUGMENT_KINDS], int32_t height, int32_t width);
/* And of another part after it. */
AugmentMap augment_map_after (const AugmentMap *map, const double drawn[AUGMENT_KINDS], int32_t height, int32_t width);
/* Steps of 7.9 pixels from column to column are the most that the kernels do; longer ones, which
** only columns given by a function can ask for (lab.augment refuses the rest), are cut. */
Warp       augment_warp_of (const AugmentMap *map, double brightness);

/* The map of colours of several parts: value * v + grey * (grey of v's pixel) + mean * (the image's mean grey). */
typedef struct AugmentColour { double value, grey, mean; } AugmentColour;
AugmentColour augment_colour_after (AugmentColour colour, const double drawn[AUGMENT_KINDS]);
/* Of one sample, before any change; of the mean of all values where there are not three channels. */
double        augment_mean_grey (const Data *data, int32_t sample);

#endif
