#include "topology/assort.h"
#include <math.h>

/* The degrees at one end of the links: a unit of degree d stands at d of them. */
typedef struct End { double mean; int64_t least, most; } End;

static End end_of (const int64_t *ptr, int32_t n, int64_t links) {
  End e = { 0, INT64_MAX, 0 };
  double sum = 0;
  for (int32_t u = 0; u < n; u++) {
    int64_t d = ptr[u + 1] - ptr[u];
    if (d == 0) continue;
    sum += (double)d * (double)d;
    e.least = d < e.least ? d : e.least;
    e.most = d > e.most ? d : e.most;
  }
  e.mean = sum / (double)links;
  return e;
}

/* The sum over links of (degree - mean)^2 at one end. */
static double squares (const int64_t *ptr, int32_t n, double mean) {
  double sum = 0;
  for (int32_t u = 0; u < n; u++) {
    double d = (double)(ptr[u + 1] - ptr[u]);
    sum += d * (d - mean) * (d - mean);
  }
  return sum;
}

static int64_t links_in (const Sparse *W, int32_t o) { return W->in_ptr[o + 1] - W->in_ptr[o]; }

static double products (const Sparse *W, double mean_below, double mean_above) {
  double sum = 0;
  for (int32_t i = 0; i < W->n_in; i++) {
    double above = 0;
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) above += (double)links_in(W, W->to[k]) - mean_above;
    sum += ((double)(W->ptr[i + 1] - W->ptr[i]) - mean_below) * above;
  }
  return sum;
}

static Assortativity of_links (const Sparse *W) {
  Assortativity a = { (double)NAN, (double)NAN };
  if (W->links < 2) return a;
  End below = end_of(W->ptr, W->n_in, W->links), above = end_of(W->in_ptr, W->n_out, W->links);
  double mean = (below.mean + above.mean) / 2;
  if (below.least < below.most && above.least < above.most)
    a.once = products(W, below.mean, above.mean) /
             sqrt(squares(W->ptr, W->n_in, below.mean) * squares(W->in_ptr, W->n_out, above.mean));
  if (below.least < below.most || above.least < above.most || below.least != above.least)
    a.both = 2 * products(W, mean, mean) / (squares(W->ptr, W->n_in, mean) + squares(W->in_ptr, W->n_out, mean));
  return a;
}

Assortativity assort_of (const Stack *s, int32_t l) {
  if (s->W[l]) return of_links(s->W[l]);
  /* Dense: all inputs have the one degree, all outputs the other; both ways round, they are opposites. */
  return (Assortativity){ (double)NAN, stack_rows(s, l) != s->size[l + 1] ? -1 : (double)NAN };
}
