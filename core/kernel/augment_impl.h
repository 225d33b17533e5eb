/*
** augment_impl.h -- a batch's samples changed on their way to the kernels' layout (augment.h);
** included by kernel_impl.h only.
**
** A block is VL pixels that follow one another, starting at a multiple of VL, whichever of them
** are requested: results do not depend on the caller. They lie in one row of an image, or in several
** where it ends within. The places where they come from lie along straight lines, so that a
** block needs one exact place for each row in it and one addition a lane; all channels share
** them. In each channel a lane then reads two words, of two neighbours each in the old image.
** What VL samples got is turned in registers.
*/
#include "data/augment.h"

typedef int32_t ints __attribute__((vector_size(VL * 4)));

enum { PLACE_BITS = 24 };   /* of a fraction of a pixel, within a lane */

#if VL == 16
INLINE ints larger (ints a, ints b) { return (ints)_mm512_max_epi32((__m512i)a, (__m512i)b); }
INLINE ints smaller (ints a, ints b) { return (ints)_mm512_min_epi32((__m512i)a, (__m512i)b); }
INLINE bits reach_bytes (const uint8_t *p, ints at) { return (bits)_mm512_i32gather_epi32((__m512i)at, p, 1); }
INLINE vec reach_floats (const float *p, ints at) { return (vec)_mm512_i32gather_ps((__m512i)at, p, 4); }
#elif VL == 8
INLINE ints larger (ints a, ints b) { return (ints)_mm256_max_epi32((__m256i)a, (__m256i)b); }
INLINE ints smaller (ints a, ints b) { return (ints)_mm256_min_epi32((__m256i)a, (__m256i)b); }
INLINE bits reach_bytes (const uint8_t *p, ints at) { return (bits)_mm256_i32gather_epi32((const int *)(const void *)p, (__m256i)at, 1); }
INLINE vec reach_floats (const float *p, ints at) { return (vec)_mm256_i32gather_ps(p, (__m256i)at, 4); }
#else
INLINE ints larger (ints a, ints b) { return (ints)either((bits)(a > b), (vec)a, (vec)b); }
INLINE ints smaller (ints a, ints b) { return (ints)either((bits)(a < b), (vec)a, (vec)b); }
INLINE bits reach_bytes (const uint8_t *p, ints at) {
  bits word;
  for (int l = 0; l < VL; l++) {
    const uint8_t *b = p + at[l];
    word[l] = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
  }
  return word;
}
INLINE vec reach_floats (const float *p, ints at) {
  vec x;
  for (int l = 0; l < VL; l++) x[l] = p[at[l]];
  return x;
}
#endif

INLINE ints splat_int (int32_t s) { return s - (ints){ 0 }; }
INLINE ints either_int (bits mask, ints a, ints b) { return (ints)either(mask, (vec)a, (vec)b); }
INLINE vec to_floats (ints i) { return __builtin_convertvector(i, vec); }

INLINE ints lane_numbers (void) {
  ints lane;
  for (int l = 0; l < VL; l++) lane[l] = l;
  return lane;
}

/* ---- which pixels of the new image -------------------------------------------------------- */

/* Lanes from `lane` on, up to the next run's, are in this row: lane j in column `column` + j. */
typedef struct Run { int32_t row, column, lane; } Run;
typedef struct Block { int32_t runs; Run run[VL]; } Block;

/* Pixels from p on; lanes past the image's end stay in its last row. */
static Block block_of (int32_t p, const WarpFrame *frame) {
  Block block = { .runs = 0 };
  int32_t l = 0;
  while (l < VL && p + l < frame->height * frame->width) {
    int32_t row = (p + l) / frame->width, column = (p + l) % frame->width;
    block.run[block.runs++] = (Run){ row, column - l, l };
    l += frame->width - column;
  }
  return block;
}

/* ---- where they come from ------------------------------------------------------------------ */

/* A place along one axis: between pixels `whole` and whole + 1, `part` of the way. */
typedef struct Places { ints whole; vec part; } Places;

INLINE Places along (int64_t start, int64_t step) {
  const int64_t rounding = 1 << (32 - PLACE_BITS - 1);
  start += rounding;
  int32_t fraction = (int32_t)((uint32_t)start >> (32 - PLACE_BITS));
  ints place = fraction + lane_numbers() * (int32_t)((step + rounding) >> (32 - PLACE_BITS));
  ints whole = (int32_t)(start >> 32) + (place >> PLACE_BITS);
  return (Places){ whole, to_floats(place & ((1 << PLACE_BITS) - 1)) * (1.0f / (1 << PLACE_BITS)) };
}

INLINE Places blend (bits mask, Places a, Places b) {
  return (Places){ either_int(mask, a.whole, b.whole), either(mask, a.part, b.part) };
}

INLINE void places_of (const Block *block, const Warp *w, Places *y, Places *x) {
  for (int32_t k = 0; k < block->runs; k++) {
    const Run *r = &block->run[k];
    Places yk = along(w->y + r->row * w->y_row + r->column * w->y_column, w->y_column);
    Places xk = along(w->x + r->row * w->x_row + r->column * w->x_column, w->x_column);
    bits mine = (bits)(lane_numbers() >= r->lane);
    *y = k == 0 ? yk : blend(mine, yk, *y);
    *x = k == 0 ? xk : blend(mine, xk, *x);
  }
}

/* The largest multiple of n that is not above i; |i| < 2^22. */
INLINE ints multiple_below (ints i, int32_t n) {
  vec share = (to_floats(i) + 0.5f) * (1.0f / (float)n);
  ints whole = __builtin_convertvector(share, ints);
  whole += (ints)(to_floats(whole) > share);   /* true is -1 */
  return whole * n;
}

INLINE bits outside (Places p, int32_t n) {
  return (bits)(p.whole < 0) | (bits)(p.whole >= n) | ((bits)(p.whole == n - 1) & (bits)(p.part > 0));
}

/* d c b a | a b c d | d c b a: in the mirrored half the fraction counts from the other side. */
INLINE Places reflect (Places p, int32_t n) {
  ints whole = p.whole - multiple_below(p.whole, 2 * n);
  bits back = (bits)(whole >= n);
  return (Places){ either_int(back, 2 * n - 2 - whole, whole), either(back, 1 - p.part, p.part) };
}

/* Each copy's last pixel is the next one's first. On it, SciPy takes the one that is nearer. */
INLINE Places wrap (Places p, int32_t n) {
  int32_t period = n > 1 ? n - 1 : 1;
  ints whole = p.whole - multiple_below(p.whole, period);
  bits last = (bits)(p.whole < 0) & (bits)(whole == 0) & (bits)(p.part == 0);
  Places inside = { either_int(last, splat_int(period), whole), p.part };
  return blend(outside(p, n), inside, p);
}

/* To whole <= n - 2, so that both neighbours are there. */
INLINE Places clamp (Places p, int32_t n) {
  bits low = (bits)(p.whole < 0), high = (bits)(p.whole >= n - 1);
  vec part = either(high, splat(n > 1 ? 1 : 0), keep(p.part, ~low));
  return (Places){ larger(smaller(p.whole, splat_int(n - 2)), splat_int(0)), part };
}

INLINE Places place_inside (Places p, int32_t n, const AugmentFill fill) {
  if (fill == AUGMENT_REFLECT) p = reflect(p, n);
  if (fill == AUGMENT_WRAP) p = wrap(p, n);
  return clamp(p, n);
}

/* Of two neighbours all of one: after place_inside. */
INLINE vec all_or_nothing (vec part) { return keep(splat(1), (bits)(part >= 0.5f)); }

/* ---- sampling ------------------------------------------------------------------------------- */

/* Where a block's pixels lie in a sample: `at` is the upper left one of four, in the first
** channel. */
typedef struct Taps { ints at; vec down, right; bits beyond; } Taps;

INLINE Taps taps_of (const Block *block, const Warp *w, const WarpFrame *frame, const AugmentFill fill) {
  Places y, x;
  places_of(block, w, &y, &x);
  bits beyond = fill == AUGMENT_CONSTANT ? outside(y, frame->height) | outside(x, frame->width) : (bits){ 0 };
  y = place_inside(y, frame->height, fill);
  x = place_inside(x, frame->width, fill);
  if (frame->sampling == AUGMENT_NEAREST_PIXEL) y.part = all_or_nothing(y.part), x.part = all_or_nothing(x.part);
  return (Taps){ y.whole * frame->width + x.whole, y.part, x.part, beyond };
}

INLINE vec between (vec a, vec b, vec part) { return a + part * (b - a); }

enum { WORD = 4 };   /* bytes */

/* Two neighbours each in words of four bytes. In the image's last channels, of whose rest `left`
** bytes are there, a word must not reach past the end. */
INLINE vec pair_bytes (const uint8_t *plane, ints at, int32_t step, int32_t left, const int last, vec part) {
  bits word;
  if (last) {
    ints from = smaller(at, splat_int(left - WORD));
    word = reach_bytes(plane, from) >> (bits)((at - from) << 3);
  } else word = reach_bytes(plane, at);
  (void)step;
  return between(to_floats((ints)(word & 255)), to_floats((ints)(word >> 8 & 255)), part);
}

INLINE vec pair_floats (const float *plane, ints at, int32_t step, int32_t left, const int last, vec part) {
  (void)left;
  (void)last;
  return between(reach_floats(plane, at), reach_floats(plane, at + step), part);
}

#define SAMPLE(name, type, pair)                                                                 \
  INLINE vec name (const type *plane, const Taps *taps, const WarpFrame *frame,                  \
                   int32_t left, const int last, const AugmentFill fill) {                       \
    int32_t right = frame->width > 1, down = frame->height > 1 ? frame->width : 0;               \
    vec upper = pair(plane, taps->at, right, left, last, taps->right);                           \
    vec lower = pair(plane, taps->at + down, right, left, last, taps->right);                    \
    vec v = between(upper, lower, taps->down);                                                   \
    return fill == AUGMENT_CONSTANT ? either(taps->beyond, splat(frame->value), v) : v;          \
  }
SAMPLE(sample_bytes, uint8_t, pair_bytes)
SAMPLE(sample_floats, float, pair_floats)

/* ---- colours, and what is cut out ------------------------------------------------------------- */

INLINE vec lit (vec v, const Warp *w, const WarpFrame *frame) {
  v *= w->brightness;
  return either((bits)(v < frame->brightest), v, splat(frame->brightest));
}

INLINE vec recoloured (vec v, vec grey, const Warp *w, const WarpFrame *frame) {
  v = v * w->brightness + (grey * w->grey + w->lift);
  v = either((bits)(v > frame->darkest), v, splat(frame->darkest));
  return either((bits)(v < frame->brightest), v, splat(frame->brightest));
}

/* Which lanes of a block lie in the rectangle that is cut out. */
INLINE bits cut_lanes (const Block *block, const Warp *w) {
  bits cut = { 0 };
  if (block->run[0].row >= w->row1 || block->run[block->runs - 1].row < w->row0) return cut;   /* most blocks */
  for (int32_t k = 0; k < block->runs; k++) {
    const Run *r = &block->run[k];
    ints column = lane_numbers() + r->column;
    bits mine = (bits)(lane_numbers() >= r->lane), here = { 0 };
    if (r->row >= w->row0 && r->row < w->row1) here = (bits)(column >= w->column0) & (bits)(column < w->column1);
    cut = (cut & ~mine) | (here & mine);
  }
  return cut;
}

/* ---- the batch ------------------------------------------------------------------------------ */

/* VL rows of VL become columns: as many rounds as halvings of VL, each interleaving every row
** with the one half the square further on. */
#if VL == 16
#define LOWER_HALVES(a, b) SHUFFLE(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define UPPER_HALVES(a, b) SHUFFLE(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#elif VL == 8
#define LOWER_HALVES(a, b) SHUFFLE(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define UPPER_HALVES(a, b) SHUFFLE(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#else
#define LOWER_HALVES(a, b) SHUFFLE(a, b, 0, 4, 1, 5)
#define UPPER_HALVES(a, b) SHUFFLE(a, b, 2, 6, 3, 7)
#endif

INLINE void turn_floats (vec r[VL]) {
  for (int rows = VL; rows > 1; rows /= 2) {
    vec t[VL];
    UNROLL for (int i = 0; i < VL / 2; i++) {
      t[2 * i] = LOWER_HALVES(r[i], r[i + VL / 2]);
      t[2 * i + 1] = UPPER_HALVES(r[i], r[i + VL / 2]);
    }
    UNROLL for (int i = 0; i < VL; i++) r[i] = t[i];
  }
}

/* What a batch is made of; as in Kernels.warp_bytes. */
typedef struct Making {
  float *x;
  WarpPart part;
  size_t stride;
  int32_t width, batch;
  const Warp *warp;
  const WarpFrame *frame;
  float unit;
  const float *scale, *shift;
} Making;

enum { TOGETHER = 3 };   /* channels that share a block's places, at most; grey is of as many */

/* Lanes first .. last - 1 of a block of pixels, turned, are rows of x. */
INLINE void put_block (const Making *made, vec r[VL], int32_t channel, int32_t pixel, int32_t b) {
  const WarpPart *part = &made->part;
  int first = pixel < part->pixel0 ? part->pixel0 - pixel : 0, last = here_of((size_t)part->pixel1, (size_t)pixel);
  size_t row = (size_t)(channel - part->channel0) * part->apart + (size_t)(pixel + first - part->pixel0);
  float *out = made->x + row * made->stride + b;
  turn_floats(r);
  for (int j = first; j < last; j++, out += made->stride) put(out, r[j], here_of((size_t)made->width, (size_t)b));
}

#define WARP(name, type, sample)                                                                 \
  INLINE void name##_filled (const Making *made, const type *const *row, const AugmentFill fill) { \
    const WarpFrame *frame = made->frame;                                                        \
    const WarpPart *part = &made->part;                                                          \
    int32_t size = frame->height * frame->width;                                                 \
    for (int32_t c0 = part->channel0; c0 < part->channel1; c0 += TOGETHER)                       \
      for (int32_t p = part->pixel0 / VL * VL; p < part->pixel1; p += VL) {                      \
        int32_t c1 = c0 + TOGETHER < part->channel1 ? c0 + TOGETHER : part->channel1;            \
        int here = here_of((size_t)size, (size_t)p);                                             \
        Block block = block_of(p, frame);                                                        \
        vec r[TOGETHER][VL], m[TOGETHER], s[TOGETHER];                                           \
        for (int32_t c = c0; c < c1; c++) {                                                      \
          m[c - c0] = splat(made->unit);                                                         \
          s[c - c0] = splat(0);                                                                  \
          if (made->scale) m[c - c0] *= get(made->scale + c * size + p, here);                   \
          if (made->shift) s[c - c0] = get(made->shift + c * size + p, here);                    \
        }                                                                                        \
        for (int32_t b = 0; b < made->width; b += VL) {                                          \
          int32_t samples = made->batch - b < VL ? made->batch - b : VL;                         \
          for (int32_t l = 0; l < samples; l++) {                                                \
            const Warp *w = &made->warp[b + l];                                                  \
            const type *image = row[b + l];                                                      \
            Taps taps = taps_of(&block, w, frame, fill);                                         \
            int32_t from = frame->is_saturated ? 0 : c0, to = frame->is_saturated ? TOGETHER : c1; \
            vec v[TOGETHER], grey = splat(0);                                                    \
            for (int32_t c = from; c < to; c++) {                                                \
              const type *plane = image + (size_t)c * (size_t)size;                              \
              int32_t left = (frame->channels - c) * size;                                       \
              v[c - from] = left - size > WORD ? sample(plane, &taps, frame, left, 0, fill)       \
                                               : sample(plane, &taps, frame, left, 1, fill);      \
            }                                                                                    \
            if (frame->is_saturated) grey = 0.299f * v[0] + 0.587f * v[1] + 0.114f * v[2];       \
            bits cut = frame->is_cut ? cut_lanes(&block, w) : (bits){ 0 };                       \
            for (int32_t c = c0; c < c1; c++) {                                                  \
              vec u = v[c - from];                                                               \
              u = frame->is_coloured ? recoloured(u, grey, w, frame) : lit(u, w, frame);         \
              r[c - c0][l] = keep(u * m[c - c0] + s[c - c0], ~cut);                              \
            }                                                                                    \
          }                                                                                      \
          for (int32_t c = c0; c < c1; c++) {                                                    \
            for (int32_t l = samples < 0 ? 0 : samples; l < VL; l++) r[c - c0][l] = splat(0);    \
            put_block(made, r[c - c0], c, p, b);                                                 \
          }                                                                                      \
        }                                                                                        \
      }                                                                                          \
  }                                                                                              \
  static void name (float *x, const WarpPart *part, size_t stride, int32_t width,                \
                    const type *const *row, const Warp *warp, const WarpFrame *frame, int32_t batch, \
                    float unit, const float *scale, const float *shift) {                        \
    Making made = { x, *part, stride, width, batch, warp, frame, unit, scale, shift };           \
    if (frame->fill == AUGMENT_NEAREST) name##_filled(&made, row, AUGMENT_NEAREST);              \
    else if (frame->fill == AUGMENT_CONSTANT) name##_filled(&made, row, AUGMENT_CONSTANT);       \
    else if (frame->fill == AUGMENT_REFLECT) name##_filled(&made, row, AUGMENT_REFLECT);         \
    else name##_filled(&made, row, AUGMENT_WRAP);                                                \
  }
WARP(warp_bytes, uint8_t, sample_bytes)
WARP(warp_floats, float, sample_floats)
