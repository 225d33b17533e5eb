/*
** array.h -- arrays of elements of one kind, and conversion between kinds.
**
** Floats are single precision, as the engine's weights are. Integers have 64 bits: they are Lua's, wrap
** around where Lua's do, and cumulated counts of 10^8 links do not come near their limit.
*/
#ifndef SETLAB_ARRAY_H
#define SETLAB_ARRAY_H
#include <stddef.h>
#include <stdint.h>

typedef enum ArrayKind { ARRAY_FLOAT, ARRAY_INTEGER, ARRAY_BOOLEAN } ArrayKind;

/* No array has more elements: their places fit into 32 bits while they are sorted. */
#define ARRAY_MOST ((int64_t)UINT32_MAX)

typedef struct Array {
  ArrayKind kind;
  int64_t   n;
  void     *data;   /* n elements: float, int64_t, or uint8_t that is 0 or 1 */
} Array;

/* Elements that a loop takes at a time; from how many on threads pay. */
enum { ARRAY_BLOCK = 1024, ARRAY_THREADED = 1 << 17 };

static inline float   *array_floats   (const Array *a) { return a->data; }
static inline int64_t *array_integers (const Array *a) { return a->data; }
static inline uint8_t *array_booleans (const Array *a) { return a->data; }

size_t array_size (ArrayKind kind);   /* bytes of an element */

/* Element i as a double. */
double array_number (const Array *a, int64_t i);

/* out = a as elements of out's kind; out->n == a->n. Integers become the nearest float; a truth value is 0 or 1, and
** what is not 0 is true. -1; or the place of the first float that is no whole number of 64 bits, and out is then
** not to be used. */
int64_t array_convert (const Array *a, Array *out);

/* 1 if both have the same kind, length and elements; a NaN equals nothing. */
int array_equal (const Array *a, const Array *b);

#endif
