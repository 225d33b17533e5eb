/*
** numpy_draw.h -- the draw that published Python programs make.
**
** numpy.random.seed(s), then numpy.random.shuffle of an index array, and the first ones
** taken: to train on exactly the images of a published run, its draw has to be repeated.
** The generator is MT19937 (Matsumoto and Nishimura 1998) as NumPy's legacy interface
** seeds and uses it. For nothing else: our own draws go through rng.h.
*/
#ifndef SETLAB_NUMPY_DRAW_H
#define SETLAB_NUMPY_DRAW_H
#include <stdint.h>

/* Marks with take[i] = 1 the samples that stand on the first `count` places after
** seed(s), shuffle(arange(before)) if before > 0, shuffle(arange(n)). take has n bytes.
** 1, or 0 without memory. */
int numpy_draw (uint32_t seed, int32_t before, int32_t n, int32_t count, uint8_t *take);

#endif
