/* lranks.h -- the processes that train together, for those who bind the engine. */
#ifndef SETLAB_LRANKS_H
#define SETLAB_LRANKS_H
#include "ranks/ranks.h"

/* The ranks that this process has joined; NULL if it works alone. */
Ranks *lranks_joined (void);

/* The process ends with this status. */
void lranks_leave (int status);

#endif
