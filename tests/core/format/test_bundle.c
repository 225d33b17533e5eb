/* Archives of files: to and fro, and what may come from elsewhere. */
#include "base/mem.h"
#include "format/bundle.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>
#include <cmocka.h>

static char folder[] = "/tmp/setlab-bundle-XXXXXX";
static char path[64];

static void test_round_trip (void **state) {
  (void)state;
  char why[DATA_WHY] = "", *big = malloc(3000000);
  memset(big, 'a', 3000000);
  BundleFile files[] = { { "MANIFEST.yaml", "x: 1\n", 5 }, { "runs/0123/metrics.csv", big, 3000000 }, { "empty", "", 0 }, { "zero", "a\0b", 3 } };
  if (!bundle_write(path, files, 4, why)) fail_msg("%s", why);
  Bundle *b = bundle_open(path, why);
  if (!b) fail_msg("%s", why);
  assert_int_equal(bundle_count(b), 4);
  char *got = malloc(3000000);
  for (size_t i = 0; i < 4; i++) {
    assert_string_equal(bundle_name(b, i), files[i].name);
    assert_int_equal(bundle_size(b, i), files[i].size);
    if (!bundle_read(b, i, got, why)) fail_msg("%s", why);
    assert_memory_equal(got, files[i].bytes, files[i].size);
  }
  bundle_close(b);
  bundle_close(NULL);
  free(got);
  free(big);
}

static size_t read_all (char *bytes, size_t room) {
  FILE *f = fopen(path, "rb");
  size_t n = f ? fread(bytes, 1, room, f) : 0;
  if (f) fclose(f);
  return n;
}

static void test_same_bytes (void **state) {
  (void)state;
  char why[DATA_WHY], first[4096], second[4096];
  BundleFile files[] = { { "a", "one", 3 }, { "b/c", "two", 3 } };
  assert_true(bundle_write(path, files, 2, why));
  size_t n = read_all(first, sizeof first);
  sleep(1);
  assert_true(bundle_write(path, files, 2, why));
  assert_int_equal(read_all(second, sizeof second), n);
  assert_memory_equal(first, second, n);
}

/* An archive with files of these names, each of the text "x". */
static void craft (const char *a, const char *b) {
  int error = 0;
  unlink(path);
  zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &error);
  assert_non_null(zip);
  const char *names[] = { a, b };
  for (int i = 0; i < 2 && names[i]; i++)
    assert_true(zip_file_add(zip, names[i], zip_source_buffer(zip, "x", 1, 0), ZIP_FL_ENC_UTF_8) >= 0);
  assert_int_equal(zip_close(zip), 0);
}

static void test_names (void **state) {
  (void)state;
  static const char *const bad[] = { "../x", "a/../x", "/etc/passwd", "a//b", "./a", "a/.", "a/..", "..", "c:\\x", "a\\b", "a\nb", "folder/" };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    char why[DATA_WHY] = "";
    craft("good", bad[i]);
    Bundle *b = bundle_open(path, why);
    if (b) fail_msg("'%s' is taken for a name", bad[i]);
    assert_non_null(strstr(why, "is no name for a file in a folder"));
  }
  char why[DATA_WHY], longest[BUNDLE_NAME + 1];
  memset(longest, 'a', BUNDLE_NAME);
  longest[BUNDLE_NAME] = 0;
  craft(longest, NULL);
  assert_null(bundle_open(path, why));
  craft("..a/b..", "..");
  assert_null(bundle_open(path, why));
  craft("..a/b..", NULL);
  Bundle *b = bundle_open(path, why);
  assert_non_null(b);
  bundle_close(b);
}

/* Every byte of a small archive changed, and every length: no file comes out that is not what went in. */
static void test_damage (void **state) {
  (void)state;
  char why[DATA_WHY], bytes[4096];
  BundleFile files[] = { { "name", "some text that is long enough to be compressed, compressed, compressed", 71 } };
  assert_true(bundle_write(path, files, 1, why));
  size_t n = read_all(bytes, sizeof bytes);
  for (size_t i = 0; i < 2 * n; i++) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    if (i < n) {
      bytes[i] ^= 0x55;
      fwrite(bytes, 1, n, f);
      bytes[i] ^= 0x55;
    } else fwrite(bytes, 1, i - n, f);
    fclose(f);
    Bundle *b = bundle_open(path, why);
    for (size_t k = 0; b && k < bundle_count(b); k++) {
      char *got = malloc(bundle_size(b, k) + 1);
      if (got && bundle_read(b, k, got, why)) assert_memory_equal(got, files[0].bytes, bundle_size(b, k) < 71 ? bundle_size(b, k) : 71);
      free(got);
    }
    bundle_close(b);
  }
}

static void test_no_file (void **state) {
  (void)state;
  char why[DATA_WHY] = "";
  assert_null(bundle_open("/nowhere/x.zip", why));
  assert_non_null(strstr(why, "/nowhere/x.zip"));
  BundleFile file = { "a", "b", 1 };
  assert_false(bundle_write("/nowhere/x.zip", &file, 1, why));
  BundleFile outside = { "../a", "b", 1 };
  assert_false(bundle_write(path, &outside, 1, why));
  assert_non_null(strstr(why, "'../a' is no name"));
  assert_false(bundle_write("/nowhere/x.zip", &file, 1, why));
  assert_non_null(strstr(why, "/nowhere/x.zip: cannot be written"));
}

int main (void) {
  if (!mkdtemp(folder)) return 1;
  snprintf(path, sizeof path, "%s/a.zip", folder);
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_round_trip), cmocka_unit_test(test_same_bytes), cmocka_unit_test(test_names), cmocka_unit_test(test_damage), cmocka_unit_test(test_no_file),
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  int failed = cmocka_run_group_tests_name("bundle", tests, NULL, NULL);
  char command[128];
  snprintf(command, sizeof command, "rm -r %s", folder);
  return system(command) || failed;
}
