/*
** prune_set.c, grow_random.c and evolve.c: SET's rule against a twin that sorts, as the
** published program does; growth against one that draws link by link; the rebuilt layer against
** one that is spread out over its cells; and what a rewiring must leave alone.
*/
#include "evolve/evolve.h"
#include "base/mem.h"
#include "sparse/wiring.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "same_layer.h"

/* ---- the prune ---- */

static int ascending (const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

/* SET's prune as its tutorial program has it: v sorted; first = index of the first min |v_j|; last = n - (index
** from the end of the last min |v_j|); keep w iff w < T- or w > T+. */
static int64_t naive_prune (const float *w, int64_t n, double zeta, uint8_t *keep, float *t_minus, float *t_plus) {
  float v[512];
  memcpy(v, w, (size_t)n * sizeof *v);
  qsort(v, (size_t)n, sizeof *v, ascending);
  float least = INFINITY;
  for (int64_t j = 0; j < n; j++) least = fminf(least, fabsf(v[j]));
  int64_t first = 0, from_end = 0, kept = 0;
  while (fabsf(v[first]) != least) first++;
  while (fabsf(v[n - 1 - from_end]) != least) from_end++;
  int64_t last = n - from_end, high = (int64_t)floor((double)last + zeta * (double)(n - last));
  *t_minus = v[(int64_t)floor((1 - zeta) * (double)first)];
  *t_plus = v[high < n - 1 ? high : n - 1];
  for (int64_t k = 0; k < n; k++) kept += keep[k] = w[k] < *t_minus || w[k] > *t_plus;
  return kept;
}

/* One weight of a case; kinds differ in signs, ties and zeros. */
static float some_weight (Rng *rng, int kind) {
  float x = (float)rng_normal(rng) * 0.1f;
  switch (kind) {
    case 0: return x;
    case 1: return fabsf(x);
    case 2: return -fabsf(x);
    case 3: return rng_below(rng, 3) ? x : 0;
    case 4: return (float)rng_below(rng, 7) / 4 - 0.75f;                     /* ties, zeros among them */
    case 5: return rng_below(rng, 2) ? x : rng_below(rng, 2) ? 0.0f : -0.0f;
    case 6: return rng_below(rng, 2) ? 0.25f : -0.25f;                       /* nothing but ties */
    case 7: return 0;
    case 8: return rng_below(rng, 9) ? fabsf(x) : -fabsf(x);                 /* hardly any negative */
    default: return rng_below(rng, 4) ? x : (rng_below(rng, 2) ? 1 : -1) * 0x1p-140f;   /* subnormal ties */
  }
}

static void test_prune_like_sorting (void **state) {
  (void)state;
  Rng rng;
  rng_seed(&rng, 11, 0);
  const double zetas[] = { 0, 1, 0.3, 0.5, 1e-9, 0.999999 };
  for (int trial = 0; trial < 20000; trial++) {
    float w[512], minus[2], plus[2];
    uint8_t keep[2][512];
    int64_t n = 1 + (int64_t)rng_below(&rng, trial % 20 == 0 ? 512 : trial % 3 == 0 ? 4 : 24);
    double zeta = trial % 2 ? rng_double(&rng) : zetas[rng_below(&rng, 6)];
    for (int64_t k = 0; k < n; k++) w[k] = some_weight(&rng, trial % 10);
    int64_t want = naive_prune(w, n, zeta, keep[0], &minus[0], &plus[0]);
    int threads = trial % 40 ? 1 : 1 + trial / 40 % 4;
    prune_set_thresholds(w, n, zeta, threads, &minus[1], &plus[1]);
    assert_true(minus[0] == minus[1] && plus[0] == plus[1]);
    assert_true(prune_set_mark(w, n, zeta, threads, keep[1]) == want);
    assert_memory_equal(keep[0], keep[1], (size_t)n);
  }
}

static void test_rules_by_name (void **state) {
  (void)state;
  Prune rule;
  assert_true(prune_find("set", &rule) && rule.mark == prune_set);
  assert_true(prune_find("snip", &rule) && rule.mark == prune_scored && rule.needs == NEEDS_GRADIENTS);
  assert_ptr_equal(grow_find("random")->places, grow_random);
  assert_false(prune_find("sett", &rule));
  assert_null(grow_find(""));
  assert_true(prune_set_mark(NULL, 0, 0.3, 1, NULL) == 0);
}

/* ---- the rewiring ---- */

static Sparse *layer (int32_t n_in, int32_t n_out, double density, uint64_t seed) {
  Rng wiring, weights;
  rng_seed(&wiring, seed, RNG_WIRING);
  rng_seed(&weights, seed, RNG_WEIGHTS);
  Sparse *W = wiring_erdos_renyi(n_in, n_out, density, init_find("he_uniform"), &wiring, &weights, 1);
  for (int64_t k = 0; k < W->links; k++) W->momentum[k] = (float)(k + 1);
  return W;
}

static int64_t evolve_with (Sparse *W, double zeta, uint64_t seed, int threads) {
  Evolution rule = evolution_set(zeta, init_find("he_uniform"));
  Rng rng;
  rng_seed(&rng, seed, RNG_EVOLUTION);
  return evolve(W, NULL, &rule, threads, &rng);
}

/* New links at random in place of those that are not kept. */
static int64_t by_chance (Sparse *W, uint8_t *keep, const Init *init, int threads, Rng *rng) {
  Evolution rule = evolution_set(0, init);
  View view = { .W = W };
  return evolve_kept(W, &view, keep, &rule, threads, rng);
}

static int64_t evolve_by (Sparse *W, double zeta, uint64_t seed) { return evolve_with(W, zeta, seed, 1); }

static void assert_whole (const Sparse *W) {
  const char *broken = sparse_check(W);
  if (broken) fail_msg("%s", broken);
}

/* A layer spread out over its cells, with a mark where a link is. */
typedef struct Spread { float w[4000], momentum[4000]; uint8_t linked[4000]; } Spread;

static void spread_out (const Sparse *W, Spread *s) {
  memset(s, 0, sizeof *s);
  for (int32_t i = 0; i < W->n_in; i++)
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) {
      int32_t cell = i * W->n_out + W->to[k];
      s->linked[cell] = 1;
      s->w[cell] = W->w[k];
      s->momentum[cell] = W->momentum[k];
    }
}

/* Survivors keep weight and momentum where they were; the others are newborn. Returns how many
** newborn links stand where a link was pruned. */
static int check_rewired (const Spread *old, const Spread *now, const uint8_t *kept, const Sparse *W) {
  int returned = 0;
  double limit = sqrt(6.0 / W->n_in);
  for (int32_t cell = 0; cell < W->n_in * W->n_out; cell++) {
    if (kept[cell]) {
      assert_true(now->linked[cell]);
      assert_memory_equal(&now->w[cell], &old->w[cell], sizeof(float));
      assert_memory_equal(&now->momentum[cell], &old->momentum[cell], sizeof(float));
    } else if (now->linked[cell]) {
      assert_true(now->momentum[cell] == 0);
      assert_true(fabs((double)now->w[cell]) <= limit * (1 + 1e-6) && now->w[cell] != 0);
      assert_true(!old->linked[cell] || now->w[cell] != old->w[cell]);
      returned += old->linked[cell];
    }
  }
  return returned;
}

static void test_what_evolution_keeps (void **state) {
  (void)state;
  static Spread old, now;
  static uint8_t kept[4000];
  int returned = 0;
  Sparse *W = layer(60, 50, 0.15, 4);
  int64_t links = W->links;
  for (uint64_t epoch = 2; epoch < 40; epoch++) {
    uint8_t keep[1024];
    assert_true(links <= 1024);
    int64_t stay = prune_set_mark(W->w, links, 0.3, 1, keep);
    spread_out(W, &old);
    memset(kept, 0, sizeof kept);
    for (int32_t i = 0; i < W->n_in; i++)
      for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) kept[i * W->n_out + W->to[k]] = keep[k];
    int64_t replaced = evolve_by(W, 0.3, epoch);
    assert_true(replaced == links - stay && replaced > links / 4);
    assert_true(W->links == links);
    assert_whole(W);
    spread_out(W, &now);
    returned += check_rewired(&old, &now, kept, W);
    for (int64_t k = 0; k < links; k++) W->momentum[k] = (float)(k + 1);
  }
  assert_true(returned > 0);  /* pruned cells are free again */
  sparse_free(W);
}

/* ---- growth ---- */

/* What grow_random chooses, as a mark on each cell; its promises are looked at on the way. */
static void grow_cells (const Sparse *W, const uint8_t *keep, int64_t count, int threads, Rng *rng, uint8_t *chosen) {
  int32_t *free_places = mem_new((size_t)W->n_in, sizeof *free_places), *place = mem_new((size_t)count, sizeof *place);
  uint32_t *start = mem_new((size_t)W->n_in + 1, sizeof *start);
  assert_true(free_places && place && start);
  for (int32_t i = 0; i < W->n_in; i++) {
    free_places[i] = W->n_out;
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) free_places[i] -= keep[k];
  }
  Growth growth = { .W = W, .keep = (uint8_t *)keep, .free = free_places, .count = count, .start = start, .place = place };
  assert_int_equal(grow_random(&growth, threads, rng), 1);
  assert_true(start[0] == 0 && start[W->n_in] == count);
  memset(chosen, 0, (size_t)W->n_in * (size_t)W->n_out);
  for (int32_t i = 0; i < W->n_in; i++) {
    assert_true(start[i] <= start[i + 1]);
    int64_t k = W->ptr[i];
    int32_t number = 0;  /* of the next free place */
    uint32_t n = start[i];
    for (int32_t o = 0; o < W->n_out; o++) {
      while (k < W->ptr[i + 1] && W->to[k] < o) k++;
      if (k < W->ptr[i + 1] && W->to[k] == o && keep[k]) continue;
      if (n < start[i + 1] && place[n] == number) chosen[i * W->n_out + o] = 1, n++;
      number++;
    }
    assert_true(n == start[i + 1]);  /* ascending, distinct, and free */
  }
  mem_free(free_places);
  mem_free(place);
  mem_free(start);
}

/* Draws cell by cell and refuses what cannot be or is there already: grow_random must end with the
** same places, and with its stream at the same number. */
static void naive_grow (const Sparse *W, const uint8_t *keep, int64_t count, Rng *rng, uint8_t *chosen) {
  size_t cells = (size_t)W->n_in * (size_t)W->n_out;
  uint8_t *kept = mem_zero(cells, 1), *drawn = mem_zero(cells, 1);
  for (int32_t i = 0; i < W->n_in; i++)
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) kept[i * W->n_out + W->to[k]] = keep[k];
  memset(chosen, 0, cells);
  while (count > 0) {
    uint64_t c = rng_below(rng, cells), place = c % (uint64_t)W->n_out, row = c - place;
    uint64_t o = 0;
    for (uint64_t left = place + 1; o < (uint64_t)W->n_out && (left -= !kept[row + o]) > 0;) o++;
    if (o == (uint64_t)W->n_out || drawn[row + o]) continue;
    drawn[row + o] = chosen[row + o] = 1;
    count--;
  }
  mem_free(kept);
  mem_free(drawn);
}

/* Few and many units, short and long rows; up to every fourth free place is taken. */
static void test_growth_like_drawing_one_by_one (void **state) {
  (void)state;
  const struct { int32_t n_in, n_out; double density; int one_in; } c[] = {
    { 60, 50, 0.15, 3 }, { 60, 50, 0.2, 1 }, { 2, 9000, 0.19, 1 }, { 9000, 2, 0.1, 1 }, { 1, 700, 0.15, 2 },
    { 700, 1, 0.15, 2 }, { 100, 80, 0.6, 5 }, { 80, 100, 0.9, 40 }, { 3000, 20, 0.05, 2 } };
  static uint8_t chosen[2][60000], keep[60000];
  for (size_t n = 0; n < sizeof c / sizeof *c; n++)
    for (int threads = 1; threads <= 4; threads++) {
      Sparse *W = layer(c[n].n_in, c[n].n_out, c[n].density, n);
      int64_t count = 0;
      for (int64_t k = 0; k < W->links; k++) count += !(keep[k] = k % c[n].one_in != 0);
      assert_true((W->n_in * W->n_out - (W->links - count)) / 4 >= count);
      Rng rng[2];
      rng_seed(&rng[0], n, RNG_EVOLUTION);
      rng[1] = rng[0];
      grow_cells(W, keep, count, threads, &rng[0], chosen[0]);
      naive_grow(W, keep, count, &rng[1], chosen[1]);
      assert_memory_equal(chosen[0], chosen[1], (size_t)W->n_in * (size_t)W->n_out);
      assert_memory_equal(&rng[0], &rng[1], sizeof *rng);
      sparse_free(W);
    }
}

/* Newborn links fall on every free cell alike, just-pruned ones included: where they are few, and
** where so many are wanted that all free places are passed through. */
static void test_growth_is_uniform (void **state) {
  (void)state;
  enum { IN = 15, OUT = 12, CELLS = IN * OUT, TRIALS = 6000 };
  for (int one_in = 1; one_in <= 3; one_in += 2) {
    int count[CELLS] = { 0 }, free_cells = 0, grown = 0;
    uint8_t taken[CELLS] = { 0 }, keep[CELLS], chosen[CELLS];
    Sparse *W = layer(IN, OUT, 0.3, 8);
    for (int32_t i = 0; i < IN; i++)
      for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) {
        taken[i * OUT + W->to[k]] = keep[k] = k % one_in != 0;
        grown += !keep[k];
      }
    for (uint64_t trial = 0; trial < TRIALS; trial++) {
      Rng rng;
      rng_seed(&rng, trial, RNG_EVOLUTION);
      grow_cells(W, keep, grown, 1, &rng, chosen);
      for (int c = 0; c < CELLS; c++) count[c] += chosen[c];
    }
    for (int c = 0; c < CELLS; c++) free_cells += !taken[c];
    assert_true((free_cells / 4 < grown) == (one_in == 1));
    double share = (double)grown / free_cells, chi = 0;
    for (int c = 0; c < CELLS; c++)
      if (!taken[c]) chi += pow(count[c] - TRIALS * share, 2) / (TRIALS * share * (1 - share));
    chi *= (free_cells - 1.0) / free_cells;  /* drawn without replacement */
    assert_true(fabs(chi - (free_cells - 1)) < 5 * sqrt(2.0 * (free_cells - 1)));
    sparse_free(W);
  }
}

/* ---- the rebuilt layer ---- */

/* The layer that evolve_kept must make of W, cell by cell. */
static Sparse *naive_rebuild (const Sparse *W, const uint8_t *keep, int64_t count, const Init *init, Rng *rng) {
  static uint8_t chosen[60000];
  grow_cells(W, keep, count, 1, rng, chosen);
  uint64_t key = rng_u64(rng);
  Sparse *R = sparse_new(W->n_in, W->n_out, W->links);
  Rng weights;
  int64_t at = 0, chunk = -1;
  for (int32_t o = 0; o < W->n_out; o++) {   /* the links that each unit will have */
    R->in_ptr[o + 1] = R->in_ptr[o];
    for (int32_t i = 0; i < W->n_in; i++) R->in_ptr[o + 1] += chosen[i * W->n_out + o];
    for (int64_t m = W->in_ptr[o]; m < W->in_ptr[o + 1]; m++) R->in_ptr[o + 1] += keep[W->at[m]] != 0;
  }
  InitLayer drawn = init_layer(init, W->n_in, W->n_out, R->in_ptr[W->n_out], R->in_ptr);
  for (int32_t i = 0; i < W->n_in; i++) {
    R->ptr[i] = at;
    for (int32_t o = 0; o < W->n_out; o++) {
      int64_t k = W->ptr[i];
      while (k < W->ptr[i + 1] && !(W->to[k] == o && keep[k])) k++;
      if (k == W->ptr[i + 1] && !chosen[i * W->n_out + o]) continue;
      if (at / INIT_CHUNK != chunk) rng_seed(&weights, key, (uint64_t)(chunk = at / INIT_CHUNK));
      R->to[at] = o;
      R->w[at] = k < W->ptr[i + 1] ? W->w[k] : init_draw(&drawn, o, &weights);
      R->momentum[at++] = k < W->ptr[i + 1] ? W->momentum[k] : 0;
    }
  }
  R->ptr[W->n_in] = at;
  int64_t m = 0;
  for (int32_t o = 0; o < W->n_out; o++) {
    R->in_ptr[o] = m;
    for (int32_t i = 0; i < W->n_in; i++)
      for (int64_t k = R->ptr[i]; k < R->ptr[i + 1]; k++)
        if (R->to[k] == o) R->from[m] = i, R->at[m++] = (uint32_t)k;
  }
  R->in_ptr[W->n_out] = m;
  return R;
}

/* Survivors drawn at random: none, all but a few, whole rows of either; over a chunk's end. */
static void test_rebuilt_like_cell_by_cell (void **state) {
  (void)state;
  const struct { int32_t n_in, n_out; double density; int kept_of_8; } c[] = {
    { 60, 50, 0.15, 5 }, { 60, 50, 0.5, 0 }, { 200, 100, 0.5, 6 }, { 3, 900, 0.4, 5 }, { 900, 3, 0.4, 5 },
    { 40, 40, 0.97, 7 }, { 400, 30, 0.04, 4 }, { 1, 300, 0.5, 5 }, { 300, 1, 0.5, 5 } };
  static uint8_t keep[60000];
  for (size_t n = 0; n < sizeof c / sizeof *c; n++)
    for (int threads = 1; threads <= 4; threads++) {
      Sparse *W = layer(c[n].n_in, c[n].n_out, c[n].density, n);
      static const char *const rules[] = { "he_normal", "he_uniform", "he_links_uniform", "he_links_normal", "swi" };
      const Init *init = init_find(rules[n % 5]);
      int64_t count = 0;
      Rng rng[2];
      rng_seed(&rng[0], n, RNG_EVOLUTION);
      for (int64_t k = 0; k < W->links; k++) count += !(keep[k] = rng_below(&rng[0], 8) < (uint64_t)c[n].kept_of_8);
      rng[1] = rng[0];
      Sparse *want = naive_rebuild(W, keep, count, init, &rng[1]);
      assert_true(by_chance(W, keep, init, threads, &rng[0]) == count);
      assert_whole(W);
      assert_same_layer(W, want);
      assert_memory_equal(&rng[0], &rng[1], sizeof *rng);
      sparse_free(W);
      sparse_free(want);
    }
}

/* Whatever the number of threads, more than processors and more than rows among them. The layers
** are large enough for all of them. */
static void test_threads_do_not_show (void **state) {
  (void)state;
  const int32_t size[][2] = { { 1000, 800 }, { 5, 200000 }, { 200000, 5 } };
  const int threads[] = { 2, 3, 4, 7 };
  for (size_t s = 0; s < sizeof size / sizeof *size; s++) {
    Sparse *one = layer(size[s][0], size[s][1], 0.35, s);
    for (uint64_t epoch = 0; epoch < 3; epoch++) assert_true(evolve_with(one, 0.3, epoch, 1) > 0);
    for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
      Sparse *many = layer(size[s][0], size[s][1], 0.35, s);
      for (uint64_t epoch = 0; epoch < 3; epoch++) assert_true(evolve_with(many, 0.3, epoch, threads[t]) > 0);
      assert_same_layer(one, many);
      sparse_free(many);
    }
    sparse_free(one);
  }
}

/* Newborn weights fill their range evenly. */
static void test_newborn_weights (void **state) {
  (void)state;
  Sparse *W = layer(300, 200, 0.2, 2);
  int64_t replaced = evolve_by(W, 1, 3), newborn = 0, bin[10] = { 0 };
  double limit = sqrt(6.0 / 300), chi = 0;
  assert_true(replaced > W->links * 9 / 10);
  for (int64_t k = 0; k < W->links; k++) {
    if (W->momentum[k] != 0) continue;
    int b = (int)floor(((double)W->w[k] / limit + 1) * 5);
    bin[b < 0 ? 0 : b > 9 ? 9 : b]++;
    newborn++;
  }
  assert_true(newborn == replaced);
  for (int b = 0; b < 10; b++) chi += pow((double)bin[b] - (double)newborn / 10, 2) / ((double)newborn / 10);
  assert_true(chi < 34);  /* 9 degrees of freedom: p = 1e-4 */
  sparse_free(W);
}

/* Hardly a free place, or none but those just pruned. */
static void test_crowded_layers (void **state) {
  (void)state;
  const double density[] = { 0.95, 0.9999, 0 }, zeta[] = { 0, 0.01, 0.5, 1 };
  for (size_t d = 0; d < 3; d++)
    for (int z = 0; z < 4; z++) {
      int32_t from[3000], to[3000];
      const char *why;
      Rng weights;
      rng_seed(&weights, 1, RNG_WEIGHTS);
      for (int32_t c = 0; c < 3000; c++) {
        from[c] = c / 50;
        to[c] = c % 50;
      }
      Sparse *W = d < 2 ? layer(60, 50, density[d], d) : wiring_given(60, 50, 3000, from, to, init_find("he_normal"), &weights, &why);
      int64_t links = W->links;
      assert_true(evolve_by(W, zeta[z], 7) > 0);
      assert_true(W->links == links);
      assert_whole(W);
      sparse_free(W);
    }
}

/* One link, no link, a hub with every link of the layer, one unit on a side. */
static void test_odd_layers (void **state) {
  (void)state;
  const struct { int32_t n_in, n_out, links, stride_in, stride_out; } odd[] = {
    { 1, 1, 1, 0, 0 }, { 5, 7, 1, 0, 0 }, { 5, 7, 0, 0, 0 }, { 9, 900, 600, 0, 1 }, { 900, 9, 600, 1, 0 },
    { 1, 500, 200, 0, 2 }, { 500, 1, 200, 2, 0 } };
  for (size_t c = 0; c < sizeof odd / sizeof *odd; c++) {
    int32_t from[600], to[600];
    const char *why;
    Rng weights;
    rng_seed(&weights, c, RNG_WEIGHTS);
    for (int32_t k = 0; k < odd[c].links; k++) {
      from[k] = k * odd[c].stride_in;
      to[k] = k * odd[c].stride_out;
    }
    Sparse *W = wiring_given(odd[c].n_in, odd[c].n_out, odd[c].links, from, to, init_find("normal"), &weights, &why);
    assert_non_null(W);
    for (uint64_t epoch = 0; epoch < 5; epoch++) {
      assert_true((evolve_by(W, 0.3, epoch) > 0) == (odd[c].links > 0));
      assert_true(W->links == odd[c].links);
      assert_whole(W);
    }
    sparse_free(W);
  }
}

/* The same stream gives the same layer; nobody marked, nothing happens. */
static void test_repeatable (void **state) {
  (void)state;
  Sparse *A = layer(40, 30, 0.2, 1), *B = layer(40, 30, 0.2, 1);
  assert_true(evolve_by(A, 0.3, 5) == evolve_by(B, 0.3, 5));
  size_t n = (size_t)A->links;
  assert_memory_equal(A->to, B->to, n * sizeof *A->to);
  assert_memory_equal(A->w, B->w, n * sizeof *A->w);
  uint8_t keep[1000];
  memset(keep, 1, sizeof keep);
  Rng rng;
  rng_seed(&rng, 1, 1);
  assert_true(n < 1000 && by_chance(A, keep, init_find("normal"), 1, &rng) == 0);
  assert_memory_equal(A->w, B->w, n * sizeof *A->w);
  sparse_free(A);
  sparse_free(B);
}

#ifdef LAB_FAIL_ALLOC
/* Whichever request for memory fails, the layer is as it was, bit for bit. */
static void test_no_memory (void **state) {
  (void)state;
  Sparse *W = layer(40, 30, 0.2, 1), *twin = layer(40, 30, 0.2, 1);
  long n = 1;
  for (;; n++) {
    mem_fail_at(n);
    int64_t replaced = evolve_by(W, 0.3, 5);
    mem_fail_at(0);
    if (replaced >= 0) break;
    assert_same_layer(W, twin);
  }
  assert_true(n == 7);  /* marks, four arrays and the growth's one */
  assert_whole(W);
  sparse_free(W);
  sparse_free(twin);
}
#endif

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_prune_like_sorting),             cmocka_unit_test(test_rules_by_name),
    cmocka_unit_test(test_what_evolution_keeps),           cmocka_unit_test(test_growth_is_uniform),
    cmocka_unit_test(test_growth_like_drawing_one_by_one), cmocka_unit_test(test_rebuilt_like_cell_by_cell),
    cmocka_unit_test(test_threads_do_not_show),            cmocka_unit_test(test_newborn_weights),
    cmocka_unit_test(test_crowded_layers),                 cmocka_unit_test(test_odd_layers),
    cmocka_unit_test(test_repeatable),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(test_no_memory),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("evolve", tests, NULL, NULL);
}
