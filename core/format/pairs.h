/*
** pairs.h -- two columns of whole numbers, the form in which files hold the links of a graph.
**
** The formats are CSV, plain or gzip, of two columns, whose first line may name them; a NumPy array (.npy) of n rows and two columns; and a
** NumPy archive (.npz) with two arrays of n values each. Files are told apart by their first bytes.
*/
#ifndef SETLAB_PAIRS_H
#define SETLAB_PAIRS_H
#include "format/data_complain.h"
#include <stdint.h>

typedef struct Pairs {
  int64_t  n;
  int32_t *from, *to;   /* (n) each */
  int64_t *line;        /* (n): of the file, from 1; NULL where a file has no lines: row k is number k + 1 */
} Pairs;

typedef struct PairsWanted {
  int32_t base;                 /* the smallest number a file may hold, 0 or 1; it becomes 0 */
  const char *from, *to;        /* names of the arrays of an archive */
} PairsWanted;

/* 1; or 0 with a sentence that names file, place and what was expected, and nothing to free. */
int  pairs_read (const char *path, const PairsWanted *want, Pairs *pairs, char why[DATA_WHY]);
void pairs_free (Pairs *pairs);   /* twice is fine */

#endif
