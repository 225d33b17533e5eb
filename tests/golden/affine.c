#include "golden.h"
#include "base/mem.h"
#include "kernel/kernel.h"
#include <math.h>
#include <string.h>

/* ---- images: case channels height width theta_degrees tx ty flip ------------------------- */

typedef struct AffineCase {
  int64_t  channels, height, width, flip;
  double   theta, tx, ty;
  uint8_t *image;
  float   *wanted, *ours;   /* ours: (features, STRIDE_STEP), as batches lie */
} AffineCase;

enum { LARGEST_IMAGE = 1 << 20 };
static const double grey_levels = 1e-3;

static int64_t pixels_of (const AffineCase *c) { return c->channels * c->height * c->width; }

static int read_affine_head (Lines *in, AffineCase *c) {
  const char *w = word(in);
  int64_t *const sizes[3] = { &c->channels, &c->height, &c->width };
  if (!w || strcmp(w, "case") != 0) return malformed(in, "expected a line that begins with 'case'");
  for (int i = 0; i < 3; i++)
    if (!take_count(in, sizes[i]) || *sizes[i] < 1 || *sizes[i] > LARGEST_IMAGE)
      return malformed(in, "expected channels, height and width after 'case', 1 or more each");
  if (c->height * c->width > LARGEST_IMAGE || pixels_of(c) > LARGEST_IMAGE || pixels_of(c) < 4)
    return malformed(in, "expected an image of 4 to %d numbers", LARGEST_IMAGE);
  if (!take_double(in, &c->theta)) return malformed(in, "expected the angle as the fourth number");
  if (!take_double(in, &c->tx) || !take_double(in, &c->ty)) return malformed(in, "expected the two shifts after the angle");
  if (!take_count(in, &c->flip) || c->flip > 1) return malformed(in, "expected 0 or 1 for the flip as the seventh number");
  if (word(in)) return malformed(in, "expected seven numbers after 'case', there are more");
  return PASSED;
}

static int read_affine_image (Lines *in, AffineCase *c) {
  int64_t n = pixels_of(c), x;
  if (follow(in, n, "pixels") == MALFORMED) return MALFORMED;
  c->image = mem_new((size_t)n, 1);
  c->wanted = mem_new((size_t)n, sizeof *c->wanted);
  c->ours = mem_new((size_t)n * STRIDE_STEP, sizeof *c->ours);
  if (!c->image || !c->wanted || !c->ours) return malformed(in, "not enough memory for %lld pixels", (long long)n);
  for (int64_t k = 0; k < n; k++) {
    if (!take_count(in, &x) || x > 255)
      return malformed(in, "expected %lld pixels, number %lld is missing or none from 0 to 255", (long long)n, (long long)k + 1);
    c->image[k] = (uint8_t)x;
  }
  if (word(in)) return malformed(in, "expected %lld pixels, there are more", (long long)n);
  return PASSED;
}

static int read_affine_wanted (Lines *in, AffineCase *c) {
  int64_t n = pixels_of(c);
  if (follow(in, n, "results") == MALFORMED) return MALFORMED;
  for (int64_t k = 0; k < n; k++)
    if (!take_float(in, &c->wanted[k]))
      return malformed(in, "expected %lld results, number %lld is missing or no finite number", (long long)n, (long long)k + 1);
  if (word(in)) return malformed(in, "expected %lld results, there are more", (long long)n);
  return PASSED;
}

/* By each set of kernels that this machine has; tells the first pixel that is wrong. Keras's tx
** moves columns (after the axes are swapped). */
static int compare_affine (const Lines *in, AffineCase *c) {
  static const char *const sets[] = { "portable", "avx2", "avx512" };
  int32_t n = (int32_t)pixels_of(c), height = (int32_t)c->height, width = (int32_t)c->width;
  AugmentPart part = augment_nothing();
  part.low[AUGMENT_ROTATION] = c->theta;
  part.low[AUGMENT_COLUMN_SHIFT] = c->tx / width;
  part.low[AUGMENT_ROW_SHIFT] = c->ty / height;
  part.low[AUGMENT_FLIP_HORIZONTAL] = (double)c->flip;
  WarpFrame frame = { .channels = (int32_t)c->channels, .height = height, .width = width, .fill = AUGMENT_NEAREST, .brightest = 255 };
  AugmentMap map = augment_map(part.low, height, width);
  Warp warp = augment_warp_of(&map, 1);
  WarpPart all = { 0, frame.channels, 0, height * width, (size_t)height * (size_t)width };
  for (int s = 0; s < 3; s++) {
    const Kernels *kernels = kernels_choose(sets[s]);
    const uint8_t *row[1] = { c->image };
    if (!kernels) continue;
    kernels->warp_bytes(c->ours, &all, STRIDE_STEP, STRIDE_STEP, row, &warp, &frame, 1, 1, NULL, NULL);
    for (int32_t k = 0; k < n; k++) {
      double ours = (double)c->ours[(size_t)k * STRIDE_STEP], theirs = (double)c->wanted[k];
      if (fabs(ours - theirs) <= grey_levels) continue;
      printf("%s:%ld: pixel %d is %.9g (%s), the file says %.9g\n", in->path, in->number, (int)k + 1, ours, sets[s], theirs);
      return FAILED;
    }
  }
  return PASSED;
}

int check_affine (Lines *in) {
  AffineCase c = { .channels = 0 };
  int verdict = read_affine_head(in, &c);
  if (verdict == PASSED) verdict = read_affine_image(in, &c);
  if (verdict == PASSED) verdict = read_affine_wanted(in, &c);
  if (verdict == PASSED) verdict = compare_affine(in, &c);
  mem_free(c.image);
  mem_free(c.wanted);
  mem_free(c.ours);
  return verdict;
}
