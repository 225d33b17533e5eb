/*
** vector_impl.h -- vectors of VL floats, whatever the instruction set; included by kernel_impl.h only.
*/
#if VL > 4 || defined __SSE2__
#include <immintrin.h>
#endif

typedef float vec __attribute__((vector_size(VL * 4)));
typedef float loose __attribute__((vector_size(VL * 4), aligned(4), may_alias));
typedef uint32_t bits __attribute__((vector_size(VL * 4)));
typedef uint32_t loose_bits __attribute__((vector_size(VL * 4), aligned(4), may_alias));
typedef float quarter __attribute__((vector_size(16)));
typedef float loose_quarter __attribute__((vector_size(16), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))
#if defined __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

INLINE vec load (const float *p) { return *(const loose *)p; }
INLINE void store (float *p, vec v) { *(loose *)p = v; }
INLINE vec splat (float s) { return s - (vec){ 0 }; }

/* Keeps a value in a register, where the compiler would rather read it from memory twice. */
#if VL == 16
#define HOLD(r) __asm__("" : "+v"(r))
#elif defined __SSE2__
#define HOLD(r) __asm__("" : "+x"(r))
#elif defined __aarch64__
#define HOLD(r) __asm__("" : "+w"(r))
#else
#define HOLD(r) ((void)0)
#endif

#if VL == 16
INLINE vec root (vec x) { return (vec)_mm512_sqrt_ps((__m512)x); }
#elif VL == 8
INLINE vec root (vec x) { return (vec)_mm256_sqrt_ps((__m256)x); }
#elif defined __SSE2__
INLINE vec root (vec x) { return (vec)_mm_sqrt_ps((__m128)x); }
#else
INLINE vec root (vec x) {
  for (int l = 0; l < VL; l++) x[l] = sqrtf(x[l]);
  return x;
}
#endif

/* ---- parts of a vector: the last links of a unit ------------------------------------- */

#if VL == 16
INLINE vec load_part (const float *p, int n) { return (vec)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p); }
INLINE void store_part (float *p, vec v, int n) { _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)v); }
#elif VL == 8
INLINE vec load_part (const float *p, int n) {
  __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return (vec)_mm256_maskload_ps(p, _mm256_cmpgt_epi32(_mm256_set1_epi32(n), lane));
}
/* By halves: masked stores take dozens of cycles on some processors. */
INLINE void store_part (float *p, vec v, int n) {
  if (n == VL) {
    store(p, v);
    return;
  }
  __m128 rest = _mm256_castps256_ps128((__m256)v);
  if (n & 4) {
    _mm_storeu_ps(p, rest);
    rest = _mm256_extractf128_ps((__m256)v, 1);
    p += 4;
  }
  if (n & 2) {
    _mm_storel_pi((__m64 *)(void *)p, rest);
    rest = _mm_movehl_ps(rest, rest);
    p += 2;
  }
  if (n & 1) _mm_store_ss(p, rest);
}
#else
INLINE vec load_part (const float *p, int n) {
  float lane[VL] = { 0 };
  memcpy(lane, p, (size_t)n * sizeof *p);
  return load(lane);
}
INLINE void store_part (float *p, vec v, int n) {
  float lane[VL];
  store(lane, v);
  memcpy(p, lane, (size_t)n * sizeof *p);
}
#endif

/* ---- loops over elements ----------------------------------------------------------------
** Written in vectors where an element is chosen by a condition: a compiler must not make a
** product that the program would not, and without masked instructions gives up the vector. */

INLINE int here_of (size_t n, size_t e) { return n - e < VL ? (int)(n - e) : VL; }
INLINE vec get (const float *p, int n) { return n == VL ? load(p) : load_part(p, n); }
INLINE void put (float *p, vec v, int n) {
  if (n == VL) store(p, v);
  else store_part(p, v, n);
}
/* The first n lanes of x, and 0 in the others. */
INLINE vec first_lanes (vec x, int n) {
  if (n >= VL) return x;
#if VL == 16
  return (vec)_mm512_maskz_mov_ps((__mmask16)((1u << n) - 1), (__m512)x);
#else
  bits lane;
  for (uint32_t l = 0; l < VL; l++) lane[l] = l;
  return (vec)((bits)x & (bits)(lane < (uint32_t)n));
#endif
}
/* Lanes of x where the mask is set, else 0; or else those of y. */
INLINE vec keep (vec x, bits mask) { return (vec)((bits)x & mask); }
INLINE vec either (bits mask, vec x, vec y) { return (vec)(((bits)x & mask) | ((bits)y & ~mask)); }

/* Which lanes a condition holds in, and what is done in those only: an instruction each with
** AVX-512, whose masks are no vectors. */
#if VL == 16
typedef __mmask16 where;
INLINE where at_most (vec x, float s) { return _mm512_cmp_ps_mask((__m512)x, _mm512_set1_ps(s), _CMP_LE_OQ); }
INLINE where at_least (vec x, float s) { return _mm512_cmp_ps_mask((__m512)x, _mm512_set1_ps(s), _CMP_GE_OQ); }
INLINE where but_not (where a, where b) { return (where)(a & ~b); }
INLINE vec choose (where m, vec x, vec y) { return (vec)_mm512_mask_blend_ps(m, (__m512)y, (__m512)x); }
INLINE vec add_where (where m, vec sum, vec x) { return (vec)_mm512_mask_add_ps((__m512)sum, m, (__m512)sum, (__m512)x); }
INLINE vec add_product_where (where m, vec sum, vec x, vec y) {
  return (vec)_mm512_mask3_fmadd_ps((__m512)x, (__m512)y, (__m512)sum, m);
}
#else
typedef bits where;
INLINE where at_most (vec x, float s) { return (bits)(x <= s); }
INLINE where at_least (vec x, float s) { return (bits)(x >= s); }
INLINE where but_not (where a, where b) { return a & ~b; }
INLINE vec choose (where m, vec x, vec y) { return either(m, x, y); }
INLINE vec add_where (where m, vec sum, vec x) { return sum + keep(x, m); }
INLINE vec add_product_where (where m, vec sum, vec x, vec y) { return sum + keep(x, m) * y; }
#endif

/* 1 - e^x for x <= 0, to a few units in the last place: e^x - 1 of a 64th of x by its series, then doubled six times by
** e^2x - 1 = (e^x - 1) (e^x + 1), which loses nothing where e^x is near 1. */
INLINE vec one_less_exp (vec x) {
  const float nothing_left = -20;
  x = choose(at_most(x, nothing_left), splat(nothing_left), x) * (1.0f / 64);
  vec e = splat(1.0f / 6);
  UNROLL for (int k = 5; k >= 2; k--) e = (1 + x * e) * (1.0f / (float)k);
  e = x * (1 + x * e);
  UNROLL for (int k = 0; k < 6; k++) e = e * (e + 2);
  return -e;
}

INLINE vec absolute (vec x) { return (vec)((bits)x & 0x7fffffffu); }

/* Bit l says whether the mask is set in lane l. */
#if VL == 16
INLINE uint32_t mask_word (bits mask) { return (uint32_t)_mm512_movepi32_mask((__m512i)mask); }
#elif VL == 8
INLINE uint32_t mask_word (bits mask) { return (uint32_t)_mm256_movemask_ps((__m256)mask); }
#elif defined __SSE2__
INLINE uint32_t mask_word (bits mask) { return (uint32_t)_mm_movemask_ps((__m128)mask); }
#else
INLINE uint32_t mask_word (bits mask) {
  uint32_t word = 0;
  for (int l = 0; l < VL; l++) word |= (mask[l] & 1) << l;
  return word;
}
#endif

/* ---- sums across -----------------------------------------------------------------------
** Four vectors become one whose every quarter of four lanes holds a part of their four sums;
** VL / 4 of those become the vector of VL sums. Only shuffles that stay within quarters are
** needed for the first, whole quarters move for the second. */

#if defined __clang__ || __GNUC__ >= 12
#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
typedef int lanes __attribute__((vector_size(VL * 4)));
#define SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (lanes){ __VA_ARGS__ })
#endif

#if VL == 16
#define QUARTERS(a0, a1, b0, b1)                                                                 \
  a0, b0, a1, b1, a0 + 4, b0 + 4, a1 + 4, b1 + 4, a0 + 8, b0 + 8, a1 + 8, b1 + 8,                \
  a0 + 12, b0 + 12, a1 + 12, b1 + 12
#elif VL == 8
#define QUARTERS(a0, a1, b0, b1) a0, b0, a1, b1, a0 + 4, b0 + 4, a1 + 4, b1 + 4
#else
#define QUARTERS(a0, a1, b0, b1) a0, b0, a1, b1
#endif

/* a and b interleaved: a02 b02 a13 b13 in each quarter. */
INLINE vec fold (vec a, vec b) {
  return SHUFFLE(a, b, QUARTERS(0, 1, VL, VL + 1)) + SHUFFLE(a, b, QUARTERS(2, 3, VL + 2, VL + 3));
}
/* Of two such, for a, b and c, d: a b c d in each quarter. */
INLINE vec fold2 (vec ab, vec cd) {
  return SHUFFLE(ab, cd, QUARTERS(0, VL, 1, VL + 1)) + SHUFFLE(ab, cd, QUARTERS(2, VL + 2, 3, VL + 3));
}
INLINE vec sums4 (const float *s) {
  return fold2(fold(load(s), load(s + VL)), fold(load(s + 2 * VL), load(s + 3 * VL)));
}

/* The four sums themselves, from what fold2 gives. */
INLINE void store_sums (float *to, vec q) {
#if VL == 16
  __m256 half = _mm256_add_ps(_mm512_castps512_ps256((__m512)q), _mm512_extractf32x8_ps((__m512)q, 1));
  *(loose_quarter *)to = (quarter)_mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
#elif VL == 8
  *(loose_quarter *)to = (quarter)_mm_add_ps(_mm256_castps256_ps128((__m256)q), _mm256_extractf128_ps((__m256)q, 1));
#else
  *(loose_quarter *)to = q;
#endif
}

/* The sums of VL vectors from VL / 4 results of sums4. */
INLINE vec sums (const vec q[VL / 4]) {
#if VL == 16
#define HALVES(a, b)                                                                             \
  (SHUFFLE(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +                     \
   SHUFFLE(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31))
  vec low = HALVES(q[0], q[1]), high = HALVES(q[2], q[3]);
  return HALVES(low, high);
#elif VL == 8
  return SHUFFLE(q[0], q[1], 0, 1, 2, 3, 8, 9, 10, 11) + SHUFFLE(q[0], q[1], 4, 5, 6, 7, 12, 13, 14, 15);
#else
  return q[0];
#endif
}
