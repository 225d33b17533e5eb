#include "topology/spread.h"
#include "base/mem.h"
#include <math.h>

typedef struct Side { const Stack *s; int32_t l, n; int out; } Side;

static Side side_of (const Stack *s, int32_t l, int out_side) { return (Side){ s, l, out_side ? stack_rows(s, l) : s->size[l + 1], out_side }; }

static int64_t degree (const Side *side, int32_t u) {
  return side->out ? stack_out(side->s, side->l, u) : stack_in(side->s, side->l, u);
}

static int64_t largest (const Side *side) {
  int64_t most = 0;
  for (int32_t u = 0; u < side->n; u++) most = degree(side, u) > most ? degree(side, u) : most;
  return most;
}

/* count[d]: units of degree d; `most` + 1 of them. NULL if memory runs out. */
static int64_t *counts_new (const Side *side, int64_t most) {
  int64_t *count = mem_zero((size_t)most + 1, sizeof *count);
  for (int32_t u = 0; count && u < side->n; u++) count[degree(side, u)]++;
  return count;
}

int spread_of (const Stack *s, int32_t l, int out_side, Spread *spread) {
  Side side = side_of(s, l, out_side);
  int64_t most = largest(&side), *count = counts_new(&side, most), before = 0;
  double n = (double)side.n, links = (double)stack_links(s, l), mean = links / n, squares = 0, unequal = 0;
  if (!count) return 0;
  for (int64_t d = 0; d <= most; before += count[d++]) {
    double c = (double)count[d], off = (double)d - mean;
    squares += c * off * off;
    unequal += c * (double)d * (2 * (double)before + c - n);   /* of the ranks before + 1 .. before + c */
  }
  *spread = (Spread){ 0, 0, 0 };
  if (links > 0) *spread = (Spread){ sqrt(squares / n) / mean, unequal / (n * links), (double)most / mean };
  mem_free(count);
  return 1;
}

/* Turns counts into twice the mean rank of each degree, which is a whole number. Returns whether the degrees differ. */
static int counts_to_ranks (int64_t *count, int64_t most) {
  int64_t before = 0, kinds = 0;
  for (int64_t d = 0; d <= most; d++) {
    int64_t c = count[d];
    kinds += c > 0;
    count[d] = 2 * before + c + 1;
    before += c;
  }
  return kinds > 1;
}

static double correlation (const Side *in, const Side *out, const int64_t *in_rank, const int64_t *out_rank) {
  double mean = (double)in->n + 1, xx = 0, yy = 0, xy = 0;
  for (int32_t u = 0; u < in->n; u++) {
    double x = (double)in_rank[degree(in, u)] - mean, y = (double)out_rank[degree(out, u)] - mean;
    xx += x * x;
    yy += y * y;
    xy += x * y;
  }
  return xy / sqrt(xx * yy);
}

int spread_in_out (const Stack *s, int32_t level, double *rho) {
  Side in = side_of(s, level - 1, 0), out = side_of(s, level, 1);
  int64_t most_in = largest(&in), most_out = largest(&out);
  int64_t *in_rank = counts_new(&in, most_in), *out_rank = counts_new(&out, most_out);
  int there = in_rank && out_rank;
  if (there) {
    int vary = counts_to_ranks(in_rank, most_in) & counts_to_ranks(out_rank, most_out);
    *rho = vary ? correlation(&in, &out, in_rank, out_rank) : (double)NAN;
  }
  mem_free(in_rank);
  mem_free(out_rank);
  return there;
}
