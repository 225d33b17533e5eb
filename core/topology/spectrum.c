#include "topology/spectrum.h"
#include "solve/lanczos.h"
#include <math.h>

static double mean_degree (const Stack *s, int32_t l, int out_side) {
  int32_t linked = 0, n = out_side ? stack_rows(s, l) : s->size[l + 1];
  for (int32_t u = 0; u < n; u++) linked += (out_side ? stack_out(s, l, u) : stack_in(s, l, u)) > 0;
  return linked ? (double)stack_links(s, l) / (double)linked : 0;
}

int spectrum_of (const Stack *s, int32_t l, int threads, Spectrum *spectrum) {
  double largest[2] = { (double)stack_cells(s, l), 0 };   /* of a dense layer: all ones, of rank 1 */
  if (s->W[l] && s->W[l]->links == 0) largest[0] = 0;
  else if (s->W[l] && !lanczos_two(s->W[l], threads, largest)) return 0;
  double mu1 = sqrt(largest[0]), mu2 = sqrt(largest[1]), in = mean_degree(s, l, 1), out = mean_degree(s, l, 0);
  *spectrum = (Spectrum){ mu1, mu2, in, out, (double)NAN, (double)NAN, in >= 3 && out >= 3 };
  if (stack_links(s, l) == 0) return 1;
  spectrum->delta_s = 2 * sqrt(fmax(mu1 - 1, 0)) - mu2;   /* mu1 is at least 1 but for rounding */
  spectrum->delta_r = sqrt(in - 1) + sqrt(out - 1) - mu2;
  return 1;
}
