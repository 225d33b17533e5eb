#include "dense/dense.h"
#include "base/mem.h"
#include "base/min.h"
#include <cblas.h>

enum {
  TALL = 64,      /* from this many units on, a product is cut by units */
  UNITS = 128,    /* units of a task */
  COLUMNS = 32,   /* columns of a task where units are few */
  INPUTS = 256    /* inputs of an update task where outputs are few */
};

Dense *dense_new (int32_t n_in, int32_t n_out, const Init *init, Rng *weights) {
  Dense *D = mem_zero(1, sizeof *D);
  if (!D) return NULL;
  size_t n = (size_t)n_in * (size_t)n_out;
  D->n_in = n_in;
  D->n_out = n_out;
  D->w = mem_new(n, sizeof *D->w);
  D->momentum = mem_zero(n, sizeof *D->momentum);
  if (!D->w || !D->momentum) {
    dense_free(D);
    return NULL;
  }
  InitLayer drawn = init_layer(init, n_in, n_out, (int64_t)n, NULL);
  for (size_t k = 0; k < n; k++) D->w[k] = init_draw(&drawn, 0, weights);
  return D;
}

uint64_t dense_bytes (int32_t n_in, int32_t n_out) {
  Dense *D;
  uint64_t n = (uint64_t)n_in * (uint64_t)n_out;
  return mem_block(1, sizeof *D) + mem_block(n, sizeof *D->w) + mem_block(n, sizeof *D->momentum);
}

int dense_keep_moments (Dense *D, Rule rule, int gradients) {
  size_t n = (size_t)D->n_in * (size_t)D->n_out;
  int moments = rule_moments(rule), kept = rule != RULE_SGD && gradients;
  if (moments > 0) D->second = mem_zero(n, sizeof *D->second);
  if (moments > 1) D->age = mem_zero(n, sizeof *D->age);
  if (kept) D->gradient = mem_new(n, sizeof *D->gradient);
  return (moments < 1 || D->second) && (moments < 2 || D->age) && (!kept || D->gradient);
}

uint64_t dense_moments_bytes (int32_t n_in, int32_t n_out, Rule rule, int gradients) {
  uint64_t each = mem_block((uint64_t)n_in * (uint64_t)n_out, sizeof(float));
  return (uint64_t)rule_moments(rule) * each + (rule != RULE_SGD && gradients ? each : 0);
}

Learnt dense_learnt (const Dense *D, size_t k) {
  return (Learnt){ D->w + k, D->momentum + k, D->second ? D->second + k : NULL, D->age ? D->age + k : NULL };
}

void dense_free (Dense *D) {
  if (!D) return;
  mem_free(D->w);
  mem_free(D->momentum);
  mem_free(D->second);
  mem_free(D->age);
  mem_free(D->gradient);
  mem_free(D);
}

/* ---- tasks ---- */

static int parts (int32_t n, int32_t size) { return (n + size - 1) / size; }
/* units x columns, cut along the units if there are enough of them. */
static int product_tasks (int32_t units, int32_t width) {
  return units >= TALL ? parts(units, UNITS) : parts(width, COLUMNS);
}

static Block product_block (int32_t units, int32_t width, int task) {
  if (units >= TALL) return (Block){ task * UNITS, min_i32((task + 1) * UNITS, units), 0, width };
  return (Block){ 0, units, task * COLUMNS, min_i32((task + 1) * COLUMNS, width) };
}

int dense_forward_tasks (const Dense *D, int32_t width) { return product_tasks(D->n_out, width); }
Block dense_forward_block (const Dense *D, int32_t width, int task) { return product_block(D->n_out, width, task); }
int dense_backward_tasks (const Dense *D, int32_t width) { return product_tasks(D->n_in, width); }
Block dense_backward_block (const Dense *D, int32_t width, int task) { return product_block(D->n_in, width, task); }

int dense_update_tasks (const Dense *D) {
  return D->n_out >= TALL ? parts(D->n_out, UNITS) : parts(D->n_in, INPUTS);
}

Block dense_update_block (const Dense *D, int task) {
  if (D->n_out >= TALL) return (Block){ task * UNITS, min_i32((task + 1) * UNITS, D->n_out), 0, D->n_in };
  return (Block){ 0, D->n_out, task * INPUTS, min_i32((task + 1) * INPUTS, D->n_in) };
}

/* ---- products ---- */

void dense_forward (const Dense *D, Block t, size_t stride, const float *x, const float *bias, float *y) {
  float *yt = y + (size_t)t.row0 * stride + t.column0;
  int32_t rows = t.row1 - t.row0, columns = t.column1 - t.column0;
  for (int32_t o = 0; o < rows; o++)
    for (int32_t b = 0; b < columns; b++) yt[(size_t)o * stride + (size_t)b] = bias[t.row0 + o];
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, columns, D->n_in, 1,
              D->w + (size_t)t.row0 * (size_t)D->n_in, D->n_in, x + t.column0, (int)stride, 1, yt, (int)stride);
}

void dense_backward (const Dense *D, Block t, size_t stride, const float *dy, float *dx) {
  cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, t.row1 - t.row0, t.column1 - t.column0, D->n_out, 1,
              D->w + t.row0, D->n_in, dy + t.column0, (int)stride, 0,
              dx + (size_t)t.row0 * stride + t.column0, (int)stride);
}

/* into = share * into + factor * dy x' on the block, which begins at `into` and has rows `length` apart. */
static void product_into (Block t, size_t stride, int32_t width, const float *x, const float *dy, float factor, float share, float *into, int32_t length) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, t.row1 - t.row0, t.column1 - t.column0, width, factor,
              dy + (size_t)t.row0 * stride, (int)stride, x + (size_t)t.column0 * stride, (int)stride, share, into, length);
}

/* The same; `into` is laid out like the weights. */
static void outer_product (const Dense *D, Block t, size_t stride, int32_t width, const float *x, const float *dy,
                           float factor, float share, float *into) {
  product_into(t, stride, width, x, dy, factor, share, into + (size_t)t.row0 * (size_t)D->n_in + t.column0, D->n_in);
}

/* By any rule but RULE_SGD: gradients first, then row after row. */
static void update_by_rule (Dense *D, Block t, size_t stride, int32_t width, const float *x, const float *dy, const Update *u, const Kernels *kernels) {
  size_t n_in = (size_t)D->n_in, columns = (size_t)(t.column1 - t.column0), k = (size_t)t.row0 * n_in + (size_t)t.column0;
  dense_gradient(D, t, stride, width, x, dy, D->gradient);
  for (int32_t o = t.row0; o < t.row1; o++, k += n_in) {
    const Learnt row = dense_learnt(D, k);
    const float *g = D->gradient + k;
    kernels->update(&row, columns, &g, 1, u);
  }
}

void dense_update (Dense *D, Block t, size_t stride, int32_t width, const float *x, const float *dy,
                   const Update *u, const Kernels *kernels) {
  if (u->rule != RULE_SGD) {
    update_by_rule(D, t, stride, width, x, dy, u, kernels);
    return;
  }
  size_t n_in = (size_t)D->n_in, columns = (size_t)(t.column1 - t.column0);
  size_t start = (size_t)t.row0 * n_in + (size_t)t.column0, rows = (size_t)(t.row1 - t.row0);
  if (u->nesterov)
    for (size_t o = 0, k = start; o < rows; o++, k += n_in)
      kernels->update_dense_before(D->w + k, D->momentum + k, columns, u);
  outer_product(D, t, stride, width, x, dy, -u->rate * u->scale, u->nesterov ? 1 : u->momentum, D->momentum);
  for (size_t o = 0, k = start; o < rows; o++, k += n_in)
    kernels->update_dense(D->w + k, D->momentum + k, columns, u);
}

void dense_gradient (const Dense *D, Block t, size_t stride, int32_t width, const float *x, const float *dy,
                     float *gradient) {
  outer_product(D, t, stride, width, x, dy, 1, 0, gradient);
}

size_t dense_block_most (int32_t n_in, int32_t n_out) {
  return n_out >= TALL ? (size_t)UNITS * (size_t)n_in : (size_t)n_out * (size_t)min_i32(INPUTS, n_in);
}

size_t dense_block_gradient (Block t, size_t stride, int32_t width, const float *x, const float *dy, float *gradient) {
  int32_t rows = t.row1 - t.row0, columns = t.column1 - t.column0;
  product_into(t, stride, width, x, dy, 1, 0, gradient, columns);
  return (size_t)rows * (size_t)columns;
}
