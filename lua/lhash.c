/*
** lhash.c -- lab.c.hash: the content hash behind run folders and data sets (XXH3, 128
** bits), and the results version, which is hashed into every run's key.
*/
#include "lfs_check.h"
#include "libs.h"
#include "base/version.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>
#include <xxhash.h>

static int push_hex (lua_State *L, XXH128_hash_t h) {
  char hex[33];
  snprintf(hex, sizeof hex, "%016" PRIx64 "%016" PRIx64, (uint64_t)h.high64, (uint64_t)h.low64);
  lua_pushstring(L, hex);
  return 1;
}

/* hash.xxh128(bytes): 32 hex digits, the high word first, the same on every machine. */
static int hash_xxh128 (lua_State *L) {
  size_t n;
  const char *bytes = luaL_checklstring(L, 1, &n);
  return push_hex(L, XXH3_128bits(bytes, n));
}

/* Hashes what an open file still holds, a piece at a time; 0, or -1 with errno. */
static int hash_rest (int fd, XXH3_state_t *state) {
  char piece[1 << 16];
  for (;;) {
    ssize_t n = read(fd, piece, sizeof piece);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return (int)n;
    XXH3_128bits_update(state, piece, (size_t)n);
  }
}

/* hash.file(path): the same of a file's bytes, of which 64 KiB are in memory at a time; or nil and why. */
static int hash_file (lua_State *L) {
  const char *path = fs_check_path(L, 1);
  Handle *h = fs_handle_new(L, FS_APPENDER);  /* its __gc closes the file */
  h->fd = fs_open(path, O_RDONLY, 0);
  if (h->fd < 0) return fs_failed(L, "open", path);
  XXH3_state_t *state = XXH3_createState();
  if (!state) return luaL_error(L, "not enough memory");
  XXH3_128bits_reset(state);
  int status = hash_rest(h->fd, state);
  XXH128_hash_t sum = XXH3_128bits_digest(state);
  XXH3_freeState(state);
  if (status != 0) return fs_failed(L, "read", path);
  fs_handle_close(h);
  return push_hex(L, sum);
}

int luaopen_lab_hash (lua_State *L) {
  static const luaL_Reg functions[] = { { "xxh128", hash_xxh128 }, { "file", hash_file }, { NULL, NULL } };
  luaL_newlib(L, functions);
  lua_pushinteger(L, SETLAB_RESULTS_VERSION);
  lua_setfield(L, -2, "results_version");
  return 1;
}
