/* The plan of a net's memory against what core/base/mem.h handed out, to the byte. */
#include "turnover/net_evolve.h"
#include "net_fixture.h"
#include "os/available.h"
#include "plan/net_plan.h"
#include "scratch.h"
#include <sys/resource.h>

/* ---- blocks are counted ---- */

static void test_blocks (void **state) {
  (void)state;
  uint64_t before = mem_held();
  mem_mark();
  float *a = mem_new(1000, sizeof *a), *b = mem_zero(0, sizeof *b);
  assert_int_equal(mem_held() - before, mem_block(1000, 4) + mem_block(0, 4));
  a = mem_grow(a, 1000, 3000, sizeof *a);
  assert_int_equal(mem_held() - before, mem_block(3000, 4) + mem_block(0, 4));
  assert_int_equal(mem_peak() - before, mem_block(1000, 4) + mem_block(0, 4) + mem_block(3000, 4));
  assert_int_equal((uintptr_t)a % 128, 0);
  mem_free(a);
  mem_free(b);
  mem_free(NULL);
  assert_int_equal(mem_held(), before);
  mem_mark();
  assert_int_equal(mem_peak(), before);
  assert_int_equal(mem_block(UINT64_MAX, 4), MEM_MOST);
  assert_int_equal(mem_block((uint64_t)1 << 62, 8), MEM_MOST);
  assert_null(mem_new(SIZE_MAX / 2, 4));
  assert_int_equal(mem_held(), before);
}

/* ---- nets ---- */

static const Recipe recipes[] = {
  { { 20, 30, 4 }, { 0.2, 0.5 }, "relu", "linear", "cross_entropy", 0, 1, 1, NULL, 0, 0, { 0, 0 }, 0, RULE_SGD, { 0 } },
  { { 20, 300, 200, 4 }, { 0.1, 0.05, 1 }, "relu", "linear", "cross_entropy", 0.5f, 7, 2, NULL, 0, 0, { 0, 0 }, 0, RULE_SGD, { 0 } },
  { { 20, 5000, 3000, 4 }, { 0.02, 0.003, 0.3 }, "tanh", "sigmoid", "mse", 0, 3, 3, NULL, 0, 0, { 0, 0 }, 0, RULE_SGD, { 0 } },   /* tiles */
  { { 20, 64, 4 }, { 1, 1 }, "relu", "linear", "cross_entropy", 0, 3, 2, "portable", 0, 0, { 0, 0 }, 0, RULE_SGD, { 0 } },
  { { 20, 300, 200, 4 }, { 0.1, 0.05, 1 }, "relu", "linear", "cross_entropy", 0.5f, 7, 2, NULL, 1, 0, { 0, 0 }, 0, RULE_SGD, { 0 } },
  { { 20, 30, 40, 300, 10, 200, 20, 4 }, { 1, 0.2, 0.1, 1, 0.2, 1, 0.5 }, "relu", "linear", "mse", 0, 7, 2, "portable", 1, 0, { 0, 0 }, 0, RULE_SGD, { 0 } },
  { { 20, 10, 40, 4 }, { 1, 1, 0.5 }, "relu", "linear", "mse", 0, 7, 2, NULL, 1, 0, { 0, 0 }, 0, RULE_SGD, { 0 } },
  { { 20, 300, 200, 100, 4 }, { 0.1, 0.05, 1, 1 }, "srelu", "srelu", "cross_entropy", 0.5f, 7, 2, NULL, 0, 0, { 0, 0 }, 0, RULE_SGD, { 0 } },
  { { 20, 300, 200, 100, 4 }, { 0.1, 0.05, 1, 1 }, "srelu", "srelu", "mse", 0, 7, 2, NULL, 1, 0, { 0, 0 }, 0, RULE_SGD, { 0 } },
  { { 20, 300, 200, 100, 4 }, { 0.1, 0.05, 1, 1 }, "all_relu", "linear", "mse", 0, 7, 2, NULL, 1, 0, { 0, 0 }, 0, RULE_SGD, { 0 } },
  { { 20, 300, 200, 100, 4 }, { 0.1, 0.05, 1, 1 }, "srelu", "srelu", "mse", 0, 7, 2, NULL, 0, 0, { 0, 0 }, 0, RULE_ADAMW, { 0 } },
  { { 20, 300, 200, 100, 4 }, { 0.1, 0.05, 1, 1 }, "relu", "linear", "cross_entropy", 0, 7, 2, NULL, 0, 0, { 0, 0 }, 0, RULE_LION, { 0 } },
  { { 20, 300, 200, 100, 4 }, { 0.1, 0.05, 1, 1 }, "srelu", "srelu", "mse", 0, 7, 2, NULL, 0, 0, { 0, 0 }, 0, RULE_SGD, { 0, 1, 1, 1 } },   /* skip links */
  { { 20, 300, 200, 10, 4 }, { 0.1, 0.05, 1, 0.5 }, "relu", "linear", "mse", 0, 7, 2, NULL, 1, 0, { 0, 0 }, 0, RULE_SGD, { 0, 1, 0, 1 } },
};
enum { RECIPES = sizeof recipes / sizeof *recipes, SAMPLES = 700 };

/* The plan of a net with the links that `net` has. */
static NetPlan plan_like (const Net *net, const Recipe *r, LayerPlan *layer, const NetUse *use) {
  NetPlan plan;
  for (int32_t l = 0; l < net_layers(net); l++)
    layer[l] = (LayerPlan){ .n_in = net_rows(net, l), .n_out = net_units(net, l + 1),
                            .dense = net_dense(net, l) != NULL, .links = net_links(net, l), .slope = NAN,
                            .activation = l < net_layers(net) - 1 ? r->hidden : strcmp(r->loss, "mse") == 0 ? r->output : NULL };
  const char *why = net_plan(net_layers(net), layer, use, &plan);
  if (why) fail_msg("%s", why);
  return plan;
}

static void train (Net *net, const Data *data, int32_t batch) {
  Protocol p = { .batch = batch, .rate = 1e-4f, .momentum = 0.9f, .fresh = 0.01f };
  EpochResult r;
  assert_int_equal(net_train_epoch(net, data, &p, 1, NULL, NULL, &r), NET_OK);
}

static void test_as_planned (void **state) {
  (void)state;
  static const int32_t batches[] = { 1, 16, 100, 128, 300, SAMPLES };
  Data *data = make_data(SAMPLES, 20, 4, DATA_U8, 1);
  int tiled = 0;
  for (int r = 0; r < RECIPES; r++)
    for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
      LayerPlan layer[MOST_LEVELS];
      uint64_t before = mem_held();
      Net *net = make_net(&recipes[r]);
      NetUse use = { .threads = net_threads(net), .isa = recipes[r].isa, .bf16 = recipes[r].bf16, .rule = recipes[r].rule, .batch = batches[b], .samples = SAMPLES,
                     .evaluated = SAMPLES };
      NetUse no_look = use;
      no_look.evaluated = 0;
      NetPlan trained = plan_like(net, &recipes[r], layer, &no_look), plan = plan_like(net, &recipes[r], layer, &use);  /* planning takes memory, too */
      tiled += plan.partial > 0;
      assert_int_equal(mem_held() - before, plan.net);
      assert_int_equal(net_plan_more(net, &use), plan.peak - plan.net);
      mem_mark();
      train(net, data, batches[b]);
      assert_int_equal(mem_peak() - before, trained.peak);
      double loss, accuracy;
      assert_int_equal(net_evaluate(net, data, NULL, NULL, &loss, &accuracy), NET_OK);
      assert_int_equal(mem_held() - before, plan.net + plan.values + plan.gradients + plan.partial + plan.orders);
      assert_int_equal(net_plan_more(net, &use), plan.order > plan.evaluation ? plan.order : plan.evaluation);
      train(net, data, batches[b]);
      assert_int_equal(mem_peak() - before, plan.peak);
      net_free(net);
      assert_int_equal(mem_held(), before);
    }
  assert_true(tiled > 0);
  data_free(data);
}

/* Rows of bfloat16 alone take half of those of floats, in whole steps of their own, and no gradients beside them. A tile is as wide as
** the kernels of this machine have it. */
static void test_half (void **state) {
  (void)state;
  int steps = 128 / STRIDE_STEP, most = kernels_choose(NULL)->widest / STRIDE_STEP, tiles = (steps + most - 1) / most;
  if (tiles < 2) tiles = 2;
  size_t width = (size_t)((steps + tiles - 1) / tiles * STRIDE_STEP);
  LayerPlan layer[2][4];
  NetPlan plan[2];
  for (int bf16 = 0; bf16 <= 1; bf16++) {
    const int32_t size[] = { 3072, 4000, 1000, 4000, 10 };
    for (int l = 0; l < 4; l++) layer[bf16][l] = (LayerPlan){ .n_in = size[l], .n_out = size[l + 1], .dense = l == 3, .links = 100000 };
    NetUse use = { .threads = 2, .bf16 = bf16, .batch = 128, .samples = 1000, .evaluated = 1000 };
    assert_null(net_plan(4, layer[bf16], &use, &plan[bf16]));
  }
  for (int l = 0; l < 3; l++) {
    assert_int_equal(layer[0][l].value_bytes, 2 * mem_block((uint64_t)layer[0][l].n_out * width, 4));  /* a tile for each thread */
    assert_int_equal(layer[1][l].value_bytes, 2 * mem_block((uint64_t)layer[0][l].n_out * brief_room(width), 2));
    assert_int_equal(layer[0][l].gradient_bytes + layer[1][l].gradient_bytes, 0);
  }
  assert_int_equal(layer[0][3].value_bytes, layer[1][3].value_bytes);  /* the output units, which the loss reads */
  assert_int_equal(layer[0][3].gradient_bytes, layer[1][3].gradient_bytes);
  assert_true(plan[1].values < plan[0].values * 7 / 10 && plan[1].net == plan[0].net);
}

/* A net that is only evaluated has no gradients. */
static void test_evaluation_alone (void **state) {
  (void)state;
  Data *data = make_data(SAMPLES, 20, 4, DATA_U8, 1);
  for (int r = 0; r < RECIPES; r++) {
    LayerPlan layer[MOST_LEVELS];
    uint64_t before = mem_held();
    Net *net = make_net(&recipes[r]);
    NetUse use = { .threads = net_threads(net), .isa = recipes[r].isa, .bf16 = recipes[r].bf16, .rule = recipes[r].rule, .evaluated = SAMPLES };
    NetPlan plan = plan_like(net, &recipes[r], layer, &use);
    double loss, accuracy;
    mem_mark();
    assert_int_equal(net_evaluate(net, data, NULL, NULL, &loss, &accuracy), NET_OK);
    assert_int_equal(plan.gradients, 0);
    assert_int_equal(mem_peak() - before, plan.peak);
    assert_int_equal(net_plan_more(net, &use), plan.evaluation);
    net_free(net);
  }
  data_free(data);
}

/* A few samples take no more room than they need, however narrow the net. */
static void test_small_evaluation (void **state) {
  (void)state;
  Data *data = make_data(5, 20, 4, DATA_U8, 1);
  LayerPlan layer[MOST_LEVELS];
  Net *net = make_net(&recipes[1]);
  NetUse use = { .threads = net_threads(net), .evaluated = 5 };
  NetPlan plan = plan_like(net, &recipes[1], layer, &use);
  double loss, accuracy;
  uint64_t before = mem_held();
  assert_int_equal(plan.columns, 16);
  assert_int_equal(net_evaluate(net, data, NULL, NULL, &loss, &accuracy), NET_OK);
  assert_int_equal(mem_held() - before, plan.values + plan.orders);
  net_free(net);
  data_free(data);
}

/* How many links go is known only when they do: about zeta of them. */
static void test_evolution (void **state) {
  (void)state;
  Evolution rule = evolution_set(0.3, init_find("he_uniform"));
  for (int r = 1; r < 3; r++)
    for (int alone = 0; alone < 2; alone++) {
      LayerPlan layer[MOST_LEVELS];
      Recipe recipe = recipes[r];
      recipe.threads = 1;
      Net *net = make_net(&recipe);
      NetUse use = { .threads = 1, .batch = 10, .samples = 1, .evolution = &rule, .evolved = alone ? 1 : 2 };
      NetPlan plan = plan_like(net, &recipes[r], layer, &use);
      mem_mark();
      uint64_t before = mem_held();
      assert_true(net_evolve_layers(net, 0, alone ? 0 : 1, &rule, 1) > 0);
      assert_true(plan.evolve > 0);
      assert_in_range((mem_peak() - before) * 1000 / plan.evolve, 950, 1050);
      use.evolution = NULL;
      assert_int_equal(plan_like(net, &recipes[r], layer, &use).evolve, 0);
      net_free(net);
    }
}

/* At most 20 bytes a link in training. */
static void test_bytes_a_link (void **state) {
  (void)state;
  LayerPlan layer = { .n_in = 1000000, .n_out = 1000000, .links = 10000000 };
  NetUse use = { .threads = 2 };
  NetPlan plan;
  assert_null(net_plan(1, &layer, &use, &plan));
  assert_in_range(layer.link_bytes, 0, 20 * layer.links + 1000);
  assert_true(plan.net >= layer.link_bytes + layer.unit_bytes);
}

static void test_no_such_net (void **state) {
  (void)state;
  LayerPlan two[2] = { { .n_in = 5, .n_out = 6, .dense = 1 }, { .n_in = 7, .n_out = 2, .dense = 1 } };
  LayerPlan many = { .n_in = 1000000, .n_out = 1000000, .links = (int64_t)UINT32_MAX + 1 };
  LayerPlan huge = { .n_in = 1000000000, .n_out = 1000000000, .dense = 1 };
  NetUse use = { .threads = 2, .batch = 1000000 };
  NetPlan plan;
  assert_non_null(strstr(net_plan(2, two, &use, &plan), "do not fit"));
  assert_non_null(strstr(net_plan(1, &many, &use, &plan), "4294967295"));
  assert_non_null(strstr(net_plan(0, two, &use, &plan), "at least one layer"));
  assert_null(net_plan(1, &huge, &use, &plan));
  assert_true(plan.peak >= MEM_MOST);
  use.isa = "mmx";
  assert_non_null(strstr(net_plan(1, &huge, &use, &plan), "instruction set"));
}

#ifdef LAB_FAIL_ALLOC
static void test_no_memory (void **state) {
  (void)state;
  LayerPlan layer = { .n_in = 5, .n_out = 6, .dense = 1 };
  NetUse use = { .threads = 2 };
  NetPlan plan;
  for (long n = 1; n <= 3; n++) {
    mem_fail_at(n);
    const char *why = net_plan(1, &layer, &use, &plan);
    mem_fail_at(0);
    assert_string_equal(why, "not enough memory");
  }
}
#endif

/* A net that remembers its wiring: births and tried cells, at first and when all cells have been tried. */
static void test_history (void **state) {
  (void)state;
  Evolution rule = evolution_set(0.3, NULL);
  LayerPlan layer[MOST_LEVELS];
  uint64_t before = mem_held();
  Recipe recipe = recipes[0];
  Net *net = make_net(&recipe);
  assert_true(net_keep_history(net, 1, 1));
  NetUse use = { .threads = 1, .batch = 10, .samples = 1, .evolution = &rule, .evolved = 2, .births = 1, .tried = 100000 };
  NetPlan plan = plan_like(net, &recipe, layer, &use);
  assert_int_equal(mem_held() - before, plan.net);
  mem_mark();
  for (int32_t n = 1; n < 200; n++) assert_true(net_evolve_layers(net, 0, 1, &rule, n) > 0);
  assert_int_equal(net_cells_tried(net, 0), 600);
  assert_in_range((mem_peak() - before) * 1000 / (plan.net + plan.evolve), 800, 1050);
  net_free(net);
}

/* ---- data ---- */

static void test_data (void **state) {
  (void)state;
  uint64_t before = mem_held();
  Data *bytes = data_new(50, 21, DATA_U8), *floats = data_new(50, 21, DATA_F32);
  assert_int_equal(mem_held() - before, data_bytes(50, 21, DATA_U8) + data_bytes(50, 21, DATA_F32));
  data_free(bytes);
  data_free(floats);
}

/* ---- what is available, on machines made of a few files ---- */

static void put (const char *path, const char *text) {
  char command[256];
  snprintf(command, sizeof command, "mkdir -p \"$(dirname '%s')\"", scratch(path));
  assert_int_equal(system(command), 0);
  scratch_write(scratch(path), text, strlen(text));
}

static void expect_available (const char *machine, uint64_t bytes, const char *whose) {
  Available a = available_memory(scratch(machine));
  assert_int_equal(a.bytes, bytes);
  assert_string_equal(a.whose, whose);
}

/* Groups within groups, as container managers make them: 15 names of 70 letters. The path is too long for
** what the shell and `scratch` hold: folder by folder. */
static void test_long_groups (void) {
  char group[1200] = "", path[2048], line[2048], name[72];
  memset(name, 'g', sizeof name);
  name[0] = '/';
  name[71] = '\0';
  put("deep/proc/meminfo", "MemAvailable:   4000 kB\n");
  put("deep/sys/fs/cgroup/x", "");
  for (int i = 0; i < 15; i++) {
    strcat(group, name);
    snprintf(path, sizeof path, "%s%s", scratch("deep/sys/fs/cgroup"), group);
    assert_int_equal(mkdir(path, 0700), 0);
  }
  for (int i = 0; i < 2; i++) {
    snprintf(path, sizeof path, "%s%s/%s", scratch("deep/sys/fs/cgroup"), group, i ? "memory.current" : "memory.max");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(i ? "1000\n" : "9000\n", file);
    fclose(file);
  }
  snprintf(line, sizeof line, "0::%s\n", group);
  put("deep/proc/self/cgroup", line);
  expect_available("deep", 8000, "the control group");
}

static void test_available (void **state) {
  (void)state;
  expect_available("nothing", UINT64_MAX, "");
  put("plain/proc/meminfo", "MemTotal:       9000 kB\nMemFree:         100 kB\n"
      "MemAvailable:   4000 kB\nSwapFree:        96 kB\n");
  expect_available("plain", 4096 * 1024, "the machine");
  /* Version 2: the inner group has no limit, the outer one leaves 300,000 and caches 50,000. */
  put("two/proc/meminfo", "MemAvailable:   4000 kB\n");
  put("two/proc/self/cgroup", "0::/outer/inner\n");
  put("two/sys/fs/cgroup/outer/inner/memory.max", "max\n");
  put("two/sys/fs/cgroup/outer/inner/memory.current", "100\n");
  put("two/sys/fs/cgroup/outer/memory.max", "1000000\n");
  put("two/sys/fs/cgroup/outer/memory.current", "700000\n");
  put("two/sys/fs/cgroup/outer/memory.stat", "anon 5\ninactive_file 40000\nactive_file 10000\n");
  expect_available("two", 350000, "the control group");
  /* A container: the path is that of the host, the limit stands at the top. */
  put("box/proc/meminfo", "MemAvailable:   4000 kB\n");
  put("box/proc/self/cgroup", "0::/system.slice/abc\n");
  put("box/sys/fs/cgroup/memory.max", "500000\n");
  put("box/sys/fs/cgroup/memory.current", "600000\n");
  expect_available("box", 0, "the control group");
  /* Version 1, among other controllers; this group has no limit worth the name. */
  put("one/proc/meminfo", "MemAvailable:   4000 kB\n");
  put("one/proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/x\n0::/\n");
  put("one/sys/fs/cgroup/memory/x/memory.limit_in_bytes", "9223372036854771712\n");
  put("one/sys/fs/cgroup/memory/x/memory.usage_in_bytes", "1000\n");
  expect_available("one", 4000 * 1024, "the machine");
  put("one/sys/fs/cgroup/memory/x/memory.limit_in_bytes", "3000\n");
  put("one/sys/fs/cgroup/memory/x/memory.stat", "inactive_file 7\ntotal_inactive_file 500\n");
  expect_available("one", 2500, "the control group");
  test_long_groups();
  put("torn/proc/meminfo", "MemAvailable:\n");
  put("torn/proc/self/cgroup", "no colon\n0:\n:::\n");
  expect_available("torn", UINT64_MAX, "");
}

static void test_ulimit (void **state) {
  (void)state;
  struct rlimit before, low;
  assert_int_equal(getrlimit(RLIMIT_DATA, &before), 0);
  put("tight/proc/meminfo", "MemAvailable:   4000 kB\n");
  put("tight/proc/self/status", "VmSize:  1 kB\nVmData:   \t 1024 kB\n");
  low = before;
  low.rlim_cur = 3 * 1024 * 1024;
  Available a = available_memory(scratch("tight"));  /* what reading takes is there from now on */
  assert_int_equal(setrlimit(RLIMIT_DATA, &low), 0);
  a = available_memory(scratch("tight"));
  assert_int_equal(setrlimit(RLIMIT_DATA, &before), 0);
  assert_int_equal(a.bytes, 2 * 1024 * 1024);
  assert_string_equal(a.whose, "ulimit");
}

/* Here and now: something, and less than a machine can have. */
static void test_this_machine (void **state) {
  (void)state;
  Available a = available_memory("");
  if (a.bytes == UINT64_MAX) skip();
  assert_true(a.bytes > 1 << 20);
  assert_true(a.whose[0] != '\0');
}

int main (void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_blocks),
    cmocka_unit_test(test_as_planned),
    cmocka_unit_test(test_half),
    cmocka_unit_test(test_evaluation_alone),
    cmocka_unit_test(test_small_evaluation),
    cmocka_unit_test(test_evolution),
    cmocka_unit_test(test_history),
    cmocka_unit_test(test_bytes_a_link),
    cmocka_unit_test(test_no_such_net),
#ifdef LAB_FAIL_ALLOC
    cmocka_unit_test(test_no_memory),
#endif
    cmocka_unit_test(test_data),
    cmocka_unit_test(test_available),
    cmocka_unit_test(test_ulimit),
    cmocka_unit_test(test_this_machine),
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("net_plan", tests, scratch_begin, scratch_end);
}
