/*
** net_level.h -- how the units of a level are kept between layers.
**
** Level l is what layer l reads and layer l - 1 writes. All kernels take and give rows of
** floats; the code that calls them asks here for the rows of some units and says when they are
** done, so that it need not know how a level is kept:
**   - as floats, in a[l], its loss gradients in delta[l];
**   - shared: the gradients take the place of the values, row by row, since the backward pass
**     of a sparse or thin layer needs a unit's own values only until its gradient is known;
**   - bfloat16: shared and as bfloat16 alone, in a16[l], if the net uses it, a sparse layer (or the
**     batch) writes it and a sparse or thin one reads it.
** Where values do not tell the derivative of their activation, something about the sums is kept
** beside them while a net trains: their signs in signs[l], or they themselves in sums[l].
** Less memory also means less traffic: a step's arrays then pass through the caches fewer times.
** In a bfloat16 net, levels that are kept as floats have bfloat16 copies for sparse layers.
*/
#ifndef SETLAB_NET_LEVEL_H
#define SETLAB_NET_LEVEL_H
#include "net/net_internal.h"

/* Units u0 <= u < u1, at most LEVEL_UNITS, and `width` columns from `column` on: all of the
** shape's, or those of one tile. */
typedef struct Part { int32_t u0, u1, column, width; } Part;
enum { LEVEL_UNITS = 32 };  /* whose values and gradients stay in the first cache level */

int level_shared  (const Net *net, int32_t l);
int level_is_bf16 (const Net *net, int32_t l);
/* Whether a bfloat16 copy of the values (or of the gradients) of a float level is wanted. */
int level_copies_values    (const Net *net, int32_t l);
int level_copies_gradients (const Net *net, int32_t l);

/* Whether signs, or sums, are kept in training; words of SIGNS signs, for a stride. */
int level_keeps_signs (const Net *net, int32_t l);
int level_keeps_sums  (const Net *net, int32_t l);
size_t level_sign_words (const Net *net, int32_t l, size_t stride);

/* Each returns the rows of the part, the stride apart, at its first unit and column; they are
** valid until thread t asks for the next part of any level.
** Forward: rows to be filled, then told to be done. */
float *level_fill (Net *net, int t, int32_t l, const Part *part, const Shape *shape);
void   level_filled (Net *net, int32_t l, const Part *part, const Shape *shape, const float *rows);
/* Backward: values, safe from the gradients that may take their place; and rows for the
** gradients, to be filled and told to be done. */
const float *level_values (Net *net, int t, int32_t l, const Part *part, const Shape *shape);
float *level_fill_gradients (Net *net, int t, int32_t l, const Part *part, const Shape *shape);
void   level_filled_gradients (Net *net, int32_t l, const Part *part, const Shape *shape, const float *rows);
/* The gradients that are there. */
const float *level_gradients (Net *net, int t, int32_t l, const Part *part, const Shape *shape);

/* What is kept of the part's sums; NULL if it is not. */
uint16_t *level_signs (const Net *net, int32_t l, const Part *part, const Shape *shape);
float    *level_sums  (const Net *net, int32_t l, const Part *part, const Shape *shape);

/* Whole levels, for kernels that jump in them: floats (NULL in a bfloat16 level) and bfloat16. */
float *level_delta (const Net *net, int32_t l);
const uint16_t *level_far_values    (const Net *net, int32_t l);
const uint16_t *level_far_gradients (const Net *net, int32_t l);
/* Copies of all units u0 <= u < u1 that a CBLAS product has left in a float level. */
void level_copy_values    (Net *net, int32_t l, int32_t u0, int32_t u1, const Shape *shape);
void level_copy_gradients (Net *net, int32_t l, int32_t u0, int32_t u1, const Shape *shape);

/* Floats of a thread's scratch: the values and the gradients of one part. */
size_t level_scratch (size_t stride);

#endif
