#if defined __x86_64__
#define KERNELS kernels_avx512
#define ISA "avx512"
#define VL 16
#define VMAX 8   /* 8 inputs, 8 accumulators, 3 more of 32 registers */
#include "kernel/kernel_impl.h"
#else
typedef int kernel_avx512_is_not_for_this_machine;
#endif
