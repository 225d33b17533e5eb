#include "sparse/density.h"
#include <math.h>

typedef struct Layers { const int32_t *n_in, *n_out; int32_t n; double power; } Layers;

static double cells_of (const Layers *all, int32_t l) { return (double)all->n_in[l] * all->n_out[l]; }

static double raw_of (const Layers *all, int32_t l) {
  return pow(((double)all->n_in[l] + all->n_out[l]) / cells_of(all, l), all->power);
}

/* e for the layers that are not dense yet, out[l] being 1 for those that are and 0 for the others. */
static double solve (const Layers *all, double density, const double *out) {
  double wanted = 0, shares = 0;
  for (int32_t l = 0; l < all->n; l++) {
    double cells = cells_of(all, l);
    if (out[l] > 0) wanted -= (1 - density) * cells;
    else {
      wanted += density * cells;
      shares += raw_of(all, l) * cells;
    }
  }
  return shares > 0 ? wanted / shares : 0;
}

static double largest_raw (const Layers *all, const double *out) {
  double largest = 0;
  for (int32_t l = 0; l < all->n; l++)
    if (out[l] == 0) largest = fmax(largest, raw_of(all, l));
  return largest;
}

void density_er (const int32_t *n_in, const int32_t *n_out, int32_t n_layers, double density, double power, double *out) {
  const Layers all = { n_in, n_out, n_layers, power };
  for (int32_t l = 0; l < n_layers; l++) out[l] = 0;
  double e, largest;
  for (;;) {
    e = solve(&all, density, out);
    largest = largest_raw(&all, out);
    if (!(e * largest > 1)) break;
    for (int32_t l = 0; l < n_layers; l++)
      if (out[l] == 0 && raw_of(&all, l) == largest) out[l] = 1;
  }
  for (int32_t l = 0; l < n_layers; l++)
    if (out[l] == 0) out[l] = e * raw_of(&all, l);
}

int64_t density_links (int64_t cells, double density) {
  double empty = (1 - density) * (double)cells, whole = nearbyint(empty);
  return cells - (int64_t)(fabs(empty - whole) < 1e-6 ? whole : floor(empty));
}
