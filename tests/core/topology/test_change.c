/*
** distance.c, track.c and null.c: two nets, one net over time, and one at random. Twins go cell by cell and keep tables of
** all cells.
*/
#include "mask_fixture.h"
#include "solve/assign.h"
#include "sparse/wiring.h"
#include "topology/distance.h"
#include "topology/null.h"
#include "topology/spectrum.h"
#include "topology/squares.h"
#include "topology/track.h"

/* ---- distance ---- */

/* The layers' costs of least sum, inputs of b put in the order that the layer before has found: `at` says where each stands. */
static double naive_layer (const Masks *a, const Masks *b, int32_t l, int32_t *at) {
  static double cost[MASK_SIDE * MASK_SIDE];
  int32_t n = a->size[l + 1], column[MASK_SIDE];
  double sum = 0;
  for (int32_t p = 0; p < n; p++)
    for (int32_t q = 0; q < n; q++) {
      int any = 0, one = 0;
      for (int32_t i = 0; i < a->size[l]; i++) {
        any += a->at[l][at[i]][p] || b->at[l][i][q];
        one += a->at[l][at[i]][p] != b->at[l][i][q];
      }
      cost[p * n + q] = any ? (double)one / any : 0;
    }
  assert_true(assign_least(cost, n, column));
  for (int32_t p = 0; p < n; p++) {
    sum += cost[p * n + column[p]] / n;
    at[column[p]] = p;
  }
  return sum;
}

/* b: a with some cells changed. */
static void draw_changed (const Masks *a, Masks *b, Rng *rng, double share) {
  memcpy(b, a, sizeof *b);
  for (int32_t l = 0; l < a->stack.n; l++)
    for (int32_t i = 0; i < a->size[l]; i++)
      for (int32_t o = 0; o < a->size[l + 1]; o++)
        if (rng_double(rng) < share) b->at[l][i][o] = !b->at[l][i][o];
  masks_link(b);
}

static void test_distance_like_cell_by_cell (void **state) {
  (void)state;
  Rng rng, draw;
  rng_seed(&rng, 1, 0);
  for (int trial = 0; trial < 60; trial++) {
    static Masks a, b;
    double layer[MASK_LAYERS];
    int32_t at[MASK_SIDE];
    masks_draw(&a, &rng, 1 + trial % 4, 0);
    draw_changed(&a, &b, &rng, 0.1);
    assert_true(distance_of(&a.stack, &b.stack, DISTANCE_MOST, &draw, 1 + trial % 3, layer));
    for (int32_t i = 0; i < a.size[0]; i++) at[i] = i;
    for (int32_t l = 0; l < a.stack.n; l++) assert_near(layer[l], naive_layer(&a, &b, l, at), 1e-12);
    masks_free(&a);
    masks_free(&b);
  }
}

/* A net whose hidden units have traded places is no distance away, whichever of the two hides them. */
static void test_distance_of_moved_units (void **state) {
  (void)state;
  Rng rng, draw;
  rng_seed(&rng, 2, 0);
  for (int trial = 0; trial < 20; trial++) {
    static Masks a, b;
    double layer[MASK_LAYERS];
    masks_draw(&a, &rng, 1, 0);
    memcpy(&b, &a, sizeof b);
    for (int32_t o = 0; o < a.size[1]; o++)
      for (int32_t i = 0; i < a.size[0]; i++) b.at[0][i][o] = a.at[0][i][a.size[1] - 1 - o];
    masks_link(&b);
    assert_true(distance_of(&a.stack, &b.stack, DISTANCE_MOST, &draw, 1, layer));
    assert_near(layer[0], 0, 1e-12);
    masks_free(&a);
    masks_free(&b);
  }
}

/* Dense layers, alone or against sparse ones, cost what their full masks do. */
static void test_distance_of_dense_layers (void **state) {
  (void)state;
  Rng rng, draw;
  rng_seed(&rng, 3, 0);
  for (int trial = 0; trial < 40; trial++) {
    static Masks a, b;
    double dense[MASK_LAYERS], full[MASK_LAYERS];
    masks_draw(&a, &rng, 2, 0);
    draw_changed(&a, &b, &rng, 0.2);
    Masks *one = trial % 2 ? &a : &b;
    sparse_free(one->W[0]);
    memset(one->at[0], 1, sizeof one->at[0]);
    one->W[0] = mask_layer(one->size[0], one->size[1], one->at[0]);
    assert_true(distance_of(&a.stack, &b.stack, DISTANCE_MOST, &draw, 1, full));
    int64_t common = distance_common(&a.stack, &b.stack, 0);
    sparse_free(one->W[0]);
    one->W[0] = NULL;
    assert_true(distance_of(&a.stack, &b.stack, DISTANCE_MOST, &draw, 1, dense));
    assert_near(dense[0], full[0], 1e-12);
    assert_true(distance_common(&a.stack, &b.stack, 0) == common);
    masks_free(&a);
    masks_free(&b);
  }
}

/* ---- track ---- */

typedef struct Table {
  uint8_t first[MASK_SIDE][MASK_SIDE], before[MASK_SIDE][MASK_SIDE], ever[MASK_SIDE][MASK_SIDE];
  int32_t birth[MASK_SIDE][MASK_SIDE];
  int64_t gone, regrown, born_at[64];
} Table;

static void check_layer (const Masks *m, int32_t l, Table *t, const Track *track, int32_t look) {
  TrackLook ours = track_layer(track, l);
  int64_t links = 0, born = 0, gone = 0, tried = 0, ever = 0, first = 0, common = 0, alive[64] = { 0 };
  for (int32_t i = 0; i < m->size[l]; i++)
    for (int32_t o = 0; o < m->size[l + 1]; o++) {
      int now = m->at[l][i][o], had = t->before[i][o];
      if (now && !had) t->birth[i][o] = look;
      if (look == 0) t->first[i][o] = (uint8_t)now;
      links += now;
      born += look > 0 && now && !had;
      gone += look > 0 && had && !now;
      tried += look > 0 && now && !t->ever[i][o];
      t->ever[i][o] |= (uint8_t)now;
      ever += t->ever[i][o];
      first += t->first[i][o];
      common += now && t->first[i][o];
      if (now) {
        alive[t->birth[i][o]]++;
        int64_t k = m->W[l]->ptr[i];
        while (m->W[l]->to[k] != o) k++;
        assert_true(track_births(track, l)[k] == t->birth[i][o]);
      }
    }
  t->born_at[look] = look ? born : links;
  t->gone += gone;
  t->regrown += born - tried;
  assert_true(ours.links == links && ours.born == born && ours.gone == gone);
  assert_true(ours.tried == tried && ours.regrown == born - tried);
  assert_true(ours.ever == ever && ours.all_gone == t->gone && ours.all_regrown == t->regrown);
  assert_true(ours.first == first && ours.common_first == common);
  assert_near(ours.jaccard_first, links + first - common ? (double)common / (double)(links + first - common) : 1, 1e-15);
  if (look) assert_near(ours.jaccard_before, links + gone ? (double)(links - born) / (double)(links + gone) : 1, 1e-15);
  const Cohort *cohort = track_cohorts(track, l);
  for (int32_t b = 0; b <= look; b++) assert_true(cohort[b].born == t->born_at[b] && cohort[b].alive == alive[b]);
  memcpy(t->before, m->at[l], sizeof t->before);
}

static void test_track_like_tables (void **state) {
  (void)state;
  Rng rng;
  rng_seed(&rng, 4, 0);
  for (int trial = 0; trial < 12; trial++) {
    static Masks m, next;
    static Table table[2];
    memset(table, 0, sizeof table);
    masks_draw(&m, &rng, 2, 0);
    Track *track = track_new(&m.stack);
    for (int32_t look = 0; look < 30; look++) {
      for (int32_t l = 0; l < 2; l++) check_layer(&m, l, &table[l], track, look);
      draw_changed(&m, &next, &rng, look % 5 == 4 ? 0 : 0.2);
      masks_free(&m);
      memcpy(&m, &next, sizeof m);
      m.stack.size = m.size;
      m.stack.W = (const Sparse *const *)m.W;
      assert_true(track_fits(track, &m.stack) && track_look(track, &m.stack));
    }
    assert_true(track_looks(track) == 31);
    track_free(track);
    masks_free(&m);
  }
}

/* Long lists: thousands of cells come at each look, so that the short list joins the long one again and again. */
static void test_track_of_many_cells (void **state) {
  (void)state;
  enum { IN = 200, OUT = 300 };
  static uint8_t ever[IN][OUT];
  int32_t size[2] = { IN, OUT };
  Track *track = NULL;
  memset(ever, 0, sizeof ever);
  for (uint64_t look = 0; look < 20; look++) {
    Rng wiring, weights;
    rng_seed(&wiring, look, RNG_WIRING);
    rng_seed(&weights, look, RNG_WEIGHTS);
    Sparse *W = wiring_erdos_renyi(IN, OUT, 0.05, init_find("he_uniform"), &wiring, &weights, 1);
    int64_t count = 0, tried = 0;
    Stack s = { 1, size, (const Sparse *const *)&W, NULL };
    for (int32_t i = 0; i < IN; i++)
      for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) {
        tried += !ever[i][W->to[k]];
        ever[i][W->to[k]] = 1;
      }
    for (int32_t i = 0; i < IN; i++)
      for (int32_t o = 0; o < OUT; o++) count += ever[i][o];
    if (track) assert_true(track_look(track, &s));
    else track = track_new(&s);
    assert_true(track_layer(track, 0).ever == count && (look == 0 || track_layer(track, 0).tried == tried));
    sparse_free(W);
  }
  track_free(track);
}

static void test_track_of_dense_layers (void **state) {
  (void)state;
  static Masks m;
  Rng rng;
  rng_seed(&rng, 5, 0);
  masks_draw(&m, &rng, 2, 0);
  sparse_free(m.W[1]);
  Sparse *kept = m.W[1] = NULL;
  Track *track = track_new(&m.stack);
  assert_true(track_look(track, &m.stack));
  TrackLook look = track_layer(track, 1);
  assert_true(look.links == look.cells && look.ever == look.cells && look.born == 0 && look.first == look.common_first);
  assert_null(track_births(track, 1));
  assert_null(track_cohorts(track, 1));
  m.W[1] = mask_layer(m.size[1], m.size[2], m.at[1]);
  assert_false(track_fits(track, &m.stack));
  sparse_free(m.W[1]);
  m.W[1] = kept;
  track_free(track);
  masks_free(&m);
}

/* ---- nulls ---- */

static Sparse *random_layer (int32_t n_in, int32_t n_out, double density, uint64_t seed) {
  Rng wiring, weights;
  rng_seed(&wiring, seed, RNG_WIRING);
  rng_seed(&weights, seed, RNG_WEIGHTS);
  return wiring_erdos_renyi(n_in, n_out, density, init_find("he_uniform"), &wiring, &weights, 1);
}

/* Each cell is linked as often as chance says: low, high and middle densities. */
static void test_null_random_is_even (void **state) {
  (void)state;
  enum { IN = 6, OUT = 7, TRIALS = 20000 };
  for (int links = 0; links <= IN * OUT; links += 7) {
    double count[IN * OUT] = { 0 }, expected = (double)TRIALS * links / (IN * OUT), chi = 0;
    static uint8_t at[MASK_SIDE][MASK_SIDE];
    memset(at, 0, sizeof at);
    for (int c = 0; c < links; c++) at[c / OUT][c % OUT] = 1;
    Sparse *W = mask_layer(IN, OUT, at);
    for (uint64_t trial = 0; trial < TRIALS; trial++) {
      Rng rng;
      rng_seed(&rng, trial, RNG_TOPOLOGY);
      assert_true(null_random(W, &rng));
      assert_true(W->ptr[IN] == links && (trial % 1000 || !sparse_check(W)));
      for (int32_t i = 0; i < IN; i++)
        for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) count[i * OUT + W->to[k]]++;
    }
    double share = (double)links / (IN * OUT);
    for (int c = 0; c < IN * OUT && links % (IN * OUT); c++) chi += pow(count[c] - expected, 2) / (expected * (1 - share));
    chi *= (IN * OUT - 1.0) / (IN * OUT);   /* drawn without replacement */
    assert_true(links % (IN * OUT) == 0 || fabs(chi - (IN * OUT - 1)) < 5 * sqrt(2.0 * (IN * OUT - 1)));
    sparse_free(W);
  }
}

static void test_null_swaps_keep_degrees (void **state) {
  (void)state;
  const double density[] = { 0.01, 0.1, 0.5, 0.95 };
  for (int d = 0; d < 4; d++) {
    Sparse *W = random_layer(60, 50, density[d], 1), *old = random_layer(60, 50, density[d], 1);
    int32_t size[2] = { 60, 50 };
    Stack s = { 1, size, (const Sparse *const *)&W, NULL }, before = { 1, size, (const Sparse *const *)&old, NULL };
    Rng rng;
    rng_seed(&rng, 1, RNG_TOPOLOGY);
    assert_true(null_swaps(W, &rng));
    assert_null(sparse_check(W));
    assert_memory_equal(W->ptr, old->ptr, 61 * sizeof *W->ptr);
    assert_memory_equal(W->in_ptr, old->in_ptr, 51 * sizeof *W->in_ptr);
    assert_memory_equal(W->w, old->w, (size_t)W->links * sizeof *W->w);
    /* As many of the old links as chance leaves, or nearly. */
    double common = (double)distance_common(&s, &before, 0) / (double)W->links;
    assert_true(fabs(common - density[d]) < 0.1);
    sparse_free(W);
    sparse_free(old);
  }
}

/* 2 x 2 with one link a unit: both wirings are as likely. */
static void test_null_swaps_are_even (void **state) {
  (void)state;
  static uint8_t at[MASK_SIDE][MASK_SIDE];
  memset(at, 0, sizeof at);
  at[0][0] = at[1][1] = at[2][2] = 1;
  int count[3] = { 0 };
  Sparse *W = mask_layer(3, 3, at);
  for (uint64_t trial = 0; trial < 3000; trial++) {
    Rng rng;
    rng_seed(&rng, trial, RNG_TOPOLOGY);
    assert_true(null_swaps(W, &rng));
    count[W->to[0]]++;
  }
  for (int c = 0; c < 3; c++) assert_true(count[c] > 850 && count[c] < 1150);
  sparse_free(W);
}

static void test_null_weights_are_all_there (void **state) {
  (void)state;
  static uint8_t seen[3001];
  Sparse *W = random_layer(60, 50, 0.9, 1);
  for (int64_t k = 0; k < W->links; k++) W->w[k] = W->momentum[k] = (float)k;
  Rng rng;
  rng_seed(&rng, 1, RNG_TOPOLOGY);
  null_weights(W, &rng);
  int64_t stayed = 0;
  for (int64_t k = 0; k < W->links; k++) {
    int64_t was = (int64_t)W->w[k];
    assert_true(!seen[was]++ && (int64_t)W->momentum[k] == was);
    stayed += was == k;
  }
  assert_true(stayed < 10);
  sparse_free(W);
}

/* ---- threads ---- */

/* Layers large enough for all of them. */
static void test_threads_do_not_show (void **state) {
  (void)state;
  int32_t size[2] = { 1100, 1000 };
  Sparse *V = random_layer(1100, 1000, 0.96, 1), *W = random_layer(1100, 1000, 0.02, 2), *U = random_layer(1100, 1000, 0.02, 3);
  Stack large = { 1, size, (const Sparse *const *)&V, NULL }, small = { 1, size, (const Sparse *const *)&W, NULL };
  Stack other = { 1, size, (const Sparse *const *)&U, NULL };
  assert_true(V->links >= SPARSE_LARGE);
  Spectrum p[2];
  Squares q[2];
  double layer[2];
  for (int threads = 1; threads <= 4; threads++) {
    int now = threads > 1;
    Rng rng;
    rng_seed(&rng, 1, RNG_TOPOLOGY);
    memset(&p[now], 0, sizeof p[now]);
    assert_true(spectrum_of(&large, 0, threads, &p[now]) && squares_count(&small, 0, threads, &q[now]));
    assert_true(distance_of(&small, &other, 150, &rng, threads, &layer[now]));
    assert_memory_equal(&p[now], &p[0], sizeof p[0]);
    assert_memory_equal(&q[now], &q[0], sizeof q[0]);
    assert_memory_equal(&layer[now], &layer[0], sizeof layer[0]);
  }
  sparse_free(U);
  sparse_free(V);
  sparse_free(W);
}

/* ---- memory ---- */

#ifdef LAB_FAIL_ALLOC
static int work (const Masks *a, const Masks *b, Sparse *W, Track **track) {
  double layer[MASK_LAYERS];
  Rng rng;
  rng_seed(&rng, 1, RNG_TOPOLOGY);
  if (!distance_of(&a->stack, &b->stack, 10, &rng, 2, layer) || !null_random(W, &rng) || !null_swaps(W, &rng)) return 0;
  *track = track_new(&a->stack);
  return *track && track_look(*track, &b->stack) && track_look(*track, &a->stack);
}

static void test_without_memory (void **state) {
  (void)state;
  static Masks a, b;
  Rng rng;
  rng_seed(&rng, 6, 0);
  masks_draw(&a, &rng, 3, 0);
  draw_changed(&a, &b, &rng, 0.3);
  Sparse *W = random_layer(30, 20, 0.2, 1);
  uint64_t held = mem_held();
  for (long n = 1;; n++) {
    Track *track = NULL;
    mem_fail_at(n);
    int there = work(&a, &b, W, &track);
    mem_fail_at(0);
    assert_null(sparse_check(W));
    int32_t looks = track ? track_looks(track) : 0;
    if (track) assert_true(track_look(track, &b.stack) && track_looks(track) == looks + 1);   /* what failed has left it whole */
    track_free(track);
    assert_true(mem_held() == held);
    if (there) break;
  }
  sparse_free(W);
  masks_free(&a);
  masks_free(&b);
}
#endif

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_distance_like_cell_by_cell),
    cmocka_unit_test(test_distance_of_moved_units),
    cmocka_unit_test(test_distance_of_dense_layers),
    cmocka_unit_test(test_track_like_tables),
    cmocka_unit_test(test_track_of_many_cells),
    cmocka_unit_test(test_track_of_dense_layers),
    cmocka_unit_test(test_null_random_is_even),
    cmocka_unit_test(test_null_swaps_keep_degrees),
    cmocka_unit_test(test_null_swaps_are_even),
    cmocka_unit_test(test_null_weights_are_all_there),
    cmocka_unit_test(test_threads_do_not_show),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(test_without_memory),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("change", tests, NULL, NULL);
}
