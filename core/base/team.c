#include "base/team.h"
#include <sched.h>

enum { SPINS = 2000 };

void team_pause (int spin) {
  if (spin >= SPINS) {
    sched_yield();
    return;
  }
#if defined __x86_64__
  __builtin_ia32_pause();
#elif defined __aarch64__
  __asm__ volatile("yield");
#endif
}

unsigned team_come (Team *team) {
  unsigned round = atomic_load_explicit(&team->round, memory_order_relaxed);
  atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel);
  return round;
}

void team_lead (Team *team) {
  for (int spin = 0; atomic_load_explicit(&team->arrived, memory_order_acquire) < team->threads; spin += spin < SPINS) team_pause(spin);
}

void team_release (Team *team) {
  atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
  atomic_fetch_add_explicit(&team->round, 1, memory_order_release);
}

void team_follow (Team *team, unsigned round) {
  for (int spin = 0; atomic_load_explicit(&team->round, memory_order_acquire) == round; spin += spin < SPINS) team_pause(spin);
}

void team_meet (Team *team) {
  if (team->threads == 1) return;
  unsigned round = atomic_load_explicit(&team->round, memory_order_relaxed);
  if (atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel) + 1 == team->threads) team_release(team);
  else team_follow(team, round);
}
