/* Soft removal, growth by gradient. */
#include "named.h"
#include "base/mem.h"
#include "evolve/evolve.h"
#include "choose/keep.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- soft_keep --------------------------------------------------------------------------- */

static void check_setting (Case *c, const Sparse *W, const Field *setting, const Field *u, int64_t stay) {
  const Field *score = case_field(c, "score", W->links, setting), *kept = case_field(c, "kept", W->links, setting);
  float *ours = mem_new((size_t)W->links, sizeof *ours);
  uint8_t *keep = mem_new((size_t)W->links, 1);
  View view = { .W = W };
  if (score && kept && ours && keep && score_soft(&view, setting->value[0], setting->value[1], 1, ours)) {
    for (int64_t k = 0; k < W->links; k++) case_near(c, score, k, (double)ours[k], 1e-5 * fabs(score->value[k]));
    /* As prunes do it: the score with power 1, and the power in the key. */
    double delta = setting->value[1];
    if (!score_soft(&view, setting->value[0], 0.5, 1, ours)) memset(ours, 0, (size_t)W->links * sizeof *ours);
    for (int64_t k = 0; k < W->links; k++) ours[k] = score_tempered_key(u->value[k], ours[k], delta / (1 - delta));
    keep_best(ours, W->links, stay, 1, keep);
    for (int64_t k = 0; k < W->links; k++) case_same(c, kept, k, keep[k]);
  }
  mem_free(ours);
  mem_free(keep);
}

void check_soft_keep (Case *c) {
  const Field *shape = case_field(c, "shape", 2, NULL), *u = case_field(c, "u", -1, NULL);
  Sparse *W = shape ? case_layer(c, (int32_t)shape->value[0], (int32_t)shape->value[1], "from", "to", "weight", NULL) : NULL;
  if (!W || !u || u->n != W->links) return;
  int64_t stay = (int64_t)case_number(c, "keep");
  for (const Field *s = case_field(c, "setting", 2, NULL); s; s = case_field(c, "setting", 2, s)) check_setting(c, W, s, u, stay);
  sparse_free(W);
}

/* ---- rigl_grow --------------------------------------------------------------------------- */

/* (batch, units) to rows of units, with some columns behind the batch that must not matter. */
static float *rows_of (const Field *f, int32_t units, int32_t batch, size_t stride) {
  float *rows = mem_new((size_t)units * stride, sizeof *rows);
  for (size_t e = 0; rows && e < (size_t)units * stride; e++) rows[e] = 1e30f;
  for (int32_t b = 0; rows && b < batch; b++)
    for (int32_t u = 0; u < units; u++) rows[(size_t)u * stride + (size_t)b] = (float)f->value[(int64_t)b * units + u];
  return rows;
}

static void check_cells (Case *c, const char *from, const char *to, const Field *g, const Best *best) {
  const Field *f = case_field(c, from, best->n, NULL), *t = case_field(c, to, best->n, NULL);
  double largest = 0;
  for (int64_t n = 0; g && n < g->n; n++) largest = fmax(largest, fabs(g->value[n]));
  for (int64_t n = 0; f && t && n < best->n; n++) {
    case_same(c, f, n, best->cell[n].from);
    case_same(c, t, n, best->cell[n].to);
    if (g) case_near(c, g, n, copysign((double)best->cell[n].score, g->value[n]), 1e-5 * largest);
  }
}

static void check_layer (Case *c, const Sparse *W) {
  const Field *from = case_field(c, "new_from", W->links, NULL), *to = case_field(c, "new_to", W->links, NULL);
  const Field *w = case_field(c, "new_weight", W->links, NULL), *v = case_field(c, "new_momentum", W->links, NULL);
  const char *broken = sparse_check(W);
  if (broken) {
    printf("%s: case %s: %s\n", c->in->path, c->name, broken);
    c->verdict = FAILED;
  }
  if (!from || !to || !w || !v || broken) return;
  for (int32_t i = 0; i < W->n_in; i++)
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) {
      case_same(c, from, k, i);
      case_same(c, to, k, W->to[k]);
      case_same(c, w, k, (double)(float)w->value[k] == (double)W->w[k] ? w->value[k] : (double)W->w[k]);
      case_same(c, v, k, (double)(float)v->value[k] == (double)W->momentum[k] ? v->value[k] : (double)W->momentum[k]);
    }
}

static void change (Case *c, Sparse *W, const View *view, int64_t drop, int threads) {
  Evolution rigl = { .pruning = { .stay = W->links - drop }, .grow = grow_find("gradient"), .growing = { .may_return = 1 }, .links = -1 };
  prune_find("magnitude", &rigl.prune);
  uint8_t *keep = mem_new((size_t)W->links, 1);
  Rng rng;
  Best best = { .cell = NULL };
  rng_seed(&rng, 1, 1);
  rigl.prune.mark(&rigl.prune, view, &rigl.pruning, threads, &rng, keep);
  const Field *from = case_field(c, "dropped_from", drop, NULL), *to = case_field(c, "dropped_to", drop, NULL);
  int64_t n = 0;
  for (int32_t i = 0; from && to && i < W->n_in; i++)
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++)
      if (!keep[k]) {
        case_same(c, from, n, i);
        case_same(c, to, n++, W->to[k]);
      }
  if (grow_gradient(view, keep, drop, &rigl.growing, threads, &rng, &best))
    check_cells(c, "grown_from", "grown_to", case_field(c, "grown_g", -1, NULL), &best);
  best_free(&best);
  mem_free(keep);
  evolve(W, view, &rigl, threads, &rng);
  check_layer(c, W);
}

void check_rigl_grow (Case *c) {
  const Field *shape = case_field(c, "shape", 2, NULL), *x = case_field(c, "x", -1, NULL), *dy = case_field(c, "delta", -1, NULL);
  int32_t batch = (int32_t)case_number(c, "batch");
  for (int threads = 1; threads <= 4 && shape && x && dy && c->verdict == PASSED; threads++) {
    int32_t n_in = (int32_t)shape->value[0], n_out = (int32_t)shape->value[1];
    size_t stride = ((size_t)batch + 15) / 16 * 16 + 16;
    Sparse *W = case_layer(c, n_in, n_out, "from", "to", "weight", "momentum");
    float *rows = rows_of(x, n_in, batch, stride), *gradients = rows_of(dy, n_out, batch, stride);
    View view = { .W = W, .x = rows, .dy = gradients, .stride = stride, .batch = batch };
    if (W && rows && gradients) change(c, W, &view, (int64_t)case_number(c, "drop"), threads);
    mem_free(rows);
    mem_free(gradients);
    sparse_free(W);
  }
}
