#include "degree/moments.h"
#include <math.h>

enum {
  SINGLE = 1024,   /* whole numbers taken one by one */
  PANELS = 48,
  POINTS = 8,      /* half of a panel's points */
  GREGORY = 6
};
#define DEEP 50.0  /* what lies so far below the top, e^-50, does not count */

/* Gauss-Legendre on -1 .. 1, the positive half. */
static const double place[POINTS] = {
  0.09501250983763744019, 0.28160355077925891323, 0.45801677765722738634, 0.61787624440264374845,
  0.75540440835500303390, 0.86563120238783174388, 0.94457502307323257608, 0.98940093499164993260
};
static const double share[POINTS] = {
  0.18945061045506849629, 0.18260341504492358887, 0.16915651939500253819, 0.14959598881657673208,
  0.12462897125553387205, 0.09515851168249278481, 0.06225352393864789286, 0.02715245941175409485
};

/* sum over k >= 0 of g(a + k) - integral from a of g = sum over these of weight * g(a + k):
** Gregory's 1/2, -1/12, 1/24, -19/720, 3/160, -863/60480 on g and its differences. */
static const double gregory[GREGORY] = {
  41393.0 / 60480, -23719.0 / 60480, 11371.0 / 30240, -7381.0 / 30240, 5449.0 / 60480, -863.0 / 60480
};

/* Weights, means and co-moments so far, all divided by exp(top). */
typedef struct Pile { double top, weight, mean[2], co[3]; } Pile;

static void pile_add (Pile *pile, double log_weight, double factor, const double s[2]) {
  if (log_weight > pile->top) {
    double shrink = exp(pile->top - log_weight);
    pile->weight *= shrink;
    for (int i = 0; i < 3; i++) pile->co[i] *= shrink;
    pile->top = log_weight;
  }
  double weight = factor * exp(log_weight - pile->top);
  if (!(weight != 0)) return;
  pile->weight += weight;
  double d0 = s[0] - pile->mean[0], d1 = s[1] - pile->mean[1], part = weight / pile->weight;
  pile->mean[0] += d0 * part;
  pile->mean[1] += d1 * part;
  pile->co[0] += weight * d0 * (s[0] - pile->mean[0]);
  pile->co[1] += weight * d0 * (s[1] - pile->mean[1]);
  pile->co[2] += weight * d1 * (s[1] - pile->mean[1]);
}

static Moments pile_moments (const Pile *pile) {
  double w = pile->weight;
  return (Moments){ log(w) + pile->top, { pile->mean[0], pile->mean[1] },
                    { pile->co[0] / w, pile->co[1] / w, pile->co[2] / w } };
}

static double whole_at (const Law *law, double t) { return law->origin * expm1(t); }

/* Weight of dt at t: dx = q e^t dt. */
static double weight_at (const Law *law, double t) {
  return law->log_weight(law, t, whole_at(law, t)) + t + log(law->origin);
}

static void add_point (const Law *law, Pile *pile, double t, double j, double log_weight, double factor) {
  double s[2] = { 0, 0 };
  law->statistics(t, j, s);
  pile_add(pile, log_weight, factor, s);
}

static void add_panel (const Law *law, Pile *pile, double from, double to) {
  double middle = (from + to) / 2, half = (to - from) / 2;
  for (int i = 0; i < 2 * POINTS; i++) {
    int k = i < POINTS ? POINTS - 1 - i : i - POINTS;
    double t = middle + (i < POINTS ? -half : half) * place[k];
    add_point(law, pile, t, whole_at(law, t), weight_at(law, t), half * share[k]);
  }
}

/* ---- the stretch that counts --------------------------------------------------------- */

/* The top of the hill between a and b, by golden section. */
static double top_between (const Law *law, double a, double b) {
  const double golden = 0.6180339887498949;
  double x = b - golden * (b - a), y = a + golden * (b - a);
  double fx = weight_at(law, x), fy = weight_at(law, y);
  for (int i = 0; i < 60 && a < x && x < y && y < b; i++)
    if (fx >= fy) {
      b = y, y = x, fy = fx;
      x = b - golden * (b - a), fx = weight_at(law, x);
    } else {
      a = x, x = y, fx = fy;
      y = a + golden * (b - a), fy = weight_at(law, y);
    }
  return (a + b) / 2;
}

/* Between `in`, where the weight is above `least`, and `out`, where it is not: a place above or
** at most a little below, as seen from the top. */
static double edge (const Law *law, double top, double in, double out, double least) {
  for (int i = 0; i < 60 && fabs(out - in) > 1e-3 * fabs(out - top); i++) {
    double middle = (in + out) / 2;
    if (weight_at(law, middle) > least) in = middle;
    else out = middle;
  }
  return out;
}

/* The part beyond *from that lies at most DEEP below the top. `step` is a small stride. */
static void narrow (const Law *law, double *from, double *to, double step) {
  double before = *from, a = *from, here = weight_at(law, a), next = a + step;
  for (double f; (f = weight_at(law, next)) > here; next += step) {
    before = a, a = next, here = f;
    step *= 2;
  }
  double top = top_between(law, before, next);
  double least = fmax(here, weight_at(law, top)) - DEEP;
  if (!(weight_at(law, *from) > least)) *from = edge(law, top, top, *from, least);
  for (next = top + step; weight_at(law, next) > least; next += step) step *= 2;
  *to = edge(law, top, fmax(top, next - step), next, least);
}

static void add_integral (const Law *law, Pile *pile, double from, double step) {
  double to;
  narrow(law, &from, &to, step);
  double width = (to - from) / PANELS;
  for (int i = 0; i < PANELS; i++) add_panel(law, pile, from + i * width, from + (i + 1) * width);
}

/* ---- what is asked for --------------------------------------------------------------- */

/* Adds whole numbers from q on; 1 if what follows does not count any more. */
static int add_singles (const Law *law, Pile *pile) {
  double last = -HUGE_VAL;
  for (int j = 0; j < SINGLE; j++) {
    double t = log1p(j / law->origin), w = law->log_weight(law, t, j);
    if (w < last && w < pile->top - DEEP) return 1;
    add_point(law, pile, t, j, w, 1);
    last = w;
  }
  return 0;
}

Moments moments_sum (const Law *law) {
  Pile pile = { .top = -HUGE_VAL };
  if (!add_singles(law, &pile)) {
    double q = law->origin, from = log1p(SINGLE / q);
    add_integral(law, &pile, from, log1p((SINGLE + 1) / q) - from);
    for (int k = 0; k < GREGORY; k++) {
      double j = SINGLE + k, t = log1p(j / q);
      add_point(law, &pile, t, j, law->log_weight(law, t, j), gregory[k]);
    }
  }
  return pile_moments(&pile);
}
