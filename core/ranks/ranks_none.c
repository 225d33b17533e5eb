/* ranks_none.c -- a program without MPI: nobody can be joined. */
#ifndef SETLAB_MPI
#include "ranks/ranks.h"
#include <stdlib.h>

const char *ranks_library (void) { return NULL; }

Ranks *ranks_join (const char **why) {
  *why = "the program was built without MPI";
  return NULL;
}

void ranks_leave (Ranks *ranks) { (void)ranks; }
int ranks_rank (const Ranks *ranks) { (void)ranks; return 0; }
int ranks_number (const Ranks *ranks) { (void)ranks; return 1; }
void ranks_abort (Ranks *ranks, int status) { (void)ranks; exit(status); }

Mail *mail_new (Ranks *ranks, int most) { (void)ranks; (void)most; return NULL; }
void mail_free (Mail *mail) { (void)mail; }
void mail_send (Mail *mail, int to, RanksKind kind, const void *from, size_t n) { (void)mail; (void)to; (void)kind; (void)from; (void)n; }
void mail_receive (Mail *mail, int from, RanksKind kind, void *to, size_t n) { (void)mail; (void)from; (void)kind; (void)to; (void)n; }
void mail_wait (Mail *mail) { (void)mail; }
int ranks_next (Ranks *ranks, RanksKind kind) { (void)ranks; (void)kind; return 0; }
void ranks_broadcast (Ranks *ranks, void *bytes, size_t n) { (void)ranks; (void)bytes; (void)n; }
int ranks_agree (Ranks *ranks, int number, double seconds) { (void)ranks; (void)number; (void)seconds; return 1; }
#endif
