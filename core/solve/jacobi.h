/*
** jacobi.h -- eigenvalues and vectors of a small symmetric matrix, by Jacobi's rotations.
*/
#ifndef SETLAB_JACOBI_H
#define SETLAB_JACOBI_H
#include <stdint.h>

/* a: n x n, symmetric, row by row, destroyed. value: n, descending; row k of vector (n x n) is the vector of value[k]. */
void jacobi_eigen (double *a, int32_t n, double *value, double *vector);

#endif
