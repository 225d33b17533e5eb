#include "stacks.h"

int layers_read (Case *c, Layers *s, const Field *sizes, const char *before) {
  s->stack = (Stack){ 0, s->size, (const Sparse *const *)s->W, NULL };
  if (sizes->n < 2 || sizes->n > MOST_LAYERS) {
    fprintf(stderr, "%s:%ld: expected from 2 to %d sizes\n", c->in->path, sizes->line, MOST_LAYERS);
    c->verdict = MALFORMED;
    return 0;
  }
  for (int32_t l = 0; l < sizes->n; l++) s->size[l] = (int32_t)sizes->value[l];
  for (int32_t l = 0; l < sizes->n - 1; l++) {
    char from[32], to[32];
    snprintf(from, sizeof from, "%sfrom%d", before, (int)l + 1);
    snprintf(to, sizeof to, "%sto%d", before, (int)l + 1);
    s->W[l] = case_layer(c, s->size[l], s->size[l + 1], from, to, NULL, NULL);
    if (!s->W[l]) return 0;
    s->stack.n = l + 1;
  }
  return 1;
}

void layers_free (Layers *s) {
  for (int32_t l = 0; l < s->stack.n; l++) sparse_free(s->W[l]);
}
