/*
** checkpoint_write.c -- from a net to a file.
**
** libzip takes the arrays from where they lie, when the archive is closed; until then each has a
** Member, which holds its header.
*/
#include "save/checkpoint_file.h"
#include "format/data_complain.h"
#include "base/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

/* ---- headers and the checksum ---- */

#define BYTE_ORDER_MARK (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? "<" : ">")

size_t checkpoint_header (const StateArray *a, char header[HEADER_ROOM]) {
  enum { BEGIN = 10 };
  char shape[64] = "()", dictionary[HEADER_ROOM - BEGIN];
  if (a->rank == 1) snprintf(shape, sizeof shape, "(%" PRId64 ",)", a->shape[0]);
  if (a->rank == 2) snprintf(shape, sizeof shape, "(%" PRId64 ", %" PRId64 ")", a->shape[0], a->shape[1]);
  int n = snprintf(dictionary, sizeof dictionary, "{'descr': '%s%s', 'fortran_order': %s, 'shape': %s, }", BYTE_ORDER_MARK,
                   a->type, a->fortran ? "True" : "False", shape);
  size_t size = (BEGIN + (size_t)n + 1 + 63) / 64 * 64, rest = size - BEGIN;
  memset(header, ' ', size);
  memcpy(header, "\x93NUMPY\x01\x00", 8);
  header[8] = (char)(rest & 255);
  header[9] = (char)(rest >> 8);
  memcpy(header + BEGIN, dictionary, (size_t)n);
  header[size - 1] = '\n';
  return size;
}

void checkpoint_digest (const XXH3_state_t *hash, char text[CHECKSUM_ROOM]) {
  XXH128_hash_t h = XXH3_128bits_digest(hash);
  snprintf(text, CHECKSUM_ROOM, "%016" PRIx64 "%016" PRIx64 "\n", (uint64_t)h.high64, (uint64_t)h.low64);
}

/* ---- members ---- */

typedef struct Member {
  char    name[NAME_ROOM], header[HEADER_ROOM];
  int64_t fixed[2];        /* a copy of what is gone after the visit */
  zip_buffer_fragment_t part[2];   /* header and values; a text has but one */
} Member;

typedef struct Writer {
  const char *path;
  char       *why;
  Member     *member;
  int         n, room;
  XXH3_state_t *hash;
  char        checksum[CHECKSUM_ROOM];
  zip_t      *zip;
} Writer;

static int complain (const Writer *w, const char *reason) {
  return data_complain(w->why, w->path, "cannot be written: %s", reason);
}

static int count_array (void *context, const StateArray *array) {
  (void)array;
  ((Writer *)context)->room++;
  return 1;
}

static Member *next_member (Writer *w, const char *name, const char *suffix) {
  Member *m = &w->member[w->n++];
  snprintf(m->name, sizeof m->name, "%s%s", name, suffix);
  return m;
}

static void set_part (Member *m, int i, const void *bytes, size_t size) {
  m->part[i] = (zip_buffer_fragment_t){ (zip_uint8_t *)(uintptr_t)bytes, size };
}

static int take_array (void *context, const StateArray *a) {
  Member *m = next_member(context, a->name, ".npy");
  set_part(m, 0, m->header, checkpoint_header(a, m->header));
  if (a->role == STATE_FIXED) memcpy(m->fixed, a->data, a->size);
  set_part(m, 1, a->role == STATE_FIXED ? (void *)m->fixed : a->data, a->size);
  return 1;
}

static void hash_member (XXH3_state_t *hash, const Member *m) {
  XXH3_128bits_update(hash, m->name, strlen(m->name) + 1);
  for (int i = 0; i < 2; i++)
    if (m->part[i].length) XXH3_128bits_update(hash, m->part[i].data, m->part[i].length);
}

/* The list of all members, complete; 0 if there is no memory for it. */
static int list_members (Writer *w, Net *net, const CheckpointText *text, int n) {
  w->room = n + 1;
  net_visit_state(net, count_array, w);
  w->member = mem_zero((size_t)w->room, sizeof *w->member);
  w->hash = XXH3_createState();
  if (!w->member || !w->hash) return complain(w, "not enough memory");
  XXH3_128bits_reset(w->hash);
  for (int i = 0; i < n; i++) set_part(next_member(w, text[i].name, ""), 0, text[i].bytes, text[i].size);
  net_visit_state(net, take_array, w);
  for (int i = 0; i < w->n; i++) hash_member(w->hash, &w->member[i]);
  checkpoint_digest(w->hash, w->checksum);
  set_part(next_member(w, CHECKSUM_NAME, ""), 0, w->checksum, strlen(w->checksum));
  return 1;
}

/* ---- the file ---- */

/* Nothing is compressed: weights do not shrink. Every member has the same time, the first that zip
** knows, so that equal states are equal files. */
static int add_member (Writer *w, const Member *m) {
  enum { FIRST_DAY = 1 << 5 | 1 };   /* 1 January 1980 */
  zip_source_t *source = zip_source_buffer_fragment(w->zip, m->part, m->part[1].length ? 2 : 1, 0);
  zip_int64_t i = source ? zip_file_add(w->zip, m->name, source, ZIP_FL_ENC_UTF_8) : -1;
  if (i < 0) {
    zip_source_free(source);
    return complain(w, zip_strerror(w->zip));
  }
  if (zip_set_file_compression(w->zip, (zip_uint64_t)i, ZIP_CM_STORE, 0) == 0 &&
      zip_file_set_dostime(w->zip, (zip_uint64_t)i, 0, FIRST_DAY, 0) == 0) return 1;
  return complain(w, zip_strerror(w->zip));
}

static int write_archive (Writer *w, const char *temporary) {
  int code = 0;
  w->zip = zip_open(temporary, ZIP_CREATE | ZIP_TRUNCATE, &code);
  if (!w->zip) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    complain(w, zip_error_strerror(&error));
    zip_error_fini(&error);
    return 0;
  }
  int good = 1;
  for (int i = 0; i < w->n && good; i++) good = add_member(w, &w->member[i]);
  if (good && zip_close(w->zip) == 0) return 1;
  if (good) complain(w, zip_strerror(w->zip));
  zip_discard(w->zip);
  return 0;
}

static int sync_name (const char *path, int flags) {
  int fd = open(path, flags | O_CLOEXEC);
  if (fd < 0) return -1;
  int status = fsync(fd);
  close(fd);
  return status;
}

/* The rename itself reaches the disk when its folder does; a failure here loses nothing. */
static void sync_folder (char *path) {
  char *slash = strrchr(path, '/');
  if (slash) slash[slash == path] = '\0';
  (void)sync_name(slash ? path : ".", O_RDONLY | O_DIRECTORY);
}

static int write_and_rename (Writer *w, char *temporary) {
  if (!write_archive(w, temporary)) return 0;
  if (sync_name(temporary, O_RDONLY) == 0 && rename(temporary, w->path) == 0) {
    sync_folder(temporary);
    return 1;
  }
  int e = errno;
  unlink(temporary);
  return complain(w, strerror(e));
}

int checkpoint_write (const char *path, Net *net, const CheckpointText *text, int n, char why[CHECKPOINT_WHY]) {
  Writer w = { .path = path, .why = why };
  size_t size = strlen(path) + 32;
  char *temporary = mem_new(size, 1);
  int good = temporary ? list_members(&w, net, text, n) : complain(&w, "not enough memory");
  if (good) {
    snprintf(temporary, size, "%s.tmp%ld", path, (long)getpid());
    good = write_and_rename(&w, temporary);
  }
  XXH3_freeState(w.hash);
  mem_free(w.member);
  mem_free(temporary);
  return good;
}
