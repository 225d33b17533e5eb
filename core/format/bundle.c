#include "format/bundle.h"
#include "base/mem.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <zip.h>

struct Bundle {
  zip_t *zip;
  const char *path;   /* a copy, behind the struct */
  size_t n;
};

/* Whether a name stays in its folder: parts between single '/', none of them "." or "..", without signs that
** other systems take for a way out. */
static int is_inside (const char *name) {
  if (!*name || strlen(name) >= BUNDLE_NAME || name[0] == '/' || strpbrk(name, "\\:\n\r")) return 0;
  for (const char *part = name; ; ) {
    size_t n = strcspn(part, "/");
    if (n == 0 || (n == 1 && part[0] == '.') || (n == 2 && part[0] == '.' && part[1] == '.')) return 0;
    if (!part[n]) return 1;
    part += n + 1;
  }
}

/* ---- writing -------------------------------------------------------------------------------- */

/* Adds a file, compressed, with a time that is always the same. */
static int add (zip_t *zip, const BundleFile *file) {
  zip_source_t *source = zip_source_buffer(zip, file->bytes, file->size, 0);
  if (!source) return 0;
  zip_int64_t at = zip_file_add(zip, file->name, source, ZIP_FL_ENC_UTF_8);
  if (at < 0) {
    zip_source_free(source);
    return 0;
  }
  return zip_file_set_dostime(zip, (zip_uint64_t)at, 0, (1 << 5) | 1, 0) == 0
         && zip_set_file_compression(zip, (zip_uint64_t)at, ZIP_CM_DEFLATE, 0) == 0;
}

int bundle_write (const char *path, const BundleFile *files, size_t n, char why[DATA_WHY]) {
  for (size_t i = 0; i < n; i++)
    if (!is_inside(files[i].name)) return data_complain(why, path, "'%.80s' is no name for a file in a folder", files[i].name);
  int error = 0;
  zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &error);
  if (!zip) {
    zip_error_t about;
    zip_error_init_with_code(&about, error);
    data_complain(why, path, "cannot be written: %s", zip_error_strerror(&about));
    zip_error_fini(&about);
    return 0;
  }
  size_t done = 0;
  while (done < n && add(zip, &files[done])) done++;
  if (done == n && zip_close(zip) == 0) return 1;
  data_complain(why, path, "cannot be written: %s", zip_strerror(zip));
  zip_discard(zip);
  return 0;
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Checks what the archive says of its files; a sentence in why if it is not to be trusted. */
static int check (const Bundle *bundle, char why[DATA_WHY]) {
  uint64_t sum = 0;
  for (size_t i = 0; i < bundle->n; i++) {
    zip_stat_t facts;
    if (zip_stat_index(bundle->zip, i, 0, &facts) || !(facts.valid & ZIP_STAT_NAME) || !(facts.valid & ZIP_STAT_SIZE))
      return data_complain(why, bundle->path, "file %zu of it has no name or size", i + 1);
    if (!is_inside(facts.name)) return data_complain(why, bundle->path, "'%.80s' is no name for a file in a folder", facts.name);
    if (zip_name_locate(bundle->zip, facts.name, 0) != (zip_int64_t)i) return data_complain(why, bundle->path, "'%.80s' is there twice", facts.name);
    enum { MOST = 1032 };   /* how many bytes one byte can stand for in deflate */
    if (!(facts.valid & ZIP_STAT_COMP_SIZE) || facts.size / MOST > facts.comp_size)
      return data_complain(why, bundle->path, "'%.80s' claims more bytes than it can hold", facts.name);
    if (facts.size > BUNDLE_BYTES - sum) return data_complain(why, bundle->path, "its files are larger than %" PRIu64 " bytes", BUNDLE_BYTES);
    sum += facts.size;
  }
  return 1;
}

Bundle *bundle_open (const char *path, char why[DATA_WHY]) {
  int error = 0;
  zip_t *zip = zip_open(path, ZIP_RDONLY | ZIP_CHECKCONS, &error);
  if (!zip) {
    zip_error_t about;
    zip_error_init_with_code(&about, error);
    data_complain(why, path, "is no archive that can be read: %s", zip_error_strerror(&about));
    zip_error_fini(&about);
    return NULL;
  }
  size_t room = strlen(path) + 1;
  Bundle *bundle = mem_new(sizeof *bundle + room, 1);
  zip_int64_t n = zip_get_num_entries(zip, 0);
  if (bundle) *bundle = (Bundle){ .zip = zip, .path = memcpy(bundle + 1, path, room), .n = n > 0 ? (size_t)n : 0 };
  if (!bundle) data_complain(why, path, "not enough memory");
  else if (n > BUNDLE_FILES) data_complain(why, path, "it has more than %d files", BUNDLE_FILES);
  else if (check(bundle, why)) return bundle;
  mem_free(bundle);
  zip_discard(zip);
  return NULL;
}

void bundle_close (Bundle *bundle) {
  if (!bundle) return;
  zip_discard(bundle->zip);
  mem_free(bundle);
}

size_t bundle_count (const Bundle *bundle) { return bundle->n; }

const char *bundle_name (const Bundle *bundle, size_t i) { return zip_get_name(bundle->zip, i, 0); }

uint64_t bundle_size (const Bundle *bundle, size_t i) {
  zip_stat_t facts;
  return zip_stat_index(bundle->zip, i, 0, &facts) ? 0 : facts.size;
}

int bundle_read (const Bundle *bundle, size_t i, char *bytes, char why[DATA_WHY]) {
  uint64_t size = bundle_size(bundle, i);
  zip_file_t *file = zip_fopen_index(bundle->zip, i, 0);
  /* One byte more than there may be, so that the end is reached, where the checksum is compared. */
  char more;
  int ok = file && zip_fread(file, bytes, size) == (zip_int64_t)size && zip_fread(file, &more, 1) == 0;
  if (file && zip_fclose(file)) ok = 0;
  return ok ? 1 : data_complain(why, bundle->path, "'%.80s' in it is damaged", bundle_name(bundle, i));
}
