/*
** npy.h -- the header of a NumPy array file, and the values behind it.
**
** A .npy file is the magic "\x93NUMPY", a version, the length of a header, the header, and the
** values. The header is a Python literal with exactly the keys descr, fortran_order and shape:
**
**     {'descr': '<f4', 'fortran_order': False, 'shape': (5000, 28, 28), }
**
** Versions 1 to 3 differ in the width of the length and in the header's encoding, which does
** not matter for these keys. Understood: u1 u2 u4 u8, i1 i2 i4 i8, f2 f4 f8 and bool, of either byte
** order, and the texts U (UCS-4) and S (bytes); in C or in Fortran order.
*/
#ifndef SETLAB_NPY_H
#define SETLAB_NPY_H
#include <stddef.h>
#include <stdint.h>

enum { NPY_PREFIX = 12, NPY_MAX_HEADER = 65536, NPY_MAX_RANK = 32, NPY_MAX_TEXT = 4096 };

typedef struct Npy {
  char    kind;                 /* 'u', 'i', 'f', 'b'; 'U' or 'S' for text */
  int     size;                 /* bytes a value: 1, 2, 4 or 8; of text at most NPY_MAX_TEXT */
  int     big;                  /* 1: most significant byte first */
  int     fortran;              /* 1: the first index runs fastest */
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

/* The number at `bytes`, which need not be aligned. Whole numbers beyond 2^53 are rounded. */
double npy_value (const Npy *npy, const uint8_t *bytes);

/* The text at `bytes` as UTF-8, without blanks around it and ended by a zero byte; to has room for
** NPY_MAX_TEXT + 1 bytes. NULL, or what is wrong, in words. */
const char *npy_text (const Npy *npy, const uint8_t *bytes, char *to);

/* The type as NumPy writes it, without the byte order: "u1", "f4", "U3". */
void npy_type (const Npy *npy, char to[16]);

/* Copies sample i of an array in Fortran order, all of which is at `all`, to `row` in C order. */
void npy_gather (const Npy *npy, const uint8_t *all, int64_t i, uint8_t *row);

#endif
