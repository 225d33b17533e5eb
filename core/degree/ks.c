#include "degree/ks.h"
#include "degree/zeta.h"
#include <math.h>

/* libplfit wants three distinct values in a tail. Its scan steps over copies of the last
** candidate onto the next value, so that two are enough where that candidate occurs more
** than once; the bootstrap must search exactly where the fit did. */
int64_t ks_candidates (const Ks *ks) {
  int64_t k = ks->distinct;
  if (k <= 2) return 1;
  double copies = ks->at_least[k - 3] - ks->at_least[k - 2];
  return copies > 1 ? k - 1 : k - 2;
}

/* Mean of ln x over the tail. */
static double mean_log (const Ks *ks, int64_t at) {
  double sum = 0;
  for (int64_t i = at; i < ks->distinct; i++) {
    double next = i + 1 < ks->distinct ? ks->at_least[i + 1] : 0;
    sum += (ks->at_least[i] - next) * ks->log_value[i];
  }
  return sum / ks->at_least[at];
}

double ks_alpha (const Ks *ks, int64_t at) {
  if (at + 1 >= ks->distinct) return HUGE_VAL;
  double q = ks->value[at], mean = mean_log(ks, at);
  double alpha = 1 + 1 / (mean - log(q - 0.5));  /* the continuous estimate */
  for (int step = 0; step < 100; step++) {
    Zeta z = zeta_log(alpha, q);
    double change = -(mean + z.first) / z.second;
    double next = alpha + change;
    if (next <= 1) next = (alpha + 1) / 2;
    int close = fabs(next - alpha) < 1e-8 * alpha;  /* the error squares: 1e-16 is left */
    alpha = next;
    if (close) break;
  }
  return alpha;
}

/* sum of (x/q)^-alpha over x = from .. to-1 */
static double model_mass (double alpha, double q, double from, double to) {
  double sum = 0;
  for (double x = from; x < to; x++) {
    double term = exp(-alpha * log(x / q));
    sum += term;
    if (term < 1e-18) break;
  }
  return sum;
}

double ks_distance (const Ks *ks, int64_t at, double alpha, double bound) {
  double q = ks->value[at], log_q = ks->log_value[at], n = ks->at_least[at];
  double whole = exp(zeta_log(alpha, q).log + alpha * log_q);
  double left = whole, worst = 0;  /* left: zeta(alpha, x), relative to q^-alpha */
  for (int64_t i = at; i < ks->distinct && worst <= bound; i++) {
    double x = ks->value[i];
    if (x >= alpha + ZETA_FAR) left = exp(-alpha * (ks->log_value[i] - log_q)) * zeta_far(alpha, x);
    else if (i > at) left -= model_mass(alpha, q, ks->value[i - 1], x);
    double distance = fabs(left / whole - ks->at_least[i] / n);
    if (distance > worst) worst = distance;
  }
  return worst;
}

KsFit ks_search (const Ks *ks, double enough) {
  KsFit best = { 0, HUGE_VAL, HUGE_VAL };
  if (ks->distinct == 1) return (KsFit){ 0, HUGE_VAL, 0 };  /* all values equal */
  int64_t candidates = ks_candidates(ks);
  for (int64_t at = 0; at < candidates; at++) {
    double alpha = ks_alpha(ks, at);
    double D = ks_distance(ks, at, alpha, best.D);
    if (D < best.D) best = (KsFit){ at, alpha, D };
    if (best.D <= enough) break;
  }
  return best;
}
