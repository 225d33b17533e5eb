/*
** mix.c: what is drawn, against the laws; and the kernel that mixes, for every instruction set that this machine has.
*/
#include "isa.h"
#include "close.h"
#include "data/mix.h"
#include <math.h>

/* ---- drawing ---- */

/* Beta(a, a): mean 1/2, variance 1 / (4 (2 a + 1)). */
static void test_shares (void **state) {
  (void)state;
  static const float alphas[] = { 0.01f, 0.2f, 1, 3.5f, 100 };
  enum { DRAWS = 40000 };
  for (size_t i = 0; i < sizeof alphas / sizeof *alphas; i++) {
    Mixing mixing = { alphas[i], 0 };
    double mean = 0, squares = 0, want = 1 / (4 * (2 * (double)alphas[i] + 1));
    for (uint64_t step = 0; step < DRAWS; step++) {
      Mix mix = mix_draw(&mixing, 9, step, 0, 0);
      assert_true(mix.active && !mix.is_cut && mix.share >= 0 && mix.share <= 1);
      mean += (double)mix.share / DRAWS;
      squares += pow((double)mix.share - 0.5, 2) / DRAWS;
    }
    assert_true(fabs(mean - 0.5) < 5 * sqrt(want / DRAWS));
    assert_true(fabs(squares - want) < 0.05 * want);
  }
}

/* The rectangle lies in the image and takes what the share leaves; the edges cut it, so it is smaller than 1 - lambda on average. */
static void test_boxes (void **state) {
  (void)state;
  Mixing mixing = { 0, 1 };
  int whole = 0, none = 0;
  for (uint64_t step = 0; step < 5000; step++) {
    Mix mix = mix_draw(&mixing, 9, step, 20, 30);
    assert_true(mix.active && mix.is_cut);
    assert_true(0 <= mix.row0 && mix.row0 <= mix.row1 && mix.row1 <= 20 && 0 <= mix.col0 && mix.col0 <= mix.col1 && mix.col1 <= 30);
    double area = (double)(mix.row1 - mix.row0) * (mix.col1 - mix.col0) / 600;
    assert_true(fabs(1 - area - (double)mix.share) < 1e-6);
    whole += area > 0.8;
    none += area < 0.05;
  }
  assert_true(whole > 20 && none > 200);
}

static void test_which (void **state) {
  (void)state;
  Mixing none = { 0, 0 }, both = { 0.4f, 1 };
  int cuts = 0;
  assert_false(mix_draw(&none, 1, 1, 5, 5).active);
  for (uint64_t step = 0; step < 4000; step++) {
    Mix mix = mix_draw(&both, 3, step, 9, 9), again = mix_draw(&both, 3, step, 9, 9);
    assert_memory_equal(&mix.share, &again.share, sizeof mix.share);
    cuts += mix.is_cut;
  }
  assert_true(cuts > 1800 && cuts < 2200);
  for (int32_t n = 1; n < 9; n++)
    for (int32_t b = 0; b < n; b++) {
      int32_t p = mix_partner(b, n);
      assert_true(p >= 0 && p < n && mix_partner(p, n) == b && (p != b || b == n - 1));
    }
}

/* ---- mixing ---- */

static void test_pairs (void **state) {
  const Kernels *kernels = isa_kernels(state);
  enum { ROWS = 3, STRIDE = 64 };
  for (int32_t samples = 0; samples <= STRIDE; samples++)
    for (int s = 0; s <= 4; s++) {
      float share = (float)s / 4, *x = values(ROWS * STRIDE, (uint64_t)samples + 1), *old = values(ROWS * STRIDE, (uint64_t)samples + 1);
      kernels->mix_pairs(x, ROWS, STRIDE, samples, share);
      for (int32_t e = 0; e < ROWS * STRIDE; e++) {
        int32_t b = e % STRIDE, p = b < samples ? mix_partner(b, samples) : b;
        double want = p == b ? (double)old[e] : (double)share * (double)old[e] + (1 - (double)share) * (double)old[e - b + p];
        if (p == b) assert_true(x[e] == old[e]);
        else assert_close(x[e], want, 3, "x", e);
      }
      mem_free(x);
      mem_free(old);
    }
}

int main (void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(test_shares), cmocka_unit_test(test_boxes), cmocka_unit_test(test_which), EACH_ISA(test_pairs) };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("mix", tests, NULL, NULL);
}
