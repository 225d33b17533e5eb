/*
** npy.h -- the header of a NumPy array file, and the values behind it.
**
** A .npy file is the magic "\x93NUMPY", a version, the length of a header, the header, and the
** values. The header is a Python literal with exactly the keys descr, fortran_order and shape:
**
**     {'descr': '<f4', 'fortran_order': False, 'shape': (5000, 28, 28), }
**
** Versions 1 to 3 differ in the width of the length and in the header's encoding, which does
** not matter for these keys. Understood: little-endian u1 i1 i2 i4 i8 f4 f8 and bool, C order.
*/
#ifndef SETLAB_NPY_H
#define SETLAB_NPY_H
#include <stddef.h>
#include <stdint.h>

enum { NPY_PREFIX = 12, NPY_MAX_HEADER = 65536, NPY_MAX_RANK = 32 };

typedef struct Npy {
  char    kind;                 /* 'u', 'i', 'f' or 'b' */
  int     size;                 /* bytes a value: 1, 2, 4 or 8 */
  int     rank;
  int64_t shape[NPY_MAX_RANK];  /* each at least 0 */
} Npy;

/* From the first NPY_PREFIX bytes of a file: where the header begins (10 or 12) and its
** length. NULL, or what is wrong, in words. */
const char *npy_prefix (const uint8_t *bytes, int *begin, uint32_t *length);

/* Reads a header of `length` bytes; NULL, or what is wrong, in words. */
const char *npy_header (const char *text, size_t length, Npy *npy);

/* The product of shape[from] .. shape[rank-1]; -1 if it does not fit 63 bits. */
int64_t npy_count (const Npy *npy, int from);

/* The value at `bytes`, which need not be aligned. i8 beyond 2^53 is rounded. */
double npy_value (const Npy *npy, const uint8_t *bytes);

#endif
