/*
** team.h -- where the threads of a training step meet.
**
** OpenMP starts the threads, once an epoch; this barrier lets them meet a dozen times a step.
** A waiting thread spins for some microseconds, because its partner is usually that near, and
** then gives its processor away: on a busy machine the partner may be the one it stands on.
*/
#ifndef SETLAB_TEAM_H
#define SETLAB_TEAM_H
#include <stdatomic.h>

typedef struct Team {
  int threads;
  _Alignas(128) _Atomic int arrived;     /* lines of their own: everyone writes here, */
  _Alignas(128) _Atomic unsigned round;  /* everyone watches this, nobody reads on past it */
  _Alignas(128) char after;
} Team;

/* Returns when all threads of the team have called it; what they wrote before is seen after. */
void team_meet (Team *team);

#endif
