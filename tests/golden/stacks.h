/*
** stacks.h -- the layers of a net as a case lists them: sizes, then from1, to1, from2, to2, ...
*/
#ifndef GOLDEN_STACKS_H
#define GOLDEN_STACKS_H
#include "named.h"
#include "topology/stack.h"

enum { MOST_LAYERS = 32 };

typedef struct Layers {
  Stack   stack;   /* of what stands below */
  int32_t size[MOST_LAYERS + 1];
  Sparse *W[MOST_LAYERS];
} Layers;

/* Reads the layers between levels of these sizes; `before` begins the fields' names. 0, and the case is malformed, if they
** are not there. layers_free takes it either way. */
int  layers_read (Case *c, Layers *layers, const Field *sizes, const char *before);
void layers_free (Layers *layers);

#endif
