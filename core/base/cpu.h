/*
** cpu.h -- what the processor can do, asked at run time.
*/
#ifndef SETLAB_CPU_H
#define SETLAB_CPU_H

/* 1 if the processor and the system let programs use the instruction set: "avx512" (F, VL,
** DQ, BW and FMA), "avx2" (with FMA) or "portable" (always). */
int cpu_has (const char *isa);

/* Makes this thread treat subnormal numbers as zero, as weights fading under weight decay
** would otherwise slow every product down. Returns the earlier state for cpu_restore. */
unsigned cpu_flush_subnormals (void);
void     cpu_restore (unsigned state);

#endif
