/* test_process.c -- a child's life when memory is short: nothing leaks, nobody is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include "base/mem.h"
#include "os/process.h"

static const char *const talk[] = { "sh", "-c", "head -c 100000 /dev/zero; echo done >&2", NULL };
static const char *const extra[] = { "SETLAB_TEST=1", NULL };

static void test_reads_both_outputs (void **state) {
  (void)state;
  ProcessJob job = { .argv = talk, .env = extra, .timeout_seconds = 300 };
  ProcessResult r;
  char why[256];
  assert_true(process_run(&job, &r, why));
  assert_int_equal(r.status, 0);
  assert_int_equal(r.out.size, 100000);
  assert_int_equal(r.err.size, 5);
  assert_memory_equal(r.err.text, "done\n", 5);
  process_free(&r);
  process_free(&r);
}

static int always (void) { return 1; }

static void test_cancelled (void **state) {
  (void)state;
  static const char *const sleeper[] = { "sleep", "600", NULL };
  ProcessJob job = { .argv = sleeper, .timeout_seconds = 300, .cancelled = always };
  ProcessResult r;
  char why[256];
  assert_true(process_run(&job, &r, why));
  assert_true(r.was_cancelled);
  assert_int_equal(r.status, -1);
  assert_true(r.signal != 0);
  process_free(&r);
}

#ifdef LAB_FAIL_ALLOC
static void test_short_of_memory (void **state) {
  (void)state;
  int failures = 0;
  for (long n = 1; n < 100; n++) {
    ProcessJob job = { .argv = talk, .env = extra, .timeout_seconds = 300 };
    ProcessResult r;
    char why[256] = "";
    mem_fail_at(n);
    int done = process_run(&job, &r, why);
    mem_fail_at(0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left behind */
    assert_int_equal(errno, ECHILD);
    process_free(&r);
    if (done) break;
    failures++;
    assert_non_null(strstr(why, "memory"));
    assert_null(r.out.text);
  }
  assert_true(failures >= 3); /* the environment, each of the two texts */
}
#endif

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_reads_both_outputs),
    cmocka_unit_test(test_cancelled),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(test_short_of_memory),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
