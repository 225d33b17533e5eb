/*
** data_file.h -- what all readers share: an open file that explains itself, and the draw.
**
** A DataFile is read from start to end, through zlib whether or not it is compressed. Every
** complaint is one sentence that begins with the file's name and, where it helps, gives the
** position in the (uncompressed) bytes.
*/
#ifndef SETLAB_DATA_FILE_H
#define SETLAB_DATA_FILE_H
#include "data/data.h"
#include "base/rng.h"
#include <stddef.h>
#include <zlib.h>

typedef struct DataFile {
  const char *path;      /* borrowed */
  char       *why;       /* borrowed, DATA_WHY bytes */
  gzFile      gz;
  int64_t     size;      /* of the file on disk, in bytes */
  int64_t     position;  /* bytes handed out so far, uncompressed */
  int         compressed;
} DataFile;

/* Writes "<path>: <message>" to why; a long path keeps its end, so the message fits. Returns
** 0, so that a reader can say `return data_complain(...)`. */
int data_complain (char why[DATA_WHY], const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* 1 if `path` is a plain file with something in it; *size gets its bytes. */
int data_file_stat (const char *path, int64_t *size, char why[DATA_WHY]);

/* Opening refuses directories and empty files. All return 1, or 0 with a sentence. */
int  data_file_open  (DataFile *f, const char *path, char why[DATA_WHY]);
int  data_file_read  (DataFile *f, void *to, size_t size, const char *what);  /* all or 0 */
int  data_file_skip  (DataFile *f, size_t size, const char *what);
int  data_file_end   (DataFile *f, const char *what);   /* the file must end here, checksum good */
int  data_file_rewind (DataFile *f);                    /* back to the first byte */
void data_file_close (DataFile *f);                     /* twice is fine */

/* Up to `size` bytes; the number read, 0 at the end, -1 with a sentence. */
int64_t data_file_some (DataFile *f, void *to, size_t size);

/* 1 if a compressed file of f->size bytes can hold `bytes`, or a plain one does. gzip's
** method packs at most 1,032 to 1. */
int data_file_can_hold (const DataFile *f, uint64_t bytes);

/* ---- the draw: which samples, in one pass and without a list --------------------------- */

typedef struct DataDraw {
  int64_t left, wanted;  /* samples still to come, and how many of them will be taken */
  int     random;
  const uint8_t *take;   /* flags of the samples still to come, or NULL */
  Rng     rng;
} DataDraw;

/* Prepares to take want->count of `available` samples (all if 0); 0 with a sentence if
** there are too few. */
int data_draw_begin (DataDraw *draw, const DataWanted *want, int64_t available,
                     const char *path, char why[DATA_WHY]);

/* Asked once for every sample in turn: 1 to take it. Selection sampling (Knuth, volume 2,
** 3.4.2, algorithm S): every subset is equally likely. Stop when draw->wanted is 0. */
int data_draw_next (DataDraw *draw);

/* ---- the last checks ------------------------------------------------------------------- */

/* Labels must be in 0 .. n_classes-1; complains about sample i of the file otherwise. */
int data_check_label (int64_t label, int32_t n_classes, int64_t i, const char *path,
                      char why[DATA_WHY]);

/* Decides data->unit from want->scale, from what the values are, and from want->like. 0 with a
** sentence: values that are no bytes where bytes are said. */
int data_scale (Data *data, const DataWanted *want, const char *path, char why[DATA_WHY]);

/* Are the values of the two splits of one kind and range? 0 with a sentence if not; what is only
** doubtful goes into data->warning. */
int data_agree (Data *data, const Data *like, const char *path, char why[DATA_WHY]);

/* Adds a sentence to data->warning, after a blank if one is there. */
void data_warn (Data *data, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Scales the finished split, compares it with want->like, sets the hash. Returns data, or
** frees it and returns NULL. */
Data *data_finish (Data *data, const DataWanted *want, const char *path, char why[DATA_WHY]);

#endif
