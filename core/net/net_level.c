#include "net/net_level.h"
#include <string.h>

/* ---- which way a level is kept ---- */

static int is_thin (const Layer *layer) { return !layer->sparse && !layer_is_blas(layer); }

int level_is_whole (const Net *net, int32_t l) {
  return net->apart || (l < net->n_layers && layer_is_blas(&net->layer[l])) || (l > 0 && layer_is_blas(&net->layer[l - 1]));
}

/* The layer that reads level l: may its input's gradients be written over its values? A CBLAS
** product makes them all before the update looks at the values once more. */
int level_shared (const Net *net, int32_t l) {
  if (l == 0 || l == net->n_layers || level_is_whole(net, l)) return 0;
  return net->layer[l].sparse || is_thin(&net->layer[l]);
}

int level_is_bf16 (const Net *net, int32_t l) {
  if (!net->bf16 || l == net->n_layers || level_is_whole(net, l)) return 0;
  int reads = net->layer[l].sparse || is_thin(&net->layer[l]);
  return reads && (l == 0 || net->layer[l - 1].sparse);
}

int level_copies_values (const Net *net, int32_t l) {
  return net->bf16 && !level_is_bf16(net, l) && l < net->n_layers && net->layer[l].sparse;
}

int level_copies_gradients (const Net *net, int32_t l) {
  return net->bf16 && !level_is_bf16(net, l) && l > 0 && net->layer[l - 1].sparse;
}

static const Activation *activation_of (const Net *net, int32_t l) { return l > 0 ? net->layer[l - 1].activation : NULL; }

int level_keeps_signs (const Net *net, int32_t l) {
  const Activation *f = activation_of(net, l);
  return f && f->forward_signs && net->layer[l - 1].slope < 0;
}

int level_keeps_sums (const Net *net, int32_t l) {
  const Activation *f = activation_of(net, l);
  return f && f->forward_units;
}

int level_keeps_centred (const Net *net, int32_t l) { return l > 0 && net->layer[l - 1].normed; }

size_t level_sign_words (const Net *net, int32_t l, size_t stride) {
  return (size_t)net_units(net, l) * (stride / SIGNS);  /* SIGNS divides STRIDE_STEP */
}

/* ---- where it is ---- */

static Level *level_of (const Walker *w, int32_t l) {
  int group = level_is_whole(w->net, l) ? 0 : w->group;
  return &w->net->level[(size_t)group * ((size_t)w->net->n_layers + 1) + (size_t)l];
}

size_t level_stride (const Walker *w, int32_t l) {
  return (size_t)(level_is_whole(w->net, l) ? w->shape.stride : w->tile.width);
}

/* Of bfloat16. A whole level's tiles have twice their columns' room: each may need more than it has columns. */
static size_t brief_stride (const Walker *w, int32_t l) {
  return level_is_whole(w->net, l) ? 2 * (size_t)w->shape.stride : brief_room((size_t)w->tile.width);
}

/* Of unit u0, in numbers from the level's start. */
static size_t brief_place (const Walker *w, int32_t l, int32_t u0) {
  size_t first = level_is_whole(w->net, l) ? 2 * (size_t)w->tile.column : 0;
  return (size_t)u0 * brief_stride(w, l) + first;
}

/* Of unit u0 and the tile's column `column`, in numbers from the level's start. */
static size_t place_of (const Walker *w, int32_t l, int32_t u0, int32_t column) {
  int32_t first = level_is_whole(w->net, l) ? w->tile.column : 0;
  return (size_t)u0 * level_stride(w, l) + (size_t)(first + column);
}

static size_t part_of (const Walker *w, int32_t l, const Part *p) { return place_of(w, l, p->u0, p->column); }

static float *delta_of (const Walker *w, int32_t l) {
  return level_shared(w->net, l) ? level_of(w, l)->a : level_of(w, l)->delta;
}

static uint16_t *brief_gradients (const Walker *w, int32_t l) {
  return level_is_bf16(w->net, l) ? level_of(w, l)->a16 : level_of(w, l)->delta16;
}

float *level_floats (const Walker *w, int32_t l) { return level_of(w, l)->a + place_of(w, l, 0, 0); }
float *level_delta (const Walker *w, int32_t l) { return delta_of(w, l) + place_of(w, l, 0, 0); }
FloatRows level_far_floats (const Walker *w, int32_t l) { return (FloatRows){ level_floats(w, l), level_stride(w, l) }; }
FloatRows level_far_delta (const Walker *w, int32_t l) { return (FloatRows){ level_delta(w, l), level_stride(w, l) }; }
BriefRows level_far_values (const Walker *w, int32_t l) {
  return (BriefRows){ level_of(w, l)->a16 + brief_place(w, l, 0), brief_stride(w, l) };
}
BriefRows level_far_gradients (const Walker *w, int32_t l) {
  return (BriefRows){ brief_gradients(w, l) + brief_place(w, l, 0), brief_stride(w, l) };
}

/* ---- rows ---- */

enum { VALUES, GRADIENTS };

/* Only levels of a group are kept so that they need it: a row is as wide as the tile. */
static float *scratch (const Walker *w, int which, const Part *p) {
  size_t row = (size_t)w->tile.width;
  return w->net->scratch + (size_t)w->thread * level_scratch(w->net->values.widest) + (size_t)which * LEVEL_UNITS * row + p->column;
}

/* These two are for all columns of the tile. */
static void round_rows (const Walker *w, int32_t l, uint16_t *brief, const float *rows, const Part *p) {
  if (brief)
    w->net->kernels->round_bf16(brief + brief_place(w, l, p->u0), brief_stride(w, l), rows, level_stride(w, l), p->u1 - p->u0, p->width);
}

static const float *widen_rows (const Walker *w, int32_t l, float *into, const uint16_t *brief, const Part *p) {
  w->net->kernels->widen_bf16(into, level_stride(w, l), brief + brief_place(w, l, p->u0), brief_stride(w, l), p->u1 - p->u0, p->width);
  return into;
}

static const float *copy_rows (const Walker *w, int32_t l, float *into, const float *rows, const Part *p) {
  size_t stride = level_stride(w, l), units = (size_t)(p->u1 - p->u0);
  if (stride == (size_t)p->width) return memcpy(into, rows, units * stride * sizeof *rows);
  for (size_t u = 0; u < units; u++) memcpy(into + u * stride, rows + u * stride, (size_t)p->width * sizeof *rows);
  return into;
}

float *level_fill (const Walker *w, int32_t l, const Part *p) {
  return level_is_bf16(w->net, l) ? scratch(w, VALUES, p) : level_of(w, l)->a + part_of(w, l, p);
}

void level_filled (const Walker *w, int32_t l, const Part *p, const float *rows) {
  round_rows(w, l, level_of(w, l)->a16, rows, p);
}

const float *level_values_in_place (const Walker *w, int32_t l, const Part *p) {
  if (level_is_bf16(w->net, l)) return widen_rows(w, l, scratch(w, VALUES, p), level_of(w, l)->a16, p);
  return level_of(w, l)->a + part_of(w, l, p);
}

const float *level_values (const Walker *w, int32_t l, const Part *p) {
  const float *rows = level_values_in_place(w, l, p);
  return level_shared(w->net, l) && !level_is_bf16(w->net, l) ? copy_rows(w, l, scratch(w, VALUES, p), rows, p) : rows;
}

float *level_fill_gradients (const Walker *w, int32_t l, const Part *p) {
  return level_is_bf16(w->net, l) ? scratch(w, GRADIENTS, p) : delta_of(w, l) + part_of(w, l, p);
}

void level_filled_gradients (const Walker *w, int32_t l, const Part *p, const float *rows) {
  round_rows(w, l, brief_gradients(w, l), rows, p);
}

RowsIn level_gradients (const Walker *w, int32_t l, const Part *p) {
  const uint16_t *brief = brief_gradients(w, l);
  return brief ? (RowsIn){ NULL, brief + brief_place(w, l, p->u0), brief_stride(w, l) }
               : (RowsIn){ delta_of(w, l) + part_of(w, l, p), NULL, level_stride(w, l) };
}

RowsOut level_brief (const Walker *w, int32_t l, const Part *p) {
  return (RowsOut){ NULL, level_of(w, l)->a16 + brief_place(w, l, p->u0), brief_stride(w, l) };
}

uint16_t *level_signs (const Walker *w, int32_t l, const Part *p) {
  return level_keeps_signs(w->net, l) ? level_of(w, l)->signs + part_of(w, l, p) / SIGNS : NULL;
}

float *level_sums (const Walker *w, int32_t l, const Part *p) {
  return level_keeps_sums(w->net, l) ? level_of(w, l)->sums + part_of(w, l, p) : NULL;
}

float *level_centred (const Walker *w, int32_t l, const Part *p) { return level_of(w, l)->centred + part_of(w, l, p); }

void level_copy_values (const Walker *w, int32_t l, int32_t u0, int32_t u1) {
  Part all = { u0, u1, 0, w->tile.width };
  round_rows(w, l, level_of(w, l)->a16, level_of(w, l)->a + part_of(w, l, &all), &all);
}

void level_copy_gradients (const Walker *w, int32_t l, int32_t u0, int32_t u1) {
  Part all = { u0, u1, 0, w->tile.width };
  round_rows(w, l, level_of(w, l)->delta16, delta_of(w, l) + part_of(w, l, &all), &all);
}
