#include "base/cpu.h"
#include <string.h>

#if defined __x86_64__
#include <immintrin.h>

int cpu_has (const char *isa) {
  __builtin_cpu_init();
  if (strcmp(isa, "avx512") == 0)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("fma");
  if (strcmp(isa, "avx2") == 0) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return strcmp(isa, "portable") == 0;
}

unsigned cpu_flush_subnormals (void) {
  unsigned state = _mm_getcsr();
  _mm_setcsr(state | 0x8040);  /* flush results to zero, take inputs as zero */
  return state;
}

void cpu_restore (unsigned state) { _mm_setcsr(state); }

#else

int cpu_has (const char *isa) { return strcmp(isa, "portable") == 0; }

#if defined __aarch64__
unsigned cpu_flush_subnormals (void) {
  unsigned long state;
  __asm__ volatile("mrs %0, fpcr" : "=r"(state));
  __asm__ volatile("msr fpcr, %0" : : "r"(state | 1ul << 24));
  return (unsigned)state;
}
void cpu_restore (unsigned state) {
  unsigned long wide = state;
  __asm__ volatile("msr fpcr, %0" : : "r"(wide));
}
#else
unsigned cpu_flush_subnormals (void) { return 0; }
void cpu_restore (unsigned state) { (void)state; }
#endif
#endif
