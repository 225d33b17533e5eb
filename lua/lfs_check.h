/*
** lfs_check.h -- what lab.c.fs and whoever takes a path share: paths, errors, and open descriptors
** that Lua's collector closes.
*/
#ifndef SETLAB_LFS_CHECK_H
#define SETLAB_LFS_CHECK_H
#include <lua.h>
#include <lauxlib.h>
#include <sys/types.h>

#define FS_APPENDER "lab.appender"

typedef struct Handle { int fd; } Handle;  /* -1 when closed */

Handle *fs_handle_new (lua_State *L, const char *kind);  /* pushes it, closed */
int fs_handle_close (Handle *h);                         /* safe twice; as close(2) */

/* The string argument as a path; raises if it is empty or holds a zero byte. */
const char *fs_check_path (lua_State *L, int arg);
int fs_failed (lua_State *L, const char *what, const char *path);  /* nil, "cannot <what> <path>: <errno>" */
int fs_succeeded (lua_State *L);                                   /* true */

/* As open(2) and write(2), but interruptions and short writes go on where they stopped. */
int fs_open (const char *path, int flags, mode_t mode);
int fs_write_all (int fd, const char *bytes, size_t n);  /* 0, or -1 with errno */

#endif
