/*
** same_layer.h -- two sparse layers that must be the same to the last bit.
*/
#ifndef SETLAB_TESTS_SAME_LAYER_H
#define SETLAB_TESTS_SAME_LAYER_H
#include "sparse.h"

static inline void assert_same_layer (const Sparse *A, const Sparse *B) {
  size_t n = (size_t)A->links;
  assert_true(A->n_in == B->n_in && A->n_out == B->n_out && A->links == B->links);
  assert_memory_equal(A->ptr, B->ptr, ((size_t)A->n_in + 1) * sizeof *A->ptr);
  assert_memory_equal(A->in_ptr, B->in_ptr, ((size_t)A->n_out + 1) * sizeof *A->in_ptr);
  assert_memory_equal(A->to, B->to, n * sizeof *A->to);
  assert_memory_equal(A->from, B->from, n * sizeof *A->from);
  assert_memory_equal(A->w, B->w, n * sizeof *A->w);
  assert_memory_equal(A->at, B->at, n * sizeof *A->at);
  assert_memory_equal(A->momentum, B->momentum, n * sizeof *A->momentum);
}

#endif
