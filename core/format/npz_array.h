/*
** npz_array.h -- one array of NumPy's .npz, a zip archive with one .npy file an array.
**
** Arrays are unpacked as they are read, sample by sample, so that the archive never stands in memory.
** One in Fortran order has its samples scattered over the whole: it is held in memory while it is read.
*/
#ifndef SETLAB_NPZ_ARRAY_H
#define SETLAB_NPZ_ARRAY_H
#include "format/data_file.h"
#include "format/npy.h"
#include <zip.h>

typedef struct NpzArray {   /* one entry, open at its values */
  const char *path;         /* of the archive; borrowed, as is why */
  char       *why;
  char        name[64];     /* "X_train" */
  zip_file_t *file;
  Npy         npy;
  int64_t     row;          /* bytes a sample */
  uint8_t    *all;          /* in Fortran order: the values, as soon as the first row is asked for */
} NpzArray;

/* Opens the array `given`, or <prefix>_<split> if that is NULL, whatever the case of its letters, of an
** archive of file_size bytes. a->path and a->why are set by the caller, the rest is zero. 1, or 0
** with a sentence; npz_close in any case. */
int npz_open (NpzArray *a, zip_t *zip, const char *given, const char *prefix, const char *split,
              int64_t file_size);

/* Sample i in C order to `row`, of a->row bytes; samples are asked for in turn. 1, or 0 with a sentence. */
int npz_row (NpzArray *a, void *row, int64_t i);

/* After the last sample: the entry must end there, and its checksum be good. */
int npz_end (NpzArray *a);

void npz_close (NpzArray *a);   /* twice is fine */

#endif
