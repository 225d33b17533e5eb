/*
** pty.c -- a command on a pseudo-terminal, and somebody who types at it: for tests.
**
**   pty [-k] [-c COLUMNS] [-l SECONDS] COMMAND [ARGUMENT ...] [-- REGEX KEYS [REGEX KEYS ...]]
**
** Prints what the terminal shows. It waits for each REGEX (extended, as of grep -E) before it types the
** KEYS after it. A REGEX is matched against all that was shown so far, without carriage returns and
** bells, its lines joined by ~. With -k a REGEX that ends in $ is a prompt, and matches only once the
** command reads key by key: what comes between a prompt and that moment goes through the terminal's line
** editor, which takes Ctrl-D for itself. KEYS know \n, \t, \r, \e, \\ and octal \ooo: '\003' is Ctrl-C. The status
** is that of the command, 128 + N if signal N ended it, and 124 if it kept somebody waiting for longer
** than SECONDS (default 300); the command is killed then, and a line on stderr says what was missed.
*/
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <regex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { TOO_LONG = 124, WRONG_USE = 2 };

static char *shown;  /* what a REGEX sees: always ends with a zero byte */
static size_t n_shown, room;

static void die (const char *what) {
  fprintf(stderr, "pty: %s: %s\n", what, strerror(errno));
  exit(WRONG_USE);
}

static void show (const char *bytes, size_t n) {
  if (fwrite(bytes, 1, n, stdout) != n || fflush(stdout)) die("standard output");
  if (n_shown + n + 1 > room) {
    room = 2 * room + n + 1;
    shown = realloc(shown, room);
    if (!shown) die("memory");
  }
  for (size_t i = 0; i < n; i++) {
    if (bytes[i] == '\r' || bytes[i] == '\a' || !bytes[i]) continue;
    shown[n_shown++] = bytes[i] == '\n' ? '~' : bytes[i];
  }
  shown[n_shown] = '\0';
}

/* One of KEYS, which are not at their end; *at moves on. */
static char key (const char **at) {
  const char *s = *at;
  if (*s != '\\') return *(*at)++;
  *at += 2;
  switch (s[1]) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    case 'e': return '\033';
    case '\0': --*at; return '\\';
  }
  if (s[1] < '0' || s[1] > '7') return s[1];
  int value = 0;
  for (*at = s + 1; *at < s + 4 && **at >= '0' && **at <= '7'; ++*at) value = 8 * value + **at - '0';
  return (char)value;
}

/* All at once: a command that switches the terminal's line editor on meanwhile gets no half of them. If
** nobody is there any more, the status will say it. */
static void type (int terminal, const char *keys) {
  char typed[4096];
  size_t n = 0;
  while (*keys && n < sizeof typed) typed[n++] = key(&keys);
  if (n && write(terminal, typed, n) < 0) return;
}

/* Starts the command in a session of its own, whose terminal is the other end of *terminal. */
static pid_t start (char *const argv[], int columns, int *terminal) {
  struct winsize size = { .ws_row = 24, .ws_col = (unsigned short)columns };
  *terminal = posix_openpt(O_RDWR | O_NOCTTY);
  if (*terminal < 0 || grantpt(*terminal) || unlockpt(*terminal)) die("no pseudo-terminal");
  const char *name = ptsname(*terminal);
  int slave = open(name, O_RDWR | O_NOCTTY);
  if (slave < 0 || ioctl(slave, TIOCSWINSZ, &size)) die(name);
  fflush(NULL);
  pid_t pid = fork();
  if (pid < 0) die("fork");
  if (pid > 0) {
    close(slave);
    return pid;
  }
  close(*terminal);
  setsid();
  ioctl(slave, TIOCSCTTY, 0);
  for (int fd = 0; fd < 3; fd++) dup2(slave, fd);
  if (slave > 2) close(slave);
  for (int s = 1; s < 32; s++) signal(s, SIG_DFL);  /* whoever started us may have ignored SIGINT */
  execvp(argv[0], argv);
  fprintf(stderr, "pty: %s: %s\n", argv[0], strerror(errno));
  _exit(127);
}

static double now (void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Shows what comes within a tenth of a second. 0 if nobody can write to the terminal any more. */
static int listen_briefly (int terminal, int *came) {
  struct pollfd at = { .fd = terminal, .events = POLLIN };
  char bytes[4096];
  *came = 0;
  if (poll(&at, 1, 100) <= 0) return 1;
  ssize_t n = read(terminal, bytes, sizeof bytes);
  if (n <= 0) return n < 0 && errno == EINTR;  /* EIO: the last one has closed it */
  show(bytes, (size_t)n);
  *came = 1;
  return 1;
}

static int at_prompts_by_key;  /* -k */

/* Whether the command reads key by key: it has switched the terminal's line editor off. */
static int reads_keys (int terminal) {
  struct termios mode;
  return tcgetattr(terminal, &mode) == 0 && !(mode.c_lflag & ICANON);
}

static int matches (int terminal, const char *pattern) {
  regex_t regex;
  int wrong = regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB);
  if (wrong) {
    char why[200];
    regerror(wrong, &regex, why, sizeof why);
    fprintf(stderr, "pty: %s: %s\n", pattern, why);
    exit(WRONG_USE);
  }
  int found = regexec(&regex, shown, 0, NULL, 0) == 0;
  regfree(&regex);
  size_t n = strlen(pattern);
  if (at_prompts_by_key && n && pattern[n - 1] == '$') found = found && reads_keys(terminal);
  return found;
}

static int end_of (pid_t pid, int status, double seconds, const char *missed) {
  if (status >= 0) return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  fprintf(stderr, "pty: %s within %g s\n", missed, seconds);
  kill(-pid, SIGKILL);
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
  return TOO_LONG;
}

/* Talks until the command has ended, or keeps us waiting. talk: REGEX, KEYS, ..., NULL. */
static int converse (pid_t pid, int terminal, char **talk, double seconds) {
  int status = -1, open = 1, came;
  double since = now();
  while (1) {
    if (status < 0 && waitpid(pid, &status, WNOHANG) != pid) status = -1;
    int ended = status >= 0;
    came = 0;
    if (open) open = listen_briefly(terminal, &came);
    else if (!ended) poll(NULL, 0, 20);
    while (*talk && matches(terminal, talk[0])) {
      type(terminal, talk[1]);
      talk += 2;
      since = now();
    }
    if (ended && !came) break;  /* all that it wrote has been read */
    if (!ended && now() - since > seconds) break;
  }
  if (*talk) fprintf(stderr, "pty: never saw %s\n", *talk);
  return end_of(pid, status, seconds, "did not end");
}

int main (int argc, char **argv) {
  int columns = 80, option;
  double seconds = 300;
  while ((option = getopt(argc, argv, "+c:kl:")) != -1) {
    if (option == 'c') columns = atoi(optarg);
    else if (option == 'k') at_prompts_by_key = 1;
    else if (option == 'l') seconds = atof(optarg);
    else return WRONG_USE;
  }
  char **command = argv + optind, **talk = command;
  while (*talk && strcmp(*talk, "--")) talk++;
  if (*talk) *talk++ = NULL;
  if (!*command || (argv + argc - talk) % 2) {
    fputs("usage: pty [-k] [-c COLUMNS] [-l SECONDS] COMMAND [ARGUMENT ...] [-- REGEX KEYS ...]\n", stderr);
    return WRONG_USE;
  }
  signal(SIGPIPE, SIG_IGN);
  show("", 0);
  int terminal;
  pid_t pid = start(command, columns, &terminal);
  int status = converse(pid, terminal, talk, seconds);
  free(shown);
  return status;
}
