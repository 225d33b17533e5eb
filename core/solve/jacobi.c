#include "solve/jacobi.h"
#include <math.h>

enum { MOST_SWEEPS = 60 };

/* Turns rows p and q of m by the angle of cosine c and sine s. */
static void turn (double *p, double *q, int32_t n, int32_t step, double c, double s) {
  for (int32_t k = 0; k < n * step; k += step) {
    double x = p[k], y = q[k];
    p[k] = c * x - s * y;
    q[k] = s * x + c * y;
  }
}

/* Makes a[p][q] zero. */
static void rotate (double *a, double *vector, int32_t n, int32_t p, int32_t q) {
  double theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
  double t = copysign(1, theta) / (fabs(theta) + sqrt(theta * theta + 1));
  double c = 1 / sqrt(t * t + 1), s = t * c;
  turn(a + p * n, a + q * n, n, 1, c, s);
  turn(a + p, a + q, n, n, c, s);
  turn(vector + p * n, vector + q * n, n, 1, c, s);
}

static double off_diagonal (const double *a, int32_t n) {
  double sum = 0;
  for (int32_t p = 0; p < n; p++)
    for (int32_t q = p + 1; q < n; q++) sum += a[p * n + q] * a[p * n + q];
  return sum;
}

static void sort_down (double *value, double *vector, int32_t n) {
  for (int32_t i = 0; i < n; i++) {
    int32_t best = i;
    for (int32_t j = i + 1; j < n; j++) best = value[j] > value[best] ? j : best;
    if (best == i) continue;
    double swap = value[i];
    value[i] = value[best];
    value[best] = swap;
    turn(vector + i * n, vector + best * n, n, 1, 0, 1);   /* changes places, and a sign */
  }
}

void jacobi_eigen (double *a, int32_t n, double *value, double *vector) {
  double scale = 0;
  for (int32_t k = 0; k < n * n; k++) {
    scale += a[k] * a[k];
    vector[k] = k % (n + 1) == 0;
  }
  for (int sweep = 0; sweep < MOST_SWEEPS && off_diagonal(a, n) > 1e-30 * scale; sweep++)
    for (int32_t p = 0; p < n; p++)
      for (int32_t q = p + 1; q < n; q++)
        if (a[p * n + q] * a[p * n + q] > 1e-36 * scale) rotate(a, vector, n, p, q);
  for (int32_t k = 0; k < n; k++) value[k] = a[k * n + k];
  sort_down(value, vector, n);
}
