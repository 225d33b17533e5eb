/*
** Scores of missing cells (cannistraci.h) against a twin that follows every path, and the same bits whichever way rows are found: one by one or
** sixteen at a time, with what outputs add known beforehand or not. (Worked examples: golden/cannistraci.txt.)
*/
#include "base/mem.h"
#include "evolve/cannistraci.h"
#include "sparse/wiring.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <string.h>
#include <cmocka.h>

enum { MOST = 40 };

typedef struct Small { int32_t n_in, n_out; uint8_t linked[MOST][MOST]; Sparse *W; Kept kept; } Small;

static Small small_new (Rng *rng) {
  Small s = { .n_in = 1 + (int32_t)rng_below(rng, MOST), .n_out = 1 + (int32_t)rng_below(rng, MOST) };
  int32_t from[MOST * MOST], to[MOST * MOST], n = 0;
  double density = rng_double(rng);
  const char *why;
  for (int32_t i = 0; i < s.n_in; i++)
    for (int32_t o = 0; o < s.n_out; o++)
      if (rng_double(rng) < density) s.linked[i][o] = 1, from[n] = i, to[n++] = o;
  s.W = wiring_given(s.n_in, s.n_out, n, from, to, init_find("normal"), rng, &why);
  assert_non_null(s.W);
  assert_true(kept_new(&s.kept, s.W, NULL));
  return s;
}

static void small_free (Small *s) {
  kept_free(&s->kept);
  sparse_free(s->W);
}

/* ---- the twin ---- */

static int32_t degree (const Small *s, int32_t in, int32_t out) {
  int32_t d = 0;
  for (int32_t z = 0; z < (in >= 0 ? s->n_out : s->n_in); z++) d += in >= 0 ? s->linked[in][z] : s->linked[z][out];
  return d;
}

/* Outputs that inputs a and u share; inputs that outputs b and v share. */
static int32_t shared_inputs (const Small *s, int32_t a, int32_t u) {
  int32_t n = 0;
  for (int32_t b = 0; b < s->n_out; b++) n += s->linked[a][b] && s->linked[u][b];
  return n;
}
static int32_t shared_outputs (const Small *s, int32_t b, int32_t v) {
  int32_t n = 0;
  for (int32_t a = 0; a < s->n_in; a++) n += s->linked[a][b] && s->linked[a][v];
  return n;
}

static double twin_score (const Small *s, const Cannistraci *rule, int32_t u, int32_t v) {
  double sum = 0;
  uint8_t in_a[MOST] = { 0 }, in_b[MOST] = { 0 };
  for (int32_t b = 0; b < s->n_out; b++)
    for (int32_t a = 0; a < s->n_in && s->linked[u][b]; a++) {
      if (!s->linked[a][b] || !s->linked[a][v]) continue;
      double da = degree(s, a, -1), db = degree(s, -1, b), ia = shared_inputs(s, a, u), ib = shared_outputs(s, b, v);
      double wa = rule->weight(da, ia, fmax(0, da - 1 - ia)), wb = rule->weight(db, ib, fmax(0, db - 1 - ib));
      if (rule->by_path) sum += wa * wb;
      if (!rule->by_path && !in_a[a]) sum += wa;
      if (!rule->by_path && !in_b[b]) sum += wb;
      in_a[a] = in_b[b] = 1;
    }
  return sum;
}

static void test_like_the_twin (void **state) {
  (void)state;
  Rng rng;
  rng_seed(&rng, 3, RNG_WIRING);
  for (int round = 0; round < 60; round++) {
    Small s = small_new(&rng);
    CannistraciRoom room;
    assert_true(cannistraci_room_new(&room, &s.kept));
    const Cannistraci *rule = &cannistraci_rules[round % 6];
    for (int32_t u = 0; u < s.n_in; u += CANNISTRACI_ROWS) {
      int32_t n = s.n_in - u < CANNISTRACI_ROWS ? s.n_in - u : CANNISTRACI_ROWS;
      cannistraci_rows(&s.kept, rule, u, n, &room);
      for (int32_t lane = 0; lane < n; lane++)
        for (int32_t v = 0; v < s.n_out; v++) {
          double got = (double)room.score[lane * s.n_out + v], want = s.linked[u + lane][v] ? got : twin_score(&s, rule, u + lane, v);
          if (fabs(got - want) > 1e-5 * (1 + want)) fail_msg("%s, %d to %d: %.9g, want %.9g", rule->name, (int)(u + lane), (int)v, got, want);
        }
    }
    cannistraci_room_free(&room);
    small_free(&s);
  }
}

static void test_any_way (void **state) {
  (void)state;
  Rng rng;
  rng_seed(&rng, 4, RNG_WIRING);
  for (int round = 0; round < 60; round++) {
    Small s = small_new(&rng);
    CannistraciRoom one, many;
    const Cannistraci *rule = &cannistraci_rules[round % 6];
    size_t n_out = (size_t)s.n_out, rows = cannistraci_outputs(rule, s.n_out);
    assert_int_equal(rows, rule->by_path ? 0 : n_out * n_out);
    float *outputs = mem_zero(rows + 1, sizeof *outputs);
    assert_true(cannistraci_room_new(&one, &s.kept) && cannistraci_room_new(&many, &s.kept));
    for (int32_t b = 0; b < s.n_out && rows > 0; b++) cannistraci_output(&s.kept, rule, b, &many, outputs + (size_t)b * n_out);
    if (rows > 0) many.outputs = outputs;
    for (int32_t u = 0; u < s.n_in; u += CANNISTRACI_ROWS) {
      int32_t n = s.n_in - u < CANNISTRACI_ROWS ? s.n_in - u : CANNISTRACI_ROWS;
      cannistraci_rows(&s.kept, rule, u, n, &many);
      for (int32_t lane = 0; lane < n; lane++) {
        cannistraci_rows(&s.kept, rule, u + lane, 1, &one);
        assert_memory_equal(one.score, many.score + (size_t)lane * n_out, n_out * sizeof *one.score);
      }
    }
    mem_free(outputs);
    cannistraci_room_free(&one);
    cannistraci_room_free(&many);
    small_free(&s);
  }
}

int main (void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(test_like_the_twin), cmocka_unit_test(test_any_way) };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("cannistraci", tests, NULL, NULL);
}
