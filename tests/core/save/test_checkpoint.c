/* test_checkpoint.c -- nets in files: training goes on bit by bit as if nothing had been, NumPy's
** headers, and files that are damaged, forged or another net's. */
#include "turnover/net_evolve.h"
#include "scratch.h"
#include "save/checkpoint.h"
#include "net_fixture.h"
#include "net/net_average.h"
#include "net/net_state.h"
#include "format/npy.h"
#include <xxhash.h>
#include <zip.h>

static const Recipe mixed = { { 20, 16, 14, 12, 3 }, { 0.3, 1, 0.5, 1 }, "relu", "linear", "cross_entropy", 0.2f, 7, 1, NULL, 0, 0, { 0, 0 }, 0, RULE_SGD, { 0 } };
static const Recipe tiny = { { 4, 3, 2 }, { 0.5, 1 }, "relu", "linear", "cross_entropy", 0, 3, 1, NULL, 0, 0, { 0, 0 }, 0, RULE_SGD, { 0 } };
static const CheckpointText texts[] = { { "net.json", "{ \"units\": 3 }\n", 15 }, { "empty.txt", "", 0 } };

/* ---- helpers ---- */

/* All of a net's state in one block, which the caller frees. */
typedef struct Bytes { uint8_t *at; size_t n; } Bytes;

static int add_bytes (void *context, const StateArray *a) {
  Bytes *b = context;
  b->at = realloc(b->at, b->n + a->size + 1);
  if (a->size) memcpy(b->at + b->n, a->data, a->size);
  b->n += a->size;
  return 1;
}

static Bytes state_of (Net *net) {
  Bytes b = { NULL, 0 };
  assert_true(net_visit_state(net, add_bytes, &b));
  return b;
}

static void assert_same_bytes (Bytes a, Bytes b) {
  assert_int_equal(a.n, b.n);
  assert_memory_equal(a.at, b.at, a.n);
  free(a.at);
  free(b.at);
}

static void assert_same_net (Net *a, Net *b) {
  assert_same_bytes(state_of(a), state_of(b));
  assert_null(net_check(a));
  assert_null(net_check(b));
}

static void train (Net *net, const Data *data, int32_t first, int32_t last) {
  Protocol p = { .batch = 8, .rate = 0.05f, .momentum = 0.9f, .fresh = 0.01f, .weight_decay = 0.0002f };
  Evolution rule = evolution_set(0.3, init_find("he_uniform"));
  EpochResult r;
  for (int32_t e = first; e <= last; e++) {
    if (e > 1) assert_true(net_evolve_layers(net, 0, net_layers(net) - 1, &rule, e) > 0);
    assert_int_equal(net_train_epoch(net, data, &p, e, NULL, NULL, &r), NET_OK);
  }
}

static void save (const char *name, Net *net) {
  char why[CHECKPOINT_WHY] = "";
  if (!checkpoint_write(scratch(name), net, texts, 2, why)) fail_msg("%s", why);
}

/* 1, 0 or -1 as checkpoint_restore; 0 also if the file does not open. */
static int restore (const char *path, Net *net, char why[CHECKPOINT_WHY]) {
  why[0] = '\0';
  Checkpoint *c = checkpoint_open(path, why);
  int status = c ? checkpoint_restore(c, net, why) : 0;
  checkpoint_close(c);
  return status;
}

static void must_restore (const char *name, Net *net) {
  char why[CHECKPOINT_WHY];
  if (restore(scratch(name), net, why) != 1) fail_msg("%s", why);
}

/* ---- going on ---- */

static void goes_on (Recipe recipe, int threads) {
  Data *data = make_data(60, recipe.size[0], 3, DATA_F32, 1);
  Net *whole = make_net(&recipe);
  train(whole, data, 1, 2);
  save("on.npz", whole);
  recipe.threads = threads;
  Net *resumed = make_net(&recipe);
  must_restore("on.npz", resumed);
  assert_same_net(whole, resumed);
  train(whole, data, 3, 5);
  train(resumed, data, 3, 5);
  assert_same_net(whole, resumed);
  net_free(whole);
  net_free(resumed);
  data_free(data);
}

static void test_goes_on (void **state) {
  (void)state;
  Recipe brief = mixed, bent = mixed, aged = mixed, signs = mixed;
  brief.bf16 = 1;
  bent.hidden = "srelu";  /* learns parameters of its own */
  goes_on(mixed, 1);
  goes_on(mixed, 3);
  goes_on(brief, 2);
  goes_on(bent, 2);
  aged.rule = RULE_ADAMW;   /* keeps second moments and ages */
  aged.hidden = "srelu";
  goes_on(aged, 2);
  signs.rule = RULE_LION;
  goes_on(signs, 2);
}

/* A mean of weights goes with the net; a net without room for one has another list of arrays. */
static void test_mean (void **state) {
  (void)state;
  Data *data = make_data(60, 20, 3, DATA_F32, 1);
  Net *whole = make_net(&mixed), *resumed = make_net(&mixed);
  Protocol p = { .batch = 8, .rate = 0.05f, .momentum = 0.9f };
  EpochResult r;
  for (int32_t e = 1; e <= 2; e++) {
    assert_int_equal(net_train_epoch(whole, data, &p, e, NULL, NULL, &r), NET_OK);
    assert_int_equal(net_average(whole), e);
  }
  save("mean.npz", whole);
  assert_true(net_make_average(resumed));
  must_restore("mean.npz", resumed);
  assert_same_net(whole, resumed);
  assert_int_equal(net_averaged(resumed), 2);
  assert_int_equal(net_average(resumed), net_average(whole));
  net_take_average(whole);
  net_take_average(resumed);
  assert_same_net(whole, resumed);
  net_free(whole);
  net_free(resumed);
  data_free(data);
}

/* A net that has trained on something else takes the file's state and nothing of its own stays. */
static void test_restores_over (void **state) {
  (void)state;
  Data *data = make_data(60, 20, 3, DATA_F32, 1), *other = make_data(80, 20, 3, DATA_U8, 2);
  Net *a = make_net(&mixed), *b = make_net(&mixed);
  train(a, data, 1, 3);
  save("over.npz", a);
  train(b, other, 1, 4);
  must_restore("over.npz", b);
  train(a, data, 4, 4);
  train(b, data, 4, 4);
  assert_same_net(a, b);
  net_free(a);
  net_free(b);
  data_free(data);
  data_free(other);
}

/* ---- what a net remembers of its wiring ---- */

static void wander (Net *net, int32_t first, int32_t last) {
  Evolution rule = evolution_set(0.3, init_find("he_uniform"));
  rule.grow = grow_find("unfired");
  for (int32_t e = first; e <= last; e++) assert_true(net_evolve_layers(net, 0, net_layers(net) - 1, &rule, e) > 0);
}

/* Births and tried cells come back, whether the net had some before or not, and evolution goes on as if nothing had been. */
static void test_remembers (void **state) {
  (void)state;
  for (int what = 1; what <= 3; what++)
    for (int before = 0; before <= 3; before++) {
      Net *net = make_net(&mixed), *other = make_net(&mixed);
      assert_true(net_keep_history(net, what & 1, what & 2) && net_keep_history(other, before & 1, before & 2));
      wander(net, 1, 3);
      wander(other, 4, 8);
      save("past.npz", net);
      must_restore("past.npz", other);
      assert_int_equal(net_births(other, 0) != NULL, what & 1);
      assert_int_equal(net_tried(other, 0) != NULL, what >> 1);
      assert_null(net_births(other, 1));
      assert_int_equal(net_cells_tried(other, 1), 16 * 14);
      assert_same_net(net, other);
      wander(net, 4, 5);
      wander(other, 4, 5);
      assert_same_net(net, other);
      net_free(net);
      net_free(other);
    }
  Net *plain = make_net(&mixed), *net = make_net(&mixed);   /* a file that knows nothing */
  save("no-past.npz", plain);
  assert_true(net_keep_history(net, 1, 1));
  must_restore("no-past.npz", net);
  assert_null(net_births(net, 0));
  assert_int_equal(net_cells_tried(net, 0), -1);
  assert_same_net(plain, net);
  net_free(plain);
  net_free(net);
}

static void test_same_bytes (void **state) {
  (void)state;
  Net *net = make_net(&mixed), *again = make_net(&mixed);
  save("one.npz", net);
  must_restore("one.npz", again);
  save("two.npz", again);
  Bytes one, two;
  one.at = scratch_read(scratch("one.npz"), &one.n);
  two.at = scratch_read(scratch("two.npz"), &two.n);
  assert_same_bytes(one, two);
  net_free(net);
  net_free(again);
}

static void test_texts (void **state) {
  (void)state;
  char why[CHECKPOINT_WHY];
  size_t size;
  Net *net = make_net(&tiny);
  save("texts.npz", net);
  Checkpoint *c = checkpoint_open(scratch("texts.npz"), why);
  assert_non_null(c);
  for (int i = 0; i < 2; i++) {
    char *text = checkpoint_text(c, texts[i].name, &size, why);
    assert_non_null(text);
    assert_int_equal(size, texts[i].size);
    assert_string_equal(text, texts[i].bytes);
    mem_free(text);
  }
  assert_null(checkpoint_text(c, "run.yaml", &size, why));
  expect_why(why, "has no run.yaml");
  checkpoint_close(c);
  net_free(net);
}

/* ---- the archive, member by member ---- */

enum { MOST_MEMBERS = 64 };
typedef struct Member { char name[48]; uint8_t *bytes; size_t size; } Member;
typedef struct Archive { Member member[MOST_MEMBERS]; int n; } Archive;

static void archive_read (Archive *a, const char *path) {
  int code;
  zip_t *zip = zip_open(path, ZIP_RDONLY | ZIP_CHECKCONS, &code);
  assert_non_null(zip);
  a->n = (int)zip_get_num_entries(zip, 0);
  assert_in_range(a->n, 1, MOST_MEMBERS);
  for (int i = 0; i < a->n; i++) {
    zip_stat_t s;
    assert_int_equal(zip_stat_index(zip, (zip_uint64_t)i, 0, &s), 0);
    Member *m = &a->member[i];
    snprintf(m->name, sizeof m->name, "%s", s.name);
    m->size = (size_t)s.size;
    m->bytes = calloc(m->size + 1, 1);
    zip_file_t *file = zip_fopen_index(zip, (zip_uint64_t)i, 0);
    assert_int_equal(zip_fread(file, m->bytes, m->size), m->size);
    zip_fclose(file);
  }
  zip_discard(zip);
}

static void archive_free (Archive *a) {
  for (int i = 0; i < a->n; i++) free(a->member[i].bytes);
}

static Member *archive_find (Archive *a, const char *name) {
  for (int i = 0; i < a->n; i++)
    if (strcmp(a->member[i].name, name) == 0) return &a->member[i];
  fail_msg("no member %s", name);
  return NULL;
}

/* Writes the members again with the checksum that they have now, as the header describes it. */
static void archive_write (Archive *a, const char *path, int method) {
  XXH3_state_t *hash = XXH3_createState();
  char text[40];
  XXH3_128bits_reset(hash);
  for (int i = 0; i < a->n - 1; i++) {
    XXH3_128bits_update(hash, a->member[i].name, strlen(a->member[i].name) + 1);
    XXH3_128bits_update(hash, a->member[i].bytes, a->member[i].size);
  }
  XXH128_hash_t h = XXH3_128bits_digest(hash);
  XXH3_freeState(hash);
  snprintf(text, sizeof text, "%016llx%016llx\n", (unsigned long long)h.high64, (unsigned long long)h.low64);
  memcpy(a->member[a->n - 1].bytes, text, a->member[a->n - 1].size < 33 ? a->member[a->n - 1].size : 33);
  int code;
  zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
  assert_non_null(zip);
  for (int i = 0; i < a->n; i++) {
    zip_int64_t at = zip_file_add(zip, a->member[i].name, zip_source_buffer(zip, a->member[i].bytes, a->member[i].size, 0), 0);
    assert_true(at >= 0);
    zip_set_file_compression(zip, (zip_uint64_t)at, method, 0);
  }
  assert_int_equal(zip_close(zip), 0);
}

/* NumPy's header of an array. Our own reader refuses Fortran order: it is told the other. */
static void check_member (const Member *m, const char *type, int rank, int64_t n0, int64_t n1) {
  Npy npy;
  int begin;
  uint32_t length;
  assert_null(npy_prefix(m->bytes, &begin, &length));
  assert_int_equal((begin + (int)length) % 64, 0);
  assert_int_equal(m->bytes[begin + (int)length - 1], '\n');
  char text[256];
  assert_in_range(length, 1, sizeof text - 1);
  memcpy(text, m->bytes + begin, length);
  text[length] = '\0';
  char *fortran = strstr(text, "'fortran_order': True, ");
  assert_int_equal(fortran != NULL, rank == 2);
  if (fortran) memcpy(fortran, "'fortran_order':False, ", 23);
  assert_null(npy_header(text, length, &npy));
  assert_true(npy.kind == type[0] && npy.size == type[1] - '0');
  assert_int_equal(npy.rank, rank);
  if (rank > 0) assert_int_equal(npy.shape[0], n0);
  if (rank > 1) assert_int_equal(npy.shape[1], n1);
  assert_int_equal(m->size, (size_t)begin + length + (size_t)(npy_count(&npy, 0) * npy.size));
}

/* The values of the member begin here. */
static uint8_t *values (Member *m) { return m->bytes + 10 + m->bytes[8] + 256 * m->bytes[9]; }

static void test_numpy_reads_it (void **state) {
  (void)state;
  Archive a;
  Net *net = make_net(&mixed);
  save("numpy.npz", net);
  archive_read(&a, scratch("numpy.npz"));
  const Sparse *W = net_sparse(net, 0);
  check_member(archive_find(&a, "layer1_shape.npy"), "i8", 1, 2, 0);
  check_member(archive_find(&a, "layer1_indptr.npy"), "i8", 1, 21, 0);
  check_member(archive_find(&a, "layer1_indices.npy"), "i4", 1, W->links, 0);
  check_member(archive_find(&a, "layer1_data.npy"), "f4", 1, W->links, 0);
  check_member(archive_find(&a, "layer1_velocity.npy"), "f4", 1, W->links, 0);
  check_member(archive_find(&a, "layer1_bias.npy"), "f4", 1, 16, 0);
  check_member(archive_find(&a, "layer2_weights.npy"), "f4", 2, 16, 14);
  check_member(archive_find(&a, "layer2_velocity.npy"), "f4", 2, 16, 14);
  check_member(archive_find(&a, "layer4_bias_velocity.npy"), "f4", 1, 3, 0);
  check_member(archive_find(&a, "steps.npy"), "i8", 0, 0, 0);
  /* Row i of the compressed sparse rows are the links that leave input i. */
  const int32_t *indices = (const int32_t *)(void *)values(archive_find(&a, "layer1_indices.npy"));
  const int64_t *indptr = (const int64_t *)(void *)values(archive_find(&a, "layer1_indptr.npy"));
  for (int32_t i = 0; i < 20; i++)
    for (int64_t k = indptr[i]; k < indptr[i + 1]; k++) assert_int_equal(indices[k], W->to[k]);
  assert_memory_equal(values(archive_find(&a, "layer2_weights.npy")), net_weights(net, 1), 16 * 14 * 4);
  archive_free(&a);
  net_free(net);
}

/* ---- files that are no good ---- */

static void test_damaged (void **state) {
  (void)state;
  static const uint8_t masks[] = { 0x01, 0xff };
  enum { WAYS = 3 };
  char path[128], why[CHECKPOINT_WHY];
  Net *net = make_net(&tiny), *other = make_net(&tiny);
  net_weights(net, 0)[0] = 5;
  save("damaged.npz", net);
  snprintf(path, sizeof path, "%s", scratch("damaged.npz"));
  size_t n, good = 0;
  uint8_t *bytes = scratch_read(path, &n);
  for (size_t i = 0; i < n * WAYS; i++) {
    size_t at = i / WAYS, mask = i % WAYS;
    if (mask < WAYS - 1) {
      bytes[at] ^= masks[mask];
      scratch_write(path, bytes, n);
      bytes[at] ^= masks[mask];
    } else scratch_write(path, bytes, at);
    net_weights(other, 0)[0] = 6;
    int status = restore(path, other, why);
    assert_true(status >= 0);
    if (status == 0) expect_why(why, "damaged.npz");
    assert_true(net_weights(other, 0)[0] == (status ? 5.0f : 6.0f));
    if (status) assert_same_net(net, other);
    good += (size_t)status;
  }
  assert_true(good < n);  /* of two changed ones: a member's time or attribute hurts nobody */
  free(bytes);
  net_free(net);
  net_free(other);
}

/* A forged file: whole by its checksum, and yet no good. The net must stay as it is. */
static void refuse (Archive *a, const char *part) {
  char why[CHECKPOINT_WHY];
  Net *net = make_net(&tiny);
  Bytes before = state_of(net);
  archive_write(a, scratch("forged.npz"), ZIP_CM_STORE);
  assert_int_equal(restore(scratch("forged.npz"), net, why), 0);
  expect_why(why, part);
  expect_why(why, "forged.npz");
  assert_same_bytes(before, state_of(net));
  net_free(net);
}

static void refuse_value (const char *name, size_t at, int64_t value, size_t size, const char *part) {
  Archive a;
  archive_read(&a, scratch("good.npz"));
  memcpy(values(archive_find(&a, name)) + at, &value, size);
  refuse(&a, part);
  archive_free(&a);
}

static void remove_member (Archive *a, const char *name) {
  Member *m = archive_find(a, name);
  free(m->bytes);
  memmove(m, m + 1, (size_t)(&a->member[--a->n] - m) * sizeof *m);
}

static void test_forged (void **state) {
  (void)state;
  Archive a;
  char why[CHECKPOINT_WHY];
  Net *net = make_net(&tiny);
  save("good.npz", net);
  const Sparse *W = net_sparse(net, 0);
  size_t last = (size_t)(W->links - 1) * 4;
  assert_true(W->links > 2);
  refuse_value("layer1_indices.npy", last, 3, 4, "not the links of a layer");
  refuse_value("layer1_indices.npy", last, -1, 4, "not the links of a layer");
  refuse_value("layer1_indices.npy", 0, INT32_MIN, 4, "not the links of a layer");
  refuse_value("layer1_indptr.npy", 0, 1, 8, "not the links of a layer");
  refuse_value("layer1_indptr.npy", 8, 1000, 8, "not the links of a layer");
  refuse_value("layer1_indptr.npy", 8, -1, 8, "not the links of a layer");
  refuse_value("layer1_indptr.npy", 32, W->links + 1, 8, "layer1_indptr.npy does not fit this net, whose layer has");
  refuse_value("layer1_shape.npy", 8, 4, 8, "layer1_shape.npy does not fit this net");
  refuse_value("layer2_shape.npy", 0, 4, 8, "layer2_shape.npy does not fit this net");
  static const char *const removed[] = { "layer1_indptr.npy", "layer1_data.npy", "layer2_weights.npy", "layer2_bias_velocity.npy", "steps.npy" };
  for (int i = 0; i < 5; i++) {
    archive_read(&a, scratch("good.npz"));
    remove_member(&a, removed[i]);
    snprintf(why, sizeof why, "has no %s", removed[i]);
    refuse(&a, why);
    archive_free(&a);
  }
  archive_read(&a, scratch("good.npz"));
  archive_find(&a, "layer1_data.npy")->size -= 4;
  refuse(&a, "layer1_data.npy does not fit this net, whose array is {'descr': '<f4', 'fortran_order': False, 'shape': (");
  archive_free(&a);
  archive_read(&a, scratch("good.npz"));
  memcpy(strstr((char *)archive_find(&a, "layer2_weights.npy")->bytes + 10, "f4"), "i4", 2);
  refuse(&a, "layer2_weights.npy does not fit this net");
  archive_free(&a);
  archive_read(&a, scratch("good.npz"));
  remove_member(&a, "checksum.txt");
  refuse(&a, "does not end with checksum.txt");
  archive_free(&a);
  archive_read(&a, scratch("good.npz"));
  archive_find(&a, "checksum.txt")->size = 20;
  refuse(&a, "its checksum does not match its content");
  archive_free(&a);
  archive_read(&a, scratch("good.npz"));
  archive_write(&a, scratch("packed.npz"), ZIP_CM_DEFLATE);
  assert_int_equal(restore(scratch("packed.npz"), net, why), 0);
  expect_why(why, "is compressed");
  archive_free(&a);
  net_free(net);
}

static void refuse_past (const char *name, size_t at, int64_t value, size_t size, const char *part) {
  Archive a;
  archive_read(&a, scratch("forged-past.npz"));
  memcpy(values(archive_find(&a, name)) + at, &value, size);
  refuse(&a, part);
  archive_free(&a);
}

static void test_forged_past (void **state) {
  (void)state;
  Archive a;
  Net *net = make_net(&tiny);
  assert_true(net_keep_history(net, 1, 1));
  wander(net, 1, 2);
  save("forged-past.npz", net);
  const Sparse *tried = net_tried(net, 0);
  int64_t last = tried->links - 1;
  refuse_past("layer1_tried_indices.npy", (size_t)last * 4, 3, 4, "are not the links of a layer");
  refuse_past("layer1_tried_indices.npy", (size_t)last * 4, -1, 4, "are not the links of a layer");
  refuse_past("layer1_tried_indptr.npy", 4 * 8, last, 8, "tried_indptr.npy does not fit this net");
  refuse_past("layer1_tried_indptr.npy", 0, 1, 8, "are not the links of a layer");
  archive_read(&a, scratch("forged-past.npz"));
  remove_member(&a, "layer1_tried_indptr.npy");
  refuse(&a, "has no layer1_tried_indptr.npy");
  archive_free(&a);
  archive_read(&a, scratch("forged-past.npz"));
  memcpy(strstr((char *)archive_find(&a, "layer1_tried_indices.npy")->bytes + 10, "'shape': ("), "'shape': [", 10);
  refuse(&a, "layer1_tried_indices.npy is corrupted");
  archive_free(&a);
  archive_read(&a, scratch("forged-past.npz"));
  Member *born = archive_find(&a, "layer1_born.npy");
  born->size -= 4;
  refuse(&a, "layer1_born.npy does not fit this net");
  archive_free(&a);
  net_free(net);
  net = make_net(&tiny);   /* with cells that were not tried, so that there is room */
  assert_true(net_keep_history(net, 1, 1));
  save("forged-past.npz", net);
  tried = net_tried(net, 0);
  /* Cells in order, of which a link's is moved aside. */
  archive_read(&a, scratch("forged-past.npz"));
  int32_t *cell = (int32_t *)(void *)values(archive_find(&a, "layer1_tried_indices.npy"));
  const Sparse *W = net_sparse(net, 0);
  int forged = 0;
  for (int32_t i = 0; i < W->n_in && !forged; i++)
    for (int64_t c = tried->ptr[i], k = W->ptr[i]; c < tried->ptr[i + 1] && k < W->ptr[i + 1] && !forged; c++) {
      if (tried->to[c] != W->to[k]) continue;
      int32_t before = c > tried->ptr[i] ? tried->to[c - 1] : -1, after = c + 1 < tried->ptr[i + 1] ? tried->to[c + 1] : 3;
      if (tried->to[c] - 1 > before) cell[c]--, forged = 1;
      else if (tried->to[c] + 1 < after) cell[c]++, forged = 1;
      k++;
    }
  assert_true(forged);
  refuse(&a, "lack a link of the layer");
  archive_free(&a);
  net_free(net);
}

static void test_no_file (void **state) {
  (void)state;
  char why[CHECKPOINT_WHY];
  assert_null(checkpoint_open(scratch("absent.npz"), why));
  expect_why(why, "absent.npz: cannot be opened: No such file");
  assert_null(checkpoint_open(scratch_directory, why));
  expect_why(why, "is a directory");
  scratch_write(scratch("empty.npz"), "", 0);
  assert_null(checkpoint_open(scratch("empty.npz"), why));
  expect_why(why, "is empty");
  scratch_write(scratch("text.npz"), "hello\n", 6);
  assert_null(checkpoint_open(scratch("text.npz"), why));
  expect_why(why, "is not a readable .npz archive");
}

static void test_another_net (void **state) {
  (void)state;
  char why[CHECKPOINT_WHY];
  Recipe deeper = tiny, wider = tiny, denser = tiny;
  deeper.size[2] = 3, deeper.size[3] = 2, deeper.density[2] = 1;
  wider.size[1] = 5;
  denser.density[0] = 1;
  const Recipe *others[] = { &deeper, &wider, &denser, &mixed };
  Net *net = make_net(&tiny);
  save("tiny.npz", net);
  for (int i = 0; i < 4; i++) {
    Net *other = make_net(others[i]);
    Bytes before = state_of(other);
    assert_int_equal(restore(scratch("tiny.npz"), other, why), 0);
    assert_true(strstr(why, "does not fit this net") || strstr(why, "has no layer"));
    assert_same_bytes(before, state_of(other));
    net_free(other);
  }
  net_free(net);
}

/* ---- writing that fails ---- */

static void test_cannot_write (void **state) {
  (void)state;
  char why[CHECKPOINT_WHY];
  Net *net = make_net(&tiny);
  assert_int_equal(checkpoint_write("/no/such/folder/x.npz", net, texts, 2, why), 0);
  expect_why(why, "/no/such/folder/x.npz: cannot be written: ");
  char folder[128];
  snprintf(folder, sizeof folder, "%s", scratch("folder"));
  assert_int_equal(mkdir(folder, 0777), 0);
  assert_int_equal(checkpoint_write(folder, net, texts, 2, why), 0);
  expect_why(why, "folder: cannot be written: ");
  char command[200];
  snprintf(command, sizeof command, "ls '%s' | grep -q tmp", scratch_directory);
  assert_true(system(command) != 0);  /* nothing is left behind */
  net_free(net);
}

#ifdef LAB_FAIL_ALLOC
static void test_without_memory (void **state) {
  (void)state;
  char why[CHECKPOINT_WHY];
  Net *net = make_net(&tiny), *other = make_net(&tiny);
  assert_true(net_keep_history(net, 1, 1));
  net_weights(net, 0)[0] = 5;
  long n = 0;
  for (int done = 0; !done; assert_true(n < 50)) {
    mem_fail_at(++n);
    done = checkpoint_write(scratch("starved.npz"), net, texts, 2, why);
    mem_fail_at(0);
    if (!done) expect_why(why, "not enough memory");
  }
  assert_true(n > 2);
  n = 0;
  for (int done = 0; !done; assert_true(n < 50)) {
    mem_fail_at(++n);
    done = restore(scratch("starved.npz"), other, why);
    mem_fail_at(0);
    assert_true(done >= 0);
    if (!done) expect_why(why, "not enough memory");
  }
  assert_true(n > 2);
  assert_same_net(net, other);
  Checkpoint *c = checkpoint_open(scratch("starved.npz"), why);
  size_t size;
  mem_fail_at(1);
  assert_null(checkpoint_text(c, "net.json", &size, why));
  mem_fail_at(0);
  expect_why(why, "not enough memory");
  checkpoint_close(c);
  net_free(net);
  net_free(other);
}
#endif

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_goes_on), cmocka_unit_test(test_mean),      cmocka_unit_test(test_restores_over), cmocka_unit_test(test_remembers),
    cmocka_unit_test(test_same_bytes),   cmocka_unit_test(test_texts),         cmocka_unit_test(test_numpy_reads_it),
    cmocka_unit_test(test_damaged),      cmocka_unit_test(test_forged),        cmocka_unit_test(test_forged_past),
    cmocka_unit_test(test_no_file),      cmocka_unit_test(test_another_net),   cmocka_unit_test(test_cannot_write),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(test_without_memory),
#endif
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("checkpoint", tests, scratch_begin, scratch_end);
}
