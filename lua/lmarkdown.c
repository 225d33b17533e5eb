/*
** lmarkdown.c -- lab.c.markdown: GitHub-flavoured Markdown to HTML, through libmd4c-html.
**
** Raw HTML is off: a script's prose cannot break the page around it. Dollars are text here:
** lua/lab/page/dollars.lua takes formulas out beforehand.
*/
#include "libs.h"
#include "base/mem.h"
#include <limits.h>
#include <md4c-html.h>
#include <string.h>

static const char BUFFER[] = "lab.markdown.buffer";

/* What md4c has written so far; it calls back with pieces and must not be longjmp'ed over,
** so the text grows here and becomes a Lua string when md4c is done. */
typedef struct Buffer {
  char *text;
  size_t used, size;
  int failed;         /* memory ran out: the rest is dropped */
} Buffer;

static void append (const MD_CHAR *piece, MD_SIZE size, void *opaque) {
  Buffer *b = opaque;
  if (b->failed) return;
  if (b->size - b->used < size) {
    size_t wanted = b->size + b->size / 2 + size;
    char *text = mem_grow(b->text, b->size, wanted, 1);
    if (!text) {
      b->failed = 1;
      return;
    }
    b->text = text;
    b->size = wanted;
  }
  memcpy(b->text + b->used, piece, size);
  b->used += size;
}

static int buffer_close (lua_State *L) {
  Buffer *b = luaL_checkudata(L, 1, BUFFER);
  mem_free(b->text);
  b->text = NULL;
  return 0;
}

/* html(text): the text as HTML, without <html> and <body>. */
static int markdown_html (lua_State *L) {
  size_t size;
  const char *text = luaL_checklstring(L, 1, &size);
  luaL_argcheck(L, size < INT_MAX / 8, 1, "too long for one piece of prose");
  Buffer *b = lua_newuserdatauv(L, sizeof *b, 0);
  memset(b, 0, sizeof *b);
  luaL_setmetatable(L, BUFFER);
  int status = md_html(text, (MD_SIZE)size, append, b,
                       MD_DIALECT_GITHUB | MD_FLAG_NOHTML, 0);
  if (status != 0 || b->failed) return luaL_error(L, "not enough memory for the page");
  lua_pushlstring(L, b->text ? b->text : "", b->used);
  mem_free(b->text);
  b->text = NULL;
  return 1;
}

int luaopen_lab_markdown (lua_State *L) {
  static const luaL_Reg functions[] = { { "html", markdown_html }, { NULL, NULL } };
  if (luaL_newmetatable(L, BUFFER)) {
    lua_pushcfunction(L, buffer_close);
    lua_setfield(L, -2, "__gc");
  }
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
