/*
** lyaml.c -- lab.c.yaml: YAML as values or as a tree that knows where everything stands.
**
** libyaml turns a text into a row of events. Plain scalars are resolved by the core schema of YAML
** 1.2 (1e-3 is a number, 010 is ten, `yes` is text), and the caller makes the nodes: `make` is a table
** of three functions,
**
**   scalar(place, value, text)   value: what it means; text: as it stands there
**   list(place, nodes)           what `make` returned for its items
**   map(place, nodes)            key, value, key, value, ... in order, repeated or not
**
** and a place is "file:line:column", from 1, in characters. Without `make` the result is a plain value:
** tables, in which null is absent.
**
** An alias is the very node of its anchor. As a few lines of aliases can stand for more nodes than
** there is memory, nodes are counted as often as they are met. That, and the depth, have limits.
*/
#include "libs.h"
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define READER "lab.yaml"

enum { MOST_NODES = 20000, MOST_DEPTH = 32, MOST_NESTED = 128 };

/* The parser and the event in hand. A userdata, so that a Lua error frees both. */
typedef struct Reader {
  yaml_parser_t parser;
  yaml_event_t  event;
  int  has_parser, has_event;
  lua_Integer nodes;     /* met so far, aliases with all that they stand for */
  lua_Integer most;      /* of them */
  int  depth;            /* lists and maps inside each other, at most */
  int  make;             /* stack index of the caller's functions, or 0 */
  const char *text;      /* borrowed from the argument */
  const char *file;      /* its name in places, borrowed likewise */
  char why[256];         /* what is wrong, and where, once something is */
  size_t line, column;
} Reader;

static int reader_close (lua_State *L) {
  Reader *r = luaL_checkudata(L, 1, READER);
  if (r->has_event) yaml_event_delete(&r->event);
  if (r->has_parser) yaml_parser_delete(&r->parser);
  r->has_event = r->has_parser = 0;
  return 0;
}

static int fail (Reader *r, yaml_mark_t mark, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(r->why, sizeof r->why, format, args);
  va_end(args);
  r->line = mark.line + 1;
  r->column = mark.column + 1;
  return 0;
}

/* Where byte `offset` of the text is; what precedes it is valid UTF-8. */
static yaml_mark_t mark_of (const char *text, size_t offset) {
  yaml_mark_t mark = { offset, 0, 0 };
  for (size_t i = 0; i < offset; i++) {
    if (text[i] == '\n') mark.line++, mark.column = 0;
    else if (((unsigned char)text[i] & 0xc0) != 0x80) mark.column++;
  }
  return mark;
}

static int parser_failed (Reader *r) {
  const yaml_parser_t *p = &r->parser;
  if (p->error == YAML_MEMORY_ERROR) return fail(r, p->mark, "not enough memory");
  if (p->error == YAML_READER_ERROR)
    return fail(r, mark_of(r->text, p->problem_offset), "%s (byte 0x%02X)", p->problem, (unsigned)p->problem_value);
  if (p->context && p->context_mark.line != p->problem_mark.line)
    return fail(r, p->problem_mark, "%s %s that begins at line %zu", p->problem, p->context, p->context_mark.line + 1);
  if (p->context) return fail(r, p->problem_mark, "%s %s", p->problem, p->context);
  return fail(r, p->problem_mark, "%s", p->problem ? p->problem : "this is no YAML");
}

/* Takes the next event into r->event; 0 if the text is wrong. */
static int next_event (Reader *r) {
  if (r->has_event) yaml_event_delete(&r->event);
  r->has_event = yaml_parser_parse(&r->parser, &r->event);
  return r->has_event ? 1 : parser_failed(r);
}

/* ---- what a plain scalar means ---------------------------------------------------------- */

/* One of a word's three spellings: null, Null, NULL. */
static int is_word (const char *text, const char *lower) {
  size_t n = strlen(lower), capitals = 0;
  if (strlen(text) != n) return 0;
  for (size_t i = 0; i < n; i++) {
    if (tolower((unsigned char)text[i]) != lower[i]) return 0;
    capitals += text[i] != lower[i];
  }
  size_t first = lower[0] == '.';  /* .Inf begins with its second character */
  return capitals == 0 || capitals == n - first || (capitals == 1 && text[first] != lower[first]);
}

/* A decimal number of the core schema: digits, a point, an exponent. */
static int is_decimal (const char *s) {
  int digits = 0;
  if (*s == '-' || *s == '+') s++;
  for (; isdigit((unsigned char)*s); s++) digits++;
  if (*s == '.')
    for (s++; isdigit((unsigned char)*s); s++) digits++;
  if (digits == 0) return 0;
  if (*s == 'e' || *s == 'E') {
    s++;
    if (*s == '-' || *s == '+') s++;
    if (!isdigit((unsigned char)*s)) return 0;
    while (isdigit((unsigned char)*s)) s++;
  }
  return *s == '\0';
}

/* "0o17", "0xff": the digits of a base; 0 if the text is no such number, or above the largest whole number. */
static int push_based (lua_State *L, const char *s) {
  int base = s[0] == '0' && s[1] == 'o' ? 8 : s[0] == '0' && s[1] == 'x' ? 16 : 0;
  const char *digits = base == 8 ? "01234567" : "0123456789abcdefABCDEF";
  size_t n = base ? strlen(s + 2) : 0;
  if (n == 0 || strspn(s + 2, digits) != n) return 0;
  errno = 0;
  unsigned long long v = strtoull(s + 2, NULL, base);
  if (errno != 0 || v > (unsigned long long)LUA_MAXINTEGER) return 0;
  lua_pushinteger(L, (lua_Integer)v);
  return 1;
}

/* The value of a plain scalar by the core schema; text is what is nothing else. */
static void push_resolved (lua_State *L, const char *s, size_t length) {
  const char *unsigned_part = *s == '-' || *s == '+' ? s + 1 : s;
  if (strlen(s) != length) lua_pushlstring(L, s, length);
  else if (length == 0 || strcmp(s, "~") == 0 || is_word(s, "null")) lua_pushnil(L);
  else if (is_word(s, "true") || is_word(s, "false")) lua_pushboolean(L, tolower((unsigned char)*s) == 't');
  else if (is_word(unsigned_part, ".inf")) lua_pushnumber(L, *s == '-' ? -HUGE_VAL : HUGE_VAL);
  else if (strcmp(s, ".nan") == 0 || strcmp(s, ".NaN") == 0 || strcmp(s, ".NAN") == 0) lua_pushnumber(L, (lua_Number)NAN);
  else if (push_based(L, s)) return;
  else if (!is_decimal(s) || !lua_stringtonumber(L, *s == '+' ? s + 1 : s)) lua_pushlstring(L, s, length);
}

/* ---- nodes ------------------------------------------------------------------------------ */

/* The caller's function for a kind of node and the place, on the stack; `mark` is where it stands. */
static void push_maker (lua_State *L, const Reader *r, const char *kind, yaml_mark_t mark) {
  lua_getfield(L, r->make, kind);
  lua_pushfstring(L, "%s:%I:%I", r->file, (LUAI_UACINT)mark.line + 1, (LUAI_UACINT)mark.column + 1);
}

static void push_scalar (lua_State *L, const Reader *r) {
  const yaml_event_t *e = &r->event;
  const char *text = (const char *)e->data.scalar.value;
  size_t length = e->data.scalar.length;
  int plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
  if (r->make) push_maker(L, r, "scalar", e->start_mark);
  if (plain) push_resolved(L, text, length);
  else lua_pushlstring(L, text, length);
  if (!r->make) return;
  lua_pushlstring(L, text, length);
  lua_call(L, 3, 1);
}

/* The list or map whose children are the array on the stack becomes the caller's node. */
static void finish_node (lua_State *L, const Reader *r, const char *kind, yaml_mark_t mark) {
  if (!r->make) return;
  push_maker(L, r, kind, mark);
  lua_rotate(L, -3, -1);
  lua_call(L, 2, 1);
}

static int count_nodes (Reader *r, yaml_mark_t mark, lua_Integer more) {
  if (more > r->most - r->nodes)
    return fail(r, mark, "there are more than %lld values up to here (an alias counts as all that it stands for)", (long long)r->most);
  r->nodes += more;
  return 1;
}

/* An alias: the node of its anchor, onto the stack. `anchors` is the table name -> { node, size }. */
static int read_alias (lua_State *L, Reader *r, int anchors) {
  const char *name = (const char *)r->event.data.alias.anchor;
  if (lua_getfield(L, anchors, name) != LUA_TTABLE)
    return fail(r, r->event.start_mark, "no anchor &%.60s ends before this alias", name);
  lua_rawgeti(L, -1, 2);
  lua_Integer size = lua_tointeger(L, -1);
  lua_pop(L, 1);
  lua_rawgeti(L, -1, 1);
  lua_remove(L, -2);
  return count_nodes(r, r->event.start_mark, size);
}

static int read_node (lua_State *L, Reader *r, int anchors, int depth);

/* The children of a list or a map, up to its end, into the array on the stack. */
static int read_items (lua_State *L, Reader *r, int anchors, int depth, yaml_event_type_t end) {
  for (lua_Integer n = 1; ; n++) {
    if (!next_event(r)) return 0;
    if (r->event.type == end) return 1;
    if (!read_node(L, r, anchors, depth + 1)) return 0;
    lua_rawseti(L, -2, n);
  }
}

/* A map as a plain value: the fields of the table on the stack. */
static int read_fields (lua_State *L, Reader *r, int anchors, int depth) {
  for (;;) {
    if (!next_event(r)) return 0;
    if (r->event.type == YAML_MAPPING_END_EVENT) return 1;
    yaml_mark_t mark = r->event.start_mark;
    if (!read_node(L, r, anchors, depth + 1)) return 0;
    if (lua_type(L, -1) != LUA_TSTRING && !lua_isinteger(L, -1)) return fail(r, mark, "a name as a key is expected");
    lua_pushvalue(L, -1);
    if (lua_rawget(L, -3) != LUA_TNIL) return fail(r, mark, "duplicate key '%.60s'", luaL_tolstring(L, -2, NULL));
    lua_pop(L, 1);
    if (!next_event(r) || !read_node(L, r, anchors, depth + 1)) return 0;
    lua_rawset(L, -3);
  }
}

/* The node that begins with the event in hand, onto the stack. */
static int read_content (lua_State *L, Reader *r, int anchors, int depth) {
  yaml_event_type_t type = r->event.type;
  yaml_mark_t mark = r->event.start_mark;
  if (type == YAML_SCALAR_EVENT) {
    push_scalar(L, r);
    return 1;
  }
  if (depth >= r->depth) return fail(r, mark, "more than %d lists and maps inside each other", r->depth);
  int is_map = type == YAML_MAPPING_START_EVENT;
  lua_newtable(L);
  int ok = is_map && !r->make ? read_fields(L, r, anchors, depth)
                              : read_items(L, r, anchors, depth, is_map ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT);
  if (ok) finish_node(L, r, is_map ? "map" : "list", mark);
  return ok;
}

/* What the event in hand is called and tagged, if it is a scalar, a list or a map. */
static void names_of (const yaml_event_t *e, const char **anchor, const char **tag) {
  const yaml_char_t *a = NULL, *t = NULL;
  if (e->type == YAML_SCALAR_EVENT) a = e->data.scalar.anchor, t = e->data.scalar.tag;
  if (e->type == YAML_SEQUENCE_START_EVENT) a = e->data.sequence_start.anchor, t = e->data.sequence_start.tag;
  if (e->type == YAML_MAPPING_START_EVENT) a = e->data.mapping_start.anchor, t = e->data.mapping_start.tag;
  *anchor = (const char *)a;
  *tag = (const char *)t;
}

static int refuse_tag (Reader *r, const char *tag) {
  static const char core[] = "tag:yaml.org,2002:";
  int known = strncmp(tag, core, sizeof core - 1) == 0;
  return fail(r, r->event.start_mark, "tags such as %s%.40s are not supported; put text in quotes",
              known ? "!!" : "", known ? tag + sizeof core - 1 : tag);
}

/* The node that begins with the event in hand, onto the stack; 0 if the text is wrong. */
static int read_node (lua_State *L, Reader *r, int anchors, int depth) {
  const char *anchor, *tag;
  luaL_checkstack(L, 10, "YAML");
  if (r->event.type == YAML_ALIAS_EVENT) return read_alias(L, r, anchors);
  names_of(&r->event, &anchor, &tag);
  if (tag) return refuse_tag(r, tag);
  lua_Integer before = r->nodes;
  int named = anchor != NULL;
  if (!count_nodes(r, r->event.start_mark, 1)) return 0;
  lua_pushstring(L, anchor);  /* nil if there is none */
  if (!read_content(L, r, anchors, depth)) return 0;
  if (named) {  /* name -> { node, size } */
    lua_pushvalue(L, -2);
    lua_createtable(L, 2, 0);
    lua_pushvalue(L, -3);
    lua_rawseti(L, -2, 1);
    lua_pushinteger(L, r->nodes - before);
    lua_rawseti(L, -2, 2);
    lua_rawset(L, anchors);
  }
  lua_remove(L, -2);
  return 1;
}

/* The one document of the text, onto the stack. */
static int read_document (lua_State *L, Reader *r, int anchors) {
  if (!next_event(r) || !next_event(r)) return 0;  /* the stream's start, the document's */
  if (r->event.type == YAML_STREAM_END_EVENT) return fail(r, r->event.start_mark, "the file is empty");
  if (!next_event(r) || !read_node(L, r, anchors, 0)) return 0;
  if (!next_event(r) || !next_event(r)) return 0;  /* the document's end, the stream's */
  if (r->event.type == YAML_STREAM_END_EVENT) return 1;
  return fail(r, r->event.start_mark, "a second document begins here; only one is expected");
}

/* A reader of the text at index 1, on the stack. */
static Reader *reader_new (lua_State *L) {
  size_t size;
  const char *text = luaL_checklstring(L, 1, &size);
  Reader *r = lua_newuserdatauv(L, sizeof *r, 0);
  memset(r, 0, sizeof *r);
  r->text = text;
  luaL_setmetatable(L, READER);
  r->has_parser = yaml_parser_initialize(&r->parser);
  if (!r->has_parser) luaL_error(L, "not enough memory");
  yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&r->parser, (const unsigned char *)text, size);
  return r;
}

/* The document's node; or nil, what is wrong, line, column. */
static int read_all (lua_State *L, Reader *r) {
  lua_newtable(L);
  if (read_document(L, r, lua_gettop(L))) return 1;
  luaL_pushfail(L);
  lua_pushstring(L, r->why);
  lua_pushinteger(L, (lua_Integer)r->line);
  lua_pushinteger(L, (lua_Integer)r->column);
  return 4;
}

/* yaml.tree(text, file, make, [most nodes]): what `make` returned for the document; or nil, what is wrong, line, column. */
static int yaml_tree (lua_State *L) {
  const char *file = luaL_checkstring(L, 2);
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_Integer most = luaL_optinteger(L, 4, MOST_NODES);
  Reader *r = reader_new(L);
  r->file = file;
  r->make = 3;
  r->most = most;
  r->depth = MOST_DEPTH;
  return read_all(L, r);
}

/* yaml.value(text): the document as a plain value, of any size; or nil, what is wrong, line, column. */
static int yaml_value (lua_State *L) {
  Reader *r = reader_new(L);
  r->most = LUA_MAXINTEGER;
  r->depth = MOST_NESTED;
  return read_all(L, r);
}

/* yaml.resolve(text): what a plain scalar means. */
static int yaml_resolve (lua_State *L) {
  size_t size;
  const char *text = luaL_checklstring(L, 1, &size);
  push_resolved(L, text, size);
  return 1;
}

int luaopen_lab_yaml (lua_State *L) {
  static const luaL_Reg functions[] = { { "tree", yaml_tree }, { "value", yaml_value }, { "resolve", yaml_resolve }, { NULL, NULL } };
  luaL_newmetatable(L, READER);
  lua_pushcfunction(L, reader_close);
  lua_setfield(L, -2, "__gc");
  luaL_newlib(L, functions);
  return 1;
}
