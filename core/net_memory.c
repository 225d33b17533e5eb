/*
** net_memory.c -- memory for batches: how much a net needs, and claiming it.
**
** Evaluation needs the units' values only; training needs their loss gradients too, and, where
** a batch is walked in several tiles, room for one layer's weight gradients.
*/
#include "mem.h"
#include "net_internal.h"

/* ---- bfloat16 copies: of the values below a sparse layer, and of the loss gradients above ---- */

static uint64_t copy_bytes (const Net *net, int32_t l, size_t stride) {
  return mem_block((uint64_t)net_units(net, l) * bf16_stride(stride), sizeof(uint16_t));
}

/* One of the two arrays of copies, or all of it gone. */
static int reserve_copies (const Net *net, uint16_t **copies, int above, size_t stride) {
  for (int32_t l = 0; l < net->n_layers; l++) {
    if (!net->bf16 || !net->layer[l].sparse) continue;
    size_t rows = (size_t)net_units(net, l + above);
    copies[l + above] = mem_zero(rows * bf16_stride(stride), sizeof **copies);
    if (!copies[l + above]) return 0;
  }
  return 1;
}

static void drop_copies (const Net *net, uint16_t **copies) {
  for (int32_t l = 0; l <= net->n_layers; l++) {
    mem_free(copies[l]);
    copies[l] = NULL;
  }
}

static uint64_t copies_bytes (const Net *net, int above, size_t stride) {
  uint64_t bytes = 0;
  for (int32_t l = 0; l < net->n_layers; l++)
    if (net->bf16 && net->layer[l].sparse) bytes += copy_bytes(net, l + above, stride);
  return bytes;
}

/* ---- values ---- */

uint64_t net_level_bytes (const Net *net, int32_t l, int32_t batch) {
  return mem_block((uint64_t)net_units(net, l) * net_shape(net, batch).stride, sizeof(float));
}

uint64_t net_values_bytes (const Net *net, int32_t batch) {
  size_t stride = net_shape(net, batch).stride;
  uint64_t bytes = mem_block(stride, sizeof *net->column_loss) + mem_block(stride, sizeof *net->column_hit) +
                   mem_block(stride, sizeof *net->row) + mem_block(stride, sizeof *net->sample);
  for (int32_t l = 0; l <= net->n_layers; l++) bytes += net_level_bytes(net, l, batch);
  return bytes + copies_bytes(net, 0, stride);
}

static void drop_values (Net *net) {
  mem_free(net->column_loss);
  mem_free(net->column_hit);
  mem_free(net->row);
  mem_free(net->sample);
  net->column_loss = NULL;
  net->column_hit = NULL;
  net->row = NULL;
  net->sample = NULL;
  for (int32_t l = 0; l <= net->n_layers; l++) {
    mem_free(net->a[l]);
    net->a[l] = NULL;
  }
  drop_copies(net, net->a16);
  net->capacity = 0;
}

/* What was there before goes first: nobody wants it, and both may not fit. */
int net_reserve_values (Net *net, int32_t batch) {
  if (batch <= net->capacity) return 1;
  size_t stride = net_shape(net, batch).stride;
  drop_values(net);
  net->column_loss = mem_new(stride, sizeof *net->column_loss);
  net->column_hit = mem_new(stride, sizeof *net->column_hit);
  net->row = mem_new(stride, sizeof *net->row);
  net->sample = mem_new(stride, sizeof *net->sample);
  int there = net->column_loss && net->column_hit && net->row && net->sample;
  for (int32_t l = 0; l <= net->n_layers && there; l++) {
    net->a[l] = mem_zero((size_t)net_units(net, l) * stride, sizeof(float));
    there = net->a[l] != NULL;
  }
  there = there && reserve_copies(net, net->a16, 0, stride);
  if (there) net->capacity = (int32_t)stride;
  else drop_values(net);
  return there;
}

/* ---- loss gradients: delta[0] is never asked for ---- */

uint64_t net_gradients_bytes (const Net *net, int32_t batch) {
  uint64_t bytes = 0;
  for (int32_t l = 1; l <= net->n_layers; l++) bytes += net_level_bytes(net, l, batch);
  return bytes + copies_bytes(net, 1, net_shape(net, batch).stride);
}

static void drop_gradients (Net *net) {
  for (int32_t l = 1; l <= net->n_layers; l++) {
    mem_free(net->delta[l]);
    net->delta[l] = NULL;
  }
  drop_copies(net, net->delta16);
  net->trainable = 0;
}

static int reserve_gradients (Net *net, int32_t batch) {
  if (batch <= net->trainable) return 1;
  size_t stride = net_shape(net, batch).stride;
  int there = 1;
  drop_gradients(net);
  for (int32_t l = 1; l <= net->n_layers && there; l++) {
    net->delta[l] = mem_zero((size_t)net_units(net, l) * stride, sizeof(float));
    there = net->delta[l] != NULL;
  }
  there = there && reserve_copies(net, net->delta16, 1, stride);
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
