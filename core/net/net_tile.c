/*
** net_tile.c -- how a batch is cut into tiles of columns, and which threads process which.
**
** Tiles depend only on the batch, and so do sums over it: neither depends on the threads. Threads are divided into groups, one
** for each tile if there are enough threads; a group that is done takes the next tile, so that a slow processor holds up nobody.
*/
#include "net/net_ranks.h"
#include "base/min.h"

/* ---- the shape of a batch ---- */

static int32_t steps_of (int32_t samples) { return (samples + STRIDE_STEP - 1) / STRIDE_STEP; }

/* Nothing but products of CBLAS (and a thin layer): they want all columns at once. */
static int all_blas (const Net *net) {
  int blas = 0;
  for (int32_t l = 0; l < net->n_layers; l++) {
    if (net->layer[l].sparse) return 0;
    blas |= layer_is_blas(&net->layer[l]);
  }
  return blas;
}

/* ---- ghost batches: whole steps of columns, so that no vector has samples of two ---- */

/* The last one has two steps, if there are as many, so that it never has but a few samples; those before it have net->ghost, the one
** before it perhaps half of that. */
enum { LAST_STEPS = 2 };

static int32_t before_last (int32_t batch) { return steps_of(batch) > LAST_STEPS ? steps_of(batch) - LAST_STEPS : 0; }

static int32_t ghost_start (const Shape *shape, int32_t g) {
  if (g == 0 || g >= shape->ghosts) return g == 0 ? 0 : shape->stride;
  return (g == shape->ghosts - 1 ? before_last(shape->batch) : g * shape->ghost_steps) * STRIDE_STEP;
}

/* A tile has as many as it has columns for, so that no tile waits for another's mean; but there are two tiles, if there can be. A batch
** that is normalised as a whole is one tile, whose units the threads share: the kernels walk it in several pieces (net_step.c). */
static Shape ghost_shape (const Net *net, int32_t batch) {
  int32_t steps = steps_of(batch), each = net->ghost / STRIDE_STEP;
  if (net->ghost == GHOST_ALL)
    return (Shape){ .batch = batch, .stride = steps * STRIDE_STEP, .tiles = 1, .ghosts = 1, .ghost_steps = steps, .tile_ghosts = 1 };
  Shape shape = { .batch = batch, .stride = steps * STRIDE_STEP, .ghosts = 1 + (before_last(batch) + each - 1) / each, .ghost_steps = each };
  int32_t most = min_i32(net->kernels->widest / STRIDE_STEP, (steps + 1) / 2);
  shape.tile_ghosts = each < LAST_STEPS ? most - 1 : most / each;
  if (shape.tile_ghosts < 1) shape.tile_ghosts = 1;
  if (all_blas(net)) shape.tile_ghosts = shape.ghosts;
  shape.tiles = (shape.ghosts + shape.tile_ghosts - 1) / shape.tile_ghosts;
  return shape;
}

static Tile ghost_tile (const Shape *shape, int i) {
  int32_t column = ghost_start(shape, i * shape->tile_ghosts), width = ghost_start(shape, (i + 1) * shape->tile_ghosts) - column;
  return (Tile){ i, column, width, column, min_i32(width, shape->batch - column) };
}

int32_t tile_ghosts (const Shape *shape, const Tile *tile) {
  return min_i32(shape->tile_ghosts, shape->ghosts - tile->number * shape->tile_ghosts);
}

void tile_ghost (const Shape *shape, const Tile *tile, int32_t i, int32_t *c0, int32_t *c1) {
  int32_t g = tile->number * shape->tile_ghosts + i;
  *c0 = ghost_start(shape, g) - tile->column;
  *c1 = min_i32(ghost_start(shape, g + 1), shape->batch) - tile->column;
}

/* ---- tiles ---- */

/* At most the widest tile of the kernels; but two, if there is more than a step: two threads that share a tile pass its rows from one to
** the other, which takes them longer than narrow tiles do. */
Shape net_shape (const Net *net, int32_t batch) {
  enum { WORTH_TWO = 2 };
  if (net->ghost > 0) return ghost_shape(net, batch);
  int32_t steps = steps_of(batch), widest = net->kernels->widest / STRIDE_STEP, tiles = (steps + widest - 1) / widest;
  if (steps >= WORTH_TWO && tiles < 2) tiles = 2;
  if (tiles < net->parts) tiles = min_i32(net->parts, steps);
  if (all_blas(net)) tiles = 1;
  return (Shape){ .batch = batch, .stride = steps * STRIDE_STEP, .tiles = tiles };
}

Tile shape_tile (const Shape *shape, int i) {
  if (shape->ghosts > 0) return ghost_tile(shape, i);
  int32_t steps = shape->stride / STRIDE_STEP, base = steps / shape->tiles, longer = steps % shape->tiles;
  int32_t column = (i * base + min_i32(i, longer)) * STRIDE_STEP, width = (base + (i < longer)) * STRIDE_STEP;
  return (Tile){ i, column, width, column, min_i32(width, shape->batch - column) };
}

/* ---- groups ---- */

Split net_split (const Net *net, const Shape *shape) {
  enum { MOST_FLOATS = 1 << 24 };   /* of gradients by tile */
  int plain = net_is_plain(net);
  int separate = (shape->tiles > 1 || net->clip > 0 || net->ghost == GHOST_ALL) && shape->tiles <= MOST_TILES && !plain && net->links * shape->tiles <= MOST_FLOATS, first, last;
  net_own_tiles(net, shape, &first, &last);
  return (Split){ separate ? min_i32(net->threads, last - first) : 1, separate };
}

const char *net_norm_trouble (Net *net, int32_t batch) {
  net_lay_out(net);
  if (net->ghost != GHOST_ALL) return NULL;
  if (net->bf16) return "samples = \"batch\" does not go with precision = \"bfloat16\"";
  Shape shape = net_shape(net, batch);
  return net_split(net, &shape).separate ? NULL : "samples = \"batch\": the net has too many links for all of a step's gradients to be kept";
}

Extent net_extent (const Net *net, const Shape *shape) {
  int32_t first = shape_tile(shape, 0).width, last = shape_tile(shape, shape->tiles - 1).width;
  return (Extent){ net_split(net, shape).groups, first > last ? first : last, shape->stride };
}

/* Enough for CBLAS, but not more than a wide net has memory for. */
int32_t net_evaluation_width (const Net *net, int32_t n) {
  enum { USUAL = 128, MOST_FLOATS = 1 << 26 };
  int64_t units = 0;
  for (int32_t l = 0; l <= net->n_layers; l++) units += net_rows(net, l);
  int64_t fits = MOST_FLOATS / units / STRIDE_STEP * STRIDE_STEP, most = all_blas(net) ? USUAL : net->kernels->widest;
  if (fits < STRIDE_STEP) fits = STRIDE_STEP;
  return min_i32((int32_t)(fits < most ? fits : most), steps_of(n) * STRIDE_STEP);
}

Split net_split_to_look (const Net *net, int32_t n) {
  int one = n <= net_evaluation_width(net, n) || all_blas(net) || net_is_plain(net);
  return (Split){ one ? 1 : net->threads, 0 };
}

Extent net_evaluation_extent (const Net *net, int32_t n) {
  int32_t width = net_evaluation_width(net, n);
  int groups = net_split_to_look(net, n).groups;
  return (Extent){ groups, width, groups * width };
}

/* ---- walkers ---- */

Walker net_walker (Net *net, int t, const Shape *shape, const Step *step) {
  Walker w = { .net = net, .step = *step, .shape = *shape, .thread = t };
  int base = net->threads / net->split.groups, longer = net->threads % net->split.groups;
  int in_longer = longer * (base + 1);
  w.members = t < in_longer ? base + 1 : base;
  w.group = t < in_longer ? t / (base + 1) : longer + (t - in_longer) / base;
  w.member = t < in_longer ? t % (base + 1) : (t - in_longer) % base;
  w.team = &net->group[w.group];
  return w;
}

/* Each is alone and takes what comes; or each group has one tile; or a single group has all. */
static int each_is_alone (const Walker *w) { return w->net->split.groups == w->net->threads && w->net->split.groups > 1; }

void net_begin_step (Walker *w) {
  int first, last;
  net_own_tiles(w->net, &w->shape, &first, &last);
  w->drawn = 0;
  w->copied_below = 0;
  w->copied_from = w->net->n_layers;
  w->begun += (unsigned)(w->net->split.groups == 1 ? w->net->threads * (last - first)
                         : each_is_alone(w)        ? last - first
                                                   : w->net->threads);
}

int net_draw_tile (Walker *w, unsigned s) {
  int i, first, last;
  net_own_tiles(w->net, &w->shape, &first, &last);
  if (each_is_alone(w)) i = atomic_fetch_add_explicit(&w->net->ticket[s % TICKETS].next, 1, memory_order_relaxed);
  else if (w->net->split.groups == 1) i = w->drawn;
  else i = w->drawn == 0 ? w->group : last - first;
  if (first + i >= last) return 0;
  w->drawn++;
  w->tile = shape_tile(&w->shape, first + i);
  return 1;
}

void net_begin_next (Walker *w, unsigned s) {
  if (!w->next_rows) return;
  w->step.rows = w->next_rows;
  w->step.number++;
  w->next_rows = NULL;
  net_begin_step(w);
  if (layer_is_blas(&w->net->layer[0]) || !net_draw_tile(w, s)) return;
  net_phase_begin(w->net, w->thread);
  net_make_tile(w);
  net_phase_end(w->net, w->thread, &w->net->batch_seconds);
  w->made = 1;
}

void net_clear_step (Net *net, unsigned s) {
  atomic_store_explicit(&net->ticket[(s + 2) % TICKETS].next, 0, memory_order_relaxed);
  for (int32_t l = 0; l < net->n_layers; l++) {
    atomic_store_explicit(&net->progress[l].taken, 0, memory_order_relaxed);
    atomic_store_explicit(&net->progress[l].done, 0, memory_order_relaxed);
    atomic_store_explicit(&net->progress[l].heard, 0, memory_order_relaxed);
  }
}

static void clear_run (Net *net) {
  int base = net->threads / net->split.groups, longer = net->threads % net->split.groups;
  for (int g = 0; g < net->split.groups; g++) net->group[g].threads = base + (g < longer);
  for (int i = 0; i < TICKETS; i++) atomic_store_explicit(&net->ticket[i].next, 0, memory_order_relaxed);
  for (int32_t l = 0; l < net->n_layers; l++) {
    atomic_store_explicit(&net->progress[l].passed, 0, memory_order_relaxed);
    atomic_store_explicit(&net->progress[l].taken, 0, memory_order_relaxed);
    atomic_store_explicit(&net->progress[l].done, 0, memory_order_relaxed);
    atomic_store_explicit(&net->progress[l].heard, 0, memory_order_relaxed);
  }
}

/* Before any thread starts. */
void net_begin_run (Net *net, Split split, Purpose purpose) {
  net->split = split;
  net->plain = net_is_plain(net);
  net->shared = purpose != TO_TRAIN;
  net->turned = 0;
  clear_run(net);
}

/* The first unit of a share: each has about the same number of links, and each unit adds a little. */
static int32_t cut (const int64_t *ptr, int32_t n, int part, int parts) {
  enum { UNIT_COST = 8 };   /* in links */
  if (part == 0 || part == parts) return part == 0 ? 0 : n;
  if (!ptr) return (int32_t)((int64_t)n * part / parts);
  double goal = ((double)ptr[n] + (double)UNIT_COST * n) * part / parts;
  int32_t low = 0, high = n;
  while (low < high) {
    int32_t middle = low + (high - low) / 2;
    if ((double)ptr[middle] + (double)UNIT_COST * middle < goal) low = middle + 1;
    else high = middle;
  }
  return low;
}

void net_share (const Walker *w, const int64_t *ptr, int32_t n, int32_t *first, int32_t *last) {
  *first = cut(ptr, n, w->member, w->members);
  *last = cut(ptr, n, w->member + 1, w->members);
}
