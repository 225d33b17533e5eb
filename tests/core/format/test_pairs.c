/* test_pairs.c -- two columns of numbers: CSV and NumPy's arrays, and where they are wrong. */
#define _GNU_SOURCE
#include "base/mem.h"
#include "format/pairs.h"
#include "scratch.h"
#include <zip.h>

static const PairsWanted from_0 = { 0, "from", "to" }, from_1 = { 1, "from", "to" };

static Pairs must_read (const char *name, const PairsWanted *want) {
  char why[DATA_WHY] = "";
  Pairs p;
  if (!pairs_read(scratch(name), want, &p, why)) fail_msg("%s", why);
  return p;
}

static void must_complain (const char *name, const PairsWanted *want, const char *part) {
  char why[DATA_WHY] = "";
  Pairs p;
  assert_int_equal(pairs_read(scratch(name), want, &p, why), 0);
  assert_null(p.from);
  expect_why(why, part);
}

static void expect_pairs (Pairs *p, int64_t n, const int32_t *from, const int32_t *to) {
  assert_int_equal(p->n, n);
  assert_memory_equal(p->from, from, (size_t)n * sizeof *from);
  assert_memory_equal(p->to, to, (size_t)n * sizeof *to);
  pairs_free(p);
  pairs_free(p);
}

static const int32_t from[] = { 0, 5, 2 }, to[] = { 7, 1, 2 };

static void text (const char *csv) { scratch_write(scratch("a.csv"), csv, strlen(csv)); }

static void csv (void **state) {
  (void)state;
  const char *const good[] = { "0,7\n5,1\n2,2\n", "from,to\n0,7\n5,1\n2,2", "a;b\r\n0;7\r\n5;1\r\n\r\n2;2\r\n", "0\t7\n5\t1\n2\t2\n", "0 7\n5 1\n2 2\n" };
  for (size_t g = 0; g < sizeof good / sizeof *good; g++) {
    text(good[g]);
    Pairs p = must_read("a.csv", &from_0);
    assert_int_equal(p.line[2], g == 1 ? 4 : g == 2 ? 5 : 3);
    expect_pairs(&p, 3, from, to);
  }
  text("1,8\n6,2\n3,3\n");
  Pairs p = must_read("a.csv", &from_1);
  expect_pairs(&p, 3, from, to);
}

static void csv_is_checked (void **state) {
  (void)state;
  const struct { const char *csv, *part; } bad[] = {
    { "0,1\n2\n", "a.csv:2:1: the row has 1 fields, expected two" }, { "0,1\n2,3,4\n", "a.csv:2:1: the row has 3 fields, expected two" },
    { "0,1\n2,three\n", "a.csv:2:3: 'three' is not a unit number, expected a whole number from 0 on" },
    { "0,1\n2,-1\n", "a.csv:2:3: '-1' is not a unit number" }, { "0,1\n2,1e10\n", "'1e10' is not a unit number" },
    { "0,1\n2,0.5\n", "'0.5' is not a unit number" }, { "from,to\n", "it holds no link" } };
  for (size_t b = 0; b < sizeof bad / sizeof *bad; b++) {
    text(bad[b].csv);
    must_complain("a.csv", &from_0, bad[b].part);
  }
  text("1,1\n0,1\n");
  must_complain("a.csv", &from_1, "a.csv:2:1: '0' is not a unit number, expected a whole number from 1 on");
  must_complain("none.csv", &from_0, "none.csv");
}

/* A .npy file of these bytes; returns its size. */
static size_t npy (uint8_t *to_bytes, const char *header, const void *values, size_t size) {
  size_t length = strlen(header);
  memcpy(to_bytes, "\x93NUMPY\x01\x00", 8);
  to_bytes[8] = (uint8_t)length;
  to_bytes[9] = (uint8_t)(length >> 8);
  memcpy(to_bytes + 10, header, length);
  memcpy(to_bytes + 10 + length, values, size);
  return 10 + length + size;
}

static void write_npy (const char *header, const void *values, size_t size) {
  uint8_t bytes[512];
  size_t n = npy(bytes, header, values, size);
  scratch_write(scratch("a.npy"), bytes, n);
}

static void numpy (void **state) {
  (void)state;
  const int64_t rows[] = { 0, 7, 5, 1, 2, 2 };
  const int32_t columns[] = { 0, 5, 2, 7, 1, 2 };
  const float floats[] = { 0, 7, 5, 1, 2, 2 };
  write_npy("{'descr': '<i8', 'fortran_order': False, 'shape': (3, 2), }\n", rows, sizeof rows);
  Pairs p = must_read("a.npy", &from_0);
  expect_pairs(&p, 3, from, to);
  write_npy("{'descr': '<i4', 'fortran_order': True, 'shape': (3, 2), }\n", columns, sizeof columns);
  p = must_read("a.npy", &from_0);
  expect_pairs(&p, 3, from, to);
  write_npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }\n", floats, sizeof floats);
  p = must_read("a.npy", &from_0);
  expect_pairs(&p, 3, from, to);
}

static void numpy_is_checked (void **state) {
  (void)state;
  const int64_t rows[] = { 0, 7, 5, -1, 2, 2 };
  write_npy("{'descr': '<i8', 'fortran_order': False, 'shape': (3, 2), }\n", rows, sizeof rows);
  must_complain("a.npy", &from_0, "row 2: -1 is not a unit number, expected a whole number from 0 on");
  must_complain("a.npy", &from_1, "row 1: 0 is not a unit number, expected a whole number from 1 on");
  write_npy("{'descr': '<i8', 'fortran_order': False, 'shape': (2, 3), }\n", rows, sizeof rows);
  must_complain("a.npy", &from_0, "expected whole numbers in n rows and 2 columns");
  write_npy("{'descr': '<i8', 'fortran_order': False, 'shape': (1000000000, 2), }\n", rows, sizeof rows);
  must_complain("a.npy", &from_0, "has 48 bytes of values, its shape promises 2000000000 of 8 bytes");
  write_npy("{'descr': '<i8', 'fortran_order': False, 'shape': (2, 2), }\n", rows, sizeof rows);
  must_complain("a.npy", &from_0, "a.npy");
}

static void write_npz (const int64_t *sources, int n, const int64_t *targets, int m) {
  static uint8_t a[512], b[512];
  char header[128];
  snprintf(header, sizeof header, "{'descr': '<i8', 'fortran_order': False, 'shape': (%d,), }\n", n);
  size_t size_a = npy(a, header, sources, (size_t)n * sizeof *sources);
  snprintf(header, sizeof header, "{'descr': '<i8', 'fortran_order': False, 'shape': (%d,), }\n", m);
  size_t size_b = npy(b, header, targets, (size_t)m * sizeof *targets);
  int error;
  zip_t *zip = zip_open(scratch("a.npz"), ZIP_CREATE | ZIP_TRUNCATE, &error);
  zip_file_add(zip, "from.npy", zip_source_buffer(zip, a, size_a, 0), 0);
  zip_file_add(zip, "to.npy", zip_source_buffer(zip, b, size_b, 0), 0);
  assert_int_equal(zip_close(zip), 0);
}

static void archives (void **state) {
  (void)state;
  const int64_t sources[] = { 0, 5, 2 }, targets[] = { 7, 1, 2, 9 };
  write_npz(sources, 3, targets, 3);
  Pairs p = must_read("a.npz", &from_0);
  assert_null(p.line);
  expect_pairs(&p, 3, from, to);
  must_complain("a.npz", &(PairsWanted){ 0, "from", "targets" }, "has no array targets");
  must_complain("a.npz", &from_1, "from, row 1: 0 is not a unit number");
  write_npz(sources, 3, targets, 4);
  must_complain("a.npz", &from_0, "array from has 3 values, array to 4: expected equally many");
}

#ifdef LAB_FAIL_ALLOC
static void no_memory (void **state) {
  (void)state;
  text("0,7\n5,1\n2,2\n");
  for (long n = 1;; n++) {
    char why[DATA_WHY] = "";
    Pairs p;
    mem_fail_at(n);
    int ok = pairs_read(scratch("a.csv"), &from_0, &p, why);
    mem_fail_at(0);
    if (!ok) continue;
    expect_pairs(&p, 3, from, to);
    assert_true(n > 3);
    break;
  }
}
#endif

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(csv), cmocka_unit_test(csv_is_checked), cmocka_unit_test(numpy), cmocka_unit_test(numpy_is_checked),
    cmocka_unit_test(archives),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(no_memory),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("pairs", tests, scratch_begin, scratch_end);
}
