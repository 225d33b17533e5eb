/* test_data.c -- the split itself, IDX, CIFAR-10 and the synthetic set. */
#include "scratch.h"
#include "data/data_reader.h"
#include "format/data_file.h"
#include <math.h>

static const DataWanted everything = { .count = 0 };

/* ---- IDX ------------------------------------------------------------------------------- */

enum { N = 12, ROWS = 3, COLUMNS = 2, AREA = ROWS * COLUMNS, IMAGES = 16 + N * AREA, LABELS = 8 + N };

static uint8_t pixel (int i, int j) { return (uint8_t)(i * 17 + j * 3); }

/* N images and labels i mod 4, as bytes of files. */
static void build_idx (uint8_t images[IMAGES], uint8_t labels[LABELS]) {
  static const uint8_t head[16] = { 0, 0, 8, 3, 0, 0, 0, N, 0, 0, 0, ROWS, 0, 0, 0, COLUMNS };
  static const uint8_t label_head[8] = { 0, 0, 8, 1, 0, 0, 0, N };
  memcpy(images, head, sizeof head);
  memcpy(labels, label_head, sizeof label_head);
  for (int i = 0; i < N; i++) {
    labels[8 + i] = (uint8_t)(i % 4);
    for (int j = 0; j < AREA; j++) images[16 + i * AREA + j] = pixel(i, j);
  }
}

static void write_idx (void) {
  uint8_t images[IMAGES], labels[LABELS];
  build_idx(images, labels);
  scratch_write(scratch("images"), images, sizeof images);
  scratch_write(scratch("labels"), labels, sizeof labels);
  scratch_gzip(scratch("images.gz"), images, sizeof images);
  scratch_gzip(scratch("labels.gz"), labels, sizeof labels);
}

static Data *read_plain (char *why) { return data_read_idx(scratch("images"), scratch("labels"), &everything, why); }
static Data *read_gzip (char *why) { return data_read_idx(scratch("images.gz"), scratch("labels.gz"), &everything, why); }

static void check_idx (const Data *data) {
  check_data(data);
  assert_int_equal(data->n, N);
  assert_int_equal(data->n_classes, 4);
  assert_int_equal(data->channels, 1);
  assert_int_equal(data->height, ROWS);
  assert_int_equal(data->width, COLUMNS);
  assert_true(data->unit == 1.0f / 255);
  for (int i = 0; i < N; i++) {
    assert_int_equal(data->label[i], i % 4);
    for (int j = 0; j < AREA; j++) assert_int_equal(data->u8[i * AREA + j], pixel(i, j));
  }
}

static void idx_reads (void **state) {
  char why[DATA_WHY];
  (void)state;
  write_idx();
  Data *plain = read_plain(why), *packed = read_gzip(why);
  assert_non_null(plain);
  assert_non_null(packed);
  check_idx(plain);
  check_idx(packed);
  assert_memory_equal(plain->hash, packed->hash, sizeof plain->hash);
  data_free(plain);
  data_free(packed);
}

/* Writes the images with `byte` at `at`, cut to `size`, and expects a sentence. */
static void damaged (int at, int byte, size_t size, const char *part) {
  uint8_t images[IMAGES + 4] = { 0 }, labels[LABELS];
  char why[DATA_WHY] = "";
  build_idx(images, labels);
  images[at] = (uint8_t)byte;
  scratch_write(scratch("images"), images, size);
  assert_null(read_plain(why));
  expect_why(why, part);
  expect_why(why, "images: ");
}

static void idx_complains (void **state) {
  char why[DATA_WHY] = "";
  (void)state;
  write_idx();
  damaged(3, 1, IMAGES, "magic number at byte 0 is 0x00000801, expected 0x00000803");
  damaged(2, 9, IMAGES, "magic number at byte 0 is 0x00000903");
  damaged(0, 0, 2, "truncated: ends at byte 2");
  damaged(0, 0, 11, "truncated: ends at byte 11");
  damaged(0, 0, 0, "is empty (0 bytes)");
  damaged(7, 0, IMAGES, "size at byte 4 is 0, expected 1 to");
  damaged(4, 255, IMAGES, "size at byte 4 is 4278190092, expected 1 to");
  damaged(8, 127, IMAGES, "images of 2130706435 x 2");
  damaged(10, 1, IMAGES, "has 88 bytes, expected 6232 by its header");
  damaged(0, 0, IMAGES - 1, "has 87 bytes, expected 88 by its header");
  damaged(0, 0, IMAGES + 1, "has 89 bytes, expected 88 by its header");
  assert_null(data_read_idx(scratch_directory, scratch("labels"), &everything, why));
  expect_why(why, "is a directory");
  assert_null(data_read_idx(scratch("nothing"), scratch("labels"), &everything, why));
  expect_why(why, "cannot be opened: No such file");
  write_idx();
  assert_null(data_read_idx(scratch("labels"), scratch("images"), &everything, why));
  expect_why(why, "labels: magic number");
}

/* A file of 1,000 bytes that promises 47 MB, or 10^15 bytes, must not get them. */
static void idx_promises_too_much (void **state) {
  uint8_t images[IMAGES], labels[LABELS];
  char why[DATA_WHY] = "";
  (void)state;
  write_idx();
  build_idx(images, labels);
  images[9] = images[13] = 100;  /* 6,553,603 x 6,553,602 */
  images[10] = images[14] = 0;
  scratch_gzip(scratch("images.gz"), images, sizeof images);
  assert_null(read_gzip(why));
  expect_why(why, "are too large");
  images[9] = images[13] = 0;
  images[10] = images[14] = 90;  /* 23,043 x 23,042: 6 GB in all */
  scratch_gzip(scratch("images.gz"), images, sizeof images);
  assert_null(read_gzip(why));
  expect_why(why, "images.gz: promises 12 images of 23043 x 23042, more than its");
}

static void idx_counts_and_labels (void **state) {
  uint8_t images[IMAGES], labels[LABELS];
  char why[DATA_WHY] = "";
  (void)state;
  write_idx();
  build_idx(images, labels);
  labels[7] = N - 1;
  scratch_write(scratch("labels"), labels, sizeof labels - 1);
  assert_null(read_plain(why));
  expect_why(why, "labels: has 11 labels, but there are 12 images");
  labels[7] = N;
  labels[8 + 5] = 10;
  scratch_write(scratch("labels"), labels, sizeof labels);
  DataWanted want = { .n_classes = 10 };
  assert_null(data_read_idx(scratch("images"), scratch("labels"), &want, why));
  expect_why(why, "labels: label 10 of sample 6 is out of range, expected 0 to 9");
  want.count = N + 1;
  assert_null(data_read_idx(scratch("images"), scratch("labels"), &want, why));
  expect_why(why, "images: has 12 samples, 13 were asked for");
}

static void idx_gzip_damage (void **state) {
  char why[DATA_WHY] = "";
  size_t n;
  (void)state;
  write_idx();
  uint8_t *packed = scratch_read(scratch("images.gz"), &n);
  scratch_write(scratch("images.gz"), packed, n - 12);
  assert_null(read_gzip(why));
  expect_why(why, "images.gz: truncated: ends at unpacked byte");
  scratch_write(scratch("images.gz"), packed, n - 3);
  assert_null(read_gzip(why));
  expect_why(why, "images.gz: truncated: ends at unpacked byte 88");
  packed[n - 6] ^= 1;  /* in the checksum: all bytes come out, the end does not agree */
  scratch_write(scratch("images.gz"), packed, n);
  assert_null(read_gzip(why));
  expect_why(why, "images.gz: corrupted gzip data near unpacked byte");
  free(packed);
}

static void idx_tortured (void **state) {
  (void)state;
  write_idx();
  torture("images", read_plain);
  torture("labels", read_plain);
  torture("images.gz", read_gzip);
  torture("labels.gz", read_gzip);
}

#ifdef LAB_FAIL_ALLOC
static void idx_starved (void **state) {
  (void)state;
  write_idx();
  starve(read_gzip);
}
#endif

/* Only what was asked for is read: damage after it is not even seen. */
static void idx_stops_early (void **state) {
  enum { MANY = 4000, SIDE = 28, SIZE = 16 + MANY * SIDE * SIDE };
  char why[DATA_WHY] = "";
  (void)state;
  uint8_t *images = calloc(SIZE, 1), *labels = calloc(8 + MANY, 1);
  memcpy(images, (uint8_t[]){ 0, 0, 8, 3, 0, 0, MANY >> 8, MANY & 255, 0, 0, 0, SIDE, 0, 0, 0, SIDE }, 16);
  memcpy(labels, (uint8_t[]){ 0, 0, 8, 1, 0, 0, MANY >> 8, MANY & 255 }, 8);
  for (uint32_t k = 16, x = 1; k < SIZE; k++) images[k] = (uint8_t)((x = x * 1664525 + 1013904223) >> 24);
  scratch_gzip(scratch("many.gz"), images, SIZE);
  scratch_write(scratch("many"), labels, 8 + MANY);
  size_t n;
  uint8_t *packed = scratch_read(scratch("many.gz"), &n);
  scratch_write(scratch("many.gz"), packed, n / 2);
  DataWanted want = { .count = 100 };
  Data *data = data_read_idx(scratch("many.gz"), scratch("many"), &want, why);
  assert_non_null(data);
  assert_int_equal(data->n, 100);
  assert_memory_equal(data->u8, images + 16, 100 * SIDE * SIDE);
  data_free(data);
  assert_null(data_read_idx(scratch("many.gz"), scratch("many"), &everything, why));
  expect_why(why, "many.gz: truncated");
  free(packed);
  free(images);
  free(labels);
}

/* ---- the draw --------------------------------------------------------------------------- */

static void draw_takes_exactly (void **state) {
  char why[DATA_WHY] = "";
  int taken[20] = { 0 };
  (void)state;
  for (uint64_t seed = 0; seed < 2000; seed++) {
    DataWanted want = { .count = 5, .random = 1, .seed = seed };
    DataDraw draw;
    int sum = 0;
    assert_true(data_draw_begin(&draw, &want, 20, "x", why));
    for (int i = 0; i < 20; i++) {
      int take = data_draw_next(&draw);
      taken[i] += take;
      sum += take;
    }
    assert_int_equal(sum, 5);
  }
  /* Each is taken 500 times in the mean, with standard deviation 19.4. */
  for (int i = 0; i < 20; i++) assert_in_range(taken[i], 500 - 97, 500 + 97);
}

static void draw_agrees_between_files (void **state) {
  char why[DATA_WHY] = "";
  (void)state;
  write_idx();
  DataWanted want = { .count = 5, .random = 1, .seed = 3, .part = 1 };
  Data *a = data_read_idx(scratch("images"), scratch("labels"), &want, why);
  Data *b = data_read_idx(scratch("images.gz"), scratch("labels.gz"), &want, why);
  want.part = 2;
  Data *other = data_read_idx(scratch("images"), scratch("labels"), &want, why);
  assert_true(a && b && other);
  assert_memory_equal(a->hash, b->hash, sizeof a->hash);
  assert_memory_not_equal(a->hash, other->hash, sizeof a->hash);
  int before = -1;
  for (int k = 0; k < 5; k++) {  /* the first pixel tells which sample it is */
    int i = a->u8[k * AREA] / 17;
    assert_int_equal(a->u8[k * AREA], pixel(i, 0));
    assert_int_equal(a->label[k], i % 4);
    assert_true(i > before);
    before = i;
  }
  data_free(a);
  data_free(b);
  data_free(other);
}

/* ---- CIFAR-10 --------------------------------------------------------------------------- */

enum { RECORD = 3073 };

static void write_cifar (const char *name, int first, int n, int size) {
  uint8_t *bytes = malloc((size_t)(n + 1) * RECORD);
  for (int i = 0; i < n * RECORD; i++) {
    int record = first + i / RECORD, j = i % RECORD;
    bytes[i] = (uint8_t)(j == 0 ? record % 10 : record * 5 + j / 1024 * 50 + j % 7);
  }
  scratch_write(scratch(name), bytes, (size_t)size);
  free(bytes);
}

static Data *read_cifar (char *why) {
  return data_read_cifar10((const char *[]){ scratch("a.bin"), scratch("b.bin") }, 2, 0, &everything, why);
}

static void cifar_reads (void **state) {
  char why[DATA_WHY] = "";
  (void)state;
  write_cifar("a.bin", 0, 3, 3 * RECORD);
  write_cifar("b.bin", 3, 2, 2 * RECORD);
  Data *data = read_cifar(why);
  assert_non_null(data);
  check_data(data);
  assert_int_equal(data->n, 5);
  assert_int_equal(data->n_classes, 10);
  assert_int_equal(data->channels, 3);
  for (int i = 0; i < 5; i++) {
    assert_int_equal(data->label[i], i);
    for (int j = 0; j < 3072; j++)
      assert_int_equal(data->u8[i * 3072 + j], (uint8_t)(i * 5 + (j + 1) / 1024 * 50 + (j + 1) % 7));
  }
  data_free(data);
}

#ifdef LAB_FAIL_ALLOC
static void cifar_starved (void **state) {
  (void)state;
  write_cifar("a.bin", 0, 3, 3 * RECORD);
  write_cifar("b.bin", 3, 2, 2 * RECORD);
  starve(read_cifar);
}
#endif

static void cifar_complains (void **state) {
  char why[DATA_WHY] = "";
  (void)state;
  write_cifar("a.bin", 0, 3, 3 * RECORD);
  write_cifar("b.bin", 3, 2, 2 * RECORD - 1);
  assert_null(read_cifar(why));
  expect_why(why, "b.bin: has 6145 bytes, expected a multiple of 3073");
  write_cifar("b.bin", 3, 2, 0);
  assert_null(read_cifar(why));
  expect_why(why, "b.bin: is empty");
  write_cifar("b.bin", 3, 2, 2 * RECORD);
  assert_null(data_read_cifar10((const char *[]){ scratch("b.bin") }, 1, 10000, &everything, why));
  expect_why(why, "b.bin: has 6146 bytes, expected 30730000 (records of 3073 bytes)");
  assert_null(data_read_cifar10((const char *[]){ scratch_directory }, 1, 0, &everything, why));
  expect_why(why, "is a directory");
  size_t n;
  uint8_t *bytes = scratch_read(scratch("b.bin"), &n);
  bytes[RECORD] = 77;
  scratch_write(scratch("b.bin"), bytes, n);
  assert_null(read_cifar(why));
  expect_why(why, "b.bin: label at byte 3073 (record 2) is 77, expected 0 to 9");
  free(bytes);
}

static void cifar_draws_across_files (void **state) {
  char why[DATA_WHY] = "";
  (void)state;
  write_cifar("a.bin", 0, 5, 5 * RECORD);
  write_cifar("b.bin", 5, 5, 5 * RECORD);
  DataWanted want = { .count = 6, .random = 1, .seed = 1 };
  Data *data = data_read_cifar10((const char *[]){ scratch("a.bin"), scratch("b.bin") }, 2, 5, &want, why);
  assert_non_null(data);
  assert_int_equal(data->n, 6);
  for (int k = 0; k < 6; k++) {
    if (k) assert_true(data->label[k] > data->label[k - 1]);
    assert_int_equal(data->u8[k * 3072], (uint8_t)(data->label[k] * 5 + 1));
  }
  assert_in_range(data->label[5], 5, 9);
  data_free(data);
}

/* ---- the split itself ------------------------------------------------------------------- */

static void standardises (void **state) {
  (void)state;
  Data *d = data_new(4, 3, DATA_U8);
  assert_non_null(d);
  memcpy(d->u8, (uint8_t[]){ 10, 7, 0,  20, 7, 0,  30, 7, 0,  40, 7, 255 }, 12);
  assert_true(data_standardise(d, d));
  for (int j = 0; j < 3; j++) {
    double sum = 0, squares = 0;
    for (int i = 0; i < 4; i++) {
      double x = (double)d->u8[i * 3 + j] * (double)d->unit * (double)d->feature_scale[j] + (double)d->feature_shift[j];
      sum += x;
      squares += x * x;
    }
    assert_true(fabs(sum) < 1e-5);
    assert_true(fabs(squares - (j == 1 ? 0 : 4)) < 1e-5);
  }
  assert_true(d->feature_scale[1] == 1.0f);  /* constant: only shifted */
  uint64_t before = d->hash[0];
  Data *other = data_new(1, 3, DATA_U8);
  assert_non_null(other);
  memset(other->u8, 1, 3);
  assert_true(data_standardise(other, d));
  assert_memory_equal(other->feature_scale, d->feature_scale, 3 * sizeof(float));
  assert_memory_equal(other->feature_shift, d->feature_shift, 3 * sizeof(float));
  assert_true(data_standardise(d, d));  /* again: raw values count, so nothing changes */
  assert_true(d->hash[0] == before);
  data_free(d);
  data_free(other);
}

/* One mean and one deviation for all features, those of all their values. */
static void standardises_alike (void **state) {
  (void)state;
  Data *d = data_new(4, 3, DATA_U8);
  assert_non_null(d);
  memcpy(d->u8, (uint8_t[]){ 10, 7, 0,  20, 7, 0,  30, 7, 0,  40, 7, 255 }, 12);
  assert_true(data_standardise_groups(d, d, 1));
  double sum = 0, squares = 0;
  for (int k = 0; k < 12; k++) {
    double x = (double)d->u8[k] * (double)d->unit * (double)d->feature_scale[k % 3] + (double)d->feature_shift[k % 3];
    sum += x;
    squares += x * x;
  }
  assert_true(fabs(sum) < 1e-5 && fabs(squares - 12) < 1e-5);
  assert_true(d->feature_scale[0] == d->feature_scale[2] && d->feature_shift[0] == d->feature_shift[1]);
  data_free(d);
}

/* Two channels of two pixels each: each by its own moments; and by given ones, of bytes divided by 255. */
static void standardises_groups (void **state) {
  (void)state;
  Data *d = data_new(2, 4, DATA_U8);
  assert_non_null(d);
  memcpy(d->u8, (uint8_t[]){ 10, 20, 100, 200,  30, 40, 100, 0 }, 8);
  d->unit = 1.0f / 255;
  assert_true(data_standardise_groups(d, d, 2));
  double mean[2] = { 25, 100 }, variance[2] = { 125, 5000 };
  for (int j = 0; j < 4; j++) {
    double scale = 255 / sqrt(variance[j / 2]), unit = (double)d->unit;
    assert_true(fabs((double)d->feature_scale[j] - scale) < 1e-4 * scale);
    assert_true(fabs((double)d->feature_shift[j] + mean[j / 2] * unit * scale) < 1e-5);
  }
  assert_true(data_standardise_by(d, (double[]){ 0.1, 0.5 }, (double[]){ 0.25, 2 }, 2));
  assert_true(fabs((double)d->feature_scale[1] - 4) < 1e-6 && fabs((double)d->feature_scale[2] - 0.5) < 1e-6);
  assert_true(fabs((double)d->feature_shift[0] + 0.4) < 1e-6 && fabs((double)d->feature_shift[3] + 0.25) < 1e-6);
  data_free(d);
}

/* 1 / deviation may be no float: such a feature is only shifted. */
static void standardise_stays_finite (void **state) {
  (void)state;
  Data *d = data_new(2, 3, DATA_F32);
  assert_non_null(d);
  memcpy(d->f32, (float[]){ 0, 0, 5, 1e-40f, 1e-37f, 7 }, 6 * sizeof(float));
  assert_true(data_standardise(d, d));
  assert_true(d->feature_scale[0] == 1.0f && isfinite(d->feature_shift[0]));
  assert_true(isfinite(d->feature_scale[1]) && d->feature_scale[1] > 1e37f && d->feature_scale[2] == 1.0f);
  assert_int_equal(data_check_inputs(d), -1);
  d->f32[4] = 50;
  assert_int_equal(data_check_inputs(d), 1);
  data_free(d);
}

static void view_sees_names_and_scales (void **state) {
  (void)state;
  Data *d = data_new(2, 2, DATA_F32);
  assert_non_null(d);
  memcpy(d->f32, (float[]){ 1, 2, 3, 5 }, 4 * sizeof(float));
  d->n_classes = 2;
  DataView plain = data_view(d);
  assert_true(!plain.features && !plain.classes && !plain.standardised);
  d->column_names = mem_new(6, 1);
  memcpy(d->column_names, "a\0b\0y", 6);
  d->class_names = mem_new(4, 1);
  memcpy(d->class_names, "u\0v", 4);
  assert_true(data_standardise(d, d));
  DataView named = data_view(d);
  assert_true(named.features && named.classes && named.standardised);
  d->column_names[4] = 'z';   /* the label's name is no feature's */
  assert_true(data_view(d).features == named.features);
  d->column_names[2] = 'c';
  d->class_names[0] = 'w';
  d->feature_shift[1] += 1;
  DataView other = data_view(d);
  assert_true(other.features != named.features && other.classes != named.classes && other.standardised != named.standardised);
  data_free(d);
}

static void standardise_keeps_digits (void **state) {
  (void)state;
  Data *d = data_new(3, 2, DATA_F32);
  assert_non_null(d);
  memcpy(d->f32, (float[]){ 1e7f, 0.1f, 1e7f + 1, 0.1f, 1e7f + 2, 0.1f }, 6 * sizeof(float));
  assert_true(data_standardise(d, d));
  assert_true(fabs((double)d->feature_scale[0] - sqrt(1.5)) < 1e-6);
  assert_true(d->feature_scale[1] == 1.0f && d->feature_shift[1] == -0.1f);
  data_free(d);
}

static void hash_sees_everything (void **state) {
  (void)state;
  Data *d = data_new(2, 3, DATA_F32);
  assert_non_null(d);
  memset(d->f32, 0, 6 * sizeof(float));
  d->n_classes = 2;
  uint64_t seen[8];
  int n = 0;
  data_rehash(d), seen[n++] = d->hash[0];
  d->f32[5] = 1, data_rehash(d), seen[n++] = d->hash[0];
  d->label[1] = 1, data_rehash(d), seen[n++] = d->hash[0];
  d->n_classes = 3, data_rehash(d), seen[n++] = d->hash[0];
  d->unit = 0.5f, data_rehash(d), seen[n++] = d->hash[0];
  d->channels = 1, data_rehash(d), seen[n++] = d->hash[0];
  assert_true(data_standardise(d, d)), seen[n++] = d->hash[0];
  for (int i = 0; i < n; i++)
    for (int j = 0; j < i; j++) assert_true(seen[i] != seen[j]);
  data_free(d);
  data_free(NULL);
}

/* ---- Madelon ---------------------------------------------------------------------------- */

static const DataMadelon small = { .informative = 3, .redundant = 2, .useless = 4, .classes = 2, .clusters = 4,
                                   .separation = 3, .flip = 0, .seed = 5 };

static Data *make_madelon (char *why) { return data_madelon(&small, 3000, 1, why); }

static void madelon_makes (void **state) {
  char why[DATA_WHY] = "";
  (void)state;
  Data *a = make_madelon(why), *b = make_madelon(why), *test = data_madelon(&small, 3000, 2, why);
  assert_true(a && b && test);
  check_data(a);
  assert_int_equal(a->n_features, 9);
  assert_memory_equal(a->hash, b->hash, sizeof a->hash);
  assert_memory_not_equal(a->hash, test->hash, sizeof a->hash);
  double ones = 0, mean = 0, square = 0;
  for (int i = 0; i < a->n; i++) {
    ones += a->label[i];
    mean += (double)a->f32[i * 9 + 8];
    square += (double)a->f32[i * 9 + 8] * (double)a->f32[i * 9 + 8];
  }
  assert_true(fabs(ones / a->n - 0.5) < 0.05);       /* 5 deviations are 0.046 */
  assert_true(fabs(mean / a->n) < 0.1 && fabs(square / a->n - 1) < 0.15);
  data_free(a);
  data_free(b);
  data_free(test);
}

/* Redundant features of both splits are one linear map of the informative ones: solve it from
** three training samples, and check it on test samples. */
static void madelon_shares_structure (void **state) {
  char why[DATA_WHY] = "";
  (void)state;
  Data *a = data_madelon(&small, 3, 1, why), *b = data_madelon(&small, 50, 2, why);
  assert_true(a && b);
  double m[3][4];
  for (int i = 0; i < 3; i++) {
    for (int j = 0; j < 3; j++) m[i][j] = (double)a->f32[i * 9 + j];
    m[i][3] = (double)a->f32[i * 9 + 3];
  }
  for (int p = 0; p < 3; p++)  /* Gauss-Jordan; these samples need no pivoting */
    for (int i = 0; i < 3; i++) {
      double f = i == p ? 0 : m[i][p] / m[p][p];
      for (int j = 0; j < 4; j++) m[i][j] -= f * m[p][j];
    }
  for (int i = 0; i < b->n; i++) {
    double y = 0;
    for (int j = 0; j < 3; j++) y += m[j][3] / m[j][j] * (double)b->f32[i * 9 + j];
    assert_true(fabs(y - (double)b->f32[i * 9 + 3]) < 1e-3);
  }
  data_free(a);
  data_free(b);
}

static void madelon_refuses (void **state) {
  char why[DATA_WHY] = "";
  DataMadelon set = small;
  (void)state;
  set.clusters = 5;
  assert_null(data_madelon(&set, 10, 1, why));
  expect_why(why, "classes times clusters must be at most 2^informative");
  set = small, set.informative = 21;
  assert_null(data_madelon(&set, 10, 1, why));
  expect_why(why, "informative must be 1 to 20");
  set = small, set.flip = (double)NAN;
  assert_null(data_madelon(&set, 10, 1, why));
  expect_why(why, "flip must be 0 to 1");
  set = small, set.separation = (double)INFINITY;
  assert_null(data_madelon(&set, 10, 1, why));
  assert_null(data_madelon(&small, 0, 1, why));
  expect_why(why, "at least 1 sample");
}

#ifdef LAB_FAIL_ALLOC
static void madelon_starved (void **state) {
  (void)state;
  starve(make_madelon);
}
#endif

static void long_path_keeps_the_sentence (void **state) {
  char path[1000], why[DATA_WHY];
  (void)state;
  memset(path, 'x', sizeof path);
  strcpy(path + 980, "/the-end");
  assert_null(data_read_idx(path, path, &everything, why));
  expect_why(why, "/the-end: cannot be opened: ");
}

int main (void) {
  static const struct CMUnitTest tests[] = {
    cmocka_unit_test(idx_reads), cmocka_unit_test(idx_complains), cmocka_unit_test(idx_promises_too_much),
    cmocka_unit_test(idx_counts_and_labels), cmocka_unit_test(idx_gzip_damage), cmocka_unit_test(idx_tortured),
    cmocka_unit_test(idx_stops_early), cmocka_unit_test(draw_takes_exactly),
    cmocka_unit_test(draw_agrees_between_files), cmocka_unit_test(cifar_reads), cmocka_unit_test(cifar_complains),
    cmocka_unit_test(cifar_draws_across_files), cmocka_unit_test(standardises), cmocka_unit_test(standardises_alike),
    cmocka_unit_test(standardises_groups),
    cmocka_unit_test(standardise_stays_finite), cmocka_unit_test(view_sees_names_and_scales),
    cmocka_unit_test(standardise_keeps_digits), cmocka_unit_test(hash_sees_everything),
    cmocka_unit_test(madelon_makes), cmocka_unit_test(madelon_shares_structure), cmocka_unit_test(madelon_refuses),
    cmocka_unit_test(long_path_keeps_the_sentence),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(idx_starved), cmocka_unit_test(cifar_starved), cmocka_unit_test(madelon_starved),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("data", tests, scratch_begin, scratch_end);
}
