/*
** cells.h -- a set of cells of a layer, input unit times n_out + output unit, that loses and gains some again and again.
**
** Open addressing with linear probing; what comes after a cell that is removed moves up (Knuth, algorithm 6.4 R).
*/
#ifndef SETLAB_CELLS_H
#define SETLAB_CELLS_H
#include <stdint.h>

typedef struct Cells { uint64_t *slot, mask; } Cells;   /* a slot holds a cell + 1, or 0 */

int  cells_make   (Cells *c, int64_t most);    /* an empty set with room for so many; 0 if memory runs out */
void cells_free   (Cells *c);
int  cells_has    (const Cells *c, uint64_t cell);
void cells_add    (Cells *c, uint64_t cell);   /* which is not there */
void cells_remove (Cells *c, uint64_t cell);   /* which is there */

#endif
