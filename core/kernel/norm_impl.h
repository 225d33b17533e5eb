/*
** norm_impl.h -- batch normalisation of rows (Ioffe and Szegedy 2015); included by kernel_impl.h only.
**
** Four rows at a time, so that their sums go across together. What is kept for the way back is x - mean: the variance is
** computed from it once more, which is cheaper than a place of its own.
*/

enum { NORM_ROWS = 4 };   /* rows */
#define NORM_EPSILON 1e-5f

INLINE void across (float total[NORM_ROWS], const vec s[NORM_ROWS]) { store_sums(total, fold2(fold(s[0], s[1]), fold(s[2], s[3]))); }

/* Sums of rows; of none of them beyond `rows`. */
INLINE void norm_totals (const float *x, size_t stride, int rows, int32_t c0, int32_t c1, float total[NORM_ROWS]) {
  vec s[NORM_ROWS] = { splat(0), splat(0), splat(0), splat(0) };
  for (int r = 0; r < rows; r++)
    for (int32_t c = c0; c < c1; c += VL) s[r] += get(x + (size_t)r * stride + c, here_of((size_t)c1, (size_t)c));
  across(total, s);
}

INLINE void norm_squares (const float *x, size_t stride, int rows, int32_t c0, int32_t c1, float total[NORM_ROWS]) {
  vec s[NORM_ROWS] = { splat(0), splat(0), splat(0), splat(0) };
  for (int r = 0; r < rows; r++)
    for (int32_t c = c0; c < c1; c += VL) {
      vec v = get(x + (size_t)r * stride + c, here_of((size_t)c1, (size_t)c));
      s[r] += v * v;
    }
  across(total, s);
}

INLINE float norm_inverse (float squares, float n) { return 1 / sqrtf(squares / n + NORM_EPSILON); }

INLINE void norm_note (float *gradient, size_t run, int32_t u, float mean, float variance, int add) {
  float *m = gradient + NORM_MEAN * run + u, *v = gradient + NORM_VARIANCE * run + u;
  *m = add ? *m + mean : mean;
  *v = add ? *v + variance : variance;
}

/* x minus the mean of its row as far as a float holds that; the sums of what is left, which are not quite 0, and of its squares. */
INLINE void norm_centre (const float *x, float *centred, size_t stride, int rows, int32_t c0, int32_t c1, const float mean[NORM_ROWS],
                         float left[NORM_ROWS], float squares[NORM_ROWS]) {
  vec s[NORM_ROWS] = { splat(0), splat(0), splat(0), splat(0) }, q[NORM_ROWS] = { splat(0), splat(0), splat(0), splat(0) };
  for (int r = 0; r < rows; r++)
    for (int32_t c = c0; c < c1; c += VL) {
      size_t at = (size_t)r * stride + (size_t)c;
      int here = here_of((size_t)c1, (size_t)c);
      put(centred + at, get(x + at, here) - splat(mean[r]), here);
      vec v = get(centred + at, here);
      s[r] += v;
      q[r] += v * v;
    }
  across(left, s);
  across(squares, q);
}

/* The mean is taken twice: of the sums, and of what is left without it. So it is good to the last bits also where it is hundreds
** of deviations large. */
static void norm_forward (float *y, float *centred, int32_t units, size_t stride, int32_t c0, int32_t c1, const float *parameter,
                          float *gradient, size_t run, float share, int add) {
  const float n = (float)(c1 - c0);
  for (int32_t u = 0; u < units; u += NORM_ROWS, y += NORM_ROWS * stride, centred += NORM_ROWS * stride) {
    int rows = units - u < NORM_ROWS ? units - u : NORM_ROWS;
    float mean[NORM_ROWS], rest[NORM_ROWS], squares[NORM_ROWS];
    norm_totals(y, stride, rows, c0, c1, mean);
    for (int r = 0; r < rows; r++) mean[r] /= n;
    norm_centre(y, centred, stride, rows, c0, c1, mean, rest, squares);
    for (int r = 0; r < rows; r++) {
      rest[r] /= n;
      squares[r] -= n * rest[r] * rest[r];
      float factor = norm_inverse(squares[r], n) * parameter[NORM_SCALE * run + u + r], shift = parameter[NORM_SHIFT * run + u + r];
      for (int32_t c = c0; c < c1; c += VL) {
        size_t at = (size_t)r * stride + (size_t)c;
        int here = here_of((size_t)c1, (size_t)c);
        vec v = get(centred + at, here) - splat(rest[r]);
        put(centred + at, v, here);
        put(y + at, splat(factor) * v + splat(shift), here);
      }
      norm_note(gradient, run, u + r, share * (mean[r] + rest[r]), n > 1 ? share * (squares[r] / (n - 1)) : 0, add);
    }
  }
}

/* Sums of the loss gradients, and of their products with x - mean. */
INLINE void norm_products (const float *delta, const float *centred, size_t stride, int rows, int32_t c0, int32_t c1,
                           float total[NORM_ROWS], float product[NORM_ROWS]) {
  vec s[NORM_ROWS] = { splat(0), splat(0), splat(0), splat(0) }, p[NORM_ROWS] = { splat(0), splat(0), splat(0), splat(0) };
  for (int r = 0; r < rows; r++)
    for (int32_t c = c0; c < c1; c += VL) {
      size_t at = (size_t)r * stride + (size_t)c;
      int here = here_of((size_t)c1, (size_t)c);
      vec d = get(delta + at, here);
      s[r] += d;
      p[r] += d * get(centred + at, here);
    }
  across(total, s);
  across(product, p);
}

static void norm_backward (float *delta, const float *centred, int32_t units, size_t stride, int32_t c0, int32_t c1,
                           const float *parameter, float *gradient, size_t run, int add) {
  const float n = (float)(c1 - c0);
  for (int32_t u = 0; u < units; u += NORM_ROWS, delta += NORM_ROWS * stride, centred += NORM_ROWS * stride) {
    int rows = units - u < NORM_ROWS ? units - u : NORM_ROWS;
    float total[NORM_ROWS], product[NORM_ROWS], squares[NORM_ROWS];
    norm_products(delta, centred, stride, rows, c0, c1, total, product);
    norm_squares(centred, stride, rows, c0, c1, squares);
    for (int r = 0; r < rows; r++) {
      float inverse = norm_inverse(squares[r], n), factor = inverse * parameter[NORM_SCALE * run + u + r];
      float mean = total[r] / n, slope = inverse * inverse * (product[r] / n);
      for (int32_t c = c0; c < c1; c += VL) {
        size_t at = (size_t)r * stride + (size_t)c;
        int here = here_of((size_t)c1, (size_t)c);
        vec d = get(delta + at, here) - splat(mean) - splat(slope) * get(centred + at, here);
        put(delta + at, splat(factor) * d, here);
      }
      float *scale = gradient + NORM_SCALE * run + u + r, *shift = gradient + NORM_SHIFT * run + u + r;
      *scale = add ? *scale + inverse * product[r] : inverse * product[r];
      *shift = add ? *shift + total[r] : total[r];
    }
  }
}

static void norm_apply (float *y, int32_t units, size_t stride, int32_t width, const float *parameter, size_t run) {
  for (int32_t u = 0; u < units; u++, y += stride) {
    float factor = parameter[NORM_SCALE * run + u] / sqrtf(parameter[NORM_VARIANCE * run + u] + NORM_EPSILON);
    float shift = parameter[NORM_SHIFT * run + u] - factor * parameter[NORM_MEAN * run + u];
    for (int32_t c = 0; c < width; c += VL) {
      int here = here_of((size_t)width, (size_t)c);
      put(y + c, splat(factor) * get(y + c, here) + splat(shift), here);
    }
  }
}
