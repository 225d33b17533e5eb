/*
** ranks.h -- the processes that train one network together, and messages between them (MPI 3).
**
** One thread of a process at a time calls these. A process joins once; what joined has to leave before the process ends.
*/
#ifndef SETLAB_RANKS_H
#define SETLAB_RANKS_H
#include <stddef.h>

typedef struct Ranks Ranks;

/* The library that the program was built with, such as "Open MPI v4.1.4"; NULL: none. Static text. */
const char *ranks_library (void);

/* Among how many processes a launcher started this one, by its environment (Open MPI, MPICH and its kin, Slurm); 1 if none did. */
int ranks_launched (void);

/* Joins the other processes. NULL without MPI, with what is missing in *why (static text). */
Ranks *ranks_join (const char **why);

/* Leaves, when all have come to that (ranks_agree), and frees. NULL is allowed. */
void ranks_leave (Ranks *ranks);

int ranks_rank   (const Ranks *ranks);   /* of this process, from 0 */
int ranks_number (const Ranks *ranks);   /* how many there are */

/* Ends all processes at once; this one, with `status`. Does not return. */
void ranks_abort (Ranks *ranks, int status);

/* ---- messages under way ---- */

typedef enum RanksKind { RANKS_GRADIENT, RANKS_UNITS, RANKS_WEIGHTS, RANKS_STATE, RANKS_WORD } RanksKind;

/* Messages that are waited for together. */
typedef struct Mail Mail;
Mail *mail_new  (Ranks *ranks, int most);   /* at most so many at a time; NULL if memory runs out */
void  mail_free (Mail *mail);               /* NULL is allowed; none may be under way */

/* Begins to send, or to receive, n bytes, below 2^31. The memory must stay as it is, and is not to be read, until mail_wait returns. */
void mail_send    (Mail *mail, int to,   RanksKind kind, const void *from, size_t n);
void mail_receive (Mail *mail, int from, RanksKind kind, void *to, size_t n);

/* Waits for all that have begun; then there are none. */
void mail_wait (Mail *mail);

/* Waits for a message of this kind that has come and is not received yet; from whom it is. */
int ranks_next (Ranks *ranks, RanksKind kind);

/* ---- all together ---- */

/* Rank 0's n bytes come to all. */
void ranks_broadcast (Ranks *ranks, void *bytes, size_t n);

/* Have all called this with the same number? Waits for them for some `seconds`: 0 if one does not come, after which the ranks are good
** for nothing but ranks_abort. */
int ranks_agree (Ranks *ranks, int number, double seconds);

#endif
