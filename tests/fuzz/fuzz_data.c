/* fuzz_data.c -- the readers of data sets. What they give must be a data set, whichever samples
** are asked for; what they refuse, they refuse by a sentence that names the file. */
#include "data/data.h"
#include "format/bundle.h"
#include "format/pairs.h"
#include "fuzz.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Calls a reader with what it is asked for; `context` is its own. */
typedef Data *Read (const void *context, const char *path, const DataWanted *want, char why[DATA_WHY]);

static void expect_split (const Data *d, const char *name) {
  fuzz_expect(d->n >= 1 && d->n_features >= 1 && d->n_classes >= 1, "%s: %d samples, %d features, %d classes", name, d->n,
              d->n_features, d->n_classes);
  fuzz_expect(d->n_classes <= DATA_MAX_CLASSES, "%s: %d classes", name, d->n_classes);
  fuzz_expect((d->type == DATA_U8) == (d->u8 != NULL) && (d->u8 != NULL) != (d->f32 != NULL), "%s: values of two types", name);
  fuzz_expect(!d->channels || (int64_t)d->channels * d->height * d->width == d->n_features, "%s: no image of %d x %d x %d", name,
              d->channels, d->height, d->width);
  for (int32_t i = 0; i < d->n; i++)
    fuzz_expect(d->label[i] >= 0 && d->label[i] < d->n_classes, "%s: label %d of %d", name, d->label[i], d->n_classes);
  for (int64_t j = 0; d->f32 && j < (int64_t)d->n * d->n_features; j++) fuzz_expect(isfinite(d->f32[j]), "%s: not finite", name);
  for (int32_t c = 0; d->class_names && c < d->n_classes; c++)
    fuzz_expect(*data_class_name(d, c) != '\0', "%s: a class without a name", name);
}

/* A split, or a sentence that begins with the file's name. */
static Data *expect_read (Read *read, const void *context, const char *path, const DataWanted *want) {
  char why[DATA_WHY];
  memset(why, 'x', sizeof why);
  Data *d = read(context, path, want, why);
  if (d) {
    expect_split(d, path);
    return d;
  }
  size_t n = strlen(path);
  fuzz_expect(memchr(why, '\0', sizeof why) && strncmp(why, path, n) == 0 && why[n] == ':' && strlen(why) > n + 2,
              "no sentence: %.255s", why);
  return NULL;
}

static void expect_same (const Data *a, const Data *b) {
  fuzz_expect(b && a->hash[0] == b->hash[0] && a->hash[1] == b->hash[1], "another set at the second reading");
}

/* All samples; as many as there are; some of them, of the same kind; standardised. */
static void read_all (Read *read, const void *context, const char *path) {
  Data *all = expect_read(read, context, path, &(DataWanted){ .count = 0 });
  if (!all) return;
  Data *again = expect_read(read, context, path, &(DataWanted){ .count = all->n, .like = all });
  expect_same(all, again);
  data_free(again);
  DataWanted some = { .count = (all->n + 1) / 2, .random = 1, .seed = 7, .part = 1, .like = all };
  Data *part = expect_read(read, context, path, &some);
  fuzz_expect(part && part->n == some.count, "the draw fails");
  if (all->f32 && all->n_features < 1000) {
    fuzz_expect(data_standardise(part, all), "no standardisation");
    for (int32_t j = 0; j < part->n_features; j++)
      fuzz_expect(isfinite(part->feature_scale[j]) && isfinite(part->feature_shift[j]), "feature %d is scaled by %g, shifted by %g", j,
                  (double)part->feature_scale[j], (double)part->feature_shift[j]);
  }
  data_free(part);
  data_free(all);
}

/* ---- one reader each ---- */

static Data *read_idx (const void *labels, const char *images, const DataWanted *want, char why[DATA_WHY]) {
  Data *d = data_read_idx(images, labels, want, why);
  if (!d && strncmp(why, labels, strlen(labels)) == 0) memcpy(why, images, strlen(images));  /* paths of one length */
  return d;
}

void fuzz_idx (const uint8_t *bytes, size_t size) {
  size_t n = size < 2 ? 0 : (size_t)bytes[0] | (size_t)bytes[1] << 8;
  if (size < 2 || n > size - 2) return;
  const char *labels = fuzz_file(0, bytes + 2, n), *images = fuzz_file(1, bytes + 2 + n, size - 2 - n);
  fuzz_expect(strlen(labels) == strlen(images), "paths differ in length");
  read_all(read_idx, labels, images);
}

static Data *read_cifar10 (const void *twice, const char *path, const DataWanted *want, char why[DATA_WHY]) {
  const char *const paths[] = { path, path };
  return data_read_cifar10(paths, twice ? 2 : 1, 0, want, why);
}

void fuzz_cifar10 (const uint8_t *bytes, size_t size) {
  const char *path = fuzz_file(0, bytes, size);
  read_all(read_cifar10, NULL, path);
  read_all(read_cifar10, "twice", path);
}

static Data *read_csv (const void *options, const char *path, const DataWanted *want, char why[DATA_WHY]) {
  return data_read_csv(path, options, want, why);
}

void fuzz_csv (const uint8_t *bytes, size_t size) {
  static const DataColumn first[] = { { NULL, 1 } }, two[] = { { "y", 0 }, { NULL, 2 } };
  static const DataCsv ways[] = {
    { .header = DATA_HEADER_NONE }, { .header = DATA_HEADER_GIVEN }, { .header = DATA_HEADER_NONE, .label_column = 1, .separator = ',' },
    { .header = DATA_HEADER_GIVEN, .label_name = "y", .separator = ',' }, { .header = DATA_HEADER_LIKELY, .separator = ';' },
    { .header = DATA_HEADER_LIKELY, .label_column = 1, .separator = ' ' }, { .header = DATA_HEADER_LIKELY, .targets = first, .n_targets = 1 },
    { .header = DATA_HEADER_GIVEN, .targets = two, .n_targets = 2, .separator = ',' },
  };
  const char *path = fuzz_file(0, bytes, size);
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) read_all(read_csv, &ways[i], path);
}

static Data *read_npz (const void *split, const char *path, const DataWanted *want, char why[DATA_WHY]) {
  return data_read_npz(path, split, NULL, want, why);
}

static Data *read_npz_numbers (const void *split, const char *path, const DataWanted *want, char why[DATA_WHY]) {
  return data_read_npz(path, split, &(DataNpz){ NULL, NULL, 1 }, want, why);
}

void fuzz_npz (const uint8_t *bytes, size_t size) {
  const char *path = fuzz_file(0, bytes, size);
  read_all(read_npz, "train", path);
  read_all(read_npz, "test", path);
  read_all(read_npz_numbers, "train", path);
}

/* Of a mapped file only the first samples can be taken. */
static Data *map_npy (const void *labels, const char *samples, const DataWanted *want, char why[DATA_WHY]) {
  DataWanted first = *want;
  first.random = 0;
  Data *d = data_map_npy(samples, labels, 0, &first, why);
  if (!d && strncmp(why, labels, strlen(labels)) == 0) memcpy(why, samples, strlen(samples));  /* paths of one length */
  return d;
}

void fuzz_npy (const uint8_t *bytes, size_t size) {
  size_t n = size < 2 ? 0 : (size_t)bytes[0] | (size_t)bytes[1] << 8;
  if (size < 2 || n > size - 2) return;
  const char *labels = fuzz_file(0, bytes + 2, n), *samples = fuzz_file(1, bytes + 2 + n, size - 2 - n);
  read_all(map_npy, labels, samples);
}

static void expect_sentence (const char why[DATA_WHY], const char *path) {
  size_t n = strlen(path);
  fuzz_expect(memchr(why, '\0', DATA_WHY) && strncmp(why, path, n) == 0 && why[n] == ':' && strlen(why) > n + 2, "no sentence: %.255s", why);
}

static void read_links (const char *path, const PairsWanted *want) {
  char why[DATA_WHY];
  Pairs p;
  memset(why, 'x', sizeof why);
  if (pairs_read(path, want, &p, why)) {
    fuzz_expect(p.n >= 1, "no link");
    for (int64_t k = 0; k < p.n; k++) fuzz_expect(p.from[k] >= 0 && p.to[k] >= 0 && (!p.line || p.line[k] >= 1), "a link of no unit or line");
    pairs_free(&p);
    return;
  }
  expect_sentence(why, path);
}

void fuzz_links (const uint8_t *bytes, size_t size) {
  const char *path = fuzz_file(0, bytes, size);
  read_links(path, &(PairsWanted){ 0, "from", "to" });
  read_links(path, &(PairsWanted){ 1, "from", "to" });
}

/* Names stay in their folder, and files have the sizes that were told. */
void fuzz_bundle (const uint8_t *bytes, size_t size) {
  const char *path = fuzz_file(0, bytes, size);
  char why[DATA_WHY];
  memset(why, 'x', sizeof why);
  Bundle *bundle = bundle_open(path, why);
  if (!bundle) {
    expect_sentence(why, path);
    return;
  }
  for (size_t i = 0; i < bundle_count(bundle); i++) {
    const char *name = bundle_name(bundle, i);
    fuzz_expect(name && *name && *name != '/' && strlen(name) < BUNDLE_NAME && !strstr(name, "//"), "a name that is none");
    fuzz_expect(strcmp(name, "..") && strncmp(name, "../", 3) && !strstr(name, "/../"), "a name that leads out: %s", name);
    uint64_t room = bundle_size(bundle, i);
    char *text = room <= 1 << 20 ? malloc(room + 1) : NULL;
    memset(why, 'x', sizeof why);
    if (text && !bundle_read(bundle, i, text, why)) expect_sentence(why, path);
    free(text);
  }
  bundle_close(bundle);
}
