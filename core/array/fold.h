/*
** fold.h -- many elements to one number, always in the same order.
**
** Sums of floats are taken in double precision, in eight running sums by the last three bits of the place, which are
** added at the end: an order that vector units like, and that no number of threads changes.
*/
#ifndef SETLAB_FOLD_H
#define SETLAB_FOLD_H
#include "array/array.h"

/* Smallest and largest of the elements that are numbers; infinity and -infinity if there are none. */
typedef struct FoldRange { float least, most; int64_t nans; } FoldRange;

FoldRange fold_range          (const float *v, int64_t n);
void      fold_integer_range  (const int64_t *v, int64_t n, int64_t *least, int64_t *most);   /* n >= 1 */

double    fold_sum            (const float *v, int64_t n);
int64_t   fold_integer_sum    (const int64_t *v, int64_t n);   /* wraps around */
double    fold_number_sum     (const int64_t *v, int64_t n);   /* the same in double precision */
int64_t   fold_count          (const uint8_t *v, int64_t n);   /* of those that are true */

/* Sum of (v[i] - mean)^2, whatever the kind. */
double    fold_squares        (const Array *a, double mean);

/* out[i] = a[0] + ... + a[i], in double precision before it is rounded; of truth values their count. */
void      fold_running        (const Array *a, Array *out);

#endif
