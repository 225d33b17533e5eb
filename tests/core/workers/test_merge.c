/*
** workers/merge.c: the nets of several ranks made one, against sums over dense matrices. Alone it is one rank; tests/program/test_ranks.sh
** starts it as several. The first part looks at the mean, the second at the prune.
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
  Recipe r = { { 12, 20, 16, outputs }, { 0.3, 0.4, 1 }, "srelu", "linear", "cross_entropy", 0, 11 + (uint64_t)rank, 1, NULL, 0, 0, { 0, 0 }, 0, RULE_SGD };
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

/* The naive twin: the mean of those matrices, and of biases. */
static void compare_means (const Net *merged, int32_t outputs) {
  int number = ranks_number(ranks);
  for (int32_t l = 0; l < 3; l++) {
    int32_t cells = net_units(merged, l) * net_units(merged, l + 1);
    double *sum = mem_zero((size_t)cells, sizeof *sum);
    int64_t linked = 0;
    for (int rank = 0; rank < number; rank++) {
      Net *net = net_of(rank, outputs);
      float *full = matrix_of(net, l);
      for (int32_t c = 0; c < cells; c++) sum[c] += (double)full[c];
      mem_free(full);
      net_free(net);
    }
    float *full = matrix_of(merged, l);
    for (int32_t c = 0; c < cells; c++) {
      linked += sum[c] != 0;
      assert_true(fabs((double)full[c] - sum[c] / number) < 1e-6);
    }
    if (net_sparse(merged, l)) assert_int_equal(net_links(merged, l), linked);
    for (int32_t u = 0; u < net_units(merged, l + 1); u++)
      assert_true(fabs((double)net_bias(merged, l)[u] - 0.1 * (u + (number - 1) / 2.0)) < 1e-6);
    mem_free(full);
    mem_free(sum);
  }
}

static void test_mean (void **state) {
  (void)state;
  Net *net = net_of(ranks_rank(ranks), 3);
  int64_t target[] = { 1 << 20, 1 << 20, 0 };
  uint64_t before = mem_held();
  Net *other = net_of(0, 3);
  net_free(other);
  assert_int_equal(mem_held(), before);
  assert_true(net_merge(net, ranks, target, 9));
  assert_null(net_check(net));
  compare_means(net, 3);
  net_free(net);
  assert_true(mem_held() < before);
}

/* Back to the links that there were, the weakest gone; velocities are gone, too. */
static void test_prune (void **state) {
  (void)state;
  Net *net = net_of(ranks_rank(ranks), 3), *whole = net_of(ranks_rank(ranks), 3);
  int64_t target[] = { 72, 128, 0 }, all[] = { 1 << 20, 1 << 20, 0 };
  Sparse *W = (Sparse *)(uintptr_t)net_sparse(net, 0);
  for (int64_t k = 0; k < W->links; k++) W->momentum[k] = 1;
  assert_true(net_merge(net, ranks, target, 9));
  assert_true(net_merge(whole, ranks, all, 9));
  for (int32_t l = 0; l < 2; l++) {
    W = (Sparse *)(uintptr_t)net_sparse(net, l);
    assert_true(W->links <= net_links(whole, l));
    if (net_links(whole, l) > target[l]) assert_true(llabs(W->links - target[l]) <= 4);
    float *full = matrix_of(net, l), *before = matrix_of(whole, l), weakest = INFINITY;
    int32_t cells = W->n_in * W->n_out;
    for (int32_t c = 0; c < cells; c++)
      if (full[c] > 0) weakest = fminf(weakest, full[c]);
    for (int32_t c = 0; c < cells; c++) {
      if (full[c] != 0) assert_true(full[c] == before[c]);
      else assert_true(before[c] < weakest);
    }
    for (int64_t k = 0; k < W->links; k++) assert_true(W->momentum[k] == 0);
    mem_free(full);
    mem_free(before);
  }
  net_free(net);
  net_free(whole);
}

int main (void) {
  const char *why;
  const struct CMUnitTest tests[] = { cmocka_unit_test(test_mean), cmocka_unit_test(test_prune) };
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
