/*
** isa.h -- the same test for every instruction set; one that the machine lacks is skipped.
**
**   static void test_x (void **state) { const Kernels *k = isa_kernels(state); ... }
**   const struct CMUnitTest tests[] = { EACH_ISA(test_x) };
*/
#ifndef SETLAB_TESTS_ISA_H
#define SETLAB_TESTS_ISA_H
#include "kernel.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static char isa_names[3][9] = { "portable", "avx2", "avx512" };

#define EACH_ISA(test)                                    \
  { #test " (portable)", test, NULL, NULL, isa_names[0] }, \
  { #test " (avx2)", test, NULL, NULL, isa_names[1] },     \
  { #test " (avx512)", test, NULL, NULL, isa_names[2] }

static inline const Kernels *isa_kernels (void **state) {
  const char *isa = *state;
  const Kernels *kernels = kernels_choose(isa);
  if (!kernels) {
    print_message("this processor lacks %s\n", isa);
    skip();
    return NULL;
  }
  assert_string_equal(kernels->isa, isa);
  return kernels;
}

#endif
