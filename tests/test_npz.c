/* test_npz.c -- NumPy archives: headers, types, shapes, and everything that can be wrong. */
#include "scratch.h"
#include "npy.h"
#include <math.h>
#include <zip.h>

static const DataWanted everything = { .count = 0 };

/* One array of an archive to be. */
typedef struct Entry {
  const char *name, *header;  /* "X_train.npy", the Python literal */
  const void *values;
  size_t      size;
  int         version;        /* of the .npy format; 0 for 1 */
} Entry;

/* The bytes of a .npy file, in a buffer that the caller frees. */
static uint8_t *build_npy (const Entry *e, size_t *size) {
  size_t length = strlen(e->header), begin = e->version > 1 ? 12 : 10;
  size_t padded = (begin + length + 1 + 63) / 64 * 64 - begin;
  uint8_t *bytes = calloc(begin + padded + e->size + 1, 1);
  memcpy(bytes, "\x93NUMPY", 6);
  bytes[6] = (uint8_t)(e->version ? e->version : 1);
  bytes[8] = (uint8_t)padded;
  bytes[9] = (uint8_t)(padded >> 8);
  memset(bytes + begin, ' ', padded);
  memcpy(bytes + begin, e->header, length);
  bytes[begin + padded - 1] = '\n';
  if (e->size) memcpy(bytes + begin + padded, e->values, e->size);
  *size = begin + padded + e->size;
  return bytes;
}

static void write_npz (const char *path, const Entry *entries, int n, int compress) {
  int code;
  zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
  assert_non_null(zip);
  for (int i = 0; i < n; i++) {
    size_t size;
    uint8_t *bytes = build_npy(&entries[i], &size);
    zip_source_t *source = zip_source_buffer(zip, bytes, size, 1);
    zip_int64_t index = zip_file_add(zip, entries[i].name, source, 0);
    assert_true(index >= 0);
    zip_set_file_compression(zip, (zip_uint64_t)index, compress ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
  }
  assert_int_equal(zip_close(zip), 0);
}

/* X of the given header and values with labels 0, 2, 1, ... as i8. */
static void write_x (const char *header, const void *values, size_t size, int64_t n) {
  static int64_t labels[64];
  char y_header[80];
  for (int i = 0; i < 64; i++) labels[i] = i * 2 % 3;
  snprintf(y_header, sizeof y_header, "{'descr': '<i8', 'fortran_order': False, 'shape': (%lld,), }", (long long)n);
  Entry entries[] = { { "X_train.npy", header, values, size, 0 }, { "y_train.npy", y_header, labels, 8 * (size_t)n, 2 } };
  write_npz(scratch("a.npz"), entries, 2, 1);
}

/* X of 2 x 2 bytes with labels of the given header and values. */
static void write_y (const char *header, const void *values, size_t size) {
  Entry entries[] = {
    { "X_train.npy", "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), }", "abcd", 4, 1 },
    { "y_train.npy", header, values, size, 3 },
  };
  write_npz(scratch("a.npz"), entries, 2, 0);
}

static Data *read_train (char *why) { return data_read_npz(scratch("a.npz"), "train", NULL, &everything, why); }

static Data *must_read (void) {
  char why[DATA_WHY] = "";
  Data *data = read_train(why);
  if (!data) fail_msg("%s", why);
  check_data(data);
  return data;
}

static void must_complain (const char *part) {
  char why[DATA_WHY] = "";
  assert_null(read_train(why));
  expect_why(why, part);
  expect_why(why, "a.npz: ");
}

/* ---- types and shapes --------------------------------------------------------------------- */

static void bytes_stay_bytes (void **state) {
  (void)state;
  write_x("{'descr': '|u1', 'fortran_order': False, 'shape': (3, 2), }", "\0\1\2\3\4\377", 6, 3);
  Data *d = must_read();
  assert_int_equal(d->type, DATA_U8);
  assert_int_equal(d->n, 3);
  assert_int_equal(d->n_features, 2);
  assert_int_equal(d->n_classes, 3);
  assert_int_equal(d->channels, 0);
  assert_memory_equal(d->u8, "\0\1\2\3\4\377", 6);
  assert_memory_equal(d->label, ((int32_t[]){ 0, 2, 1 }), 12);
  data_free(d);
}

/* Every other type becomes float: the same four numbers in each. */
static void types (void **state) {
  (void)state;
  const struct { const char *descr; const void *values; size_t size; float want[4]; } cases[] = {
    { "|i1", (int8_t[]){ -128, -1, 0, 127 }, 4, { -128, -1, 0, 127 } },
    { "<i2", (int16_t[]){ -32768, -1, 0, 32767 }, 8, { -32768, -1, 0, 32767 } },
    { "<i4", (int32_t[]){ -70000, -1, 0, 70000 }, 16, { -70000, -1, 0, 70000 } },
    { "<i8", (int64_t[]){ -5000000000, -1, 0, 70000 }, 32, { -5000000000.0f, -1, 0, 70000 } },
    { "<f4", (float[]){ -1.5f, 0, 1e-40f, 3e38f }, 16, { -1.5f, 0, 1e-40f, 3e38f } },
    { "<f8", (double[]){ -1.5, 0, 0.1, 1e30 }, 32, { -1.5f, 0, 0.1f, 1e30f } },
    { "|b1", (uint8_t[]){ 0, 1, 1, 0 }, 4, { 0, 1, 1, 0 } },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char header[100];
    snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (2, 2), }", cases[i].descr);
    write_x(header, cases[i].values, cases[i].size, 2);
    Data *d = must_read();
    assert_int_equal(d->type, DATA_F32);
    assert_true(d->unit == 1.0f);
    assert_memory_equal(d->f32, cases[i].want, sizeof cases[i].want);
    data_free(d);
  }
}

static void image_shapes (void **state) {
  uint8_t values[64];
  (void)state;
  for (int i = 0; i < 64; i++) values[i] = (uint8_t)i;
  write_x("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 4, 5), }", values, 40, 2);
  Data *d = must_read();
  assert_true(d->channels == 1 && d->height == 4 && d->width == 5);
  data_free(d);
  write_x("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3, 2, 5), }", values, 60, 2);
  d = must_read();
  assert_true(d->channels == 3 && d->height == 2 && d->width == 5);
  assert_memory_equal(d->u8, values, 60);
  data_free(d);
  write_x("{'shape': (2, 2, 5, 3), 'fortran_order': False, 'descr': '|u1'}", values, 60, 2);  /* channels last */
  d = must_read();
  assert_true(d->channels == 3 && d->height == 2 && d->width == 5);
  for (int i = 0; i < 2; i++)
    for (int c = 0; c < 3; c++)
      for (int k = 0; k < 10; k++) assert_int_equal(d->u8[i * 30 + c * 10 + k], i * 30 + k * 3 + c);
  data_free(d);
  write_x("{'descr': '|u1', 'fortran_order': False, 'shape': (2L, 2, 2, 2, 2), }", values, 32, 2);
  d = must_read();
  assert_true(d->n_features == 16 && d->channels == 0);
  data_free(d);
}

static void labels (void **state) {
  (void)state;
  write_y("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", (float[]){ 0, 0, 1, 1, 0, 0 }, 24);
  Data *d = must_read();
  assert_true(d->label[0] == 2 && d->label[1] == 0 && d->n_classes == 3);
  data_free(d);
  write_y("{'descr': '<i4', 'fortran_order': True, 'shape': (2,), }", (int32_t[]){ 1, 0 }, 8);
  d = must_read();
  assert_true(d->label[0] == 1 && d->n_classes == 2);
  data_free(d);
  write_y("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1), }", (double[]){ 4, 0 }, 16);
  d = must_read();
  assert_true(d->label[0] == 4 && d->n_classes == 5);
  data_free(d);
}

/* The test split has the classes and features of the training split. */
static void splits_agree (void **state) {
  (void)state;
  static const char x2[] = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), }";
  static const char x3[] = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }";
  static const char y[] = "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }";
  char why[DATA_WHY] = "";
  Entry entries[] = { { "X_train.npy", x2, "abcd", 4, 1 }, { "y_train.npy", y, "\0\2", 2, 1 },
                      { "X_test.npy", x2, "efgh", 4, 1 }, { "y_test.npy", y, "\1\0", 2, 1 } };
  write_npz(scratch("a.npz"), entries, 4, 1);
  Data *train = must_read();
  DataWanted want = { .like = train };
  Data *test = data_read_npz(scratch("a.npz"), "test", NULL, &want, why);
  assert_non_null(test);
  assert_int_equal(test->n_classes, 3);
  assert_memory_equal(test->u8, "efgh", 4);
  data_free(test);
  entries[3].values = "\1\3";
  write_npz(scratch("a.npz"), entries, 4, 1);
  assert_null(data_read_npz(scratch("a.npz"), "test", NULL, &want, why));
  expect_why(why, "label 3 of sample 2 is out of range, expected 0 to 2");
  entries[3].values = "\1\2";
  entries[2] = (Entry){ "X_test.npy", x3, "efghij", 6, 1 };
  write_npz(scratch("a.npz"), entries, 4, 1);
  assert_null(data_read_npz(scratch("a.npz"), "test", NULL, &want, why));
  expect_why(why, "has 3 features a sample, the training split has 2");
  data_free(train);
}

/* ---- what is refused ------------------------------------------------------------------------ */

static void bad_labels (void **state) {
  (void)state;
  write_y("{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }", (int32_t[]){ 1, -1 }, 8);
  must_complain("label -1 of sample 2 is out of range, expected 0 to 65535");
  write_y("{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }", (int64_t[]){ 70000, 1 }, 16);
  must_complain("label 70000 of sample 1 is out of range");
  write_y("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", (double[]){ 0, 0.5 }, 16);
  must_complain("array y_train: label 0.5 of sample 2 is not a whole number");
  write_y("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", (double[]){ (double)NAN, 0 }, 16);
  must_complain("label nan of sample 1");
  write_y("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }", "\0\1\0\1\1\0", 6);
  must_complain("array y_train: sample 2 is not one-hot");
  write_y("{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }", "\0\1\0", 3);
  must_complain("array y_train has 3 labels, but X_train has 2 samples");
  write_y("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1, 1), }", "\0\1", 2);
  must_complain("array y_train has rank 3, expected labels or one-hot rows");
}

static void bad_arrays (void **state) {
  (void)state;
  write_x("{'descr': '<c8', 'fortran_order': False, 'shape': (2, 1), }", (float[4]){ 0 }, 16, 2);
  must_complain("values of an unknown type, expected u1");
  write_x("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 2), }", (float[4]){ 0 }, 16, 2);
  must_complain("holds records");
  write_x("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", (float[4]){ 0 }, 16, 2);
  must_complain("array X_train has 16 bytes of values, its shape promises 6 of 4 bytes");
  write_x("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4611686018427387904, 4), }", (float[4]){ 0 }, 16, 2);
  must_complain("array X_train has a shape that no memory can hold");
  write_x("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4), }", NULL, 0, 2);
  must_complain("array X_train has 0 samples");
  write_x("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }", (float[4]){ 0 }, 16, 4);
  must_complain("array X_train has rank 1, expected samples in rows");
  write_x("{'descr': '<f4', 'fortran_order': False}", (float[4]){ 0 }, 16, 2);
  must_complain("has a .npy header that is not understood");
  write_x("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), 'more': 1}", (float[4]){ 0 }, 16, 2);
  must_complain("has a .npy header that is not understood");
  write_x("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", (float[4]){ 0, 1, (float)NAN, 0 }, 16, 2);
  must_complain("array X_train: value 1 of sample 2 is not a finite number");
  write_x("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }", (double[4]){ 0, 1e39, 0, 0 }, 32, 2);
  must_complain("array X_train: value 2 of sample 1 is not a finite number");
}

static void bad_archives (void **state) {
  char why[DATA_WHY] = "";
  (void)state;
  write_x("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), }", "abcd", 4, 2);
  assert_null(data_read_npz(scratch("a.npz"), "test", NULL, &everything, why));
  expect_why(why, "has no array X_test; it holds X_train, y_train");
  assert_null(data_read_npz(scratch_directory, "test", NULL, &everything, why));
  expect_why(why, "is a directory");
  scratch_write(scratch("a.npz"), "plain text, and no archive", 26);
  must_complain("is not a readable .npz archive");
}

static void tortured (void **state) {
  (void)state;
  write_x("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", (float[]){ 1, 2, 3, 4 }, 16, 2);
  torture("a.npz", read_train);
  write_y("{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }", (int32_t[]){ 1, 0 }, 8);
  torture("a.npz", read_train);
}

#ifdef LAB_FAIL_ALLOC
static void starved (void **state) {
  (void)state;
  write_x("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", (float[]){ 1, 2, 3, 4 }, 16, 2);
  starve(read_train);
}
#endif

/* Headers alone, every truncation of one: nothing is read past its end. */
static void headers (void **state) {
  static const char good[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (5, 28), }\n";
  Npy npy;
  (void)state;
  assert_null(npy_header(good, sizeof good - 1, &npy));
  assert_true(npy.rank == 2 && npy.shape[0] == 5 && npy.shape[1] == 28 && npy.kind == 'f' && npy.size == 4);
  assert_int_equal(npy_count(&npy, 0), 140);
  for (size_t n = 0; n < sizeof good - 3; n++) {
    char *exact = malloc(n + 1);  /* so that the sanitizer sees one byte too many */
    memcpy(exact, good, n);
    char *cut = realloc(exact, n ? n : 1);
    assert_non_null(npy_header(cut, n, &npy));
    free(cut);
  }
  static const char scalar[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (), }";
  assert_null(npy_header(scalar, sizeof scalar - 1, &npy));
  assert_int_equal(npy_count(&npy, 0), 1);
  static const char huge[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}";
  assert_non_null(npy_header(huge, sizeof huge - 1, &npy));
}

int main (void) {
  static const struct CMUnitTest tests[] = {
    cmocka_unit_test(bytes_stay_bytes), cmocka_unit_test(types), cmocka_unit_test(image_shapes),
    cmocka_unit_test(labels), cmocka_unit_test(splits_agree), cmocka_unit_test(bad_labels),
    cmocka_unit_test(bad_arrays), cmocka_unit_test(bad_archives), cmocka_unit_test(tortured),
    cmocka_unit_test(headers),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(starved),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("npz", tests, scratch_begin, scratch_end);
}
