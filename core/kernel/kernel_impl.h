/*
** kernel_impl.h -- the kernels' one source; each kernel_<isa>.c sets these and includes it:
**   KERNELS  name of the table    ISA  its name      VL  floats in a vector (4, 8 or 16)
**   STEPS    the widest tile of columns, in steps of STRIDE_STEP: as much as leaves registers for both operands
**
** The width of a tile is a compile-time constant: every width has its own loop, with accumulators in
** registers. A link then costs one load and one multiply-add a vector in the forward walk, one load
** and two multiply-adds in the backward walk.
*/
#include "kernel/kernel.h"
#include <math.h>
#include <string.h>
#define VMAX (STEPS * STRIDE_STEP / VL)   /* vectors of a tile */
#include "kernel/vector_impl.h"
#include "kernel/rows_impl.h"

/* Where a link's weight and its far end are: links in a compact order, or in that of the layer (Fan). */
enum { COMPACT, PLAIN };
INLINE size_t far_unit (const Fan *fan, int64_t m, const int order) { return order == COMPACT ? fan->brief[m] : (size_t)fan->far[m]; }

/* The row of a unit: the address in a register of its own, so that the loads need no arithmetic. */
INLINE const char *far_row (const void *rows, size_t bytes, size_t unit) {
  size_t at = unit * bytes;
  __asm__("" : "+r"(at));
  return (const char *)rows + at;
}

/* ---- dropout ----
** murmur3's finaliser over element number and key: no state, so that any thread can make any
** part of the mask, and the backward pass makes the same one again. */

#define GOLDEN 0x9e3779b1u

INLINE bits numbers_from (uint32_t first) {
  bits lane;
  for (uint32_t l = 0; l < VL; l++) lane[l] = (first + l) * GOLDEN;
  return lane;
}

INLINE vec drop_vector (vec x, bits lane, const Dropout *drop) {
  bits h = lane ^ drop->key;
  h = (h ^ (h >> 16)) * 0x85ebca6bu;
  h = (h ^ (h >> 13)) * 0xc2b2ae35u;
  h ^= h >> 16;
  return keep(x * drop->scale, (bits)(h >= drop->threshold));
}

/* ---- forward --------------------------------------------------------------------------- */

/* Few vectors leave the multiply-adds waiting for each other: two links are then summed side
** by side, even and odd, and added at the end. */
INLINE void forward_shape (const Fan *fan, int32_t u0, int32_t u1, const void *x, size_t bytes, const float *bias,
                           const RowsOut *y, const Rectify *rectify, const int V, const int kind, const int order) {
  enum { SIDE_BY_SIDE = 4 };
  const int SIDES = V <= SIDE_BY_SIDE ? 2 : 1;
  const Fan links = *fan;   /* here and below: in registers, where no store may have changed them */
  const float *weight = links.w;
  const uint32_t *at = links.at;
  const Dropout drop = rectify && rectify->drop ? *rectify->drop : (Dropout){ 0 };
  const int drops = rectify && rectify->drop, brief = kind == BF16 && y->brief;
  const size_t y_bytes = y->stride * (brief ? sizeof(uint16_t) : sizeof(float));
  char *yu = brief ? (char *)y->brief : (char *)y->floats;
  for (int32_t u = u0; u < u1; u++, yu += y_bytes) {
    vec a[2][VMAX], r[VMAX];
    UNROLL for (int v = 0; v < V; v++) {
      a[0][v] = splat(bias[u]);
      a[1][v] = splat(0);
    }
    int64_t m = links.ptr[u], end = links.ptr[u + 1];
    fetch_near(yu + 2 * y_bytes, V, brief, 1);
    for (; m + SIDES <= end; m += SIDES) {
      UNROLL for (int s = 0; s < SIDES; s++) {
        const char *row = far_row(x, bytes, far_unit(&links, m + s, order));
        float w = order == PLAIN ? weight[at[m + s]] : weight[m + s];
        if (kind == BF16 && order == COMPACT) fetch_far(x, bytes, far_unit(&links, m + s + AHEAD_BF16, order), V, kind);
        if (order == PLAIN) {
          fetch_far(x, bytes, far_unit(&links, m + s + AHEAD_PLAIN, order), V, kind);
          __builtin_prefetch(&weight[at[m + s + AHEAD_PLAIN]], 0, 3);
        }
        take_row(r, row, V, kind);
        UNROLL for (int v = 0; v < V; v++) a[s][v] += splat(w) * r[v];
      }
    }
    if (SIDES == 2 && m < end) {
      float w = order == PLAIN ? weight[at[m]] : weight[m];
      take_row(r, far_row(x, bytes, far_unit(&links, m, order)), V, kind);
      UNROLL for (int v = 0; v < V; v++) a[0][v] += splat(w) * r[v];
    }
    UNROLL for (int v = 0; v < V; v++) a[0][v] = SIDES == 2 ? a[0][v] + a[1][v] : a[0][v];
    if (rectify) {
      UNROLL for (int v = 0; v < V; v++) a[0][v] = keep(a[0][v], (bits)~(a[0][v] <= 0));   /* NaN passes */
      if (drops) {
        bits lane = numbers_from((uint32_t)(rectify->first + (size_t)u * rectify->step));
        UNROLL for (int v = 0; v < V; v++) a[0][v] = drop_vector(a[0][v], lane + (uint32_t)(v * VL) * GOLDEN, &drop);
      }
    }
    if (brief) round_row((uint16_t *)yu, a[0], V);
    else store_row((float *)yu, a[0], V);
  }
}

/* ---- gradients become steps ---------------------------------------------------------------- */

/* Of some parameters. */
typedef struct Moving { vec w, v, second, age; } Moving;

/* One step of them: Update says how. */
INLINE void sgd_step (vec *w, vec *v, vec g, const Update *u) {
  vec rg = u->rate * (u->scale * g + u->couple * *w);
  *v = u->momentum * *v - rg;
  vec move = u->nesterov ? u->momentum * *v - rg : *v;
  *w = *w + move - u->shrink * *w;
}

INLINE vec sum_of (const float *const *g, int n_g, size_t e, int here) {
  vec sum = get(g[0] + e, here);
  for (int i = 1; i < n_g; i++) sum += get(g[i] + e, here);
  return sum;
}

/* logs of momentum and of second: their powers are taken by exponentials. */
INLINE void adamw_step (Moving *m, vec g, const Update *u, const float logs[2]) {
  vec grad = u->scale * g + u->couple * m->w;
  m->v = u->momentum * m->v + (1 - u->momentum) * grad;
  m->second = (1 - u->fresh) * m->second + u->fresh * grad * grad;
  m->age = m->age + 1;
  vec first = m->v / one_less_exp(m->age * logs[0]), second = m->second / one_less_exp(m->age * logs[1]);
  m->w = m->w - u->rate * first / (root(second) + 1e-8f) - u->shrink * m->w;
}

INLINE void lion_step (Moving *m, vec g, const Update *u) {
  vec grad = u->scale * g + u->couple * m->w;
  vec way = u->momentum * m->v + (1 - u->momentum) * grad;
  vec sign = keep(splat(1), (bits)(way > 0)) - keep(splat(1), (bits)(way < 0));
  m->w = m->w - u->rate * sign - u->shrink * m->w;
  m->v = (1 - u->fresh) * m->v + u->fresh * grad;
}

INLINE void lasso_step (Moving *m, vec g, const Update *u) {
  vec sign = keep(splat(1), (bits)(m->w > 0)) - keep(splat(1), (bits)(m->w < 0));
  vec rg = u->rate * (u->scale * g + u->lasso * sign);
  m->v = u->momentum * m->v - rg;
  m->w = m->w + (u->nesterov ? u->momentum * m->v - rg : m->v);
  m->w = keep(m->w, (bits)(m->w > u->cut) | (bits)(m->w < -u->cut));
}

INLINE void s2sam_step (Moving *m, vec g, const Update *u) {
  m->w = m->w - u->lift * m->second;
  m->second = u->scale * g;
  vec rg = u->rate * (m->second + u->couple * m->w);
  m->v = u->momentum * m->v - rg;
  vec move = u->nesterov ? u->momentum * m->v - rg : m->v;
  m->w = m->w + move - u->shrink * m->w;
}

INLINE void update_by (const Learnt *at, size_t n, const float *const *g, int n_g, const Update *update, const int rule) {
  enum { AHEAD = 256, FAR_AHEAD = 1024 };
  const Update u = *update;
  const Learnt a = *at;
  const float logs[2] = { rule == RULE_ADAMW ? logf(u.momentum) : 0, rule == RULE_ADAMW ? log1pf(-u.fresh) : 0 };
  for (size_t e = 0; e < n; e += VL) {
    int here = here_of(n, e);
    for (int i = 0; i < n_g; i++) __builtin_prefetch(g[i] + e + FAR_AHEAD, 0, 2);
    __builtin_prefetch(a.value + e + AHEAD, 1, 3);
    __builtin_prefetch(a.velocity + e + AHEAD, 1, 3);
    Moving m = { .w = get(a.value + e, here), .v = get(a.velocity + e, here) };
    vec sum = sum_of(g, n_g, e, here);
    if (rule == RULE_SGD) sgd_step(&m.w, &m.v, sum, &u);
    else if (rule == RULE_LION) lion_step(&m, sum, &u);
    else if (rule == RULE_LASSO) lasso_step(&m, sum, &u);
    else if (rule == RULE_S2SAM) {
      m.second = get(a.second + e, here);
      s2sam_step(&m, sum, &u);
      put(a.second + e, m.second, here);
    } else {
      m.second = get(a.second + e, here);
      m.age = get(a.age + e, here);
      adamw_step(&m, sum, &u, logs);
      put(a.second + e, m.second, here);
      put(a.age + e, m.age, here);
    }
    put(a.value + e, m.w, here);
    put(a.velocity + e, m.v, here);
  }
}

/* A loop for each rule and for all ways in, so that all make the same bits. */
static __attribute__((noinline)) void update_sgd (const Learnt *at, size_t n, const float *const *g, int n_g, const Update *u) {
  update_by(at, n, g, n_g, u, RULE_SGD);
}
static __attribute__((noinline)) void update_adamw (const Learnt *at, size_t n, const float *const *g, int n_g, const Update *u) {
  update_by(at, n, g, n_g, u, RULE_ADAMW);
}
static __attribute__((noinline)) void update_lion (const Learnt *at, size_t n, const float *const *g, int n_g, const Update *u) {
  update_by(at, n, g, n_g, u, RULE_LION);
}
static __attribute__((noinline)) void update_lasso (const Learnt *at, size_t n, const float *const *g, int n_g, const Update *u) {
  update_by(at, n, g, n_g, u, RULE_LASSO);
}
static __attribute__((noinline)) void update_s2sam (const Learnt *at, size_t n, const float *const *g, int n_g, const Update *u) {
  update_by(at, n, g, n_g, u, RULE_S2SAM);
}
static void update (const Learnt *at, size_t n, const float *const *g, int n_g, const Update *u) {
  if (u->rule == RULE_SGD) update_sgd(at, n, g, n_g, u);
  else if (u->rule == RULE_ADAMW) update_adamw(at, n, g, n_g, u);
  else if (u->rule == RULE_LION) update_lion(at, n, g, n_g, u);
  else if (u->rule == RULE_LASSO) update_lasso(at, n, g, n_g, u);
  else update_s2sam(at, n, g, n_g, u);
}

static void sum_gradients (float *to, size_t n, const float *const *g, int n_g) {
  for (size_t e = 0; e < n; e += VL) {
    int here = here_of(n, e);
    put(to + e, sum_of(g, n_g, e, here), here);
  }
}

/* ---- backward -------------------------------------------------------------------------- */

enum { CHUNK = 256 };  /* links of one unit whose gradients are held at once */

/* A walk along the links of units: rows of these, the far rows, and where gradients go. */
typedef struct Walk {
  RowsIn  x;                 /* from that of unit u0 on */
  RowsOut dx;
  const void *dy;
  size_t bytes;              /* of a far row */
  const Sink *sink;
  const Through *through;    /* or NULL */
} Walk;

/* Of one link: its part of dx is added, the products for its gradient are returned, not yet summed across. */
INLINE vec walk_link (const vec x[VMAX], vec dx[VMAX], const char *row, float weight, const int V, const int DX, const int kind) {
  vec d[VMAX], w = splat(weight), s;
  if (DX) HOLD(w);
  take_row(d, row, V, kind);
  UNROLL for (int v = 0; v < V; v++) {
    if (DX) HOLD(d[v]);
    if (v == 0) s = x[0] * d[0];
    else s += x[v] * d[v];
    if (DX) dx[v] += w * d[v];
  }
  return s;
}

/* Of one unit, in registers; returns the sum of its row. */
INLINE float go_through (const vec x[VMAX], vec dx[VMAX], const Through *through, const int V) {
  vec sum = splat(0);
  float four[4];
  UNROLL for (int v = 0; v < V; v++) {
    dx[v] = keep(dx[v] * through->scale, (bits)(x[v] > 0));
    sum = v == 0 ? dx[v] : sum + dx[v];
  }
  store_sums(four, fold2(fold(sum, splat(0)), splat(0)));
  return four[0];
}

/* The links k .. k+n-1 of one unit; g gets their gradients, and up to three numbers more. dx goes on from what it is. */
INLINE void walk_links (const Fan *fan, int64_t k, int n, const vec x[VMAX], vec dx[VMAX], const void *dy, size_t bytes, float *g,
                        const int V, const int DX, const int kind, const int order) {
  const float *weight = fan->w + k;
  int j = 0;
  for (; j + 4 <= n; j += 4) {
    vec s[4];
    UNROLL for (int q = 0; q < 4; q++) {
      fetch_far(dy, bytes, far_unit(fan, k + j + q + ahead(kind), order), V, kind);
      s[q] = walk_link(x, dx, far_row(dy, bytes, far_unit(fan, k + j + q, order)), weight[j + q], V, DX, kind);
    }
    store_sums(g + j, fold2(fold(s[0], s[1]), fold(s[2], s[3])));
  }
  if (j < n) {
    vec s[4] = { splat(0), splat(0), splat(0), splat(0) };
    UNROLL for (int q = 0; q < 3; q++)
      if (j + q < n) s[q] = walk_link(x, dx, far_row(dy, bytes, far_unit(fan, k + j + q, order)), weight[j + q], V, DX, kind);
    float last[4];
    store_sums(last, fold2(fold(s[0], s[1]), fold(s[2], s[3])));
    for (int q = 0; j + q < n; q++) g[j + q] = last[q];
  }
}

/* Updates n links from k on with the gradients g, or stores these. */
static void finish_links (const Fan *fan, int64_t k, size_t n, const float *g, const Sink *sink) {
  const float *sum[2] = { sink->add ? sink->gradient + k : g, g };
  const Learnt links = { fan->w + k, fan->velocity + k, fan->second ? fan->second + k : NULL, fan->age ? fan->age + k : NULL };
  if (sink->update) update(&links, n, sum, 1 + sink->add, sink->update);
  else sum_gradients(sink->gradient + k, n, sum, 1 + sink->add);
}

/* Units u0 <= u < u1. Gradients go straight to where they belong, or are held for a chunk of links and then used. */
INLINE void walk_shape (const Fan *fan, int32_t u0, int32_t u1, const Walk *walk, const int V, const int DX, const int kind, const int order) {
  float held[CHUNK] __attribute__((aligned(64)));
  const Fan links = *fan;
  const Walk rows = *walk;
  const Sink sink = *walk->sink;
  const Through through = rows.through ? *rows.through : (Through){ 0 };
  const int direct = !sink.update && !sink.add;
  const int64_t chunk = direct ? INT32_MAX : CHUNK;
  const int brief_x = kind == BF16 && rows.x.brief, brief_dx = kind == BF16 && rows.dx.brief;
  const size_t x_bytes = rows.x.stride * (brief_x ? sizeof(uint16_t) : sizeof(float));
  const size_t dx_bytes = rows.dx.stride * (brief_dx ? sizeof(uint16_t) : sizeof(float));
  const char *near = brief_x ? (const char *)rows.x.brief : (const char *)rows.x.floats;
  char *near_dx = brief_dx ? (char *)rows.dx.brief : (char *)rows.dx.floats;
  for (int32_t u = u0; u < u1; u++, near += x_bytes, near_dx += DX ? dx_bytes : 0) {
    vec x[VMAX], dx[VMAX];
    if (brief_x) take_row(x, near, V, BF16);
    else take_row(x, near, V, 0);
    UNROLL for (int v = 0; v < V; v++) dx[v] = splat(0);
    fetch_near(near + 2 * x_bytes, V, brief_x, DX && near == near_dx);
    if (DX && near != near_dx) fetch_near(near_dx + 2 * dx_bytes, V, brief_dx, 1);
    for (int64_t k = links.ptr[u], end = links.ptr[u + 1]; k < end; k += chunk) {
      int n = end - k < chunk ? (int)(end - k) : (int)chunk;
      if (sink.update) fetch_weights(links.w + k + n, n);
      walk_links(&links, k, n, x, dx, rows.dy, rows.bytes, direct ? sink.gradient + k : held, V, DX, kind, order);
      if (!direct) finish_links(&links, k, (size_t)n, held, &sink);
    }
    if (!DX) continue;
    if (rows.through) through.sum[u - u0] = go_through(x, dx, &through, V);
    if (brief_dx) round_row((uint16_t *)near_dx, dx, V);
    else store_row((float *)near_dx, dx, V);
  }
}

typedef void Backward (const Fan *fan, int32_t u0, int32_t u1, const Walk *walk);
typedef void Forward (const Fan *fan, int32_t u0, int32_t u1, const void *x, size_t bytes, const float *bias,
                      const RowsOut *y, const Rectify *rectify);

#define SHAPE(N, KIND, ORDER)                                                                    \
  static void forward_##N##KIND##ORDER (const Fan *fan, int32_t u0, int32_t u1, const void *x, size_t bytes, \
                                        const float *bias, const RowsOut *y, const Rectify *rectify) { \
    forward_shape(fan, u0, u1, x, bytes, bias, y, rectify, N * STRIDE_STEP / VL, KIND, ORDER);   \
  }                                                                                              \
  static void walk_##N##KIND##ORDER (const Fan *fan, int32_t u0, int32_t u1, const Walk *walk) { \
    walk_shape(fan, u0, u1, walk, N * STRIDE_STEP / VL, 1, KIND, ORDER);                         \
  }                                                                                              \
  static void grad_##N##KIND##ORDER (const Fan *fan, int32_t u0, int32_t u1, const Walk *walk) { \
    walk_shape(fan, u0, u1, walk, N * STRIDE_STEP / VL, 0, KIND, ORDER);                         \
  }
#define SHAPES(N) SHAPE(N, 0, 0) SHAPE(N, 0, 1) SHAPE(N, 1, 0) SHAPE(N, 1, 1)
#define ROW(f, N) { { f##N##00, f##N##01 }, { f##N##10, f##N##11 } }
SHAPES(1) SHAPES(2)
#if STEPS > 2
SHAPES(3)
#endif
#if STEPS > 3
SHAPES(4)
#define ROWS(f) { ROW(f, 1), ROW(f, 2), ROW(f, 3), ROW(f, 4) }
#elif STEPS > 2
#define ROWS(f) { ROW(f, 1), ROW(f, 2), ROW(f, 3) }
#else
#define ROWS(f) { ROW(f, 1), ROW(f, 2) }
#endif
static Forward *const forwards[STEPS][2][2] = ROWS(forward_);   /* [steps - 1][kind][order] */
static Backward *const walks[STEPS][2][2] = ROWS(walk_);
static Backward *const grads[STEPS][2][2] = ROWS(grad_);

INLINE int order_of (const Fan *fan) { return fan->brief ? COMPACT : PLAIN; }

static void forward (const Fan *fan, int32_t u0, int32_t u1, int32_t width, FloatRows x, const float *bias, float *y, size_t stride, const Rectify *rectify) {
  RowsOut to = { y, NULL, stride };
  forwards[width / STRIDE_STEP - 1][0][order_of(fan)](fan, u0, u1, x.floats, x.stride * sizeof(float), bias, &to, rectify);
}

static void forward_bf16 (const Fan *fan, int32_t u0, int32_t u1, int32_t width, BriefRows x, const float *bias, RowsOut y, const Rectify *rectify) {
  forwards[width / STRIDE_STEP - 1][BF16][order_of(fan)](fan, u0, u1, x.brief, x.stride * sizeof(uint16_t), bias, &y, rectify);
}

/* For so many columns, with an input gradient or without. */
INLINE Backward *walk_of (int32_t width, const int kind, const Fan *fan, int dx) {
  int32_t steps = width / STRIDE_STEP;
  int order = order_of(fan);
  return dx ? walks[steps - 1][kind][order] : grads[steps - 1][kind][order];
}

static void backward (const Fan *fan, int32_t u0, int32_t u1, int32_t width, FloatRows x, FloatRows dy, float *dx, size_t dx_stride, const Sink *sink, const Through *through) {
  Walk walk = { { x.floats, NULL, x.stride }, { dx, NULL, dx_stride }, dy.floats, dy.stride * sizeof(float), sink, through };
  walk_of(width, 0, fan, dx != NULL)(fan, u0, u1, &walk);
}

static void backward_bf16 (const Fan *fan, int32_t u0, int32_t u1, int32_t width, RowsIn x, BriefRows dy, RowsOut dx, const Sink *sink, const Through *through) {
  Walk walk = { x, dx, dy.brief, dy.stride * sizeof(uint16_t), sink, through };
  walk_of(width, BF16, fan, dx.floats || dx.brief)(fan, u0, u1, &walk);
}

#include "kernel/thin_impl.h"

/* ---- the small loops: the compiler vectorises them ------------------------------------- */

INLINE vec row_vector (const float *row, int32_t width) {
  vec s = load(row);
  for (int32_t b = VL; b < width; b += VL) s += load(row + b);
  return s;
}

static void row_sums (const float *rows, size_t stride, int32_t units, int32_t width, float *sum, int add) {
  for (int32_t u = 0; u < units; u += 4, rows += 4 * stride) {
    vec s[4] = { splat(0), splat(0), splat(0), splat(0) };
    float four[4];
    int n = units - u < 4 ? units - u : 4;
    for (int q = 0; q < n; q++) s[q] = row_vector(rows + (size_t)q * stride, width);
    store_sums(four, fold2(fold(s[0], s[1]), fold(s[2], s[3])));
    for (int q = 0; q < n; q++) sum[u + q] = add ? sum[u + q] + four[q] : four[q];
  }
}

/* With Nesterov, w + mu v - rg = w - mu v_old + (1 + mu) v: what the old weight and velocity
** say is taken care of here, decay too, and the gradient is then added to mu v_old - rate couple w. */
static void update_dense_before (float *w, float *velocity, size_t n, const Update *u) {
  float couple = u->rate * u->couple;
  for (size_t e = 0; e < n; e++) {
    float kept = u->momentum * velocity[e];
    velocity[e] = kept - couple * w[e];
    w[e] -= kept + u->shrink * w[e];
  }
}

static void update_dense (float *w, float *velocity, size_t n, const Update *u) {
  float couple = u->rate * u->couple;
  if (u->nesterov) {
    for (size_t e = 0; e < n; e++) w[e] += (1 + u->momentum) * velocity[e];
  } else if (couple != 0) {
    for (size_t e = 0; e < n; e++) {
      velocity[e] -= couple * w[e];
      w[e] += velocity[e] - u->shrink * w[e];
    }
  } else {
    for (size_t e = 0; e < n; e++) w[e] += velocity[e] - u->shrink * w[e];
  }
}

static void drop_row (float *a, uint32_t first, size_t n, const Dropout *drop) {
  bits lane = numbers_from(first);
  for (size_t e = 0; e < n; e += VL, lane += VL * GOLDEN) {
    int here = here_of(n, e);
    put(a + e, drop_vector(get(a + e, here), lane, drop), here);
  }
}

static void dropout (float *a, size_t stride, int32_t units, int32_t width, size_t first, size_t step, const Dropout *drop) {
  for (int32_t u = 0; u < units; u++, a += stride, first += step) drop_row(a, (uint32_t)first, (size_t)width, drop);
}

#include "kernel/batch_impl.h"
#include "kernel/augment_impl.h"
#include "kernel/activation_impl.h"
#include "kernel/norm_impl.h"

const Kernels KERNELS = {
  .isa = ISA, .widest = STEPS * STRIDE_STEP, .activations = activations, .forward = forward, .backward = backward,
  .forward_bf16 = forward_bf16, .backward_bf16 = backward_bf16, .round_bf16 = round_bf16, .widen_bf16 = widen_bf16,
  .thin_forward = thin_forward, .thin_backward = thin_backward, .row_sums = row_sums, .update = update,
  .sum_gradients = sum_gradients, .update_dense = update_dense, .update_dense_before = update_dense_before, .dropout = dropout,
  .mix_pairs = mix_pairs, .norm_forward = norm_forward, .norm_backward = norm_backward, .norm_apply = norm_apply,
  .batch_bytes = batch_bytes, .batch_floats = batch_floats,
  .warp_bytes = warp_bytes, .warp_floats = warp_floats,
};
