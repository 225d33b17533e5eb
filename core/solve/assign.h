/*
** assign.h -- the assignment of least cost, one row to one column each (Kuhn 1955; with potentials and shortest paths, O(n^3)).
*/
#ifndef SETLAB_ASSIGN_H
#define SETLAB_ASSIGN_H
#include <stdint.h>

/* cost: n x n, row by row, finite. column[r]: the column of row r. 0 if memory runs out. */
int assign_least (const double *cost, int32_t n, int32_t *column);

#endif
