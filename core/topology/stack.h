/*
** stack.h -- layers of links one upon another, as the measures of this room see a net.
**
** Layer l links the units of level l to those of level l + 1; level 0 are the inputs. Levels and layers count from 0. A layer may
** also have skip links, from the inputs: these are further units that it reads, behind those of level l.
*/
#ifndef SETLAB_STACK_H
#define SETLAB_STACK_H
#include "sparse/sparse.h"

typedef struct Stack {
  int32_t n;                /* layers */
  const int32_t *size;      /* n + 1: units of each level */
  const Sparse *const *W;   /* n; NULL: that layer is dense */
  const int32_t *rows;      /* n: units that each layer reads; NULL: size[l], for no layer has skip links */
} Stack;

static inline int32_t stack_rows (const Stack *s, int32_t l) { return s->rows ? s->rows[l] : s->size[l]; }
static inline int stack_skips (const Stack *s) {
  for (int32_t l = 0; l < s->n; l++)
    if (stack_rows(s, l) > s->size[l]) return 1;
  return 0;
}

/* Links that leave unit i of those that layer l reads, and that arrive at unit o of level l + 1, through layer l. */
static inline int64_t stack_out (const Stack *s, int32_t l, int32_t i) {
  return s->W[l] ? s->W[l]->ptr[i + 1] - s->W[l]->ptr[i] : s->size[l + 1];
}
static inline int64_t stack_in (const Stack *s, int32_t l, int32_t o) {
  return s->W[l] ? s->W[l]->in_ptr[o + 1] - s->W[l]->in_ptr[o] : stack_rows(s, l);
}

static inline int64_t stack_cells (const Stack *s, int32_t l) { return (int64_t)stack_rows(s, l) * s->size[l + 1]; }
static inline int64_t stack_links (const Stack *s, int32_t l) { return s->W[l] ? s->W[l]->links : stack_cells(s, l); }

/* Units of levels 0 .. level - 1: where level `level` begins in an array of the units of all levels. */
static inline int64_t stack_units (const Stack *s, int32_t level) {
  int64_t units = 0;
  for (int32_t l = 0; l < level; l++) units += s->size[l];
  return units;
}

#endif
