/*
** checkpoint_read.c -- from a file to a net.
**
** Three walks: one reads everything and compares the checksum; one holds the arrays' headers and
** the links against the net; the last one fills the net. So a file that is no good changes nothing.
*/
#include "save/checkpoint_file.h"
#include "format/data_file.h"
#include "base/mem.h"
#include <stdio.h>
#include <string.h>
#include <zip.h>

struct Checkpoint {
  zip_t *zip;
  char  *path;
};

enum { PIECE = 1 << 15 };

/* A member that is being read. */
typedef struct Reader {
  const char *path;
  char       *why;
  char        name[NAME_ROOM];
  zip_file_t *file;
  uint64_t    left;      /* bytes to come */
} Reader;

/* ---- one member ---- */

static int open_member (Reader *r, zip_t *zip, zip_uint64_t index) {
  zip_stat_t s;
  if (zip_stat_index(zip, index, 0, &s) != 0 || (~s.valid & (ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_METHOD)))
    return data_complain(r->why, r->path, "is corrupted: a member has no name or size");
  if (strlen(s.name) >= sizeof r->name) return data_complain(r->why, r->path, "holds a member that is none of a checkpoint's");
  strcpy(r->name, s.name);
  if (s.comp_method != ZIP_CM_STORE)
    return data_complain(r->why, r->path, "%s is compressed; the members of a checkpoint are not", r->name);
  r->left = s.size;
  r->file = zip_fopen_index(zip, index, 0);
  if (r->file) return 1;
  return data_complain(r->why, r->path, "%s cannot be read: %s", r->name, zip_strerror(zip));
}

/* The next `size` bytes. */
static int read_member (Reader *r, void *to, size_t size) {
  char *next = to;
  while (size > 0) {
    zip_int64_t n = r->left >= size ? zip_fread(r->file, next, size) : 0;
    if (n < 0)
      return data_complain(r->why, r->path, "%s is corrupted: %s", r->name, zip_error_strerror(zip_file_get_error(r->file)));
    if (n == 0) return data_complain(r->why, r->path, "%s is truncated", r->name);
    next += n;
    size -= (size_t)n;
    r->left -= (uint64_t)n;
  }
  return 1;
}

static void close_member (Reader *r) {
  if (r->file) zip_fclose(r->file);
  r->file = NULL;
}

/* ---- opening: the checksum ---- */

static int hash_member (Reader *r, XXH3_state_t *hash) {
  char piece[PIECE];
  XXH3_128bits_update(hash, r->name, strlen(r->name) + 1);
  while (r->left > 0) {
    size_t size = r->left < PIECE ? (size_t)r->left : PIECE;
    if (!read_member(r, piece, size)) return 0;
    XXH3_128bits_update(hash, piece, size);
  }
  return 1;
}

static int compare_checksum (Reader *r, const XXH3_state_t *hash) {
  char wanted[CHECKSUM_ROOM], found[CHECKSUM_ROOM] = "";
  checkpoint_digest(hash, wanted);
  if (strcmp(r->name, CHECKSUM_NAME) != 0) return data_complain(r->why, r->path, "is no checkpoint: it does not end with " CHECKSUM_NAME);
  if (r->left == strlen(wanted) && !read_member(r, found, strlen(wanted))) return 0;
  if (strcmp(wanted, found) == 0) return 1;
  return data_complain(r->why, r->path, "is corrupted: its checksum does not fit its content");
}

/* Members that lie over each other would promise more than the file holds. */
static int check_sizes (Reader *r, zip_t *zip, zip_int64_t n, int64_t file_size) {
  uint64_t all = 0;
  for (zip_int64_t i = 0; i < n; i++) {
    zip_stat_t s;
    if (zip_stat_index(zip, (zip_uint64_t)i, 0, &s) != 0 || !(s.valid & ZIP_STAT_SIZE) || s.size > (uint64_t)file_size) all = UINT64_MAX / 2;
    else all += s.size;
    if (all > (uint64_t)file_size) return data_complain(r->why, r->path, "is corrupted: it promises more than it holds");
  }
  return 1;
}

static int verify (zip_t *zip, int64_t file_size, const char *path, char why[CHECKPOINT_WHY]) {
  Reader r = { .path = path, .why = why };
  zip_int64_t n = zip_get_num_entries(zip, 0);
  if (n < 1) return data_complain(why, path, "is no checkpoint: it is an empty archive");
  if (!check_sizes(&r, zip, n, file_size)) return 0;
  XXH3_state_t *hash = XXH3_createState();
  if (!hash) return data_complain(why, path, "not enough memory");
  XXH3_128bits_reset(hash);
  int good = 1;
  for (zip_int64_t i = 0; i < n && good; i++) {
    good = open_member(&r, zip, (zip_uint64_t)i) && (i < n - 1 ? hash_member(&r, hash) : compare_checksum(&r, hash));
    close_member(&r);
  }
  XXH3_freeState(hash);
  return good;
}

static zip_t *open_archive (const char *path, int64_t *size, char why[CHECKPOINT_WHY]) {
  int code = 0;
  if (!data_file_stat(path, size, why)) return NULL;
  zip_t *zip = zip_open(path, ZIP_RDONLY, &code);
  if (zip) return zip;
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  data_complain(why, path, "is not a readable .npz archive (%s)", zip_error_strerror(&error));
  zip_error_fini(&error);
  return NULL;
}

Checkpoint *checkpoint_open (const char *path, char why[CHECKPOINT_WHY]) {
  int64_t size;
  zip_t *zip = open_archive(path, &size, why);
  if (!zip) return NULL;
  Checkpoint *c = NULL;
  if (verify(zip, size, path, why)) {
    c = mem_zero(1, sizeof *c);
    if (c) c->path = mem_new(strlen(path) + 1, 1);
    if (!c || !c->path) data_complain(why, path, "not enough memory");
  }
  if (!c || !c->path) {
    zip_discard(zip);
    mem_free(c);
    return NULL;
  }
  c->zip = zip;
  strcpy(c->path, path);
  return c;
}

void checkpoint_close (Checkpoint *c) {
  if (!c) return;
  zip_discard(c->zip);
  mem_free(c->path);
  mem_free(c);
}

/* ---- texts ---- */

/* Opens the member of this name. */
static int find_member (Reader *r, zip_t *zip, const char *name) {
  zip_int64_t i = zip_name_locate(zip, name, 0);
  if (i < 0) return data_complain(r->why, r->path, "has no %s", name);
  return open_member(r, zip, (zip_uint64_t)i);
}

char *checkpoint_text (Checkpoint *c, const char *name, size_t *size, char why[CHECKPOINT_WHY]) {
  Reader r = { .path = c->path, .why = why };
  char *text = NULL;
  if (find_member(&r, c->zip, name)) {
    *size = (size_t)r.left;
    if (r.left > CHECKPOINT_MOST_TEXT) data_complain(why, c->path, "%s is too long for a text", name);
    else if (!(text = mem_zero(*size + 1, 1))) data_complain(why, c->path, "not enough memory");
    else if (!read_member(&r, text, *size)) {
      mem_free(text);
      text = NULL;
    }
  }
  close_member(&r);
  return text;
}

/* ---- arrays ---- */

/* A net that is being compared or filled. */
typedef struct Filling {
  Checkpoint *checkpoint;
  Reader      reader;
  int64_t    *pointers;    /* of the layer whose targets come next */
} Filling;

/* Opens an array at its values: its header must be the one that this net would write. */
static int open_array (Filling *f, const StateArray *a) {
  Reader *r = &f->reader;
  char name[NAME_ROOM], wanted[HEADER_ROOM], found[HEADER_ROOM];
  snprintf(name, sizeof name, "%s.npy", a->name);
  if (!find_member(r, f->checkpoint->zip, name)) return 0;
  size_t size = checkpoint_header(a, wanted);
  if (r->left == size + a->size) {
    if (!read_member(r, found, size)) return 0;
    if (memcmp(found, wanted, size) == 0) return 1;
  }
  wanted[size - 1] = '\0';
  return data_complain(r->why, r->path, "%s does not fit this net, whose array is %.*s", name,
                       (int)strcspn(wanted + 10, "}") + 1, wanted + 10);
}

static int complain_links (Reader *r) {
  return data_complain(r->why, r->path, "%s are not the links of a layer", r->name);
}

static int check_fixed (Filling *f, const StateArray *a) {
  int64_t found[2];
  if (!read_member(&f->reader, found, a->size)) return 0;
  if (memcmp(found, a->data, a->size) == 0) return 1;
  return data_complain(f->reader.why, f->reader.path, "%s does not fit this net", f->reader.name);
}

/* Keeps the pointers for the targets, which come next. */
static int check_pointers (Filling *f, const StateArray *a) {
  int64_t n = a->links->n_in;
  mem_free(f->pointers);
  f->pointers = mem_new((size_t)n + 1, sizeof *f->pointers);
  if (!f->pointers) return data_complain(f->reader.why, f->reader.path, "not enough memory");
  if (!read_member(&f->reader, f->pointers, a->size)) return 0;
  if (f->pointers[n] != a->links->links)
    return data_complain(f->reader.why, f->reader.path, "%s does not fit this net, whose layer has %lld links, not %lld", f->reader.name,
                         (long long)a->links->links, (long long)f->pointers[n]);
  int good = f->pointers[0] == 0;
  for (int64_t i = 0; i < n && good; i++) good = f->pointers[i] <= f->pointers[i + 1];
  return good || complain_links(&f->reader);
}

static int check_targets (Filling *f, const StateArray *a) {
  int32_t piece[PIECE / sizeof(int32_t)], last = -1;
  int64_t most = PIECE / (int64_t)sizeof(int32_t), row = 0;
  for (int64_t first = 0; first < a->links->links; first += most) {
    int64_t n = a->links->links - first < most ? a->links->links - first : most;
    if (!read_member(&f->reader, piece, (size_t)n * sizeof *piece)) return 0;
    for (int64_t k = first; k < first + n; k++) {
      int32_t to = piece[k - first];
      for (; k == f->pointers[row + 1]; row++) last = -1;
      if (to <= last || to >= a->links->n_out) return complain_links(&f->reader);
      last = to;
    }
  }
  return 1;
}

static int check_array (void *context, const StateArray *a) {
  static int (*const check[]) (Filling *, const StateArray *) = {
    [STATE_FIXED] = check_fixed, [STATE_POINTERS] = check_pointers, [STATE_TARGETS] = check_targets,
  };
  Filling *f = context;
  int good = open_array(f, a) && (a->role == STATE_VALUES || check[a->role](f, a));
  close_member(&f->reader);
  return good;
}

static int fill_array (void *context, const StateArray *a) {
  Filling *f = context;
  if (a->role == STATE_FIXED) return 1;
  int good = open_array(f, a) && read_member(&f->reader, a->data, a->size);
  close_member(&f->reader);
  return good;
}

int checkpoint_restore (Checkpoint *c, Net *net, char why[CHECKPOINT_WHY]) {
  Filling f = { .checkpoint = c, .reader = { .path = c->path, .why = why } };
  int fits = net_visit_state(net, check_array, &f);
  mem_free(f.pointers);
  if (!fits) return 0;
  if (!net_visit_state(net, fill_array, &f)) return -1;
  net_state_written(net);
  return 1;
}
