#include "net/net_level.h"
#include <string.h>

/* ---- which way a level is kept ---- */

static int is_thin (const Layer *layer) { return !layer->sparse && layer->n_out <= THIN; }

/* The layer that reads level l: may its input's gradients be written over its values? A CBLAS
** product makes them all before the update looks at the values once more. */
int level_shared (const Net *net, int32_t l) {
  if (l == 0 || l == net->n_layers || net->apart) return 0;
  return net->layer[l].sparse || is_thin(&net->layer[l]);
}

int level_is_bf16 (const Net *net, int32_t l) {
  if (!net->bf16 || l == net->n_layers) return 0;
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
  return f && f->parameters > 0;
}

size_t level_sign_words (const Net *net, int32_t l, size_t stride) {
  return (size_t)net_units(net, l) * (stride / SIGNS);  /* SIGNS divides STRIDE_STEP */
}

float *level_delta (const Net *net, int32_t l) { return level_shared(net, l) ? net->a[l] : net->delta[l]; }

static uint16_t *far_gradients (const Net *net, int32_t l) {
  return level_is_bf16(net, l) ? net->a16[l] : net->delta16[l];
}
const uint16_t *level_far_values (const Net *net, int32_t l) { return net->a16[l]; }
const uint16_t *level_far_gradients (const Net *net, int32_t l) { return far_gradients(net, l); }

/* ---- rows ---- */

enum { VALUES, GRADIENTS };

size_t level_scratch (size_t stride) { return 2 * LEVEL_UNITS * stride; }

static float *scratch (Net *net, int t, int which, const Part *p, const Shape *s) {
  return net->scratch + (size_t)t * level_scratch(s->stride) + (size_t)which * LEVEL_UNITS * s->stride + p->column;
}

static float *rows_of (float *level, const Part *p, const Shape *s) {
  return level + (size_t)p->u0 * s->stride + p->column;
}

/* bfloat16 rows are laid out tile by tile. */
static void convert (Net *net, uint16_t *narrow, float *rows, const Part *p, const Shape *s, int widen) {
  int32_t column = p->column, width = p->width, units = p->u1 - p->u0;
  for (int i = 0, whole = width == s->width; i < (whole ? s->tiles : 1); i++) {
    if (whole) shape_tile(s, i, &column, &width);
    uint16_t *b = narrow + (size_t)p->u0 * bf16_stride(s->stride) + column;
    if (widen) net->kernels->widen_bf16(rows + (column - p->column), b, units, s->stride, width);
    else net->kernels->round_bf16(b, rows + (column - p->column), units, s->stride, width);
  }
}

static void round_rows (Net *net, uint16_t *narrow, const float *rows, const Part *p, const Shape *s) {
  if (narrow) convert(net, narrow, (float *)rows, p, s, 0);
}

static const float *widen_rows (Net *net, float *into, uint16_t *narrow, const Part *p, const Shape *s) {
  convert(net, narrow, into, p, s, 1);
  return into;
}

static const float *copy_rows (float *into, const float *rows, const Part *p, const Shape *s) {
  if (p->width == s->width) {
    memcpy(into, rows, (size_t)(p->u1 - p->u0) * s->stride * sizeof *rows);
    return into;
  }
  for (int32_t u = 0; u < p->u1 - p->u0; u++)
    memcpy(into + (size_t)u * s->stride, rows + (size_t)u * s->stride, (size_t)p->width * sizeof *rows);
  return into;
}

float *level_fill (Net *net, int t, int32_t l, const Part *p, const Shape *s) {
  return level_is_bf16(net, l) ? scratch(net, t, VALUES, p, s) : rows_of(net->a[l], p, s);
}

void level_filled (Net *net, int32_t l, const Part *p, const Shape *s, const float *rows) {
  round_rows(net, net->a16[l], rows, p, s);
}

const float *level_values (Net *net, int t, int32_t l, const Part *p, const Shape *s) {
  if (level_is_bf16(net, l)) return widen_rows(net, scratch(net, t, VALUES, p, s), net->a16[l], p, s);
  const float *rows = rows_of(net->a[l], p, s);
  return level_shared(net, l) ? copy_rows(scratch(net, t, VALUES, p, s), rows, p, s) : rows;
}

float *level_fill_gradients (Net *net, int t, int32_t l, const Part *p, const Shape *s) {
  if (level_is_bf16(net, l)) return scratch(net, t, GRADIENTS, p, s);
  return rows_of(level_delta(net, l), p, s);
}

void level_filled_gradients (Net *net, int32_t l, const Part *p, const Shape *s, const float *rows) {
  round_rows(net, far_gradients(net, l), rows, p, s);
}

const float *level_gradients (Net *net, int t, int32_t l, const Part *p, const Shape *s) {
  if (level_is_bf16(net, l)) return widen_rows(net, scratch(net, t, GRADIENTS, p, s), net->a16[l], p, s);
  return rows_of(level_delta(net, l), p, s);
}

uint16_t *level_signs (const Net *net, int32_t l, const Part *p, const Shape *s) {
  return level_keeps_signs(net, l) ? net->signs[l] + ((size_t)p->u0 * s->stride + (size_t)p->column) / SIGNS : NULL;
}

float *level_sums (const Net *net, int32_t l, const Part *p, const Shape *s) {
  return level_keeps_sums(net, l) ? rows_of(net->sums[l], p, s) : NULL;
}

void level_copy_values (Net *net, int32_t l, int32_t u0, int32_t u1, const Shape *s) {
  Part all = { u0, u1, 0, s->width };
  round_rows(net, net->a16[l], rows_of(net->a[l], &all, s), &all, s);
}

void level_copy_gradients (Net *net, int32_t l, int32_t u0, int32_t u1, const Shape *s) {
  Part all = { u0, u1, 0, s->width };
  round_rows(net, net->delta16[l], rows_of(level_delta(net, l), &all, s), &all, s);
}
