/*
** available.h -- how much memory this process may still take.
**
** The least of what several limits leave it: the machine (memory that is free or can be freed
** without hurting anyone, and swap), the control groups that the process is in (a container's
** limit, version 1 or 2; files that the kernel only caches are not counted as used), and the
** limits that `ulimit` sets.
*/
#ifndef SETLAB_AVAILABLE_H
#define SETLAB_AVAILABLE_H
#include <stdint.h>

typedef struct Available {
  uint64_t bytes;      /* UINT64_MAX where nobody says */
  const char *whose;   /* who leaves the least: "the machine", "the control group", "ulimit"; or "" */
} Available;

/* `root` stands before /proc and /sys: "" is the machine, another one serves tests. */
Available available_memory (const char *root);

#endif
