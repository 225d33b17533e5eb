/*
** place.h -- elements by their places, which count from 1 in an array of places and from 0 elsewhere.
*/
#ifndef SETLAB_PLACE_H
#define SETLAB_PLACE_H
#include "array/array.h"

/* The position in `place` of the first that is not from 1 to n; -1 if all are. The others here take it for granted. */
int64_t place_outside (const Array *place, int64_t n);

/* Places of the elements that are true. `place` has room for all of them. */
void place_where (const uint8_t *mask, int64_t n, int64_t *place);

/* out = those elements of v that the mask has true. */
void place_pick (const Array *v, const uint8_t *mask, Array *out);

void place_gather (const Array *v, const Array *place, Array *out);   /* out[k] = v[place[k]] */

/* v[place[k]] = value[k], k ascending: of places that come twice the last one counts. `value` has v's kind, and one
** element for each place or one for all. place_add adds instead, as v[place[k]] + value[k] would; no truth values. */
void place_scatter (Array *v, const Array *place, const Array *value);
void place_add     (Array *v, const Array *place, const Array *value);

/* sum[u] = sum of the elements of v whose unit is u + 1, in the elements' order: in double precision; or, of integers
** and truth values, in whole numbers that wrap around. */
void place_sum          (const Array *v, const Array *unit, int64_t n, double *sum);
void place_integer_sum  (const Array *v, const Array *unit, int64_t n, int64_t *sum);
void place_count        (const Array *unit, int64_t n, int64_t *count);

/* out[u] = sum[u] / count[u], NaN of none; count may be NULL: out = sum. */
void place_mean         (const double *sum, const int64_t *count, int64_t n, float *out);

#endif
