/*
** reach.c and paths.c against twins that walk cell by cell: units that are taken out until none is left to take, and
** paths that are followed one by one.
*/
#include "mask_fixture.h"
#include "evolve/percolate.h"
#include "topology/paths.h"
#include "topology/reach.h"
#include "sparse/wiring.h"
#include <stdlib.h>

/* ---- twins ---- */

/* Takes links away at units without a link in or out until nothing changes. */
static void naive_percolate (Masks *m) {
  for (int changed = 1; changed;) {
    changed = 0;
    for (int32_t l = 0; l < m->stack.n; l++)
      for (int32_t i = 0; i < m->size[l]; i++)
        for (int32_t o = 0; o < m->size[l + 1]; o++) {
          int dead = (l > 0 && mask_in(m, l - 1, i) == 0) || (l + 1 < m->stack.n && mask_out(m, l + 1, o) == 0);
          if (m->at[l][i][o] && dead) m->at[l][i][o] = 0, changed = 1;
        }
  }
}

static int64_t naive_links (const Masks *m, int32_t l) {
  int64_t links = 0;
  for (int32_t i = 0; i < m->size[l]; i++) links += mask_out(m, l, i);
  return links;
}

static int naive_on_path (const Masks *left, int32_t level, int32_t u) {
  return level < left->stack.n ? mask_out(left, level, u) > 0 : mask_in(left, level - 1, u) > 0;
}

/* RigL's count: level by level, units out that have no living unit below or no link out. */
static void naive_once (const Masks *m, int32_t *once) {
  uint8_t live[MASK_LAYERS + 1][MASK_SIDE];
  for (int32_t l = 0; l <= m->stack.n; l++) {
    once[l] = 0;
    for (int32_t u = 0; u < m->size[l]; u++) {
      int in = l == 0, out = l == m->stack.n || mask_out(m, l, u) > 0;
      for (int32_t i = 0; l > 0 && i < m->size[l - 1]; i++) in |= live[l - 1][i] && m->at[l - 1][i][u];
      live[l][u] = in && out;
      once[l] += live[l][u];
    }
  }
}

/* Paths from unit u of a level to the outputs. */
static double naive_paths (const Masks *m, int32_t level, int32_t u) {
  double paths = level == m->stack.n;
  for (int32_t o = 0; level < m->stack.n && o < m->size[level + 1]; o++)
    if (m->at[level][u][o]) paths += naive_paths(m, level + 1, o);
  return paths;
}

static double naive_paths_to (const Masks *m, int32_t level, int32_t u) {
  double paths = level == 0;
  for (int32_t i = 0; level > 0 && i < m->size[level - 1]; i++)
    if (m->at[level - 1][i][u]) paths += naive_paths_to(m, level - 1, i);
  return paths;
}

/* ---- reach ---- */

static void check_reach (const Masks *m, const Masks *left) {
  UnitCount count[MASK_LAYERS + 1];
  int64_t links[MASK_LAYERS];
  int32_t once[MASK_LAYERS + 1], active = 0, units = 0, n = m->stack.n;
  uint8_t *flags = reach_new(&m->stack);
  assert_true(reach_count(&m->stack, flags, count));
  reach_links(&m->stack, flags, links);
  naive_once(m, once);
  for (int32_t l = 0; l <= n; l++) {
    int32_t no_in = 0, no_out = 0, either = 0, on_path = 0;
    for (int32_t u = 0; u < m->size[l]; u++) {
      int in = l == 0 || mask_in(m, l - 1, u) > 0, out = l == n || mask_out(m, l, u) > 0;
      no_in += !in;
      no_out += !out;
      either += !in || !out;
      on_path += naive_on_path(left, l, u);
      active += l < n ? out : in;
      units++;
    }
    assert_true(count[l].units == m->size[l]);
    assert_true(count[l].no_in == no_in && count[l].no_out == no_out && count[l].either == either);
    assert_true(count[l].on_path == on_path && count[l].once == once[l]);
  }
  for (int32_t l = 0; l < n; l++) assert_true(links[l] == naive_links(left, l));
  assert_near(reach_active(&m->stack, flags), (double)active / units, 1e-12);
  mem_free(flags);
}

static void test_reach_like_taking_out (void **state) {
  (void)state;
  Rng rng;
  rng_seed(&rng, 1, 0);
  for (int trial = 0; trial < 300; trial++) {
    static Masks m, left;
    masks_draw(&m, &rng, 1 + trial % MASK_LAYERS, trial % 2);
    left = m;
    naive_percolate(&left);
    check_reach(&m, &left);
    masks_free(&m);
  }
}

/* Percolation until nothing changes leaves the same links. */
static void test_reach_like_percolation (void **state) {
  (void)state;
  Rng rng;
  rng_seed(&rng, 2, 0);
  for (int trial = 0; trial < 100; trial++) {
    static Masks m;
    uint8_t *keep[MASK_LAYERS];
    int64_t links[MASK_LAYERS], removed[MASK_LAYERS];
    masks_draw(&m, &rng, 1 + trial % MASK_LAYERS, 0);
    for (int32_t l = 0; l < m.stack.n; l++) {
      keep[l] = mem_new((size_t)m.W[l]->links, 1);
      memset(keep[l], 1, (size_t)m.W[l]->links);
    }
    assert_true(percolate(m.stack.n, m.stack.W, keep, PERCOLATE_ALL, removed) >= 0);
    uint8_t *flags = reach_new(&m.stack);
    reach_links(&m.stack, flags, links);
    for (int32_t l = 0; l < m.stack.n; l++) {
      assert_true(links[l] == m.W[l]->links - removed[l]);
      mem_free(keep[l]);
    }
    mem_free(flags);
    masks_free(&m);
  }
}

/* ---- paths ---- */

static void test_paths_like_following_them (void **state) {
  (void)state;
  Rng rng;
  rng_seed(&rng, 3, 0);
  for (int trial = 0; trial < 60; trial++) {
    static Masks m;
    static double share[MASK_LAYERS * MASK_SIDE];
    double total = 0, log10_paths, *at = share;
    masks_draw(&m, &rng, 1 + trial % 3, trial % 2);
    for (int32_t i = 0; i < m.size[0]; i++) total += naive_paths(&m, 0, i);
    char *digits = paths_exact(&m.stack, m.stack.n);
    assert_true(strtod(digits, NULL) == total);
    assert_true(paths_share(&m.stack, share, &log10_paths));
    assert_true(total > 0 ? fabs(log10_paths - log10(total)) < 1e-12 : log10_paths == -HUGE_VAL);
    for (int32_t l = 0; l <= m.stack.n; at += m.size[l++])
      for (int32_t u = 0; u < m.size[l]; u++)
        assert_near(at[u], total > 0 ? naive_paths(&m, l, u) * naive_paths_to(&m, l, u) / total : 0, 1e-12);
    mem_free(digits);
    masks_free(&m);
  }
}

/* 100 dense levels of 1000 units have 1000^100 paths: more than a double holds. */
static void test_paths_beyond_doubles (void **state) {
  (void)state;
  static int32_t size[100];
  static double share[100000];
  const Sparse *W[99] = { NULL };
  double log10_paths;
  for (int32_t l = 0; l < 100; l++) size[l] = 1000;
  Stack s = { 99, size, W, NULL };
  char *digits = paths_exact(&s, 99);
  assert_true(strlen(digits) == 301 && digits[0] == '1' && strspn(digits + 1, "0") == 300);
  mem_free(digits);
  for (int32_t l = 0; l < 100; l++) size[l] = 1000 - (l == 7);
  assert_true(paths_share(&s, share, &log10_paths));
  assert_near(log10_paths, 297 + log10(999), 1e-9);
  assert_near(share[0], 1e-3, 1e-15);
  assert_near(share[7000], 1.0 / 999, 1e-15);
}

/* ---- memory ---- */

#ifdef LAB_FAIL_ALLOC
static int measure (const Stack *s) {
  UnitCount count[MASK_LAYERS + 1];
  static double share[MASK_LAYERS * MASK_SIDE];
  double log10_paths;
  uint8_t *flags = reach_new(s);
  char *digits = paths_exact(s, s->n);
  int there = flags && digits && reach_count(s, flags, count) && paths_share(s, share, &log10_paths);
  mem_free(flags);
  mem_free(digits);
  return there;
}

static void test_without_memory (void **state) {
  (void)state;
  static Masks m;
  Rng rng;
  rng_seed(&rng, 4, 0);
  masks_draw(&m, &rng, 3, 0);
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

/* ---- skip links ---- */

/* 2 inputs; units 0 and 1; one output. Unit 0 has no link in, unit 1 none out; only input 1 reaches the output, by a skip link. */
static void test_skip_links (void **state) {
  (void)state;
  int32_t from0[] = { 0 }, to0[] = { 1 }, from1[] = { 0, 3 }, to1[] = { 0, 0 }, size[] = { 2, 2, 1 }, rows[] = { 2, 4 };
  Rng rng;
  const char *why;
  rng_seed(&rng, 1, RNG_WEIGHTS);
  const Sparse *W[2] = { wiring_given(2, 2, 1, from0, to0, init_find("normal"), &rng, &why), wiring_given(4, 1, 2, from1, to1, init_find("normal"), &rng, &why) };
  Stack s = { 2, size, W, rows };
  const uint8_t want[5] = { UNIT_IN | UNIT_FED | UNIT_OUT, UNIT_IN | UNIT_FED | UNIT_OUT | UNIT_READ, UNIT_OUT | UNIT_READ, UNIT_IN | UNIT_FED,
                            UNIT_IN | UNIT_FED | UNIT_OUT | UNIT_READ };
  uint8_t *flags = reach_new(&s);
  assert_memory_equal(flags, want, 5);
  UnitCount count[3];
  int64_t links[2];
  assert_true(reach_count(&s, flags, count));
  reach_links(&s, flags, links);
  const int32_t on_path[3] = { 1, 0, 1 }, once[3] = { 2, 0, 1 };
  for (int l = 0; l < 3; l++) assert_true(count[l].on_path == on_path[l] && count[l].once == once[l]);
  assert_true(links[0] == 0 && links[1] == 1);
  assert_true(stack_skips(&s) && stack_cells(&s, 1) == 4);
  mem_free(flags);
  const Sparse *dense[2] = { W[0], NULL };   /* all of the output's links are there */
  s.W = dense;
  flags = reach_new(&s);
  reach_links(&s, flags, links);
  assert_true(links[0] == 1 && links[1] == 3);   /* unit 1 and both inputs */
  mem_free(flags);
  for (int l = 0; l < 2; l++) sparse_free((Sparse *)(uintptr_t)W[l]);
}

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_reach_like_taking_out),
    cmocka_unit_test(test_reach_like_percolation),
    cmocka_unit_test(test_skip_links),
    cmocka_unit_test(test_paths_like_following_them),
    cmocka_unit_test(test_paths_beyond_doubles),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(test_without_memory),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("flow", tests, NULL, NULL);
}
