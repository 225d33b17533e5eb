/* test_csv.c -- separated values: what they mean, and where they are wrong. */
#define _GNU_SOURCE
#include "scratch.h"
#include <dlfcn.h>

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

/* ---- what people have ---- */

/* The same two samples, one way of writing them after the other. */
static void dialects (void **state) {
  static const char *const texts[] = {
    "a,b,y\n1.5,2.5,u\n3.5,4.5,v\n",
    "a;b;y\n1,5;2,5;u\n3,5;4,5;v\n",
    "a;b;y\r\n1.5;2.5;u\r\n3.5;4.5;v",
    "a\tb\ty\n1.5\t2.5\tu\n3.5\t4.5\tv\n",
    "a\tb\ty\n1,5\t2,5\tu\n3,5\t4,5\tv\n",
    "a b y\n1.5 2.5 u\n3.5 4.5 v\n",
    "  a   b\ty  \n\n 1,5 2,5   u\n   \n 3,5 4,5 v ",
    "a|b|y\r1.5|2.5|u\r3.5|4.5|v\r",
    "\xef\xbb\xbf" "a;b;y\r1.5;\"2.5\";u\r\r3.5;4.5;\"v\"",
    "a, b, y\n1.5, 2.5, u\n3.5, 4.5, v\n",
  };
  (void)state;
  options = (DataCsv){ .header = DATA_HEADER_LIKELY };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    Data *d = must_read(texts[i]);
    expect_values(d, 2, 2, (float[]){ 1.5f, 2.5f, 3.5f, 4.5f });
    assert_string_equal(data_class_name(d, 0), "u");
    assert_string_equal(data_class_name(d, 1), "v");
    assert_memory_equal(d->column_names, "a\0b\0y", 6);
    data_free(d);
  }
}

/* A label may hold what would separate elsewhere; fields without numbers do not mislead. */
static void separators_in_labels (void **state) {
  (void)state;
  options = (DataCsv){ .header = DATA_HEADER_NONE };
  Data *d = must_read("1, 2, red wine\n3, 4, white wine\n");
  expect_values(d, 2, 2, (float[]){ 1, 2, 3, 4 });
  assert_string_equal(data_class_name(d, 0), "red wine");
  data_free(d);
  d = must_read("1,2,a;b\n3,4,c;d\n");
  assert_string_equal(data_class_name(d, 1), "c;d");
  data_free(d);
  d = must_read("1,5;u\n2,5;v\n");
  expect_values(d, 2, 1, (float[]){ 1.5f, 2.5f });
  assert_string_equal(d->note, "separated by ';', decimal commas");
  data_free(d);
  d = must_read("1,5 u\n2,5 v\n");
  expect_values(d, 2, 1, (float[]){ 1.5f, 2.5f });
  assert_string_equal(d->note, "separated by blanks, decimal commas");
  data_free(d);
}

static void separators_given (void **state) {
  (void)state;
  options = (DataCsv){ .separator = ',' };
  must_complain("5;2;u\n", ":1:1: one column, expected features and a label; the line has 2 of ';' and none of ',', which separates here");
  must_complain("1,2,u\n3;4;v\n", ":2:1: the record ends with field 1, expected 3 fields; the line has 2 of ';' and none of ','");
  options = (DataCsv){ .separator = ';' };
  must_complain("1,5;x;u\n", ":1:5: 'x' is not a finite number; if line 1 holds the columns' names, leave out header = false");
  must_complain("1,5;2;u\n1.5;2;u\n", ":2:1: '1.5' has a decimal point, line 1 a decimal comma: use one of them");
  must_complain("1.5;2;u\n1,500;2;u\n", ":2:1: '1,500' has a decimal comma, line 1 a decimal point");
  must_complain("1,234,567;2;u\n", ":1:1: '1,234,567' is not a finite number");
  must_complain("1.234,5;2;u\n", ":1:1: '1.234,5' is not a finite number");
  must_complain("1,;2;u\n", ":1:1: '1,' is not a finite number");
  must_complain("\"1\"x;2;u\n", ":1:4: text after a closing quote, expected ';' or the line's end");
}

/* The detection looks at the first records, the readers at all of them. */
static void detected_and_checked (void **state) {
  (void)state;
  static char text[60000];
  options = (DataCsv){ .header = DATA_HEADER_NONE };
  char *end = text;
  for (int i = 0; i < 2000; i++) end += sprintf(end, "%d;%d,5;c%d\n", i % 7, i % 5, i % 3);
  strcpy(end, "1,2,c1\n");
  must_complain(text, ":2001:1: the record ends with field 1, expected 3 fields; the line has 2 of ','");
  strcpy(end, "1;2.5;c1\n");
  must_complain(text, ":2001:3: '2.5' has a decimal point, line 1 a decimal comma");
}

static void encodings (void **state) {
  char why[DATA_WHY] = "";
  (void)state;
  options = (DataCsv){ .header = DATA_HEADER_NONE };
  scratch_write(scratch("a.csv"), "\xff\xfe" "1\0,\0002\0\n\0", 10);
  assert_null(read_file(why));
  expect_why(why, "a.csv: is UTF-16 text: save it as UTF-8");
  scratch_write(scratch("a.csv"), "\xfe\xff" "\0001\0,\0002\0\n", 10);
  assert_null(read_file(why));
  expect_why(why, "is UTF-16 text");
}

static void missing_values (void **state) {
  static const char *const texts[] = { "?", "NA", "nan", "NULL", "None", "-" };
  char text[60], part[120];
  (void)state;
  options = (DataCsv){ .header = DATA_HEADER_NONE };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    snprintf(text, sizeof text, "1,2,0\n3,%s,1\n", texts[i]);
    snprintf(part, sizeof part, ":2:3: '%s' is not a finite number (a missing value?", texts[i]);
    must_complain(text, part);
  }
  must_complain("1,2,0\n3,,1\n", ":2:3: empty field, expected a number (a missing value?");
  must_complain("1,2,1.0\n3,4,nan\n", ":2:5: the label is 'nan', a missing value: fill it in, or leave the record out");
  must_complain("1,2,a\n3,4,?\n", ":2:5: the label is '?', a missing value");
}

/* ---- labels ---- */

static void expect_classes (const char *text, int n, const char *const *names, const int32_t *labels) {
  Data *d = must_read(text);
  assert_int_equal(d->n_classes, n);
  for (int c = 0; c < n; c++) assert_string_equal(data_class_name(d, c), names[c]);
  for (int i = 0; i < d->n; i++) assert_int_equal(d->label[i], labels[i]);
  data_free(d);
}

static void labels_that_are_numbers (void **state) {
  (void)state;
  options = (DataCsv){ .header = DATA_HEADER_NONE };
  expect_classes("0.5,1.0\n1.5,10.0\n2.5,2.0\n", 3, (const char *[]){ "1", "2", "10" }, (int32_t[]){ 0, 2, 1 });
  expect_classes("0.5, 1.\n1.5, 10.\n2.5, 2.\n", 3, (const char *[]){ "1", "2", "10" }, (int32_t[]){ 0, 2, 1 });
  expect_classes("5,1\n6,1.0\n7,+1\n8,1e0\n9,2\n", 2, (const char *[]){ "1", "2" }, (int32_t[]){ 0, 0, 0, 0, 1 });
  expect_classes("5,+1\n6,-1\n7,-1.0\n", 2, (const char *[]){ "-1", "1" }, (int32_t[]){ 1, 0, 0 });
  expect_classes("5,0.5\n6,1.50\n7,0.50\n8,10.5\n5,1.5\n6,10.5\n", 3, (const char *[]){ "0.5", "1.5", "10.5" },
                 (int32_t[]){ 0, 1, 0, 2, 1, 2 });
  expect_classes("5,007\n6,7\n", 2, (const char *[]){ "007", "7" }, (int32_t[]){ 0, 1 });   /* codes */
  expect_classes("5,2.0\n6,pear\n7,2\n", 2, (const char *[]){ "2", "pear" }, (int32_t[]){ 0, 1, 0 });
  expect_classes("5;1,0\n6;1\n", 1, (const char *[]){ "1" }, (int32_t[]){ 0, 0 });
  /* Training labels 1.0, test labels 1. */
  char why[DATA_WHY] = "";
  Data *train = must_read("1,1.0\n2,2.0\n3,10.0\n");
  DataWanted want = { .like = train };
  write_text("7,10\n8,2\n");
  Data *test = data_read_csv(scratch("a.csv"), &options, &want, why);
  assert_non_null(test);
  assert_memory_equal(test->label, ((int32_t[]){ 2, 1 }), 8);
  data_free(test);
  data_free(train);
}

static void measurements_are_refused (void **state) {
  static char text[9000];
  (void)state;
  options = (DataCsv){ .header = DATA_HEADER_NONE };
  must_complain("1,2.5\n2,3.5\n3,4.25\n", ": column 2, the label, has 3 different values in 3 records, such as 2.5 and 4.25: they look like measurements");
  char *end = text;
  for (int i = 0; i < 300; i++) end += sprintf(end, "%d,%.3f\n", i % 9, i % 25 / 8.0);   /* 25 values, many of each */
  must_complain(text, ": column 2, the label, has 25 different values in 300 records");
  end = text;
  for (int i = 0; i < 300; i++) end += sprintf(end, "%d,%d\n", i % 9, 200000 + 997 * i);   /* prices */
  must_complain(text, ": column 2, the label, has 300 different values in 300 records");
  end = text;
  for (int i = 0; i < 300; i++) end += sprintf(end, "%d,%d\n", i % 9, i);   /* numbered classes: one sample each is allowed */
  data_free(must_read(text));
}

/* ---- headers ---- */

static void header_that_is_a_sample (void **state) {
  static const char remedy[] = ":1:1: the first record would be the header, but looks like a sample: say header = false if it is one";
  (void)state;
  options = (DataCsv){ .header = DATA_HEADER_LIKELY };
  must_complain("1,2,0\n3,4,1\n", remedy);
  must_complain("5.1,3.5,setosa\n4.9,3,setosa\n", remedy);
  must_complain("0,1,cat\n7,8,dog\n9,9,cat\n", ":1:1: the first record would be the header, but its label 'cat' occurs below");
  must_complain("1,5;2,5;u\n3,5;4,5;v\n", remedy);
  options.label_column = 1;
  must_complain("5,0,0,255\n0,0,255,0\n", remedy);
  /* Names that are numbers: given by pandas, with the label's, or said to be names. */
  options = (DataCsv){ .header = DATA_HEADER_LIKELY };
  Data *d = must_read("0,1,label\n7,8,1\n9,9,0\n");
  assert_int_equal(d->n, 2);
  data_free(d);
  options = (DataCsv){ .header = DATA_HEADER_GIVEN };
  d = must_read("0,1,2\n7,8,1\n9,9,0\n");
  assert_int_equal(d->n, 2);
  data_free(d);
  options = (DataCsv){ .header = DATA_HEADER_LIKELY, .label_name = "2" };
  d = must_read("0,1,2\n7,8,1\n9,9,0\n");
  assert_int_equal(d->n, 2);
  data_free(d);
}

static void names_that_stand_twice (void **state) {
  (void)state;
  options = (DataCsv){ .header = DATA_HEADER_LIKELY, .label_name = "y" };
  must_complain("a,b,y,y\n1,2,u,0\n", ":1:7: two columns are named 'y', 3 and 4: give each a name of its own");
  must_complain("a,y,b,a\n1,2,u,0\n", ":1:7: two columns are named 'a', 1 and 4");
  Data *d = must_read(",,y\n1,2,0\n");   /* no names are not the same name */
  assert_memory_equal(d->column_names, "column 1\0column 2\0y", 20);
  data_free(d);
}

static void columns_are_matched_by_name (void **state) {
  char why[DATA_WHY] = "";
  (void)state;
  options = (DataCsv){ .header = DATA_HEADER_LIKELY };
  Data *train = must_read("height,weight,kind\n1,100,a\n2,200,b\n");
  DataWanted want = { .like = train };
  static const char *const same[] = { "weight,height,kind\n100,1,a\n200,2,b\n", "kind;weight;height\na;100;1\nb;200;2\n",
                                      "height,kind,weight\n1,a,100\n2,b,200\n" };
  for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
    write_text(same[i]);
    Data *test = data_read_csv(scratch("a.csv"), &options, &want, why);
    if (!test) fail_msg("%s", why);
    expect_values(test, 2, 2, (float[]){ 1, 100, 2, 200 });
    assert_memory_equal(test->column_names, "height\0weight\0kind", 19);
    assert_true(test->hash[0] == train->hash[0] && test->hash[1] == train->hash[1]);
    data_free(test);
  }
  static const char *const wrong[][2] = {
    { "height,mass,kind\n1,100,a\n", "a.csv:1:1: feature 2 of the training split, 'weight', is missing; column 2 here is 'mass'" },
    { "height,weight,age,kind\n1,100,3,a\n", "a.csv:1:15: column 3, 'age', is not in the training split" },
    { "height,kind\n1,a\n", "a.csv:1:1: feature 2 of the training split, 'weight', is missing" },
    { "height,weight,class\n1,100,a\n", "a.csv:1:1: no column is named 'kind', as the training split's label is" },
    { "weight,weight,kind\n1,100,a\n", "a.csv:1:8: two columns are named 'weight'" },
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    write_text(wrong[i][0]);
    assert_null(data_read_csv(scratch("a.csv"), &options, &want, why));
    expect_why(why, wrong[i][1]);
  }
  data_free(train);
}

static void an_index_is_noticed (void **state) {
  char text[400] = "id,x,y\n";
  (void)state;
  options = (DataCsv){ .header = DATA_HEADER_LIKELY };
  for (int i = 0; i < 20; i++) sprintf(text + strlen(text), "%d,%d,%d\n", i, i % 3, i % 2);
  Data *d = must_read(text);
  assert_string_equal(d->warning, "feature 1 ('id') counts the records: is it an index? A net sees it like any other.");
  data_free(d);
  strcat(text, "25,1,0\n");
  d = must_read(text);
  assert_string_equal(d->warning, "");
  data_free(d);
}

/* ---- two splits ---- */

static void scaled_alike (void **state) {
  char why[DATA_WHY] = "";
  DataWanted bytes = { .scale = DATA_SCALE_BYTES };
  (void)state;
  options = (DataCsv){ .header = DATA_HEADER_NONE };
  write_text("0,255,0\n51,102,1\n");
  Data *d = data_read_csv(scratch("a.csv"), &options, &bytes, why);
  assert_true(d && d->unit == 1.0f / 255);
  data_free(d);
  write_text("0,255,0\n51,256,1\n");
  assert_null(data_read_csv(scratch("a.csv"), &options, &bytes, why));
  expect_why(why, "a.csv: value 2 of sample 2 is 256: scale = \"bytes\" is for values from 0 to 255");
  Data *train = must_read("0,0.5,0\n1,0.25,1\n");
  DataWanted want = { .like = train };
  write_text("0,128,0\n255,64,1\n");
  assert_null(data_read_csv(scratch("a.csv"), &options, &want, why));
  expect_why(why, "a.csv: has values from 0 to 255, the training split from 0 to 1: one looks divided by 255");
  write_text("0,128.5,0\n255,64,1\n");
  d = data_read_csv(scratch("a.csv"), &options, &want, why);
  assert_non_null(d);
  expect_why(d->warning, "values of the test split reach 255, those of the training split 1");
  data_free(d);
  write_text("0,0.75,0\n1.5,3,1\n");
  d = data_read_csv(scratch("a.csv"), &options, &want, why);
  assert_non_null(d);
  assert_string_equal(d->warning, "");
  data_free(d);
  data_free(train);
}

/* ---- a file that changes while it is read ---- */

static int rewinds_until;        /* 0: no change */
static const char *changed_to;

/* The readers' call comes here: before the chosen one goes back, the file gets other content. */
int gzrewind (gzFile file) {
  union { void *symbol; int (*call) (gzFile); } real = { dlsym(RTLD_NEXT, "gzrewind") };
  if (rewinds_until > 0 && --rewinds_until == 0) write_text(changed_to);
  return real.call(file);
}

static void changes_while_it_is_read (void **state) {
  static const char before[] = "1,2,a\n3,4,b\n5,6,a\n";
  static const char *const after[] = { "1,2,a\n3,4,z\n5,6,y\n", "1,2,a\n", "1,2,3,a\n3,4,5,b\n", "1,2\n3,4\n5,6\n", "1,x,a\n1,2,b\n1,2,a\n" };
  (void)state;
  options = (DataCsv){ .header = DATA_HEADER_NONE, .separator = ',' };
  for (size_t i = 0; i < sizeof after / sizeof *after; i++)
    for (int at = 1; at <= 8; at++) {
      char why[DATA_WHY] = "";
      write_text(before);
      changed_to = after[i];
      rewinds_until = at;
      Data *d = read_file(why);
      if (d) check_data(d);
      else expect_why(why, "a.csv:");
      data_free(d);
    }
  write_text(before);
  changed_to = after[0];
  rewinds_until = 2;   /* the first goes back over what may be a header, the second begins the second pass */
  char why[DATA_WHY] = "";
  assert_null(read_file(why));
  expect_why(why, "a.csv:2:5: label 'z' was not there before: the file changed while it was read");
  rewinds_until = 0;
}

static void tortured (void **state) {
  (void)state;
  options = (DataCsv){ .header = 1, .label_name = "l" };
  write_text("a,\"l\",b\r\n1,\"x\",2\n3,y,4.5e0\n");
  torture("a.csv", read_file);
  scratch_gzip(scratch("a.csv"), "a,\"l\",b\r\n1,\"x\",2\n", 17);
  torture("a.csv", read_file);
  options = (DataCsv){ .header = DATA_HEADER_LIKELY };
  write_text("a;b;l\r1,5;2;\"x\"\r\r3;4;y");
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
  options = (DataCsv){ .header = DATA_HEADER_LIKELY };
  write_text("0,1,label\n7,8,1\n9,9,0\n");
  starve(read_file);
}

static Data *like_this;

static Data *read_like (char *why) {
  return data_read_csv(scratch("a.csv"), &options, &(DataWanted){ .like = like_this }, why);
}

static void starved_test_split (void **state) {
  (void)state;
  options = (DataCsv){ .header = DATA_HEADER_LIKELY };
  like_this = must_read("height,weight,kind\n1,100,a\n2,200,b\n");
  write_text("weight,height,kind\n100,1,a\n200,2,b\n");
  starve(read_like);
  data_free(like_this);
}
#endif

int main (void) {
  static const struct CMUnitTest tests[] = {
    cmocka_unit_test(reads), cmocka_unit_test(quotes), cmocka_unit_test(classes_are_sorted),
    cmocka_unit_test(test_split_follows), cmocka_unit_test(compressed_and_drawn), cmocka_unit_test(complains),
    cmocka_unit_test(header_complains), cmocka_unit_test(dialects), cmocka_unit_test(separators_in_labels),
    cmocka_unit_test(separators_given), cmocka_unit_test(detected_and_checked), cmocka_unit_test(encodings),
    cmocka_unit_test(missing_values), cmocka_unit_test(labels_that_are_numbers), cmocka_unit_test(measurements_are_refused),
    cmocka_unit_test(header_that_is_a_sample), cmocka_unit_test(names_that_stand_twice),
    cmocka_unit_test(columns_are_matched_by_name), cmocka_unit_test(an_index_is_noticed), cmocka_unit_test(scaled_alike),
    cmocka_unit_test(changes_while_it_is_read), cmocka_unit_test(tortured),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(starved), cmocka_unit_test(starved_test_split),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("csv", tests, scratch_begin, scratch_end);
}
