#include "sparse/urn.h"
#include "base/mem.h"

int urn_new (Urn *urn, int32_t n) {
  *urn = (Urn){ .n = n, .leaves = 1 };
  while (urn->leaves < n) urn->leaves *= 2;
  urn->sum = mem_zero(2 * (size_t)urn->leaves, sizeof *urn->sum);
  return urn->sum != NULL;
}

void urn_free (Urn *urn) {
  mem_free(urn->sum);
  urn->sum = NULL;
}

void urn_set (Urn *urn, int32_t u, double weight) {
  int32_t k = urn->leaves + u;
  urn->sum[k] = weight;
  while ((k /= 2) > 0) urn->sum[k] = urn->sum[2 * k] + urn->sum[2 * k + 1];
}

void urn_sums (Urn *urn) {
  for (int32_t k = urn->leaves - 1; k > 0; k--) urn->sum[k] = urn->sum[2 * k] + urn->sum[2 * k + 1];
}

/* Rounding may point a hair beyond a side: no way leads to a side whose sum is 0. */
int32_t urn_take (Urn *urn, Rng *rng) {
  const double *sum = urn->sum;
  if (!(sum[1] > 0)) return -1;
  double point = rng_double(rng) * sum[1];
  int32_t k = 1;
  while (k < urn->leaves) {
    double left = sum[2 * k];
    int right = (point >= left && sum[2 * k + 1] > 0) || !(left > 0);
    if (right) point -= left;
    k = 2 * k + right;
  }
  int32_t u = k - urn->leaves;
  urn_set(urn, u, 0);
  return u;
}
