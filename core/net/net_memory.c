/*
** net_memory.c -- memory for batches: how much a net needs, and claiming it.
**
** Evaluation needs the units' values only; training needs their loss gradients too, and, where
** a batch is walked in several tiles, room for weight gradients.
*/
#include "base/mem.h"
#include "net/net_level.h"
#include <string.h>

/* ---- levels ---- */

/* How many a level is kept in, and the stride of each: a group's own, or one for all. */
typedef struct Pieces { int n; size_t stride; } Pieces;

static Pieces pieces_of (const Net *net, int32_t l, Extent e) {
  return level_is_whole(net, l) ? (Pieces){ 1, (size_t)e.stride } : (Pieces){ e.groups, (size_t)e.widest };
}

/* Those of bfloat16: see net_level.c. */
static Pieces brief_pieces_of (const Net *net, int32_t l, Extent e) {
  return level_is_whole(net, l) ? (Pieces){ 1, 2 * (size_t)e.stride } : (Pieces){ e.groups, brief_room((size_t)e.widest) };
}

static uint64_t pieces_bytes (Pieces p, int32_t rows, size_t size) { return (uint64_t)p.n * mem_block((uint64_t)rows * p.stride, size); }

static uint64_t float_bytes (const Net *net, int32_t l, Extent e) {
  return pieces_bytes(pieces_of(net, l, e), net_rows(net, l), sizeof(float));
}

static uint64_t brief_bytes (const Net *net, int32_t l, Extent e) {
  return pieces_bytes(brief_pieces_of(net, l, e), net_rows(net, l), sizeof(uint16_t));
}

uint64_t net_level_bytes (const Net *net, int32_t l, Extent e) {
  uint64_t brief = brief_bytes(net, l, e);
  if (level_is_bf16(net, l)) return brief;
  return float_bytes(net, l, e) + (level_copies_values(net, l) ? brief : 0);
}

uint64_t net_level_gradient_bytes (const Net *net, int32_t l, Extent e) {
  if (l == 0) return 0;
  Pieces p = pieces_of(net, l, e);
  uint64_t floats = float_bytes(net, l, e), of_sums = pieces_bytes(p, net_units(net, l), sizeof(float));
  uint64_t kept = (level_keeps_sums(net, l) + level_keeps_centred(net, l)) * of_sums;
  if (level_keeps_signs(net, l)) kept += (uint64_t)p.n * mem_block(level_sign_words(net, l, p.stride), sizeof(uint16_t));
  if (level_is_bf16(net, l)) return kept;
  return kept + (level_shared(net, l) ? 0 : floats) + (level_copies_gradients(net, l) ? brief_bytes(net, l, e) : 0);
}

/* The arrays of a level are named by where their pointers stand in it. */
enum { THE_A = offsetof(Level, a), THE_DELTA = offsetof(Level, delta), THE_SUMS = offsetof(Level, sums), THE_CENTRED = offsetof(Level, centred),
       THE_SIGNS = offsetof(Level, signs), THE_A16 = offsetof(Level, a16), THE_DELTA16 = offsetof(Level, delta16) };

static Level *level_at (const Net *net, int group, int32_t l) {
  return &net->level[(size_t)group * ((size_t)net->n_layers + 1) + (size_t)l];
}

/* One of them, in all its pieces. 0 if memory runs out. */
static int claim (Net *net, int32_t l, Extent e, size_t which) {
  int is_brief = which == THE_A16 || which == THE_DELTA16;
  Pieces p = is_brief ? brief_pieces_of(net, l, e) : pieces_of(net, l, e);
  int of_sums = which == THE_SUMS || which == THE_CENTRED;
  size_t n = which == THE_SIGNS ? level_sign_words(net, l, p.stride) : (size_t)(of_sums ? net_units : net_rows)(net, l) * p.stride;
  for (int g = 0; g < p.n; g++) {
    void *array = mem_zero(n, is_brief || which == THE_SIGNS ? sizeof(uint16_t) : sizeof(float));
    memcpy((char *)level_at(net, g, l) + which, &array, sizeof array);
    if (!array) return 0;
  }
  return 1;
}

static void drop (Net *net, size_t which) {
  for (int g = 0; g < net->threads; g++)
    for (int32_t l = 0; l <= net->n_layers; l++) {
      void *array, *none = NULL;
      char *place = (char *)level_at(net, g, l) + which;
      memcpy(&array, place, sizeof array);
      mem_free(array);
      memcpy(place, &none, sizeof none);
    }
}

/* ---- values ---- */

uint64_t net_values_bytes (const Net *net, Extent e, int32_t columns) {
  uint64_t each = (uint64_t)net->threads * (uint64_t)e.widest;
  uint64_t bytes = mem_block((uint64_t)columns, sizeof *net->column_loss) + mem_block((uint64_t)columns, sizeof *net->column_hit) +
                   mem_block(each, sizeof *net->row) + mem_block(each, sizeof *net->warp) +
                   mem_block((uint64_t)net->threads * level_scratch(e.widest), sizeof *net->scratch);
  for (int32_t l = 0; l <= net->n_layers; l++) bytes += net_level_bytes(net, l, e);
  return bytes;
}

static void drop_values (Net *net) {
  mem_free(net->column_loss);
  mem_free(net->column_hit);
  mem_free(net->row);
  mem_free(net->warp);
  mem_free(net->scratch);
  net->column_loss = NULL;
  net->column_hit = NULL;
  net->row = NULL;
  net->warp = NULL;
  net->scratch = NULL;
  drop(net, THE_A);
  drop(net, THE_A16);
  net->values = (Extent){ 0 };
  net->columns = 0;
}

static int claim_columns (Net *net, Extent e, int32_t columns) {
  size_t each = (size_t)net->threads * (size_t)e.widest;
  net->column_loss = mem_new((size_t)columns, sizeof *net->column_loss);
  net->column_hit = mem_new((size_t)columns, sizeof *net->column_hit);
  net->row = mem_new(each, sizeof *net->row);
  net->warp = mem_new(each, sizeof *net->warp);
  net->scratch = mem_zero((size_t)net->threads * level_scratch(e.widest), sizeof *net->scratch);
  return net->column_loss && net->column_hit && net->row && net->warp && net->scratch;
}

static int fits (Extent a, Extent b) { return a.groups <= b.groups && a.widest <= b.widest && a.stride <= b.stride; }

/* What was there before goes first: nobody wants it, and both may not fit. */
int net_reserve_values (Net *net, Extent e, int32_t columns) {
  if (fits(e, net->values) && columns <= net->columns) return 1;
  e = extent_most(e, net->values);
  if (columns < net->columns) columns = net->columns;
  drop_values(net);
  int there = claim_columns(net, e, columns);
  for (int32_t l = 0; l <= net->n_layers && there; l++) {
    int is_bf16 = level_is_bf16(net, l);
    there = (is_bf16 || claim(net, l, e, THE_A)) &&
            (!(is_bf16 || level_copies_values(net, l)) || claim(net, l, e, THE_A16));
  }
  if (!there) {
    drop_values(net);
    return 0;
  }
  net->values = e;
  net->columns = columns;
  return 1;
}

/* ---- loss gradients, where they do not share their level's values' place, and what is kept of
** the sums; of level 0 none are ever asked for ---- */

uint64_t net_gradients_bytes (const Net *net, Extent e) {
  uint64_t bytes = 0;
  for (int32_t l = 1; l <= net->n_layers; l++) bytes += net_level_gradient_bytes(net, l, e);
  return bytes;
}

static void drop_gradients (Net *net) {
  drop(net, THE_DELTA);
  drop(net, THE_DELTA16);
  drop(net, THE_SUMS);
  drop(net, THE_CENTRED);
  drop(net, THE_SIGNS);
  net->gradients = (Extent){ 0 };
}

static int claim_gradients (Net *net, int32_t l, Extent e) {
  if (level_keeps_sums(net, l) && !claim(net, l, e, THE_SUMS)) return 0;
  if (level_keeps_centred(net, l) && !claim(net, l, e, THE_CENTRED)) return 0;
  if (level_keeps_signs(net, l) && !claim(net, l, e, THE_SIGNS)) return 0;
  if (level_is_bf16(net, l)) return 1;
  if (!level_shared(net, l) && !claim(net, l, e, THE_DELTA)) return 0;
  return !level_copies_gradients(net, l) || claim(net, l, e, THE_DELTA16);
}

static int reserve_gradients (Net *net, Extent e) {
  if (fits(e, net->gradients)) return 1;
  e = extent_most(e, net->gradients);
  drop_gradients(net);
  int there = 1;
  for (int32_t l = 1; l <= net->n_layers && there; l++) there = claim_gradients(net, l, e);
  if (there) net->gradients = e;
  else drop_gradients(net);
  return there;
}

/* ---- weight gradients by tile, or between two tiles ---- */

static int64_t tiles_kept (const Net *net, int32_t batch) {
  Shape shape = net_shape(net, batch);
  if (net_split(net, &shape).separate) return shape.tiles;
  return shape.tiles > 1 || net->apart;
}

static int64_t most (int64_t a, int64_t b) { return a > b ? a : b; }

static uint64_t floats_bytes (int64_t n) { return n > 0 ? mem_block((uint64_t)n, sizeof(float)) : 0; }

uint64_t net_partial_bytes (const Net *net, int32_t batch) {
  int64_t tiles = batch > 0 ? tiles_kept(net, batch) : 0;
  int64_t links = most(tiles * net->links, net->tile_links), units = most(tiles * net->units, net->tile_units);
  int64_t blocks = most(batch > 0 ? net_clip_floats(net) : 0, net->clip_floats);
  return floats_bytes(links) + floats_bytes(units) + floats_bytes(blocks);
}

static int grow (float **array, int64_t *have, int64_t want) {
  if (want <= *have) return 1;
  mem_free(*array);
  *array = mem_new((size_t)want, sizeof **array);
  *have = *array ? want : 0;
  return *array != NULL;
}

static int reserve_partial (Net *net, int32_t batch) {
  int64_t tiles = tiles_kept(net, batch);
  return grow(&net->link_gradient, &net->tile_links, tiles * net->links) && grow(&net->unit_gradient, &net->tile_units, tiles * net->units) &&
         grow(&net->clip_blocks, &net->clip_floats, net_clip_floats(net));
}

/* ---- orders of links ---- */

/* What a run wants, on top of what there is. */
static Orders orders_wanted (const Net *net, int copies, int looks) {
  Orders want = { 0 };
  if (net_is_plain(net)) return net->orders;
  int64_t lowest = net->layer[0].sparse ? net->layer[0].sparse->links + 2 * SPARSE_SLACK : 0;
  for (int32_t l = 0; l < net->n_layers; l++)
    if (net->layer[l].sparse) want.links += net->layer[l].sparse->links + 2 * SPARSE_SLACK;
  if (want.links == 0) return net->orders;
  want.copied = want.links - lowest;
  want.turns = lowest;
  want.copies = copies > net->orders.copies ? copies : net->orders.copies;
  want.links = most(want.links, net->orders.links);
  want.copied = most(want.copied, net->orders.copied);
  want.turns = most(want.turns, net->orders.turns);
  if (!looks || net->orders.to) want.to = (uint16_t *)&net->orders;   /* anything but NULL: wanted */
  return want;
}

static uint64_t orders_bytes (const Orders *o) {
  if (o->links == 0) return 0;
  uint64_t n = (uint64_t)o->links;
  return mem_block(n, sizeof *o->from) + (o->to ? mem_block(n, sizeof *o->to) + mem_block(n, sizeof *o->place) : 0) +
         (o->copied > 0 ? mem_block((uint64_t)(o->copies * o->copied), sizeof *o->copy) : 0) +
         (o->turns > 0 ? mem_block((uint64_t)o->turns, sizeof *o->turned) : 0);
}

static int copies_to_train (const Net *net, int32_t batch) {
  Shape shape = net_shape(net, batch);
  return net_split(net, &shape).groups;
}

uint64_t net_orders_bytes (const Net *net, int32_t batch, int looks) {
  if (batch <= 0 && !looks) return orders_bytes(&net->orders);
  Orders want = orders_wanted(net, batch > 0 ? copies_to_train(net, batch) : 1, batch <= 0);
  return orders_bytes(&want);
}

static void drop_orders (Orders *o) {
  mem_free(o->from);
  mem_free(o->to);
  mem_free(o->place);
  mem_free(o->copy);
  mem_free(o->turned);
  *o = (Orders){ 0 };
}

static int same (const Orders *a, const Orders *b) {
  return a->links == b->links && a->copied == b->copied && a->copies == b->copies && a->turns == b->turns && !a->to == !b->to;
}

static int reserve_orders (Net *net, int copies, int looks) {
  Orders want = orders_wanted(net, copies, looks), *o = &net->orders;
  if (same(&want, o)) return 1;
  size_t n = (size_t)want.links;
  int both = want.to != NULL;
  drop_orders(o);
  want.from = mem_new(n, sizeof *o->from);
  want.to = both ? mem_new(n, sizeof *o->to) : NULL;
  want.place = both ? mem_new(n, sizeof *o->place) : NULL;
  want.copy = want.copied > 0 ? mem_new((size_t)(want.copies * want.copied), sizeof *o->copy) : NULL;
  want.turned = want.turns > 0 ? mem_new((size_t)want.turns, sizeof *o->turned) : NULL;
  *o = want;
  int there = o->from && (!both || (o->to && o->place)) && (o->copied == 0 || o->copy) && (o->turns == 0 || o->turned);
  if (!there) drop_orders(o);
  return there;
}

/* ---- all of it ---- */

int net_reserve_to_look (Net *net) {
  net_lay_out(net);
  return reserve_orders(net, 1, 1);
}

int net_reserve (Net *net, int32_t batch) {
  net_lay_out(net);
  Shape shape = net_shape(net, batch);
  Extent e = net_extent(net, &shape);
  return reserve_orders(net, copies_to_train(net, batch), 0) && reserve_partial(net, batch) &&
         net_reserve_values(net, e, shape.stride) && reserve_gradients(net, e);
}

void net_release_levels (Net *net) {
  if (net->level) {
    drop_values(net);
    drop_gradients(net);
  }
  mem_free(net->link_gradient);
  mem_free(net->unit_gradient);
  mem_free(net->clip_blocks);
  drop_orders(&net->orders);
  mem_free(net->level);
  mem_free(net->group);
  mem_free(net->progress);
}
