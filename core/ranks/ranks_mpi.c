/* ranks_mpi.c -- ranks.h by MPI. */
#ifdef SETLAB_MPI
#include "ranks/ranks.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/team.h"
#include <mpi.h>
#include <stdio.h>
#include <string.h>

struct Ranks {
  MPI_Comm all;
  int rank, number;
};

struct Mail {
  MPI_Comm all;
  int n, most;
  MPI_Request *request;   /* most */
};

/* Bytes of a piece of a broadcast: MPI counts in int. Messages of mail are smaller (ranks.h). */
enum { LARGEST = 1 << 30 };

const char *ranks_library (void) {
  static char text[MPI_MAX_LIBRARY_VERSION_STRING];
  int n = 0;
  if (!text[0]) MPI_Get_library_version(text, &n);
  text[strcspn(text, ",\n")] = '\0';
  return text;
}

Ranks *ranks_join (const char **why) {
  int provided, joined;
  MPI_Initialized(&joined);
  Ranks *ranks = mem_zero(1, sizeof *ranks);
  *why = "not enough memory";
  if (!ranks) return NULL;
  if (!joined) MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
  MPI_Comm_dup(MPI_COMM_WORLD, &ranks->all);
  MPI_Comm_rank(ranks->all, &ranks->rank);
  MPI_Comm_size(ranks->all, &ranks->number);
  return ranks;
}

int ranks_rank (const Ranks *ranks) { return ranks->rank; }
int ranks_number (const Ranks *ranks) { return ranks->number; }

void ranks_abort (Ranks *ranks, int status) { MPI_Abort(ranks->all, status); }

void ranks_leave (Ranks *ranks) {
  if (!ranks) return;
  MPI_Comm_free(&ranks->all);
  mem_free(ranks);
  MPI_Finalize();
}

/* ---- messages ---- */

Mail *mail_new (Ranks *ranks, int most) {
  Mail *mail = mem_zero(1, sizeof *mail);
  if (!mail) return NULL;
  *mail = (Mail){ ranks->all, 0, most, mem_new((size_t)(most > 0 ? most : 1), sizeof *mail->request) };
  if (mail->request) return mail;
  mem_free(mail);
  return NULL;
}

void mail_free (Mail *mail) {
  if (!mail) return;
  mem_free(mail->request);
  mem_free(mail);
}

void mail_send (Mail *mail, int to, RanksKind kind, const void *from, size_t n) {
  MPI_Isend(from, (int)n, MPI_BYTE, to, (int)kind, mail->all, &mail->request[mail->n++]);
}

void mail_receive (Mail *mail, int from, RanksKind kind, void *to, size_t n) {
  MPI_Irecv(to, (int)n, MPI_BYTE, from, (int)kind, mail->all, &mail->request[mail->n++]);
}

/* Spinning at first, and then giving the processor away: where ranks share one, the other has to run. */
void mail_wait (Mail *mail) {
  int all = 0;
  for (int spin = 0; !all; spin++) {
    MPI_Testall(mail->n, mail->request, &all, MPI_STATUSES_IGNORE);
    if (!all) team_pause(spin);
  }
  mail->n = 0;
}

int ranks_next (Ranks *ranks, RanksKind kind) {
  int is_there = 0;
  MPI_Status status;
  for (int spin = 0; !is_there; spin++) {
    MPI_Iprobe(MPI_ANY_SOURCE, (int)kind, ranks->all, &is_there, &status);
    if (!is_there) team_pause(spin);
  }
  return status.MPI_SOURCE;
}

/* ---- all together ---- */

void ranks_broadcast (Ranks *ranks, void *bytes, size_t n) {
  for (size_t done = 0; done < n;) {
    size_t piece = n - done < LARGEST ? n - done : LARGEST;
    MPI_Bcast((char *)bytes + done, (int)piece, MPI_BYTE, 0, ranks->all);
    done += piece;
  }
}

/* The largest of the numbers, and of their negatives: both are this one if all are. */
int ranks_agree (Ranks *ranks, int number, double seconds) {
  int mine[2] = { number, -number }, most[2], all = 0;
  MPI_Request request;
  MPI_Iallreduce(mine, most, 2, MPI_INT, MPI_MAX, ranks->all, &request);
  double end = clock_seconds() + seconds;
  for (int spin = 0; !all && clock_seconds() < end; spin++) {
    MPI_Test(&request, &all, MPI_STATUS_IGNORE);
    if (!all) team_pause(spin);
  }
  return all && most[0] == number && most[1] == -number;
}
#endif
