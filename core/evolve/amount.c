#include "evolve/amount.h"
#include <math.h>

static double cut (double x) { return x < 0 ? 0 : x > 1 ? 1 : x; }

double amount_cubic (double from, double to, double x) { return to + (from - to) * pow(1 - cut(x), 3); }

static double sigmoid (double z) { return 1 / (1 + exp(-z)); }

double amount_logistic (double from, double to, double k, double x) {
  double f = 0.5 + (sigmoid(k * (2 * cut(x) - 1)) - 0.5) / (sigmoid(k) - sigmoid(-k));
  return from + (to - from) * f;
}

double amount_cosine (double from, double to, double x) { return to + (from - to) * (1 + cos(3.14159265358979323846 * cut(x))) / 2; }
