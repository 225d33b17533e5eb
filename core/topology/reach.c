#include "topology/reach.h"
#include "base/mem.h"
#include <string.h>

/* ---- the flags --------------------------------------------------------------------------- */

/* The flags of unit i of those that layer l reads: of level l, whose flags are `below`, or an input, whose flags come first of all. */
static uint8_t *flags_below (const Stack *s, int32_t l, uint8_t *inputs, uint8_t *below, int32_t i) {
  return i < s->size[l] ? &below[i] : &inputs[i - s->size[l]];
}

static void mark_links (const Stack *s, int32_t l, uint8_t *inputs, uint8_t *below, uint8_t *above) {
  for (int32_t i = 0; i < stack_rows(s, l); i++)
    if (stack_out(s, l, i)) *flags_below(s, l, inputs, below, i) |= UNIT_OUT;
  for (int32_t o = 0; o < s->size[l + 1]; o++)
    if (stack_in(s, l, o)) above[o] |= UNIT_IN;
}

static int any (const uint8_t *flags, int32_t n, int flag) {
  for (int32_t u = 0; u < n; u++)
    if (flags[u] & flag) return 1;
  return 0;
}

static void set_all (uint8_t *flags, int32_t n, int flag) {
  for (int32_t u = 0; u < n; u++) flags[u] |= (uint8_t)flag;
}

/* Has unit i of those that layer l reads this flag, which inputs always have? */
static int has (const Stack *s, int32_t l, const uint8_t *below, int32_t i, int flag) { return i >= s->size[l] || (below[i] & flag) != 0; }

static void walk_up (const Stack *s, int32_t l, const uint8_t *below, uint8_t *above) {
  const Sparse *W = s->W[l];
  if (!W && (stack_rows(s, l) > s->size[l] || any(below, s->size[l], UNIT_FED))) set_all(above, s->size[l + 1], UNIT_FED);
  for (int32_t i = 0; W && i < W->n_in; i++)
    for (int64_t k = W->ptr[i]; has(s, l, below, i, UNIT_FED) && k < W->ptr[i + 1]; k++) above[W->to[k]] |= UNIT_FED;
}

static void walk_down (const Stack *s, int32_t l, uint8_t *inputs, uint8_t *below, const uint8_t *above) {
  const Sparse *W = s->W[l];
  int all = !W && any(above, s->size[l + 1], UNIT_READ);
  for (int32_t i = 0; i < stack_rows(s, l); i++) {
    uint8_t *flags = flags_below(s, l, inputs, below, i);
    if (all) *flags |= UNIT_READ;
    for (int64_t k = W ? W->ptr[i] : 0; W && k < W->ptr[i + 1]; k++) *flags |= above[W->to[k]] & UNIT_READ;
  }
}

uint8_t *reach_new (const Stack *s) {
  uint8_t *flags = mem_zero((size_t)stack_units(s, s->n + 1), 1), *at = flags;
  if (!flags) return NULL;
  set_all(flags, s->size[0], UNIT_IN | UNIT_FED);
  for (int32_t l = 0; l < s->n; at += s->size[l++]) {
    mark_links(s, l, flags, at, at + s->size[l]);
    walk_up(s, l, at, at + s->size[l]);
  }
  set_all(at, s->size[s->n], UNIT_OUT | UNIT_READ);
  for (int32_t l = s->n - 1; l >= 0; l--) {
    walk_down(s, l, flags, at - s->size[l], at);
    at -= s->size[l];
  }
  return flags;
}

/* ---- what is counted --------------------------------------------------------------------- */

/* Of those units of level l + 1 that have links in and out, the ones that a living unit of level l still reaches. */
static void live_up (const Stack *s, int32_t l, const uint8_t *flags, const uint8_t *below, uint8_t *above) {
  const Sparse *W = s->W[l];
  memset(above, W ? 0 : stack_rows(s, l) > s->size[l] || any(below, s->size[l], 1), (size_t)s->size[l + 1]);
  for (int32_t i = 0; W && i < W->n_in; i++)
    for (int64_t k = W->ptr[i]; has(s, l, below, i, 1) && k < W->ptr[i + 1]; k++) above[W->to[k]] = 1;
  for (int32_t o = 0; o < s->size[l + 1]; o++) above[o] = above[o] && (flags[o] & UNIT_OUT);
}

static int32_t sum (const uint8_t *live, int32_t n) {
  int32_t total = 0;
  for (int32_t u = 0; u < n; u++) total += live[u];
  return total;
}

static int count_once (const Stack *s, const uint8_t *flags, UnitCount *count) {
  uint8_t *live = mem_new((size_t)stack_units(s, s->n + 1), 1), *at = live;
  if (!live) return 0;
  for (int32_t i = 0; i < s->size[0]; i++) live[i] = (flags[i] & UNIT_OUT) != 0;
  count[0].once = sum(live, s->size[0]);
  for (int32_t l = 0; l < s->n; at += s->size[l++]) {
    live_up(s, l, flags + (at - live) + s->size[l], at, at + s->size[l]);
    count[l + 1].once = sum(at + s->size[l], s->size[l + 1]);
  }
  mem_free(live);
  return 1;
}

int reach_count (const Stack *s, const uint8_t *flags, UnitCount *count) {
  const uint8_t *at = flags;
  for (int32_t l = 0; l <= s->n; at += s->size[l++]) {
    UnitCount *c = &count[l];
    *c = (UnitCount){ .units = s->size[l] };
    for (int32_t u = 0; u < c->units; u++) {
      int f = at[u];
      c->no_in += !(f & UNIT_IN);
      c->no_out += !(f & UNIT_OUT);
      c->either += (f & (UNIT_IN | UNIT_OUT)) != (UNIT_IN | UNIT_OUT);
      c->on_path += (f & (UNIT_FED | UNIT_READ)) == (UNIT_FED | UNIT_READ);
    }
  }
  return count_once(s, flags, count);
}

double reach_active (const Stack *s, const uint8_t *flags) {
  int64_t last = stack_units(s, s->n), all = last + s->size[s->n], active = 0;
  for (int64_t u = 0; u < all; u++) active += (flags[u] & (u < last ? UNIT_OUT : UNIT_IN)) != 0;
  return (double)active / (double)all;
}

void reach_links (const Stack *s, const uint8_t *flags, int64_t *links) {
  const uint8_t *below = flags;
  for (int32_t l = 0; l < s->n; below += s->size[l++]) {
    const uint8_t *above = below + s->size[l];
    const Sparse *W = s->W[l];
    int64_t fed = 0, read = 0;
    links[l] = 0;
    for (int32_t i = 0; W && i < W->n_in; i++)
      for (int64_t k = W->ptr[i]; has(s, l, below, i, UNIT_FED) && k < W->ptr[i + 1]; k++) links[l] += (above[W->to[k]] & UNIT_READ) != 0;
    for (int32_t i = 0; !W && i < stack_rows(s, l); i++) fed += has(s, l, below, i, UNIT_FED);
    for (int32_t o = 0; !W && o < s->size[l + 1]; o++) read += (above[o] & UNIT_READ) != 0;
    links[l] += fed * read;
  }
}
