#include "kernel/kernel.h"
#include "base/cpu.h"
#include <string.h>

/* Fastest first. */
static const Kernels *const sets[] = {
#if defined __x86_64__
  &kernels_avx512,
  &kernels_avx2,
#endif
  &kernels_portable,
};

const Kernels *kernels_choose (const char *isa) {
  for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
    if ((!isa || strcmp(sets[i]->isa, isa) == 0) && cpu_has(sets[i]->isa)) return sets[i];
  return NULL;
}
