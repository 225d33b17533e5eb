/*
** ranks_launched.c -- what launchers say in the environment. Nothing has to be joined to read it.
*/
#include "ranks/ranks.h"
#include <stdlib.h>

/* Of the launchers that say how many processes there are. Slurm says it to batch scripts, too, which are one process: there it counts
** only beside the mark of a step's task. */
static const struct { const char *number, *mark; } launchers[] = {
  { "OMPI_COMM_WORLD_SIZE", NULL }, { "PMI_SIZE", NULL }, { "MV2_COMM_WORLD_SIZE", NULL }, { "SLURM_STEP_NUM_TASKS", "PMIX_RANK" },
};

int ranks_launched (void) {
  for (size_t i = 0; i < sizeof launchers / sizeof *launchers; i++) {
    const char *text = getenv(launchers[i].number);
    int number = text ? atoi(text) : 0;
    if (number > 1 && (!launchers[i].mark || getenv(launchers[i].mark))) return number;
  }
  return 1;
}
