/*
** lprompt.c -- lab.c.prompt: lines typed at a terminal, through libedit.
**
** An Editor is libedit's line editor with its history. Characters are read by a function of
** ours, which looks at Ctrl-C before and after each wait, so that a typed Ctrl-C gives up
** the line instead of the program. Completion asks a Lua function for what may follow.
*/
#include "interrupt.h"
#include "lbox.h"
#include "lfs_check.h"
#include "libs.h"
#include <errno.h>
#include <histedit.h>
#include <locale.h>
#include <lualib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#define PROMPT "lab.prompt"
enum { HISTORY_LINES = 1000 };

typedef struct Editor {
  lua_State  *L;         /* the state that is reading, for completion; borrowed */
  EditLine   *line;
  History    *history;
  const char *prompt;    /* what stands before the line; borrowed during a read */
  int         complete;  /* reference of the completion function, or LUA_NOREF */
  int         reading;   /* libedit is at work; completion runs within */
} Editor;

static Editor *client (EditLine *line) {
  Editor *editor = NULL;
  el_get(line, EL_CLIENTDATA, &editor);
  return editor;
}

static const char *prompt_text (EditLine *line) { return client(line)->prompt; }

/* One character, decoded from the locale's bytes: 1, 0 at the end, -1 if given up. */
static int read_character (EditLine *line, wchar_t *character) {
  mbstate_t partial;
  char byte;
  (void)line;
  memset(&partial, 0, sizeof partial);
  for (;;) {
    if (interrupt_pending()) return -1;
    ssize_t got = read(STDIN_FILENO, &byte, 1);
    if (got == 0) return 0;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    size_t used = mbrtowc(character, &byte, 1, &partial);
    if (used == (size_t)-2) continue;  /* more bytes of this character are to come */
    if (used == (size_t)-1) *character = L'?';
    return 1;
  }
}

/* Calls complete(text before the cursor) -> text to insert or nil, candidates or nil.
** No error may leave through libedit, hence the protected call. */
static unsigned char complete_line (EditLine *line, int character) {
  Editor *editor = client(line);
  lua_State *L = editor->L;
  const LineInfo *info = el_line(line);
  unsigned char answer = CC_ERROR;
  (void)character;
  lua_rawgeti(L, LUA_REGISTRYINDEX, editor->complete);
  lua_pushlstring(L, info->buffer, (size_t)(info->cursor - info->buffer));
  if (lua_pcall(L, 1, 2, 0) != LUA_OK) {
    lua_pop(L, 1);
    return CC_ERROR;
  }
  if (lua_isstring(L, -2) && el_insertstr(line, lua_tostring(L, -2)) == 0) answer = CC_REFRESH;
  else if (lua_isstring(L, -1)) {
    printf("\n%s\n", lua_tostring(L, -1));
    answer = CC_REDISPLAY;
  }
  lua_pop(L, 2);
  return answer;
}

static Editor *check_editor (lua_State *L) {
  Editor *editor = luaL_checkudata(L, 1, PROMPT);
  luaL_argcheck(L, editor->line, 1, "prompt is closed");
  if (editor->reading) luaL_error(L, "the prompt is reading a line");
  return editor;
}

static int l_close (lua_State *L) {
  Editor *editor = luaL_checkudata(L, 1, PROMPT);
  if (editor->reading) return luaL_error(L, "the prompt is reading a line");
  if (editor->line) el_end(editor->line);
  if (editor->history) history_end(editor->history);
  luaL_unref(L, LUA_REGISTRYINDEX, editor->complete);
  editor->line = NULL;
  editor->history = NULL;
  editor->complete = LUA_NOREF;
  return 0;
}

/* Connects editor and history, and the keys: emacs style, Tab completes. */
static void set_up (Editor *editor) {
  HistEvent event;
  EditLine *line = editor->line;
  el_set(line, EL_CLIENTDATA, editor);
  el_set(line, EL_PROMPT, prompt_text);
  el_set(line, EL_EDITOR, "emacs");
  el_set(line, EL_SIGNAL, 0);
  el_set(line, EL_GETCFN, read_character);
  el_set(line, EL_HIST, history, editor->history);
  el_set(line, EL_ADDFN, "complete-word", "Complete a word of lab", complete_line);
  el_set(line, EL_BIND, "\t", "complete-word", NULL);
  el_set(line, EL_BIND, "\\e[A", "ed-prev-history", NULL);
  el_set(line, EL_BIND, "\\e[B", "ed-next-history", NULL);
  el_set(line, EL_BIND, "^R", "em-inc-search-prev", NULL);
  history(editor->history, &event, H_SETSIZE, HISTORY_LINES);
  history(editor->history, &event, H_SETUNIQUE, 1);
}

/* How characters are encoded, and nothing else of the locale. Containers often name none;
** what is typed there is UTF-8 all the same. */
static void use_locale (void) {
  const char *name = setlocale(LC_CTYPE, "");
  if (!name || strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0) setlocale(LC_CTYPE, "C.UTF-8");
}

/* prompt.open(complete): an editor on the terminal; complete(text) as above. */
static int l_open (lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  Editor *editor = lua_newuserdatauv(L, sizeof *editor, 0);
  memset(editor, 0, sizeof *editor);
  editor->complete = LUA_NOREF;
  luaL_setmetatable(L, PROMPT);
  use_locale();
  lua_pushvalue(L, 1);
  editor->complete = luaL_ref(L, LUA_REGISTRYINDEX);
  editor->prompt = "";
  editor->history = history_init();
  editor->line = el_init("setlab", stdin, stdout, stderr);
  if (!editor->history || !editor->line) return luaL_error(L, "not enough memory for the prompt");
  set_up(editor);
  return 1;
}

/* editor:read(prompt) -> the line without its end; or nil, and true if Ctrl-C gave it up. */
static int l_read (lua_State *L) {
  const char *prompt = luaL_checkstring(L, 2);
  Editor *editor = check_editor(L);
  int count = 0;
  editor->prompt = prompt;
  editor->L = L;
  interrupt_clear();  /* from here on Ctrl-C means this line */
  fflush(stdout);
  editor->reading = 1;
  const char *text = el_gets(editor->line, &count);   /* raises nothing */
  editor->reading = 0;
  editor->prompt = "";
  if (text && count > 0 && !interrupt_pending()) {
    lua_pushlstring(L, text, strcspn(text, "\n"));
    return 1;
  }
  lua_pushnil(L);
  lua_pushboolean(L, interrupt_pending());
  interrupt_clear();
  return 2;
}

/* editor:remember(line): the newest line of the history. */
static int l_remember (lua_State *L) {
  HistEvent event;
  const char *line = luaL_checkstring(L, 2);
  history(check_editor(L)->history, &event, H_ENTER, line);
  return 0;
}

/* editor:load(path), editor:save(path): true, or false if that was not possible. */
static int l_load (lua_State *L) {
  HistEvent event;
  const char *path = fs_check_path(L, 2);
  lua_pushboolean(L, history(check_editor(L)->history, &event, H_LOAD, path) >= 0);
  return 1;
}

static int l_save (lua_State *L) {
  HistEvent event;
  const char *path = fs_check_path(L, 2);
  const char *part = lua_pushfstring(L, "%s.part", path);
  Editor *editor = check_editor(L);
  int saved = history(editor->history, &event, H_SAVE, part) >= 0 && rename(part, path) == 0;
  lua_pushboolean(L, saved);
  return 1;
}

int luaopen_lab_prompt (lua_State *L) {
  static const luaL_Reg functions[] = { { "open", l_open }, { NULL, NULL } };
  static const luaL_Reg methods[] = {
    { "read", l_read }, { "remember", l_remember }, { "load", l_load }, { "save", l_save },
    { "close", l_close }, { NULL, NULL },
  };
  static const luaL_Reg metamethods[] = { { "__gc", l_close }, { "__close", l_close }, { NULL, NULL } };
  luaL_newmetatable(L, PROMPT);
  luaL_setfuncs(L, metamethods, 0);
  box_methods(L, "prompt", methods);
  lua_setfield(L, -2, "__index");
  luaL_newlib(L, functions);
  return 1;
}
