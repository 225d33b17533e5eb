/*
** net_memory.c -- memory for batches: how much a net needs, and claiming it.
**
** Evaluation needs the units' values only; training needs their loss gradients too, and, where
** a batch is walked in several tiles, room for one layer's weight gradients.
*/
#include "mem.h"
#include "net_internal.h"

/* ---- values ---- */

uint64_t net_level_bytes (const Net *net, int32_t l, int32_t batch) {
  return mem_block((uint64_t)net_units(net, l) * net_shape(net, batch).stride, sizeof(float));
}

uint64_t net_values_bytes (const Net *net, int32_t batch) {
  size_t stride = net_shape(net, batch).stride;
  uint64_t bytes = mem_block(stride, sizeof *net->column_loss) + mem_block(stride, sizeof *net->column_hit) +
                   mem_block(stride, sizeof *net->row) + mem_block(stride, sizeof *net->sample);
  for (int32_t l = 0; l <= net->n_layers; l++) bytes += net_level_bytes(net, l, batch);
  return bytes;
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
  if (there) net->capacity = (int32_t)stride;
  else drop_values(net);
  return there;
}

/* ---- loss gradients: delta[0] is never asked for ---- */

uint64_t net_gradients_bytes (const Net *net, int32_t batch) {
  uint64_t bytes = 0;
  for (int32_t l = 1; l <= net->n_layers; l++) bytes += net_level_bytes(net, l, batch);
  return bytes;
}

static void drop_gradients (Net *net) {
  for (int32_t l = 1; l <= net->n_layers; l++) {
    mem_free(net->delta[l]);
    net->delta[l] = NULL;
  }
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
