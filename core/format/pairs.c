#include "format/pairs.h"
#include "base/mem.h"
#include "format/csv.h"
#include "format/npy_array.h"
#include "format/number.h"
#include <math.h>
#include <string.h>

typedef struct Reading {
  const char *path;
  char       *why;
  const PairsWanted *want;
  Pairs      *pairs;
  int64_t     room;
} Reading;

void pairs_free (Pairs *p) {
  mem_free(p->from);
  mem_free(p->to);
  mem_free(p->line);
  *p = (Pairs){ 0 };
}

static int no_memory (Reading *r) { return data_complain(r->why, r->path, "not enough memory for its rows"); }

/* Makes room for n rows; with lines: their numbers too. */
static int make_room (Reading *r, int64_t n, int lines) {
  Pairs *p = r->pairs;
  if (n <= r->room) return 1;
  size_t old = (size_t)r->room, now = (size_t)(n > 2 * r->room ? n : 2 * r->room);
  int32_t *from = mem_grow(p->from, old, now, sizeof *from);
  if (from) p->from = from;
  int32_t *to = from ? mem_grow(p->to, old, now, sizeof *to) : NULL;
  if (to) p->to = to;
  int64_t *line = to && lines ? mem_grow(p->line, old, now, sizeof *line) : NULL;
  if (line) p->line = line;
  if (!to || (lines && !line)) return no_memory(r);
  r->room = (int64_t)now;
  return 1;
}

static int is_unit (const Reading *r, double value) {
  return value >= r->want->base && value <= INT32_MAX && value == floor(value);
}

/* ---- CSV ---- */

static int take_field (Reading *r, Csv *csv, int32_t i, int32_t *unit) {
  double value;
  char *text = csv_trimmed(csv, i);
  if (!number_read_double(text, 0, &value) || !is_unit(r, value))
    return csv_complain(csv, &csv->field[i], "'%.40s' is not a unit number, expected a whole number from %d on", text, r->want->base);
  *unit = (int32_t)value - r->want->base;
  return 1;
}

/* A first record none of whose fields is a number names the columns. */
static int is_header (Csv *csv) {
  double value;
  for (int32_t i = 0; i < csv->n_fields; i++)
    if (number_read_double(csv_trimmed(csv, i), 0, &value)) return 0;
  return 1;
}

static int take_record (Reading *r, Csv *csv) {
  Pairs *p = r->pairs;
  if (csv->n_fields != 2)
    return csv_complain(csv, &csv->field[0], "the row has %d fields, expected two: the unit that a link comes from, and the one it goes to",
                        (int)csv->n_fields);
  if (!make_room(r, p->n + 1, 1)) return 0;
  if (!take_field(r, csv, 0, &p->from[p->n]) || !take_field(r, csv, 1, &p->to[p->n])) return 0;
  p->line[p->n++] = csv->field[0].line;
  return 1;
}

static int read_csv (Reading *r) {
  Csv csv;
  int ok = csv_open(&csv, r->path, r->why);
  if (!ok) return 0;
  ok = csv_detect(&csv);
  int state = ok ? csv_next(&csv) : -1;
  if (state == 1 && is_header(&csv)) state = csv_next(&csv);
  for (; state == 1; state = csv_next(&csv))
    if (!take_record(r, &csv)) {
      state = -1;
      break;
    }
  csv_close(&csv);
  return state == 0;
}

/* ---- NumPy ---- */

static int take_value (Reading *r, const char *what, int64_t row, double value, int32_t *unit) {
  if (!is_unit(r, value))
    return data_complain(r->why, r->path, "%s, row %lld: %.17g is not a unit number, expected a whole number from %d on", what, (long long)row + 1,
                         value, r->want->base);
  *unit = (int32_t)value - r->want->base;
  return 1;
}

static int is_number (const Npy *npy) { return npy->kind == 'u' || npy->kind == 'i' || npy->kind == 'f'; }

static int check_pairs (const Reading *r, const Npy *npy) {
  if (npy->rank == 2 && npy->shape[1] == 2 && is_number(npy)) return 1;
  return data_complain(r->why, r->path, "expected whole numbers in n rows and 2 columns: the unit that a link comes from, and the one it goes to");
}

static int take_row (Reading *r, const Npy *npy, int64_t k, const uint8_t *row) {
  return take_value(r, "the array", k, npy_value(npy, row), r->pairs->from + k) &&
         take_value(r, "the array", k, npy_value(npy, row + npy->size), r->pairs->to + k);
}

static int read_npy (Reading *r) {
  NpyArray a = { .path = r->path, .why = r->why };
  uint8_t row[2 * 8];
  int ok = npy_array_file(&a) && check_pairs(r, &a.npy) && make_room(r, a.npy.shape[0], 0);
  for (int64_t k = 0; ok && k < a.npy.shape[0]; k++) ok = npy_array_row(&a, row, k) && take_row(r, &a.npy, k, row);
  ok = ok && npy_array_end(&a);
  if (ok) r->pairs->n = a.npy.shape[0];
  npy_array_close(&a);
  return ok;
}

static int read_array (Reading *r, zip_t *zip, int64_t size, const char *name, int32_t **unit, int64_t *n) {
  NpyArray a = { .path = r->path, .why = r->why };
  uint8_t value[8];
  int ok = npy_array_entry(&a, zip, name, NULL, NULL, size);
  if (ok && (a.npy.rank != 1 || !is_number(&a.npy)))
    ok = data_complain(r->why, r->path, "array %s: expected one whole number for each link", a.name);
  if (ok) *n = a.npy.shape[0];
  ok = ok && make_room(r, *n, 0);
  for (int64_t k = 0; ok && k < *n; k++)
    ok = npy_array_row(&a, value, k) && take_value(r, a.name, k, npy_value(&a.npy, value), *unit + k);
  ok = ok && npy_array_end(&a);
  npy_array_close(&a);
  return ok;
}

static int read_npz (Reading *r) {
  int64_t size, to = 0;
  int error;
  if (!data_file_stat(r->path, &size, r->why)) return 0;
  zip_t *zip = zip_open(r->path, ZIP_RDONLY, &error);
  if (!zip) return data_complain(r->why, r->path, "it begins like a NumPy archive and cannot be opened as one");
  Pairs *p = r->pairs;
  int ok = read_array(r, zip, size, r->want->from, &p->from, &p->n) && read_array(r, zip, size, r->want->to, &p->to, &to);
  if (ok && to != p->n)
    ok = data_complain(r->why, r->path, "array %s has %lld values, array %s %lld: expected equally many", r->want->from, (long long)p->n,
                       r->want->to, (long long)to);
  zip_discard(zip);
  return ok;
}

/* ---- any ---- */

static int begins_with (Reading *r, const char *magic, size_t n, int *yes) {
  char start[8] = "";
  DataFile f;
  if (!data_file_open(&f, r->path, r->why)) return 0;
  int64_t got = data_file_some(&f, start, n);
  data_file_close(&f);
  *yes = got == (int64_t)n && memcmp(start, magic, n) == 0;
  return got >= 0;
}

int pairs_read (const char *path, const PairsWanted *want, Pairs *pairs, char why[DATA_WHY]) {
  *pairs = (Pairs){ 0 };
  Reading r = { path, why, want, pairs, 0 };
  int npy, npz;
  int ok = begins_with(&r, "\x93NUMPY", 6, &npy) && begins_with(&r, "PK\x03\x04", 4, &npz) &&
           (npy ? read_npy : npz ? read_npz : read_csv)(&r);
  if (ok && pairs->n == 0) ok = data_complain(why, path, "it holds no link, expected at least one row");
  if (!ok) pairs_free(pairs);
  return ok;
}
