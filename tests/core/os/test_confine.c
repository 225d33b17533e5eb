/* What a confined program can still do, and what not: tried by a shell that is started so. */
#include "os/process.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

static char inside[] = "/tmp/setlab-inside-XXXXXX", outside[] = "/tmp/setlab-outside-XXXXXX";

/* The status of these words of a shell, confined to `inside` or not; what it printed first in `said`. */
static int shell (const char *words, int confined, char said[256]) {
  const char *const argv[] = { "/bin/sh", "-c", words, outside, NULL };   /* $0 is the other folder */
  ProcessJob job = { .argv = argv, .cwd = inside, .confined = confined, .timeout_seconds = 60 };
  ProcessResult result;
  char why[256] = "";
  if (!process_run(&job, &result, why)) fail_msg("%s", why);
  snprintf(said, 256, "%.*s", (int)result.out.size, result.out.text ? result.out.text : "");
  int status = result.status;
  process_free(&result);
  return status;
}

/* A thing that works, and does not when confined. */
static void expect_refused (const char *words) {
  char said[256];
  if (shell(words, 0, said) != 0) fail_msg("does not even work unconfined: %s", words);
  if (shell(words, 1, said) == 0) fail_msg("works confined, too: %s", words);
}

static void expect_allowed (const char *words) {
  char said[256];
  if (shell(words, 1, said) != 0) fail_msg("does not work confined: %s", words);
}

static int exists (const char *folder, const char *name) {
  char path[512];
  struct stat facts;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return stat(path, &facts) == 0;
}

static int has_landlock (void) {
#ifdef SYS_landlock_create_ruleset
  return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) >= 1;   /* asks for the version */
#else
  return 0;
#endif
}

static void test_programs (void **state) {
  (void)state;
  expect_refused("ls / >/dev/null && true");
  expect_refused("x=$(echo y) && [ \"$x\" = y ]");
  expect_refused("true | true");
  expect_allowed("echo y >/dev/null");
  expect_allowed("exec cat /proc/self/status");   /* in its own place it may */
  char said[256];
  assert_int_equal(shell("read -r line </etc/passwd; echo \"$line\"", 1, said), 0);
  assert_true(strlen(said) > 1);                    /* reading stays */
}

static void test_writing (void **state) {
  (void)state;
  expect_allowed("echo x >here && echo y >>here");
  assert_true(exists(inside, "here"));
  if (!has_landlock()) skip();
  expect_refused("echo x >\"$0/there\"");
  char said[256];
  shell("echo x >\"$0/elsewhere\"", 1, said);
  assert_false(exists(outside, "elsewhere"));
  shell("echo x >\"../$(basename $0)/elsewhere\"", 1, said);
  assert_false(exists(outside, "elsewhere"));
}

/* Only the child is confined. */
static void test_parent (void **state) {
  (void)state;
  char said[256];
  assert_int_equal(shell("true", 1, said), 0);
  assert_int_equal(shell("ls / >/dev/null && echo x >\"$0/free\"", 0, said), 0);
  assert_true(exists(outside, "free"));
}

int main (void) {
  if (!mkdtemp(inside) || !mkdtemp(outside)) return 1;
  const struct CMUnitTest tests[] = { cmocka_unit_test(test_programs), cmocka_unit_test(test_writing), cmocka_unit_test(test_parent) };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  int failed = cmocka_run_group_tests_name("confine", tests, NULL, NULL);
  char command[512];
  snprintf(command, sizeof command, "rm -r %s %s", inside, outside);
  return system(command) || failed;
}
