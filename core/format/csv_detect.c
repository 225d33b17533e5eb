/*
** csv_detect.c -- which separator a file has, when nobody says.
**
** Each separator is tried on the first records. A wrong one leaves traces: records of unequal length,
** and fields such as "5;2" that hold another separator and are not numbers. A decimal comma is not
** such a trace: "1,5" is a number wherever the comma does not separate.
*/
#include "format/csv.h"
#include "format/number.h"
#include <string.h>

enum { RECORDS = 50, FIELDS = 100000 };   /* looked at, at most */

/* What a separator makes of the first records. */
typedef struct Trial { double numbers, equal; int usable; } Trial;

/* Fields that are numbers, less those in which a separator is left. */
static int32_t count_numbers (Csv *csv) {
  int32_t count = 0;
  for (int32_t i = 0; i < csv->n_fields; i++) {
    float value;
    const char *text = csv_trimmed(csv, i);
    if (number_read(text, csv->separator != ',', &value)) count++;
    else if (strpbrk(text, csv_separators)) count--;
  }
  return count;
}

/* The first record may be a header, so it counts only when it is alone. */
static Trial try_records (Csv *csv) {
  int32_t n_fields = 0, records = 0, equal = 0;
  int64_t fields = 0, numbers = 0;
  while (records < RECORDS && fields < FIELDS && csv_next(csv) == 1) {
    if (++records == 1) n_fields = csv->n_fields;
    if (records == 2) fields = numbers = 0;
    fields += csv->n_fields;
    if (csv->n_fields != n_fields) continue;
    equal++;
    numbers += count_numbers(csv);
  }
  if (n_fields < 2) return (Trial){ 0, 0, 0 };
  return (Trial){ (double)numbers / (double)fields, (double)equal / records, 1 };
}

int csv_detect (Csv *csv) {
  Trial best = { 0, 0, 0 };
  char chosen = ',';
  for (const char *s = csv_separators; *s; s++) {
    csv->separator = *s;
    Trial t = try_records(csv);
    int better = !best.usable || t.numbers > best.numbers || (t.numbers == best.numbers && t.equal > best.equal);
    if (t.usable && better) best = t, chosen = *s;
    if (!csv_rewind(csv)) return 0;
  }
  csv->separator = chosen;
  return 1;
}
