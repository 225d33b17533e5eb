/*
** checkpoint.h -- a net's whole state in one .npz file, and back, to the last bit.
**
** The file is a zip archive, nothing in it compressed: first texts of the caller's, then one .npy
** for each array that net_state.h lists, last checksum.txt. NumPy opens it, and SciPy takes a sparse
** layer as it is:
**
**     f = numpy.load("net.npz")
**     W = scipy.sparse.csr_matrix((f["layer1_data"], f["layer1_indices"], f["layer1_indptr"]),
**                                 shape=f["layer1_shape"])
**
** checksum.txt holds the xxh3 hash, 128 bits in hexadecimal, of all other members in their order:
** of each its name with the zero byte at its end, and its bytes. Two files with the same texts and
** the same state are the same bytes: they have no timestamps.
**
** A file is written under a temporary name in the same folder, reaches the disk, and is renamed: who
** reads finds the old one or the new, never a half.
*/
#ifndef SETLAB_CHECKPOINT_H
#define SETLAB_CHECKPOINT_H
#include "net/net.h"
#include <stddef.h>

enum {
  CHECKPOINT_WHY = 400,              /* size of the buffer for a sentence: that of data.h's readers */
  CHECKPOINT_MOST_TEXT = 1 << 24     /* bytes of a text */
};

typedef struct CheckpointText {
  const char *name;                  /* "net.json"; shorter than 40 bytes, and not one of an array's */
  const char *bytes;
  size_t      size;
} CheckpointText;

/* Writes the net and n texts, which come first. 1, or 0 with a sentence that begins with the path;
** then nothing has changed under that name. */
int checkpoint_write (const char *path, Net *net, const CheckpointText *text, int n, char why[CHECKPOINT_WHY]);

typedef struct Checkpoint Checkpoint;

/* Opens a file and reads all of it once: the result is whole, its checksum good. NULL with a
** sentence if not. The caller gives it to checkpoint_close (NULL is fine). */
Checkpoint *checkpoint_open (const char *path, char why[CHECKPOINT_WHY]);
void checkpoint_close (Checkpoint *checkpoint);

/* A text, with a zero byte at its end that does not count; NULL with a sentence if there is none of
** this name or it is too long. The caller gives it to mem_free. */
char *checkpoint_text (Checkpoint *checkpoint, const char *name, size_t *size, char why[CHECKPOINT_WHY]);

/* Fills the net, which must have the same layers with as many links each: 1. What a net remembers of its wiring (net_keep_history) it
** remembers afterwards if the file does, whether it did before or not. 0 with a sentence if it
** has not, or the links are none that a layer could have: the net is then as it was. -1 if the file
** could not be read to its end: the net is spoiled, and is good for net_free only. */
int checkpoint_restore (Checkpoint *checkpoint, Net *net, char why[CHECKPOINT_WHY]);

#endif
