/*
** lyaml.c -- lab.c.yaml: YAML that a user wrote, as a tree that knows where everything stands.
**
** libyaml tells a text as a row of events; here they become Lua tables, and nothing is resolved:
** what a scalar means is Lua's business (sweep/plan/yaml.lua). A node is one of
**
**   { kind = "scalar", line, column, text, plain }   plain: it stands without quotes
**   { kind = "list", line, column, node, node, ... }
**   { kind = "map", line, column, key, value, key, value, ... }   keys in order, repeated or not
**
** with lines and columns (of characters) from 1. An alias is the very table of its anchor. As a
** few lines of aliases can stand for more nodes than there is memory, nodes are counted as often
** as they are met; that, and the depth, have limits that no sweep comes near. Who reads what
** programs wrote may raise the first.
*/
#include "libs.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#define READER "lab.yaml"

enum { MOST_NODES = 20000, MOST_DEPTH = 32 };

/* The parser and the event in hand. A userdata, so that a Lua error frees both. */
typedef struct Reader {
  yaml_parser_t parser;
  yaml_event_t  event;
  int  has_parser, has_event;
  lua_Integer nodes;     /* met so far, aliases with all that they stand for */
  lua_Integer most;      /* of them */
  const char *text;      /* borrowed from the argument */
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

/* A table of a kind, at a place, on the stack. */
static void push_node (lua_State *L, const char *kind, yaml_mark_t mark) {
  lua_createtable(L, 0, 5);
  lua_pushstring(L, kind);
  lua_setfield(L, -2, "kind");
  lua_pushinteger(L, (lua_Integer)mark.line + 1);
  lua_setfield(L, -2, "line");
  lua_pushinteger(L, (lua_Integer)mark.column + 1);
  lua_setfield(L, -2, "column");
}

static int count_nodes (Reader *r, yaml_mark_t mark, lua_Integer more) {
  if (more > r->most - r->nodes)
    return fail(r, mark, "there are more than %lld values up to here (an alias counts as all that it stands for)", (long long)r->most);
  r->nodes += more;
  return 1;
}

/* An alias: the node of its anchor. `anchors` is the table name -> node. */
static int read_alias (lua_State *L, Reader *r, int anchors) {
  const char *name = (const char *)r->event.data.alias.anchor;
  if (lua_getfield(L, anchors, name) != LUA_TTABLE)
    return fail(r, r->event.start_mark, "no anchor &%.60s ends before this alias", name);
  lua_getfield(L, -1, "size");
  lua_Integer size = lua_tointeger(L, -1);
  lua_pop(L, 1);
  return count_nodes(r, r->event.start_mark, size);
}

static int read_node (lua_State *L, Reader *r, int anchors, int depth);

/* The children of a list or a map, up to its end, into the table on the stack. */
static int read_items (lua_State *L, Reader *r, int anchors, int depth, yaml_event_type_t end) {
  if (depth >= MOST_DEPTH) return fail(r, r->event.start_mark, "more than %d lists and maps inside each other", MOST_DEPTH);
  for (lua_Integer n = 1; ; n++) {
    if (!next_event(r)) return 0;
    if (r->event.type == end) return 1;
    if (!read_node(L, r, anchors, depth + 1)) return 0;
    lua_rawseti(L, -2, n);
  }
}

static void push_scalar (lua_State *L, const yaml_event_t *e) {
  push_node(L, "scalar", e->start_mark);
  lua_pushlstring(L, (const char *)e->data.scalar.value, e->data.scalar.length);
  lua_setfield(L, -2, "text");
  lua_pushboolean(L, e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE);
  lua_setfield(L, -2, "plain");
}

/* The node that begins with the event in hand, onto the stack above its anchor (or nil). */
static int read_content (lua_State *L, Reader *r, int anchors, int depth) {
  yaml_event_t *e = &r->event;
  if (e->type == YAML_SCALAR_EVENT) {
    push_scalar(L, e);
    return 1;
  }
  int is_map = e->type == YAML_MAPPING_START_EVENT;
  push_node(L, is_map ? "map" : "list", e->start_mark);
  return read_items(L, r, anchors, depth, is_map ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT);
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
  return fail(r, r->event.start_mark, "tags such as %s%.40s are not read here; put in quotes what is text",
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
  if (named) {
    lua_pushinteger(L, r->nodes - before);
    lua_setfield(L, -2, "size");
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
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
  return fail(r, r->event.start_mark, "a second document begins; one is expected");
}

/* yaml.tree(text, [most nodes]): the root node; or nil, what is wrong, line, column. */
static int yaml_tree (lua_State *L) {
  size_t size;
  const char *text = luaL_checklstring(L, 1, &size);
  lua_Integer most = luaL_optinteger(L, 2, MOST_NODES);
  Reader *r = lua_newuserdatauv(L, sizeof *r, 0);
  memset(r, 0, sizeof *r);
  r->text = text;
  r->most = most;
  luaL_setmetatable(L, READER);
  r->has_parser = yaml_parser_initialize(&r->parser);
  if (!r->has_parser) return luaL_error(L, "not enough memory");
  yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&r->parser, (const unsigned char *)text, size);
  lua_newtable(L);
  if (read_document(L, r, lua_gettop(L))) return 1;
  luaL_pushfail(L);
  lua_pushstring(L, r->why);
  lua_pushinteger(L, (lua_Integer)r->line);
  lua_pushinteger(L, (lua_Integer)r->column);
  return 4;
}

int luaopen_lab_yaml (lua_State *L) {
  static const luaL_Reg functions[] = { { "tree", yaml_tree }, { NULL, NULL } };
  luaL_newmetatable(L, READER);
  lua_pushcfunction(L, reader_close);
  lua_setfield(L, -2, "__gc");
  luaL_newlib(L, functions);
  return 1;
}
