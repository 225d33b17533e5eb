#include "degree/climb.h"
#include <math.h>

enum { STEPS = 300, HALVINGS = 60 };
#define LITTLE 1e-11  /* of height: a step that promises less is not taken */

/* Newton's step in both parameters; 0 where the matrix has lost a dimension to rounding. */
static int step_both (const Hill *hill, double step[2]) {
  const double *m = hill->bend, *slope = hill->slope;
  double scale = sqrt(m[0] * m[2]), r = m[1] / scale, det = 1 - r * r;  /* of the scaled matrix */
  if (!(m[0] < 0) || !(m[2] < 0) || !(det > 1e-13)) return 0;
  step[0] = (-slope[0] / m[0] + slope[1] * r / scale) / det;
  step[1] = (-slope[1] / m[2] + slope[0] * r / scale) / det;
  return isfinite(step[0]) && isfinite(step[1]);
}

/* The step in one parameter alone, as far as its start is from 0 at most: out where the hill is all
** but straight, Newton's step leads 10^50 away, or rounding has left nothing of the bend. */
static double step_one (const Hill *hill, int i, int parameters, double theta) {
  double longest = copysign(1 + fabs(theta), hill->slope[i]), bend = parameters * hill->bend[2 * i];
  if (hill->slope[i] == 0) return 0;
  return hill->slope[i] / longest < -bend ? -hill->slope[i] / bend : longest;
}

/* A step in both is shortened by the same factor, so that it goes on rising. */
static void bound_step (const double theta[2], double step[2]) {
  double factor = 1;
  for (int i = 0; i < 2; i++)
    if (fabs(step[i]) > 1 + fabs(theta[i])) factor = fmin(factor, (1 + fabs(theta[i])) / fabs(step[i]));
  step[0] *= factor;
  step[1] *= factor;
}

static void choose_step (const Climb *climb, const Hill *hill, const double theta[2], double step[2]) {
  if (climb->parameters < 2 || !step_both(hill, step))
    for (int i = 0; i < 2; i++) step[i] = i < climb->parameters ? step_one(hill, i, climb->parameters, theta[i]) : 0;
  else bound_step(theta, step);
  double room = theta[1] - climb->least;
  if (climb->parameters < 2 || step[1] >= -0.9 * room) return;
  double shorter = -0.9 * room / step[1];
  step[0] *= shorter;
  step[1] *= shorter;
}

/* Takes the step, or its half, its quarter, ...; 0 if none of them rises. */
static int take_step (const Climb *climb, Hill *hill, double theta[2], const double step[2]) {
  for (int halved = 0; halved < HALVINGS; halved++) {
    double next[2] = { theta[0] + ldexp(step[0], -halved), theta[1] + ldexp(step[1], -halved) };
    Hill there = climb->look(climb->context, next);
    if (!(there.height >= hill->height)) continue;
    theta[0] = next[0];
    theta[1] = next[1];
    *hill = there;
    return 1;
  }
  return 0;
}

Hill climb_top (const Climb *climb, double theta[2]) {
  Hill hill = climb->look(climb->context, theta);
  for (int n = 0; n < STEPS; n++) {
    double step[2], before = hill.height;
    choose_step(climb, &hill, theta, step);
    if (!(hill.slope[0] * step[0] + hill.slope[1] * step[1] > LITTLE)) break;
    if (!take_step(climb, &hill, theta, step)) break;
    if (hill.height - before <= 1e-14 * fabs(hill.height)) break;
  }
  return hill;
}

Hill climb_best (const Climb *climb, const double (*start)[2], int starts, double theta[2]) {
  Hill best = { .height = -HUGE_VAL };
  for (int i = 0; i < starts; i++) {
    double at[2] = { start[i][0], start[i][1] };
    Hill top = climb_top(climb, at);
    if (i > 0 && !(top.height > best.height)) continue;
    best = top;
    theta[0] = at[0];
    theta[1] = at[1];
  }
  return best;
}
