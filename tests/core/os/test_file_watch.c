/* Files that change: written, put in another's place, removed; folders that are not there; waiting in vain. */
#include "base/clock.h"
#include "os/file_watch.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char folder[] = "/tmp/setlab-watch-XXXXXX";

static void put (const char *name) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs("x", f);
  fclose(f);
}

/* The next change must be of this file, in folder `number`. */
static void expect (FileWatch *watch, int number, const char *name) {
  FileChange change;
  assert_true(file_watch_next(watch, 60, &change));
  assert_int_equal(change.folder, number);
  assert_string_equal(change.name, name);
}

static void test_changes (void **state) {
  (void)state;
  char why[256] = "", from[512], to[512];
  FileWatch *watch = file_watch_new(why);
  assert_non_null(watch);
  int number = file_watch_folder(watch, folder, why);
  assert_true(number > 0);
  assert_int_equal(file_watch_folder(watch, folder, why), number);  /* twice is once */
  put("a.lua");
  expect(watch, number, "a.lua");
  put(".a.lua.new");
  expect(watch, number, ".a.lua.new");
  snprintf(from, sizeof from, "%s/.a.lua.new", folder);
  snprintf(to, sizeof to, "%s/a.lua", folder);
  assert_int_equal(rename(from, to), 0);
  expect(watch, number, ".a.lua.new");
  expect(watch, number, "a.lua");
  unlink(to);
  expect(watch, number, "a.lua");
  for (int i = 0; i < 600; i++) put(i % 2 ? "odd" : "even");   /* more than one buffer holds */
  for (int i = 0; i < 600; i++) expect(watch, number, i % 2 ? "odd" : "even");
  FileChange change;
  double began = clock_seconds();
  assert_false(file_watch_next(watch, 0.05, &change));
  assert_true(clock_seconds() - began >= 0.04);
  file_watch_free(watch);
  file_watch_free(NULL);
}

static void test_no_folder (void **state) {
  (void)state;
  char why[256] = "";
  FileWatch *watch = file_watch_new(why);
  assert_int_equal(file_watch_folder(watch, "/nowhere/at/all", why), 0);
  assert_non_null(strstr(why, "/nowhere/at/all"));
  put("file");
  char path[512];
  snprintf(path, sizeof path, "%s/file", folder);
  assert_int_equal(file_watch_folder(watch, path, why), 0);
  assert_non_null(strstr(why, "Not a directory"));
  file_watch_free(watch);
}

int main (void) {
  if (!mkdtemp(folder)) return 1;
  const struct CMUnitTest tests[] = { cmocka_unit_test(test_changes), cmocka_unit_test(test_no_folder) };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  int failed = cmocka_run_group_tests_name("file_watch", tests, NULL, NULL);
  char command[512];
  snprintf(command, sizeof command, "rm -r %s", folder);
  return system(command) || failed;
}
