/* test_csv.c -- comma-separated values: what they mean, and where they are wrong. */
#include "scratch.h"

static const DataWanted everything = { .count = 0 };
static DataCsv options;

static Data *read_file (char *why) { return data_read_csv(scratch("a.csv"), &options, &everything, why); }

static void write_text (const char *text) { scratch_write(scratch("a.csv"), text, strlen(text)); }

static Data *must_read (const char *text) {
  char why[DATA_WHY] = "";
  write_text(text);
  Data *data = read_file(why);
  if (!data) fail_msg("%s", why);
  check_data(data);
  return data;
}

/* `part` follows the file's name: ":2:3: ..." */
static void must_complain (const char *text, const char *part) {
  char why[DATA_WHY] = "", whole[DATA_WHY];
  write_text(text);
  assert_null(read_file(why));
  snprintf(whole, sizeof whole, "a.csv%s", part);
  expect_why(why, whole);
}

static void expect_values (const Data *d, int32_t n, int32_t n_features, const float *want) {
  assert_int_equal(d->n, n);
  assert_int_equal(d->n_features, n_features);
  for (int32_t k = 0; k < n * n_features; k++) assert_true(d->f32[k] == want[k]);
}

static void reads (void **state) {
  (void)state;
  options = (DataCsv){ .header = 1 };
  Data *d = must_read("a,b,class\n1,2.5,0\n-3,4e1,2\n .5 ,+6,1\n");
  expect_values(d, 3, 2, (float[]){ 1, 2.5f, -3, 40, 0.5f, 6 });
  assert_true(d->label[0] == 0 && d->label[1] == 2 && d->label[2] == 1 && d->n_classes == 3);
  assert_true(d->unit == 1.0f && d->channels == 0);
  data_free(d);
  options = (DataCsv){ .header = 1, .label_name = "class" };
  d = must_read("\xef\xbb\xbf" "class,a\r\n\r\n5,1\r\n7,2");  /* mark, CRLF, empty line, no last line end */
  expect_values(d, 2, 1, (float[]){ 1, 2 });
  assert_string_equal(data_class_name(d, 0), "5");
  assert_string_equal(data_class_name(d, 1), "7");
  assert_null(data_class_name(d, 2));
  data_free(d);
  options = (DataCsv){ .label_column = 2 };
  d = must_read("1,x,2\n3,y,4\n");
  expect_values(d, 2, 2, (float[]){ 1, 2, 3, 4 });
  data_free(d);
}

static void quotes (void **state) {
  (void)state;
  options = (DataCsv){ .header = 1, .label_name = "the \"label\", quoted" };
  Data *d = must_read("x,\"the \"\"label\"\", quoted\"\n\"1\",\"two\nlines\"\n2,\"a,b\"\n3,plain\n");
  expect_values(d, 3, 1, (float[]){ 1, 2, 3 });
  assert_string_equal(data_class_name(d, 0), "a,b");
  assert_string_equal(data_class_name(d, 1), "plain");
  assert_string_equal(data_class_name(d, 2), "two\nlines");
  data_free(d);
}

/* Text is sorted bytewise, whole numbers by value. */
static void classes_are_sorted (void **state) {
  (void)state;
  options = (DataCsv){ .header = 0 };
  Data *d = must_read("1,10\n1,9\n1,-1\n1,9\n");
  assert_memory_equal(d->label, ((int32_t[]){ 2, 1, 0, 1 }), 16);
  assert_string_equal(data_class_name(d, 0), "-1");
  data_free(d);
  d = must_read("1,10\n1,9\n1,pear\n1,Apple\n");
  assert_memory_equal(d->label, ((int32_t[]){ 0, 1, 3, 2 }), 16);
  data_free(d);
}

static void test_split_follows (void **state) {
  char why[DATA_WHY] = "";
  (void)state;
  options = (DataCsv){ .header = 0 };
  Data *train = must_read("1,cat\n2,ant\n3,bee\n");
  DataWanted want = { .like = train };
  write_text("7,bee\n8,cat\n");
  Data *test = data_read_csv(scratch("a.csv"), &options, &want, why);
  assert_non_null(test);
  assert_int_equal(test->n_classes, 3);
  assert_memory_equal(test->label, ((int32_t[]){ 1, 2 }), 8);
  assert_string_equal(data_class_name(test, 2), "cat");
  data_free(test);
  write_text("7,bee\n8,dog\n");
  assert_null(data_read_csv(scratch("a.csv"), &options, &want, why));
  expect_why(why, "a.csv:2:3: label 'dog' does not occur in the training split");
  write_text("7,1,bee\n");
  assert_null(data_read_csv(scratch("a.csv"), &options, &want, why));
  expect_why(why, "a.csv: has 2 features a sample, the training split has 1");
  data_free(train);
}

static void compressed_and_drawn (void **state) {
  char why[DATA_WHY] = "", text[4000] = "";
  (void)state;
  options = (DataCsv){ .header = 0 };
  for (int i = 0; i < 100; i++) snprintf(text + strlen(text), 40, "%d,%d\n", i, i % 7);
  scratch_gzip(scratch("a.csv"), text, strlen(text));
  DataWanted want = { .count = 10, .random = 1, .seed = 4 };
  Data *d = data_read_csv(scratch("a.csv"), &options, &want, why);
  assert_non_null(d);
  assert_int_equal(d->n, 10);
  assert_int_equal(d->n_classes, 7);  /* of the whole file, whatever was drawn */
  for (int k = 0; k < 10; k++) {
    assert_int_equal(d->label[k], (int)d->f32[k] % 7);
    assert_true(k == 0 || d->f32[k] > d->f32[k - 1]);
  }
  data_free(d);
  want = (DataWanted){ .count = 101 };
  assert_null(data_read_csv(scratch("a.csv"), &options, &want, why));
  expect_why(why, "has 100 samples, 101 were asked for");
}

static void complains (void **state) {
  (void)state;
  options = (DataCsv){ .header = 0 };
  must_complain("1,2,0\n3,x4,1\n", ":2:3: 'x4' is not a finite number");
  must_complain("1,2,0\n3,,1\n", ":2:3: empty field, expected a number");
  must_complain("1,nan,0\n", ":1:3: 'nan' is not a finite number");
  must_complain("1,-inf,0\n", ":1:3: '-inf' is not a finite number");
  must_complain("1,1e99,0\n", ":1:3: '1e99' is not a finite number");
  must_complain("1,0x10,0\n", ":1:3: '0x10' is not a finite number");
  must_complain("1,1 2,0\n1,2,0\n", ":1:3: '1 2' is not a finite number");
  must_complain("1,2,0\n\n1,2\n", ":3:3: the record ends with field 2, expected 3 fields");
  must_complain("1,2,0\n1,2,0,9\n", ":2:7: the record ends with field 4, expected 3 fields");
  must_complain("1,2,\n", ":1:5: empty label");
  must_complain("1,\"2,0\n1,2,0\n", ":1:3: quoted field is not closed");
  must_complain("1,\"2\"x,0\n", ":1:6: text after a closing quote");
  must_complain("\"a\nb\",2,0\n1,z,0\n", ":1:1: 'a\nb' is not a finite number");
  must_complain("\"1\n\",2,0\n1,z,0\n", ":1:1: '1\n' is not a finite number");
  must_complain("1,2,\"a\nb\"\n1,z,0\n", ":3:3: 'z' is not a finite number");
  must_complain("5\n6\n", ":1:1: one column, expected features and a label");
  must_complain("\n\n", ": holds no record");
  must_complain("", ": is empty");
  scratch_write(scratch("a.csv"), "1,2,0\n1,\0002,0\n", 14);
  char why[DATA_WHY] = "";
  assert_null(read_file(why));
  expect_why(why, "a.csv:2:3: zero byte, expected text");
}

static void header_complains (void **state) {
  (void)state;
  options = (DataCsv){ .header = 1, .label_name = "clas" };
  must_complain("a,b,class\n1,2,0\n", ":1:1: no column is named 'clas'; the first is 'a', the last 'class'");
  options = (DataCsv){ .header = 1 };
  must_complain("a,b,class\n", ": holds a header and no record");
  options = (DataCsv){ .label_column = 4 };
  must_complain("1,2,0\n", ":1:1: the label is column 4, but there are 3 columns");
}

static void tortured (void **state) {
  (void)state;
  options = (DataCsv){ .header = 1, .label_name = "l" };
  write_text("a,\"l\",b\r\n1,\"x\",2\n3,y,4.5e0\n");
  torture("a.csv", read_file);
  scratch_gzip(scratch("a.csv"), "a,\"l\",b\r\n1,\"x\",2\n", 17);
  torture("a.csv", read_file);
}

#ifdef LAB_FAIL_ALLOC
static void starved (void **state) {
  (void)state;
  options = (DataCsv){ .header = 1 };
  char text[4000] = "a,l\n";
  for (int i = 0; i < 40; i++) snprintf(text + strlen(text), 40, "%d,class %d\n", i, i);
  write_text(text);
  starve(read_file);
}
#endif

int main (void) {
  static const struct CMUnitTest tests[] = {
    cmocka_unit_test(reads), cmocka_unit_test(quotes), cmocka_unit_test(classes_are_sorted),
    cmocka_unit_test(test_split_follows), cmocka_unit_test(compressed_and_drawn), cmocka_unit_test(complains),
    cmocka_unit_test(header_complains), cmocka_unit_test(tortured),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(starved),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("csv", tests, scratch_begin, scratch_end);
}
