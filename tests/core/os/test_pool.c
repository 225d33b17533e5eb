/* Several children at once: ends, limits, signals, and what cannot be started. */
#include "base/clock.h"
#include "base/mem.h"
#include "os/pool.h"
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

static int start_shell (Pool *pool, const char *words, char why[256]) {
  const char *const argv[] = { "sh", "-c", words, NULL };
  PoolJob job = { .program = "/bin/sh", .argv = argv };
  return pool_start(pool, &job, why);
}

static void test_ends (void **state) {
  (void)state;
  char why[256] = "";
  int status[4] = { 0 }, seen = 0;
  Pool *pool = pool_new();
  assert_non_null(pool);
  for (int i = 1; i <= 3; i++) {
    char words[32];
    snprintf(words, sizeof words, "exit %d", 10 * i);
    assert_int_equal(start_shell(pool, words, why), i);
  }
  assert_int_equal(pool_count(pool), 3);
  PoolEnd end;
  while (pool_count(pool) > 0 && pool_wait(pool, 300, NULL, &end)) {
    assert_in_range(end.id, 1, 3);
    assert_int_equal(end.signal, 0);
    status[end.id] = end.status;
    seen++;
  }
  assert_int_equal(seen, 3);
  for (int i = 1; i <= 3; i++) assert_int_equal(status[i], 10 * i);
  assert_int_equal(pool_wait(pool, 0, NULL, &end), 0);
  assert_int_equal(start_shell(pool, "exit 0", why), 4); /* a number is given once */
  pool_free(pool);
}

static int at_once (void) { return 1; }

/* Starts a shell that answers SIGINT with status 7, and waits until it is ready to. */
static int start_patient (Pool *pool, char why[256]) {
  char path[] = "/tmp/setlab-pool.XXXXXX";
  int file = mkstemp(path);
  assert_true(file >= 0);
  const char *const argv[] = { "sh", "-c", "trap 'exit 7' INT; echo ready; while :; do sleep 0.01; done", NULL };
  PoolJob job = { .program = "/bin/sh", .argv = argv, .output = path };
  int id = pool_start(pool, &job, why);
  assert_true(id > 0);
  while (lseek(file, 0, SEEK_END) == 0) usleep(10000);
  close(file);
  unlink(path);
  return id;
}

static void test_limits_and_signals (void **state) {
  (void)state;
  char why[256] = "";
  PoolEnd end;
  Pool *pool = pool_new();
  assert_non_null(pool);
  int a = start_shell(pool, "sleep 600", why), b = start_patient(pool, why);
  double began = clock_seconds();
  assert_int_equal(pool_wait(pool, 0.2, NULL, &end), 0);
  assert_true(clock_seconds() - began >= 0.2);
  assert_int_equal(pool_wait(pool, 600, at_once, &end), 0);
  assert_true(clock_seconds() - began < 600);
  pool_signal(pool, b, SIGINT);
  assert_int_equal(pool_wait(pool, 300, NULL, &end), 1);
  assert_int_equal(end.id, b);
  assert_int_equal(end.status, 7);
  pool_signal(pool, 0, SIGKILL);
  assert_int_equal(pool_wait(pool, 300, NULL, &end), 1);
  assert_int_equal(end.id, a);
  assert_int_equal(end.status, -1);
  assert_int_equal(end.signal, SIGKILL);
  pool_signal(pool, a, SIGKILL);
  pool_free(pool);
}

static void test_freeing_ends_children (void **state) {
  (void)state;
  char why[256] = "";
  double began = clock_seconds();
  Pool *pool = pool_new();
  assert_non_null(pool);
  for (int i = 0; i < 20; i++) assert_true(start_shell(pool, "sleep 600", why) > 0);
  pool_free(pool);
  pool_free(NULL);
  assert_true(clock_seconds() - began < 600);
}

/* What `words` write to the file; it is removed. */
static void words_written (const char *words, char *text, size_t size) {
  char why[256] = "", path[] = "/tmp/setlab-pool-XXXXXX";
  PoolEnd end;
  const char *const argv[] = { "sh", "-c", words, NULL };
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  close(fd);
  Pool *pool = pool_new();
  assert_non_null(pool);
  assert_true(pool_start(pool, &(PoolJob){ .program = "/bin/sh", .argv = argv, .output = path }, why) > 0);
  assert_int_equal(pool_wait(pool, 20, NULL, &end), 1);
  pool_free(pool);
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  text[fread(text, 1, size - 1, file)] = '\0';
  fclose(file);
  unlink(path);
}

/* A program has input, output and errors, and nothing that we hold open; `ls` adds the folder it reads. */
static void test_descriptors (void **state) {
  (void)state;
  char text[256];
  int held = open("/dev/null", O_RDONLY), high = fcntl(held, F_DUPFD, 200);
  assert_true(held >= 0 && high >= 200);
  words_written("exec ls /proc/self/fd", text, sizeof text);
#ifdef SYS_close_range
  assert_string_equal(text, "0\n1\n2\n3\n");
#endif
  close(high);
  close(held);
  words_written("exec ls /proc/self/fd", text, sizeof text);
  assert_string_equal(text, "0\n1\n2\n3\n");
}

/* The same where we have none ourselves. */
static void test_without_descriptors (void **state) {
  (void)state;
  for (int closed = 0; closed < 3; closed++) {
    char text[256];
    int kept = fcntl(closed, F_DUPFD_CLOEXEC, 100);
    close(closed);
    words_written("echo out; echo err >&2; read line; echo \"$? $line\"", text, sizeof text);
    if (kept >= 0) dup2(kept, closed), close(kept);
    assert_string_equal(text, "out\nerr\n1 \n");
  }
}

static void test_what_cannot_start (void **state) {
  (void)state;
  char why[256] = "";
  const char *const argv[] = { "nothing", NULL };
  Pool *pool = pool_new();
  assert_non_null(pool);
  PoolJob no_program = { .program = "/no/such/program", .argv = argv };
  assert_int_equal(pool_start(pool, &no_program, why), 0);
  assert_non_null(strstr(why, "/no/such/program"));
  PoolJob no_output = { .program = "/bin/true", .argv = argv, .output = "/no/such/folder/log" };
  assert_int_equal(pool_start(pool, &no_output, why), 0);
  assert_non_null(strstr(why, "No such file"));
  assert_int_equal(pool_count(pool), 0);
  pool_free(pool);
}

#ifdef LAB_FAIL_ALLOC
static void test_no_memory (void **state) {
  (void)state;
  char why[256] = "";
  mem_fail_at(1);
  assert_null(pool_new());
  mem_fail_at(0);
  Pool *pool = pool_new();
  assert_non_null(pool);
  mem_fail_at(1);
  assert_int_equal(start_shell(pool, "exit 0", why), 0);
  mem_fail_at(0);
  assert_true(start_shell(pool, "exit 0", why) > 0);
  pool_free(pool);
}
#endif

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_ends), cmocka_unit_test(test_limits_and_signals), cmocka_unit_test(test_freeing_ends_children),
    cmocka_unit_test(test_descriptors), cmocka_unit_test(test_without_descriptors),
    cmocka_unit_test(test_what_cannot_start),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(test_no_memory),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
