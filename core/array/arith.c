#include "array/arith.h"
#include <math.h>

Operand arith_operand (const Array *a) { return (Operand){ .kind = a->kind, .data = a->data }; }

/* Is it an array of integers or truth values? A number takes the kind of what it stands beside. */
static int is_integers (const Operand *o) { return o->data && o->kind != ARRAY_FLOAT; }

ArrayKind arith_kind (ArithOp op, const Operand *a, const Operand *b) {
  int floats = a->kind == ARRAY_FLOAT || b->kind == ARRAY_FLOAT || op == ARITH_DIV || op == ARITH_POW;
  return floats ? ARRAY_FLOAT : ARRAY_INTEGER;
}

/* ---- blocks: m elements from place `at` on, as they are computed with ---- */

/* A number's block is filled before the loop, and serves for all. */
#define FILL(T, o, value, block) \
  for (int k = 0; !(o)->data && k < ARRAY_BLOCK; k++) (block)[k] = (T)(value)

static double number_of (const Operand *o) { return o->kind == ARRAY_FLOAT ? o->number : (double)o->integer; }

static const float *floats_at (const Operand *o, int64_t at, const float *block) {
  return o->data ? (const float *)o->data + at : block;
}

static const int64_t *integers_at (const Operand *o, int64_t at, int m, int64_t *block) {
  if (!o->data) return block;
  if (o->kind == ARRAY_INTEGER) return (const int64_t *)o->data + at;
  const uint8_t *from = (const uint8_t *)o->data + at;
  for (int k = 0; k < m; k++) block[k] = from[k];
  return block;
}

#define LOAD(T) { const T *from = (const T *)o->data + at; for (int k = 0; k < m; k++) block[k] = (double)from[k]; }

static const double *doubles_at (const Operand *o, int64_t at, int m, double *block) {
  if (!o->data) return block;
  if (o->kind == ARRAY_FLOAT) LOAD(float)
  else if (o->kind == ARRAY_INTEGER) LOAD(int64_t)
  else LOAD(uint8_t)
  return block;
}

/* Does `body` for each block, of m elements from `at` on; every thread has blocks of its own for the operands. */
#define EACH_BLOCK(T, x_value, y_value, body) \
  _Pragma("omp parallel if (n >= ARRAY_THREADED)") \
  { \
    T x_block[ARRAY_BLOCK], y_block[ARRAY_BLOCK]; \
    FILL(T, a, x_value, x_block); \
    FILL(T, b, y_value, y_block); \
    _Pragma("omp for schedule(static)") \
    for (int64_t at = 0; at < n; at += ARRAY_BLOCK) { \
      int m = n - at < ARRAY_BLOCK ? (int)(n - at) : ARRAY_BLOCK; \
      body \
    } \
  }

/* ---- two operands ---- */

/* As Lua: the remainder has the divisor's sign. */
static double modulo (double a, double b) {
  double rest = fmod(a, b);
  return (rest > 0 && b < 0) || (rest < 0 && b > 0) ? rest + b : rest;
}

/* Unsigned, where wrapping is defined. */
static int64_t wrap_add (int64_t a, int64_t b) { return (int64_t)((uint64_t)a + (uint64_t)b); }
static int64_t wrap_sub (int64_t a, int64_t b) { return (int64_t)((uint64_t)a - (uint64_t)b); }
static int64_t wrap_mul (int64_t a, int64_t b) { return (int64_t)((uint64_t)a * (uint64_t)b); }

static int64_t floor_div (int64_t a, int64_t b) {
  if (b == -1) return wrap_sub(0, a);   /* the smallest has no opposite: C would trap */
  return a / b - (a % b != 0 && (a ^ b) < 0);
}

static int64_t floor_mod (int64_t a, int64_t b) {
  if (b == -1) return 0;
  int64_t rest = a % b;
  return rest != 0 && (rest ^ b) < 0 ? rest + b : rest;
}

#define LESSER(a, b)  ((a) < (b) || (a) != (a) ? (a) : (b))
#define GREATER(a, b) ((a) > (b) || (a) != (a) ? (a) : (b))

#define LOOP(expression) for (int k = 0; k < m; k++) out[k] = expression; break

static void block_floats (ArithOp op, int m, const float *a, const float *b, float *restrict out) {
  switch (op) {
  case ARITH_ADD: LOOP(a[k] + b[k]);
  case ARITH_SUB: LOOP(a[k] - b[k]);
  case ARITH_MUL: LOOP(a[k] * b[k]);
  case ARITH_DIV: LOOP(a[k] / b[k]);
  case ARITH_POW: LOOP(powf(a[k], b[k]));
  /* a quotient in single precision may be rounded up to a whole number */
  case ARITH_IDIV: LOOP((float)floor((double)a[k] / (double)b[k]));
  case ARITH_MOD: LOOP((float)modulo((double)a[k], (double)b[k]));
  case ARITH_MIN: LOOP(LESSER(a[k], b[k]));
  case ARITH_MAX: LOOP(GREATER(a[k], b[k]));
  }
}

static void block_integers (ArithOp op, int m, const int64_t *a, const int64_t *b, int64_t *restrict out) {
  switch (op) {
  case ARITH_ADD: LOOP(wrap_add(a[k], b[k]));
  case ARITH_SUB: LOOP(wrap_sub(a[k], b[k]));
  case ARITH_MUL: LOOP(wrap_mul(a[k], b[k]));
  case ARITH_IDIV: LOOP(floor_div(a[k], b[k]));
  case ARITH_MOD: LOOP(floor_mod(a[k], b[k]));
  case ARITH_MIN: LOOP(a[k] < b[k] ? a[k] : b[k]);
  case ARITH_MAX: LOOP(a[k] > b[k] ? a[k] : b[k]);
  case ARITH_DIV: case ARITH_POW: break;   /* these give floats */
  }
}

static void block_doubles (ArithOp op, int m, const double *a, const double *b, float *restrict out) {
  switch (op) {
  case ARITH_ADD: LOOP((float)(a[k] + b[k]));
  case ARITH_SUB: LOOP((float)(a[k] - b[k]));
  case ARITH_MUL: LOOP((float)(a[k] * b[k]));
  case ARITH_DIV: LOOP((float)(a[k] / b[k]));
  case ARITH_POW: LOOP((float)pow(a[k], b[k]));
  case ARITH_IDIV: LOOP((float)floor(a[k] / b[k]));
  case ARITH_MOD: LOOP((float)modulo(a[k], b[k]));
  case ARITH_MIN: LOOP((float)LESSER(a[k], b[k]));
  case ARITH_MAX: LOOP((float)GREATER(a[k], b[k]));
  }
}

static void binary_floats (ArithOp op, const Operand *a, const Operand *b, int64_t n, float *out) {
  EACH_BLOCK(float, number_of(a), number_of(b),
    block_floats(op, m, floats_at(a, at, x_block), floats_at(b, at, y_block), out + at);)
}

static void binary_integers (ArithOp op, const Operand *a, const Operand *b, int64_t n, int64_t *out) {
  EACH_BLOCK(int64_t, a->integer, b->integer,
    block_integers(op, m, integers_at(a, at, m, x_block), integers_at(b, at, m, y_block), out + at);)
}

static void binary_doubles (ArithOp op, const Operand *a, const Operand *b, int64_t n, float *out) {
  EACH_BLOCK(double, number_of(a), number_of(b),
    block_doubles(op, m, doubles_at(a, at, m, x_block), doubles_at(b, at, m, y_block), out + at);)
}

/* The place of the first 0 among n integers; -1 if there is none. */
static int64_t first_zero (const Operand *o, int64_t n) {
  if (!o->data) return o->integer == 0 && n > 0 ? 0 : -1;
  const int64_t *v = o->data;
  for (int64_t i = 0; i < n; i++)
    if (v[i] == 0) return i;
  return -1;
}

int64_t arith_binary (ArithOp op, const Operand *a, const Operand *b, Array *out) {
  if (op == ARITH_POW && !b->data && number_of(b) == 2) return arith_binary(ARITH_MUL, a, a, out);
  if (out->kind == ARRAY_INTEGER) {
    int64_t zero = op == ARITH_IDIV || op == ARITH_MOD ? first_zero(b, out->n) : -1;
    if (zero < 0) binary_integers(op, a, b, out->n, out->data);
    return zero;
  }
  if (is_integers(a) || is_integers(b)) binary_doubles(op, a, b, out->n, out->data);
  else binary_floats(op, a, b, out->n, out->data);
  return -1;
}

/* ---- comparison ---- */

#define TEST_BLOCK \
  switch (test) { \
  case ARITH_LT: LOOP(a[k] < b[k]); \
  case ARITH_LE: LOOP(a[k] <= b[k]); \
  case ARITH_EQ: LOOP(a[k] == b[k]); \
  case ARITH_NE: LOOP(a[k] != b[k]); \
  }

static void test_floats (ArithTest test, int m, const float *a, const float *b, uint8_t *restrict out) { TEST_BLOCK }
static void test_doubles (ArithTest test, int m, const double *a, const double *b, uint8_t *restrict out) { TEST_BLOCK }
static void test_integers (ArithTest test, int m, const int64_t *a, const int64_t *b, uint8_t *restrict out) { TEST_BLOCK }

void arith_test (ArithTest test, const Operand *a, const Operand *b, int64_t n, uint8_t *out) {
  if (!is_integers(a) && !is_integers(b)) {
    EACH_BLOCK(float, number_of(a), number_of(b),
      test_floats(test, m, floats_at(a, at, x_block), floats_at(b, at, y_block), out + at);)
  }
  else if (a->kind != ARRAY_FLOAT && b->kind != ARRAY_FLOAT) {
    EACH_BLOCK(int64_t, a->integer, b->integer,
      test_integers(test, m, integers_at(a, at, m, x_block), integers_at(b, at, m, y_block), out + at);)
  }
  else {
    EACH_BLOCK(double, number_of(a), number_of(b),
      test_doubles(test, m, doubles_at(a, at, m, x_block), doubles_at(b, at, m, y_block), out + at);)
  }
}

/* ---- one operand ---- */

ArrayKind arith_function_kind (ArithFunction f, ArrayKind a) { return f >= ARITH_SQRT ? ARRAY_FLOAT : a; }

#undef LOOP
#define LOOP(expression) \
  _Pragma("omp parallel for if (n >= ARRAY_THREADED)") \
  for (int64_t k = 0; k < n; k++) out[k] = expression; \
  break

#define SIGN(x) ((x) != (x) ? (x) : (float)((x) > 0) - (float)((x) < 0))

static void function_floats (ArithFunction f, const float *a, int64_t n, float *restrict out) {
  switch (f) {
  case ARITH_NEG: LOOP(-a[k]);
  case ARITH_ABS: LOOP(fabsf(a[k]));
  case ARITH_SIGN: LOOP(SIGN(a[k]));
  case ARITH_FLOOR: LOOP(floorf(a[k]));
  case ARITH_SQRT: LOOP(sqrtf(a[k]));
  case ARITH_EXP: LOOP(expf(a[k]));
  case ARITH_LOG: LOOP(logf(a[k]));
  }
}

static void function_integers (ArithFunction f, const int64_t *a, int64_t n, int64_t *restrict out) {
  switch (f) {
  case ARITH_NEG: LOOP(wrap_sub(0, a[k]));
  case ARITH_ABS: LOOP(a[k] < 0 ? wrap_sub(0, a[k]) : a[k]);
  case ARITH_SIGN: LOOP((a[k] > 0) - (a[k] < 0));
  case ARITH_FLOOR: LOOP(a[k]);
  case ARITH_SQRT: case ARITH_EXP: case ARITH_LOG: break;   /* these give floats */
  }
}

static void function_doubles (ArithFunction f, const int64_t *a, int64_t n, float *restrict out) {
  switch (f) {
  case ARITH_SQRT: LOOP((float)sqrt((double)a[k]));
  case ARITH_EXP: LOOP((float)exp((double)a[k]));
  case ARITH_LOG: LOOP((float)log((double)a[k]));
  case ARITH_NEG: case ARITH_ABS: case ARITH_SIGN: case ARITH_FLOOR: break;
  }
}

void arith_function (ArithFunction f, const Array *a, Array *out) {
  if (a->kind == ARRAY_FLOAT) function_floats(f, a->data, a->n, out->data);
  else if (out->kind == ARRAY_INTEGER) function_integers(f, a->data, a->n, out->data);
  else function_doubles(f, a->data, a->n, out->data);
}

/* ---- truth values ---- */

void arith_logic (ArithLogic op, const uint8_t *a, const uint8_t *b, int64_t n, uint8_t *restrict out) {
  switch (op) {
  case ARITH_AND: LOOP(a[k] & b[k]);
  case ARITH_OR: LOOP(a[k] | b[k]);
  case ARITH_XOR: LOOP(a[k] ^ b[k]);
  }
}

void arith_not (const uint8_t *a, int64_t n, uint8_t *restrict out) {
  for (int64_t k = 0; k < n; k++) out[k] = a[k] ^ 1;
}
