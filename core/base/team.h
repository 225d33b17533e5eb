/*
** team.h -- where the threads of a training step meet.
**
** OpenMP starts the threads, once an epoch; these barriers let them meet in each step.
** A waiting thread spins for some microseconds, because its partner usually arrives by then,
** and then yields its processor: on a busy machine the partner may be waiting for that very processor.
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

/* The same in parts. A thread says that it has come, and may do other things before it waits. One of them leads: when all others
** have come it has the place to itself, until it releases them. Each calls team_come; then the leader team_lead and team_release,
** the others team_follow with what team_come returned. */
unsigned team_come (Team *team);
void team_lead    (Team *team);
void team_release (Team *team);
void team_follow  (Team *team, unsigned round);

/* Waits a little: pause number `spin`, from 0, of a loop that watches for another thread. */
void team_pause (int spin);

#endif
