/*
** data_file.h -- an open file, whose errors name the place.
**
** A DataFile is read from start to end, through zlib whether or not it is compressed. Every
** complaint is one sentence that begins with the file's name and, where it helps, gives the
** position in the (uncompressed) bytes.
*/
#ifndef SETLAB_DATA_FILE_H
#define SETLAB_DATA_FILE_H
#include "format/data_complain.h"
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

typedef struct DataFile {
  const char *path;      /* borrowed */
  char       *why;       /* borrowed, DATA_WHY bytes */
  gzFile      gz;
  int64_t     size;      /* of the file on disk, in bytes */
  int64_t     position;  /* bytes handed out so far, uncompressed */
  int         compressed;
} DataFile;

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

#endif
