#include "mem.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 128 };

#ifdef LAB_FAIL_ALLOC
static long fail_countdown;  /* the one global of the engine, in test builds only */
void mem_fail_at (long n) { fail_countdown = n; }
static int must_fail (void) {
  if (fail_countdown == 0) return 0;
  if (fail_countdown == 1) return 1;
  fail_countdown--;
  return 0;
}
#else
static int must_fail (void) { return 0; }
#endif

void *mem_new (size_t count, size_t size) {
  if (must_fail()) return NULL;
  if (size != 0 && count > (SIZE_MAX - ALIGNMENT) / size) return NULL;
  size_t bytes = (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  return aligned_alloc(ALIGNMENT, bytes ? bytes : ALIGNMENT);
}

void *mem_zero (size_t count, size_t size) {
  void *block = mem_new(count, size);
  if (block) memset(block, 0, count * size);
  return block;
}

void *mem_grow (void *block, size_t old_count, size_t new_count, size_t size) {
  void *bigger = mem_new(new_count, size);
  if (!bigger) return NULL;
  if (block) memcpy(bigger, block, (old_count < new_count ? old_count : new_count) * size);
  mem_free(block);
  return bigger;
}

void mem_free (void *block) { free(block); }
