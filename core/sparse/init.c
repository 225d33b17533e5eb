#include "sparse/init.h"
#include <math.h>
#include <stddef.h>
#include <string.h>

static double he_uniform (int32_t n_in, int32_t n_out) { (void)n_out; return sqrt(6.0 / n_in); }
static double he_normal (int32_t n_in, int32_t n_out) { (void)n_out; return sqrt(2.0 / n_in); }
static double xavier_uniform (int32_t n_in, int32_t n_out) { return sqrt(6.0 / ((double)n_in + n_out)); }
static double xavier_normal (int32_t n_in, int32_t n_out) { return sqrt(2.0 / ((double)n_in + n_out)); }
static double tenth (int32_t n_in, int32_t n_out) { (void)n_in; (void)n_out; return 0.1; }

const Init init_rules[] = {
  { "he_uniform", 0, he_uniform },
  { "he_normal", 1, he_normal },
  { "xavier_uniform", 0, xavier_uniform },
  { "xavier_normal", 1, xavier_normal },
  { "normal", 1, tenth },  /* N(0,1)/10, as in SET's own sparse program */
  { NULL, 0, NULL },
};

const Init *init_find (const char *name) {
  for (const Init *rule = init_rules; rule->name; rule++)
    if (strcmp(rule->name, name) == 0) return rule;
  return NULL;
}
