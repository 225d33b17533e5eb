/*
** checkpoint_file.h -- what writing and reading a checkpoint share: the headers of its arrays and
** the order in which the checksum takes everything.
*/
#ifndef SETLAB_CHECKPOINT_FILE_H
#define SETLAB_CHECKPOINT_FILE_H
#include "save/checkpoint.h"
#include "net/net_state.h"
#include <xxhash.h>

#define CHECKSUM_NAME "checksum.txt"
enum { HEADER_ROOM = 192, NAME_ROOM = 40, CHECKSUM_ROOM = 48 };

/* The .npy header of an array, byte for byte as NumPy writes it; returns its size, a multiple of 64. */
size_t checkpoint_header (const StateArray *array, char header[HEADER_ROOM]);

/* The checksum's text. */
void checkpoint_digest (const XXH3_state_t *hash, char text[CHECKSUM_ROOM]);

#endif
