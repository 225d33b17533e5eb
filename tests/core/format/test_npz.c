/* test_npz.c -- NumPy archives: headers, types, shapes, and everything that can be wrong. */
#include "scratch.h"
#include "format/npy.h"
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
    { "<u2", (uint16_t[]){ 0, 1, 256, 65535 }, 8, { 0, 1, 256, 65535 } },
    { "<u4", (uint32_t[]){ 0, 1, 70000, 4294967295u }, 16, { 0, 1, 70000, 4294967296.0f } },
    { "<u8", (uint64_t[]){ 0, 1, 70000, UINT64_MAX }, 32, { 0, 1, 70000, 18446744073709551616.0f } },
    { "<f2", (uint16_t[]){ 0xbe00, 0x0001, 0x7bff, 0x3555 }, 8, { -1.5f, 5.9604644775390625e-8f, 65504, 0.333251953125f } },
    { ">f4", (uint8_t[]){ 0xbf, 0xc0, 0, 0,  0, 0, 0, 0,  0x3f, 0x80, 0, 0,  0x40, 0x49, 0x0f, 0xdb }, 16, { -1.5f, 0, 1, 3.14159274f } },
    { ">i2", (uint8_t[]){ 0xff, 0xfe, 0, 3, 1, 0, 0x80, 0 }, 8, { -2, 3, 256, -32768 } },
    { ">f8", (uint8_t[]){ 0x3f, 0xf8, 0, 0, 0, 0, 0, 0,  0xbf, 0xf0, 0, 0, 0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0,  0x40, 0, 0, 0, 0, 0, 0, 0 }, 32, { 1.5f, -1, 0, 2 } },
    { ">f2", (uint8_t[]){ 0x3c, 0, 0xc0, 0, 0, 0, 0x80, 0 }, 8, { 1, -2, 0, -0.0f } },
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

/* ---- Fortran order ---- */

/* An array of the shape, written in Fortran order and in C order, is read as the same data set. */
static void expect_fortran (const char *descr, int size, int rank, const int64_t *shape) {
  char text[64] = "", header[160];
  uint8_t c[960], fortran[960];
  int64_t count = 1;
  for (int d = 0; d < rank; d++) {
    count *= shape[d];
    snprintf(text + strlen(text), 20, "%lld, ", (long long)shape[d]);
  }
  for (int64_t k = 0; k < count * size; k++) c[k] = (uint8_t)(k % size == size - 1 && *descr != '|' ? 0x40 : k * 7 % 251);
  for (int64_t k = 0; k < count; k++) {   /* naive: the indices of the k-th value in C order */
    int64_t rest = k, at = 0, index[8];
    for (int d = rank - 1; d >= 0; d--) index[d] = rest % shape[d], rest /= shape[d];
    for (int d = rank - 1; d >= 0; d--) at = at * shape[d] + index[d];
    memcpy(fortran + at * size, c + k * size, (size_t)size);
  }
  snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, text);
  write_x(header, c, (size_t)(count * size), shape[0]);
  Data *want = must_read();
  snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': True, 'shape': (%s), }", descr, text);
  write_x(header, fortran, (size_t)(count * size), shape[0]);
  Data *d = must_read();
  assert_true(d->hash[0] == want->hash[0] && d->hash[1] == want->hash[1]);
  data_free(d);
  data_free(want);
}

static void fortran_order (void **state) {
  (void)state;
  expect_fortran("<f4", 4, 2, (int64_t[]){ 3, 5 });
  expect_fortran("|u1", 1, 2, (int64_t[]){ 7, 4 });
  expect_fortran("<f8", 8, 3, (int64_t[]){ 3, 4, 5 });
  expect_fortran("|u1", 1, 4, (int64_t[]){ 3, 4, 5, 3 });   /* channels last */
  expect_fortran("|u1", 1, 4, (int64_t[]){ 2, 3, 4, 5 });
  expect_fortran("<i2", 2, 5, (int64_t[]){ 2, 3, 2, 1, 4 });
  write_y("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", (float[]){ 0, 1, 0, 0, 1, 0 }, 24);
  Data *d = must_read();
  assert_true(d->label[0] == 2 && d->label[1] == 0);
  data_free(d);
}

/* ---- which arrays ---- */

static const char two_bits[] = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), }";
static const char two_labels[] = "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }";

static Data *read_named (const char *samples, const char *labels, char *why) {
  return data_read_npz(scratch("a.npz"), "train", &(DataNpz){ samples, labels, 0 }, &everything, why);
}

static void names_of_arrays (void **state) {
  char why[DATA_WHY] = "";
  (void)state;
  Entry entries[] = { { "x_train.npy", two_bits, "\0\1\1\0", 4, 1 }, { "Y_Train.npy", two_labels, "\0\1", 2, 1 },
                      { "x_TRAIN.npy", two_bits, "\1\1\1\0", 4, 1 }, { "extra", two_bits, "\1\1\1\1", 4, 1 } };
  write_npz(scratch("a.npz"), entries, 2, 1);
  data_free(must_read());
  write_npz(scratch("a.npz"), entries, 4, 1);
  must_complain("two arrays may be X_train: x_train.npy and x_TRAIN.npy. Say which: arrays = { X_train = ... }");
  Data *d = read_named("x_TRAIN", NULL, why);
  assert_true(d && d->u8[0] == 1 && d->u8[3] == 0);
  data_free(d);
  d = read_named("extra", "Y_Train", why);
  assert_true(d && d->u8[3] == 1);
  data_free(d);
  assert_null(read_named("Extra", NULL, why));   /* a name that is given is meant as it stands */
  expect_why(why, "a.npz: has no array Extra; it holds x_train, Y_Train, x_TRAIN, extra. Other names can be given: arrays = ");
  entries[2].name = "X_train.npy";
  write_npz(scratch("a.npz"), entries, 3, 1);
  d = must_read();   /* the exact name comes first */
  assert_int_equal(d->u8[0], 1);
  data_free(d);
}

/* ---- text labels ---- */

static void text_labels (void **state) {
  (void)state;
  static const uint32_t unicode[] = { 'd', 'o', 'g', 0xe9, 0, 0 };
  write_y("{'descr': '<U3', 'fortran_order': False, 'shape': (2,), }", unicode, 24);
  Data *d = must_read();
  assert_true(d->n_classes == 2 && d->label[0] == 0 && d->label[1] == 1);
  assert_string_equal(data_class_name(d, 0), "dog");
  assert_string_equal(data_class_name(d, 1), "\xc3\xa9");
  data_free(d);
  write_y("{'descr': '>U2', 'fortran_order': False, 'shape': (2,), }", "\0\0\0b\0\0\0\0\0\1\xf6\0\0\0\0a", 16);
  d = must_read();
  assert_string_equal(data_class_name(d, 1), "\xf0\x9f\x98\x80" "a");
  data_free(d);
  write_y("{'descr': '|S4', 'fortran_order': False, 'shape': (2, 1), }", "10.010.0", 8);
  d = must_read();
  assert_int_equal(d->n_classes, 1);
  assert_string_equal(data_class_name(d, 0), "10");
  data_free(d);
  write_y("{'descr': '|S3', 'fortran_order': False, 'shape': (2,), }", "10\0 9 ", 6);
  d = must_read();
  assert_true(d->label[0] == 1 && d->label[1] == 0);   /* by value, blanks aside */
  data_free(d);
  write_y("{'descr': '|S3', 'fortran_order': False, 'shape': (2,), }", "1.0nan", 6);
  must_complain("array y_train: label of sample 2 is 'nan', a missing value");
  write_y("{'descr': '|S2', 'fortran_order': False, 'shape': (2,), }", "a\0\0\0", 4);
  must_complain("array y_train: label of sample 2 is empty");
  write_y("{'descr': '|S3', 'fortran_order': False, 'shape': (2,), }", "a\0bxyz", 6);
  must_complain("array y_train: label of sample 1 has a zero byte in it");
  write_y("{'descr': '<U1', 'fortran_order': False, 'shape': (2,), }", (uint32_t[]){ 0xd800, 'a' }, 8);
  must_complain("array y_train: label of sample 1 has a character that Unicode does not know");
  write_y("{'descr': '<U0', 'fortran_order': False, 'shape': (2,), }", NULL, 0);
  must_complain("array y_train holds texts of an unreadable length");
  write_y("{'descr': '<U99999', 'fortran_order': False, 'shape': (2,), }", NULL, 0);
  must_complain("array y_train holds texts of an unreadable length");
  write_y("{'descr': '|S1', 'fortran_order': False, 'shape': (2, 2), }", "abcd", 4);
  must_complain("array y_train holds rows of text");
  write_x("{'descr': '|S2', 'fortran_order': False, 'shape': (2, 2), }", "1 2 3 4 ", 8, 2);
  must_complain("array X_train holds text, expected numbers");
  write_x("{'descr': '|O', 'fortran_order': False, 'shape': (2, 2), }", "", 0, 2);
  must_complain("array X_train holds Python objects");
}

/* A training split with these classes, then a test split with these labels. */
static Data *read_test (const char *train, int width, const char *descr, const void *values, size_t size, char *why) {
  char header[80], test[80];
  snprintf(header, sizeof header, "{'descr': '|S%d', 'fortran_order': False, 'shape': (2,), }", width);
  snprintf(test, sizeof test, "{'descr': '%s', 'fortran_order': False, 'shape': (2,), }", descr);
  Entry entries[] = { { "X_train.npy", two_bits, "\0\1\1\0", 4, 1 }, { "y_train.npy", header, train, 2 * (size_t)width, 1 },
                      { "X_test.npy", two_bits, "\1\1\1\0", 4, 1 }, { "y_test.npy", test, values, size, 1 } };
  write_npz(scratch("a.npz"), entries, 4, 1);
  Data *like = must_read();
  Data *d = data_read_npz(scratch("a.npz"), "test", NULL, &(DataWanted){ .like = like }, why);
  if (d) assert_string_equal(data_class_name(d, 0), data_class_name(like, 0));
  data_free(like);
  return d;
}

static void test_labels_follow_text (void **state) {
  char why[DATA_WHY] = "";
  (void)state;
  Data *d = read_test("dogcat", 3, "|S3", "catdog", 6, why);
  assert_true(d && d->label[0] == 0 && d->label[1] == 1 && !*d->warning);
  data_free(d);
  assert_null(read_test("dogcat", 3, "|S3", "catcow", 6, why));
  expect_why(why, "array y_test: label 'cow' of sample 2 does not occur in the training split");
  d = read_test("dogcat", 3, "|u1", "\0\1", 2, why);
  assert_true(d && d->label[0] == 0 && d->label[1] == 1);
  assert_string_equal(d->warning, "y_test holds numbers, the training labels are text: class 0 is taken for 'cat', the first in sorted order.");
  data_free(d);
  d = read_test("5 17", 2, "|u1", "\21\5", 2, why);   /* names that are numbers */
  assert_true(d && d->label[0] == 1 && d->label[1] == 0 && !*d->warning);
  data_free(d);
  assert_null(read_test("5 17", 2, "|u1", "\0\1", 2, why));
  expect_why(why, "array y_test: label '0' of sample 1 does not occur in the training split");
}

/* ---- labels that measure ---- */

static void measurements_are_refused (void **state) {
  static int64_t prices[40], classes[40];
  static uint8_t bits[80];
  static char text[40 * 5 + 1];
  (void)state;
  for (int i = 0; i < 40; i++) prices[i] = 900 + 37 * i, classes[i] = i, snprintf(text + 5 * i, 6, "%5.2f", i / 4.0);
  Entry entries[] = { { "X_train.npy", "{'descr': '|u1', 'fortran_order': False, 'shape': (40, 2), }", bits, 80, 1 },
                      { "y_train.npy", "{'descr': '<i8', 'fortran_order': False, 'shape': (40,), }", prices, 320, 1 } };
  write_npz(scratch("a.npz"), entries, 2, 1);
  must_complain("array y_train has 40 different labels in 40 samples, from 900 to 2343: it looks like measurements, not classes");
  entries[1].values = classes;
  write_npz(scratch("a.npz"), entries, 2, 1);
  data_free(must_read());
  entries[1] = (Entry){ "y_train.npy", "{'descr': '|S5', 'fortran_order': False, 'shape': (40,), }", text, 200, 1 };
  write_npz(scratch("a.npz"), entries, 2, 1);
  must_complain("array y_train looks like measurements");
}

/* ---- bytes: pictures or not ---- */

static Data *read_scaled (DataScale scale, const Data *like, char *why) {
  return data_read_npz(scratch("a.npz"), like ? "test" : "train", NULL, &(DataWanted){ .scale = scale, .like = like }, why);
}

static void which_bytes_are_scaled (void **state) {
  static const char table[] = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 4), }";
  static const char images[] = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2, 2), }";
  static const char bits[] = "\0\1\1\0\1\1\0\0";
  char why[DATA_WHY] = "";
  (void)state;
  const struct { const char *header, *values; DataScale scale; int divided, warned; } cases[] = {
    { table, bits, DATA_SCALE_AUTO, 0, 0 },       { table, bits, DATA_SCALE_BYTES, 1, 0 },  { table, "abcdefgh", DATA_SCALE_AUTO, 1, 1 },
    { table, "abcdefgh", DATA_SCALE_BYTES, 1, 0 }, { table, "abcdefgh", DATA_SCALE_NONE, 0, 0 }, { images, bits, DATA_SCALE_AUTO, 1, 0 },
    { images, "abcdefgh", DATA_SCALE_AUTO, 1, 0 }, { images, "abcdefgh", DATA_SCALE_NONE, 0, 0 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    write_x(cases[i].header, cases[i].values, 8, 2);
    Data *d = read_scaled(cases[i].scale, NULL, why);
    assert_non_null(d);
    assert_true(d->unit == (cases[i].divided ? 1.0f / 255 : 1.0f));
    assert_int_equal(*d->warning != '\0', cases[i].warned);
    data_free(d);
  }
}

/* Training and test samples of any two types and shapes. */
static Data *read_pair (const char *x_train, const void *train, size_t n_train, const char *x_test, const void *test, size_t n_test,
                        DataScale scale, char *why) {
  char headers[2][100];
  snprintf(headers[0], 100, "{'descr': '%.3s', 'fortran_order': False, 'shape': (2, %s), }", x_train, x_train + 4);
  snprintf(headers[1], 100, "{'descr': '%.3s', 'fortran_order': False, 'shape': (2, %s), }", x_test, x_test + 4);
  Entry entries[] = { { "X_train.npy", headers[0], train, n_train, 1 }, { "y_train.npy", two_labels, "\0\1", 2, 1 },
                      { "X_test.npy", headers[1], test, n_test, 1 }, { "y_test.npy", two_labels, "\1\0", 2, 1 } };
  write_npz(scratch("a.npz"), entries, 4, 1);
  Data *like = read_scaled(scale, NULL, why);
  Data *d = like ? read_scaled(scale, like, why) : NULL;
  if (d) assert_true(d->unit == like->unit);
  data_free(like);
  return d;
}

static void splits_are_scaled_alike (void **state) {
  static const float numbers[] = { 0, 128, 200, 255, 3, 4, 5, 6 }, shares[] = { 0, 0.5f, 0.75f, 1, 0, 0, 0, 0 }, bits[] = { 0, 1, 1, 0, 1, 0, 0, 1 };
  char why[DATA_WHY] = "";
  (void)state;
  assert_null(read_pair("|u1 2, 2", "abcdefgh", 8, "<f4 2, 2", numbers, 32, DATA_SCALE_AUTO, why));
  expect_why(why, "a.npz: has X_test f4 (2, 2, 2), the training split X_train u1 (2, 2, 2): bytes are divided by 255, other numbers are not; store both alike");
  assert_null(read_pair("<f4 4", numbers, 32, "|u1 4", "abcdefgh", 8, DATA_SCALE_AUTO, why));
  expect_why(why, "has X_test u1 (2, 4), the training split X_train f4 (2, 4)");
  assert_null(read_pair("<f4 4", shares, 32, "<f4 4", numbers, 32, DATA_SCALE_AUTO, why));
  expect_why(why, "has values from 0 to 255, the training split from 0 to 1: one looks divided by 255");
  assert_null(read_pair("<f4 4", numbers, 32, "<f4 4", shares, 32, DATA_SCALE_NONE, why));
  expect_why(why, "one looks divided by 255");
  const struct { const char *x_train; const void *train; size_t n_train; const char *x_test; const void *test; size_t n_test; DataScale scale; } good[] = {
    { "|u1 4", "abcdefgh", 8, "<f4 4", numbers, 32, DATA_SCALE_BYTES },
    { "|u1 4", "abcdefgh", 8, "<f4 4", numbers, 32, DATA_SCALE_NONE },
    { "|u1 2, 2", "abcdefgh", 8, "|u1 4", "abcdefgh", 8, DATA_SCALE_AUTO },
    { "|u1 4", "abcdefgh", 8, "|u1 4", "\0\1\1\0\1\1\0\0", 8, DATA_SCALE_AUTO },   /* few grey levels in the test split */
    { "|u1 4", "\0\1\1\0\1\1\0\0", 8, "<f4 4", bits, 32, DATA_SCALE_AUTO },
  };
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    Data *d = read_pair(good[i].x_train, good[i].train, good[i].n_train, good[i].x_test, good[i].test, good[i].n_test, good[i].scale, why);
    if (!d) fail_msg("%zu: %s", i, why);
    data_free(d);
  }
}

/* ---- what is refused ------------------------------------------------------------------------ */

static void bad_labels (void **state) {
  (void)state;
  write_y("{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }", (int32_t[]){ 1, -1 }, 8);
  must_complain("label -1 of sample 2 is out of range, expected 0 to 65535 (classes are numbered from 0, or are text");
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
  write_x("{'descr': '<f2', 'fortran_order': False, 'shape': (2, 2), }", (uint16_t[4]){ 0, 0x7c00, 0, 0 }, 8, 2);
  must_complain("array X_train: value 2 of sample 1 is not a finite number");
  write_x("{'descr': '>f2', 'fortran_order': False, 'shape': (2, 2), }", "\0\0\0\0\x7e\1\0\0", 8, 2);
  must_complain("array X_train: value 1 of sample 2 is not a finite number");
  write_x("{'descr': '<f16', 'fortran_order': False, 'shape': (2, 1), }", (float[8]){ 0 }, 32, 2);
  must_complain("values of an unknown type");
  write_x("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 4611686018427387904, 4), }", (float[4]){ 0 }, 16, 2);
  must_complain("array X_train has a shape that no memory can hold");
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
  write_x("{'descr': '>f2', 'fortran_order': True, 'shape': (2, 2), }", "\x3c\0\x40\0\0\0\0\0", 8, 2);
  torture("a.npz", read_train);
  write_y("{'descr': '<U2', 'fortran_order': False, 'shape': (2,), }", (uint32_t[]){ 'a', 'b', 'c', 0 }, 16);
  torture("a.npz", read_train);
}

#ifdef LAB_FAIL_ALLOC
static void starved (void **state) {
  (void)state;
  write_x("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", (float[]){ 1, 2, 3, 4 }, 16, 2);
  starve(read_train);
  write_x("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", (float[]){ 1, 2, 3, 4 }, 16, 2);
  starve(read_train);
  write_y("{'descr': '<U2', 'fortran_order': False, 'shape': (2,), }", (uint32_t[]){ 'a', 'b', 'c', 0 }, 16);
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
    cmocka_unit_test(headers), cmocka_unit_test(fortran_order), cmocka_unit_test(names_of_arrays), cmocka_unit_test(text_labels),
    cmocka_unit_test(test_labels_follow_text), cmocka_unit_test(measurements_are_refused),
    cmocka_unit_test(which_bytes_are_scaled), cmocka_unit_test(splits_are_scaled_alike),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(starved),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("npz", tests, scratch_begin, scratch_end);
}
