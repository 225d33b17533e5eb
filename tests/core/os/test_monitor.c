/* The monitor: whole lines only, numbers that agree with our own clocks and allocations,
** and failures of the file that are told. */
#include "base/mem.h"
#include "os/monitor.h"
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#define COLUMNS 7
enum { SECONDS, CPU, USS, RSS, THREADS, READ, WRITTEN };
#define MOST 2000

static char directory[] = "/tmp/setlab-monitor.XXXXXX";
static char path[64];

static double now (clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void rest (double seconds) {
  struct timespec t = { (time_t)seconds, (long)(1e9 * (seconds - floor(seconds))) };
  nanosleep(&t, NULL);
}

static Monitor *start (double interval) {
  char why[256] = "";
  Monitor *m = monitor_start(path, interval, why);
  if (!m) print_message("# %s\n", why);
  assert_non_null(m);
  return m;
}

static double table[MOST][COLUMNS];

/* Reads the file whole and insists on its form; returns the number of rows. */
static int read_rows (void) {
  static char text[256 * MOST];
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  size_t size = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[size] = '\0';
  assert_true(size > 0 && text[size - 1] == '\n');
  char *line = strtok(text, "\n");
  assert_string_equal(line, "seconds,cpu_percent,uss_mib,rss_mib,threads,read_bytes,written_bytes");
  int rows = 0;
  while ((line = strtok(NULL, "\n")) && rows < MOST) {
    char *at = line;
    for (int c = 0; c < COLUMNS; c++) {
      char *end;
      table[rows][c] = strtod(at, &end);
      assert_true(end > at && *end == (c < COLUMNS - 1 ? ',' : '\0'));
      at = end + 1;
    }
    rows++;
  }
  return rows;
}

static void *mapped (size_t bytes) {
  void *block = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert_true(block != MAP_FAILED);
  memset(block, 1, bytes);
  return block;
}

/* Waits until the file holds so many rows, however long that takes on a busy machine. */
static void wait_for_rows (int n) {
  while (read_rows() < n) rest(0.01);
}

static void test_rows (void **state) {
  (void)state;
  MonitorSummary s;
  Monitor *m = start(0.02);
  wait_for_rows(4);
  monitor_stop(m, &s);
  int rows = read_rows();
  assert_int_equal(rows, s.samples);
  assert_true(rows <= s.seconds / 0.02 + 3);
  assert_string_equal(s.why, "");
  assert_true(table[0][SECONDS] >= 0);
  assert_true(table[0][CPU] == 0);
  assert_true(table[rows - 1][SECONDS] < s.seconds + 1e-3);
  for (int i = 0; i < rows; i++) {
    if (i) assert_true(table[i][SECONDS] >= table[i - 1][SECONDS]);
    assert_true(table[i][USS] > 0 && table[i][USS] <= table[i][RSS]);
    assert_true(table[i][RSS] <= s.peak_rss_mib + 1e-3);
    assert_true(table[i][THREADS] == table[0][THREADS]);
    assert_true(table[i][READ] >= 0 && table[i][WRITTEN] >= 0);
  }
}

static void test_stopped_at_once (void **state) {
  (void)state;
  MonitorSummary s;
  monitor_stop(start(3600), &s);
  assert_int_equal(s.samples, 2);
  assert_int_equal(read_rows(), 2);
  monitor_stop(start(0.5), NULL);
  monitor_stop(NULL, NULL);
}

/* The mean lies between what this test used within the two calls and what it used with them. */
static void test_processor_time (void **state) {
  (void)state;
  MonitorSummary s;
  double sum = 0, before = now(CLOCK_PROCESS_CPUTIME_ID);
  Monitor *m = start(0.05);
  double started = now(CLOCK_PROCESS_CPUTIME_ID);
  while (now(CLOCK_PROCESS_CPUTIME_ID) < started + 0.5) ;
  double used = now(CLOCK_PROCESS_CPUTIME_ID) - started;
  monitor_stop(m, &s);
  double most = now(CLOCK_PROCESS_CPUTIME_ID) - before, told = s.cpu_percent / 100 * s.seconds;
  assert_true(told > used - 1e-4 && told < most + 1e-4);
  int rows = read_rows();
  for (int i = 1; i < rows; i++) sum += table[i][CPU] * (table[i][SECONDS] - table[i - 1][SECONDS]);
  assert_true(fabs(sum / s.seconds - s.cpu_percent) < 0.2 * s.cpu_percent);
}

/* A line of a file of /proc/self: the number after `name`. */
static double of_self (const char *file, const char *name) {
  char line[256];
  double value = 0;
  FILE *in = fopen(file, "r");
  assert_non_null(in);
  while (fgets(line, sizeof line, in))
    if (strncmp(line, name, strlen(name)) == 0) value = strtod(line + strlen(name), NULL);
  fclose(in);
  return value;
}

/* What the kernel says of us in MiB: pages that nobody shares, and all. */
static double own_uss (void) {
  return (of_self("/proc/self/smaps_rollup", "Private_Clean:") + of_self("/proc/self/smaps_rollup", "Private_Dirty:")) / 1024;
}
static double own_rss (void) { return of_self("/proc/self/status", "VmRSS:") / 1024; }
/* Pages of no file, which nobody can share or take away. */
static double own_anonymous (void) { return of_self("/proc/self/smaps_rollup", "Anonymous:") / 1024; }

/* A sanitizer keeps a shadow of what is allocated, an eighth of it or more: so what must show is what the kernel
** says, which is at least the block itself. Pages of libraries may meanwhile become shared with a program that
** starts, or be given back: then the set grows by less than the block. */
static void test_memory_shows (void **state) {
  (void)state;
  enum { MIB = 32 };
  MonitorSummary s;
  Monitor *m = start(3600);
  double uss = own_uss(), rss = own_rss(), anonymous = own_anonymous();
  void *block = mapped((size_t)MIB << 20);
  anonymous = own_anonymous() - anonymous;
  uss = own_uss() - uss;
  rss = own_rss() - rss;
  monitor_stop(m, &s);
  munmap(block, (size_t)MIB << 20);
  int rows = read_rows();
  assert_true(anonymous > MIB - 2 && uss > MIB / 2 && rss > MIB / 2);
  assert_true(fabs(table[rows - 1][USS] - table[0][USS] - uss) < MIB / 4);
  assert_true(fabs(table[rows - 1][RSS] - table[0][RSS] - rss) < MIB / 4);
}

/* Gone before the next sample, but the kernel has seen it. What is shared, and so no part of USS, changes with
** whatever else runs: it is that of the last sample. */
static void test_short_peak (void **state) {
  (void)state;
  enum { MIB = 96 };
  MonitorSummary s;
  Monitor *m = start(3600);
  munmap(mapped((size_t)MIB << 20), (size_t)MIB << 20);
  monitor_stop(m, &s);
  int rows = read_rows();
  double shared = table[rows - 1][RSS] - table[rows - 1][USS];
  assert_true(table[rows - 1][RSS] < table[0][RSS] + MIB / 2);
  assert_true(s.peak_rss_mib > table[0][RSS] + MIB * 3 / 4);
  assert_true(fabs(s.peak_uss_mib - (s.peak_rss_mib - shared)) < 2);
}

/* Walks over the page tables of 128 MiB take no more than their share of the time (WALK_SHARE of
** monitor.c, with half an interval for each), and samples between them follow what is allocated. */
static void test_cheap (void **state) {
  (void)state;
  enum { MIB = 128, MORE = 16 };
  MonitorSummary s;
  void *block = mapped((size_t)MIB << 20);
  Monitor *m = start(0.01);
  wait_for_rows(15);
  double before = own_rss();
  void *more = mapped((size_t)MORE << 20);
  double rss = own_rss() - before;
  wait_for_rows(read_rows() + 15);
  monitor_stop(m, &s);
  munmap(more, (size_t)MORE << 20);
  munmap(block, (size_t)MIB << 20);
  int rows = read_rows();
  print_message("# %d samples, %.0f us each, %.0f us of walks\n", rows, 1e6 * s.sampling_seconds / rows, 1e6 * s.walk_seconds);
  assert_true(s.walk_seconds <= 0.0005 * (s.seconds + rows * 0.005));
  assert_true(fabs(table[rows - 1][USS] - table[0][USS] - rss) < MORE / 2);
}

static _Atomic int released;
static void *wait_for_release (void *unused) {
  while (!released) rest(0.005);
  return unused;
}

static double threads_at_start;  /* with that which the thread sanitizer keeps */

/* The kernel may count a thread for a moment after it was joined. */
static void wait_for_threads (double most) {
  while (of_self("/proc/self/status", "Threads:") > most) rest(0.005);
}

static void test_threads (void **state) {
  (void)state;
  pthread_t threads[3];
  MonitorSummary s;
  wait_for_threads(threads_at_start);
  Monitor *m = start(0.02);
  released = 0;
  for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, wait_for_release, NULL);
  wait_for_rows(read_rows() + 2);
  released = 1;
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
  wait_for_threads(threads_at_start + 1);
  monitor_stop(m, &s);
  int rows = read_rows();
  double most = 0;
  for (int i = 0; i < rows; i++) most = fmax(most, table[i][THREADS]);
  assert_true(most == table[0][THREADS] + 3);
  assert_true(table[rows - 1][THREADS] == table[0][THREADS]);
}

static void refused (const char *where, const char *words) {
  char why[256] = "";
  assert_null(monitor_start(where, 0.5, why));
  assert_non_null(strstr(why, where));
  assert_non_null(strstr(why, words));
}

static void test_unwritable (void **state) {
  (void)state;
  refused("/dev/full", "No space left");
  assert_int_equal(access("/dev/full", F_OK), 0);
  refused("/no/such/folder/monitor.csv", "No such file");
  refused(directory, "directory");
}

/* A disk that fills up in the middle of a line: the file keeps whole lines. */
static void test_disk_fills_up (void **state) {
  (void)state;
  MonitorSummary s;
  struct rlimit before, small;
  struct stat begun, facts;
  getrlimit(RLIMIT_FSIZE, &before);
  small = before;
  signal(SIGXFSZ, SIG_IGN);
  Monitor *m = start(3600);
  stat(path, &begun);
  small.rlim_cur = (rlim_t)begun.st_size + 10;
  setrlimit(RLIMIT_FSIZE, &small);
  monitor_stop(m, &s);
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, SIG_DFL);
  assert_int_equal(read_rows(), 1);
  assert_int_equal(s.samples, 2);
  assert_non_null(strstr(s.why, path));
  stat(path, &facts);
  assert_int_equal(facts.st_size, begun.st_size);
}

static int open_files (void) {
  int n = 0;
  DIR *d = opendir("/proc/self/fd");
  assert_non_null(d);
  while (readdir(d)) n++;
  closedir(d);
  return n;
}

static void test_leaves_no_file_open (void **state) {
  (void)state;
  char why[256];
  int before = open_files();
  for (int i = 0; i < 20; i++) {
    monitor_stop(start(0.5), NULL);
    assert_null(monitor_start("/dev/full", 0.5, why));
    assert_null(monitor_start("/no/such/folder/monitor.csv", 0.5, why));
  }
  assert_int_equal(open_files(), before);
}

static void test_goes_on (void **state) {
  (void)state;
  char why[256] = "";
  MonitorResumed resumed = { 1000.5, 42, 7000000, 9000000 };
  MonitorSummary s;
  monitor_stop(start(3600), NULL);
  int before = read_rows();
  Monitor *m = monitor_continue(path, 3600, &resumed, why);
  assert_non_null(m);
  rest(0.05);
  monitor_stop(m, &s);
  assert_int_equal(read_rows(), before + 2);
  assert_true(s.seconds < 100);  /* of this piece */
  for (int i = before; i < before + 2; i++) {
    assert_true(table[i][SECONDS] >= 1000.5 && table[i][SECONDS] < 1100);
    assert_true(table[i][CPU] == 42);  /* nothing new to say within a tenth of the interval */
    assert_true(table[i][READ] >= 7000000 && table[i][WRITTEN] >= 9000000);
  }
  unlink(path);
  monitor_stop(monitor_continue(path, 3600, &resumed, why), NULL);  /* no file yet: it gets its header */
  assert_int_equal(read_rows(), 2);
  assert_null(monitor_continue("/no/such/folder/monitor.csv", 0.5, &resumed, why));
}

#ifdef LAB_FAIL_ALLOC
static void test_memory_runs_out (void **state) {
  (void)state;
  char why[256] = "";
  mem_fail_at(1);
  Monitor *m = monitor_start(path, 0.5, why);
  mem_fail_at(0);
  assert_null(m);
  assert_non_null(strstr(why, "memory"));
}
#endif

static int make_directory (void **state) {
  (void)state;
  if (!mkdtemp(directory)) return -1;
  pthread_t thread;
  released = 1;
  pthread_create(&thread, NULL, wait_for_release, NULL);
  pthread_join(thread, NULL);
  rest(0.1);
  threads_at_start = of_self("/proc/self/status", "Threads:");
  snprintf(path, sizeof path, "%s/monitor.csv", directory);
  return 0;
}

static int remove_directory (void **state) {
  (void)state;
  unlink(path);
  return rmdir(directory);
}

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_rows),
    cmocka_unit_test(test_stopped_at_once),
    cmocka_unit_test(test_processor_time),
    cmocka_unit_test(test_memory_shows),
    cmocka_unit_test(test_short_peak),
    cmocka_unit_test(test_cheap),
    cmocka_unit_test(test_threads),
    cmocka_unit_test(test_unwritable),
    cmocka_unit_test(test_disk_fills_up),
    cmocka_unit_test(test_leaves_no_file_open),
    cmocka_unit_test(test_goes_on),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(test_memory_runs_out),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("monitor", tests, make_directory, remove_directory);
}
