/*
** batch_impl.h -- a batch's samples to the kernels' layout; included by kernel_impl.h only.
**
** Samples are rows, features columns; the kernels want the transpose. Bytes are turned in
** squares of 16 samples by 16 features, in registers: four rounds of interleaving each with the
** one half the square further on.
*/

enum { SQUARE = 16 };
typedef uint8_t square_row __attribute__((vector_size(SQUARE)));
typedef uint8_t loose_square_row __attribute__((vector_size(SQUARE), aligned(1), may_alias));
typedef int32_t square_ints __attribute__((vector_size(SQUARE * 4)));
typedef float square_floats __attribute__((vector_size(SQUARE * 4)));
typedef float loose_square_floats __attribute__((vector_size(SQUARE * 4), aligned(4), may_alias));

#if defined __clang__ || __GNUC__ >= 12
#define MIX(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define MIX(a, b, ...) __builtin_shuffle(a, b, (square_row){ __VA_ARGS__ })
#endif

INLINE void turn_square (square_row r[SQUARE]) {
  square_row t[SQUARE];
  for (int round = 0; round < 4; round++) {
    UNROLL for (int i = 0; i < SQUARE / 2; i++) {
      t[2 * i] = MIX(r[i], r[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      t[2 * i + 1] = MIX(r[i], r[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
    UNROLL for (int i = 0; i < SQUARE; i++) r[i] = t[i];
  }
}

/* Features f .. f + 15 of samples b .. b + 15, `here` of which exist; x at the first of both. */
INLINE void batch_square (float *x, int32_t f, size_t stride, const uint8_t *const *row, int32_t here, float unit,
                          const float *scale, const float *shift) {
  square_row r[SQUARE];
  for (int32_t l = 0; l < SQUARE; l++) {
    if (l < here) r[l] = (square_row)*(const loose_square_row *)(row[l] + f);
    else r[l] = (square_row){ 0 };
  }
  turn_square(r);
  for (int32_t j = 0; j < SQUARE; j++) {
    float m = scale ? unit * scale[f + j] : unit, s = shift ? shift[f + j] : 0;
    square_floats v = __builtin_convertvector(__builtin_convertvector(r[j], square_ints), square_floats) * m + s;
    float *out = x + (size_t)j * stride;
    *(loose_square_floats *)out = v;
    for (int32_t l = here; l < SQUARE; l++) out[l] = 0;
  }
}

/* Eight samples at a time share their feature's cache line of x. */
#define BATCH(name, type)                                                                        \
  static void name (float *x, int32_t f0, int32_t f1, size_t stride, int32_t width,              \
                    const type *const *row, int32_t batch, float unit, const float *scale,       \
                    const float *shift) {                                                        \
    enum { GROUP = 8 };                                                                 \
    static const type nothing[1] = { 0 };                                                        \
    for (int32_t b = 0; b < width; b += GROUP) {                                                 \
      const type *r[GROUP];                                                                      \
      int32_t step[GROUP];                                                                       \
      for (int32_t l = 0; l < GROUP; l++) {                                                      \
        step[l] = b + l < batch;                                                                 \
        r[l] = step[l] ? row[b + l] : nothing;                                                   \
      }                                                                                          \
      for (int32_t f = f0; f < f1; f++) {                                                        \
        float *out = x + (size_t)(f - f0) * stride + b;                                          \
        float m = scale ? unit * scale[f] : unit, s = shift ? shift[f] : 0;                      \
        for (int32_t l = 0; l < GROUP; l++) out[l] = (float)r[l][f * step[l]] * m + s;           \
      }                                                                                          \
      for (int32_t l = batch > b ? batch - b : 0; l < GROUP; l++)                                \
        for (int32_t f = f0; f < f1; f++) x[(size_t)(f - f0) * stride + (size_t)(b + l)] = 0;    \
    }                                                                                            \
  }
BATCH(batch_rest, uint8_t)
BATCH(batch_floats, float)

/* Squares as far as they go: rows must have room for whole ones. The rest in the plain way. */
static void batch_bytes (float *x, int32_t f0, int32_t f1, size_t stride, int32_t width, const uint8_t *const *row,
                         int32_t batch, float unit, const float *scale, const float *shift) {
  int32_t f = f0;
  if (stride % SQUARE == 0)
    for (; f + SQUARE <= f1; f += SQUARE)
      for (int32_t b = 0; b < width; b += SQUARE) {
        int32_t left = batch - b, here = left < 0 ? 0 : left < SQUARE ? left : SQUARE;
        batch_square(x + (size_t)(f - f0) * stride + b, f, stride, row + b, here, unit, scale, shift);
      }
  if (f < f1) batch_rest(x + (size_t)(f - f0) * stride, f, f1, stride, width, row, batch, unit, scale, shift);
}

/* ---- pairs of samples ---- */

#if VL == 16
#define OTHERS 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14
#elif VL == 8
#define OTHERS 1, 0, 3, 2, 5, 4, 7, 6
#else
#define OTHERS 1, 0, 3, 2
#endif

static void mix_pairs (float *x, int32_t rows, size_t stride, int32_t samples, float share) {
  int32_t n = samples / 2 * 2;
  for (int32_t r = 0; r < rows; r++, x += stride)
    for (int32_t c = 0; c < n; c += VL) {
      int here = here_of((size_t)n, (size_t)c);
      vec v = get(x + c, here), other = SHUFFLE(v, v, OTHERS);
      put(x + c, v * splat(share) + other * splat(1 - share), here);
    }
}
