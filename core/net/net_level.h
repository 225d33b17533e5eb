/*
** net_level.h -- how the units of a level are kept between layers.
**
** Level l is what layer l reads and layer l - 1 writes. Most kernels take and give rows of
** floats; the code that calls them asks here for the rows of some units and says when they are
** done, so that it need not know how a level is kept:
**   - by the group, one tile at a time; or by all, with all columns of a batch, where CBLAS wants them at once or a probe does;
**   - as floats, in a, its loss gradients in delta;
**   - shared: the gradients take the place of the values, row by row, since the backward pass
**     of a sparse or thin layer needs a unit's own values only until its gradient is known;
**   - bfloat16: shared and as bfloat16 alone, in a16, if the net uses it, a sparse layer (or the
**     batch) writes it and a sparse or thin one reads it.
** Where values do not determine the derivative of their activation, something about the sums is
** also kept while a net trains: their signs, or the sums themselves.
** Less memory also means less traffic: a group's levels then stay in the second cache level.
** In a bfloat16 net, levels that are kept as floats have bfloat16 copies for sparse layers.
*/
#ifndef SETLAB_NET_LEVEL_H
#define SETLAB_NET_LEVEL_H
#include "net/net_internal.h"

/* Units u0 <= u < u1, at most LEVEL_UNITS where rows are kept in scratch memory, and `width` of the tile's columns from `column` on. */
typedef struct Part { int32_t u0, u1, column, width; } Part;
enum { LEVEL_UNITS = 32 };  /* whose values and gradients stay in the first cache level */

int level_is_whole (const Net *net, int32_t l);
int level_shared  (const Net *net, int32_t l);
int level_is_bf16 (const Net *net, int32_t l);
/* Whether a bfloat16 copy of the values (or of the gradients) of a float level is wanted. */
int level_copies_values    (const Net *net, int32_t l);
int level_copies_gradients (const Net *net, int32_t l);

/* Whether signs, or sums, are kept in training; words of SIGNS signs, for rows of `stride`. */
int level_keeps_signs (const Net *net, int32_t l);
int level_keeps_sums  (const Net *net, int32_t l);
int level_keeps_centred (const Net *net, int32_t l);
size_t level_sign_words (const Net *net, int32_t l, size_t stride);

/* From row to row of a level, in numbers: the same for all that is kept of it. */
size_t level_stride (const Walker *w, int32_t l);

/* Each returns the rows of the part, the stride apart, at its first unit and column; they are
** valid until this thread asks for the next part of any level.
** Forward: rows to be filled, then told to be done. */
float *level_fill (const Walker *w, int32_t l, const Part *part);
void   level_filled (const Walker *w, int32_t l, const Part *part, const float *rows);
/* Backward: values, safe from the gradients that may take their place; and rows for the
** gradients, to be filled and told to be done. */
const float *level_values (const Walker *w, int32_t l, const Part *part);
/* The same where the gradients may take their place row by row. */
const float *level_values_in_place (const Walker *w, int32_t l, const Part *part);
float *level_fill_gradients (const Walker *w, int32_t l, const Part *part);
void   level_filled_gradients (const Walker *w, int32_t l, const Part *part, const float *rows);
/* The gradients that are there, as sparse layers see them: rounded where they read copies. */
RowsIn level_gradients (const Walker *w, int32_t l, const Part *part);
/* Rows of a bfloat16 level as they are kept, for kernels that read and write such: values or, later, gradients. */
RowsOut level_brief (const Walker *w, int32_t l, const Part *part);

/* What is kept of the part's sums; NULL if it is not. */
uint16_t *level_signs (const Walker *w, int32_t l, const Part *part);
float    *level_sums  (const Walker *w, int32_t l, const Part *part);
/* Of a normalised level: what normalisation keeps. */
float    *level_centred (const Walker *w, int32_t l, const Part *part);

/* All rows of a level, at the tile's first column, for kernels that jump in them: floats (not of a bfloat16 level) and bfloat16. */
FloatRows level_far_floats (const Walker *w, int32_t l);
FloatRows level_far_delta  (const Walker *w, int32_t l);
BriefRows level_far_values    (const Walker *w, int32_t l);
BriefRows level_far_gradients (const Walker *w, int32_t l);
/* The same to be written. */
float *level_floats (const Walker *w, int32_t l);
float *level_delta  (const Walker *w, int32_t l);
/* Copies of all units u0 <= u < u1 that a CBLAS product has left in a float level. */
void level_copy_values    (const Walker *w, int32_t l, int32_t u0, int32_t u1);
void level_copy_gradients (const Walker *w, int32_t l, int32_t u0, int32_t u1);

/* Floats of a thread's scratch: the values and the gradients of one part. */
static inline size_t level_scratch (int32_t widest) { return 2 * LEVEL_UNITS * (size_t)widest; }

#endif
