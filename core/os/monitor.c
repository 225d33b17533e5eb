#include "os/monitor.h"
#include "base/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HEADER "seconds,cpu_percent,uss_mib,rss_mib,threads,read_bytes,written_bytes\n"
#define WALK_SHARE 0.0005  /* of the time may go into walks of the page tables */

struct Monitor {
  pthread_t thread;
  pthread_mutex_t lock;        /* guards stopping; all else belongs to one thread at a time */
  pthread_cond_t  wake;
  int     stopping;
  double  interval;
  double  start_wall, start_cpu, last_wall, last_cpu;  /* seconds */
  double  last_percent;
  int     csv, status, rollup, io;                     /* files; -1: cannot be read */
  off_t   whole;               /* bytes of whole lines in the CSV file */
  double  shared_mib;          /* of the last walk */
  double  next_walk;           /* not before */
  double  last_walk;           /* what it took */
  double  start_peak_mib;      /* high-water mark when we started */
  double  start_read, start_written;
  MonitorResumed resumed;
  MonitorSummary summary;
  char    path[160];           /* for messages: cut if longer */
};

static double seconds (clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- /proc ---------------------------------------------------------------------------- */

/* The whole of a small file of /proc; an empty text if it cannot be read. */
static void read_text (int file, char *text, size_t size) {
  ssize_t n = file < 0 ? -1 : pread(file, text, size - 1, 0);
  text[n > 0 ? n : 0] = '\0';
}

/* The number after "\nname:" in text; -1 if it is not there. */
static double field (const char *text, const char *name) {
  const char *at = strstr(text, name);
  return at ? strtod(at + strlen(name), NULL) : -1;
}

static double mib (const char *text, const char *name) {
  double kib = field(text, name);
  return kib < 0 ? 0 : kib / 1024;
}

typedef struct Sample {
  double seconds, cpu_percent, uss_mib, rss_mib, threads, read, written;
} Sample;

/* Unique set size: walked if there is a walk to spare, else from the last one. */
static double unique_mib (Monitor *m, const char *status, double rss, double now) {
  if (m->rollup >= 0 && now >= m->next_walk) {
    char text[2048];
    double begin = seconds(CLOCK_THREAD_CPUTIME_ID);
    read_text(m->rollup, text, sizeof text);
    double cost = seconds(CLOCK_THREAD_CPUTIME_ID) - begin;
    m->summary.walk_seconds += m->last_walk;
    m->last_walk = cost;
    m->next_walk = now + cost / WALK_SHARE - m->interval / 2;
    if (strstr(text, "\nRss:")) {
      double unique = mib(text, "\nPrivate_Clean:") + mib(text, "\nPrivate_Dirty:");
      m->shared_mib = mib(text, "\nRss:") - unique;
      return unique;
    }
  }
  if (m->rollup < 0) m->shared_mib = mib(status, "\nRssFile:") + mib(status, "\nRssShmem:");
  return rss > m->shared_mib ? rss - m->shared_mib : 0;
}

static Sample measure (Monitor *m, int own_threads) {
  char status[4096], io[512];
  double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  Sample s = { .seconds = m->resumed.seconds + wall - m->start_wall };
  /* Less than a tenth of the interval would be noise: the last share stands. */
  if (m->summary.samples > 0 && wall - m->last_wall >= m->interval / 10) {
    m->last_percent = 100 * (cpu - m->last_cpu) / (wall - m->last_wall);
    m->last_wall = wall;
    m->last_cpu = cpu;
  }
  s.cpu_percent = m->last_percent;
  read_text(m->status, status, sizeof status);
  read_text(m->io, io, sizeof io);
  s.rss_mib = mib(status, "\nVmRSS:");
  s.uss_mib = unique_mib(m, status, s.rss_mib, wall);
  s.threads = field(status, "\nThreads:") - own_threads;
  s.read = field(io, "\nread_bytes:") - m->start_read + m->resumed.read_bytes;
  s.written = field(io, "\nwrite_bytes:") - m->start_written + m->resumed.written_bytes;
  return s;
}

/* ---- the file --------------------------------------------------------------------------- */

static void complain (char why[256], const char *path, const char *what) {
  snprintf(why, 256, "%s: %s: %s", path, what, strerror(errno));
}

/* Appends one line, or leaves the file as it was: 0, with errno. */
static int append (Monitor *m, const char *line) {
  size_t size = strlen(line);
  ssize_t n;
  do n = write(m->csv, line, size); while (n < 0 && errno == EINTR);
  if (n == (ssize_t)size) {
    m->whole += n;
    return 1;
  }
  if (n >= 0) {  /* the disk took half a line */
    errno = ENOSPC;
    if (ftruncate(m->csv, m->whole) != 0) errno = EIO;
  }
  return 0;
}

static void note_peak (MonitorSummary *summary, const Sample *s) {
  if (s->uss_mib > summary->peak_uss_mib) summary->peak_uss_mib = s->uss_mib;
  if (s->rss_mib > summary->peak_rss_mib) summary->peak_rss_mib = s->rss_mib;
}

static void take_sample (Monitor *m, int own_threads) {
  double begin = seconds(CLOCK_THREAD_CPUTIME_ID);
  Sample s = measure(m, own_threads);
  char line[256];
  snprintf(line, sizeof line, "%.3f,%.1f,%.3f,%.3f,%.0f,%.0f,%.0f\n", s.seconds, s.cpu_percent,
           s.uss_mib, s.rss_mib, s.threads, s.read, s.written);
  m->summary.samples++;
  note_peak(&m->summary, &s);
  if (!m->summary.why[0] && !append(m, line)) complain(m->summary.why, m->path, "cannot be written");
  m->summary.sampling_seconds += seconds(CLOCK_THREAD_CPUTIME_ID) - begin;
}

/* ---- the thread ------------------------------------------------------------------------- */

static struct timespec moment (double at) {
  return (struct timespec){ .tv_sec = (time_t)at, .tv_nsec = (long)(1e9 * (at - (double)(time_t)at)) };
}

/* Samples at start + interval, start + 2 interval, ..., whatever a sample takes; moments
** that were missed, as on a laptop that slept, are left out. */
static void *watch (void *argument) {
  Monitor *m = argument;
  double next = m->start_wall + m->interval;
  pthread_mutex_lock(&m->lock);
  while (!m->stopping) {
    struct timespec until = moment(next);
    if (pthread_cond_timedwait(&m->wake, &m->lock, &until) != ETIMEDOUT) continue;
    pthread_mutex_unlock(&m->lock);
    take_sample(m, 1);
    double now = seconds(CLOCK_MONOTONIC);
    while (next <= now) next += m->interval;
    pthread_mutex_lock(&m->lock);
  }
  pthread_mutex_unlock(&m->lock);
  take_sample(m, 1);  /* the last one: here, where the number of threads is certain */
  return NULL;
}

/* Signals stay with the threads that expect them. */
static int start_thread (Monitor *m) {
  pthread_condattr_t attributes;
  sigset_t all, before;
  pthread_mutex_init(&m->lock, NULL);
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&m->wake, &attributes);
  pthread_condattr_destroy(&attributes);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  errno = pthread_create(&m->thread, NULL, watch, m);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (errno == 0) return 1;
  pthread_cond_destroy(&m->wake);
  pthread_mutex_destroy(&m->lock);
  return 0;
}

static void close_files (Monitor *m) {
  if (m->csv >= 0) close(m->csv);
  if (m->status >= 0) close(m->status);
  if (m->rollup >= 0) close(m->rollup);
  if (m->io >= 0) close(m->io);
}

/* A file that we could not begin does not stay; a device does. */
static void remove_begun (const Monitor *m, const char *path) {
  struct stat facts;
  if (m->csv >= 0 && fstat(m->csv, &facts) == 0 && S_ISREG(facts.st_mode)) unlink(path);
}

static void begin (Monitor *m) {
  char text[4096];
  m->last_percent = m->resumed.cpu_percent;
  m->start_wall = m->last_wall = seconds(CLOCK_MONOTONIC);
  m->start_cpu = m->last_cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  read_text(m->status, text, sizeof text);
  m->start_peak_mib = mib(text, "\nVmHWM:");
  read_text(m->io, text, sizeof text);
  m->start_read = field(text, "\nread_bytes:");
  m->start_written = field(text, "\nwrite_bytes:");
  take_sample(m, 0);
}

static int is_empty (int file) {
  struct stat facts;
  return fstat(file, &facts) != 0 || facts.st_size == 0;
}

static Monitor *start (const char *csv_path, double interval_seconds, const MonitorResumed *resumed, char why[256]) {
  Monitor *m = mem_zero(1, sizeof *m);
  if (!m) {
    snprintf(why, 256, "not enough memory for the monitor");
    return NULL;
  }
  m->interval = interval_seconds;
  if (resumed) m->resumed = *resumed;
  snprintf(m->path, sizeof m->path, "%s", csv_path);
  m->status = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  m->rollup = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
  m->io = open("/proc/self/io", O_RDONLY | O_CLOEXEC);
  m->csv = open(csv_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (resumed ? 0 : O_TRUNC), 0666);
  if (m->csv < 0) complain(why, m->path, "cannot be written");
  else if (m->status < 0) complain(why, "/proc/self/status", "cannot be read");
  else if ((!resumed || is_empty(m->csv)) && !append(m, HEADER)) complain(why, m->path, "cannot be written");
  else {
    begin(m);
    if (start_thread(m)) return m;
    complain(why, m->path, "cannot be kept: no thread");
  }
  if (!resumed) remove_begun(m, csv_path);
  close_files(m);
  mem_free(m);
  return NULL;
}

Monitor *monitor_start (const char *csv_path, double interval_seconds, char why[256]) {
  return start(csv_path, interval_seconds, NULL, why);
}

Monitor *monitor_continue (const char *csv_path, double interval_seconds, const MonitorResumed *resumed, char why[256]) {
  return start(csv_path, interval_seconds, resumed, why);
}

/* A peak between two samples: the kernel kept it if it was the highest so far. */
static void note_high_water (Monitor *m) {
  char text[4096];
  read_text(m->status, text, sizeof text);
  double peak = mib(text, "\nVmHWM:");
  if (peak <= m->start_peak_mib) return;
  Sample s = { .rss_mib = peak, .uss_mib = peak - m->shared_mib };
  note_peak(&m->summary, &s);
}

void monitor_stop (Monitor *m, MonitorSummary *summary) {
  if (!m) return;
  pthread_mutex_lock(&m->lock);
  m->stopping = 1;
  pthread_cond_signal(&m->wake);
  pthread_mutex_unlock(&m->lock);
  pthread_join(m->thread, NULL);
  note_high_water(m);
  MonitorSummary *s = &m->summary;
  s->seconds = seconds(CLOCK_MONOTONIC) - m->start_wall;
  s->cpu_percent = 100 * (seconds(CLOCK_PROCESS_CPUTIME_ID) - m->start_cpu) / s->seconds;
  if (summary) *summary = *s;
  pthread_cond_destroy(&m->wake);
  pthread_mutex_destroy(&m->lock);
  close_files(m);
  mem_free(m);
}
