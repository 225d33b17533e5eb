/* fuzz_pack.c -- changes inputs that are packed: unpacks, lets libFuzzer change what is inside,
** and packs it again with checksums that fit. Now and then the packing itself is changed. */
#include "fuzz.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zip.h>
#include <zlib.h>

size_t LLVMFuzzerMutate (uint8_t *bytes, size_t size, size_t room) __attribute__((weak));

enum { MOST_UNPACKED = 1 << 16, MOST_MEMBERS = 48 };

/* ---- gzip ---- */

/* Unpacks (or packs) all of an input: the size of what comes out, 0 if it is not that or too long. */
static size_t through_zlib (int packing, const uint8_t *in, size_t size, uint8_t *out, size_t room) {
  z_stream z = { .next_in = (uint8_t *)(uintptr_t)in, .avail_in = (unsigned)size, .next_out = out, .avail_out = (unsigned)room };
  int begun = packing ? deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) : inflateInit2(&z, 15 + 16);
  if (begun != Z_OK) return 0;
  int code = packing ? deflate(&z, Z_FINISH) : inflate(&z, Z_FINISH);
  if (packing) deflateEnd(&z);
  else inflateEnd(&z);
  return code == Z_STREAM_END ? room - z.avail_out : 0;
}

size_t fuzz_mutate_gzip (uint8_t *bytes, size_t size, size_t room, unsigned seed) {
  int packed = size > 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
  if (packed ? seed % 4 == 0 : seed % 64 != 0) return LLVMFuzzerMutate(bytes, size, room);
  uint8_t *inside = malloc(MOST_UNPACKED), *again = malloc(room);
  size_t n = 0, m;
  if (packed) n = through_zlib(0, bytes, size, inside, MOST_UNPACKED);
  else if (size <= MOST_UNPACKED) memcpy(inside, bytes, n = size);
  if (n > 0 && packed) n = LLVMFuzzerMutate(inside, n, MOST_UNPACKED);
  m = n > 0 ? through_zlib(1, inside, n, again, room) : 0;
  if (m > 0) memcpy(bytes, again, m);
  else m = LLVMFuzzerMutate(bytes, size, room);
  free(inside);
  free(again);
  return m;
}

/* ---- two files behind each other ---- */

size_t fuzz_mutate_idx (uint8_t *bytes, size_t size, size_t room, unsigned seed) {
  size_t n = size < 2 ? 0 : (size_t)bytes[0] | (size_t)bytes[1] << 8;
  if (size < 2 || n > size - 2 || seed % 16 == 0) return LLVMFuzzerMutate(bytes, size, room);
  uint8_t *file[2] = { malloc(room), malloc(room) };
  size_t length[2] = { n, size - 2 - n }, which = seed / 16 % 2, most = room - 2 - length[1 - which];
  if (which == 0 && most > UINT16_MAX) most = UINT16_MAX;
  memcpy(file[0], bytes + 2, length[0]);
  memcpy(file[1], bytes + 2 + n, length[1]);
  if (most > length[which]) length[which] = fuzz_mutate_gzip(file[which], length[which], most, seed / 32);
  bytes[0] = (uint8_t)length[0];
  bytes[1] = (uint8_t)(length[0] >> 8);
  memcpy(bytes + 2, file[0], length[0]);
  memcpy(bytes + 2 + length[0], file[1], length[1]);
  free(file[0]);
  free(file[1]);
  return 2 + length[0] + length[1];
}

/* ---- zip archives ---- */

typedef struct Member { char name[64]; uint8_t *bytes; size_t size; int packed; } Member;
typedef struct Archive { Member member[MOST_MEMBERS]; int n; } Archive;

static void archive_free (Archive *a) {
  for (int i = 0; i < a->n; i++) free(a->member[i].bytes);
  free(a);
}

static int read_member (zip_t *zip, zip_uint64_t i, Member *m) {
  zip_stat_t s;
  zip_file_t *file = zip_stat_index(zip, i, 0, &s) == 0 && s.size <= MOST_UNPACKED ? zip_fopen_index(zip, i, 0) : NULL;
  if (!file) return 0;
  snprintf(m->name, sizeof m->name, "%s", s.name);
  m->bytes = malloc(MOST_UNPACKED);
  m->packed = s.comp_method != ZIP_CM_STORE;
  zip_int64_t n = zip_fread(file, m->bytes, MOST_UNPACKED);
  zip_fclose(file);
  m->size = n > 0 ? (size_t)n : 0;
  return 1;
}

/* NULL if this is no archive. Members that cannot be read are left out. */
static Archive *archive_read (const uint8_t *bytes, size_t size) {
  zip_source_t *source = zip_source_buffer_create(bytes, size, 0, NULL);
  zip_t *zip = zip_open_from_source(source, ZIP_RDONLY, NULL);
  if (!zip) {
    zip_source_free(source);
    return NULL;
  }
  Archive *a = calloc(1, sizeof *a);
  for (zip_int64_t i = 0; i < zip_get_num_entries(zip, 0) && a->n < MOST_MEMBERS; i++)
    a->n += read_member(zip, (zip_uint64_t)i, &a->member[a->n]);
  zip_discard(zip);
  if (a->n > 0) return a;
  archive_free(a);
  return NULL;
}

/* The archive as a file of at most `room` bytes; 0 if it is longer. */
static size_t archive_write (const Archive *a, uint8_t *to, size_t room) {
  zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, NULL);
  zip_source_keep(source);
  zip_t *zip = zip_open_from_source(source, ZIP_TRUNCATE, NULL);
  for (int i = 0; i < a->n; i++) {
    const Member *m = &a->member[i];
    zip_source_t *bytes = zip_source_buffer(zip, m->bytes, m->size, 0);
    zip_int64_t at = zip_file_add(zip, m->name, bytes, ZIP_FL_OVERWRITE);
    if (at < 0) zip_source_free(bytes);
    else {
      zip_set_file_compression(zip, (zip_uint64_t)at, m->packed ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
      zip_file_set_dostime(zip, (zip_uint64_t)at, 0, 0x21, 0);
    }
  }
  zip_int64_t n = 0;
  if (zip_close(zip) != 0) zip_discard(zip);
  else if (zip_source_open(source) == 0) {
    n = zip_source_read(source, to, room);
    uint8_t more;
    if (zip_source_read(source, &more, 1) > 0) n = 0;
    zip_source_close(source);
  }
  zip_source_free(source);
  return n > 0 ? (size_t)n : 0;
}

/* A checkpoint's checksum.txt fits again (core/save/checkpoint.h). */
static void renew_checksum (Archive *a) {
  Member *last = &a->member[a->n - 1];
  if (strcmp(last->name, "checksum.txt") != 0) return;
  XXH3_state_t *hash = XXH3_createState();
  XXH3_128bits_reset(hash);
  for (Member *m = a->member; m < last; m++) {
    XXH3_128bits_update(hash, m->name, strlen(m->name) + 1);
    XXH3_128bits_update(hash, m->bytes, m->size);
  }
  XXH128_hash_t h = XXH3_128bits_digest(hash);
  XXH3_freeState(hash);
  last->size = (size_t)snprintf((char *)last->bytes, MOST_UNPACKED, "%016llx%016llx\n", (unsigned long long)h.high64,
                                (unsigned long long)h.low64);
}

static void remove_member (Archive *a, int which) {
  free(a->member[which].bytes);
  memmove(&a->member[which], &a->member[which + 1], (size_t)(--a->n - which) * sizeof *a->member);
}

/* One change: mostly of a member's bytes. */
static void change (Archive *a, unsigned seed) {
  int which = (int)(seed % (unsigned)a->n);
  unsigned how = seed / 64 % 32;
  Member *m = &a->member[which], *other = &a->member[seed / 2048 % (unsigned)a->n];
  if (how == 0) m->packed = !m->packed;
  else if (how == 1) {
    m->name[LLVMFuzzerMutate((uint8_t *)m->name, strlen(m->name), sizeof m->name - 1)] = '\0';
  } else if (how == 2 && a->n > 1) remove_member(a, which);
  else if (how == 3) {
    Member kept = *m;
    memcpy(m->name, other->name, sizeof m->name);
    memcpy(other->name, kept.name, sizeof kept.name);
  } else m->size = LLVMFuzzerMutate(m->bytes, m->size, MOST_UNPACKED);
}

size_t fuzz_mutate_zip (uint8_t *bytes, size_t size, size_t room, unsigned seed) {
  Archive *a = seed % 16 ? archive_read(bytes, size) : NULL;
  if (!a) return LLVMFuzzerMutate(bytes, size, room);
  change(a, seed / 16);
  if (seed / 16 % 3 == 0) change(a, seed / 48);
  if (seed / 16 % 32) renew_checksum(a);
  uint8_t *again = malloc(room);
  size_t n = archive_write(a, again, room);
  if (n > 0) memcpy(bytes, again, n);
  else n = LLVMFuzzerMutate(bytes, size, room);
  free(again);
  archive_free(a);
  return n;
}
