/*
** embed.h -- the files that the program carries inside itself.
**
** The build writes embedded.c from the Lua modules, figure and page templates: one installed
** file is the whole of setlab, and a page looks the same wherever it is woven.
*/
#ifndef SETLAB_EMBED_H
#define SETLAB_EMBED_H

typedef struct Embedded {
  const char *path;  /* as in the source tree: "lua/lab/run/runs.lua" */
  const char *text;  /* the bytes, followed by one zero byte */
  const char *end;   /* one past that zero byte: the size is end - text - 1 */
} Embedded;

extern const Embedded embedded_files[];  /* the last has path NULL */

#endif
