#include "base/team.h"
#include <sched.h>

enum { SPINS = 2000 };

static void pause_briefly (void) {
#if defined __x86_64__
  __builtin_ia32_pause();
#elif defined __aarch64__
  __asm__ volatile("yield");
#endif
}

void team_meet (Team *team) {
  if (team->threads == 1) return;
  unsigned round = atomic_load_explicit(&team->round, memory_order_relaxed);
  if (atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel) + 1 == team->threads) {
    atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
    atomic_store_explicit(&team->round, round + 1, memory_order_release);
    return;
  }
  for (int spin = 0; atomic_load_explicit(&team->round, memory_order_acquire) == round;) {
    if (spin == SPINS) sched_yield();
    else spin++, pause_briefly();
  }
}
