#include "topology/cells.h"
#include "base/mem.h"
#include "base/rng.h"

int cells_make (Cells *c, int64_t most) {
  uint64_t room = 16;
  while (room < 2 * (uint64_t)most) room *= 2;
  *c = (Cells){ mem_zero((size_t)room, sizeof *c->slot), room - 1 };
  return c->slot != NULL;
}

void cells_free (Cells *c) { mem_free(c->slot); }

static uint64_t home (const Cells *c, uint64_t entry) { return rng_mix(entry) & c->mask; }

/* The slot of an entry, or the empty one where it would be. */
static uint64_t find (const Cells *c, uint64_t entry) {
  uint64_t at = home(c, entry);
  while (c->slot[at] && c->slot[at] != entry) at = (at + 1) & c->mask;
  return at;
}

int cells_has (const Cells *c, uint64_t cell) { return c->slot[find(c, cell + 1)] != 0; }

void cells_add (Cells *c, uint64_t cell) { c->slot[find(c, cell + 1)] = cell + 1; }

void cells_remove (Cells *c, uint64_t cell) {
  uint64_t hole = find(c, cell + 1);
  for (uint64_t at = (hole + 1) & c->mask; c->slot[at]; at = (at + 1) & c->mask) {
    uint64_t from_home = (at - home(c, c->slot[at])) & c->mask, from_hole = (at - hole) & c->mask;
    if (from_home < from_hole) continue;   /* its home lies behind the hole */
    c->slot[hole] = c->slot[at];
    hole = at;
  }
  c->slot[hole] = 0;
}
