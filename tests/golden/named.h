/*
** named.h -- files whose cases are made of named lines: "case NAME", then lines of a word, a count and as many values.
*/
#ifndef GOLDEN_NAMED_H
#define GOLDEN_NAMED_H
#include "golden.h"
#include "sparse/sparse.h"

typedef struct Field {
  char    word[32];
  long    line;
  int64_t n;
  double *value;   /* n */
  char   *text;    /* the values as they stand there */
} Field;

typedef struct Case {
  char   name[64];
  const Lines *in;
  int    fields, room;
  Field *field;
  int    verdict;   /* PASSED until something disagrees or is missing */
} Case;

/* Reads the case that begins with the current line, up to the next one, and leaves that as the current line. Returns PASSED or
** MALFORMED. case_free takes it either way. */
int  case_read (Lines *in, Case *c);
void case_free (Case *c);

/* The field of that word; if it is not there, or has another number of values (n >= 0), the case is malformed and NULL comes back.
** `after`: the next one after that field, for words that stand several times; NULL for the first. */
const Field *case_field (Case *c, const char *word, int64_t n, const Field *after);
/* A field that may be missing: NULL. */
const Field *case_find (const Case *c, const char *word);
/* One number: the first value of a field. */
double case_number (Case *c, const char *word);

/* A layer of the links that the fields `from` and `to` name, weights and momenta from theirs (NULL: 0). The caller owns it. */
Sparse *case_layer (Case *c, int32_t n_in, int32_t n_out, const char *from, const char *to, const char *weight, const char *momentum);

/* Compare a value with what the field says at `at`: exactly, or within `share` of its size. Prints the first disagreement of a
** field, and the case has failed. */
int case_same (Case *c, const Field *want, int64_t at, double ours);
int case_near (Case *c, const Field *want, int64_t at, double ours, double tolerance);

/* The checkers of such files, each of one case. */
void check_rigl_grow (Case *c);
void check_soft_keep (Case *c);
void check_percolation (Case *c);
void check_ch_scores (Case *c);
void check_densities (Case *c);
void check_topology (Case *c);
void check_ingredients (Case *c);

#endif
