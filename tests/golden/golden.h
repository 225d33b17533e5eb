/*
** golden.h -- what the checkers of worked examples share: lines, words, and verdicts.
*/
#ifndef GOLDEN_H
#define GOLDEN_H
#include <stdint.h>
#include <stdio.h>

typedef struct Lines {
  FILE  *file;
  const char *path;
  char  *text;      /* the current line, cut up into words as they are taken */
  size_t room;
  long   number;    /* of the current line, from 1 */
  char  *rest;      /* strtok_r's */
  int    fresh;     /* no word of the line is taken yet */
} Lines;

enum { FAILED, PASSED, NOT_KNOWN, END, MALFORMED };   /* NOT_KNOWN: about something that the engine does not do */

/* Says what is wrong with the file, at the current line; returns MALFORMED. */
int malformed (const Lines *in, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One more line, its end cut off: 1; 0 at the end of the file; -1 if it is no text. */
int next_line (Lines *in);
/* The next word of the line, or NULL. */
const char *word (Lines *in);
/* The next word as a number; 0 if there is none or it is something else. A float is read as one at once: rounding twice
** could give a neighbour. */
int take_double (Lines *in, double *x);
int take_float  (Lines *in, float *x);
int take_count  (Lines *in, int64_t *n);

/* The line after the current one, which must be there and could hold `count` items. */
int follow (Lines *in, int64_t n, const char *what);

/* The checkers. Each gets the first line of a case as the current line and reads the others itself; it prints what does not
** agree as file:line: words. */
int check_prune (Lines *in);
int check_affine (Lines *in);

#endif
