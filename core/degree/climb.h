/*
** climb.h -- the top of a concave hill in one or two parameters: Newton, kept on the hill.
**
** Log-likelihoods of exponential families are such hills. Steps that do not rise are halved, and
** none is longer than its start is from 0, plus 1;
** the second parameter has a lower bound, and goes at most nine tenths of its way there at once.
*/
#ifndef SETLAB_CLIMB_H
#define SETLAB_CLIMB_H

typedef struct Hill {
  double height, slope[2];
  double bend[3];     /* second derivatives: 11, 12, 22 */
} Hill;

typedef struct Climb {
  Hill  (*look) (const void *context, const double theta[2]);
  const void *context;
  int    parameters;  /* 1 or 2: with 1, theta[1] stays as it is */
  double least;       /* theta[1] stays above this */
} Climb;

/* Moves theta to the top and returns the hill there, with the slope of the second parameter also
** where only the first was moved. theta must begin where the height is finite. A hill without a
** top, that rises for ever, is left where rising no longer pays. */
Hill climb_top  (const Climb *climb, double theta[2]);
/* Climbs from each of `starts` (at least 1) places and keeps the highest top. A hill has one top,
** but where it is level for want of digits a climb may end below it. */
Hill climb_best (const Climb *climb, const double (*start)[2], int starts, double theta[2]);

#endif
