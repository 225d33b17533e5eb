/*
** squares.h -- how many paths of three links close into a cycle of four (Robins and Alexander 2004).
*/
#ifndef SETLAB_SQUARES_H
#define SETLAB_SQUARES_H
#include "topology/stack.h"

/* four_cycles = sum over pairs i < j of units of one side of U_ij (U_ij - 1) / 2, U = A A'; three_paths = sum over links of
** (d_i - 1)(d_o - 1); c4 = 4 four_cycles / three_paths, 0 without paths of three links. Counts as floating point: exact up
** to 2^53, and counted as whole numbers in layers that are not dense. */
typedef struct Squares { double four_cycles, three_paths, c4; } Squares;

/* In O(sum of d^2) of the side where that is less. 0 if memory runs out. */
int squares_count (const Stack *s, int32_t l, int threads, Squares *squares);

#endif
