#include "sparse/density.h"
#include <math.h>

static double cells_of (const int32_t *sizes, int32_t l) { return (double)sizes[l] * sizes[l + 1]; }

static double raw_of (const int32_t *sizes, int32_t l, double power) {
  return pow(((double)sizes[l] + sizes[l + 1]) / cells_of(sizes, l), power);
}

/* e for the layers that are not dense yet, out[l] being 1 for those that are and 0 for the others. */
static double solve (const int32_t *sizes, int32_t n_layers, double density, double power, const double *out) {
  double wanted = 0, shares = 0;
  for (int32_t l = 0; l < n_layers; l++) {
    double cells = cells_of(sizes, l);
    if (out[l] > 0) wanted -= (1 - density) * cells;
    else {
      wanted += density * cells;
      shares += raw_of(sizes, l, power) * cells;
    }
  }
  return shares > 0 ? wanted / shares : 0;
}

static double largest_raw (const int32_t *sizes, int32_t n_layers, double power, const double *out) {
  double largest = 0;
  for (int32_t l = 0; l < n_layers; l++)
    if (out[l] == 0) largest = fmax(largest, raw_of(sizes, l, power));
  return largest;
}

void density_er (const int32_t *sizes, int32_t n_layers, double density, double power, double *out) {
  for (int32_t l = 0; l < n_layers; l++) out[l] = 0;
  double e, largest;
  for (;;) {
    e = solve(sizes, n_layers, density, power, out);
    largest = largest_raw(sizes, n_layers, power, out);
    if (!(e * largest > 1)) break;
    for (int32_t l = 0; l < n_layers; l++)
      if (out[l] == 0 && raw_of(sizes, l, power) == largest) out[l] = 1;
  }
  for (int32_t l = 0; l < n_layers; l++)
    if (out[l] == 0) out[l] = e * raw_of(sizes, l, power);
}

int64_t density_links (int64_t cells, double density) {
  double empty = (1 - density) * (double)cells, whole = nearbyint(empty);
  return cells - (int64_t)(fabs(empty - whole) < 1e-6 ? whole : floor(empty));
}
