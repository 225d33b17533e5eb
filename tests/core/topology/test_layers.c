/*
** spread.c, assort.c, squares.c and spectrum.c against twins: sorted lists of degrees, correlations over lists of links, cycles
** looked for by their four corners, and eigenvalues of the whole matrix A A'.
*/
#include "mask_fixture.h"
#include "solve/jacobi.h"
#include "sparse/wiring.h"
#include "topology/assort.h"
#include "topology/spectrum.h"
#include "topology/spread.h"
#include "topology/squares.h"
#include <stdlib.h>

/* ---- twins ---- */

static int ascending (const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static Spread naive_spread (double *d, int32_t n) {
  double sum = 0, off = 0, gini = 0;
  qsort(d, (size_t)n, sizeof *d, ascending);
  for (int32_t k = 0; k < n; k++) sum += d[k];
  for (int32_t k = 0; k < n; k++) {
    off += (d[k] - sum / n) * (d[k] - sum / n);
    gini += (2 * (k + 1) - n - 1) * d[k];
  }
  if (sum <= 0) return (Spread){ 0, 0, 0 };
  return (Spread){ sqrt(off / n) / (sum / n), gini / (n * sum), d[n - 1] / (sum / n) };
}

static double naive_pearson (const double *x, const double *y, int64_t n) {
  double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
  int vary_x = 0, vary_y = 0;
  for (int64_t k = 0; k < n; k++) {
    mx += x[k] / (double)n;
    my += y[k] / (double)n;
    vary_x |= x[k] > x[0] || x[k] < x[0];
    vary_y |= y[k] > y[0] || y[k] < y[0];
  }
  for (int64_t k = 0; k < n; k++) {
    xx += (x[k] - mx) * (x[k] - mx);
    yy += (y[k] - my) * (y[k] - my);
    xy += (x[k] - mx) * (y[k] - my);
  }
  return vary_x && vary_y && n > 1 ? xy / sqrt(xx * yy) : (double)NAN;
}

/* Mean rank of each, by counting who is smaller. */
static void naive_ranks (const double *d, int32_t n, double *rank) {
  for (int32_t u = 0; u < n; u++) {
    int32_t smaller = 0, same = 0;
    for (int32_t v = 0; v < n; v++) {
      smaller += d[v] < d[u];
      same += d[v] <= d[u] && d[v] >= d[u];
    }
    rank[u] = smaller + (same + 1) / 2.0;
  }
}

static double naive_cycles (const Masks *m) {
  double cycles = 0;
  for (int32_t i = 0; i < m->size[0]; i++)
    for (int32_t j = 0; j < i; j++)
      for (int32_t o = 0; o < m->size[1]; o++)
        for (int32_t p = 0; p < o; p++) cycles += m->at[0][i][o] && m->at[0][i][p] && m->at[0][j][o] && m->at[0][j][p];
  return cycles;
}

/* Paths j - o - i - p of four different units. */
static double naive_three_paths (const Masks *m) {
  double paths = 0;
  for (int32_t i = 0; i < m->size[0]; i++)
    for (int32_t o = 0; o < m->size[1]; o++)
      for (int32_t j = 0; m->at[0][i][o] && j < m->size[0]; j++)
        for (int32_t p = 0; j != i && m->at[0][j][o] && p < m->size[1]; p++) paths += p != o && m->at[0][i][p];
  return paths;
}

static void naive_singular (const Masks *m, double mu[2]) {
  static double g[MASK_SIDE * MASK_SIDE], value[MASK_SIDE], vector[MASK_SIDE * MASK_SIDE];
  int32_t n = m->size[0];
  for (int32_t i = 0; i < n; i++)
    for (int32_t j = 0; j < n; j++) {
      g[i * n + j] = 0;
      for (int32_t o = 0; o < m->size[1]; o++) g[i * n + j] += m->at[0][i][o] && m->at[0][j][o];
    }
  jacobi_eigen(g, n, value, vector);
  mu[0] = sqrt(fmax(value[0], 0));
  mu[1] = n > 1 ? sqrt(fmax(value[1], 0)) : 0;
}

/* ---- one layer ---- */

static void check_spread (const Masks *m) {
  double d[MASK_SIDE];
  Spread ours, theirs;
  for (int out = 0; out < 2; out++) {
    int32_t n = m->size[!out];
    for (int32_t u = 0; u < n; u++) d[u] = out ? mask_out(m, 0, u) : mask_in(m, 0, u);
    assert_true(spread_of(&m->stack, 0, out, &ours));
    theirs = naive_spread(d, n);
    assert_near(ours.cv, theirs.cv, 1e-12);
    assert_near(ours.gini, theirs.gini, 1e-12);
    assert_near(ours.largest_over_mean, theirs.largest_over_mean, 1e-12);
  }
}

static void check_assortativity (const Masks *m) {
  static double x[2 * MASK_SIDE * MASK_SIDE], y[2 * MASK_SIDE * MASK_SIDE];
  int64_t n = 0;
  for (int32_t i = 0; i < m->size[0]; i++)
    for (int32_t o = 0; o < m->size[1]; o++) {
      if (!m->at[0][i][o]) continue;
      x[n] = mask_out(m, 0, i);
      y[n++] = mask_in(m, 0, o);
    }
  Assortativity a = assort_of(&m->stack, 0);
  assert_near(a.once, naive_pearson(x, y, n), 1e-9);
  memcpy(x + n, y, (size_t)n * sizeof *x);
  memcpy(y + n, x, (size_t)n * sizeof *x);
  assert_near(a.both, n > 1 ? naive_pearson(x, y, 2 * n) : (double)NAN, 1e-9);
}

static void check_squares (const Masks *m) {
  Squares q;
  double cycles = naive_cycles(m), paths = naive_three_paths(m);
  for (int threads = 1; threads <= 4; threads++) {
    assert_true(squares_count(&m->stack, 0, threads, &q));
    assert_near(q.four_cycles, cycles, 0);
    assert_near(q.three_paths, paths, 0);
    assert_near(q.c4, paths > 0 ? 4 * cycles / paths : 0, 1e-15);
  }
}

static void check_spectrum (const Masks *m) {
  Spectrum one, p;
  double mu[2];
  naive_singular(m, mu);
  assert_true(spectrum_of(&m->stack, 0, 1, &one));
  assert_near(one.mu1, mu[0], 2e-6 * fmax(1, mu[0]));
  assert_near(one.mu2, mu[1], 2e-6 * fmax(1, mu[1]));
  for (int threads = 2; threads <= 4; threads++) {
    assert_true(spectrum_of(&m->stack, 0, threads, &p));
    assert_memory_equal(&p.mu1, &one.mu1, 2 * sizeof p.mu1);
  }
}

static void test_layers_like_their_twins (void **state) {
  (void)state;
  Rng rng;
  rng_seed(&rng, 1, 0);
  for (int trial = 0; trial < 200; trial++) {
    static Masks m;
    masks_draw(&m, &rng, 1, trial % 3 == 0);
    check_spread(&m);
    check_assortativity(&m);
    check_squares(&m);
    check_spectrum(&m);
    masks_free(&m);
  }
}

static void test_hidden_units (void **state) {
  (void)state;
  Rng rng;
  rng_seed(&rng, 2, 0);
  for (int trial = 0; trial < 200; trial++) {
    static Masks m;
    double in[MASK_SIDE], out[MASK_SIDE], in_rank[MASK_SIDE], out_rank[MASK_SIDE], rho;
    masks_draw(&m, &rng, 2, trial % 3 == 0);
    for (int32_t u = 0; u < m.size[1]; u++) {
      in[u] = mask_in(&m, 0, u);
      out[u] = mask_out(&m, 1, u);
    }
    naive_ranks(in, m.size[1], in_rank);
    naive_ranks(out, m.size[1], out_rank);
    assert_true(spread_in_out(&m.stack, 1, &rho));
    assert_near(rho, naive_pearson(in_rank, out_rank, m.size[1]), 1e-9);
    masks_free(&m);
  }
}

/* ---- spectra that are known ---- */

/* `blocks` full blocks of a x b: sqrt(a b) as often. */
static void test_multiple_singular_values (void **state) {
  (void)state;
  for (int32_t blocks = 1; blocks <= 8; blocks++) {
    static Masks m;
    Spectrum p;
    memset(&m, 0, sizeof m);
    m.stack.n = 1;
    m.size[0] = 3 * blocks;
    m.size[1] = 4 * blocks;
    for (int32_t i = 0; i < m.size[0]; i++)
      for (int32_t o = 0; o < m.size[1]; o++) m.at[0][i][o] = i / 3 == o / 4;
    masks_link(&m);
    assert_true(spectrum_of(&m.stack, 0, 1, &p));
    assert_near(p.mu1, sqrt(12), 1e-6);
    assert_near(p.mu2, blocks > 1 ? sqrt(12) : 0, 1e-6);
    masks_free(&m);
  }
}

/* A ring of n and n units, each linked with d in a row: sin(pi d j / n) / sin(pi j / n), j = 0, 1, ...; more units than
** vectors are held, and values that crowd at the top. */
static void test_rings (void **state) {
  (void)state;
  const int32_t n[] = { 97, 250, 2000 }, d = 5;
  for (int c = 0; c < 3; c++) {
    int32_t size[2] = { n[c], n[c] };
    Sparse *W = sparse_new(n[c], n[c], (int64_t)n[c] * d);
    for (int32_t i = 0; i < n[c]; i++) {
      W->ptr[i + 1] = W->ptr[i] + d;
      for (int32_t j = 0, at = 0; j < n[c]; j++)
        if ((j - i + n[c]) % n[c] < d) W->to[W->ptr[i] + at++] = j;
    }
    sparse_mirror(W, 1);
    Stack s = { 1, size, (const Sparse *const *)&W, NULL };
    Spectrum one, four;
    assert_true(spectrum_of(&s, 0, 1, &one) && spectrum_of(&s, 0, 4, &four));
    assert_near(one.mu1, d, 1e-5);
    assert_near(one.mu2, sin(acos(-1) * d / n[c]) / sin(acos(-1) / n[c]), 1e-5);
    assert_memory_equal(&one.mu1, &four.mu1, 2 * sizeof one.mu1);
    sparse_free(W);
  }
}

/* More units than vectors are held, values as close as chance makes them: against the whole matrix. */
static void test_spectra_of_larger_layers (void **state) {
  (void)state;
  enum { IN = 160, OUT = 220 };
  static double g[IN * IN], value[IN], vector[IN * IN];
  for (uint64_t seed = 0; seed < 3; seed++) {
    Rng wiring, weights;
    rng_seed(&wiring, seed, RNG_WIRING);
    rng_seed(&weights, seed, RNG_WEIGHTS);
    Sparse *W = wiring_erdos_renyi(IN, OUT, 0.05, init_find("he_uniform"), &wiring, &weights, 1);
    memset(g, 0, sizeof g);
    for (int32_t o = 0; o < OUT; o++)
      for (int64_t m = W->in_ptr[o]; m < W->in_ptr[o + 1]; m++)
        for (int64_t p = W->in_ptr[o]; p < W->in_ptr[o + 1]; p++) g[W->from[m] * IN + W->from[p]]++;
    jacobi_eigen(g, IN, value, vector);
    const int32_t size[2] = { IN, OUT };
    Stack s = { 1, size, (const Sparse *const *)&W, NULL };
    Spectrum p;
    assert_true(spectrum_of(&s, 0, 1, &p));
    assert_near(p.mu1, sqrt(value[0]), 1e-5);
    assert_near(p.mu2, sqrt(value[1]), 1e-5);
    sparse_free(W);
  }
}

/* ---- memory ---- */

#ifdef LAB_FAIL_ALLOC
static int measure (const Stack *s) {
  Spread spread;
  Squares q;
  Spectrum p;
  double rho;
  return spread_of(s, 0, 1, &spread) && spread_in_out(s, 1, &rho) && squares_count(s, 0, 2, &q) && spectrum_of(s, 0, 2, &p);
}

static void test_without_memory (void **state) {
  (void)state;
  static Masks m;
  Rng rng;
  rng_seed(&rng, 3, 0);
  do masks_draw(&m, &rng, 2, 0);
  while (m.W[0]->links == 0);
  uint64_t held = mem_held();
  for (long n = 1;; n++) {
    mem_fail_at(n);
    int there = measure(&m.stack);
    mem_fail_at(0);
    assert_true(mem_held() == held);
    if (there) break;
  }
  masks_free(&m);
}
#endif

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_layers_like_their_twins),
    cmocka_unit_test(test_hidden_units),
    cmocka_unit_test(test_multiple_singular_values),
    cmocka_unit_test(test_rings),
    cmocka_unit_test(test_spectra_of_larger_layers),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(test_without_memory),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("layers", tests, NULL, NULL);
}
