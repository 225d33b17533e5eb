/*
** golden.c -- checks a file of worked examples against the engine: make golden FILE=path.
**
** A file's first line says what it holds; a new format is one line in the table `formats` and
** a function that checks one case. Prints every disagreement as file:line: words, and at the
** end "N passed, N failed" cases. Status 0: all agree; 1: some do not; 2: no file to check,
** which a sentence on standard error explains.
*/
#include "golden.h"
#include "named.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- the file --------------------------------------------------------------------------- */

/* One of the two: `check` reads a case that begins at the current line; `check_named` gets one that was read (named.h). */
typedef struct Format { const char *first_line; int (*check) (Lines *in); void (*check_named) (Case *c); } Format;

static const Format formats[] = {
  { "# case count zeta largest_negative smallest_positive kept", check_prune, NULL },
  { "# case channels height width theta_degrees tx ty flip", check_affine, NULL },
  { "# setlab golden soft_keep 1", NULL, check_soft_keep },
  { "# setlab golden rigl_grow 1", NULL, check_rigl_grow },
  { "# setlab golden percolation 1", NULL, check_percolation },
  { "# setlab golden ch_scores 1", NULL, check_ch_scores },
  { "# setlab golden densities 1", NULL, check_densities },
  { "# setlab golden topology 1", NULL, check_topology },
  { "# setlab golden batchnorm 1", NULL, check_ingredients },
};

static const Format *recognise (Lines *in) {
  int got = next_line(in);
  for (size_t i = 0; got == 1 && i < sizeof formats / sizeof *formats; i++)
    if (strncmp(in->text, formats[i].first_line, strlen(formats[i].first_line)) == 0) return &formats[i];
  if (got == 0 && ferror(in->file)) malformed(in, "cannot be read");
  else if (got == 0) malformed(in, "the file is empty; expected a first line that names a format");
  else malformed(in, "no known format has this first line; expected '%s...'", formats[0].first_line);
  return NULL;
}

/* To the next line that is neither empty nor a comment, and checks the case there. */
static int check_case (Lines *in, const Format *format) {
  for (;;) {
    int got = next_line(in);
    if (got == 0) return ferror(in->file) ? malformed(in, "cannot be read") : END;
    if (got < 0) return malformed(in, "expected a case, this is no text");
    const char *first = in->text + strspn(in->text, " \t");
    if (*first && *first != '#') return format->check(in);
  }
}

/* All cases of named lines. Returns MALFORMED, or END when the file is. */
static int check_named (Lines *in, const Format *format, long count[3]) {
  int got;
  do got = next_line(in);
  while (got == 1 && strncmp(in->text, "case ", 5) != 0);
  while (got == 1 && !feof(in->file)) {
    Case c;
    int verdict = case_read(in, &c);
    if (verdict == PASSED) format->check_named(&c);
    case_free(&c);
    if (verdict == PASSED) verdict = c.verdict;
    if (verdict == MALFORMED) return MALFORMED;
    count[verdict]++;
  }
  return END;
}

static int check_file (Lines *in) {
  long count[3] = { 0, 0, 0 };
  const Format *format = recognise(in);
  if (!format) return 2;
  for (int verdict = PASSED; verdict != END;) {
    verdict = format->check ? check_case(in, format) : check_named(in, format, count);
    if (verdict == MALFORMED) return 2;
    if (verdict != END) count[verdict]++;
  }
  if (count[PASSED] + count[FAILED] + count[NOT_KNOWN] == 0) {
    malformed(in, "the file ends without a case");
    return 2;
  }
  if (count[PASSED] + count[FAILED] == 0) {
    malformed(in, "all cases of the file are about what the engine does not do");
    return 2;
  }
  if (count[NOT_KNOWN] > 0) printf("%s: cases about what the engine does not do: %ld\n", in->path, count[NOT_KNOWN]);
  printf("%ld passed, %ld failed\n", count[PASSED], count[FAILED]);
  return count[FAILED] > 0;
}

int main (int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: golden FILE\n");
    return 2;
  }
  Lines in = { .path = argv[1], .file = fopen(argv[1], "r") };
  if (!in.file) {
    fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
    return 2;
  }
  int status = check_file(&in);
  free(in.text);
  fclose(in.file);
  return status;
}
