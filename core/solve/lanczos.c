#include "solve/lanczos.h"
#include "base/mem.h"
#include "solve/jacobi.h"
#include <math.h>
#include <string.h>

enum { MOST_RESTARTS = 400 };

typedef struct Lanczos {
  int32_t n, across;           /* units of the smaller side and of the other */
  const int64_t *ptr, *back_ptr;
  const int32_t *to, *back;
  int     threads;
  int32_t m, most, block;      /* vectors that there are, at most, and in the last block */
  double *q;                   /* (most, n): the vectors */
  double *h;                   /* (LANCZOS_MOST, LANCZOS_MOST): q' A A' q */
  double *rest;                /* (LANCZOS_BLOCK, n): what A A' makes of the last block beyond all vectors */
  double *half, *ritz;         /* (across); (LANCZOS_KEPT, n) */
  double *small, *vector;      /* (m, m): h, and its vectors */
} Lanczos;

/* ---- vectors ----------------------------------------------------------------------------- */

static double dot (const double *x, const double *y, int32_t n) {
  double sum[4] = { 0, 0, 0, 0 };
  int32_t i = 0;
  for (; i + 4 <= n; i += 4)
    for (int j = 0; j < 4; j++) sum[j] += x[i + j] * y[i + j];
  for (; i < n; i++) sum[0] += x[i] * y[i];
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* y[u] = sum of x over the neighbours of u. */
static void gather (const int64_t *ptr, const int32_t *to, int32_t n, int threads, const double *x, double *y) {
  #pragma omp parallel for num_threads(threads) schedule(static)
  for (int32_t u = 0; u < n; u++) {
    double sum = 0;
    for (int64_t k = ptr[u]; k < ptr[u + 1]; k++) sum += x[to[k]];
    y[u] = sum;
  }
}

static void take_four (const double *q, size_t n, const double *part, int32_t first, int32_t end, double *x) {
  const double *q1 = q + n, *q2 = q1 + n, *q3 = q2 + n;
  for (int32_t i = first; i < end; i++) x[i] -= (part[0] * q[i] + part[1] * q1[i]) + (part[2] * q2[i] + part[3] * q3[i]);
}

/* Takes from x its parts along the first m vectors, which go to `part`. */
static void project (const Lanczos *z, double *x, double *part) {
  #pragma omp parallel for num_threads(z->threads) schedule(static)
  for (int32_t j = 0; j < z->m; j++) part[j] = dot(z->q + (size_t)j * (size_t)z->n, x, z->n);
  #pragma omp parallel for num_threads(z->threads) schedule(static)
  for (int32_t first = 0; first < z->n; first += 512) {
    int32_t end = z->n - first < 512 ? z->n : first + 512;
    int32_t j = 0;
    for (; j + 4 <= z->m; j += 4) take_four(z->q + (size_t)j * (size_t)z->n, (size_t)z->n, part + j, first, end, x);
    for (; j < z->m; j++)
      for (int32_t i = first; i < end; i++) x[i] -= part[j] * z->q[(size_t)j * (size_t)z->n + (size_t)i];
  }
}

/* ---- one block --------------------------------------------------------------------------- */

/* Column j of h, and what is left of A A' q_j. */
static void multiply (Lanczos *z, int32_t j, double *rest) {
  double part[LANCZOS_MOST];
  gather(z->back_ptr, z->back, z->across, z->threads, z->q + (size_t)j * (size_t)z->n, z->half);
  gather(z->ptr, z->to, z->n, z->threads, z->half, rest);
  project(z, rest, part);
  for (int32_t i = 0; i < z->m; i++) z->h[i * LANCZOS_MOST + j] = z->h[j * LANCZOS_MOST + i] = part[i];
}

/* Appends what of x lies beyond the vectors, if anything does. Where much was taken off, rounding is as large as what is
** left, and it is taken off once more. */
static void append (Lanczos *z, const double *x, double nothing) {
  double part[LANCZOS_MOST], *q = z->q + (size_t)z->m * (size_t)z->n;
  if (z->m == z->most) return;
  memcpy(q, x, (size_t)z->n * sizeof *q);
  double before = sqrt(dot(q, q, z->n));
  project(z, q, part);
  double norm = sqrt(dot(q, q, z->n));
  if (norm < before / 4 && norm > nothing) {
    project(z, q, part);
    norm = sqrt(dot(q, q, z->n));
  }
  if (norm <= nothing) return;
  for (int32_t i = 0; i < z->n; i++) q[i] /= norm;
  z->m++;
  z->block++;
}

static double scale_of (const Lanczos *z) {
  double scale = 0;
  for (int32_t j = 0; j < z->m; j++) scale = fmax(scale, z->h[j * LANCZOS_MOST + j]);
  return scale;
}

/* The next block, from what the last one left; none if the vectors span all that A A' makes of them. */
static void next_block (Lanczos *z, int32_t rests) {
  double nothing = 1e-12 * scale_of(z);
  z->block = 0;
  for (int32_t c = 0; c < rests; c++) append(z, z->rest + (size_t)c * (size_t)z->n, nothing);
}

/* ---- Ritz values ------------------------------------------------------------------------- */

/* The length of what A A' makes of a Ritz vector beyond its value times it. */
static double residual (const Lanczos *z, int32_t rests, const double *vector) {
  double sum = 0;
  for (int32_t a = 0; a < rests; a++)
    for (int32_t b = 0; b < rests; b++)
      sum += vector[z->m - rests + a] * vector[z->m - rests + b] *
             dot(z->rest + (size_t)a * (size_t)z->n, z->rest + (size_t)b * (size_t)z->n, z->n);
  return sqrt(fmax(sum, 0));
}

/* Is the Ritz value number i (0 or 1) near enough? It is within its residual of an eigenvalue. Where the residuals of the
** first j are small against the gap to the one after them, it is within the square of theirs over the gap: that is sooner
** (Parlett 1998, 11.7). mu is within the error / 2 mu. r: residuals of the first `known`. */
static int good (const double *value, const double *r, int32_t known, int32_t i) {
  double mu = sqrt(fmax(value[i], 0)), error = r[i], squares = 0;
  for (int32_t j = 0; j + 1 < known; j++) {
    squares += r[j] * r[j];
    double gap = value[i] - value[j + 1];
    if (j >= i && 16 * squares < gap * gap) error = fmin(error, 4 * squares / gap);
  }
  return error <= 2e-6 * mu * fmax(mu, 1) || error <= 1e-13 * value[0];
}

static int settle (Lanczos *z, int32_t rests, double value[LANCZOS_MOST]) {
  int32_t m = z->m, known = m < LANCZOS_KEPT ? m : LANCZOS_KEPT;
  double r[LANCZOS_KEPT];
  for (int32_t i = 0; i < m; i++) memcpy(z->small + (size_t)i * (size_t)m, z->h + i * LANCZOS_MOST, (size_t)m * sizeof *z->small);
  jacobi_eigen(z->small, m, value, z->vector);
  for (int32_t k = 0; k < known; k++) r[k] = residual(z, rests, z->vector + (size_t)k * (size_t)m);
  return good(value, r, known, 0) && (m < 2 || good(value, r, known, 1));
}

/* The best Ritz vectors in place of all vectors. */
static void restart (Lanczos *z, const double *value) {
  int32_t kept = z->m < LANCZOS_KEPT ? z->m : LANCZOS_KEPT;
  size_t n = (size_t)z->n;
  #pragma omp parallel for num_threads(z->threads) schedule(static)
  for (int32_t k = 0; k < kept; k++) {
    double *y = z->ritz + (size_t)k * n;
    memset(y, 0, n * sizeof *y);
    for (int32_t j = 0; j < z->m; j++)
      for (size_t i = 0; i < n; i++) y[i] += z->vector[k * z->m + j] * z->q[(size_t)j * n + i];
  }
  memcpy(z->q, z->ritz, (size_t)kept * n * sizeof *z->q);
  memset(z->h, 0, (size_t)LANCZOS_MOST * LANCZOS_MOST * sizeof *z->h);
  for (int32_t k = 0; k < kept; k++) z->h[k * LANCZOS_MOST + k] = value[k];
  z->m = kept;
}

/* ---- all of it --------------------------------------------------------------------------- */

static void start (Lanczos *z) {
  Rng rng;
  rng_seed(&rng, 1, 0);
  for (int64_t i = 0; i < (int64_t)LANCZOS_BLOCK * z->n; i++) z->rest[i] = rng_normal(&rng);
  z->m = 0;
  next_block(z, LANCZOS_BLOCK);
}

static void iterate (Lanczos *z, double largest[2]) {
  double value[LANCZOS_MOST] = { 0, 0 };
  start(z);
  for (int restarts = 0; restarts < MOST_RESTARTS;) {
    int32_t rests = z->block, before = z->m;
    for (int32_t c = 0; c < rests; c++) multiply(z, before - rests + c, z->rest + (size_t)c * (size_t)z->n);
    int full = before + rests > z->most && z->n > z->most;
    if (!full) next_block(z, rests);
    if (z->m > before) continue;
    int done = settle(z, rests, value);
    if (done || !full) break;
    restart(z, value);
    next_block(z, rests);
    if (z->block == 0) break;
    restarts++;
  }
  largest[0] = fmax(value[0], 0);
  largest[1] = z->m > 1 ? fmax(value[1], 0) : 0;
}

static void free_all (Lanczos *z) {
  mem_free(z->q);
  mem_free(z->h);
  mem_free(z->rest);
  mem_free(z->half);
  mem_free(z->ritz);
  mem_free(z->small);
  mem_free(z->vector);
}

static Lanczos side_of (const Sparse *A, int threads) {
  Lanczos below = { .n = A->n_in, .across = A->n_out, .ptr = A->ptr, .to = A->to, .back_ptr = A->in_ptr, .back = A->from };
  Lanczos above = { .n = A->n_out, .across = A->n_in, .ptr = A->in_ptr, .to = A->from, .back_ptr = A->ptr, .back = A->to };
  below.threads = above.threads = threads;
  return A->n_in <= A->n_out ? below : above;
}

int lanczos_two (const Sparse *A, int threads, double largest[2]) {
  Lanczos z = side_of(A, A->links < SPARSE_LARGE ? 1 : threads);   /* threads would wait for each other more than work */
  size_t n = (size_t)z.n, square = (size_t)LANCZOS_MOST * LANCZOS_MOST;
  z.most = z.n < LANCZOS_MOST ? z.n : LANCZOS_MOST;
  z.q = mem_new((size_t)z.most, n * sizeof *z.q);
  z.h = mem_zero(square, sizeof *z.h);
  z.rest = mem_new(LANCZOS_BLOCK, n * sizeof *z.rest);
  z.half = mem_new((size_t)z.across, sizeof *z.half);
  z.ritz = mem_new(LANCZOS_KEPT, n * sizeof *z.ritz);
  z.small = mem_new(square, sizeof *z.small);
  z.vector = mem_new(square, sizeof *z.vector);
  int there = z.q && z.h && z.rest && z.half && z.ritz && z.small && z.vector;
  if (there) iterate(&z, largest);
  free_all(&z);
  return there;
}
