#include "lfs_check.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

const char *fs_check_path (lua_State *L, int arg) {
  size_t n;
  const char *path = luaL_checklstring(L, arg, &n);
  luaL_argcheck(L, n > 0, arg, "empty path");
  luaL_argcheck(L, strlen(path) == n, arg, "path holds a zero byte");
  return path;
}

int fs_failed (lua_State *L, const char *what, const char *path) {
  int e = errno;
  lua_pushnil(L);
  lua_pushfstring(L, "cannot %s %s: %s", what, path, strerror(e));
  return 2;
}

int fs_succeeded (lua_State *L) {
  lua_pushboolean(L, 1);
  return 1;
}

Handle *fs_handle_new (lua_State *L, const char *kind) {
  Handle *h = lua_newuserdatauv(L, sizeof *h, 0);
  h->fd = -1;
  luaL_setmetatable(L, kind);
  return h;
}

int fs_open (const char *path, int flags, mode_t mode) {
  int fd;
  do fd = open(path, flags | O_CLOEXEC, mode); while (fd < 0 && errno == EINTR);
  return fd;
}

int fs_write_all (int fd, const char *bytes, size_t n) {
  while (n > 0) {
    ssize_t w = write(fd, bytes, n);
    if (w < 0 && errno == EINTR) continue;
    if (w < 0) return -1;
    bytes += w;
    n -= (size_t)w;
  }
  return 0;
}

int fs_handle_close (Handle *h) {
  int status = h->fd >= 0 ? close(h->fd) : 0;
  h->fd = -1;
  return status;
}
