/*
** workers/merge.c: the nets of several ranks made one, against sums over dense matrices. Alone it is one rank; tests/program/test_ranks.sh
** starts it as several.
*/
#include "net_fixture.h"
#include "workers/merge.h"
#include <stdio.h>
#include <stdlib.h>

/* The sanitizer asks: MPI libraries keep memory to the end, in modules that are unloaded by then and cannot be named in leaks.supp. What this
** code keeps is counted below. */
int __lsan_is_turned_off (void);
int __lsan_is_turned_off (void) { return 1; }

static Ranks *ranks;

/* The net of a rank, with biases of its own. */
static Net *net_of (int rank, int32_t outputs) {
  Recipe r = { { 12, 20, 16, outputs }, { 0.3, 0.4, 1 }, "srelu", "linear", "cross_entropy", 0, 11 + (uint64_t)rank, 1, NULL, 0, 0, { 0, 0 }, 0, RULE_SGD, { 0 } };
  Net *net = make_net(&r);
  for (int32_t l = 0; l < 3; l++)
    for (int32_t u = 0; u < net_units(net, l + 1); u++) ((float *)(uintptr_t)net_bias(net, l))[u] = 0.1f * (float)(u + rank);
  return net;
}

/* Layer l as a matrix: input unit by input unit. */
static float *matrix_of (const Net *net, int32_t l) {
  const Sparse *W = net_sparse(net, l);
  int32_t n_out = net_units(net, l + 1);
  float *full = mem_zero((size_t)net_units(net, l) * (size_t)n_out, sizeof *full);
  for (int32_t i = 0; W && i < W->n_in; i++)
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) full[i * n_out + W->to[k]] = W->w[k];
  for (int32_t i = 0; !W && i < net_units(net, l); i++)
    for (int32_t o = 0; o < n_out; o++) full[i * n_out + o] = net_dense(net, l)->w[o * net_units(net, l) + i];
  return full;
}

/* The naive twin: the sum of those matrices, by cell. */
static double *sum_of_all (int32_t l, int32_t cells, int64_t *links) {
  double *sum = mem_zero((size_t)cells, sizeof *sum);
  *links = 0;
  for (int rank = 0; rank < ranks_number(ranks); rank++) {
    Net *net = net_of(rank, 3);
    float *full = matrix_of(net, l);
    *links += net_links(net, l);
    for (int32_t c = 0; c < cells; c++) sum[c] += (double)full[c];
    mem_free(full);
    net_free(net);
  }
  return sum;
}

/* Links have the mean as weight; those that are missing are, of each sign, nearer to 0 than all that are there; and there are as many as each rank had. */
static void compare_layer (const Net *merged, int32_t l) {
  int number = ranks_number(ranks);
  int32_t cells = net_units(merged, l) * net_units(merged, l + 1);
  int64_t all;
  double *sum = sum_of_all(l, cells, &all), above = HUGE_VAL, below = -HUGE_VAL;
  float *full = matrix_of(merged, l);
  for (int32_t c = 0; c < cells; c++) {
    double mean = sum[c] / number;
    if (full[c] == 0) continue;
    assert_true(fabs((double)full[c] - mean) < 1e-6);
    if (mean > 0) above = fmin(above, mean);
    else below = fmax(below, mean);
  }
  for (int32_t c = 0; c < cells; c++)
    if (full[c] == 0 && sum[c] != 0) assert_true(sum[c] > 0 ? sum[c] / number < above + 1e-7 : sum[c] / number > below - 1e-7);
  assert_true(llabs(net_links(merged, l) - (all + number / 2) / number) <= 4);
  mem_free(full);
  mem_free(sum);
}

static void test_mean (void **state) {
  (void)state;
  uint64_t before = mem_held();
  Net *net = net_of(ranks_rank(ranks), 3);
  char why[NET_REWIRE_WHY];
  int number = ranks_number(ranks);
  assert_true(net_merge(net, ranks, 9, why));
  assert_null(net_check(net));
  for (int32_t l = 0; l < 3; l++) {
    compare_layer(net, l);
    for (int32_t u = 0; u < net_units(net, l + 1); u++) assert_true(fabs((double)net_bias(net, l)[u] - 0.1 * (u + (number - 1) / 2.0)) < 1e-6);
  }
  net_free(net);
  assert_int_equal(mem_held(), before);
}

static void test_forgotten (void **state) {
  (void)state;
  Net *net = net_of(ranks_rank(ranks), 3);
  char why[NET_REWIRE_WHY];
  Sparse *W = (Sparse *)(uintptr_t)net_sparse(net, 0);
  for (int64_t k = 0; k < W->links; k++) W->momentum[k] = 1;
  assert_true(net_merge(net, ranks, 9, why));
  for (int64_t k = 0; k < W->links; k++) assert_true(W->momentum[k] == 0);
  net_free(net);
}

/* A weight that is no number is said, on all ranks. */
static void test_not_finite (void **state) {
  (void)state;
  Net *net = net_of(ranks_rank(ranks), 3);
  char why[NET_REWIRE_WHY];
  Sparse *W = (Sparse *)(uintptr_t)net_sparse(net, 0);
  W->w[3] = NAN;
  assert_false(net_merge(net, ranks, 9, why));
  assert_non_null(strstr(why, "not a finite number"));
  net_free(net);
}

/* The cells that rank 0 has tried are what all remember. */
static void test_tried (void **state) {
  (void)state;
  Net *net = net_of(ranks_rank(ranks), 3), *first = net_of(0, 3);
  char why[NET_REWIRE_WHY];
  assert_true(net_keep_history(net, 1, 1));
  assert_true(net_merge(net, ranks, 9, why));
  const Sparse *tried = net_tried(net, 0), *begun = net_sparse(first, 0);
  for (int32_t i = 0; i < begun->n_in; i++)   /* those that it began with, at least */
    for (int64_t k = begun->ptr[i], t = tried->ptr[i]; k < begun->ptr[i + 1]; k++) {
      while (t < tried->ptr[i + 1] && tried->to[t] < begun->to[k]) t++;
      assert_true(t < tried->ptr[i + 1] && tried->to[t] == begun->to[k]);
    }
  assert_null(net_check(net));
  net_free(net);
  net_free(first);
}

int main (void) {
  const char *why;
  const struct CMUnitTest tests[] = { cmocka_unit_test(test_mean), cmocka_unit_test(test_forgotten), cmocka_unit_test(test_not_finite), cmocka_unit_test(test_tried) };
  if (!ranks_library()) {
    puts("1..1\nok 1 - the nets of ranks made one # SKIP the program was built without MPI");
    return 0;
  }
  ranks = ranks_join(&why);
  if (!ranks) return 1;
  cmocka_set_message_output(CM_OUTPUT_TAP);
  int status = cmocka_run_group_tests_name("merge", tests, NULL, NULL);
  if (ranks_agree(ranks, status, 5)) ranks_leave(ranks);
  else ranks_abort(ranks, 1);
  return status;
}
