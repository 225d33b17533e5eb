#include "sparse/reach.h"
#include "base/mem.h"
#include <string.h>

static int any (const uint8_t *flag, int32_t n) { return memchr(flag, 1, (size_t)n) != NULL; }

/* Which units above are linked to a unit below that is reached. */
static void reach_up (const Sparse *W, const uint8_t *below, int32_t n_below, uint8_t *above, int32_t n_above) {
  memset(above, !W && any(below, n_below), (size_t)n_above);
  for (int32_t i = 0; W && i < n_below; i++)
    for (int64_t k = W->ptr[i]; below[i] && k < W->ptr[i + 1]; k++) above[W->to[k]] = 1;
}

/* Of the units below, those stay that are linked to one above that does. */
static void reach_down (const Sparse *W, uint8_t *below, int32_t n_below, const uint8_t *above, int32_t n_above) {
  int dense = !W && any(above, n_above);
  for (int32_t i = 0; i < n_below; i++) {
    int linked = dense;
    for (int64_t k = W ? W->ptr[i] : 0; W && !linked && k < W->ptr[i + 1]; k++) linked = above[W->to[k]];
    below[i] = below[i] && linked;
  }
}

int reach_cut_off (int32_t n, const Sparse *const *W, const int32_t *units, int64_t *cut_off) {
  uint8_t **flag = mem_zero((size_t)n + 1, sizeof *flag);
  int there = flag != NULL;
  for (int32_t l = 0; there && l <= n; l++) there = (flag[l] = mem_new((size_t)units[l], 1)) != NULL;
  if (there) {
    memset(flag[0], 1, (size_t)units[0]);
    for (int32_t l = 0; l < n; l++) reach_up(W[l], flag[l], units[l], flag[l + 1], units[l + 1]);
    for (int32_t l = n - 1; l >= 0; l--) reach_down(W[l], flag[l], units[l], flag[l + 1], units[l + 1]);
    for (int32_t l = 0; l <= n; l++) {
      cut_off[l] = 0;
      for (int32_t u = 0; u < units[l]; u++) cut_off[l] += !flag[l][u];
    }
  }
  for (int32_t l = 0; flag && l <= n; l++) mem_free(flag[l]);
  mem_free(flag);
  return there;
}
