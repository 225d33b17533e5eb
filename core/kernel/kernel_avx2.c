#if defined __x86_64__
#define KERNELS kernels_avx2
#define ISA "avx2"
#define VL 8
#define STEPS 3   /* 6 inputs, 6 accumulators, 3 more of 16 registers */
#include "kernel/kernel_impl.h"
#else
typedef int kernel_avx2_is_not_for_this_machine;
#endif
