/* Link prediction scores of missing cells. */
#include "named.h"
#include "base/mem.h"
#include "evolve/cannistraci.h"
#include <math.h>

static const struct { const char *word, *rule; } variants[] = {
  { "ra_l3p", "RA-L3p" },   { "ch2_l3p", "CH2-L3p" }, { "ch3_l3p", "CH3-L3p" },
  { "ch2_l3n", "CH2-L3n" }, { "ch3_l3n", "CH3-L3n" }, { "ch31_l3n", "CH3.1-L3n" },
};

/* Every missing cell: those of the file have its scores, and the others, so many in all, 0. */
static void check_rule (Case *c, const Sparse *W, const Kept *kept, CannistraciRoom *room, const char *name, const char *rule) {
  const Field *from = case_field(c, "cell_from", -1, NULL), *to = from ? case_field(c, "cell_to", from->n, NULL) : NULL;
  const Field *score = to ? case_field(c, name, from->n, NULL) : NULL, *zero = case_field(c, "zero_cells", 1, NULL);
  int64_t n = 0, zeros = 0;
  for (int32_t u = 0; score && u < W->n_in; u++) {
    cannistraci_rows(kept, cannistraci_find(rule), u, 1, room);
    int64_t k = W->ptr[u];
    for (int32_t v = 0; v < W->n_out; v++) {
      if (k < W->ptr[u + 1] && W->to[k] == v) {
        k++;
        continue;
      }
      if (n < from->n && from->value[n] == u && to->value[n] == v) case_near(c, score, n, (double)room->score[v], 1e-5 * score->value[n]), n++;
      else zeros += room->score[v] == 0;
    }
  }
  case_same(c, zero, 0, (double)zeros);
}

void check_ch_scores (Case *c) {
  const Field *shape = case_field(c, "shape", 2, NULL);
  Sparse *W = shape ? case_layer(c, (int32_t)shape->value[0], (int32_t)shape->value[1], "from", "to", NULL, NULL) : NULL;
  Kept kept;
  CannistraciRoom room;
  if (!W || !kept_new(&kept, W, NULL)) return;
  if (cannistraci_room_new(&room, &kept)) {
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) check_rule(c, W, &kept, &room, variants[i].word, variants[i].rule);
    cannistraci_room_free(&room);
  }
  kept_free(&kept);
  sparse_free(W);
}
