/*
** augment_impl.h -- a batch's samples changed on their way to the kernels' layout (augment.h);
** included by kernel_impl.h only.
**
** A block is VL features that follow one another, from a multiple of VL on, whichever of them
** are asked for: results do not depend on who asks. They are pixels of one row of an image, or
** of several where it ends within. The places where they come from lie along straight lines, so
** that a block needs one exact place for each row in it and one addition a lane. Each lane then
** reads two words, of two neighbours each in the old image. What VL samples got is turned in
** registers.
*/
#include "augment.h"

typedef int32_t ints __attribute__((vector_size(VL * 4)));

enum { PLACE_BITS = 24 };   /* of a fraction of a pixel, within a lane */

#if VL == 16
INLINE ints at_least (ints a, ints b) { return (ints)_mm512_max_epi32((__m512i)a, (__m512i)b); }
INLINE ints at_most (ints a, ints b) { return (ints)_mm512_min_epi32((__m512i)a, (__m512i)b); }
INLINE bits reach_bytes (const uint8_t *p, ints at) { return (bits)_mm512_i32gather_epi32((__m512i)at, p, 1); }
INLINE vec reach_floats (const float *p, ints at) { return (vec)_mm512_i32gather_ps((__m512i)at, p, 4); }
#elif VL == 8
INLINE ints at_least (ints a, ints b) { return (ints)_mm256_max_epi32((__m256i)a, (__m256i)b); }
INLINE ints at_most (ints a, ints b) { return (ints)_mm256_min_epi32((__m256i)a, (__m256i)b); }
INLINE bits reach_bytes (const uint8_t *p, ints at) { return (bits)_mm256_i32gather_epi32((const int *)(const void *)p, (__m256i)at, 1); }
INLINE vec reach_floats (const float *p, ints at) { return (vec)_mm256_i32gather_ps(p, (__m256i)at, 4); }
#else
INLINE ints at_least (ints a, ints b) { return (ints)either((bits)(a > b), (vec)a, (vec)b); }
INLINE ints at_most (ints a, ints b) { return (ints)either((bits)(a < b), (vec)a, (vec)b); }
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
INLINE ints choose (bits mask, ints a, ints b) { return (ints)either(mask, (vec)a, (vec)b); }
INLINE vec to_floats (ints i) { return __builtin_convertvector(i, vec); }

INLINE ints lane_numbers (void) {
  ints lane;
  for (int l = 0; l < VL; l++) lane[l] = l;
  return lane;
}

/* ---- which pixels of the new image -------------------------------------------------------- */

/* Lanes from `lane` on, up to the next run's, are in this row: lane j in column `column` + j. */
typedef struct Run { int32_t row, column, lane; } Run;
typedef struct Block { int32_t runs; Run run[VL]; ints plane; } Block;   /* plane: where each lane's channel begins */

/* Features from f on; lanes past the image's end stay in its last row. */
static Block block_of (int32_t f, const WarpFrame *frame) {
  Block block = { .runs = 0 };
  int32_t size = frame->height * frame->width, end = frame->channels * size, l = 0;
  while (l < VL && f + l < end) {
    int32_t plane = (f + l) / size * size, row = (f + l - plane) / frame->width, column = (f + l - plane) % frame->width;
    block.run[block.runs++] = (Run){ row, column - l, l };
    for (int32_t k = l; k < VL; k++) block.plane[k] = plane;
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
  return (Places){ choose(mask, a.whole, b.whole), either(mask, a.part, b.part) };
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
  return (Places){ choose(back, 2 * n - 2 - whole, whole), either(back, 1 - p.part, p.part) };
}

/* Each copy's last pixel is the next one's first. On it, SciPy takes the one that is nearer. */
INLINE Places wrap (Places p, int32_t n) {
  int32_t period = n > 1 ? n - 1 : 1;
  ints whole = p.whole - multiple_below(p.whole, period);
  bits last = (bits)(p.whole < 0) & (bits)(whole == 0) & (bits)(p.part == 0);
  Places inside = { choose(last, splat_int(period), whole), p.part };
  return blend(outside(p, n), inside, p);
}

/* To whole <= n - 2, so that both neighbours are there. */
INLINE Places clamp (Places p, int32_t n) {
  bits low = (bits)(p.whole < 0), high = (bits)(p.whole >= n - 1);
  vec part = either(high, splat(n > 1 ? 1 : 0), keep(p.part, ~low));
  return (Places){ at_least(at_most(p.whole, splat_int(n - 2)), splat_int(0)), part };
}

INLINE Places place_inside (Places p, int32_t n, const AugmentFill fill) {
  if (fill == AUGMENT_REFLECT) p = reflect(p, n);
  if (fill == AUGMENT_WRAP) p = wrap(p, n);
  return clamp(p, n);
}

/* ---- sampling ------------------------------------------------------------------------------- */

INLINE vec between (vec a, vec b, vec part) { return a + part * (b - a); }

/* Two neighbours in a word of four bytes, which must not reach past the sample's end. */
INLINE vec sample_pair_bytes (const uint8_t *image, ints at, int32_t step, int32_t end, vec part) {
  ints from = at_most(at, splat_int(end - 4));
  bits word = reach_bytes(image, from) >> (bits)((at - from) << 3);
  (void)step;
  return between(to_floats((ints)(word & 255)), to_floats((ints)(word >> 8 & 255)), part);
}

INLINE vec sample_pair_floats (const float *image, ints at, int32_t step, int32_t end, vec part) {
  (void)end;
  return between(reach_floats(image, at), reach_floats(image, at + step), part);
}

/* The block of one sample; m and s scale and shift each lane. */
#define SAMPLE_BLOCK(name, type, pair)                                                           \
  INLINE vec name (const type *image, const Block *block, const Warp *w, const WarpFrame *frame, \
                   vec m, vec s, const AugmentFill fill) {                                       \
    Places y, x;                                                                                 \
    places_of(block, w, &y, &x);                                                                 \
    bits beyond = fill == AUGMENT_CONSTANT ? outside(y, frame->height) | outside(x, frame->width) : (bits){ 0 }; \
    y = place_inside(y, frame->height, fill);                                                    \
    x = place_inside(x, frame->width, fill);                                                     \
    ints at = y.whole * frame->width + x.whole + block->plane;                                   \
    int32_t right = frame->width > 1, down = frame->height > 1 ? frame->width : 0;               \
    int32_t end = frame->channels * frame->height * frame->width;                                \
    vec upper = pair(image, at, right, end, x.part), lower = pair(image, at + down, right, end, x.part); \
    vec v = between(upper, lower, y.part);                                                       \
    if (fill == AUGMENT_CONSTANT) v = either(beyond, splat(frame->value), v);                    \
    v *= w->brightness;                                                                          \
    v = either((bits)(v < frame->brightest), v, splat(frame->brightest));                        \
    return v * m + s;                                                                            \
  }
SAMPLE_BLOCK(sample_bytes, uint8_t, sample_pair_bytes)
SAMPLE_BLOCK(sample_floats, float, sample_pair_floats)

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

/* What a batch is made of; pointers as in Kernels.warp_bytes. */
typedef struct Making {
  float *x;
  int32_t f0, f1, width, batch;
  size_t stride;
  const Warp *warp;
  const WarpFrame *frame;
  float unit;
  const float *scale, *shift;
} Making;

#define WARP(name, type, sample)                                                                 \
  INLINE void name##_filled (const Making *made, const type *const *row, const AugmentFill fill) { \
    int32_t end = made->frame->channels * made->frame->height * made->frame->width;              \
    for (int32_t f = made->f0 / VL * VL; f < made->f1; f += VL) {                                \
      Block block = block_of(f, made->frame);                                                    \
      int here = here_of((size_t)end, (size_t)f), first = f < made->f0 ? made->f0 - f : 0;       \
      int last = here_of((size_t)made->f1, (size_t)f);                                           \
      vec m = splat(made->unit), s = splat(0);                                                   \
      if (made->scale) m *= get(made->scale + f, here);                                          \
      if (made->shift) s = get(made->shift + f, here);                                           \
      for (int32_t b = 0; b < made->width; b += VL) {                                            \
        float *out = made->x + (size_t)(f + first - made->f0) * made->stride + b;                \
        vec r[VL];                                                                               \
        for (int32_t l = 0; l < VL; l++)                                                         \
          r[l] = b + l >= made->batch ? splat(0)                                                 \
                                      : sample(row[b + l], &block, &made->warp[b + l], made->frame, m, s, fill); \
        turn_floats(r);                                                                          \
        for (int j = first; j < last; j++, out += made->stride)                                  \
          put(out, r[j], here_of((size_t)made->width, (size_t)b));                               \
      }                                                                                          \
    }                                                                                            \
  }                                                                                              \
  static void name (float *x, int32_t f0, int32_t f1, size_t stride, int32_t width,              \
                    const type *const *row, const Warp *warp, const WarpFrame *frame, int32_t batch, \
                    float unit, const float *scale, const float *shift) {                        \
    Making made = { x, f0, f1, width, batch, stride, warp, frame, unit, scale, shift };          \
    if (frame->fill == AUGMENT_NEAREST) name##_filled(&made, row, AUGMENT_NEAREST);              \
    else if (frame->fill == AUGMENT_CONSTANT) name##_filled(&made, row, AUGMENT_CONSTANT);       \
    else if (frame->fill == AUGMENT_REFLECT) name##_filled(&made, row, AUGMENT_REFLECT);         \
    else name##_filled(&made, row, AUGMENT_WRAP);                                                \
  }
WARP(warp_bytes, uint8_t, sample_bytes)
WARP(warp_floats, float, sample_floats)
