#include "os/pool.h"
#include "base/clock.h"
#include "base/mem.h"
#include "os/child.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
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

static int failed (char why[256], const PoolJob *job, int error) {
  snprintf(why, 256, "cannot start %.100s (output: %.80s): %s", job->program, job->output ? job->output : "none",
           strerror(error));
  return 0;
}

/* The program as a child, which reads nothing; -1 with errno. */
static pid_t start (const PoolJob *job) {
  int in = open("/dev/null", O_RDONLY | O_CLOEXEC), out = -1;
  if (in >= 0) out = open(job->output ? job->output : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  ChildPlan plan = { .program = job->program, .argv = job->argv, .stream = { in, out, out },
                     .ties = CHILD_APART | CHILD_BOUND | CHILD_USR1_WAITS };
  pid_t pid = out >= 0 ? child_start(&plan) : -1;
  int error = errno;
  if (in >= 0) close(in);
  if (out >= 0) close(out);
  errno = error;
  return pid;
}

int pool_start (Pool *pool, const PoolJob *job, char why[256]) {
  if (!make_room(pool)) return failed(why, job, ENOMEM);
  pid_t pid = start(job);
  if (pid < 0) return failed(why, job, errno);
  pool->members[pool->n++] = (Member){ .id = ++pool->started, .pid = pid };
  return pool->started;
}

/* ---- waiting -------------------------------------------------------------------------- */

static void drop (Pool *pool, int i) { pool->members[i] = pool->members[--pool->n]; }

/* 1 if a child had ended: it is reaped. */
static int reap_any (Pool *pool, PoolEnd *end) {
  for (int i = 0; i < pool->n; i++) {
    ChildEnd how;
    if (!child_reap(pool->members[i].pid, 0, &how)) continue;
    *end = (PoolEnd){ .id = pool->members[i].id, .status = how.status, .signal = how.signal };
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
    ChildEnd end;
    kill(-pool->members[i].pid, SIGKILL);
    child_reap(pool->members[i].pid, 1, &end);
  }
  mem_free(pool->members);
  mem_free(pool);
}
