#include "evolve/prune.h"
#include <stddef.h>
#include <string.h>

const Prune prune_rules[] = {
  { "set", prune_set },
  { NULL, NULL },
};

const Prune *prune_find (const char *name) {
  for (const Prune *rule = prune_rules; rule->name; rule++)
    if (strcmp(rule->name, name) == 0) return rule;
  return NULL;
}
