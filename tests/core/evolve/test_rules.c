/*
** The rules of evolution over random small layers: each against a twin that goes cell by cell; what every evolution keeps,
** whatever its rules are; the same bits for any number of threads; memory that runs out.
**
** Values are small whole numbers, so that sums are exact in any order and ties abound.
*/
#include "base/mem.h"
#include "choose/keep.h"
#include "evolve/cannistraci.h"
#include "evolve/evolve.h"
#include "sparse/wiring.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "same_layer.h"

enum { MOST = 40, CELLS = MOST * MOST, STRIDE = 16 };

/* ---- small layers ---- */

typedef struct Small {
  Sparse *W;
  View    view;
  float   x[MOST * STRIDE], y[MOST * STRIDE], dy[MOST * STRIDE], gradient[CELLS];
} Small;

static float whole (Rng *rng, int most) { return (float)rng_below(rng, (uint64_t)(2 * most + 1)) - (float)most; }

/* Rows that are full, empty or anything between; weights with ties and zeros. */
static Sparse *random_layer (Rng *rng) {
  int32_t n_in = 1 + (int32_t)rng_below(rng, MOST), n_out = 1 + (int32_t)rng_below(rng, MOST), from[CELLS], to[CELLS];
  double density = rng_double(rng);
  int64_t links = 0;
  for (int32_t i = 0; i < n_in; i++) {
    uint64_t kind = rng_below(rng, 10);
    double p = kind == 0 ? 0 : kind == 1 ? 1 : density;
    for (int32_t o = 0; o < n_out; o++)
      if (rng_double(rng) < p) from[links] = i, to[links++] = o;
  }
  const char *why;
  Sparse *W = wiring_given(n_in, n_out, links, from, to, init_find("he_uniform"), rng, &why);
  assert_non_null(W);
  int ties = (int)rng_below(rng, 2);
  for (int64_t k = 0; k < links; k++) {
    if (ties) W->w[k] = whole(rng, 3);
    W->momentum[k] = (float)(k + 1);
  }
  return W;
}

static void fill_rows (float *rows, int32_t n, int32_t batch, Rng *rng) {
  for (int32_t u = 0; u < n; u++) {
    int dead = rng_below(rng, 8) == 0;
    for (int32_t b = 0; b < STRIDE; b++) rows[u * STRIDE + b] = b >= batch ? 1e30f : dead ? 0 : whole(rng, 3);
  }
}

static void make_small (Small *s, uint64_t seed) {
  Rng rng;
  rng_seed(&rng, seed, 77);
  s->W = random_layer(&rng);
  int32_t batch = 1 + (int32_t)rng_below(&rng, STRIDE);
  fill_rows(s->x, s->W->n_in, batch, &rng);
  fill_rows(s->y, s->W->n_out, batch, &rng);
  fill_rows(s->dy, s->W->n_out, batch, &rng);
  for (int64_t k = 0; k < s->W->links; k++) s->gradient[k] = whole(&rng, 4);
  s->view = (View){ .W = s->W, .gradient = s->gradient, .x = s->x, .dy = s->dy, .y = s->y, .stride = STRIDE, .batch = batch };
}

static double product (const float *a, const float *b, int32_t batch) {
  double sum = 0;
  for (int32_t n = 0; n < batch; n++) sum += (double)a[n] * (double)b[n];
  return sum;
}

/* Marks of links, cell by cell: 0 no link, 1 dropped, 2 kept. */
static void spread (const Sparse *W, const uint8_t *keep, uint8_t *cell) {
  memset(cell, 0, CELLS);
  for (int32_t i = 0; i < W->n_in; i++)
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) cell[i * W->n_out + W->to[k]] = keep[k] ? 2 : 1;
}

static void random_marks (const Sparse *W, uint8_t *keep, Rng *rng) {
  double p = rng_double(rng);
  for (int64_t k = 0; k < W->links; k++) keep[k] = rng_double(rng) < p;
}

/* ---- pruning ---- */

static double naive_score (const Small *s, const char *rule, int32_t i, int64_t k, double lambda) {
  const Sparse *W = s->W;
  double w = fabs((double)W->w[k]), g = fabs((double)s->gradient[k]), row = 0, column = 0;
  if (strcmp(rule, "magnitude") == 0) return w;
  if (strcmp(rule, "mest") == 0) return w + lambda * g;
  if (strcmp(rule, "snip") == 0) return w * g;
  for (int64_t m = W->ptr[i]; m < W->ptr[i + 1]; m++) row += fabs((double)W->w[m]);
  for (int64_t m = 0; m < W->links; m++) column += W->to[m] == W->to[k] ? fabs((double)W->w[m]) : 0;
  return w > 0 ? w / row + w / column : 0;
}

/* Link k stays if fewer than `stay` come before it. */
static void test_scores (void **state) {
  (void)state;
  static const char *const rules[] = { "magnitude", "mest", "snip", "relative importance" };
  for (uint64_t seed = 0; seed < 400; seed++) {
    static Small s;
    static float score[CELLS];
    static uint8_t keep[CELLS];
    make_small(&s, seed);
    const Sparse *W = s.W;
    int64_t n = W->links;
    Prune rule;
    Rng rng;
    rng_seed(&rng, seed, 1);
    assert_true(prune_find(rules[seed % 4], &rule));
    PruneOptions o = { .share = rng_double(&rng), .stay = -1, .round_up = seed % 3 == 0, .score.lambda = 0.5 };
    int64_t stay = n - (int64_t)(o.round_up ? ceil(o.share * (double)n) : floor(o.share * (double)n));
    assert_true(prune_scores(&rule, &s.view, &o, 1, &rng, score));
    assert_int_equal(rule.mark(&rule, &s.view, &o, 1 + (int)seed % 4, &rng, keep), stay);
    assert_int_equal(keep_count(keep, n), stay);
    for (int32_t i = 0; i < W->n_in; i++)
      for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) {
        double wanted = naive_score(&s, rules[seed % 4], i, k, 0.5);
        assert_true(fabs((double)score[k] - wanted) <= 1e-6 * fabs(wanted));
        int64_t before = 0;
        for (int64_t m = 0; m < n; m++) before += score[m] > score[k] || (score[m] == score[k] && m < k);
        assert_int_equal(keep[k], before < stay);
      }
    sparse_free(s.W);
  }
}

/* Importance pruning, by a sort. */
static void test_neurons (void **state) {
  (void)state;
  int gone = 0;
  for (uint64_t seed = 0; seed < 400; seed++) {
    static Small s;
    static uint8_t keep[CELLS];
    make_small(&s, seed);
    const Sparse *W = s.W;
    double I[MOST] = { 0 }, sorted[MOST], share = (double)(seed % 11) / 10;
    Prune rule;
    assert_true(prune_find("neurons", &rule));
    for (int64_t k = 0; k < W->links; k++) I[W->to[k]] += fabs((double)W->w[k]);
    memcpy(sorted, I, sizeof I);
    for (int a = 0; a < W->n_out; a++)
      for (int b = a + 1; b < W->n_out; b++)
        if (sorted[b] < sorted[a]) {
          double held = sorted[a];
          sorted[a] = sorted[b], sorted[b] = held;
        }
    double place = share * (W->n_out - 1), low = floor(place), t = sorted[(int)low] +
        (place - low) * (sorted[(int)ceil(place)] - sorted[(int)low]);
    PruneOptions o = { .share = share, .stay = -1 };
    int64_t kept = rule.mark(&rule, &s.view, &o, 1 + (int)seed % 4, NULL, keep), count = 0;
    int all = share > 0 && t >= sorted[W->n_out - 1] - 1e-9;
    for (int64_t k = 0; k < W->links; k++) {
      if (fabs(I[W->to[k]] - t) > 1e-9 && !all) assert_int_equal(keep[k], share == 0 || I[W->to[k]] > t);
      if (all) assert_int_equal(keep[k], 1);
      count += keep[k];
    }
    assert_int_equal(kept, count);
    gone += kept < W->links && kept > 0;
    sparse_free(s.W);
  }
  assert_true(gone > 100);
}

/* Of links in question only: as if the others were not there. */
static void test_among (void **state) {
  (void)state;
  static const char *const rules[] = { "magnitude", "mest", "snip", "relative importance", "set", "threshold", "neurons",
                                       "random" };
  for (uint64_t seed = 0; seed < 800; seed++) {
    static Small s;
    static uint8_t among[CELLS], keep[CELLS], alone[CELLS];
    static float gradient[CELLS];
    make_small(&s, seed);
    Rng rng[2];
    rng_seed(&rng[0], seed, 2);
    random_marks(s.W, among, &rng[0]);
    int32_t from[CELLS], to[CELLS];
    int64_t n = 0, m = 0;
    float w[CELLS];
    for (int32_t i = 0; i < s.W->n_in; i++)
      for (int64_t k = s.W->ptr[i]; k < s.W->ptr[i + 1]; k++)
        if (among[k]) from[n] = i, to[n] = s.W->to[k], w[n] = s.W->w[k], gradient[n++] = s.gradient[k];
    const char *why;
    Sparse *part = wiring_given(s.W->n_in, s.W->n_out, n, from, to, init_find("he_uniform"), &rng[0], &why);
    memcpy(part->w, w, (size_t)n * sizeof *w);
    View view = { .W = part, .gradient = gradient };
    Prune rule;
    const char *name = rules[seed % 8];
    assert_true(prune_find(name, &rule));
    PruneOptions o = { .share = rng_double(&rng[0]), .stay = -1, .threshold = 1, .score.lambda = 2 };
    s.view.among = among;
    rng[1] = rng[0];
    int64_t kept = rule.mark(&rule, &s.view, &o, 2, &rng[0], keep);
    if (strcmp(name, "random") == 0) assert_int_equal(kept, prune_stay(&o, n));
    else {
      assert_int_equal(kept, rule.mark(&rule, &view, &o, 1, &rng[1], alone));
      for (int64_t k = 0; k < s.W->links; k++) assert_int_equal(keep[k], among[k] ? alone[m++] : 0);
    }
    for (int64_t k = 0; k < s.W->links; k++) assert_true(keep[k] <= among[k]);
    rng_seed(&rng[1], seed, 3);
    rule.mark(&rule, &s.view, &o, 1, &rng[1], alone);
    rng_seed(&rng[1], seed, 3);
    memcpy(keep, among, sizeof keep);
    s.view.among = keep;   /* marks that are changed in place */
    rule.mark(&rule, &s.view, &o, 1, &rng[1], keep);
    assert_memory_equal(keep, alone, (size_t)s.W->links);
    sparse_free(part);
    sparse_free(s.W);
  }
}

/* The first of a draw without replacement comes in proportion to score^power. */
static void test_soft (void **state) {
  (void)state;
  enum { LINKS = 5, TRIALS = 20000 };
  const float weight[LINKS] = { 1, -2, 0, 3, -0.5f };
  const int32_t from[LINKS] = { 0, 0, 1, 1, 2 }, to[LINKS] = { 0, 1, 0, 1, 1 };
  const char *why;
  Rng rng;
  rng_seed(&rng, 3, 3);
  Sparse *W = wiring_given(3, 2, LINKS, from, to, init_find("he_uniform"), &rng, &why);
  memcpy(W->w, weight, sizeof weight);
  View view = { .W = W };
  Prune rule;
  assert_true(prune_find("magnitude", &rule));
  for (int power = 0; power <= 3; power++) {
    int count[LINKS] = { 0 };
    PruneOptions o = { .stay = 1, .soft = SOFT_POWER, .power = power };
    double total = 0;
    for (int k = 0; k < LINKS; k++) total += weight[k] != 0 ? pow(fabs((double)weight[k]), power) : 0;
    for (int trial = 0; trial < TRIALS; trial++) {
      uint8_t keep[LINKS];
      assert_int_equal(rule.mark(&rule, &view, &o, 1, &rng, keep), 1);
      for (int k = 0; k < LINKS; k++) count[k] += keep[k];
    }
    for (int k = 0; k < LINKS; k++) {
      double p = weight[k] != 0 ? pow(fabs((double)weight[k]), power) / total : 0;
      assert_true(fabs(count[k] - TRIALS * p) <= 5 * sqrt(TRIALS * p * (1 - p)) + 1e-9);
    }
    o.stay = 5;
    uint8_t keep[LINKS];
    assert_int_equal(rule.mark(&rule, &view, &o, 1, &rng, keep), 5);
    assert_int_equal(keep_count(keep, LINKS), 5);
  }
  sparse_free(W);
}

/* ---- growing: the cells that a rule of scores chooses ---- */

/* Chosen cells are those before which fewer than `count` open ones come. */
static void assert_best (const Sparse *W, const uint8_t *cell, const double *score, int may_return, int64_t count,
                         const Best *best, int approximate) {
  static uint8_t chosen[CELLS];
  memset(chosen, 0, sizeof chosen);
  int64_t open = 0, last = -1;
  for (int64_t c = 0; c < best->n; c++) {
    int64_t place = (int64_t)best->cell[c].from * W->n_out + best->cell[c].to;
    assert_true(place > last);   /* in order, each once */
    last = place;
    chosen[place] = 1;
    assert_true(cell[place] == 0 || (cell[place] == 1 && may_return));
  }
  for (int c = 0; c < W->n_in * W->n_out; c++) open += cell[c] == 0 || (cell[c] == 1 && may_return);
  assert_int_equal(best->n, count < open ? count : open);
  for (int c = 0; c < W->n_in * W->n_out; c++) {
    if (!(cell[c] == 0 || (cell[c] == 1 && may_return))) continue;
    int64_t before = 0, ties = 0;
    for (int o = 0; o < W->n_in * W->n_out; o++) {
      if (!(cell[o] == 0 || (cell[o] == 1 && may_return)) || o == c) continue;
      int near = approximate && fabs(score[o] - score[c]) < 1e-6;
      before += near ? 0 : score[o] > score[c] || (score[o] == score[c] && o < c);
      ties += near;
    }
    if (before + ties < count) assert_int_equal(chosen[c], 1);
    if (before >= count) assert_int_equal(chosen[c], 0);
  }
}

static void test_gradient_and_likeness (void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < 300; seed++) {
    static Small s;
    static uint8_t keep[CELLS], cell[CELLS];
    static double score[CELLS];
    make_small(&s, seed);
    Sparse *W = s.W;
    Rng rng;
    rng_seed(&rng, seed, 4);
    random_marks(W, keep, &rng);
    spread(W, keep, cell);
    int likeness = seed % 2, may_return = seed / 2 % 2;
    for (int32_t i = 0; i < W->n_in; i++)
      for (int32_t o = 0; o < W->n_out; o++) {
        const float *x = s.x + i * STRIDE, *above = (likeness ? s.y : s.dy) + o * STRIDE;
        int32_t n = s.view.batch;
        double p = fabs(product(x, above, n)), lengths = sqrt(product(x, x, n) * product(above, above, n));
        score[i * W->n_out + o] = !likeness ? p : lengths > 0 ? p / lengths : 0;
      }
    GrowOptions o = { .may_return = may_return };
    int64_t count = (int64_t)rng_below(&rng, (uint64_t)(W->n_in * W->n_out) + 2);
    Best best;
    assert_true((likeness ? grow_likeness : grow_gradient)(&s.view, keep, count, &o, 1 + (int)seed % 4, &rng, &best));
    assert_best(W, cell, score, may_return, count, &best, likeness);
    best_free(&best);
    sparse_free(s.W);
  }
}

/* A subset as large as hundreds of layers has met every cell; a small one chooses fewer, all of them open, unless the layer is more
** than half full. */
static void test_subset (void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < 200; seed++) {
    static Small s;
    static uint8_t keep[CELLS], cell[CELLS];
    make_small(&s, seed);
    Sparse *W = s.W;
    if (W->links < 4) {
      sparse_free(W);
      continue;
    }
    Rng rng;
    rng_seed(&rng, seed, 5);
    random_marks(W, keep, &rng);
    spread(W, keep, cell);
    GrowOptions all = { .may_return = seed % 2 == 0 }, o = all;
    Best best[2];
    int64_t count = 1 + (int64_t)rng_below(&rng, 50);
    o.guide = seed % 5 == 0 ? GUIDE_UNIFORM : seed % 2 ? GUIDE_BOUND : GUIDE_SKETCH;
    o.subset = o.guide == GUIDE_UNIFORM ? 100.0 * W->n_in * W->n_out / (double)W->links : 1;
    assert_true(grow_gradient(&s.view, keep, count, &o, 1 + (int)seed % 4, &rng, &best[0]));
    assert_true(grow_gradient(&s.view, keep, count, &all, 1, &rng, &best[1]));
    int64_t last = -1;
    for (int64_t c = 0; c < best[0].n; c++) {
      int64_t place = (int64_t)best[0].cell[c].from * W->n_out + best[0].cell[c].to;
      assert_true(place > last && (cell[place] == 0 || (cell[place] == 1 && all.may_return)));
      last = place;
      const Cell *b = &best[0].cell[c];
      assert_true((double)b->score == fabs(product(s.x + b->from * STRIDE, s.dy + b->to * STRIDE, s.view.batch)));
    }
    if (o.guide == GUIDE_UNIFORM) {
      assert_int_equal(best[0].n, best[1].n);
      assert_memory_equal(best[0].cell, best[1].cell, (size_t)best[0].n * sizeof(Cell));
    } else assert_true(best[0].n <= count && (best[0].n <= W->links || 2 * W->links > (int64_t)W->n_in * W->n_out));
    best_free(&best[0]);
    best_free(&best[1]);
    sparse_free(W);
  }
}

/* Each output unit grows what it has lost. */
static void test_within (void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < 300; seed++) {
    static Small s;
    static uint8_t keep[CELLS], cell[CELLS];
    make_small(&s, seed);
    Sparse *W = s.W;
    Rng rng;
    rng_seed(&rng, seed, 6);
    random_marks(W, keep, &rng);
    spread(W, keep, cell);
    int may_return = seed % 2, by_gradient = seed / 2 % 2, lost[MOST] = { 0 }, open[MOST], grown[MOST] = { 0 };
    int64_t count = W->links - keep_count(keep, W->links), sum = 0, last = -1;
    for (int32_t o = 0; o < W->n_out; o++) {
      open[o] = 0;
      for (int32_t i = 0; i < W->n_in; i++) {
        lost[o] += cell[i * W->n_out + o] == 1;
        open[o] += cell[i * W->n_out + o] == 0 || (may_return && cell[i * W->n_out + o] == 1);
      }
      sum += lost[o] < open[o] ? lost[o] : open[o];
    }
    GrowOptions o = { .may_return = may_return, .within = 1 };
    Best best;
    assert_true((by_gradient ? grow_within_gradient : grow_within_random)(&s.view, keep, sum, &o, 1 + (int)seed % 4, &rng,
                                                                          &best));
    assert_int_equal(best.n, sum);
    assert_true(sum <= count);
    for (int64_t c = 0; c < best.n; c++) {
      int64_t place = (int64_t)best.cell[c].from * W->n_out + best.cell[c].to;
      assert_true(place > last && (cell[place] == 0 || (may_return && cell[place] == 1)));
      last = place;
      cell[place] = 3;
      grown[best.cell[c].to]++;
    }
    for (int32_t u = 0; u < W->n_out; u++) {
      assert_int_equal(grown[u], lost[u] < open[u] ? lost[u] : open[u]);
      if (!by_gradient) continue;
      double least = HUGE_VAL, most = 0;   /* of what has grown, and of what has not */
      for (int32_t i = 0; i < W->n_in; i++) {
        double g = fabs(product(s.x + i * STRIDE, s.dy + u * STRIDE, s.view.batch));
        uint8_t c = cell[i * W->n_out + u];
        if (c == 3) least = fmin(least, g);
        else if (c == 0 || (may_return && c == 1)) most = fmax(most, g);
      }
      assert_true(grown[u] == 0 || least >= most);
    }
    best_free(&best);
    sparse_free(W);
  }
}

/* SRigL, cell by cell. */
static void test_fan_in (void **state) {
  (void)state;
  int ablated = 0;
  for (uint64_t seed = 0; seed < 300; seed++) {
    static Small s;
    static uint8_t all[CELLS], keep[CELLS], cell[CELLS];
    static double weight[CELLS], g[CELLS];
    make_small(&s, seed);
    Sparse *W = s.W;
    int32_t n_in = W->n_in, n_out = W->n_out, units = 0, active = 0;
    Rng rng;
    rng_seed(&rng, seed, 7);
    double gamma = rng_double(&rng);
    int64_t drop = (int64_t)rng_below(&rng, (uint64_t)W->links + 1), n = W->links;
    memset(all, 1, sizeof all);
    spread(W, all, cell);
    for (int32_t i = 0; i < n_in; i++) {
      for (int32_t o = 0; o < n_out; o++) g[i * n_out + o] = fabs(product(s.x + i * STRIDE, s.dy + o * STRIDE, s.view.batch));
      for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) weight[i * n_out + W->to[k]] = fabs((double)W->w[k]);
    }
    /* Salient: 2 links, 3 cells. */
    for (int64_t k = 0; k < drop; k++) {   /* the smallest go, of equal ones the last */
      int worst = -1;
      for (int c = 0; c < n_in * n_out; c++)
        if (cell[c] == 2 && (worst < 0 || weight[c] <= weight[worst])) worst = c;
      cell[worst] = 1;
    }
    int64_t salient[MOST] = { 0 }, links[MOST] = { 0 };
    for (int64_t k = 0; k < drop; k++) {
      int best = -1;
      for (int c = 0; c < n_in * n_out; c++)
        if (cell[c] < 2 && (best < 0 || g[c] > g[best])) best = c;
      if (best >= 0) cell[best] = cell[best] == 1 ? 4 : 3;
    }
    for (int c = 0; c < n_in * n_out; c++) salient[c % n_out] += cell[c] >= 2;
    for (int32_t o = 0; o < n_out; o++) units += W->in_ptr[o + 1] > W->in_ptr[o];
    for (int32_t o = 0; o < n_out; o++) active += salient[o] > 0 && (double)salient[o] >= gamma * (double)n / units;
    ablated += active < units;
    for (int32_t o = 0; o < n_out; o++) {
      if (!(salient[o] > 0 && (double)salient[o] >= gamma * (double)n / units)) continue;
      int64_t before = 0;
      for (int32_t p = 0; p < n_out; p++) before += salient[p] > salient[o] || (salient[p] == salient[o] && p < o);
      links[o] = n / active + (before < n % active);
      if (links[o] > n_in) links[o] = n_in;
    }
    GrowOptions o = { .may_return = 1, .gamma = gamma };
    Best best;
    memset(keep, 1, sizeof keep);
    assert_true(grow_fan_in(&s.view, keep, drop, n, &o, 1 + (int)seed % 4, &rng, &best));
    static uint8_t now[CELLS];
    spread(W, keep, now);
    for (int64_t c = 0; c < best.n; c++) {
      assert_int_not_equal(now[best.cell[c].from * n_out + best.cell[c].to], 2);
      now[best.cell[c].from * n_out + best.cell[c].to] = 5;
    }
    for (int32_t u = 0; u < n_out; u++) {
      int64_t have = 0;
      double least = HUGE_VAL, most = -1, kept = HUGE_VAL, lost = -1;
      for (int32_t i = 0; i < n_in; i++) {
        int c = i * n_out + u;
        have += now[c] == 2 || now[c] == 5;
        if (now[c] == 2) assert_int_equal(cell[c], 2), kept = fmin(kept, weight[c]);   /* only salient links stay, */
        else if (cell[c] == 2) lost = fmax(lost, weight[c]);
        if (now[c] == 5) least = fmin(least, g[c]);
        else if (now[c] != 2) most = fmax(most, g[c]);
      }
      assert_int_equal(have, links[u]);
      assert_true(kept >= lost);       /* the largest of a unit's, */
      assert_true(least >= most);      /* and the largest gradients grow */
    }
    best_free(&best);
    sparse_free(W);
  }
  assert_true(ablated > 30);
}

/* ---- any evolution ---- */

static Sparse *copy_of (const Sparse *W) {
  Sparse *C = sparse_new(W->n_in, W->n_out, W->links);
  size_t n = (size_t)W->links;
  memcpy(C->ptr, W->ptr, ((size_t)W->n_in + 1) * sizeof *W->ptr);
  memcpy(C->to, W->to, n * sizeof *W->to);
  memcpy(C->w, W->w, n * sizeof *W->w);
  memcpy(C->momentum, W->momentum, n * sizeof *W->momentum);
  sparse_mirror(C, 1);
  return C;
}

/* An evolution with whatever rules, options and numbers of links. */
static Evolution some_evolution (uint64_t seed, const Sparse *W, Change *change) {
  static const char *const prunes[] = { "magnitude", "mest", "snip", "relative importance", "set", "threshold", "neurons",
                                        "random", NULL };
  static const char *const grows[] = { "random", "unfired", "gradient", "likeness", "cannistraci", "fan-in", NULL };
  Rng rng;
  rng_seed(&rng, seed, 8);
  Evolution e = { .pruning = { .share = rng_double(&rng), .stay = -1, .threshold = 1, .soft = (int)rng_below(&rng, 3),
                               .delta = 0.6, .power = 2,
                               .score = { .lambda = 1, .alpha = 0.5 } },
                  .growing = { .may_return = (int)rng_below(&rng, 2), .anew = (int)rng_below(&rng, 2),
                               .within = (int)rng_below(&rng, 2), .gamma = 0.3,
                               .subset = rng_below(&rng, 3) ? 0 : 1, .guide = (int)rng_below(&rng, 3),
                                   .soft = (int)rng_below(&rng, 2),
                               .paths = &cannistraci_rules[rng_below(&rng, 6)] },
                  .links = -1, .number = 9, .change = change };
  const char *prune = prunes[rng_below(&rng, 9)], *grow = grows[rng_below(&rng, 7)];
  if (prune) assert_true(prune_find(prune, &e.prune));
  if (grow) e.grow = grow_find(grow);
  if (rng_below(&rng, 3) == 0) e.links = (int64_t)rng_below(&rng, (uint64_t)(W->n_in * W->n_out) + 1);
  if (rng_below(&rng, 2)) e.init = init_find("he_uniform");
  if (rng_below(&rng, 3) == 0) {
    assert_true(prune_find(prunes[rng_below(&rng, 8)], &e.cut));
    e.cutting = (PruneOptions){ .share = rng_double(&rng), .stay = -1, .threshold = 0.5, .score.lambda = 1 };
  }
  return e;
}

/* Links that were there keep weight and momentum, or are born anew; the others are newborn. */
static void check_change (const Sparse *old, const Sparse *now, const Evolution *e, const Change *change, int64_t born) {
  static uint8_t was[CELLS];
  static float w[CELLS], momentum[CELLS];
  static uint8_t none[CELLS];
  int64_t fresh = 0;
  spread(old, none, was);
  for (int32_t i = 0; i < old->n_in; i++)
    for (int64_t k = old->ptr[i]; k < old->ptr[i + 1]; k++) w[i * old->n_out + old->to[k]] = old->w[k],
        momentum[i * old->n_out + old->to[k]] = old->momentum[k];
  for (int32_t i = 0; i < now->n_in; i++)
    for (int64_t k = now->ptr[i]; k < now->ptr[i + 1]; k++) {
      int c = i * now->n_out + now->to[k];
      int newborn = now->born[k] == 9;
      if (newborn) {
        assert_true(now->momentum[k] == 0);
        if (!e->init) assert_true(now->w[k] == 0);
        if (was[c]) assert_true(e->growing.may_return && e->grow);
      } else assert_true(was[c] && now->w[k] == w[c] && now->momentum[k] == momentum[c]);
      fresh += newborn;
    }
  assert_int_equal(fresh, born);
  assert_int_equal(change->cut + change->dropped, old->links - (now->links - change->grown));
  assert_true(change->grown >= born && change->returned <= change->grown);
  if (!e->growing.may_return) assert_int_equal(change->returned, 0);
}

static void test_any_evolution (void **state) {
  (void)state;
  int grew = 0, shrank = 0, filled = 0;
  for (uint64_t seed = 0; seed < 3000; seed++) {
    static Small s;
    Change change[4];
    Sparse *after[4];
    make_small(&s, seed);
    int64_t born[4];
    Evolution e = some_evolution(seed, s.W, NULL);
    for (int threads = 1; threads <= 4; threads++) {
      Sparse *W = after[threads - 1] = copy_of(s.W);
      View view = s.view;
      Rng rng;
      rng_seed(&rng, seed, RNG_EVOLUTION);
      assert_true(sparse_keep_births(W) && sparse_keep_tried(W));
      view.W = W;
      e.change = &change[threads - 1];
      born[threads - 1] = evolve(W, &view, &e, threads, &rng);
      assert_true(born[threads - 1] >= 0);
      const char *broken = sparse_check(W);
      if (broken) fail_msg("seed %d: %s", (int)seed, broken);
      check_change(s.W, W, &e, &change[threads - 1], born[threads - 1]);
      assert_same_layer(after[0], W);
      assert_memory_equal(after[0]->born, W->born, (size_t)W->links * sizeof *W->born);
      assert_memory_equal(&change[0], &change[threads - 1], sizeof *change);
    }
    int64_t cells = (int64_t)s.W->n_in * s.W->n_out, links = after[0]->links;
    int exact = e.grow && e.growing.may_return && !e.grow->whole && !(e.grow->needs && e.growing.subset > 0) &&
        !(e.growing.within && e.grow->within);
    int64_t kept = s.W->links - change[0].cut - change[0].dropped;
    if (exact) {   /* as many links as were asked for, where there are cells */
      int64_t wanted = e.links >= 0 ? e.links : e.prune.shrinks ? kept : s.W->links - change[0].cut;
      assert_int_equal(links, wanted > kept ? wanted : kept);
    }
    grew += links > s.W->links;
    shrank += links < s.W->links;
    filled += links == cells;
    for (int t = 0; t < 4; t++) sparse_free(after[t]);
    sparse_free(s.W);
  }
  assert_in_range(grew, 100, 3000);
  assert_in_range(shrank, 100, 3000);
  assert_in_range(filled, 1, 3000);
}

/* Never linked cells first; and when all have been tried, the others. */
static void test_unfired (void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < 100; seed++) {
    static Small s;
    make_small(&s, seed);
    Sparse *W = s.W;
    int64_t cells = (int64_t)W->n_in * W->n_out;
    Evolution e = evolution_set(0.3, NULL);
    assert_true(prune_find("random", &e.prune));
    e.grow = grow_find("unfired");
    e.growing.may_return = seed % 2;
    assert_true(sparse_keep_tried(W));
    for (int step = 1; step < 12; step++) {
      Change change;
      Rng rng;
      rng_seed(&rng, seed, (uint64_t)step);
      int64_t before = W->tried->links;
      e.change = &change;
      assert_true(evolve(W, NULL, &e, 1 + step % 4, &rng) >= 0);
      assert_null(sparse_check(W));
      int64_t untried = cells - before;
      assert_int_equal(W->tried->links - before, change.grown < untried ? change.grown : untried);
    }
    sparse_free(W);
  }
}

#ifdef LAB_FAIL_ALLOC
static void test_no_memory (void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < 120; seed++) {
    static Small s;
    make_small(&s, seed);
    Evolution e = some_evolution(seed, s.W, NULL);
    int64_t born = -1;
    for (long n = 1; born < 0; n++) {
      Sparse *W = copy_of(s.W);
      assert_true(sparse_keep_births(W) && sparse_keep_tried(W));
      View view = s.view;
      view.W = W;
      Rng rng;
      rng_seed(&rng, seed, RNG_EVOLUTION);
      uint64_t before = mem_held();
      mem_fail_at(n);
      born = evolve(W, &view, &e, 1 + (int)seed % 3, &rng);
      mem_fail_at(0);
      assert_null(sparse_check(W));
      if (born < 0) {
        assert_same_layer(s.W, W);
        assert_int_equal(mem_held(), before);
      }
      sparse_free(W);
    }
    sparse_free(s.W);
  }
}
#endif

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_scores),
    cmocka_unit_test(test_neurons),
    cmocka_unit_test(test_among),
    cmocka_unit_test(test_soft),
    cmocka_unit_test(test_gradient_and_likeness),
    cmocka_unit_test(test_subset),
    cmocka_unit_test(test_within),
    cmocka_unit_test(test_fan_in),
    cmocka_unit_test(test_any_evolution),
    cmocka_unit_test(test_unfired),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(test_no_memory),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
