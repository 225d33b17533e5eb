/*
** lfs_handles.c -- the part of lab.c.fs that stays open: files that grow by a line, and
** locks; and the few facts about here and now that a run folder records.
*/
#include "lfs_handles.h"
#include "lbox.h"
#include "lfs_check.h"
#include "base/clock.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK "lab.lock"

/* ---- lines, one at a time ------------------------------------------------------------- */

/* fs.appender(path): a handle whose :write(bytes) is at once in the system's hands, so
** that nothing but a cut last line is lost when the process dies. */
static int fs_appender (lua_State *L) {
  const char *path = fs_check_path(L, 1);
  Handle *h = fs_handle_new(L, FS_APPENDER);
  lua_pushvalue(L, 1);
  h->fd = fs_open(path, O_WRONLY | O_CREAT | O_APPEND, 0666);
  if (h->fd < 0) return fs_failed(L, "open", path);
  lua_pop(L, 1);
  return 1;
}

static int appender_write (lua_State *L) {
  Handle *h = luaL_checkudata(L, 1, FS_APPENDER);
  size_t n;
  const char *bytes = luaL_checklstring(L, 2, &n);
  luaL_argcheck(L, h->fd >= 0, 1, "file is closed");
  if (fs_write_all(h->fd, bytes, n) == 0) return fs_succeeded(L);
  lua_pushnil(L);
  lua_pushstring(L, strerror(errno));
  return 2;
}

/* appender:sync(): what was written has reached the disk; or nil and why. */
static int appender_sync (lua_State *L) {
  Handle *h = luaL_checkudata(L, 1, FS_APPENDER);
  luaL_argcheck(L, h->fd >= 0, 1, "file is closed");
  if (fsync(h->fd) == 0) return fs_succeeded(L);
  lua_pushnil(L);
  lua_pushstring(L, strerror(errno));
  return 2;
}

static int appender_close (lua_State *L) {
  fs_handle_close(luaL_checkudata(L, 1, FS_APPENDER));
  return 0;
}

/* ---- locks ---------------------------------------------------------------------------- */

/* Is the open file still the one that has this name? Someone may have removed it between. */
static int same_file (int fd, const char *path) {
  struct stat a, b;
  return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Opens and locks without waiting; -1 with errno (EWOULDBLOCK: another holds it). */
static int open_locked (const char *path) {
  for (int attempt = 0; attempt < 100; attempt++) {
    int fd = fs_open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0666), status, e;
    if (fd < 0) return -1;
    do status = flock(fd, LOCK_EX | LOCK_NB); while (status != 0 && errno == EINTR);
    e = errno;
    if (status == 0 && same_file(fd, path)) return fd;
    close(fd);
    errno = e;
    if (status != 0) return -1;
  }
  errno = EAGAIN;
  return -1;
}

/* fs.lock(path, text): a lock whose file says `text` (who holds it); or nil, why, and
** "held" if another process, or another handle of this one, has it. */
static int fs_lock (lua_State *L) {
  size_t n;
  const char *path = fs_check_path(L, 1), *text = luaL_optlstring(L, 2, "", &n);
  Handle *h = fs_handle_new(L, LOCK);
  h->fd = open_locked(path);
  if (h->fd < 0) {
    int held = errno == EWOULDBLOCK;
    fs_failed(L, "lock", path);
    if (held) lua_pushliteral(L, "held");
    return held ? 3 : 2;
  }
  if (ftruncate(h->fd, 0) != 0 || fs_write_all(h->fd, text, n) != 0) {
    int e = errno;
    fs_handle_close(h);
    errno = e;
    return fs_failed(L, "write", path);
  }
  return 1;
}

static int lock_release (lua_State *L) {
  fs_handle_close(luaL_checkudata(L, 1, LOCK));
  return 0;
}

/* ---- time and place ------------------------------------------------------------------- */

/* fs.now(): "2024-05-01T12:00:00Z". */
static int fs_now (lua_State *L) {
  time_t t = time(NULL);
  struct tm utc;
  char text[32];
  strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &utc));
  lua_pushstring(L, text);
  return 1;
}

/* fs.seconds(): a clock that only goes forward. */
static int fs_seconds (lua_State *L) {
  lua_pushnumber(L, clock_seconds());
  return 1;
}

static int fs_host (lua_State *L) {
  char name[256] = "unknown";
  (void)gethostname(name, sizeof name - 1);
  name[sizeof name - 1] = 0;
  lua_pushstring(L, name);
  return 1;
}

static int fs_pid (lua_State *L) {
  lua_pushinteger(L, (lua_Integer)getpid());
  return 1;
}

/* ---- registration --------------------------------------------------------------------- */

/* A handle's metatable: __gc and __close are its method `closing`. */
static void new_kind (lua_State *L, const char *name, const char *noun, const luaL_Reg *methods, const char *closing) {
  luaL_newmetatable(L, name);
  box_methods(L, noun, methods);
  lua_getfield(L, -1, closing);
  lua_pushvalue(L, -1);
  lua_setfield(L, -4, "__gc");
  lua_setfield(L, -3, "__close");
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

void fs_open_handles (lua_State *L) {
  static const luaL_Reg appender[] = { { "write", appender_write }, { "sync", appender_sync }, { "close", appender_close }, { NULL, NULL } };
  static const luaL_Reg lock[] = { { "release", lock_release }, { NULL, NULL } };
  static const luaL_Reg functions[] = {
    { "appender", fs_appender }, { "lock", fs_lock }, { "now", fs_now }, { "seconds", fs_seconds },
    { "host", fs_host }, { "pid", fs_pid }, { NULL, NULL },
  };
  new_kind(L, FS_APPENDER, "file", appender, "close");
  new_kind(L, LOCK, "lock", lock, "release");
  luaL_setfuncs(L, functions, 0);
}
