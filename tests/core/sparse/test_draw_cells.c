/*
** Cells drawn by weights: every pair of draws as often as the naive way has it, by trial and by the pass over all cells; what is never
** drawn; and the end of the cells.
*/
#include "sparse/draw_cells.h"
#include "base/mem.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { N_IN = 3, N_OUT = 4, CELLS = N_IN * N_OUT };

/* Links where the map has an x; of these, capitals are not kept. */
static Sparse *links_of (const char *map, int32_t n_in, int32_t n_out, uint8_t *keep) {
  int64_t n = 0, k = 0;
  for (const char *c = map; *c; c++) n += *c == 'x' || *c == 'X';
  Sparse *W = sparse_new(n_in, n_out, n);
  assert_non_null(W);
  for (int32_t i = 0; i < n_in; i++) {
    W->ptr[i] = k;
    for (int32_t o = 0; o < n_out; o++) {
      char c = map[i * n_out + o];
      if (c != 'x' && c != 'X') continue;
      W->to[k] = o;
      keep[k++] = c == 'x';
    }
  }
  W->ptr[n_in] = k;
  return W;
}

static const char *const map = "x..X"
                               ".x.."
                               "...x";

/* The chance that the first two draws are cells a and b. */
static double chance (const double weight[CELLS], int a, int b) {
  double all = 0;
  for (int c = 0; c < CELLS; c++) all += weight[c];
  return a == b ? 0 : weight[a] / all * weight[b] / (all - weight[a]);
}

/* 40,000 pairs of first draws of `count`, against the chances: chi-square with as many degrees of freedom as there are pairs. */
static void check_chances (const float *below, const float *above, int64_t count) {
  enum { ROUNDS = 40000 };
  uint8_t keep[CELLS];
  Sparse *W = links_of(map, N_IN, N_OUT, keep);
  double weight[CELLS], chi = 0;
  static int seen[CELLS][CELLS];
  int pairs = 0;
  memset(seen, 0, sizeof seen);
  for (int c = 0; c < CELLS; c++) weight[c] = map[c] == 'x' ? 0 : (double)below[c / N_OUT] * (above ? (double)above[c % N_OUT] : 1);
  Rng rng;
  rng_seed(&rng, 5, 0);
  for (int round = 0; round < ROUNDS; round++) {
    int32_t from[CELLS], to[CELLS];
    assert_int_equal(draw_cells(W, keep, below, above, count, &rng, from, to), count);
    seen[from[0] * N_OUT + to[0]][from[1] * N_OUT + to[1]]++;
  }
  for (int a = 0; a < CELLS; a++)
    for (int b = 0; b < CELLS; b++) {
      double expected = ROUNDS * chance(weight, a, b);
      if (expected > 0) chi += pow(seen[a][b] - expected, 2) / expected, pairs++;
      else assert_int_equal(seen[a][b], 0);
    }
  double freedom = pairs - 1;
  if (fabs(chi - freedom) > 5 * sqrt(2 * freedom)) fail_msg("chi-square is %.4g with %g degrees of freedom", chi, freedom);
  sparse_free(W);
}

/* With few cells left, the first draws are by trial and the last by keys; a weight that only a linked cell could use makes trials fail. */
static void test_chances (void **state) {
  (void)state;
  const float below[] = { 1, 2, 0.5f }, above[] = { 1, 0.25f, 3, 1 }, even[] = { 1, 1, 1 };
  check_chances(below, above, 2);
  check_chances(below, NULL, 3);
  check_chances(even, NULL, 9);   /* all free cells */
}

/* Trials find nothing: nearly all weight lies on a linked cell. So both draws are made by keys. */
static void test_chances_by_keys (void **state) {
  (void)state;
  const float below[] = { 1e9f, 1, 2 };   /* all cells of unit 0 are linked */
  uint8_t keep[CELLS];
  Sparse *W = links_of("xxxx.......x", N_IN, N_OUT, keep);
  int first = 0, rounds = 20000;
  Rng rng;
  rng_seed(&rng, 6, 0);
  const float small_above[] = { 0, 1, 2, 3 };
  for (int round = 0; round < rounds; round++) {
    int32_t from[CELLS], to[CELLS];
    assert_int_equal(draw_cells(W, keep, below, small_above, 1, &rng, from, to), 1);
    first += from[0] == 1 && to[0] == 3;   /* 3 of 1 + 2 + 3 + 2 + 4 */
  }
  assert_true(fabs(first - rounds * 0.25) < 5 * sqrt(rounds * 0.25 * 0.75));
  sparse_free(W);
}

/* Many cells of a larger layer: different, without kept links, weights of 0 never; fewer where there are no more. */
static void test_large (void **state) {
  (void)state;
  enum { IN = 40, OUT = 50 };
  char large[IN * OUT + 1];
  static uint8_t keep[IN * OUT], seen[IN][OUT];
  static int32_t from[IN * OUT], to[IN * OUT];
  float below[IN], above[OUT];
  int64_t free_cells = 0;
  for (int c = 0; c < IN * OUT; c++) large[c] = c * 7 % 11 == 0 ? 'x' : c * 5 % 13 == 0 ? 'X' : '.';
  large[IN * OUT] = '\0';
  for (int i = 0; i < IN; i++) below[i] = i % 7 == 0 ? 0 : (float)(i + 1);
  for (int o = 0; o < OUT; o++) above[o] = o % 9 == 0 ? 0 : 1 / (float)(o + 1);
  for (int c = 0; c < IN * OUT; c++) free_cells += large[c] != 'x' && below[c / OUT] > 0 && above[c % OUT] > 0;
  Sparse *W = links_of(large, IN, OUT, keep);
  const int64_t counts[] = { 0, 1, 300, free_cells, free_cells + 1, IN * OUT };
  for (int k = 0; k < 6; k++) {
    Rng rng;
    rng_seed(&rng, 7, (uint64_t)k);
    int64_t n = draw_cells(W, keep, below, above, counts[k], &rng, from, to);
    assert_int_equal(n, counts[k] < free_cells ? counts[k] : free_cells);
    memset(seen, 0, sizeof seen);
    for (int64_t m = 0; m < n; m++) {
      assert_true(below[from[m]] > 0 && above[to[m]] > 0 && large[from[m] * OUT + to[m]] != 'x' && !seen[from[m]][to[m]]);
      seen[from[m]][to[m]] = 1;
    }
  }
  const float none[IN] = { 0 };
  Rng rng;
  rng_seed(&rng, 7, 0);
  assert_int_equal(draw_cells(W, keep, none, above, 5, &rng, from, to), 0);
  sparse_free(W);
}

int main (void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(test_chances), cmocka_unit_test(test_chances_by_keys), cmocka_unit_test(test_large) };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("draw_cells", tests, NULL, NULL);
}
