/* What a wiring looks like: sequences of masks, layers, hidden units, distances; and what percolation leaves. */
#include "named.h"
#include "stacks.h"
#include "base/mem.h"
#include "topology/assort.h"
#include "topology/distance.h"
#include "topology/spectrum.h"
#include "topology/spread.h"
#include "topology/squares.h"
#include "topology/track.h"
#include <math.h>
#include <string.h>

enum { THREADS = 2 };

/* ---- kind_sequence ----------------------------------------------------------------------- */

static void check_look (Case *c, const Track *track, int32_t t) {
  TrackLook look = track_layer(track, 0);
  case_near(c, case_field(c, "rs", -1, NULL), t, (double)look.ever / (double)look.cells, 1e-6);
  case_near(c, case_field(c, "jaccard_first", -1, NULL), t, look.jaccard_first, 1e-6);
  if (t > 0) case_near(c, case_field(c, "jaccard_next", -1, NULL), t - 1, look.jaccard_before, 1e-6);
}

static void check_sequence (Case *c, const Field *shape) {
  int32_t size[2] = { (int32_t)shape->value[0], (int32_t)shape->value[1] }, masks = (int32_t)case_number(c, "masks");
  Track *track = NULL;
  for (int32_t t = 0; t < masks && c->verdict == PASSED; t++) {
    char from[32], to[32];
    snprintf(from, sizeof from, "from%d", (int)t + 1);
    snprintf(to, sizeof to, "to%d", (int)t + 1);
    Sparse *W = case_layer(c, size[0], size[1], from, to, NULL, NULL);
    Stack s = { 1, size, (const Sparse *const *)&W, NULL };
    if (W && track) track_look(track, &s);
    else if (W) track = track_new(&s);
    if (track) check_look(c, track, t);
    sparse_free(W);
  }
  track_free(track);
}

/* ---- kind_layer -------------------------------------------------------------------------- */

static void check_one (Case *c, const char *name, int64_t at, double ours, double tolerance) {
  const Field *f = case_field(c, name, -1, NULL);
  if (f) case_near(c, f, at, ours, tolerance);
}

static void check_spread (Case *c, const Stack *s, int out_side, int64_t at) {
  Spread spread;
  if (!spread_of(s, 0, out_side, &spread)) return;
  check_one(c, "gini", at, spread.gini, 1e-6);
  check_one(c, "cv", at, spread.cv, 1e-6);
}

static void check_spectrum (Case *c, const Stack *s) {
  Spectrum p;
  if (!spectrum_of(s, 0, THREADS, &p)) return;
  check_one(c, "mu1", 0, p.mu1, 1e-5);
  check_one(c, "mu2", 0, p.mu2, 1e-5);
  check_one(c, "mean_degrees", 0, p.mean_in, 1e-6);
  check_one(c, "mean_degrees", 1, p.mean_out, 1e-6);
  check_one(c, "delta_s", 0, p.delta_s, 1e-5);
  check_one(c, "delta_r", 0, p.delta_r, 1e-5);
  check_one(c, "ramanujan_valid", 0, p.valid, 0);
}

static void check_layer (Case *c, const Field *shape) {
  int32_t size[2] = { (int32_t)shape->value[0], (int32_t)shape->value[1] };
  Sparse *W = case_layer(c, size[0], size[1], "from", "to", NULL, NULL);
  if (!W) return;
  Stack s = { 1, size, (const Sparse *const *)&W, NULL };
  Assortativity a = assort_of(&s, 0);
  Squares q;
  check_one(c, "assortativity", 0, a.once, 1e-6);
  check_one(c, "assortativity_both", 0, a.both, 1e-6);
  check_spread(c, &s, 1, 0);
  check_spread(c, &s, 0, 1);
  if (squares_count(&s, 0, THREADS, &q)) {
    check_one(c, "four_cycles", 0, q.four_cycles, 0);
    check_one(c, "three_paths", 0, q.three_paths, 0);
    check_one(c, "c4", 0, q.c4, 1e-6);
  }
  check_spectrum(c, &s);
  sparse_free(W);
}

/* ---- kind_hidden, kind_distance ---------------------------------------------------------- */

static void check_hidden (Case *c, const Field *shape) {
  Layers layers;
  double rho;
  if (layers_read(c, &layers, shape, "") && spread_in_out(&layers.stack, 1, &rho)) check_one(c, "spearman", 0, rho, 1e-6);
  layers_free(&layers);
}

static void check_distance (Case *c) {
  const Field *sizes = case_field(c, "sizes", -1, NULL);
  if (!sizes) return;
  Layers a, b = { .stack.n = 0 };
  double layer[MOST_LAYERS], mean = 0;
  Rng rng;
  rng_seed(&rng, 1, 1);
  if (layers_read(c, &a, sizes, "first_") && layers_read(c, &b, sizes, "second_") &&
      distance_of(&a.stack, &b.stack, DISTANCE_MOST, &rng, THREADS, layer)) {
    for (int32_t l = 0; l < a.stack.n; l++) {
      check_one(c, "distance", l, layer[l], 1e-6);
      mean += layer[l] / a.stack.n;
    }
    check_one(c, "distance_mean", 0, mean, 1e-6);
  }
  layers_free(&a);
  layers_free(&b);
}

void check_topology (Case *c) {
  if (case_find(c, "kind_distance")) {
    check_distance(c);
    return;
  }
  const Field *shape = case_field(c, "shape", -1, NULL);
  if (!shape) return;
  if (case_find(c, "kind_sequence")) check_sequence(c, shape);
  else if (case_find(c, "kind_layer")) check_layer(c, shape);
  else if (case_find(c, "kind_hidden")) check_hidden(c, shape);
  else {
    fprintf(stderr, "%s: case %s: there is no line 'kind_...' that is known\n", c->in->path, c->name);
    c->verdict = MALFORMED;
  }
}
