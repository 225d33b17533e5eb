/*
** yardstick.h -- what the machine can do right now: the measures that speed is compared with.
**
** Each takes some milliseconds, so that it can be taken between two epochs and sees the same
** state of a shared machine as they do. Buffers live for the call only.
*/
#ifndef SETLAB_YARDSTICK_H
#define SETLAB_YARDSTICK_H
#include <stddef.h>

/* GFLOP/s of `times` single-precision products of two n x n matrices, one after the other,
** through CBLAS with `threads` threads; 2 n^3 operations each. 0 if memory ran out, -1 if a
** product is wrong. */
double yardstick_sgemm (int n, int threads, int times);

/* GB/s that `threads` threads together read for about `seconds`, each its own `bytes` (at least
** 1024) again and again, with the widest loads that the processor has. 0 if memory ran out. */
double yardstick_read (size_t bytes, int threads, double seconds);

/* Nanoseconds that a cache line takes from one thread to another: the median of some hundred
** passes each, to and fro. 0 where the system grants one thread only. */
double yardstick_pass (void);

#endif
