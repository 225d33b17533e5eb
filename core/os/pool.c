#define _GNU_SOURCE /* pipe2 */
#include "os/pool.h"
#include "base/clock.h"
#include "base/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef struct Member {
  int id;
  pid_t pid;
} Member;

struct Pool {
  Member *members; /* room for `room`, the first `n` of them live */
  int n, room, started;
};

Pool *pool_new (void) {
  Pool *pool = mem_new(1, sizeof *pool);
  if (pool) *pool = (Pool){ 0 };
  return pool;
}

int pool_count (const Pool *pool) { return pool->n; }

/* ---- the child's side, between fork and exec: async-signal-safe calls only ----------- */

/* SIGUSR1 stays blocked: one that comes before the program has a handler would end it. It waits. */
static void usual_signals (void) {
  sigset_t notice;
  sigemptyset(&notice);
  sigaddset(&notice, SIGUSR1);
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  signal(SIGPIPE, SIG_DFL);
  signal(SIGUSR1, SIG_DFL);
  sigprocmask(SIG_SETMASK, &notice, NULL);
}

/* The program gets none of our descriptors but the first three: a file that we hold, or the lock on
** one, must not live on in it. Kernels before 5.11 cannot; there, those marked so are closed. */
static void keep_the_rest (void) {
#ifdef SYS_close_range
  enum { CLOEXEC = 4 };
  syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, CLOEXEC);
#endif
}

/* fd as the descriptor `place`, which the program inherits. */
static int put (int fd, int place) { return fd == place ? fcntl(fd, F_SETFD, 0) == 0 : dup2(fd, place) >= 0; }

/* Standard input, output and error; 0 if a file cannot be had. */
static int redirect (const char *output) {
  int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
  int out = open(output ? output : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  return in >= 0 && out >= 0 && put(in, STDIN_FILENO) && put(out, STDOUT_FILENO) && put(out, STDERR_FILENO);
}

/* Becomes the program; says through `tell` why it could not. */
static void become (const PoolJob *job, pid_t parent, int tell) {
  setpgid(0, 0);
  usual_signals();
  if (prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() != parent) _exit(1); /* it died meanwhile */
  keep_the_rest();
  if (redirect(job->output)) execv(job->program, (char *const *)(size_t)job->argv);
  int error = errno;
  ssize_t written = write(tell, &error, sizeof error);
  _exit(written == sizeof error ? 127 : 126);
}

/* ---- starting ------------------------------------------------------------------------- */

static int make_room (Pool *pool) {
  if (pool->n < pool->room) return 1;
  int room = pool->room ? 2 * pool->room : 8;
  Member *bigger = mem_grow(pool->members, (size_t)pool->room, (size_t)room, sizeof *bigger);
  if (!bigger) return 0;
  pool->members = bigger;
  pool->room = room;
  return 1;
}

/* The error's number that the child told before it gave up; 0 once it has become the program,
** which closes the pipe. */
static int heard (int fd) {
  int error = 0;
  ssize_t n;
  do n = read(fd, &error, sizeof error);
  while (n < 0 && errno == EINTR);
  return n == sizeof error ? error : 0;
}

static int failed (char why[256], const char *what, const PoolJob *job, int error) {
  snprintf(why, 256, "cannot %s %.100s (output: %.80s): %s", what, job->program, job->output ? job->output : "none",
           strerror(error));
  return 0;
}

/* fork, with SIGUSR1 blocked in the child from its first moment. */
static pid_t fork_without_notice (void) {
  sigset_t notice, before;
  sigemptyset(&notice);
  sigaddset(&notice, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &notice, &before);
  pid_t pid = fork();
  if (pid != 0) pthread_sigmask(SIG_SETMASK, &before, NULL);
  return pid;
}

int pool_start (Pool *pool, const PoolJob *job, char why[256]) {
  int ends[2];
  if (!make_room(pool)) return failed(why, "start", job, ENOMEM);
  if (pipe2(ends, O_CLOEXEC) != 0) return failed(why, "start", job, errno);
  pid_t parent = getpid(), pid = fork_without_notice();
  if (pid == 0) become(job, parent, ends[1]);
  int error = pid < 0 ? errno : 0;
  close(ends[1]);
  if (pid > 0) error = heard(ends[0]);
  close(ends[0]);
  if (error) {
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
    return failed(why, "start", job, error);
  }
  setpgid(pid, pid); /* whoever of the two comes first */
  pool->members[pool->n++] = (Member){ .id = ++pool->started, .pid = pid };
  return pool->started;
}

/* ---- waiting -------------------------------------------------------------------------- */

static void drop (Pool *pool, int i) { pool->members[i] = pool->members[--pool->n]; }

/* 1 if a child had ended: it is reaped. One that is lost, for whatever reason, counts as killed. */
static int reap_any (Pool *pool, PoolEnd *end) {
  for (int i = 0; i < pool->n; i++) {
    int status = 0;
    pid_t pid = waitpid(pool->members[i].pid, &status, WNOHANG);
    if (pid == 0 || (pid < 0 && errno == EINTR)) continue;
    end->id = pool->members[i].id;
    end->status = pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    end->signal = pid < 0 ? SIGKILL : WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    drop(pool, i);
    return 1;
  }
  return 0;
}

int pool_wait (Pool *pool, double seconds, int (*cancelled) (void), PoolEnd *end) {
  double limit = clock_seconds() + seconds;
  for (;;) {
    if (reap_any(pool, end)) return 1;
    double left = limit - clock_seconds();
    if (left <= 0 || (cancelled && cancelled())) return 0;
    if (left > 0.005) left = 0.005;
    struct timespec nap = { .tv_nsec = (long)(left * 1e9) };
    nanosleep(&nap, NULL); /* a signal shortens it */
  }
}

void pool_signal (Pool *pool, int id, int signal_number) {
  int whole_group = signal_number != SIGUSR1;
  for (int i = 0; i < pool->n; i++)
    if (id == 0 || pool->members[i].id == id) kill(whole_group ? -pool->members[i].pid : pool->members[i].pid, signal_number);
}

void pool_free (Pool *pool) {
  if (!pool) return;
  for (int i = 0; i < pool->n; i++) {
    kill(-pool->members[i].pid, SIGKILL);
    while (waitpid(pool->members[i].pid, NULL, 0) < 0 && errno == EINTR) continue;
  }
  mem_free(pool->members);
  mem_free(pool);
}
