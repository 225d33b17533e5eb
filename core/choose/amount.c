#include "choose/amount.h"
#include <math.h>

static double cut (double x) { return x < 0 ? 0 : x > 1 ? 1 : x; }

double amount_cubic (double from, double to, double x) { return to + (from - to) * pow(1 - cut(x), 3); }

static double sigmoid (double z) { return 1 / (1 + exp(-z)); }

double amount_logistic (double from, double to, double k, double x) {
  double f = 0.5 + (sigmoid(k * (2 * cut(x) - 1)) - 0.5) / (sigmoid(k) - sigmoid(-k));
  return from + (to - from) * f;
}

double amount_cosine (double from, double to, double x) { return to + (from - to) * (1 + cos(3.14159265358979323846 * cut(x))) / 2; }

/* The layers that still take their share: those whose share exceeds their room get what they have room for, and the others
** share the rest. Returns what is left for them; *sum is of their weights. */
static int64_t fill_up (int32_t n, int64_t total, const double *weight, const int64_t *room, int64_t *give, double *sum) {
  int64_t left = total;
  for (int32_t l = 0; l < n; l++) give[l] = -1;
  for (int full = 1; full;) {
    full = 0;
    *sum = 0;
    for (int32_t l = 0; l < n; l++) *sum += give[l] < 0 ? weight[l] : 0;
    for (int32_t l = 0; l < n; l++) {
      if (give[l] >= 0 || (double)left * weight[l] < (double)room[l] * *sum) continue;
      give[l] = room[l] < left ? room[l] : left;
      left -= give[l];
      full = 1;
      break;
    }
  }
  return left;
}

/* The open layer with the largest remainder; -1 if there is none. */
static int32_t largest (int32_t n, const double *remainder) {
  int32_t best = -1;
  for (int32_t l = 0; l < n; l++)
    if (remainder[l] >= 0 && (best < 0 || remainder[l] > remainder[best])) best = l;
  return best;
}

void amount_share (int32_t n, int64_t total, const double *weight, const int64_t *room, int64_t *give, double *remainder) {
  double sum;
  int64_t left = fill_up(n, total, weight, room, give, &sum), rest = left;
  for (int32_t l = 0; l < n; l++) {
    remainder[l] = -1;
    if (give[l] >= 0) continue;
    double share = (double)left * weight[l];
    give[l] = sum > 0 ? (int64_t)(share / sum) : 0;
    remainder[l] = fmax(0, share - (double)give[l] * sum);
    rest -= give[l];
  }
  for (int32_t l; rest > 0 && (l = largest(n, remainder)) >= 0; rest--) {
    give[l]++;
    remainder[l] = -1;
  }
}
