/*
** numpy_draw.h -- the draw that published Python programs make.
**
** numpy.random.seed(s), then numpy.random.shuffle of an index array, and the first ones
** taken: to train on exactly the images of a published run, its draw has to be repeated.
** The generator is MT19937 (Matsumoto and Nishimura 1998) as NumPy's legacy interface
** seeds and uses it. It is used for nothing else: our own draws go through rng.h.
*/
#ifndef SETLAB_NUMPY_DRAW_H
#define SETLAB_NUMPY_DRAW_H
#include <stdint.h>

/* Fills item[0 .. n-1] with what numpy.random.seed(s), shuffle(arange(before)) if before > 0,
** shuffle(arange(n)) make of the second array. item has room for the larger of both. */
void numpy_draw (uint32_t seed, int32_t before, int32_t n, int32_t *item);

#endif
