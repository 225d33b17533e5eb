/*
** child.h -- the one place where this program starts another.
**
** A child begins with the signals as a program expects them: nothing caught, and interrupt,
** termination and broken pipe have their usual effect.
*/
#ifndef SETLAB_CHILD_H
#define SETLAB_CHILD_H
#include <sys/types.h>

typedef enum ChildTies {
  CHILD_APART = 1,        /* leads a process group of its own, so that the terminal's Ctrl-C does not reach it, and
                          ** gets none of our descriptors but the three below */
  CHILD_BOUND = 2,        /* gets SIGTERM when the thread that started it ends, however that happens */
  CHILD_CONFINED = 8,     /* starts no other program and writes only below its folder, where it then must have been given one
                          ** (os/confine.h) */
  CHILD_USR1_WAITS = 4    /* SIGUSR1 stays blocked: one that comes before the program has a handler would end it */
} ChildTies;

typedef struct ChildPlan {
  const char *program;      /* a path, or a name to be looked for in PATH */
  const char *const *argv;  /* NULL-terminated */
  const char *const *env;   /* the whole environment, NULL-terminated; or NULL: ours */
  const char *cwd;          /* its folder, or NULL: ours */
  int stream[3];            /* descriptors that become its input, output and errors; -1: ours */
  int ties;                 /* ChildTies, added up */
} ChildPlan;

typedef struct ChildEnd {
  int status;               /* exit status, or -1 if a signal ended it */
  int signal;               /* that signal, or 0 */
} ChildEnd;

/* Starts a program. Returns its number once it runs; or -1 with errno, and then there is no child. */
pid_t child_start (const ChildPlan *plan);

/* 1 if the child has ended, or as soon as it has if `wait`: its number is gone, *end says how. 0 if it still
** runs. One that is lost, for whatever reason, counts as killed. */
int child_reap (pid_t pid, int wait, ChildEnd *end);

#endif
