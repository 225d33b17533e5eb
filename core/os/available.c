#include "os/available.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { PATH = 4096 + 256 };  /* a group's path, of at most 4096, with what stands around it */

static void lower (Available *a, uint64_t bytes, const char *whose) {
  if (bytes < a->bytes) *a = (Available){ bytes, whose };
}

static uint64_t without (uint64_t limit, uint64_t used) { return limit > used ? limit - used : 0; }

/* ---- small files of numbers ---- */

/* The number after `name` at the beginning of a line, or at the beginning of the file if the
** name is empty. 0 if there is none. */
static int read_field (const char *root, const char *path, const char *name, uint64_t *value) {
  char line[2 * PATH];
  int found = 0;
  if (snprintf(line, sizeof line, "%s%s", root, path) >= (int)sizeof line) return 0;
  FILE *file = fopen(line, "r");
  if (!file) return 0;
  while (!found && fgets(line, sizeof line, file)) {
    char *end, *text = line + strlen(name);
    if (strncmp(line, name, strlen(name)) != 0) continue;
    *value = strtoull(text, &end, 10);
    found = end != text;
  }
  fclose(file);
  return found;
}

/* ---- the three powers ---- */

static void ask_machine (Available *a, const char *root) {
  uint64_t memory, swap = 0;
  if (!read_field(root, "/proc/meminfo", "MemAvailable:", &memory)) return;
  read_field(root, "/proc/meminfo", "SwapFree:", &swap);
  lower(a, (memory + swap) * 1024, "the machine");
}

/* How one version of control groups calls its files. */
typedef struct Groups { const char *mount, *limit, *used, *cached[2]; } Groups;
static const Groups version_1 = { "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
                                  { "total_inactive_file ", "total_active_file " } };
static const Groups version_2 = { "/sys/fs/cgroup", "memory.max", "memory.current",
                                  { "inactive_file ", "active_file " } };

static void ask_group (Available *a, const char *root, const Groups *g, const char *group) {
  char path[2 * PATH];
  uint64_t limit, used, cached, spare = 0;
  snprintf(path, sizeof path, "%s%s/%s", g->mount, group, g->limit);
  if (!read_field(root, path, "", &limit)) return;  /* no such file, or the word "max" */
  snprintf(path, sizeof path, "%s%s/%s", g->mount, group, g->used);
  if (!read_field(root, path, "", &used)) return;
  snprintf(path, sizeof path, "%s%s/memory.stat", g->mount, group);
  for (int i = 0; i < 2; i++)
    if (read_field(root, path, g->cached[i], &cached)) spare += cached;
  lower(a, without(limit, without(used, spare)), "the control group");
}

/* A group's limit holds for the groups in it. In a container, paths that are told from outside
** lead nowhere, and the way up ends at the container's own group. */
static void ask_groups (Available *a, const char *root, const Groups *g, char *group) {
  for (;;) {
    ask_group(a, root, g, group);
    char *slash = strrchr(group, '/');
    if (!slash) return;
    *slash = '\0';
  }
}

/* Lines of /proc/self/cgroup are number:controllers:path; version 2 has no controllers. */
static void ask_control_groups (Available *a, const char *root) {
  char line[PATH];
  snprintf(line, sizeof line, "%s/proc/self/cgroup", root);
  FILE *file = fopen(line, "r");
  while (file && fgets(line, sizeof line, file)) {
    line[strcspn(line, "\n")] = '\0';
    char *controllers = strchr(line, ':'), *group = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!group) continue;
    *group++ = '\0';
    if (strcmp(group, "/") == 0) *group = '\0';
    if (controllers[1] == '\0') ask_groups(a, root, &version_2, group);
    else if (strstr(controllers, "memory")) ask_groups(a, root, &version_1, group);
  }
  if (file) fclose(file);
}

static void ask_ulimit (Available *a, const char *root) {
  static const struct { int resource; const char *used; } limits[] = {
    { RLIMIT_AS, "VmSize:" }, { RLIMIT_DATA, "VmData:" },
  };
  for (int i = 0; i < 2; i++) {
    struct rlimit limit;
    uint64_t used;
    if (getrlimit(limits[i].resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) continue;
    if (read_field(root, "/proc/self/status", limits[i].used, &used))
      lower(a, without(limit.rlim_cur, used * 1024), "ulimit");
  }
}

Available available_memory (const char *root) {
  Available a = { UINT64_MAX, "" };
  ask_machine(&a, root);
  ask_control_groups(&a, root);
  ask_ulimit(&a, root);
  return a;
}
