#include "base/mem.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ALIGNMENT = 128 };

/* The count of bytes belongs to the process, like the heap that it counts: one for all. */
static _Atomic uint64_t held, peak;

#ifdef LAB_FAIL_ALLOC
static long fail_countdown;  /* in test builds only */
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

uint64_t mem_block (uint64_t count, uint64_t size) {
  if (size != 0 && count > (MEM_MOST - 2 * ALIGNMENT) / size) return MEM_MOST;
  return ALIGNMENT + (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void count_in (uint64_t bytes) {
  uint64_t now = atomic_fetch_add_explicit(&held, bytes, memory_order_relaxed) + bytes;
  uint64_t most = atomic_load_explicit(&peak, memory_order_relaxed);
  while (now > most && !atomic_compare_exchange_weak(&peak, &most, now)) continue;
}

/* Rows of a large net are read in no order, and each read of memory is preceded by one of the tables that say where it is, unless pages are
** large. The system may give such ones, whole ones within the block; if not, nothing is lost. */
static void ask_for_large_pages (char *start, uint64_t bytes) {
#ifdef MADV_HUGEPAGE
  const uint64_t worth_it = 32 << 20, page = 2 << 20;
  uintptr_t first = ((uintptr_t)start + page - 1) / page * page, end = ((uintptr_t)start + bytes) / page * page;
  if (bytes >= worth_it && end > first) madvise((void *)first, end - first, MADV_HUGEPAGE);
#else
  (void)start, (void)bytes;
#endif
}

/* The size stands in front of the block, in a line of its own so that the block is aligned. */
void *mem_new (size_t count, size_t size) {
  uint64_t bytes = mem_block(count, size);
  if (must_fail() || bytes >= MEM_MOST || bytes > SIZE_MAX) return NULL;
  char *start = aligned_alloc(ALIGNMENT, (size_t)bytes);
  if (!start) return NULL;
  ask_for_large_pages(start, bytes);
  memcpy(start, &bytes, sizeof bytes);
  count_in(bytes);
  return start + ALIGNMENT;
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

void mem_free (void *block) {
  if (!block) return;
  char *start = (char *)block - ALIGNMENT;
  uint64_t bytes;
  memcpy(&bytes, start, sizeof bytes);
  atomic_fetch_sub_explicit(&held, bytes, memory_order_relaxed);
  free(start);
}

uint64_t mem_held (void) { return atomic_load_explicit(&held, memory_order_relaxed); }
uint64_t mem_peak (void) { return atomic_load_explicit(&peak, memory_order_relaxed); }
void mem_mark (void) { atomic_store_explicit(&peak, mem_held(), memory_order_relaxed); }
