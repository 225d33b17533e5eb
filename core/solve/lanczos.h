/*
** lanczos.h -- the two largest eigenvalues of A A', A a layer's mask.
**
** Block Lanczos (Golub and Underwood 1977) with two vectors a block, so that a double eigenvalue is seen twice, all vectors held
** orthogonal, and restarted from the best Ritz vectors when there are LANCZOS_MOST of them (Wu and Simon 2000).
*/
#ifndef SETLAB_LANCZOS_H
#define SETLAB_LANCZOS_H
#include "sparse/sparse.h"

enum { LANCZOS_MOST = 96, LANCZOS_KEPT = 24, LANCZOS_BLOCK = 2 };

/* largest[0] >= largest[1]; where A has one row or column, the second is 0. 0 if memory runs out. */
int lanczos_two (const Sparse *A, int threads, double largest[2]);

#endif
