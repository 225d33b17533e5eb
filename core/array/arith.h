/*
** arith.h -- arithmetic and comparison, element by element.
**
** Two integers give what Lua's integers give, wrapping around; but / and ^ give floats. Without an array of
** integers the computation is in single precision, and a number beside an array is rounded to it first,
** so that { 0.1 } equals 0.1. Integers beside floats are computed in double precision, and the result is rounded.
*/
#ifndef SETLAB_ARITH_H
#define SETLAB_ARITH_H
#include "array/array.h"

typedef enum ArithOp {
  ARITH_ADD, ARITH_SUB, ARITH_MUL, ARITH_DIV, ARITH_POW,
  ARITH_IDIV, ARITH_MOD,   /* towards minus infinity, as Lua's // and % */
  ARITH_MIN, ARITH_MAX,    /* NaN if either is */
} ArithOp;

typedef enum ArithTest { ARITH_LT, ARITH_LE, ARITH_EQ, ARITH_NE } ArithTest;

typedef enum ArithFunction { ARITH_NEG, ARITH_ABS, ARITH_SIGN, ARITH_FLOOR, ARITH_SQRT, ARITH_EXP, ARITH_LOG } ArithFunction;

/* One side: an array, or a number that stands for as many elements as the other side has. */
typedef struct Operand {
  ArrayKind   kind;
  const void *data;      /* NULL: a number */
  int64_t     integer;   /* the number, unless kind is ARRAY_FLOAT */
  double      number;    /* the number */
} Operand;

Operand arith_operand (const Array *a);

/* The kind of a op b, and of f(a). */
ArrayKind arith_kind (ArithOp op, const Operand *a, const Operand *b);
ArrayKind arith_function_kind (ArithFunction f, ArrayKind a);

/* out = a op b, out having the kind above. -1; or the place of the first 0 by which integers were to be divided, and
** then nothing is written. */
int64_t arith_binary (ArithOp op, const Operand *a, const Operand *b, Array *out);

/* out[i] = a[i] < b[i], and so on; as in C nothing but != holds of a NaN. */
void arith_test (ArithTest test, const Operand *a, const Operand *b, int64_t n, uint8_t *out);

void arith_function (ArithFunction f, const Array *a, Array *out);

/* Of truth values. */
typedef enum ArithLogic { ARITH_AND, ARITH_OR, ARITH_XOR } ArithLogic;
void arith_logic (ArithLogic op, const uint8_t *a, const uint8_t *b, int64_t n, uint8_t *out);
void arith_not   (const uint8_t *a, int64_t n, uint8_t *out);

#endif
