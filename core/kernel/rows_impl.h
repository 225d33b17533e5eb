/*
** rows_impl.h -- rows of values that links reach for; included by kernel_impl.h only.
*/

/* ---- rows at the far ends of links ------------------------------------------------------
** In bfloat16 two vectors share the words of one: the first in their low halves, the second in
** their high ones, so that a shift and a mask make floats of them and nothing moves sideways. An
** odd vector at the end has its numbers one after the other. */

enum { BF16 = 1 };

INLINE void take_row (vec r[VMAX], const char *row, const int V, const int kind) {
  if (kind != BF16) {
    UNROLL for (int v = 0; v < V; v++) r[v] = load((const float *)row + v * VL);
    return;
  }
  const uint16_t *p = (const uint16_t *)row;
  UNROLL for (int v = 0; v + 1 < V; v += 2) {
    bits two = *(const loose_bits *)(p + v * VL);
    r[v] = (vec)(two << 16);
    r[v + 1] = (vec)(two & 0xffff0000u);
  }
  if (V & 1) r[V - 1] = (vec)(*(const loose_bits *)(p + (V - 1) * VL) << 16);
}

/* To the nearest of the numbers that have only the upper 16 bits, the even one of two as near;
** the lower bits stay to be cut off. NaN as arithmetic makes it survives this, and no other comes:
** data are finite. */
INLINE bits nearest_bf16 (vec x) {
  bits b = (bits)x;
  return b + 0x7fff + ((b >> 16) & 1);
}

/* A row of floats in registers goes to where it belongs. */
INLINE void store_row (float *to, const vec r[VMAX], const int V) {
  UNROLL for (int v = 0; v < V; v++) store(to + v * VL, r[v]);
}

INLINE void round_row (uint16_t *to, const vec r[VMAX], const int V) {
  UNROLL for (int v = 0; v + 1 < V; v += 2) {
    bits low = nearest_bf16(r[v]) >> 16, high = nearest_bf16(r[v + 1]);
    *(loose_bits *)(to + v * VL) = low | (high & 0xffff0000u);
  }
  if (V & 1) *(loose_bits *)(to + (V - 1) * VL) = nearest_bf16(r[V - 1]) >> 16;
}

static void widen_bf16 (float *a, size_t stride, const uint16_t *copy, size_t copy_stride, int32_t units, int32_t width) {
  int V = width / VL;
  for (int32_t u = 0; u < units; u++) {
    float *to = a + (size_t)u * stride;
    const uint16_t *from = copy + (size_t)u * copy_stride;
    int v = 0;
    for (; v + 1 < V; v += 2) {
      bits two = *(const loose_bits *)(from + v * VL);
      store(to + v * VL, (vec)(two << 16));
      store(to + (v + 1) * VL, (vec)(two & 0xffff0000u));
    }
    if (v < V) store(to + v * VL, (vec)(*(const loose_bits *)(from + v * VL) << 16));
  }
}

static void round_bf16 (uint16_t *copy, size_t copy_stride, const float *a, size_t stride, int32_t units, int32_t width) {
  int V = width / VL;
  for (int32_t u = 0; u < units; u++) {
    const float *from = a + (size_t)u * stride;
    uint16_t *to = copy + (size_t)u * copy_stride;
    int v = 0;
    for (; v + 1 < V; v += 2) {
      bits low = nearest_bf16(load(from + v * VL)) >> 16, high = nearest_bf16(load(from + (v + 1) * VL));
      *(loose_bits *)(to + v * VL) = low | (high & 0xffff0000u);
    }
    if (v < V) *(loose_bits *)(to + v * VL) = nearest_bf16(load(from + v * VL)) >> 16;
  }
}

/* ---- asked for ahead of time --------------------------------------------------------------
** The walk jumps among the rows at the far ends of the links; they are asked for some links
** before their turn, since the processor looks ahead a dozen links and the next cache level is
** further away. By itself it does not see either that the near ends follow one another. How far
** ahead was measured: in a compact order the forward walk does without. */

enum { AHEAD_FLOAT = 12, AHEAD_BF16 = 16, AHEAD_PLAIN = 8 };  /* links, at most SPARSE_SLACK */

INLINE int64_t ahead (const int kind) { return kind == BF16 ? AHEAD_BF16 : AHEAD_FLOAT; }

INLINE void fetch (const char *row, const int bytes, const int written) {
  enum { LINE = 64 };
  UNROLL for (int l = 0; l <= VMAX; l++) {
    if (l * LINE >= bytes) break;
    if (written) __builtin_prefetch(row + l * LINE, 1, 3);
    else __builtin_prefetch(row + l * LINE, 0, 3);
  }
}

/* A row at the near end, to be read or written; and the row of a unit at the far end. */
INLINE void fetch_near (const char *row, const int V, const int brief, const int written) {
  if (brief) fetch(row, (V + 1) / 2 * VL * 4, written);
  else fetch(row, V * VL * 4, written);
}

INLINE void fetch_far (const void *rows, size_t bytes, size_t unit, const int V, const int kind) {
  fetch((const char *)rows + unit * bytes, kind == BF16 ? (V + 1) / 2 * VL * 4 : V * VL * 4, 0);
}

/* Weights that are to be changed, about as many as the unit before has. In the forward walk other
** threads have read them, and a line of several readers is otherwise claimed only as it is stored. */
INLINE void fetch_weights (const float *weight, int n) {
  for (int j = 0; j < n; j += 16) __builtin_prefetch(weight + j, 1, 3);
}
