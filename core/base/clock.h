/*
** clock.h -- seconds on a clock that never jumps.
*/
#ifndef SETLAB_CLOCK_H
#define SETLAB_CLOCK_H

/* Seconds since some moment of the past: differences are what counts. */
double clock_seconds (void);

#endif
