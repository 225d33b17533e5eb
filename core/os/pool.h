/*
** pool.h -- several child programs at once: started, waited for, signalled, and never left behind.
**
** A child leads its own process group, so that the terminal's Ctrl-C reaches us alone and we pass
** it on once. It reads nothing, and writes both outputs to one file. When we die, however that
** happens, the system sends it SIGTERM (prctl(2), PR_SET_PDEATHSIG): nothing continues behind
** the user's back, and a child that saves checkpoints can still tidy up.
**
** SIGUSR1 is a notice to the child alone, not to what it has started. A child begins with it
** blocked; one that has a handler unblocks it, and then gets a notice that came before.
*/
#ifndef SETLAB_POOL_H
#define SETLAB_POOL_H

typedef struct Pool Pool;

typedef struct PoolJob {
  const char *program;     /* path of the executable */
  const char *const *argv; /* NULL-terminated */
  const char *output;      /* file for both outputs, emptied first; or NULL: /dev/null */
} PoolJob;

typedef struct PoolEnd {
  int id;                  /* which child */
  int status;              /* exit status, or -1 if a signal ended it */
  int signal;              /* that signal, or 0 */
} PoolEnd;

/* An empty pool, NULL if memory runs out. pool_free ends the children that still live with
** SIGKILL, waits for them, and takes NULL. */
Pool *pool_new (void);
void pool_free (Pool *pool);

/* Starts a child. Returns its number, 1 or more, never given twice by one pool; or 0 and a
** sentence in why. To be called by the thread that will live longest: the child dies with it. */
int pool_start (Pool *pool, const PoolJob *job, char why[256]);

/* Waits at most `seconds` for any child to end. Returns 1 and fills *end, after which that number
** is gone; or 0 if none ended, or `cancelled` (asked often; may be NULL) said 1. */
int pool_wait (Pool *pool, double seconds, int (*cancelled) (void), PoolEnd *end);

/* Sends a signal to a child and its group (SIGUSR1 to the child only), or with id 0 to all; one that has ended is no error. */
void pool_signal (Pool *pool, int id, int signal_number);

int pool_count (const Pool *pool); /* of living children, ended ones not yet waited for included */

#endif
