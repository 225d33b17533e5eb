#define _GNU_SOURCE /* pipe2 */
#include "os/process.h"
#include "base/clock.h"
#include "base/mem.h"
#include "os/child.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { IN, OUT, ERR, N_PIPES };
static const double grace_seconds = 2.0; /* between asking a child to end and ending it */

typedef struct Child {
  const ProcessJob *job;
  pid_t pid;           /* 0 once it is reaped */
  int fd[N_PIPES];     /* our ends, -1 when closed */
  int theirs[N_PIPES]; /* the child's ends, -1 when closed */
  size_t fed;          /* bytes of the input written so far */
} Child;

static void close_one (int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

static void close_all (int fd[N_PIPES]) {
  for (int i = 0; i < N_PIPES; i++) close_one(&fd[i]);
}

/* ---- starting --------------------------------------------------------------------- */

/* Our ends never block and never reach a child. */
static int open_pipe (Child *c, int which) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return 0;
  int ours = which == IN ? 1 : 0;
  c->fd[which] = ends[ours];
  c->theirs[which] = ends[1 - ours];
  return fcntl(c->fd[which], F_SETFL, O_NONBLOCK) == 0;
}

static int open_pipes (Child *c) {
  if (c->job->input) {
    if (!open_pipe(c, IN)) return 0;
  } else {
    c->theirs[IN] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (c->theirs[IN] < 0) return 0;
  }
  return open_pipe(c, OUT) && open_pipe(c, ERR);
}

/* "NAME=" of an addition that our own environment also has? */
static int overridden (const char *entry, const char *const *extra) {
  const char *equals = strchr(entry, '=');
  size_t n = equals ? (size_t)(equals - entry) + 1 : strlen(entry);
  for (; *extra; extra++)
    if (strncmp(*extra, entry, n) == 0) return 1;
  return 0;
}

/* Our environment with the job's additions in place of ours; NULL if memory ran out.
** The array is the caller's, the strings are not. */
static const char **merged_environment (const char *const *extra) {
  size_t n = 0;
  for (char **e = environ; *e; e++) n++;
  for (const char *const *e = extra; *e; e++) n++;
  const char **all = mem_new(n + 1, sizeof *all);
  if (!all) return NULL;
  n = 0;
  for (char **e = environ; *e; e++)
    if (!overridden(*e, extra)) all[n++] = *e;
  for (; *extra; extra++) all[n++] = *extra;
  all[n] = NULL;
  return all;
}

static int start (Child *c, char why[256]) {
  static const char *const nothing[] = { NULL };
  const char *program = c->job->argv[0];
  if (!open_pipes(c)) {
    snprintf(why, 256, "cannot open pipes to %.150s: %s", program, strerror(errno));
    return 0;
  }
  const char **environment = merged_environment(c->job->env ? c->job->env : nothing);
  if (!environment) {
    snprintf(why, 256, "not enough memory to start %.200s", program);
    return 0;
  }
  const char *cwd = c->job->cwd;
  ChildPlan plan = { .program = program, .argv = c->job->argv, .env = environment, .cwd = cwd,
                     .stream = { c->theirs[IN], c->theirs[OUT], c->theirs[ERR] }, .ties = CHILD_APART | (c->job->confined ? CHILD_CONFINED : 0) };
  pid_t pid = child_start(&plan);
  int error = errno;
  mem_free(environment);
  if (pid < 0) {
    snprintf(why, 256, "cannot start %.80s%s%.80s: %s", program, cwd ? " in " : "", cwd ? cwd : "", strerror(error));
    return 0;
  }
  c->pid = pid;
  close_all(c->theirs);
  return 1;
}

/* ---- listening -------------------------------------------------------------------- */

/* Appends n bytes, as far as there may be more; 0 if memory ran out. */
static int keep (ProcessText *t, const char *bytes, size_t n) {
  if (n > PROCESS_TEXT_MAX - t->size) n = PROCESS_TEXT_MAX - t->size;
  if (n > t->room - t->size) {
    size_t room = t->room ? 2 * t->room : 8192;
    while (room < t->size + n) room *= 2;
    char *bigger = mem_grow(t->text, t->room, room, 1);
    if (!bigger) return 0;
    t->text = bigger;
    t->room = room;
  }
  if (n) memcpy(t->text + t->size, bytes, n);
  t->size += n;
  return 1;
}

/* Reads what is there; closes our end at the end of the text. 0 if memory ran out. */
static int drain (Child *c, int which, ProcessText *text) {
  char buffer[16384];
  while (c->fd[which] >= 0) {
    ssize_t n = read(c->fd[which], buffer, sizeof buffer);
    if (n > 0) {
      if (!keep(text, buffer, (size_t)n)) return 0;
    } else if (n < 0 && errno == EINTR) continue;
    else if (n < 0 && errno == EAGAIN) break;
    else close_one(&c->fd[which]);
  }
  return 1;
}

/* Writes as much input as the pipe takes now; a child that stopped reading is no error. */
static void feed (Child *c) {
  while (c->fd[IN] >= 0 && c->fed < c->job->input_size) {
    ssize_t n = write(c->fd[IN], c->job->input + c->fed, c->job->input_size - c->fed);
    if (n >= 0) c->fed += (size_t)n;
    else if (errno == EINTR) continue;
    else if (errno == EAGAIN) return;
    else break;
  }
  close_one(&c->fd[IN]);
}

/* Waits at most `seconds` for any pipe to move, then moves them all. */
static int listen_once (Child *c, double seconds, ProcessResult *r) {
  struct pollfd wait[N_PIPES];
  for (int i = 0; i < N_PIPES; i++)
    wait[i] = (struct pollfd){ .fd = c->fd[i], .events = i == IN ? POLLOUT : POLLIN };
  poll(wait, N_PIPES, (int)(seconds * 1000) + 1);
  if (c->fd[IN] >= 0) feed(c);
  return drain(c, OUT, &r->out) && drain(c, ERR, &r->err);
}

static void reap (Child *c, int wait, ProcessResult *r) {
  ChildEnd end;
  if (c->pid == 0 || !child_reap(c->pid, wait, &end)) return;
  c->pid = 0;
  r->status = end.status;
  r->signal = end.signal;
}

/* ---- ending ----------------------------------------------------------------------- */

/* Listens until the child has ended and its pipes are closed, or time is up. A grandchild
** that keeps a pipe open after the child's end gets no more than a moment. */
static int follow (Child *c, ProcessResult *r) {
  double limit = clock_seconds() + c->job->timeout_seconds, kill_at = 0, tick = 0.001;
  pid_t group = c->pid;
  while (c->pid != 0) {
    int silent = c->fd[OUT] < 0 && c->fd[ERR] < 0; /* poll then is only a sleep */
    if (!listen_once(c, silent ? tick : 0.1, r)) return 0;
    if (silent && tick < 0.05) tick *= 2;
    reap(c, 0, r);
    if (c->pid == 0) break;
    if (kill_at == 0 && c->job->cancelled && c->job->cancelled()) r->was_cancelled = 1;
    if (kill_at == 0 && clock_seconds() >= limit) r->timed_out = 1;
    if (kill_at == 0 && (r->timed_out || r->was_cancelled)) {
      kill(-group, SIGTERM);
      kill_at = clock_seconds() + grace_seconds;
    } else if (kill_at > 0 && clock_seconds() >= kill_at) kill(-group, SIGKILL);
  }
  if (r->timed_out || r->was_cancelled) kill(-group, SIGKILL);
  return listen_once(c, 0.0, r);
}

int process_run (const ProcessJob *job, ProcessResult *result, char why[256]) {
  Child c = { .job = job, .fd = { -1, -1, -1 }, .theirs = { -1, -1, -1 } };
  *result = (ProcessResult){ .status = -1 };
  struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
  sigaction(SIGPIPE, &ignore, &before); /* a child that stops reading must not end us */
  int done = start(&c, why);
  if (done && !follow(&c, result)) {
    snprintf(why, 256, "not enough memory for what %.150s says", job->argv[0]);
    done = 0;
  }
  if (c.pid != 0) {
    kill(-c.pid, SIGKILL);
    reap(&c, 1, result);
  }
  close_all(c.fd);
  close_all(c.theirs);
  sigaction(SIGPIPE, &before, NULL);
  if (!done) process_free(result);
  return done;
}

void process_free (ProcessResult *r) {
  mem_free(r->out.text);
  mem_free(r->err.text);
  r->out = r->err = (ProcessText){ 0 };
}
