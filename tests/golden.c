/*
** golden.c -- checks a file of worked examples against the engine: make golden FILE=path.
**
** A file's first line says what it holds; a new format is one line in the table `formats` and
** a function that checks one case. Prints every disagreement as file:line: words, and at the
** end "N passed, N failed" cases. Status 0: all agree; 1: some do not; 2: no file to check,
** which a sentence on standard error explains.
*/
#include "kernel/kernel.h"
#include "base/mem.h"
#include "evolve/prune.h"
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* ---- lines and words ----------------------------------------------------------------- */

typedef struct Lines {
  FILE  *file;
  const char *path;
  char  *text;      /* the current line, cut up into words as they are taken */
  size_t room;
  long   number;    /* of the current line, from 1 */
  char  *rest;      /* strtok_r's */
  int    fresh;     /* no word of the line is taken yet */
} Lines;

enum { FAILED, PASSED, END, MALFORMED };

static int malformed (const Lines *in, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int malformed (const Lines *in, const char *format, ...) {
  va_list values;
  va_start(values, format);
  fprintf(stderr, "%s:%ld: ", in->path, in->number);
  vfprintf(stderr, format, values);
  fputc('\n', stderr);
  va_end(values);
  return MALFORMED;
}

/* One more line, its end cut off: 1; 0 at the end of the file; -1 if it is no text. */
static int next_line (Lines *in) {
  in->number++;
  ssize_t length = getline(&in->text, &in->room, in->file);
  if (length < 0) return 0;
  if (memchr(in->text, 0, (size_t)length)) return -1;
  in->text[strcspn(in->text, "\r\n")] = 0;
  in->fresh = 1;
  return 1;
}

/* The next word of the line, or NULL. */
static const char *word (Lines *in) {
  const char *w = strtok_r(in->fresh ? in->text : NULL, " \t", &in->rest);
  in->fresh = 0;
  return w;
}

/* The next word as a number; 0 if there is none or it is something else. */
static int take_double (Lines *in, double *x) {
  const char *w = word(in);
  char *end;
  if (!w) return 0;
  *x = strtod(w, &end);
  return *end == 0 && isfinite(*x);
}

/* Read as a float at once: rounding twice could give a neighbour. */
static int take_float (Lines *in, float *x) {
  const char *w = word(in);
  char *end;
  if (!w) return 0;
  *x = strtof(w, &end);
  return *end == 0 && isfinite(*x);
}

static int take_count (Lines *in, int64_t *n) {
  const char *w = word(in);
  char *end;
  if (!w || *w < '0' || *w > '9') return 0;
  errno = 0;
  *n = strtoll(w, &end, 10);
  return *end == 0 && errno == 0;
}

/* ---- SET's prune: case count zeta largest_negative smallest_positive kept --------------- */

typedef struct PruneCase {
  long     line;             /* of its first line */
  int64_t  count, kept;
  double   zeta;
  float    t_minus, t_plus;
  float   *w;
  uint8_t *keep, *ours;
} PruneCase;

static void prune_case_free (PruneCase *c) {
  mem_free(c->w);
  mem_free(c->keep);
  mem_free(c->ours);
}

static int read_prune_head (Lines *in, PruneCase *c) {
  const char *w = word(in);
  if (!w || strcmp(w, "case") != 0) return malformed(in, "expected a line that begins with 'case'");
  if (!take_count(in, &c->count) || c->count < 1) return malformed(in, "expected the number of weights after 'case', 1 or more");
  if (!take_double(in, &c->zeta) || c->zeta < 0 || c->zeta > 1) return malformed(in, "expected zeta as the second number, in [0, 1]");
  if (!take_float(in, &c->t_minus)) return malformed(in, "expected the largest negative threshold as the third number");
  if (!take_float(in, &c->t_plus)) return malformed(in, "expected the smallest positive threshold as the fourth number");
  if (!take_count(in, &c->kept) || c->kept > c->count) return malformed(in, "expected the number of kept weights as the fifth number, at most the first");
  if (word(in)) return malformed(in, "expected five numbers after 'case', there are more");
  return PASSED;
}

/* The line after the current one, which must be there and could hold `count` items. */
static int follow (Lines *in, int64_t count, const char *what) {
  int got = next_line(in);
  if (got == 0) return malformed(in, "the file ends where a line of %s is expected", what);
  if (got < 0) return malformed(in, "expected a line of %s, this is no text", what);
  if ((size_t)count > strlen(in->text))
    return malformed(in, "expected %lld %s, the line is too short for them", (long long)count, what);
  return PASSED;
}

static int read_prune_weights (Lines *in, PruneCase *c) {
  if (follow(in, c->count, "weights") == MALFORMED) return MALFORMED;
  c->w = mem_new((size_t)c->count, sizeof *c->w);
  c->keep = mem_new((size_t)c->count, 1);
  c->ours = mem_new((size_t)c->count, 1);
  if (!c->w || !c->keep || !c->ours) return malformed(in, "not enough memory for %lld weights", (long long)c->count);
  for (int64_t k = 0; k < c->count; k++)
    if (!take_float(in, &c->w[k]))
      return malformed(in, "expected %lld weights, number %lld is missing or no finite number", (long long)c->count, (long long)k + 1);
  if (word(in)) return malformed(in, "expected %lld weights, there are more", (long long)c->count);
  return PASSED;
}

static int read_prune_flags (Lines *in, PruneCase *c) {
  if (follow(in, c->count, "flags") == MALFORMED) return MALFORMED;
  for (int64_t k = 0; k < c->count; k++) {
    const char *w = word(in);
    if (!w || (strcmp(w, "0") != 0 && strcmp(w, "1") != 0))
      return malformed(in, "expected %lld flags, number %lld is missing or neither 0 nor 1", (long long)c->count, (long long)k + 1);
    c->keep[k] = *w == '1';
  }
  if (word(in)) return malformed(in, "expected %lld flags, there are more", (long long)c->count);
  return PASSED;
}

static int compare_prune (const Lines *in, PruneCase *c) {
  int verdict = PASSED;
  float t_minus, t_plus;
  prune_set_thresholds(c->w, c->count, c->zeta, 1, &t_minus, &t_plus);
  int64_t kept = prune_set(c->w, c->count, c->zeta, 1, c->ours);
  const struct { const char *name; float ours, theirs; } threshold[2] = {
    { "largest negative", t_minus, c->t_minus }, { "smallest positive", t_plus, c->t_plus } };
  for (int i = 0; i < 2; i++) {
    if (threshold[i].ours == threshold[i].theirs) continue;
    printf("%s:%ld: %s threshold is %.9g, the file says %.9g\n", in->path, c->line, threshold[i].name,
           (double)threshold[i].ours, (double)threshold[i].theirs);
    verdict = FAILED;
  }
  if (kept != c->kept) {
    printf("%s:%ld: %lld weights are kept, the file says %lld\n", in->path, c->line, (long long)kept, (long long)c->kept);
    verdict = FAILED;
  }
  for (int64_t k = 0; k < c->count; k++) {
    if (c->ours[k] == c->keep[k]) continue;
    printf("%s:%ld: weight %lld, %.9g, is %s, the file says %s\n", in->path, in->number, (long long)k + 1,
           (double)c->w[k], c->ours[k] ? "kept" : "removed", c->keep[k] ? "kept" : "removed");
    verdict = FAILED;
  }
  return verdict;
}

static int check_prune (Lines *in) {
  PruneCase c = { .line = in->number };
  int verdict = read_prune_head(in, &c);
  if (verdict == PASSED) verdict = read_prune_weights(in, &c);
  if (verdict == PASSED) verdict = read_prune_flags(in, &c);
  if (verdict == PASSED) verdict = compare_prune(in, &c);
  prune_case_free(&c);
  return verdict;
}

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
** moves columns (METHODS 21, after the axes are swapped). */
static int compare_affine (const Lines *in, AffineCase *c) {
  static const char *const sets[] = { "portable", "avx2", "avx512" };
  int32_t n = (int32_t)pixels_of(c), height = (int32_t)c->height, width = (int32_t)c->width;
  const double drawn[AUGMENT_KINDS] = {
    [AUGMENT_ROTATION] = c->theta, [AUGMENT_COLUMN_SHIFT] = c->tx / width, [AUGMENT_ROW_SHIFT] = c->ty / height,
    [AUGMENT_ROW_ZOOM] = 1, [AUGMENT_COLUMN_ZOOM] = 1, [AUGMENT_FLIP_HORIZONTAL] = (double)c->flip };
  WarpFrame frame = { (int32_t)c->channels, height, width, AUGMENT_NEAREST, 0, 255, AUGMENT_BILINEAR };
  AugmentMap map = augment_map(drawn, height, width);
  Warp warp = augment_warp_of(&map, 1);
  WarpPart all = { 0, frame.channels, 0, height * width, (size_t)height * (size_t)width };
  for (int s = 0; s < 3; s++) {
    const Kernels *kernels = kernels_choose(sets[s]);
    const uint8_t *row[1] = { c->image };
    if (!kernels) continue;
    kernels->warp_bytes(c->ours, &all, STRIDE_STEP, WIDTH_STEP, row, &warp, &frame, 1, 1, NULL, NULL);
    for (int32_t k = 0; k < n; k++) {
      double ours = (double)c->ours[(size_t)k * STRIDE_STEP], theirs = (double)c->wanted[k];
      if (fabs(ours - theirs) <= grey_levels) continue;
      printf("%s:%ld: pixel %d is %.9g (%s), the file says %.9g\n", in->path, in->number, (int)k + 1, ours, sets[s], theirs);
      return FAILED;
    }
  }
  return PASSED;
}

static int check_affine (Lines *in) {
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

/* ---- the file --------------------------------------------------------------------------- */

/* `check` gets the first line of a case as the current line and reads the others itself. */
typedef struct Format { const char *first_line; int (*check) (Lines *in); } Format;

static const Format formats[] = {
  { "# case count zeta largest_negative smallest_positive kept", check_prune },
  { "# case channels height width theta_degrees tx ty flip", check_affine },
};

static const Format *recognise (Lines *in) {
  int got = next_line(in);
  for (size_t i = 0; got == 1 && i < sizeof formats / sizeof *formats; i++)
    if (strncmp(in->text, formats[i].first_line, strlen(formats[i].first_line)) == 0) return &formats[i];
  if (got == 0 && ferror(in->file)) malformed(in, "cannot be read");
  else if (got == 0) malformed(in, "the file is empty; expected a first line that names a format");
  else malformed(in, "no known format has this first line; expected '%s...'", formats[0].first_line);
  return NULL;
}

/* To the next line that is neither empty nor a comment, and checks the case there. */
static int check_case (Lines *in, const Format *format) {
  for (;;) {
    int got = next_line(in);
    if (got == 0) return ferror(in->file) ? malformed(in, "cannot be read") : END;
    if (got < 0) return malformed(in, "expected a case, this is no text");
    const char *first = in->text + strspn(in->text, " \t");
    if (*first && *first != '#') return format->check(in);
  }
}

static int check_file (Lines *in) {
  long count[2] = { 0, 0 };
  const Format *format = recognise(in);
  if (!format) return 2;
  for (;;) {
    int verdict = check_case(in, format);
    if (verdict == MALFORMED) return 2;
    if (verdict == END) break;
    count[verdict]++;
  }
  if (count[PASSED] + count[FAILED] == 0) {
    malformed(in, "the file ends without a case");
    return 2;
  }
  printf("%ld passed, %ld failed\n", count[PASSED], count[FAILED]);
  return count[FAILED] > 0;
}

int main (int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: golden FILE\n");
    return 2;
  }
  Lines in = { .path = argv[1], .file = fopen(argv[1], "r") };
  if (!in.file) {
    fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
    return 2;
  }
  int status = check_file(&in);
  free(in.text);
  fclose(in.file);
  return status;
}
