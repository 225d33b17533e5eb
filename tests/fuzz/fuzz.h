/*
** fuzz.h -- what a fuzzer drives: the readers of everything that comes from outside.
**
** A target reads one input and aborts if what comes of it breaks a promise: a net or a split that
** is none, a sentence that does not name the file, a Lua error that is not one of ours, memory
** that stays. libFuzzer makes inputs up (make fuzz); replay.c reads those that are kept in
** tests/fuzz/corpus/<target>, with any compiler, as a test. A new reader is a target here, a line
** in the table of fuzz.c, and a folder of seeds.
*/
#ifndef SETLAB_FUZZ_H
#define SETLAB_FUZZ_H
#include <stddef.h>
#include <stdint.h>

typedef struct FuzzTarget {
  const char *name;
  void   (*read) (const uint8_t *bytes, size_t size);
  /* Changes an input of `size` bytes in place, up to `room`; returns its new size. NULL: libFuzzer's. */
  size_t (*mutate) (uint8_t *bytes, size_t size, size_t room, unsigned seed);
} FuzzTarget;

/* NULL if there is none of this name. */
const FuzzTarget *fuzz_find (const char *name);
void fuzz_read (const FuzzTarget *target, const uint8_t *bytes, size_t size);

/* Aborts with a sentence unless `promise` holds. */
void fuzz_expect (int promise, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A file in memory with these bytes: its path, which stays the same for a slot (0 .. 3). */
const char *fuzz_file (int slot, const uint8_t *bytes, size_t size);

/* ---- the targets ---- */

void fuzz_idx        (const uint8_t *bytes, size_t size);  /* u16 size of the labels, labels, images */
void fuzz_cifar10    (const uint8_t *bytes, size_t size);
void fuzz_csv        (const uint8_t *bytes, size_t size);
void fuzz_npy        (const uint8_t *bytes, size_t size);  /* u16 size of the labels, labels, samples */
void fuzz_npz        (const uint8_t *bytes, size_t size);
void fuzz_links      (const uint8_t *bytes, size_t size);  /* of a wiring: CSV, .npy, .npz */
void fuzz_bundle     (const uint8_t *bytes, size_t size);
void fuzz_checkpoint (const uint8_t *bytes, size_t size);  /* checkpoint.lua */
void fuzz_yaml       (const uint8_t *bytes, size_t size);  /* sweep.lua */

/* ---- changing what is packed (libFuzzer would fail at the checksums) ---- */

size_t fuzz_mutate_gzip (uint8_t *bytes, size_t size, size_t room, unsigned seed);  /* packed or not */
size_t fuzz_mutate_idx  (uint8_t *bytes, size_t size, size_t room, unsigned seed);
size_t fuzz_mutate_zip  (uint8_t *bytes, size_t size, size_t room, unsigned seed);

#endif
