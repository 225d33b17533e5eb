/* Vector extensions of the compiler: SSE2 on any x86-64, NEON on arm64. */
#define KERNELS kernels_portable
#define ISA "portable"
#define VL 4
#define STEPS 2
#include "kernel/kernel_impl.h"
