/*
** mem.h -- the one place where memory comes from.
**
** Every array of the engine is requested here as count times size, so that a product
** that overflows is refused like memory that is not available: by NULL. Blocks are aligned
** to 128 bytes: the widest vector, and two cache lines, which processors fetch together. In
** builds with LAB_FAIL_ALLOC, tests let the n-th request fail, for n = 1, 2, ..., and look for
** leaks and half-made objects.
**
** Allocated memory is counted, so that a plan made beforehand (net_plan.h) can be compared
** with what was used. Next to the code that allocates blocks is a function <name>_bytes
** that adds up their mem_block.
*/
#ifndef SETLAB_MEM_H
#define SETLAB_MEM_H
#include <stddef.h>
#include <stdint.h>

/* A block for count items of size bytes each, 128-byte aligned; NULL if memory runs out.
** count 0 gives a valid block. The caller owns it and gives it to mem_free. */
void *mem_new  (size_t count, size_t size);
void *mem_zero (size_t count, size_t size);        /* the same, filled with zero bytes */
/* A copy of `size` bytes grown to new_count items; NULL leaves the old block as it was. */
void *mem_grow (void *block, size_t old_count, size_t new_count, size_t size);
void  mem_free (void *block);                      /* NULL is fine */

/* Bytes that a block of count items takes, with what is kept about it. No block takes more than
** MEM_MOST, four pebibytes: what would, and never can be had, counts as that much, so that sums
** of some thousand blocks do not overflow. */
#define MEM_MOST ((uint64_t)1 << 52)
uint64_t mem_block (uint64_t count, uint64_t size);

/* Bytes in blocks now, and the most there were since the program began or mem_mark was called. */
uint64_t mem_held (void);
uint64_t mem_peak (void);
void     mem_mark (void);

#ifdef LAB_FAIL_ALLOC
/* From now on the n-th request (1 is the next) and all after it fail; 0 turns this off. */
void mem_fail_at (long n);
#endif

#endif
