/*
** net_memory.c -- memory for batches: how much a net needs, and claiming it.
**
** Evaluation needs the units' values only; training needs their loss gradients too, and, where
** a batch is walked in several tiles, room for one layer's weight gradients.
*/
#include "base/mem.h"
#include "net/net_level.h"

/* ---- values ---- */

static uint64_t float_bytes (const Net *net, int32_t l, size_t stride) {
  return mem_block((uint64_t)net_units(net, l) * stride, sizeof(float));
}

static uint64_t bf16_bytes (const Net *net, int32_t l, size_t stride) {
  return mem_block((uint64_t)net_units(net, l) * bf16_stride(stride), sizeof(uint16_t));
}

uint64_t net_level_bytes (const Net *net, int32_t l, int32_t batch) {
  size_t stride = net_shape(net, batch).stride;
  if (level_is_bf16(net, l)) return bf16_bytes(net, l, stride);
  return float_bytes(net, l, stride) + (level_copies_values(net, l) ? bf16_bytes(net, l, stride) : 0);
}

uint64_t net_values_bytes (const Net *net, int32_t batch) {
  size_t stride = net_shape(net, batch).stride;
  uint64_t bytes = mem_block(stride, sizeof *net->column_loss) + mem_block(stride, sizeof *net->column_hit) +
                   mem_block(stride, sizeof *net->row) + mem_block(stride, sizeof *net->warp) +
                   mem_block(stride, sizeof *net->sample) +
                   mem_block((uint64_t)net->threads * level_scratch(stride), sizeof *net->scratch);
  for (int32_t l = 0; l <= net->n_layers; l++) bytes += net_level_bytes(net, l, batch);
  return bytes;
}

static void drop_level (float **rows, uint16_t **narrow) {
  mem_free(*rows);
  mem_free(*narrow);
  *rows = NULL;
  *narrow = NULL;
}

static void drop_values (Net *net) {
  mem_free(net->column_loss);
  mem_free(net->column_hit);
  mem_free(net->row);
  mem_free(net->warp);
  mem_free(net->sample);
  mem_free(net->scratch);
  net->column_loss = NULL;
  net->column_hit = NULL;
  net->row = NULL;
  net->warp = NULL;
  net->sample = NULL;
  net->scratch = NULL;
  for (int32_t l = 0; l <= net->n_layers; l++) drop_level(&net->a[l], &net->a16[l]);
  net->capacity = 0;
}

/* The arrays of level l that are wanted. */
static int claim_level (const Net *net, int32_t l, size_t stride, float **rows, uint16_t **narrow) {
  size_t units = (size_t)net_units(net, l);
  if (rows) *rows = mem_zero(units * stride, sizeof **rows);
  if (narrow) *narrow = mem_zero(units * bf16_stride(stride), sizeof **narrow);
  return (!rows || *rows) && (!narrow || *narrow);
}

static int claim_columns (Net *net, size_t stride) {
  net->column_loss = mem_new(stride, sizeof *net->column_loss);
  net->column_hit = mem_new(stride, sizeof *net->column_hit);
  net->row = mem_new(stride, sizeof *net->row);
  net->warp = mem_new(stride, sizeof *net->warp);
  net->sample = mem_new(stride, sizeof *net->sample);
  net->scratch = mem_zero((size_t)net->threads * level_scratch(stride), sizeof *net->scratch);
  return net->column_loss && net->column_hit && net->row && net->warp && net->sample && net->scratch;
}

/* What was there before goes first: nobody wants it, and both may not fit. */
int net_reserve_values (Net *net, int32_t batch) {
  if (batch <= net->capacity) return 1;
  size_t stride = net_shape(net, batch).stride;
  drop_values(net);
  int there = claim_columns(net, stride);
  for (int32_t l = 0; l <= net->n_layers && there; l++) {
    int is_bf16 = level_is_bf16(net, l);
    there = claim_level(net, l, stride, is_bf16 ? NULL : &net->a[l],
                        is_bf16 || level_copies_values(net, l) ? &net->a16[l] : NULL);
  }
  if (there) net->capacity = (int32_t)stride;
  else drop_values(net);
  return there;
}

/* ---- loss gradients, where they do not share their level's values' place, and what is kept of
** the sums; of level 0 none are ever asked for ---- */

uint64_t net_level_gradient_bytes (const Net *net, int32_t l, int32_t batch) {
  size_t stride = net_shape(net, batch).stride;
  if (l == 0) return 0;
  uint64_t kept = (level_keeps_sums(net, l) ? float_bytes(net, l, stride) : 0) +
                  (level_keeps_signs(net, l) ? mem_block(level_sign_words(net, l, stride), sizeof **net->signs) : 0);
  if (level_is_bf16(net, l)) return kept;
  return kept + (level_shared(net, l) ? 0 : float_bytes(net, l, stride)) +
         (level_copies_gradients(net, l) ? bf16_bytes(net, l, stride) : 0);
}

uint64_t net_gradients_bytes (const Net *net, int32_t batch) {
  uint64_t bytes = 0;
  for (int32_t l = 1; l <= net->n_layers; l++) bytes += net_level_gradient_bytes(net, l, batch);
  return bytes;
}

static void drop_gradients (Net *net) {
  for (int32_t l = 1; l <= net->n_layers; l++) {
    drop_level(&net->delta[l], &net->delta16[l]);
    drop_level(&net->sums[l], &net->signs[l]);
  }
  net->trainable = 0;
}

static int claim_kept (const Net *net, int32_t l, size_t stride) {
  int sums = level_keeps_sums(net, l), signs = level_keeps_signs(net, l);
  if (signs) net->signs[l] = mem_zero(level_sign_words(net, l, stride), sizeof **net->signs);
  return claim_level(net, l, stride, sums ? &net->sums[l] : NULL, NULL) && (!signs || net->signs[l]);
}

static int reserve_gradients (Net *net, int32_t batch) {
  if (batch <= net->trainable) return 1;
  size_t stride = net_shape(net, batch).stride;
  int there = 1;
  drop_gradients(net);
  for (int32_t l = 1; l <= net->n_layers && there; l++) {
    if (!level_is_bf16(net, l))
      there = claim_level(net, l, stride, level_shared(net, l) ? NULL : &net->delta[l],
                          level_copies_gradients(net, l) ? &net->delta16[l] : NULL);
    if (there) there = claim_kept(net, l, stride);
  }
  if (there) net->trainable = (int32_t)stride;
  else drop_gradients(net);
  return there;
}

/* ---- weight gradients between two tiles of a batch, one layer's at a time ---- */

static int64_t partials_wanted (const Net *net, int32_t batch) {
  int64_t links = 0;
  if (net_shape(net, batch).tiles == 1) return 0;
  for (int32_t l = 0; l < net->n_layers; l++)
    if (net->layer[l].sparse && net->layer[l].sparse->links > links) links = net->layer[l].sparse->links;
  return links;
}

uint64_t net_partial_bytes (const Net *net, int32_t batch) {
  int64_t links = partials_wanted(net, batch);
  return links > 0 ? mem_block((uint64_t)links, sizeof *net->partial) : 0;
}

static int reserve_partial (Net *net, int32_t batch) {
  int64_t links = partials_wanted(net, batch);
  if (links <= net->partials) return 1;
  mem_free(net->partial);
  net->partial = mem_new((size_t)links, sizeof *net->partial);
  net->partials = net->partial ? links : 0;
  return net->partial != NULL;
}

int net_reserve (Net *net, int32_t batch) {
  return reserve_partial(net, batch) && net_reserve_values(net, batch) && reserve_gradients(net, batch);
}
