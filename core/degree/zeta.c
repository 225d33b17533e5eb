#include "degree/zeta.h"
#include <math.h>

/* B(2j) / (2j)! for j = 1 .. 10, the Euler-Maclaurin coefficients. */
#define TERMS 10
static const double coefficient[TERMS] = {
  1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1209600, 1.0 / 47900160,
  -691.0 / 1307674368000.0, 1.0 / 74724249600.0, -3617.0 / 10670622842880000.0,
  43867.0 / 5109094217170944000.0, -174611.0 / 802857662698291200000.0
};

double zeta_far (double s, double q) {
  double sum = q / (s - 1) + 0.5, factor = s / q, inverse = 1 / (q * q);
  for (int j = 0; j < TERMS; j++) {
    double term = coefficient[j] * factor;
    sum += term;
    if (fabs(term) < 1e-17 * sum) break;
    factor *= (s + 2 * j + 1) * (s + 2 * j + 2) * inverse;
  }
  return sum;
}

/* Sums of the terms t, of t' and of t'' (derivatives in s). */
typedef struct Sums { double value, first, second; } Sums;

static void add (Sums *sums, double term, double first, double second) {
  sums->value += term;
  sums->first += term * first;
  sums->second += term * second;
}

/* What remains from a on, a >= s + ZETA_FAR: the integral, half the first term, and the
** series. `weight` is (a/q)^-s and `l` = ln(a/q); first and second are relative to t. */
static void add_rest (Sums *sums, double s, double a, double weight, double l) {
  double r = 1 / (s - 1);
  add(sums, weight * a * r, -(l + r), (l + r) * (l + r) + r * r);
  add(sums, weight * 0.5, -l, l * l);
  double factor = s / a, h = 1 / s, g = 1 / (s * s);  /* s(s+1).. and its log-derivatives */
  for (int j = 0; j < TERMS; j++) {
    add(sums, weight * coefficient[j] * factor, h - l, (h - l) * (h - l) - g);
    for (int i = 1; i <= 2; i++) {
      double next = s + 2 * j + i;
      factor *= next / a;
      h += 1 / next;
      g += 1 / (next * next);
    }
  }
}

Zeta zeta_log (double s, double q) {
  Sums sums = { 0, 0, 0 };
  double a = q, weight = 1, l = 0;
  while (a < s + ZETA_FAR && weight > 1e-20) {
    add(&sums, weight, -l, l * l);
    a += 1;
    l = log1p((a - q) / q);
    weight = exp(-s * l);
  }
  if (weight > 1e-20) add_rest(&sums, s, a, weight, l);
  double mean = sums.first / sums.value, ln_q = log(q);
  return (Zeta){ .log = log(sums.value) - s * ln_q, .first = mean - ln_q,
                 .second = sums.second / sums.value - mean * mean, .relative = log(sums.value) };
}
