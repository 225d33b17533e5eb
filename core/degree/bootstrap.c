#include "degree/bootstrap.h"
#include "degree/ks.h"
#include "base/mem.h"
#include "base/rng.h"
#include "degree/zeta.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE = 4096 };          /* values of the tail that are drawn by table */
#define LARGEST 0x1p53          /* a drawn value is never larger: doubles stay exact */

/* What all replicates share. */
typedef struct Model {
  const Degree *data;
  int64_t at, n_head;           /* value[at] is xmin; n_head values lie below it */
  double  alpha, xmin;
  int32_t *head;                /* (n_head) index of the distinct value of each */
  double  *at_least;            /* (TABLE + 1) P(X >= xmin + i) */
} Model;

/* What one thread needs for itself. */
typedef struct Scratch {
  int64_t *head_count;          /* (at) */
  int64_t *tail_count;          /* (TABLE) */
  double  *far;                 /* (n) values of the tail beyond the table */
  double  *value, *log_value, *at_least;  /* (n) the replicate, counted */
} Scratch;

static void scratch_free (Scratch *s) {
  mem_free(s->head_count);
  mem_free(s->tail_count);
  mem_free(s->far);
  mem_free(s->value);
  mem_free(s->log_value);
  mem_free(s->at_least);
}

static int scratch_make (Scratch *s, const Model *m) {
  size_t n = (size_t)m->data->n;
  s->head_count = mem_zero((size_t)m->at, sizeof *s->head_count);
  s->tail_count = mem_zero(TABLE, sizeof *s->tail_count);
  s->far = mem_new(n, sizeof *s->far);
  s->value = mem_new(n, sizeof *s->value);
  s->log_value = mem_new(n, sizeof *s->log_value);
  s->at_least = mem_new(n, sizeof *s->at_least);
  return s->head_count && s->tail_count && s->far && s->value && s->log_value && s->at_least;
}

/* Fills P(X >= xmin + i) from above, so that the small shares keep all their digits. */
static void fill_table (Model *m) {
  Zeta whole = zeta_log(m->alpha, m->xmin);
  double far = exp(zeta_log(m->alpha, m->xmin + TABLE).log - whole.log);
  m->at_least[TABLE] = far;
  for (int i = TABLE - 1; i >= 0; i--) {
    far += exp(-m->alpha * log(m->xmin + i) - whole.log);
    m->at_least[i] = far;
  }
  m->at_least[0] = 1;
}

static void model_free (Model *m) {
  mem_free(m->head);
  mem_free(m->at_least);
}

static int model_make (Model *m, const Degree *data, int64_t at, double alpha) {
  *m = (Model){ .data = data, .at = at, .n_head = data->n - data->at_least[at],
                .alpha = alpha, .xmin = (double)data->value[at] };
  m->head = mem_new((size_t)m->n_head, sizeof *m->head);
  m->at_least = mem_new(TABLE + 1, sizeof *m->at_least);
  if (!m->head || !m->at_least) return 0;
  int32_t *next = m->head;
  for (int64_t i = 0; i < at; i++)
    for (int64_t j = 0; j < data->count[i]; j++) *next++ = (int32_t)i;
  fill_table(m);
  return 1;
}

/* Largest x beyond the table with P(X >= x) >= u: doubling, then halving. */
static double far_value (const Model *m, double u) {
  double whole = zeta_log(m->alpha, m->xmin).log, wanted = log(u) + whole;
  double low = m->xmin + TABLE, high = low;
  do {
    low = high;
    high *= 2;
  } while (high < LARGEST && zeta_log(m->alpha, high).log >= wanted);
  if (high >= LARGEST) return LARGEST;
  while (high - low > 1) {
    double middle = floor((low + high) / 2);
    if (zeta_log(m->alpha, middle).log >= wanted) low = middle;
    else high = middle;
  }
  return low;
}

/* Largest i with P(X >= xmin + i) >= u. */
static int table_index (const Model *m, double u) {
  int low = 0, high = TABLE;
  while (high - low > 1) {
    int middle = (low + high) / 2;
    if (m->at_least[middle] >= u) low = middle;
    else high = middle;
  }
  return low;
}

static int ascending (const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Draws one replicate into the counts; returns how many values lie in s->far, sorted. */
static int64_t draw (const Model *m, Scratch *s, Rng *rng) {
  int64_t n = m->data->n, n_far = 0;
  for (int64_t i = 0; i < n; i++) {
    uint64_t pick = rng_below(rng, (uint64_t)n);
    if (pick < (uint64_t)m->n_head) {
      s->head_count[m->head[pick]]++;
      continue;
    }
    double u = 1 - rng_double(rng);  /* in (0, 1] */
    if (u > m->at_least[TABLE]) s->tail_count[table_index(m, u)]++;
    else s->far[n_far++] = far_value(m, u);
  }
  qsort(s->far, (size_t)n_far, sizeof *s->far, ascending);
  return n_far;
}

/* Appends a value that occurs `count` times; at_least holds counts until the end. */
static void append (Scratch *s, int64_t *k, double value, int64_t count) {
  s->value[*k] = value;
  s->at_least[*k] = (double)count;
  ++*k;
}

/* Turns the counts into a counted sequence and clears them. */
static Ks collect (const Model *m, Scratch *s, int64_t n_far) {
  int64_t k = 0;
  for (int64_t i = 0; i < m->at; i++)
    if (s->head_count[i]) append(s, &k, (double)m->data->value[i], s->head_count[i]);
  for (int i = 0; i < TABLE; i++)
    if (s->tail_count[i]) append(s, &k, m->xmin + i, s->tail_count[i]);
  for (int64_t i = 0, j; i < n_far; i = j) {
    for (j = i + 1; j < n_far && s->far[j] == s->far[i];) j++;
    append(s, &k, s->far[i], j - i);
  }
  memset(s->head_count, 0, (size_t)m->at * sizeof *s->head_count);
  memset(s->tail_count, 0, TABLE * sizeof *s->tail_count);
  double sum = 0;
  for (int64_t i = k - 1; i >= 0; i--) {
    s->at_least[i] = sum += s->at_least[i];
    s->log_value[i] = log(s->value[i]);
  }
  return (Ks){ k, s->value, s->log_value, s->at_least };
}

static int is_worse (const Model *m, Scratch *s, double D, uint64_t seed, int32_t replicate) {
  Rng rng;
  rng_seed(&rng, seed, RNG_BOOTSTRAP | (uint64_t)replicate << 8);
  int64_t n_far = draw(m, s, &rng);
  Ks ks = collect(m, s, n_far);
  return ks_search(&ks, D).D > D;
}

int32_t bootstrap_count (const Degree *data, int64_t at, double alpha, double D,
                         int32_t replicates, uint64_t seed, int (*stop) (void)) {
  int32_t worse = -1;
  int threads = omp_get_max_threads(), made = 0;
  Model model = { 0 };
  Scratch *scratch = mem_zero((size_t)threads, sizeof *scratch);
  if (!scratch || !model_make(&model, data, at, alpha)) goto done;
  for (; made < threads; made++)
    if (!scratch_make(&scratch[made], &model)) goto done;
  worse = 0;
  #pragma omp parallel for num_threads(threads) schedule(dynamic, 8) reduction(+:worse)
  for (int32_t r = 0; r < replicates; r++)
    if (!stop || !stop()) worse += is_worse(&model, &scratch[omp_get_thread_num()], D, seed, r);
done:
  if (scratch) for (int i = 0; i < threads; i++) scratch_free(&scratch[i]);
  mem_free(scratch);
  model_free(&model);
  return worse;
}
