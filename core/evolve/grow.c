#include "evolve/grow.h"
#include <string.h>

const Grow grow_rules[] = {
  { "random", grow_random },
  { NULL, NULL },
};

const Grow *grow_find (const char *name) {
  for (const Grow *rule = grow_rules; rule->name; rule++)
    if (strcmp(rule->name, name) == 0) return rule;
  return NULL;
}
