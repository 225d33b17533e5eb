#include "topology/paths.h"
#include "base/mem.h"
#include <math.h>
#include <string.h>

/* ---- exactly ----------------------------------------------------------------------------- */

/* Numbers of `limbs` words of 64 bits, the lowest first. */
static void add (uint64_t *sum, const uint64_t *x, int32_t limbs) {
  unsigned __int128 carry = 0;
  for (int32_t j = 0; j < limbs; j++) {
    carry += (unsigned __int128)sum[j] + x[j];
    sum[j] = (uint64_t)carry;
    carry >>= 64;
  }
}

static void add_up (const uint64_t *x, int32_t n, int32_t limbs, uint64_t *sum) {
  memset(sum, 0, (size_t)limbs * sizeof *sum);
  for (int32_t u = 0; u < n; u++) add(sum, x + (size_t)u * (size_t)limbs, limbs);
}

static void product (const Stack *s, int32_t l, int32_t limbs, const uint64_t *x, uint64_t *y) {
  const Sparse *W = s->W[l];
  size_t words = (size_t)limbs;
  memset(y, 0, (size_t)s->size[l + 1] * words * sizeof *y);
  if (!W) {
    add_up(x, s->size[l], limbs, y);
    for (int32_t o = 1; o < s->size[l + 1]; o++) memcpy(y + (size_t)o * words, y, words * sizeof *y);
    return;
  }
  for (int32_t o = 0; o < W->n_out; o++)
    for (int64_t m = W->in_ptr[o]; m < W->in_ptr[o + 1]; m++) add(y + (size_t)o * words, x + (size_t)W->from[m] * words, limbs);
}

/* Words for the number of paths of the dense net, which no wiring exceeds. */
static int32_t limbs_for (const Stack *s, int32_t level) {
  double bits = 1;
  for (int32_t l = 0; l <= level; l++) bits += log2((double)s->size[l]);
  return (int32_t)(bits / 64) + 1;
}

/* Divides by 10^18 in place and returns the remainder. */
static uint64_t divide (uint64_t *x, int32_t limbs) {
  const uint64_t by = 1000000000000000000u;
  unsigned __int128 rest = 0;
  for (int32_t j = limbs - 1; j >= 0; j--) {
    rest = rest << 64 | x[j];
    x[j] = (uint64_t)(rest / by);
    rest %= by;
  }
  return (uint64_t)rest;
}

static char *decimal (uint64_t *x, int32_t limbs) {
  size_t room = (size_t)limbs * 20 + 18, at = room;   /* 64 bits have at most 20 digits */
  char *text = mem_new(room + 1, 1);
  if (!text) return NULL;
  for (int32_t piece = 0; at >= 18 && piece < (limbs * 20 + 17) / 18; piece++) {
    uint64_t rest = divide(x, limbs);
    for (int d = 0; d < 18; d++, rest /= 10) text[--at] = (char)('0' + rest % 10);
  }
  while (at < room - 1 && text[at] == '0') at++;
  memmove(text, text + at, room - at);
  text[room - at] = '\0';
  return text;
}

char *paths_exact (const Stack *s, int32_t level) {
  int32_t limbs = limbs_for(s, level), most = 0;
  for (int32_t l = 0; l <= level; l++) most = s->size[l] > most ? s->size[l] : most;
  uint64_t *x = mem_zero((size_t)most, (size_t)limbs * sizeof *x), *y = mem_zero((size_t)most, (size_t)limbs * sizeof *y);
  char *text = NULL;
  for (int32_t u = 0; x && y && u < s->size[0]; u++) x[(size_t)u * (size_t)limbs] = 1;
  for (int32_t l = 0; x && y && l < level; l++) {
    product(s, l, limbs, x, y);
    uint64_t *other = x;
    x = y;
    y = other;
  }
  if (x && y) {
    add_up(x, s->size[level], limbs, y);
    text = decimal(y, limbs);
  }
  mem_free(x);
  mem_free(y);
  return text;
}

/* ---- in floating point ------------------------------------------------------------------- */

/* Divides by a power of two, so that deep nets do not overflow; returns it. */
static int scale_down (double *x, int32_t n) {
  double most = 0;
  int power = 0;
  for (int32_t u = 0; u < n; u++) most = fmax(most, x[u]);
  frexp(most, &power);
  for (int32_t u = 0; u < n; u++) x[u] = ldexp(x[u], -power);
  return power;
}

static double total (const double *x, int32_t n) {
  double sum = 0;
  for (int32_t u = 0; u < n; u++) sum += x[u];
  return sum;
}

static void ways_in (const Stack *s, int32_t l, const double *x, double *y) {
  const Sparse *W = s->W[l];
  double all = W ? 0 : total(x, s->size[l]);
  for (int32_t o = 0; o < s->size[l + 1]; o++) {
    y[o] = all;
    for (int64_t m = W ? W->in_ptr[o] : 0; W && m < W->in_ptr[o + 1]; m++) y[o] += x[W->from[m]];
  }
}

static void ways_out (const Stack *s, int32_t l, double *x, const double *y) {
  const Sparse *W = s->W[l];
  double all = W ? 0 : total(y, s->size[l + 1]);
  for (int32_t i = 0; i < s->size[l]; i++) {
    x[i] = all;
    for (int64_t k = W ? W->ptr[i] : 0; W && k < W->ptr[i + 1]; k++) x[i] += y[W->to[k]];
  }
}

static void to_share (double *in, const double *out, int32_t n) {
  double all = 0;
  for (int32_t u = 0; u < n; u++) all += in[u] * out[u];
  for (int32_t u = 0; u < n; u++) in[u] = all > 0 ? in[u] * out[u] / all : 0;
}

/* share holds the ways in; up: those out of the units of a level, down: the level below it. */
static void meet (const Stack *s, double *share, double *up, double *down) {
  double *at = share + stack_units(s, s->n);
  for (int32_t o = 0; o < s->size[s->n]; o++) up[o] = 1;
  to_share(at, up, s->size[s->n]);
  for (int32_t l = s->n - 1; l >= 0; l--) {
    ways_out(s, l, down, up);
    scale_down(down, s->size[l]);
    at -= s->size[l];
    to_share(at, down, s->size[l]);
    double *other = up;
    up = down;
    down = other;
  }
}

int paths_share (const Stack *s, double *share, double *log10_paths) {
  int32_t most = 0;
  for (int32_t l = 0; l <= s->n; l++) most = s->size[l] > most ? s->size[l] : most;
  double *work = mem_new((size_t)most, 2 * sizeof *work), *at = share, powers = 0;
  if (!work) return 0;
  for (int32_t i = 0; i < s->size[0]; i++) share[i] = 1;
  for (int32_t l = 0; l < s->n; at += s->size[l++]) {
    ways_in(s, l, at, at + s->size[l]);
    powers += scale_down(at + s->size[l], s->size[l + 1]);
  }
  double all = total(at, s->size[s->n]);
  *log10_paths = all > 0 ? log10(all) + powers * log10(2) : -HUGE_VAL;
  meet(s, share, work, work + most);
  mem_free(work);
  return 1;
}
