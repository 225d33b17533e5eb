/*
** exchange_rate.h -- how fast messages between ranks are.
*/
#ifndef SETLAB_EXCHANGE_RATE_H
#define SETLAB_EXCHANGE_RATE_H
#include "ranks/ranks.h"

/* Bytes a second, in each direction, while two ranks send each other n bytes: the mean over several rounds, of which the first does not
** count. Both call it; there are no others. 0 if memory runs out. */
double exchange_rate (Ranks *ranks, size_t n);

#endif
