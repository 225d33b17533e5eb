/*
** bundle.h -- a zip archive of files that go on a journey together.
**
** Written whole, under another name first; the same files give the same bytes. Read whole, with limits on names and sizes, as it
** may come from anywhere.
*/
#ifndef SETLAB_BUNDLE_H
#define SETLAB_BUNDLE_H
#include "format/data_complain.h"
#include <stddef.h>
#include <stdint.h>

enum { BUNDLE_NAME = 256, BUNDLE_FILES = 100000 };
#define BUNDLE_BYTES ((uint64_t)4 << 30)   /* of all files together */

typedef struct BundleFile {
  const char *name;     /* a relative path with '/' */
  const char *bytes;
  size_t size;
} BundleFile;

/* Writes the archive; its names are of the kind that bundle_open takes. 0 and a sentence in why, and then an earlier file is as it was. */
int bundle_write (const char *path, const BundleFile *files, size_t n, char why[DATA_WHY]);

typedef struct Bundle Bundle;

/* Opens an archive whose files all have names that stay in a folder, each once, and sizes within the limits. NULL and a
** sentence in why. bundle_close takes NULL. */
Bundle *bundle_open (const char *path, char why[DATA_WHY]);
void bundle_close (Bundle *bundle);

size_t bundle_count (const Bundle *bundle);
const char *bundle_name (const Bundle *bundle, size_t i);
uint64_t bundle_size (const Bundle *bundle, size_t i);   /* in bytes */

/* Reads file i into `bytes`, which has room for its size. 0 and a sentence in why, also if its checksum is wrong. */
int bundle_read (const Bundle *bundle, size_t i, char *bytes, char why[DATA_WHY]);

#endif
