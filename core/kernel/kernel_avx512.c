#if defined __x86_64__
#define KERNELS kernels_avx512
#define ISA "avx512"
#define VL 16
#define STEPS 4   /* 4 vectors of inputs, of accumulators and of gradients leave registers for two rows */
#include "kernel/kernel_impl.h"
#else
typedef int kernel_avx512_is_not_for_this_machine;
#endif
