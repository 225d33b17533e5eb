/*
** norm_impl.h -- batch normalisation of rows (Ioffe and Szegedy 2015); included by kernel_impl.h only.
**
** The sums of four rows go across together. What is kept for the way back is x - mean: the variance is
** computed from it once more, which is cheaper than a place of its own.
*/

enum { NORM_ROWS = 4 };   /* rows whose sums go across together */
#define NORM_EPSILON 1e-5f

INLINE void across (float total[NORM_ROWS], const vec s[NORM_ROWS]) { store_sums(total, fold2(fold(s[0], s[1]), fold(s[2], s[3]))); }

/* Does `step(at, lanes)` with all columns c0 <= c < c1 of a row, a vector at a time; of the last one perhaps not all lanes count. It
** is read and written whole all the same: a part would not come back from the store buffer. */
#define EACH_VECTOR(c0, c1, step)                         \
  do {                                                    \
    int32_t at = (c0);                                    \
    for (; at + VL <= (c1); at += VL) step(at, VL);       \
    if (at < (c1)) step(at, (c1) - at);                   \
  } while (0)

INLINE float norm_inverse (float squares, float n) { return 1 / sqrtf(squares / n + NORM_EPSILON); }

INLINE void norm_note (float *gradient, size_t run, int32_t u, float mean, float variance, int add) {
  float *m = gradient + NORM_MEAN * run + u, *v = gradient + NORM_VARIANCE * run + u;
  *m = add ? *m + mean : mean;
  *v = add ? *v + variance : variance;
}

INLINE vec norm_sum (const float *x, int32_t c0, int32_t c1) {
  vec s = splat(0);
#define STEP(c, lanes) s += first_lanes(load(x + (c)), lanes)
  EACH_VECTOR(c0, c1, STEP);
#undef STEP
  return s;
}

/* x minus the mean as far as a float holds that; the sums of what is left, which are not quite 0, and of its squares. */
INLINE void norm_centre (const float *x, float *centred, int32_t c0, int32_t c1, float mean, vec *left, vec *squares) {
  vec s = splat(0), q = splat(0), m = splat(mean);
#define STEP(c, lanes)                                    \
  do {                                                    \
    vec v = first_lanes(load(x + (c)) - m, lanes);        \
    store(centred + (c), v);                              \
    s += v;                                               \
    q += v * v;                                           \
  } while (0)
  EACH_VECTOR(c0, c1, STEP);
#undef STEP
  *left = s;
  *squares = q;
}

/* What becomes of a normalised sum: itself, rectified, or that dropped out. */
enum { AS_IT_IS, RECTIFIED, DROPPED_OUT };

INLINE vec norm_value (vec y, const int way, bits lane, const Dropout *drop) {
  if (way != AS_IT_IS) y = keep(y, (bits)~(y <= 0));   /* NaN passes */
  return way == DROPPED_OUT ? drop_vector(y, lane, drop) : y;
}

/* lane: of column 0. */
INLINE void norm_scale (float *y, float *centred, int32_t c0, int32_t c1, float rest, float factor, float shift, const int way, bits lane,
                        const Dropout *drop) {
  vec r = splat(rest), f = splat(factor), s = splat(shift);
#define STEP(c, lanes)                            \
  do {                                            \
    vec v = first_lanes(load(centred + (c)) - r, lanes); \
    store(centred + (c), v);                      \
    store(y + (c), first_lanes(norm_value(f * v + s, way, lane + (uint32_t)(c) * GOLDEN, drop), lanes)); \
  } while (0)
  EACH_VECTOR(c0, c1, STEP);
#undef STEP
}

/* The mean is taken twice: of the sums, and of what is left without it. So it is good to the last bits also where it is hundreds
** of deviations large. */
INLINE void norm_forward_way (float *y, float *centred, int32_t units, size_t stride, int32_t c0, int32_t c1, const float *parameter,
                              float *gradient, size_t run, float share, int add, const Rectify *rectify, const int way) {
  const Dropout drop = way == DROPPED_OUT ? *rectify->drop : (Dropout){ 0 };
  const float n = (float)(c1 - c0);
  for (int32_t u = 0; u < units; u += NORM_ROWS, y += NORM_ROWS * stride, centred += NORM_ROWS * stride) {
    int rows = units - u < NORM_ROWS ? units - u : NORM_ROWS;
    vec s[NORM_ROWS] = { splat(0), splat(0), splat(0), splat(0) }, q[NORM_ROWS] = { splat(0), splat(0), splat(0), splat(0) };
    float mean[NORM_ROWS], rest[NORM_ROWS], squares[NORM_ROWS];
    for (int r = 0; r < rows; r++) s[r] = norm_sum(y + (size_t)r * stride, c0, c1);
    across(mean, s);
    for (int r = 0; r < rows; r++) {
      mean[r] /= n;
      norm_centre(y + (size_t)r * stride, centred + (size_t)r * stride, c0, c1, mean[r], &s[r], &q[r]);
    }
    across(rest, s);
    across(squares, q);
    for (int r = 0; r < rows; r++) {
      rest[r] /= n;
      squares[r] -= n * rest[r] * rest[r];
      float factor = norm_inverse(squares[r], n) * parameter[NORM_SCALE * run + u + r];
      norm_scale(y + (size_t)r * stride, centred + (size_t)r * stride, c0, c1, rest[r], factor, parameter[NORM_SHIFT * run + u + r], way,
                 way == DROPPED_OUT ? numbers_from((uint32_t)(rectify->first + (size_t)(u + r) * rectify->step)) : (bits){ 0 }, &drop);
      norm_note(gradient, run, u + r, share * (mean[r] + rest[r]), n > 1 ? share * (squares[r] / (n - 1)) : 0, add);
    }
  }
}

static void norm_forward (float *y, float *centred, int32_t units, size_t stride, int32_t c0, int32_t c1, const float *parameter,
                          float *gradient, size_t run, float share, int add, const Rectify *rectify) {
  if (!rectify) norm_forward_way(y, centred, units, stride, c0, c1, parameter, gradient, run, share, add, rectify, AS_IT_IS);
  else if (!rectify->drop) norm_forward_way(y, centred, units, stride, c0, c1, parameter, gradient, run, share, add, rectify, RECTIFIED);
  else norm_forward_way(y, centred, units, stride, c0, c1, parameter, gradient, run, share, add, rectify, DROPPED_OUT);
}

/* Sums of the loss gradients, of their products with x - mean, and of the squares of that. */
INLINE void norm_products (const float *delta, const float *centred, int32_t c0, int32_t c1, vec *sum, vec *product, vec *squares) {
  vec s = splat(0), p = splat(0), q = splat(0);
#define STEP(c, lanes)                                                        \
  do {                                                                        \
    vec d = load(delta + (c)), x = load(centred + (c));                       \
    s += d;                                                                   \
    p += d * x;                                                               \
    q += x * x;                                                               \
  } while (0)
  EACH_VECTOR(c0, c1, STEP);
#undef STEP
  *sum = s;
  *product = p;
  *squares = q;
}

INLINE void norm_delta (float *delta, const float *centred, int32_t c0, int32_t c1, float mean, float slope, float factor) {
  vec m = splat(mean), s = splat(slope), f = splat(factor);
#define STEP(c, lanes) store(delta + (c), first_lanes(f * (load(delta + (c)) - m - s * load(centred + (c))), lanes))
  EACH_VECTOR(c0, c1, STEP);
#undef STEP
}

static void norm_backward (float *delta, const float *centred, int32_t units, size_t stride, int32_t c0, int32_t c1,
                           const float *parameter, float *gradient, size_t run, int add) {
  const float n = (float)(c1 - c0);
  for (int32_t u = 0; u < units; u += NORM_ROWS, delta += NORM_ROWS * stride, centred += NORM_ROWS * stride) {
    int rows = units - u < NORM_ROWS ? units - u : NORM_ROWS;
    vec s[NORM_ROWS] = { splat(0), splat(0), splat(0), splat(0) }, p[NORM_ROWS] = { splat(0), splat(0), splat(0), splat(0) },
        q[NORM_ROWS] = { splat(0), splat(0), splat(0), splat(0) };
    float total[NORM_ROWS], product[NORM_ROWS], squares[NORM_ROWS];
    for (int r = 0; r < rows; r++) norm_products(delta + (size_t)r * stride, centred + (size_t)r * stride, c0, c1, &s[r], &p[r], &q[r]);
    across(total, s);
    across(product, p);
    across(squares, q);
    for (int r = 0; r < rows; r++) {
      float inverse = norm_inverse(squares[r], n), factor = inverse * parameter[NORM_SCALE * run + u + r];
      norm_delta(delta + (size_t)r * stride, centred + (size_t)r * stride, c0, c1, total[r] / n, inverse * inverse * (product[r] / n), factor);
      float *scale = gradient + NORM_SCALE * run + u + r, *shift = gradient + NORM_SHIFT * run + u + r;
      *scale = add ? *scale + inverse * product[r] : inverse * product[r];
      *shift = add ? *shift + total[r] : total[r];
    }
  }
}

static void norm_apply (float *y, int32_t units, size_t stride, int32_t width, const float *parameter, size_t run) {
  for (int32_t u = 0; u < units; u++, y += stride) {
    float factor = parameter[NORM_SCALE * run + u] / sqrtf(parameter[NORM_VARIANCE * run + u] + NORM_EPSILON);
    vec f = splat(factor), s = splat(parameter[NORM_SHIFT * run + u] - factor * parameter[NORM_MEAN * run + u]);
#define STEP(c, lanes) put(y + (c), f * get(y + (c), lanes) + s, lanes)
    EACH_VECTOR(0, width, STEP);
#undef STEP
  }
}
#undef EACH_VECTOR
