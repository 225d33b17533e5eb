/*
** process.h -- one child program: started, given input, read from, and ended in time.
**
** The child leads its own process group, so that a time limit ends its children too. Its
** input is /dev/null unless text is given; both outputs are read as they come, so that a
** child which fills one pipe while we wait on the other cannot stop the two of us for ever.
*/
#ifndef SETLAB_PROCESS_H
#define SETLAB_PROCESS_H
#include <stddef.h>

typedef struct ProcessJob {
  const char *const *argv; /* NULL-terminated; argv[0] is looked for in PATH */
  const char *const *env;  /* NULL-terminated "NAME=value" over our own environment, or NULL */
  const char *cwd;         /* the child's folder, or NULL for ours */
  const char *input;       /* what it reads, input_size bytes; NULL: an empty input */
  size_t input_size;
  int confined;            /* it starts no other program, and writes only below cwd, which is not NULL (os/confine.h) */
  double timeout_seconds;  /* then SIGTERM to the group, two seconds later SIGKILL */
  int (*cancelled)(void);  /* asked ten times a second: non-zero ends the child; or NULL */
} ProcessJob;

typedef struct ProcessText {
  char *text;              /* owned; not zero-terminated; NULL if size is 0 */
  size_t size, room;
} ProcessText;

typedef struct ProcessResult {
  int status;              /* exit status, or -1 if a signal ended the child */
  int signal;              /* that signal, or 0 */
  int timed_out, was_cancelled;
  ProcessText out, err;    /* at most PROCESS_TEXT_MAX bytes each, the rest is dropped */
} ProcessResult;

enum { PROCESS_TEXT_MAX = 64 << 20 };

/* Runs the job to its end. Returns 1 and fills *result, which the caller gives to
** process_free; or 0, with a sentence in why, if the program could not be started or
** memory ran out (the child is then ended, and *result holds nothing). */
int process_run (const ProcessJob *job, ProcessResult *result, char why[256]);
void process_free (ProcessResult *result); /* safe twice */

#endif
