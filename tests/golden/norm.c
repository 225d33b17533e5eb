#include "named.h"
#include "base/mem.h"
#include "dense/loss.h"
#include "kernel/kernel.h"
#include <math.h>
#include <string.h>

/* ---- batch normalisation: batches are m x units, rows of the kernels units x m ---- */

enum { MOST_SAMPLES = 256, MOST_NORMED = 256 };

typedef struct Normed {
  int32_t m, units;
  size_t  stride;
  float   parameter[NORM_PARAMETERS * MOST_NORMED], gradient[NORM_PARAMETERS * MOST_NORMED];
  float   y[MOST_NORMED * MOST_SAMPLES], centred[MOST_NORMED * MOST_SAMPLES], delta[MOST_NORMED * MOST_SAMPLES];
} Normed;

static void take_rows (const Normed *s, const Field *f, float *rows) {
  for (int32_t b = 0; b < s->m; b++)
    for (int32_t u = 0; u < s->units; u++) rows[(size_t)u * s->stride + (size_t)b] = (float)f->value[b * s->units + u];
}

/* Each unit's tolerance by its own, or the same for all. */
static void check_rows (Case *c, const Normed *s, const char *word, const float *rows, const double *tolerance) {
  const Field *want = case_field(c, word, (int64_t)s->m * s->units, NULL);
  for (int32_t b = 0; want && b < s->m; b++)
    for (int32_t u = 0; u < s->units; u++)
      if (!case_near(c, want, b * s->units + u, (double)rows[(size_t)u * s->stride + (size_t)b], tolerance[u])) return;
}

static double largest (const double *v, int64_t n) {
  double most = 0;
  for (int64_t k = 0; k < n; k++) most = fmax(most, fabs(v[k]));
  return most;
}

static void check_units (Case *c, const Normed *s, const char *word, const float *values) {
  const Field *want = case_field(c, word, s->units, NULL);
  for (int32_t u = 0; want && u < s->units; u++)
    if (!case_near(c, want, u, (double)values[u], 1e-5 * largest(want->value, want->n))) return;
}

static void forward (Case *c, const Kernels *k, Normed *s, const Field *x, const char *word, double share) {
  double tolerance[MOST_NORMED];
  const Field *want = case_field(c, word, x->n, NULL);
  for (int32_t u = 0; want && u < s->units; u++) tolerance[u] = share * largest(want->value, want->n);
  take_rows(s, x, s->y);
  k->norm_forward(s->y, s->centred, s->units, s->stride, 0, s->m, s->parameter, s->gradient, MOST_NORMED, 1, 0, NULL);
  if (want) check_rows(c, s, word, s->y, tolerance);
  for (int kind = NORM_MEAN; kind <= NORM_VARIANCE; kind++)
    for (int32_t u = 0; u < s->units; u++) {
      float *running = &s->parameter[kind * MOST_NORMED + u];
      *running += 0.1f * (s->gradient[kind * MOST_NORMED + u] - *running);
    }
}

static void backward (Case *c, const Kernels *k, Normed *s, const Field *dy, double share) {
  double tolerance[MOST_NORMED];
  take_rows(s, dy, s->delta);
  for (int32_t u = 0; u < s->units; u++) {   /* the largest |p| / sqrt(var + eps) */
    double squares = 0, most = 0;
    for (size_t b = 0; b < (size_t)s->m; b++) {
      squares += pow((double)s->centred[(size_t)u * s->stride + b], 2);
      most = fmax(most, fabs((double)s->delta[(size_t)u * s->stride + b]));
    }
    tolerance[u] = share * most * fabs((double)s->parameter[NORM_SCALE * MOST_NORMED + u]) / sqrt(squares / s->m + 1e-5);
  }
  k->norm_backward(s->delta, s->centred, s->units, s->stride, 0, s->m, s->parameter, s->gradient, MOST_NORMED, 0);
  check_rows(c, s, "dx", s->delta, tolerance);
  if (!case_find(c, "dgamma")) return;
  check_units(c, s, "dgamma", s->gradient + NORM_SCALE * MOST_NORMED);
  check_units(c, s, "dbeta", s->gradient + NORM_SHIFT * MOST_NORMED);
}

static void start (Case *c, Normed *s) {
  const Field *gamma = case_find(c, "gamma"), *beta = case_find(c, "beta");
  for (int32_t u = 0; u < s->units; u++) {
    s->parameter[NORM_SCALE * MOST_NORMED + u] = gamma && u < gamma->n ? (float)gamma->value[u] : 1;
    s->parameter[NORM_SHIFT * MOST_NORMED + u] = beta && u < beta->n ? (float)beta->value[u] : 0;
    s->parameter[NORM_MEAN * MOST_NORMED + u] = 0;
    s->parameter[NORM_VARIANCE * MOST_NORMED + u] = 1;
  }
}

static void check_set (Case *c, const Kernels *k, Normed *s) {
  int64_t n = (int64_t)s->m * s->units;
  const Field *x1 = case_field(c, "x1", n, NULL), *x2 = case_field(c, "x2", n, NULL), *dy = case_field(c, "dy", n, NULL);
  const Field *test = case_field(c, "y_test", n, NULL);
  if (!x1 || !x2 || !dy || !test) return;
  int far = strcmp(c->name, "norm_large_mean") == 0;   /* means of hundreds of deviations */
  double tolerance[MOST_NORMED];
  start(c, s);
  forward(c, k, s, x1, "y1", far ? 2e-3 : 1e-5);
  check_units(c, s, "running_mean1", s->parameter + NORM_MEAN * MOST_NORMED);
  check_units(c, s, "running_var1", s->parameter + NORM_VARIANCE * MOST_NORMED);
  backward(c, k, s, dy, far ? 1e-3 : 1e-5);
  forward(c, k, s, x2, "y2", far ? 2e-3 : 1e-5);
  check_units(c, s, "running_mean2", s->parameter + NORM_MEAN * MOST_NORMED);
  check_units(c, s, "running_var2", s->parameter + NORM_VARIANCE * MOST_NORMED);
  for (int32_t u = 0; u < s->units; u++) tolerance[u] = (far ? 2e-3 : 1e-5) * largest(test->value, test->n);
  take_rows(s, x1, s->y);
  k->norm_apply(s->y, s->units, s->stride, s->m, s->parameter, MOST_NORMED);
  check_rows(c, s, "y_test", s->y, tolerance);
}

static void check_norm (Case *c) {
  static const char *const sets[] = { "portable", "avx2", "avx512" };
  const Field *shape = case_field(c, "shape", 2, NULL);
  if (!shape) return;
  if (!(shape->value[0] >= 1 && shape->value[0] <= MOST_SAMPLES && shape->value[1] >= 1 && shape->value[1] <= MOST_NORMED)) {
    malformed(c->in, "expected a shape of at most %d samples and %d units", MOST_SAMPLES, MOST_NORMED);
    c->verdict = MALFORMED;
    return;
  }
  Normed *s = mem_zero(1, sizeof *s);
  s->m = (int32_t)shape->value[0];
  s->units = (int32_t)shape->value[1];
  s->stride = MOST_SAMPLES;
  for (int i = 0; i < 3; i++)
    if (kernels_choose(sets[i])) check_set(c, kernels_choose(sets[i]), s);
  mem_free(s);
}

/* ---- cross entropy with smoothed labels, and with mixed ones ---- */

static void check_loss (Case *c) {
  const Field *shape = case_field(c, "shape", 2, NULL);
  int64_t m = shape ? (int64_t)shape->value[0] : 0, classes = shape ? (int64_t)shape->value[1] : 0;
  const Field *logits = case_field(c, "logits", m * classes, NULL), *label = case_field(c, "label", m, NULL);
  const Field *other = case_find(c, "label2") ? case_field(c, "label2", m, NULL) : label;
  const Field *loss = case_field(c, "loss", 1, NULL), *gradient = case_field(c, "gradient", m * classes, NULL);
  if (!shape || !logits || !label || !other || !loss || !gradient || classes < 1 || classes > MOST_NORMED) return;
  float smooth = (float)case_number(c, "smoothing"), a[MOST_NORMED], delta[MOST_NORMED];
  double sum = 0, most = largest(gradient->value, gradient->n);
  for (int64_t b = 0; b < m; b++) {
    for (int64_t o = 0; o < classes; o++) a[o] = (float)logits->value[b * classes + o];
    LossTarget target = { (int32_t)label->value[b], (int32_t)other->value[b], other == label ? 1 : (float)case_number(c, "lambda"), smooth };
    sum += loss_mixed(loss_find("cross_entropy"), a, 1, (int32_t)classes, &target, delta);
    for (int64_t o = 0; o < classes; o++) case_near(c, gradient, b * classes + o, (double)delta[o] / (double)m, 1e-5 * most);
  }
  case_near(c, loss, 0, sum / (double)m, 1e-5 * fabs(loss->value[0]));
}

/* ---- optimisers ---- */

static void take (float *to, const Field *from, int64_t n) {
  for (int64_t k = 0; k < n; k++) to[k] = from ? (float)from->value[k] : 0;
}

/* The kernels count the step that they make: a link of the age 1 in the file has none behind it. */
static void check_adamw (Case *c) {
  static const char *const sets[] = { "portable", "avx2", "avx512" };
  float w[MOST_NORMED], m[MOST_NORMED], s[MOST_NORMED], age[MOST_NORMED], g[MOST_NORMED];
  const Field *weight = case_find(c, "weight");
  int64_t n = weight ? weight->n : 0;
  const Field *gradient = case_field(c, "gradient", n, NULL), *m0 = case_field(c, "m", n, NULL), *v0 = case_field(c, "v", n, NULL);
  const Field *ages = case_field(c, "age", n, NULL);
  const Field *new_w = case_field(c, "new_weight", n, NULL), *new_m = case_field(c, "new_m", n, NULL), *new_v = case_field(c, "new_v", n, NULL);
  if (!gradient || !m0 || !v0 || !ages || !new_w || !new_m || !new_v || n > MOST_NORMED) return;
  Update u = { .rate = (float)case_number(c, "lr"), .momentum = (float)case_number(c, "beta1"), .fresh = (float)(1 - case_number(c, "beta2")), .scale = 1, .rule = RULE_ADAMW };
  u.shrink = u.rate * (float)case_number(c, "decay");
  for (int i = 0; i < 3; i++) {
    const Kernels *k = kernels_choose(sets[i]);
    const float *sums = g;
    if (!k) continue;
    take(w, weight, n), take(m, m0, n), take(s, v0, n), take(age, ages, n), take(g, gradient, n);
    for (int64_t e = 0; e < n; e++) age[e]--;
    k->update(&(Learnt){ w, m, s, age }, (size_t)n, &sums, 1, &u);
    for (int64_t e = 0; e < n; e++) {
      case_near(c, new_w, e, (double)w[e], 1e-5 * largest(new_w->value, n));
      case_near(c, new_m, e, (double)m[e], 1e-5 * largest(new_m->value, n));
      case_near(c, new_v, e, (double)s[e], 1e-5 * largest(new_v->value, n));
    }
  }
}

/* The file's lambda and beta, one step without momentum; not the variant in two. */
static void check_lasso (Case *c) {
  static const char *const sets[] = { "portable", "avx2", "avx512" };
  float w[MOST_NORMED], v[MOST_NORMED], g[MOST_NORMED];
  const Field *weight = case_find(c, "weight");
  int64_t n = weight ? weight->n : 0;
  const Field *gradient = case_field(c, "gradient", n, NULL), *new_w = case_field(c, "new_weight", n, NULL);
  if (!gradient || !new_w || n > MOST_NORMED) return;
  Update u = { .rate = (float)case_number(c, "lr"), .scale = 1, .lasso = (float)case_number(c, "lambda"), .rule = RULE_LASSO };
  u.cut = u.lasso * (float)case_number(c, "beta");
  for (int i = 0; i < 3; i++) {
    const Kernels *k = kernels_choose(sets[i]);
    const float *sums = g;
    if (!k) continue;
    take(w, weight, n), take(v, NULL, n), take(g, gradient, n);
    k->update(&(Learnt){ w, v, NULL, NULL }, (size_t)n, &sums, 1, &u);
    for (int64_t e = 0; e < n; e++) case_near(c, new_w, e, (double)w[e], 1e-5 * largest(new_w->value, n));
  }
}

/* The step that begins at the point, with the gradient that the file has there. */
static void check_s2sam (Case *c) {
  static const char *const sets[] = { "portable", "avx2", "avx512" };
  float w[MOST_NORMED], v[MOST_NORMED], kept[MOST_NORMED], g[MOST_NORMED];
  const Field *weight = case_find(c, "weight");
  int64_t n = weight ? weight->n : 0;
  const Field *velocity = case_field(c, "velocity", n, NULL), *last = case_field(c, "last_gradient", n, NULL), *point = case_field(c, "point", n, NULL);
  const Field *gradient = case_field(c, "gradient", n, NULL), *new_w = case_field(c, "new_weight", n, NULL), *new_v = case_field(c, "new_velocity", n, NULL);
  if (!velocity || !last || !point || !gradient || !new_w || !new_v || n > MOST_NORMED) return;
  double length = 0;
  for (int64_t e = 0; e < n; e++) length += last->value[e] * last->value[e];
  Update u = { .rate = (float)case_number(c, "lr"), .momentum = (float)case_number(c, "mu"), .scale = 1, .rule = RULE_S2SAM };
  u.lift = length > 0 ? (float)(case_number(c, "rho") / sqrt(length)) : 0;
  for (int i = 0; i < 3; i++) {
    const Kernels *k = kernels_choose(sets[i]);
    const float *sums = g;
    if (!k) continue;
    take(w, weight, n), take(v, velocity, n), take(kept, last, n), take(g, gradient, n);
    for (int64_t e = 0; e < n; e++) w[e] += u.lift * kept[e];
    for (int64_t e = 0; e < n; e++) case_near(c, point, e, (double)w[e], 1e-5 * largest(point->value, n));
    k->update(&(Learnt){ w, v, kept, NULL }, (size_t)n, &sums, 1, &u);
    for (int64_t e = 0; e < n; e++) {
      case_near(c, gradient, e, (double)kept[e], 1e-5 * largest(gradient->value, n));
      case_near(c, new_w, e, (double)w[e], 1e-5 * largest(new_w->value, n));
      case_near(c, new_v, e, (double)v[e], 1e-5 * largest(new_v->value, n));
    }
  }
}

/* ---- */

void check_ingredients (Case *c) {
  if (case_find(c, "batch_norm")) check_norm(c);
  else if (case_find(c, "smoothed") || case_find(c, "mixed")) check_loss(c);
  else if (case_find(c, "adamw")) check_adamw(c);
  else if (case_find(c, "beta_lasso")) check_lasso(c);
  else if (case_find(c, "s2sam")) check_s2sam(c);
  else c->verdict = NOT_KNOWN;
}
