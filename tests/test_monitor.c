/* The monitor: whole lines only, numbers that agree with our own clocks and allocations,
** and failures of the file that are told. */
#include "mem.h"
#include "monitor.h"
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

static void test_rows (void **state) {
  (void)state;
  MonitorSummary s;
  Monitor *m = start(0.02);
  rest(0.3);
  monitor_stop(m, &s);
  int rows = read_rows();
  assert_int_equal(rows, s.samples);
  assert_true(rows >= 3 && rows <= 100);
  assert_string_equal(s.why, "");
  assert_true(table[0][SECONDS] < 0.2);
  assert_true(table[0][CPU] == 0);
  assert_true(fabs(table[rows - 1][SECONDS] - s.seconds) < 0.2);
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

/* The mean and the rows against the processor time that this test used. */
static void test_processor_time (void **state) {
  (void)state;
  MonitorSummary s;
  double cpu = now(CLOCK_PROCESS_CPUTIME_ID), sum = 0;
  Monitor *m = start(0.05);
  while (now(CLOCK_PROCESS_CPUTIME_ID) < cpu + 0.3) ;
  monitor_stop(m, &s);
  cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  assert_true(fabs(s.cpu_percent / 100 * s.seconds - cpu) < 0.02);
  int rows = read_rows();
  for (int i = 1; i < rows; i++) sum += table[i][CPU] * (table[i][SECONDS] - table[i - 1][SECONDS]);
  assert_true(fabs(sum / s.seconds - s.cpu_percent) < 0.1 * s.cpu_percent);
}

static void test_memory_shows (void **state) {
  (void)state;
  enum { MIB = 32 };
  MonitorSummary s;
  Monitor *m = start(3600);
  void *block = mapped((size_t)MIB << 20);
  monitor_stop(m, &s);
  munmap(block, (size_t)MIB << 20);
  int rows = read_rows();
  assert_true(fabs(table[rows - 1][USS] - table[0][USS] - MIB) < 2);
  assert_true(fabs(table[rows - 1][RSS] - table[0][RSS] - MIB) < 2);
}

/* Gone before the next sample, but the kernel has seen it. */
static void test_short_peak (void **state) {
  (void)state;
  enum { MIB = 96 };
  MonitorSummary s;
  Monitor *m = start(3600);
  munmap(mapped((size_t)MIB << 20), (size_t)MIB << 20);
  monitor_stop(m, &s);
  int rows = read_rows();
  assert_true(table[rows - 1][RSS] < table[0][RSS] + MIB / 2);
  assert_true(s.peak_rss_mib > table[0][RSS] + MIB - 2);
  assert_true(s.peak_uss_mib > table[0][USS] + MIB - 2);
}

/* A walk over 128 MiB takes more than 1 ms: most samples must do without one, and still
** follow what is allocated. */
static void test_cheap (void **state) {
  (void)state;
  enum { MIB = 128, MORE = 16 };
  MonitorSummary s;
  void *block = mapped((size_t)MIB << 20);
  Monitor *m = start(0.01);
  rest(0.15);
  void *more = mapped((size_t)MORE << 20);
  rest(0.15);
  monitor_stop(m, &s);
  munmap(more, (size_t)MORE << 20);
  munmap(block, (size_t)MIB << 20);
  int rows = read_rows();
  print_message("# %d samples, %.0f us each\n", rows, 1e6 * s.sampling_seconds / rows);
  assert_true(s.sampling_seconds < 0.05 * s.seconds);  /* 15 % with a walk each */
  assert_true(fabs(table[rows - 1][USS] - table[0][USS] - MORE) < 2);
}

static _Atomic int released;
static void *wait_for_release (void *unused) {
  while (!released) rest(0.005);
  return unused;
}

static void test_threads (void **state) {
  (void)state;
  pthread_t threads[3];
  MonitorSummary s;
  rest(0.05);  /* the kernel may count a thread for a moment after it was joined */
  Monitor *m = start(0.02);
  released = 0;
  for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, wait_for_release, NULL);
  rest(0.2);
  released = 1;
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
  rest(0.05);
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
  getrlimit(RLIMIT_FSIZE, &before);
  small = before;
  small.rlim_cur = 300;
  signal(SIGXFSZ, SIG_IGN);
  Monitor *m = start(0.01);
  setrlimit(RLIMIT_FSIZE, &small);
  rest(0.3);
  monitor_stop(m, &s);
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, SIG_DFL);
  int rows = read_rows();
  assert_true(rows >= 1 && rows < s.samples);
  assert_non_null(strstr(s.why, path));
  struct stat facts;
  stat(path, &facts);
  assert_true(facts.st_size <= 300);
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
  MonitorPast past = { 1000.5, 42, 7000000, 9000000 };
  MonitorSummary s;
  monitor_stop(start(3600), NULL);
  int before = read_rows();
  Monitor *m = monitor_continue(path, 3600, &past, why);
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
  monitor_stop(monitor_continue(path, 3600, &past, why), NULL);  /* no file yet: it gets its header */
  assert_int_equal(read_rows(), 2);
  assert_null(monitor_continue("/no/such/folder/monitor.csv", 0.5, &past, why));
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
