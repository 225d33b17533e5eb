#include "format/csv.h"
#include "base/mem.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { END = -1, FAILED = -2 };  /* what take_byte returns besides bytes */

static void at_start (Csv *csv) {
  csv->filled = csv->next = 0;
  csv->line = csv->column = 1;
}

int csv_open (Csv *csv, const char *path, char why[DATA_WHY]) {
  at_start(csv);
  csv->separator = ',';
  csv->text = NULL;
  csv->field = NULL;
  csv->text_size = csv->text_used = 0;
  csv->n_fields = csv->field_room = 0;
  return data_file_open(&csv->file, path, why);
}

int csv_rewind (Csv *csv) {
  at_start(csv);
  return data_file_rewind(&csv->file);
}

void csv_close (Csv *csv) {
  data_file_close(&csv->file);
  mem_free(csv->text);
  mem_free(csv->field);
  csv->text = NULL;
  csv->field = NULL;
}

const char csv_separators[] = ",;\t| ";

const char *csv_separator_name (char separator) {
  switch (separator) {
    case ';': return "';'";
    case '\t': return "a tab";
    case '|': return "'|'";
    case ' ': return "blanks";
    default: return "','";
  }
}

char *csv_trimmed (Csv *csv, int32_t i) {
  char *text = csv->text + csv->field[i].at, *end = text + strlen(text);
  while (*text == ' ' || *text == '\t') text++;
  while (end > text && (end[-1] == ' ' || end[-1] == '\t')) *--end = '\0';
  return text;
}

const char *csv_text (const Csv *csv, int32_t i) { return csv->text + csv->field[i].at; }

int csv_complain (const Csv *csv, const CsvField *where, const char *format, ...) {
  char message[DATA_WHY], place[128];
  const char *path = csv->file.path;
  size_t n = strlen(path);
  enum { LONGEST = 72 };
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  snprintf(place, sizeof place, "%s%s:%lld:%lld", n > LONGEST ? "..." : "",
           n > LONGEST ? path + n - LONGEST : path,
           (long long)where->line, (long long)where->column);
  return data_complain(csv->file.why, place, "%s", message);
}

static int fill (Csv *csv) {
  csv->next = 0;
  csv->filled = data_file_some(&csv->file, csv->buffer, sizeof csv->buffer);
  return csv->filled > 0 ? 1 : csv->filled == 0 ? END : FAILED;
}

/* The next byte without taking it, or END, or FAILED. */
static int peek (Csv *csv) {
  if (csv->next == csv->filled) {
    int state = fill(csv);
    if (state != 1) return csv->filled = 0, state;
  }
  return (unsigned char)csv->buffer[csv->next];
}

static int take_byte (Csv *csv) {
  int c = peek(csv);
  if (c < 0) return c;
  csv->next++;
  if (c == '\n' || (c == '\r' && peek(csv) != '\n')) csv->line++, csv->column = 1;
  else csv->column++;
  return c;
}

static int append (Csv *csv, char c) {
  if (csv->text_used == csv->text_size) {
    size_t size = csv->text_size ? 2 * csv->text_size : 1024;
    char *bigger = mem_grow(csv->text, csv->text_size, size, 1);
    if (!bigger)
      return data_complain(csv->file.why, csv->file.path, "not enough memory for line %lld",
                           (long long)csv->line);
    csv->text = bigger;
    csv->text_size = size;
  }
  csv->text[csv->text_used++] = c;
  return 1;
}

static int begin_field (Csv *csv) {
  if (csv->n_fields == INT32_MAX / 2)
    return data_complain(csv->file.why, csv->file.path, "line %lld has too many fields",
                         (long long)csv->line);
  if (csv->n_fields == csv->field_room) {
    int32_t room = csv->field_room ? 2 * csv->field_room : 64;
    CsvField *bigger = mem_grow(csv->field, (size_t)csv->field_room, (size_t)room,
                                sizeof *bigger);
    if (!bigger)
      return data_complain(csv->file.why, csv->file.path, "not enough memory for line %lld",
                           (long long)csv->line);
    csv->field = bigger;
    csv->field_room = room;
  }
  csv->field[csv->n_fields++] = (CsvField){ csv->text_used, csv->column, csv->line };
  return 1;
}

static CsvField here (const Csv *csv) { return (CsvField){ 0, csv->column - 1, csv->line }; }

static int is_separator (const Csv *csv, int c) {
  return c == csv->separator || (csv->separator == ' ' && c == '\t');
}

/* Passes over the blanks that separate fields; 1 if the line ends behind them. */
static int pass_run (Csv *csv) {
  int c;
  while ((c = peek(csv)) == ' ' || c == '\t') take_byte(csv);
  if (c == '\r') take_byte(csv), c = peek(csv) == '\n' ? '\n' : '\r';
  if (c == '\n') take_byte(csv);
  return c == '\n' || c == '\r' || c == END;
}

/* The rest of a quoted field; the opening quote has been taken. 0 on failure. */
static int quoted (Csv *csv) {
  CsvField open = csv->field[csv->n_fields - 1];
  for (;;) {
    int c = take_byte(csv);
    if (c == FAILED) return 0;
    if (c == END)
      return csv_complain(csv, &open, "quoted field is not closed before the end of the file");
    if (c == '"') {
      if (peek(csv) != '"') return 1;
      take_byte(csv);
    }
    CsvField place = here(csv);
    if (c == '\0') return csv_complain(csv, &place, "zero byte, expected text");
    if (!append(csv, (char)c)) return 0;
  }
}

/* One field; *last says whether a line end or the file's end followed it. */
static int field (Csv *csv, int *last) {
  int was_quoted = 0;
  *last = 0;
  if (!begin_field(csv)) return 0;
  if (peek(csv) == '"') {
    take_byte(csv);
    was_quoted = 1;
    if (!quoted(csv)) return 0;
  }
  for (;;) {
    int c = take_byte(csv);
    if (c == FAILED) return 0;
    CsvField place = here(csv);
    if (c == '\r') {
      if (peek(csv) == '\n') take_byte(csv);
      c = '\n';
    }
    if (c == END || c == '\n') *last = 1;
    else if (is_separator(csv, c)) *last = csv->separator == ' ' && pass_run(csv);
    if (c == END || c == '\n' || is_separator(csv, c)) return append(csv, '\0');
    if (c == '\0') return csv_complain(csv, &place, "zero byte, expected text");
    if (was_quoted)
      return csv_complain(csv, &place,
                          "text after a closing quote, expected %s or the line's end",
                          csv_separator_name(csv->separator));
    if (!append(csv, (char)c)) return 0;
  }
}

/* Passes over a byte order mark and empty lines; END, FAILED or a first byte. */
static int pass_blank (Csv *csv) {
  static const char mark[] = "\xef\xbb\xbf";
  int c = peek(csv);
  if (csv->line == 1 && csv->column == 1 && c == 0xef)
    for (int i = 0; i < 3 && peek(csv) == (unsigned char)mark[i]; i++) csv->next++;
  if (csv->line == 1 && csv->column == 1 && (c == 0xff || c == 0xfe) && csv->filled > 1 &&
      (unsigned char)csv->buffer[0] + (unsigned char)csv->buffer[1] == 0xff + 0xfe) {
    data_complain(csv->file.why, csv->file.path, "is UTF-16 text: save it as UTF-8");
    return FAILED;
  }
  while ((c = peek(csv)) == '\n' || c == '\r' || (csv->separator == ' ' && is_separator(csv, c))) take_byte(csv);
  return c;
}

int csv_next (Csv *csv) {
  int c = pass_blank(csv), last = 0;
  if (c < 0) return c == END ? 0 : -1;
  csv->n_fields = 0;
  csv->text_used = 0;
  while (!last)
    if (!field(csv, &last)) return -1;
  return 1;
}
