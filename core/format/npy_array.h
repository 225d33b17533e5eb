/*
** npy_array.h -- one array of NumPy: a .npy file, or an entry of a .npz, a zip archive of such files.
**
** Arrays are unpacked as they are read, sample by sample, so that the archive never stands in memory.
** One in Fortran order has its samples scattered over the whole: it is held in memory while it is read.
*/
#ifndef SETLAB_NPY_ARRAY_H
#define SETLAB_NPY_ARRAY_H
#include "format/data_file.h"
#include "format/npy.h"
#include <zip.h>

typedef struct NpyArray {   /* open at its values */
  const char *path;         /* of the archive or the file; borrowed, as is why */
  char       *why;
  char        name[64];     /* "X_train"; of a file its own name */
  zip_file_t *entry;        /* one of these is open */
  DataFile    file;
  Npy         npy;
  int64_t     row;          /* bytes a sample */
  uint8_t    *all;          /* in Fortran order: the values, as soon as the first row is asked for */
} NpyArray;

/* Opens the array `given`, or <prefix>_<split> if that is NULL, whatever the case of its letters, of an
** archive of file_size bytes. a->path and a->why are set by the caller, the rest is zero. 1, or 0
** with a sentence; npy_array_close in any case. */
int npy_array_entry (NpyArray *a, zip_t *zip, const char *given, const char *prefix, const char *split,
              int64_t file_size);

/* Opens the array that a .npy file holds, as it is or packed by gzip. The rest as npy_array_entry. */
int npy_array_file (NpyArray *a);

/* Sample i in C order to `row`, of a->row bytes; samples are asked for in turn. 1, or 0 with a sentence. */
int npy_array_row (NpyArray *a, void *row, int64_t i);

/* After the last sample: the array must end there, and its checksum be good. */
int npy_array_end (NpyArray *a);

void npy_array_close (NpyArray *a);   /* twice is fine */

#endif
