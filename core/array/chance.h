/*
** chance.h -- arrays of random numbers, and elements drawn by their weights, from a stream of math.random's.
*/
#ifndef SETLAB_CHANCE_H
#define SETLAB_CHANCE_H
#include "array/array.h"
#include "base/lua_draw.h"

void chance_uniform (LuaDraw *draw, float *out, int64_t n);   /* in [0, 1): multiples of 2^-24 */
void chance_normal  (LuaDraw *draw, float *out, int64_t n);   /* mean 0, standard deviation 1 */

/* What weights are worth: `bad` is the place of the first that is negative, infinite or NaN, or -1. */
typedef struct ChanceWeights { int64_t bad, positive; } ChanceWeights;
ChanceWeights chance_weights (const Array *weight);

/* `count` places (from 1, ascending), none twice; each next one with a probability in proportion to its weight among
** those that are left (Efraimidis and Spirakis 2006). count <= positive weights. One number is drawn for each positive
** weight. 0 if memory runs out, before anything is drawn. */
int chance_sample (LuaDraw *draw, const Array *weight, int64_t count, int threads, int64_t *place);

/* `count` places (from 1, as they were drawn), each in proportion to its weight whatever came before. There is a
** positive weight, or count is 0. One number is drawn for each. 0 as above. */
int chance_choose (LuaDraw *draw, const Array *weight, int64_t count, int64_t *place);

#endif
