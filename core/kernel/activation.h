/*
** activation.h -- activations: from a unit's sum to its value.
**
** A new activation is a pair of functions and one line in the table of activation_impl.h, which is
** compiled with the kernels for every instruction set. The pair works on elements, one as any
** other; or, if the activation has parameters that are trained, on the rows of units, each of which
** has its own.
*/
#ifndef SETLAB_ACTIVATION_H
#define SETLAB_ACTIVATION_H
#include <stddef.h>
#include "base/rng.h"

enum { MOST_PARAMETERS = 4 };
enum { SIGNS = 16 };  /* of elements that share a word: bit e % SIGNS of word e / SIGNS is that of element e */

typedef struct Activation {
  const char *name;
  float  slope;         /* default of the option `slope`, where the activation has one */
  int    zero_is_shut;  /* its derivative is zero wherever its value is: a dropped unit needs no mask,
                           and backward itself multiplies by drop_scale */
  int    alternates;    /* the slope is negative above the layers 0, 2, 4, ..., positive between */
  /* a[0 .. n-1]: sums in, values out. */
  void (*forward) (float *a, size_t n, float slope);
  /* delta *= f'(sum), where dropout has made the value f(sum) * drop_scale into a. */
  void (*backward) (const float *a, float *delta, size_t n, float slope, float drop_scale);

  /* The same in training where the slope is negative, so that a value does not tell its sum's sign:
  ** forward notes whether it is above 0. NULL: the slope does not matter so much. */
  void (*forward_signs) (float *a, uint16_t *sign, size_t n, float slope);
  void (*backward_signs) (const uint16_t *sign, float *delta, size_t n, float slope);

  /* For an activation with parameters, or one whose values do not tell their sums, in place of all those above. Kind k of unit u is
  ** parameter[k*run + u]; rows are `stride` apart and `width` columns count. Forward keeps the sums of
  ** those units that need them backward, unless `sums` is NULL.
  ** Backward takes delta as dropout has left it, and gives the parameters' gradients too, summed over
  ** the columns, in gradient[k*run + u]: added to what is there if `add`. */
  int32_t parameters;   /* how many a unit has; without any, the pointers to parameters and gradients are NULL */
  const char *parameter_name[MOST_PARAMETERS];
  void (*start) (float *parameter, int32_t n, Rng *rng);   /* their first values; n units, run n */
  void (*forward_units) (float *a, float *sums, int32_t units, size_t stride, int32_t width,
                         const float *parameter, size_t run);
  void (*backward_units) (const float *a, float drop_scale, const float *sums, float *delta, int32_t units,
                          size_t stride, int32_t width, const float *parameter, size_t run, float *gradient, int add);
} Activation;

#endif
