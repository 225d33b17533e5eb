#define _GNU_SOURCE /* pipe2, execvpe, vfork */
#include "os/child.h"
#include "os/confine.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* ---- the child's side: our memory is still its own, so system calls only --------------- */

/* What we catch, it must not: a handler would run in our memory. What we ignore, it ignores, except
** for the signals that end a program. */
static void usual_signals (void) {
  struct sigaction usual = { .sa_handler = SIG_DFL }, now;
  for (int s = 1; s < NSIG; s++) {
    int ends = s == SIGINT || s == SIGTERM || s == SIGPIPE || s == SIGUSR1;
    if (sigaction(s, NULL, &now) == 0 && (ends || now.sa_handler != SIG_IGN)) sigaction(s, &usual, NULL);
  }
}

/* Descriptors above the first three are closed by exec: a file that we hold, or the lock on one, must
** not live on in the program. Kernels before 5.11 cannot; there, those marked so are closed. */
static void keep_descriptors (void) {
#ifdef SYS_close_range
  enum { CLOEXEC = 4 };
  syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, CLOEXEC);
#endif
}

/* The same file above 0, 1 and 2, which the program's own three will overwrite; -1 for -1, or with errno. */
static int lift (int fd) {
  return fd < 0 || fd > STDERR_FILENO ? fd : fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

/* The plan's descriptors as 0, 1 and 2; 0 with errno. */
static int redirect (const ChildPlan *plan) {
  int from[3];
  for (int i = 0; i < 3; i++)
    if ((from[i] = lift(plan->stream[i])) < 0 && plan->stream[i] >= 0) return 0;
  for (int i = 0; i < 3; i++)
    if (from[i] >= 0 && dup2(from[i], i) < 0) return 0;
  return 1;
}

/* Becomes the program; writes to `report` the number of the error if it cannot. */
__attribute__((noinline, noreturn))
static void become (const ChildPlan *plan, const sigset_t *mask, pid_t parent, int report) {
  if (plan->ties & CHILD_APART) setpgid(0, 0);
  usual_signals();
  sigprocmask(SIG_SETMASK, mask, NULL);
  if (plan->ties & CHILD_BOUND && prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() != parent) _exit(1); /* it died meanwhile */
  if (redirect(plan) && (!plan->cwd || chdir(plan->cwd) == 0)) {
    if (plan->ties & CHILD_APART) keep_descriptors();
    if (!(plan->ties & CHILD_CONFINED) || confine_to("."))
      execvpe(plan->program, (char *const *)(uintptr_t)plan->argv, plan->env ? (char *const *)(uintptr_t)plan->env : environ);
  }
  int error = errno;
  ssize_t written = write(report, &error, sizeof error);
  _exit(written == sizeof error ? 127 : 126);
}

/* ---- our side -------------------------------------------------------------------------- */

/* The signals that the program begins with blocked. */
static sigset_t mask_of (const ChildPlan *plan, const sigset_t *ours) {
  sigset_t mask = *ours;
  if (plan->ties & CHILD_APART) sigemptyset(&mask);
  if (plan->ties & CHILD_USR1_WAITS) sigaddset(&mask, SIGUSR1);
  return mask;
}

/* Our memory is not copied, however large it is: we stand still until the child has become the program. No signal
** is handled meanwhile. */
static pid_t split (const ChildPlan *plan, int report) {
  sigset_t all, ours, mask;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &ours);
  mask = mask_of(plan, &ours);
  pid_t parent = getpid(), pid = vfork();
  if (pid == 0) become(plan, &mask, parent, report);
  int error = errno;
  pthread_sigmask(SIG_SETMASK, &ours, NULL);
  errno = error;
  return pid;
}

/* The error that kept the child from becoming the program; 0 once it has, which closes the pipe. */
static int reported (int fd) {
  int error = 0;
  ssize_t n;
  do n = read(fd, &error, sizeof error);
  while (n < 0 && errno == EINTR);
  return n == sizeof error ? error : 0;
}

pid_t child_start (const ChildPlan *plan) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
  int report = lift(ends[1]);  /* here, where a failure can still be told */
  pid_t pid = report < 0 ? -1 : split(plan, report);
  int error = pid < 0 ? errno : 0;
  if (report >= 0 && report != ends[1]) close(report);
  close(ends[1]);
  if (pid > 0) error = reported(ends[0]);
  close(ends[0]);
  if (!error) return pid;
  ChildEnd end;
  if (pid > 0) child_reap(pid, 1, &end);
  errno = error;
  return -1;
}

int child_reap (pid_t pid, int wait, ChildEnd *end) {
  int status = 0;
  pid_t ended;
  do ended = waitpid(pid, &status, wait ? 0 : WNOHANG);
  while (ended < 0 && errno == EINTR);
  if (ended == 0) return 0;
  end->status = ended > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  end->signal = ended < 0 ? SIGKILL : WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return 1;
}
