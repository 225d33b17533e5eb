/* Densities of layers, and numbers that change over time. */
#include "named.h"
#include "choose/amount.h"
#include "sparse/density.h"
#include <math.h>
#include <string.h>

enum { MOST_LAYERS = 64 };

static void check_result (Case *c, const Field *sizes, const double *density) {
  int32_t n = (int32_t)sizes->n - 1;
  const Field *want = case_field(c, "layer_density", n, NULL), *links = case_field(c, "layer_links", n, NULL);
  for (int32_t l = 0; want && links && l < n; l++) {
    case_near(c, want, l, density[l], 1e-6 * fabs(want->value[l]) + 1e-9);
    case_same(c, links, l, (double)density_links((int64_t)(sizes->value[l] * sizes->value[l + 1]), density[l]));
  }
}

static void check_layers (Case *c, const char *rule) {
  const Field *sizes = case_field(c, "sizes", -1, NULL);
  int32_t n = sizes ? (int32_t)sizes->n - 1 : 0, units[MOST_LAYERS + 1];
  double density[MOST_LAYERS];
  if (n < 1 || n > MOST_LAYERS) return;
  for (int32_t l = 0; l <= n; l++) units[l] = (int32_t)sizes->value[l];
  if (strcmp(rule, "rule_er") == 0) density_er(units, units + 1, n, case_number(c, "density"), case_number(c, "power"), density);
  else
    for (int32_t l = 0; l < n; l++) {
      double by_epsilon = case_find(c, "epsilon") ? case_number(c, "epsilon") * ((double)units[l] + units[l + 1]) / ((double)units[l] * units[l + 1]) : 0;
      density[l] = case_find(c, "epsilon") ? fmin(1, by_epsilon) : case_number(c, "density");
      if (strcmp(rule, "rule_uniform_dense_out") == 0 && l == n - 1) density[l] = 1;
    }
  check_result(c, sizes, density);
}

static double amount (Case *c, const char *rule, const double *range, double t) {
  double x = (t - range[2]) / (range[3] - range[2]);
  if (strcmp(rule, "schedule_cubic") == 0) return amount_cubic(range[0], range[1], x);
  if (strcmp(rule, "schedule_logistic") == 0) return amount_logistic(range[0], range[1], case_number(c, "k"), x);
  if (strcmp(rule, "schedule_cosine") == 0) return amount_cosine(range[0], range[1], x);
  return x > 1 ? 0 : amount_cosine(range[0], 0, x);   /* RigL: nothing changes after the end */
}

static void check_times (Case *c, const char *rule) {
  const Field *range = case_field(c, "range", 4, NULL), *t = case_field(c, "t", -1, NULL);
  const Field *value = t ? case_field(c, "value", t->n, NULL) : NULL;
  for (int64_t n = 0; range && value && n < t->n; n++)
    case_near(c, value, n, amount(c, rule, range->value, t->value[n]), 1e-6 * fabs(value->value[n]) + 1e-9);
}

void check_densities (Case *c) {
  const char *rule = c->fields > 0 ? c->field[0].word : "";
  if (strncmp(rule, "rule_", 5) == 0) check_layers(c, rule);
  else check_times(c, rule);
}
