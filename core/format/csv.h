/*
** csv.h -- comma-separated values, one record at a time, with positions.
**
** RFC 4180 and what programs really write: fields in double quotes may hold commas, doubled
** quotes and line ends; lines end in LF, CRLF or CR; a byte order mark and empty lines are passed
** over; the separator is a comma, a semicolon, a tab, a bar, or a run of blanks and tabs. Every
** field knows its line and column, so that a reader can say where a value is wrong.
*/
#ifndef SETLAB_CSV_H
#define SETLAB_CSV_H
#include "format/data_file.h"

typedef struct CsvField {
  size_t  at;      /* where its text begins in Csv.text; it ends in a zero byte */
  int64_t column;  /* of its first byte in the line, from 1 */
  int64_t line;    /* from 1 */
} CsvField;

typedef struct Csv {
  DataFile  file;
  char      separator;         /* one of csv_separators; ' ' for runs of blanks and tabs */
  char      buffer[64 * 1024];
  int64_t   filled, next;      /* bytes in buffer, and the next to take */
  int64_t   line, column;      /* of the next byte */
  char     *text;              /* the fields of the current record, each ended by zero */
  size_t    text_size, text_used;
  CsvField *field;
  int32_t   n_fields, field_room;
} Csv;

extern const char csv_separators[];   /* ",;\t| " */

/* Opens with the separator ','; csv->separator may be set until the first csv_next. */
int  csv_open  (Csv *csv, const char *path, char why[DATA_WHY]);  /* 1, or 0 with a sentence */
int  csv_rewind (Csv *csv);                                       /* back to the start; 1 or 0 */
void csv_close (Csv *csv);                                        /* twice is fine */

/* The next record into csv->field and csv->text: 1, 0 at the end, -1 with a sentence. */
int  csv_next  (Csv *csv);

/* Sets csv->separator to the one that the first records are best read with, and goes back to the
** start: the one whose records have equally many fields, most of them numbers, and none in which
** another separator is left. 1; 0 with a sentence if the file cannot be read again. */
int  csv_detect (Csv *csv);

/* Text of field i; borrowed until the next record. */
const char *csv_text (const Csv *csv, int32_t i);

/* The field without blanks around it; the text is shortened in place. */
char *csv_trimmed (Csv *csv, int32_t i);

/* How a separator is called: "','", "a tab", "blanks". */
const char *csv_separator_name (char separator);

/* Complains as path:line:column. Returns 0. */
int  csv_complain (const Csv *csv, const CsvField *where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
