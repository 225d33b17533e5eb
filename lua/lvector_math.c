/*
** lvector_math.c -- vectors in expressions.
*/
#include "lvector.h"
#include "vector.h"
#include "array/arith.h"

/* What the function of a row in the tables below does: its upvalue. */
static int which (lua_State *L) { return (int)lua_tointeger(L, lua_upvalueindex(1)); }

typedef struct Row { const char *name; int which; } Row;

static void add (lua_State *L, int table, lua_CFunction f, const Row *row) {
  for (; row->name; row++) {
    lua_pushinteger(L, row->which);
    lua_pushcclosure(L, f, 1);
    lua_setfield(L, table, row->name);
  }
}

/* ---- two operands ---- */

/* The operand at `arg`; returns its length, or -1 of a single value. */
static int64_t operand_at (lua_State *L, int arg, Operand *o) {
  const Vector *v = vector_test(L, arg);
  *o = (Operand){ .kind = ARRAY_FLOAT };
  if (v) *o = arith_operand(v);
  else if (lua_isinteger(L, arg)) *o = (Operand){ .kind = ARRAY_INTEGER, .integer = lua_tointeger(L, arg) };
  else if (lua_type(L, arg) == LUA_TNUMBER) o->number = lua_tonumber(L, arg);
  else if (lua_isboolean(L, arg)) *o = (Operand){ .kind = ARRAY_BOOLEAN, .integer = lua_toboolean(L, arg) };
  else vector_fail(L, "cannot compute with a vector and a %s: the other side must be a vector or a number", luaL_typename(L, arg));
  return v ? v->n : -1;
}

/* Both; returns the length of the result. */
static int64_t operands (lua_State *L, Operand *a, Operand *b) {
  int64_t n = operand_at(L, 1, a), m = operand_at(L, 2, b);
  if (n < 0 && m < 0) vector_check(L, 1, VECTOR_ANY);   /* raises */
  if (n >= 0 && m >= 0 && n != m)
    vector_fail(L, "the vectors have different lengths, %I and %I", (LUAI_UACINT)n, (LUAI_UACINT)m);
  return n >= 0 ? n : m;
}

static int64_t numbers (lua_State *L, Operand *a, Operand *b) {
  int64_t n = operands(L, a, b);
  if (a->kind == ARRAY_BOOLEAN || b->kind == ARRAY_BOOLEAN)
    vector_fail(L, "booleans are not numbers: use mask:floats() or mask:integers()");
  return n;
}

static int l_binary (lua_State *L) {
  ArithOp op = (ArithOp)which(L);
  Operand a, b;
  lua_settop(L, 2);
  int64_t n = numbers(L, &a, &b);
  Vector *out = vector_push(L, (int)arith_kind(op, &a, &b), n);
  numbers(L, &a, &b);   /* again: see vector.h */
  int64_t zero = arith_binary(op, &a, &b, out);
  if (zero >= 0) vector_fail(L, "element %I would be divided by the integer 0", (LUAI_UACINT)zero + 1);
  return 1;
}

/* Greater is less the other way round. */
enum { TURNED = 8 };

static int64_t comparable (lua_State *L, int test, Operand *a, Operand *b) {
  int64_t n = operands(L, a, b);
  int booleans = (a->kind == ARRAY_BOOLEAN) + (b->kind == ARRAY_BOOLEAN);
  if (booleans == 1) vector_fail(L, "booleans are not compared with numbers");
  if (booleans == 2 && test != ARITH_EQ && test != ARITH_NE) vector_fail(L, "booleans have no order: they are equal or not");
  return n;
}

static int l_test (lua_State *L) {
  int test = which(L) & ~TURNED;
  Operand a, b;
  lua_settop(L, 2);
  vector_check(L, 1, VECTOR_ANY);
  int64_t n = comparable(L, test, &a, &b);
  Vector *out = vector_push(L, VECTOR_BOOLEAN, n);
  comparable(L, test, &a, &b);
  if (which(L) & TURNED) arith_test((ArithTest)test, &b, &a, n, out->data);
  else arith_test((ArithTest)test, &a, &b, n, out->data);
  return 1;
}

/* Lua makes one truth value of what these return: silently a wrong one. */
static int l_no_order (lua_State *L) {
  return vector_fail(L, "vectors are compared element by element: write v:lt(x), v:le(x), v:gt(x) or v:ge(x)");
}

/* ---- masks ---- */

static int64_t masks (lua_State *L, const Vector **a, const Vector **b) {
  *a = vector_test(L, 1);
  *b = vector_test(L, 2);
  if (!*a || !*b || (*a)->kind != ARRAY_BOOLEAN || (*b)->kind != ARRAY_BOOLEAN)
    vector_fail(L, "&, | and ~ join two vectors of booleans, such as v:gt(0)");
  if ((*a)->n != (*b)->n)
    vector_fail(L, "the vectors have different lengths, %I and %I", (LUAI_UACINT)(*a)->n, (LUAI_UACINT)(*b)->n);
  return (*a)->n;
}

static int l_logic (lua_State *L) {
  const Vector *a, *b;
  lua_settop(L, 2);
  Vector *out = vector_push(L, VECTOR_BOOLEAN, masks(L, &a, &b));
  masks(L, &a, &b);
  arith_logic((ArithLogic)which(L), a->data, b->data, out->n, out->data);
  return 1;
}

static int l_not (lua_State *L) {
  const Vector *a = vector_check(L, 1, VECTOR_BOOLEAN);
  Vector *out = vector_push(L, VECTOR_BOOLEAN, a->n);
  vector_check(L, 1, VECTOR_BOOLEAN);
  arith_not(a->data, a->n, out->data);
  return 1;
}

/* ---- one operand ---- */

static int l_function (lua_State *L) {
  ArithFunction f = (ArithFunction)which(L);
  const Vector *a = vector_check(L, 1, VECTOR_ANY);
  if (a->kind == ARRAY_BOOLEAN) vector_fail(L, "booleans are not numbers: use mask:floats() or mask:integers()");
  Vector *out = vector_push(L, (int)arith_function_kind(f, a->kind), a->n);
  vector_check(L, 1, VECTOR_ANY);
  arith_function(f, a, out);
  return 1;
}

/* ---- registration ---- */

static const Row operators[] = {
  { "__add", ARITH_ADD }, { "__sub", ARITH_SUB }, { "__mul", ARITH_MUL }, { "__div", ARITH_DIV }, { "__pow", ARITH_POW },
  { "__idiv", ARITH_IDIV }, { "__mod", ARITH_MOD }, { NULL, 0 },
};
static const Row binary_methods[] = { { "minimum", ARITH_MIN }, { "maximum", ARITH_MAX }, { NULL, 0 } };
static const Row tests[] = {
  { "lt", ARITH_LT }, { "le", ARITH_LE }, { "gt", ARITH_LT | TURNED }, { "ge", ARITH_LE | TURNED },
  { "eq", ARITH_EQ }, { "ne", ARITH_NE }, { NULL, 0 },
};
static const Row logic[] = { { "__band", ARITH_AND }, { "__bor", ARITH_OR }, { "__bxor", ARITH_XOR }, { NULL, 0 } };
static const Row negation[] = { { "__unm", ARITH_NEG }, { NULL, 0 } };
static const Row functions[] = {
  { "abs", ARITH_ABS }, { "sign", ARITH_SIGN }, { "floor", ARITH_FLOOR }, { "sqrt", ARITH_SQRT }, { "exp", ARITH_EXP },
  { "log", ARITH_LOG }, { NULL, 0 },
};
static const luaL_Reg plain[] = { { "__lt", l_no_order }, { "__le", l_no_order }, { "__bnot", l_not }, { NULL, NULL } };

void lvector_add_math (lua_State *L, int metatable) {
  int methods = lua_gettop(L);
  add(L, metatable, l_binary, operators);
  add(L, metatable, l_logic, logic);
  add(L, metatable, l_function, negation);
  add(L, methods, l_binary, binary_methods);
  add(L, methods, l_test, tests);
  add(L, methods, l_function, functions);
  lua_pushvalue(L, metatable);
  luaL_setfuncs(L, plain, 0);
  lua_pop(L, 1);
}
