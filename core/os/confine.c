#define _GNU_SOURCE /* O_PATH */
#include "os/confine.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#if defined(__has_include)
#if __has_include(<linux/landlock.h>)
#include <linux/landlock.h>
#define HAS_LANDLOCK 1
#endif
#endif

/* ---- writing: landlock ---------------------------------------------------------------------- */

#ifdef HAS_LANDLOCK

enum {
  CREATION = LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_MAKE_CHAR
    | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SOCK,
  WRITING = CREATION | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR
};

/* Allows these accesses at a path and below. */
static int allow (int rules, const char *path, uint64_t access) {
  struct landlock_path_beneath_attr rule = { .allowed_access = access, .parent_fd = open(path, O_PATH | O_CLOEXEC) };
  if (rule.parent_fd < 0) return 0;
  int ok = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
  close(rule.parent_fd);
  return ok;
}

static int limit_writing (const char *folder) {
  long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return 1;   /* the kernel has none */
  enum { TRUNCATION = 1 << 14 };   /* LANDLOCK_ACCESS_FS_TRUNCATE, of version 3 */
  const uint64_t writing = WRITING | (version >= 3 ? TRUNCATION : 0);
  struct landlock_ruleset_attr about = { .handled_access_fs = writing };
  int rules = (int)syscall(SYS_landlock_create_ruleset, &about, sizeof about, 0);
  if (rules < 0) return 0;
  int ok = allow(rules, folder, writing)
           && allow(rules, "/dev/null", LANDLOCK_ACCESS_FS_WRITE_FILE | (writing & TRUNCATION))
           && syscall(SYS_landlock_restrict_self, rules, 0) == 0;
  close(rules);
  return ok;
}

#else

static int limit_writing (const char *folder) { return folder != NULL; }

#endif

/* ---- programs and networks: seccomp --------------------------------------------------------- */

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef OUR_ARCH

#define LOAD(field)       BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define REFUSE(error)     BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define ALLOW             BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
/* The next instruction only if the loaded word is n. */
#define IF_IS(n)          BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (n), 0, 1)
#define REFUSE_CALL(n)    IF_IS(n), REFUSE(EPERM)

/* A thread may be made, a process not. clone3 keeps its flags where a filter cannot look, and C libraries do without. */
static int limit_calls (void) {
  static struct sock_filter steps[] = {
    LOAD(arch),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0), REFUSE(EPERM),
    LOAD(nr),
#ifdef __x86_64__
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1), REFUSE(EPERM),   /* the calls of x32 */
    REFUSE_CALL(SYS_fork), REFUSE_CALL(SYS_vfork),
#endif
    REFUSE_CALL(SYS_execveat), REFUSE_CALL(SYS_socket), REFUSE_CALL(SYS_ptrace), REFUSE_CALL(SYS_process_vm_writev),
#ifdef SYS_clone3
    IF_IS(SYS_clone3), REFUSE(ENOSYS),
#endif
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 1, 0), ALLOW,
    LOAD(args[0]),
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0), REFUSE(EPERM),
    ALLOW,
  };
  static const struct sock_fprog program = { .len = sizeof steps / sizeof *steps, .filter = steps };
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

#else

static int limit_calls (void) {
  errno = ENOSYS;
  return 0;
}

#endif

int confine_to (const char *folder) {
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && limit_writing(folder) && limit_calls();
}
