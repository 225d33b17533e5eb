#include "array/chance.h"
#include "array/rank.h"
#include "base/mem.h"
#include <float.h>
#include <math.h>
#include <string.h>

void chance_uniform (LuaDraw *draw, float *out, int64_t n) {
  for (int64_t i = 0; i < n; i++) out[i] = (float)(lua_draw_u64(draw) >> 40) * 0x1p-24f;
}

/* The polar method makes two at a time; of an odd number the last one is lost. */
void chance_normal (LuaDraw *draw, float *out, int64_t n) {
  for (int64_t i = 0; i < n; i += 2) {
    double x, y, s;
    do {
      x = 2 * lua_draw_double(draw) - 1;
      y = 2 * lua_draw_double(draw) - 1;
      s = x * x + y * y;
    } while (s >= 1 || s == 0);
    double scale = sqrt(-2 * log(s) / s);
    out[i] = (float)(x * scale);
    if (i + 1 < n) out[i + 1] = (float)(y * scale);
  }
}

ChanceWeights chance_weights (const Array *weight) {
  ChanceWeights found = { -1, 0 };
  for (int64_t i = 0; i < weight->n; i++) {
    double w = array_number(weight, i);
    if (!(w >= 0 && w <= DBL_MAX)) return (ChanceWeights){ i, 0 };
    found.positive += w > 0;
  }
  return found;
}

/* Bits of a double that is not negative: integers of the same order. */
static int64_t bits_of (double x) {
  int64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/* The time of the first event of a process of that rate: those that come first are the sample. */
static int64_t arrival (LuaDraw *draw, double weight) {
  if (weight == 0) return INT64_MAX;
  return bits_of(fabs(log(1 - lua_draw_double(draw))) / weight);   /* fabs: no -0 */
}

int chance_sample (LuaDraw *draw, const Array *weight, int64_t count, int threads, int64_t *place) {
  Array key = { ARRAY_INTEGER, weight->n, mem_new((size_t)weight->n, sizeof(int64_t)) };
  if (!key.data) return 0;
  for (int64_t i = 0; i < weight->n; i++) array_integers(&key)[i] = arrival(draw, array_number(weight, i));
  int made = rank_extreme(&key, count, RANK_LOWEST, threads, place);
  mem_free(key.data);
  return made;
}

/* The first place whose running sum is above x; sum[n - 1] is. */
static int64_t find (const double *sum, int64_t n, double x) {
  int64_t low = 0, high = n - 1;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (sum[middle] > x) high = middle;
    else low = middle + 1;
  }
  return low;
}

int chance_choose (LuaDraw *draw, const Array *weight, int64_t count, int64_t *place) {
  int64_t n = weight->n;
  double *sum = mem_new((size_t)n, sizeof *sum), total = 0;
  if (!sum) return 0;
  for (int64_t i = 0; i < n; i++) sum[i] = total += array_number(weight, i);
  for (int64_t i = 0; i < count; i++) {
    double x = lua_draw_double(draw) * total;
    while (x >= total) x = nextafter(total, 0);   /* it was rounded up */
    place[i] = find(sum, n, x) + 1;
  }
  mem_free(sum);
  return 1;
}
