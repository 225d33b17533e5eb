/*
** activation.h -- what a unit makes of its sum.
**
** A new activation is one pair of functions and one line in the table of activation_impl.h,
** which is compiled with the kernels for every instruction set.
*/
#ifndef SETLAB_ACTIVATION_H
#define SETLAB_ACTIVATION_H
#include <stddef.h>

typedef struct Activation {
  const char *name;
  float slope;          /* default of the parameter `slope`, where the activation has one */
  int   zero_is_shut;   /* its derivative is zero wherever its value is: a dropped unit needs no mask,
                           and backward itself multiplies by drop_scale */
  /* a[0 .. n-1]: sums in, values out. */
  void (*forward) (float *a, size_t n, float slope);
  /* delta *= f'(sum), where dropout has made the value f(sum) * drop_scale into a. */
  void (*backward) (const float *a, float *delta, size_t n, float slope, float drop_scale);
} Activation;

#endif
