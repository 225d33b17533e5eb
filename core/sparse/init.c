#include "sparse/init.h"
#include <math.h>
#include <stddef.h>
#include <string.h>

static double he_uniform (double in, double out) { (void)out; return sqrt(6.0 / in); }
static double he_normal (double in, double out) { (void)out; return sqrt(2.0 / in); }
static double xavier_uniform (double in, double out) { return sqrt(6.0 / (in + out)); }
static double xavier_normal (double in, double out) { return sqrt(2.0 / (in + out)); }
static double tenth (double in, double out) { (void)in; (void)out; return 0.1; }

const Init init_rules[] = {
  { "he_links_uniform", 0, INIT_OWN_LINKS, he_uniform },
  { "he_links_normal", 1, INIT_OWN_LINKS, he_normal },
  { "swi_uniform", 0, INIT_MEAN_LINKS, he_uniform },
  { "swi", 1, INIT_MEAN_LINKS, he_normal },
  { "xavier_links_uniform", 0, INIT_MEAN_LINKS, xavier_uniform },
  { "xavier_links_normal", 1, INIT_MEAN_LINKS, xavier_normal },
  { "he_uniform", 0, INIT_UNITS, he_uniform },
  { "he_normal", 1, INIT_UNITS, he_normal },
  { "xavier_uniform", 0, INIT_UNITS, xavier_uniform },
  { "xavier_normal", 1, INIT_UNITS, xavier_normal },
  { "normal", 1, INIT_UNITS, tenth },  /* N(0,1)/10, as in SET's own sparse program */
  { NULL, 0, INIT_UNITS, NULL },
};

const Init *init_find (const char *name) {
  for (const Init *rule = init_rules; rule->name; rule++)
    if (strcmp(rule->name, name) == 0) return rule;
  return NULL;
}

const Init *init_newborn (const Init *init) {
  for (const Init *rule = init_rules; rule->name; rule++)
    if (rule->counts == INIT_UNITS && rule->scale == init->scale && rule->normal == init->normal) return rule;
  return init;
}

InitLayer init_layer (const Init *init, int32_t n_in, int32_t n_out, int64_t links, const int64_t *in_ptr) {
  int dense = in_ptr == NULL, by_units = dense || init->counts == INIT_UNITS;
  double in = by_units ? n_in : (double)links / n_out, out = by_units ? n_out : (double)links / n_in;
  return (InitLayer){ .init = init, .in_ptr = init->counts == INIT_OWN_LINKS ? in_ptr : NULL, .out = out,
                      .scale = links > 0 ? init->scale(in, out) : 0 };
}
