/*
** data_madelon.c -- a synthetic set with informative, redundant and useless features.
**
** After the generator of Madelon (I. Guyon, Design of experiments for the NIPS 2003 variable
** selection benchmark, 2003). It differs in three points, which serve clarity: features are
** not permuted, so a column's place says what it is; the hypercube's size is an option; and
** features are not rounded to integers.
*/
#include "data/data.h"
#include "base/mem.h"
#include "base/rng.h"
#include <math.h>
#include <stdio.h>

enum { MOST_INFORMATIVE = 20, STRUCTURE = 0 };

/* What training and test split share. One block; the pointers go into it. */
typedef struct Structure {
  int32_t *vertex;   /* (n_clusters): bit j is the sign of informative feature j */
  float   *stretch;  /* (n_clusters, informative, informative): noise of a cluster */
  float   *combine;  /* (redundant, informative) */
} Structure;

static const char *check (const DataMadelon *s) {
  if (s->informative < 1 || s->informative > MOST_INFORMATIVE)
    return "informative must be 1 to 20";
  if (s->redundant < 0 || s->useless < 0) return "redundant and useless must not be negative";
  if ((int64_t)s->informative + s->redundant + s->useless > 1000000)
    return "more than 1,000,000 features";
  if (s->classes < 2 || s->clusters < 1) return "there must be at least 2 classes of 1 cluster";
  if ((int64_t)s->classes * s->clusters > 4096 ||
      (int64_t)s->classes * s->clusters > INT64_C(1) << s->informative)
    return "classes times clusters must be at most 2^informative and at most 4096";
  if (!isfinite(s->separation) || s->separation < 0)
    return "separation must be finite and not negative";
  if (!(s->flip >= 0 && s->flip <= 1)) return "flip must be 0 to 1";
  return NULL;
}

/* Uniform, -1 to 1. */
static float symmetric (Rng *rng) { return (float)(2 * rng_double(rng) - 1); }

/* The first n_clusters of a random order of all vertices: distinct, each equally likely. */
static int draw_vertices (const DataMadelon *s, Structure *t, Rng *rng) {
  int32_t n_vertices = (int32_t)1 << s->informative;
  t->vertex = mem_new((size_t)n_vertices, sizeof *t->vertex);
  if (t->vertex) rng_shuffle(rng, t->vertex, n_vertices);
  return t->vertex != NULL;
}

static void free_structure (Structure *t) {
  mem_free(t->vertex);
  mem_free(t->stretch);
  mem_free(t->combine);
}

static int make_structure (const DataMadelon *s, Structure *t) {
  size_t d = (size_t)s->informative, n_clusters = (size_t)s->classes * (size_t)s->clusters;
  Rng rng;
  rng_seed(&rng, s->seed, RNG_DATA | STRUCTURE << 8);
  t->stretch = mem_new(n_clusters * d * d, sizeof *t->stretch);
  t->combine = mem_new((size_t)s->redundant * d, sizeof *t->combine);
  if (!t->stretch || !t->combine || !draw_vertices(s, t, &rng)) return 0;
  for (size_t k = 0; k < n_clusters * d * d; k++) t->stretch[k] = symmetric(&rng);
  for (size_t k = 0; k < (size_t)s->redundant * d; k++) t->combine[k] = symmetric(&rng);
  return 1;
}

/* y = M x, M (rows, d). */
static void multiply (const float *M, int32_t rows, int32_t d, const float *x, float *y) {
  for (int32_t i = 0; i < rows; i++) {
    y[i] = 0;
    for (int32_t j = 0; j < d; j++) y[i] += M[(size_t)i * (size_t)d + (size_t)j] * x[j];
  }
}

/* One sample; cluster k belongs to class k modulo the number of classes. */
static int32_t make_sample (const DataMadelon *s, const Structure *t, Rng *rng, float *x) {
  float noise[MOST_INFORMATIVE];
  int32_t d = s->informative, k = (int32_t)rng_below(rng, (uint64_t)(s->classes * s->clusters));
  for (int32_t j = 0; j < d; j++) noise[j] = (float)rng_normal(rng);
  multiply(t->stretch + (size_t)k * (size_t)(d * d), d, d, noise, x);
  for (int32_t j = 0; j < d; j++)
    x[j] += (float)(t->vertex[k] >> j & 1 ? s->separation : -s->separation);
  multiply(t->combine, s->redundant, d, x, x + d);
  for (int32_t j = 0; j < s->useless; j++) x[d + s->redundant + j] = (float)rng_normal(rng);
  int flipped = rng_double(rng) < s->flip;
  return flipped ? (int32_t)rng_below(rng, (uint64_t)s->classes) : k % s->classes;
}

Data *data_madelon (const DataMadelon *s, int32_t n, uint64_t part, char why[DATA_WHY]) {
  Structure t = { .vertex = NULL };
  const char *wrong = n < 1 ? "there must be at least 1 sample" : check(s);
  if (wrong) {
    snprintf(why, DATA_WHY, "madelon: %s", wrong);
    return NULL;
  }
  Data *data = data_new(n, s->informative + s->redundant + s->useless, DATA_F32);
  if (!data || !make_structure(s, &t)) {
    snprintf(why, DATA_WHY, "madelon: not enough memory for %d samples", n);
    data_free(data);
    free_structure(&t);
    return NULL;
  }
  Rng rng;
  rng_seed(&rng, s->seed, RNG_DATA | part << 8);
  data->n_classes = s->classes;
  for (int32_t i = 0; i < n; i++)
    data->label[i] = make_sample(s, &t, &rng, data->f32 + (size_t)i * (size_t)data->n_features);
  free_structure(&t);
  data_rehash(data);
  return data;
}
