/*
** race.c -- does the thread sanitizer see what there is, and only that? `race clean` lets threads share
** work in each way the engine does: an OpenMP loop with its barrier, a reduction, a critical section, and
** our own barrier. `race loop` and `race team` leave one of them out. For tests/race.sh.
*/
#include "base/team.h"
#include <omp.h>
#include <stdio.h>
#include <string.h>

enum { THREADS = 3, N = 3000 };
static double left[N], right[N];

/* Each thread reads what its neighbour has just written; between the two they meet, or do not. */
static void share (int meet) {
  Team team = { .threads = THREADS };
  #pragma omp parallel num_threads(THREADS)
  {
    int me = omp_get_thread_num(), next = (me + 1) % THREADS;
    for (int round = 0; round < 20; round++) {
      for (int i = me; i < N; i += THREADS) left[i] = right[i] + round;
      if (meet) team_meet(&team);
      for (int i = next; i < N; i += THREADS) right[i] = left[i] / 2;
      if (meet) team_meet(&team);
    }
  }
}

static double add (int properly) {
  double sum = 0, total = 0, most = 0;
  #pragma omp parallel for num_threads(THREADS)
  for (int i = 0; i < N; i++) left[i] = i;
  #pragma omp parallel for num_threads(THREADS) reduction(+ : sum)
  for (int i = 0; i < N; i++) sum += left[N - 1 - i];
  #pragma omp parallel num_threads(THREADS)
  {
    double mine = 0;
    #pragma omp for
    for (int i = 0; i < N; i++) mine += left[i];
    #pragma omp critical
    most = mine > most ? mine : most;
    if (!properly) total += mine;
  }
  return sum + total + most;
}

int main (int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  int clean = strcmp(what, "clean") == 0;
  if (!clean && strcmp(what, "loop") != 0 && strcmp(what, "team") != 0) return 2;
  if (omp_get_max_threads() < 1) return 2;
  if (clean || strcmp(what, "loop") == 0) printf("%g\n", add(clean));
  if (clean || strcmp(what, "team") == 0) share(clean);
  printf("%g\n", right[N - 1]);
  return 0;
}
