#include "os/yardstick.h"
#include "base/clock.h"
#include "base/cpu.h"
#include "base/mem.h"
#include <cblas.h>
#include <math.h>
#include <omp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

/* ---- matrix product ---- */

/* A has rank one, a_ik = f_i f_k, so that every cell of C = A A is known: f_i f_j times the sum
** of the squares of f. Powers of two make it exact. */
static float factor (int i) { return i % 3 == 0 ? 0.5f : i % 3 == 1 ? 1.0f : -2.0f; }

static void fill (float *a, int n) {
  #pragma omp parallel for
  for (int i = 0; i < n; i++)
    for (int k = 0; k < n; k++) a[(size_t)i * (size_t)n + (size_t)k] = factor(i) * factor(k);
}

static int product_is_right (const float *c, int n) {
  double squares = 0;
  for (int k = 0; k < n; k++) squares += (double)factor(k) * (double)factor(k);
  for (int i = 0; i < n; i++) {
    double want = squares * (double)factor(i) * (double)factor(n - 1 - i);
    double got = (double)c[(size_t)i * (size_t)n + (size_t)(n - 1 - i)];
    if (fabs(got - want) > 1e-4 * fabs(want)) return 0;
  }
  return 1;
}

static double time_products (int n, int times, const float *a, float *c) {
  double start = clock_seconds();
  for (int i = 0; i < times; i++)
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a, n, a, n, 0, c, n);
  return clock_seconds() - start;
}

double yardstick_sgemm (int n, int threads, int times) {
  size_t cells = (size_t)n * (size_t)n;
  float *a = mem_new(cells, sizeof *a), *c = mem_zero(cells, sizeof *c);
  double rate = 0;
  if (a && c) {
    int before = omp_get_max_threads();
    omp_set_num_threads(threads);       /* an OpenMP build of OpenBLAS asks for these, */
    openblas_set_num_threads(threads);  /* another has to be told */
    fill(a, n);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n / 4 + 1, 1, a, n, a, n, 0, c, n);  /* warms up */
    rate = 2.0 * n * n * n * times / time_products(n, times, a, c) * 1e-9;
    openblas_set_num_threads(before);
    omp_set_num_threads(before);
    if (!product_is_right(c, n)) rate = -1;
  }
  mem_free(a);
  mem_free(c);
  return rate;
}

/* ---- reading ---- */

/* One walk over whole kilobytes; eight sums, so that no load waits for the add before it. */
#define READER(name, target, size)                                                               \
  target static int64_t name (const char *p, size_t bytes) {                                     \
    typedef int64_t vec __attribute__((vector_size(size), may_alias));                           \
    const vec *v = (const vec *)p, *end = (const vec *)(p + bytes);                              \
    vec a = *v, b = a, c = a, d = a, e = a, f = a, g = a, h = a;                                 \
    for (; v < end; v += 8) {                                                                    \
      a ^= v[0], b ^= v[1], c ^= v[2], d ^= v[3], e ^= v[4], f ^= v[5], g ^= v[6], h ^= v[7];    \
    }                                                                                            \
    a = (a ^ b) ^ (c ^ d) ^ (e ^ f) ^ (g ^ h);                                                   \
    return a[0] ^ a[1];                                                                          \
  }

READER(read_plain, , 16)
typedef int64_t Reader (const char *p, size_t bytes);
#if defined __x86_64__
READER(read_avx2, __attribute__((target("avx2"))), 32)
READER(read_avx512, __attribute__((target("avx512f"))), 64)
static Reader *choose_reader (void) {
  return cpu_has("avx512") ? read_avx512 : cpu_has("avx2") ? read_avx2 : read_plain;
}
#else
static Reader *choose_reader (void) { return read_plain; }
#endif

/* Bytes a second of one thread. The compiler must take every walk for a new one. */
static double read_rate (const char *buffer, size_t bytes, double seconds) {
  Reader *reader = choose_reader();
  double start = clock_seconds(), now;
  int64_t passes = 0, round = bytes < 65536 ? (int64_t)(65536 / bytes) : 1;
  do {
    for (int64_t r = 0; r < round; r++) {
      int64_t all = reader(buffer, bytes);
      __asm__ volatile("" : "+r"(buffer) : "r"(all) : "memory");
    }
    passes += round;
    now = clock_seconds();
  } while (now - start < seconds);
  return (double)passes * (double)bytes / (now - start);
}

double yardstick_read (size_t bytes, int threads, double seconds) {
  double total = 0;
  int failed = 0;
  bytes = bytes < 1024 ? 1024 : bytes / 1024 * 1024;
  #pragma omp parallel num_threads(threads) reduction(+ : total) reduction(| : failed)
  {
    char *buffer = mem_zero(bytes, 1);
    failed = !buffer;
    if (buffer) read_rate(buffer, bytes, 0);  /* into the cache */
    #pragma omp barrier
    if (buffer) total = read_rate(buffer, bytes, seconds);
    mem_free(buffer);
  }
  return failed ? 0 : total * 1e-9;
}

/* ---- passing a line ---- */

enum { BLOCKS = 15, PASSES = 200, PATIENCE = 10000 };

typedef struct Line {
  _Alignas(128) _Atomic int turn;  /* thread turn % 2 may go on */
  _Alignas(128) char after;
} Line;

/* Waits for `turn`; where both threads stand on one processor, the other must get it. */
static void await (Line *line, int turn) {
  for (int spin = 0; atomic_load_explicit(&line->turn, memory_order_acquire) != turn; spin++)
    if (spin > PATIENCE) sched_yield();
}

static void pass_block (Line *line, int t) {
  for (int turn = t; turn < PASSES; turn += 2) {
    await(line, turn);
    atomic_store_explicit(&line->turn, turn + 1, memory_order_release);
  }
  if (t == 0) await(line, PASSES);
}

static int by_size (const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double yardstick_pass (void) {
  Line line[BLOCKS] = { { 0 } };
  double seconds[BLOCKS] = { 0 };
  int threads = 1;
  #pragma omp parallel num_threads(2)
  {
    int t = omp_get_thread_num();
    #pragma omp single
    threads = omp_get_num_threads();
    for (int i = 0; threads == 2 && i < BLOCKS; i++) {
      double start = clock_seconds();
      pass_block(&line[i], t);
      if (t == 0) seconds[i] = clock_seconds() - start;
    }
  }
  qsort(seconds, BLOCKS, sizeof *seconds, by_size);
  return seconds[BLOCKS / 2] / PASSES * 1e9;
}
