/*
** lfs.c -- lab.c.fs: what the run store needs from the file system.
**
** Three promises carry the store. A directory is claimed by mkdir, which exactly one
** process wins. A file that is written as a whole goes to a temporary name in the same
** folder, reaches the disk, and is renamed: a reader sees the old text or the new, never half of one.
** A lock is flock's: it ends with its process, so a crash never leaves one behind.
**
** The world's failures return nil and a sentence that names the path.
*/
#include "lfs_check.h"
#include "lfs_handles.h"
#include "libs.h"
#include <lualib.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER "lab.folder"

/* ---- folders -------------------------------------------------------------------------- */

/* fs.mkdir(path): true; or nil, why, and "exists" if something has that name. */
static int fs_mkdir (lua_State *L) {
  const char *path = fs_check_path(L, 1);
  if (mkdir(path, 0777) == 0) return fs_succeeded(L);
  int exists = errno == EEXIST;
  fs_failed(L, "make the folder", path);
  if (exists) lua_pushliteral(L, "exists");
  return exists ? 3 : 2;
}

/* One level of mkdirs; a folder that is there already is fine, anything else is not. */
static int ensure_folder (const char *path) {
  struct stat st;
  if (mkdir(path, 0777) == 0) return 0;
  if (errno != EEXIST) return -1;
  if (stat(path, &st) != 0) return -1;
  errno = ENOTDIR;
  return S_ISDIR(st.st_mode) ? 0 : -1;
}

/* fs.mkdirs(path): the folder and all above it. */
static int fs_mkdirs (lua_State *L) {
  const char *path = fs_check_path(L, 1);
  size_t n = strlen(path);
  char *part = lua_newuserdatauv(L, n + 1, 0);
  memcpy(part, path, n + 1);
  for (size_t i = 1; i <= n; i++) {
    if (part[i] != '/' && part[i] != 0) continue;
    char c = part[i];
    part[i] = 0;
    if (ensure_folder(part) != 0) return fs_failed(L, "make the folder", part);
    part[i] = c;
  }
  return fs_succeeded(L);
}

/* fs.current(): the path of the current folder; or nil and why. */
static int fs_current (lua_State *L) {
  char path[PATH_MAX];
  if (!getcwd(path, sizeof path)) return fs_failed(L, "find", "the current folder");
  lua_pushstring(L, path);
  return 1;
}

static int folder_close (lua_State *L) {
  DIR **box = luaL_checkudata(L, 1, FOLDER);
  if (*box) closedir(*box);
  *box = NULL;
  return 0;
}

/* fs.list(path): the names in a folder, sorted, without "." and "..". */
static int fs_list (lua_State *L) {
  const char *path = fs_check_path(L, 1);
  DIR **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = NULL;
  luaL_setmetatable(L, FOLDER);
  *box = opendir(path);
  if (!*box) return fs_failed(L, "list", path);
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_getfield(L, -1, LUA_TABLIBNAME);
  lua_getfield(L, -1, "sort");
  lua_newtable(L);
  lua_Integer count = 0;
  for (struct dirent *e; (e = readdir(*box)) != NULL; ) {
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
    lua_pushstring(L, e->d_name);
    lua_rawseti(L, -2, ++count);
  }
  closedir(*box);
  *box = NULL;
  lua_pushvalue(L, -2);
  lua_pushvalue(L, -2);
  lua_call(L, 1, 0);
  return 1;
}

static int remove_entry (int folder, const char *name, int depth);

/* Everything inside an open folder; takes the descriptor. 0, or -1 with errno. */
static int remove_inside (int fd, int depth) {
  DIR *dir = fdopendir(fd);
  if (!dir) {
    close(fd);
    return -1;
  }
  int status = 0;
  for (struct dirent *e; status == 0 && (e = readdir(dir)) != NULL; )
    if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
      status = remove_entry(dirfd(dir), e->d_name, depth + 1);
  int e = errno;
  closedir(dir);
  errno = e;
  return status;
}

/* A file, a link (never what it points to) or a folder with all it holds. */
static int remove_entry (int folder, const char *name, int depth) {
  if (unlinkat(folder, name, 0) == 0) return 0;
  if (errno != EISDIR && errno != EPERM) return -1;
  int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return -1;
  if (depth > 100) {
    close(fd);
    errno = ELOOP;
    return -1;
  }
  if (remove_inside(fd, depth) != 0) return -1;
  return unlinkat(folder, name, AT_REMOVEDIR);
}

/* fs.remove_tree(path): true also if nothing was there. Symbolic links are not followed. */
static int fs_remove_tree (lua_State *L) {
  const char *path = fs_check_path(L, 1);
  if (remove_entry(AT_FDCWD, path, 0) == 0 || errno == ENOENT) return fs_succeeded(L);
  return fs_failed(L, "remove", path);
}

/* ---- names ---------------------------------------------------------------------------- */

static int fs_remove (lua_State *L) {
  const char *path = fs_check_path(L, 1);
  return remove(path) == 0 ? fs_succeeded(L) : fs_failed(L, "remove", path);
}

static int fs_rename (lua_State *L) {
  const char *from = fs_check_path(L, 1), *to = fs_check_path(L, 2);
  return rename(from, to) == 0 ? fs_succeeded(L) : fs_failed(L, "rename to", to);
}

/* fs.truncate(path, size): cuts a file back to its first bytes, and they reach the disk. */
static int fs_truncate (lua_State *L) {
  const char *path = fs_check_path(L, 1);
  lua_Integer size = luaL_checkinteger(L, 2);
  luaL_argcheck(L, size >= 0, 2, "negative size");
  int fd = fs_open(path, O_WRONLY, 0);
  if (fd < 0) return fs_failed(L, "open", path);
  int status = ftruncate(fd, (off_t)size) == 0 ? fsync(fd) : -1, e = errno;
  close(fd);
  errno = e;
  return status == 0 ? fs_succeeded(L) : fs_failed(L, "cut", path);
}

/* fs.stat(path): { kind = "file" | "directory" | "other", size, mtime = seconds, mtime_ns }, links
** followed. */
static int fs_stat (lua_State *L) {
  const char *path = fs_check_path(L, 1);
  struct stat st;
  if (stat(path, &st) != 0) return fs_failed(L, "look at", path);
  lua_createtable(L, 0, 4);
  lua_pushstring(L, S_ISREG(st.st_mode) ? "file" : S_ISDIR(st.st_mode) ? "directory" : "other");
  lua_setfield(L, -2, "kind");
  lua_pushinteger(L, (lua_Integer)st.st_size);
  lua_setfield(L, -2, "size");
  lua_pushinteger(L, (lua_Integer)st.st_mtime);
  lua_setfield(L, -2, "mtime");
  lua_pushinteger(L, (lua_Integer)st.st_mtim.tv_sec * 1000000000 + (lua_Integer)st.st_mtim.tv_nsec);
  lua_setfield(L, -2, "mtime_ns");
  return 1;
}

/* ---- whole files ---------------------------------------------------------------------- */

/* fs.read_file(path): all its bytes. */
static int fs_read_file (lua_State *L) {
  const char *path = fs_check_path(L, 1);
  Handle *h = fs_handle_new(L, FS_APPENDER);
  h->fd = fs_open(path, O_RDONLY, 0);
  if (h->fd < 0) return fs_failed(L, "open", path);
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (;;) {
    ssize_t n = read(h->fd, luaL_prepbuffer(&b), LUAL_BUFFERSIZE);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fs_failed(L, "read", path);
    if (n == 0) break;
    luaL_addsize(&b, (size_t)n);
  }
  fs_handle_close(h);
  luaL_pushresult(&b);
  return 1;
}

/* The rename itself reaches the disk when its folder does; a failure here loses nothing. */
static void sync_folder_of (char *path) {
  char *slash = strrchr(path, '/');
  if (slash) slash[slash == path] = 0;
  int fd = fs_open(slash ? path : ".", O_RDONLY | O_DIRECTORY, 0);
  if (fd < 0) return;
  (void)fsync(fd);
  close(fd);
}

/* Bytes to the temporary name and on to the disk; 0, or -1 with errno and no file left. */
static int write_temporary (const char *temporary, const char *bytes, size_t n) {
  int fd = fs_open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0666);
  if (fd < 0) return -1;
  int status = fs_write_all(fd, bytes, n) == 0 ? fsync(fd) : -1;
  int e = errno;
  if (close(fd) != 0 && status == 0) {
    status = -1;
    e = errno;
  }
  if (status != 0) unlink(temporary);
  errno = e;
  return status;
}

/* fs.write_file(path, bytes): the whole file or nothing under that name. */
static int fs_write_file (lua_State *L) {
  size_t n;
  const char *path = fs_check_path(L, 1), *bytes = luaL_checklstring(L, 2, &n);
  const char *temporary = lua_pushfstring(L, "%s.tmp%d", path, (int)getpid());
  char *copy = lua_newuserdatauv(L, strlen(path) + 1, 0);
  strcpy(copy, path);
  if (write_temporary(temporary, bytes, n) != 0) return fs_failed(L, "write", path);
  if (rename(temporary, path) != 0) {
    int e = errno;
    unlink(temporary);
    errno = e;
    return fs_failed(L, "write", path);
  }
  sync_folder_of(copy);
  return fs_succeeded(L);
}

/* fs.temporary_folder(prefix): a new folder for this user alone, in $TMPDIR or /tmp. */
static int fs_temporary_folder (lua_State *L) {
  const char *place = getenv("TMPDIR");
  lua_pushfstring(L, "%s/%s-XXXXXX", place && *place ? place : "/tmp", luaL_checkstring(L, 1));
  char *path = lua_newuserdatauv(L, lua_rawlen(L, -1) + 1, 0);
  strcpy(path, lua_tostring(L, -2));
  if (!mkdtemp(path)) return fs_failed(L, "make", path);
  lua_pushstring(L, path);
  return 1;
}

/* fs.real(path): where it is, all links followed; nil, why if there is nothing. */
static int fs_real (lua_State *L) {
  const char *path = fs_check_path(L, 1);
  char *found = realpath(path, NULL);
  if (!found) return fs_failed(L, "find", path);
  lua_pushstring(L, found);
  free(found);
  return 1;
}

/* ---- registration --------------------------------------------------------------------- */

int luaopen_lab_fs (lua_State *L) {
  static const luaL_Reg functions[] = {
    { "mkdir", fs_mkdir }, { "mkdirs", fs_mkdirs }, { "list", fs_list }, { "remove", fs_remove },
    { "current", fs_current }, { "remove_tree", fs_remove_tree }, { "rename", fs_rename }, { "stat", fs_stat }, { "truncate", fs_truncate },
    { "read_file", fs_read_file }, { "write_file", fs_write_file },
    { "temporary_folder", fs_temporary_folder }, { "real", fs_real }, { NULL, NULL },
  };
  luaL_newmetatable(L, FOLDER);
  lua_pushcfunction(L, folder_close);
  lua_setfield(L, -2, "__gc");
  luaL_newlib(L, functions);
  fs_open_handles(L);
  return 1;
}
