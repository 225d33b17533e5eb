/*
** checkpoint_read.c -- from a file to a net.
**
** Three passes: one reads everything and compares the checksum; one checks the arrays' headers
** and the links against the net; the last one fills the net. So a bad file changes nothing.
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
  if (strlen(s.name) >= sizeof r->name) return data_complain(r->why, r->path, "holds a member that does not belong to a checkpoint");
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
  if (strcmp(r->name, CHECKSUM_NAME) != 0)
    return data_complain(r->why, r->path, "is not a checkpoint: it does not end with " CHECKSUM_NAME);
  if (r->left == strlen(wanted) && !read_member(r, found, strlen(wanted))) return 0;
  if (strcmp(wanted, found) == 0) return 1;
  return data_complain(r->why, r->path, "is corrupted: its checksum does not match its content");
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
  if (n < 1) return data_complain(why, path, "is not a checkpoint: it is an empty archive");
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
  int64_t    *own_pointers;   /* the layer's own, and its targets, where the cells that it tried come next */
  int32_t    *own_targets;
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
    return data_complain(f->reader.why, f->reader.path, "%s does not fit this net, whose layer has %lld links, not %lld",
                         f->reader.name,
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

/* The layer's own links, read once more: they are to be among the cells that it tried. */
static int keep_own (Filling *f, const StateArray *a) {
  mem_free(f->own_pointers);
  mem_free(f->own_targets);
  f->own_pointers = f->pointers;
  f->pointers = NULL;
  f->own_targets = mem_new((size_t)a->links->links, sizeof *f->own_targets);
  if (!f->own_targets) return data_complain(f->reader.why, f->reader.path, "not enough memory");
  close_member(&f->reader);
  return open_array(f, a) && read_member(&f->reader, f->own_targets, a->size);
}

static int check_links (Filling *f, const StateArray *a) {
  return check_targets(f, a) && (!a->links->tried || keep_own(f, a));
}

/* Cells that were tried: each of the layer's links must be met on the walk along them. */
static int check_tried (Filling *f, const StateArray *a) {
  int32_t *cells = mem_new((size_t)a->links->links, sizeof *cells);
  int good = cells && check_targets(f, a);
  if (!cells) data_complain(f->reader.why, f->reader.path, "not enough memory");
  if (good) {
    close_member(&f->reader);
    good = open_array(f, a) && read_member(&f->reader, cells, a->size);
  }
  for (int32_t i = 0; good && i < a->links->n_in; i++) {
    int64_t c = f->pointers[i], met = 1;
    for (int64_t k = f->own_pointers[i]; k < f->own_pointers[i + 1] && met; k++) {
      while (c < f->pointers[i + 1] && cells[c] < f->own_targets[k]) c++;
      met = c < f->pointers[i + 1] && cells[c] == f->own_targets[k];
    }
    if (!met) good = data_complain(f->reader.why, f->reader.path, "%s lack a link of the layer", f->reader.name);
  }
  mem_free(cells);
  return good;
}

static int check_array (void *context, const StateArray *a) {
  static int (*const check[]) (Filling *, const StateArray *) = {
    [STATE_FIXED] = check_fixed, [STATE_POINTERS] = check_pointers, [STATE_TARGETS] = check_links, [STATE_TRIED] = check_tried,
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

/* ---- what layers remember ---- */

/* Cells in the array that is open: the number in the shape that its header tells. -1 if there is none that could be. */
static int64_t count_cells (Reader *r) {
  char header[HEADER_ROOM + 1] = "";
  size_t size = r->left < HEADER_ROOM ? (size_t)r->left : HEADER_ROOM;
  uint64_t all = r->left;
  if (!read_member(r, header, size)) return -1;
  const char *shape = size > 10 ? strstr(header + 10, "'shape': (") : NULL;
  long long n = -1;
  if (!shape || sscanf(shape + 10, "%lld,", &n) != 1 || n < 0 || (uint64_t)n > all / sizeof(int32_t)) return -1;
  return n;
}

static int has_member (Checkpoint *c, const char *name) { return zip_name_locate(c->zip, name, 0) >= 0; }

/* Memory for what the file says that layer l remembers, as yet empty. */
static int make_history (Checkpoint *c, const Net *net, int32_t l, History *history, char why[CHECKPOINT_WHY]) {
  const Sparse *W = net_sparse(net, l);
  char born[NAME_ROOM], tried[NAME_ROOM];
  Reader r = { .path = c->path, .why = why };
  int64_t cells = 0;
  snprintf(born, sizeof born, "layer%d_born.npy", (int)l + 1);
  snprintf(tried, sizeof tried, "layer%d_tried_indices.npy", (int)l + 1);
  if (!W) return 1;
  if (has_member(c, born) && !(history->born = sparse_links_new(W->capacity)))
    return data_complain(why, c->path, "not enough memory");
  if (!has_member(c, tried)) return 1;
  int good = find_member(&r, c->zip, tried);
  if (good) cells = count_cells(&r);
  close_member(&r);
  if (!good) return 0;
  if (cells < 0) return data_complain(why, c->path, "%s is corrupted", tried);
  history->tried = sparse_cells_new(W->n_in, W->n_out, cells);
  if (!history->tried) return data_complain(why, c->path, "not enough memory");
  history->tried->links = cells;
  return 1;
}

static void swap_histories (Net *net, History *history) {
  for (int32_t l = 0; l < net_layers(net); l++) {
    History held = net_take_history(net, l);
    net_give_history(net, l, history[l]);
    history[l] = held;
  }
}

static void free_histories (History *history, int32_t n) {
  for (int32_t l = 0; history && l < n; l++) {
    mem_free(history[l].born);
    sparse_free(history[l].tried);
  }
  mem_free(history);
}

static History *make_histories (Checkpoint *c, const Net *net, char why[CHECKPOINT_WHY]) {
  int32_t n = net_layers(net);
  History *history = mem_zero((size_t)n, sizeof *history);
  int good = history != NULL;
  if (!good) data_complain(why, c->path, "not enough memory");
  for (int32_t l = 0; l < n && good; l++) good = make_history(c, net, l, &history[l], why);
  if (good) return history;
  free_histories(history, n);
  return NULL;
}

int checkpoint_restore (Checkpoint *c, Net *net, char why[CHECKPOINT_WHY]) {
  Filling f = { .checkpoint = c, .reader = { .path = c->path, .why = why } };
  History *history = make_histories(c, net, why);
  if (!history) return 0;
  swap_histories(net, history);
  int fits = net_visit_state(net, check_array, &f);
  if (!fits) swap_histories(net, history);
  free_histories(history, net_layers(net));
  mem_free(f.pointers);
  mem_free(f.own_pointers);
  mem_free(f.own_targets);
  if (!fits) return 0;
  if (!net_visit_state(net, fill_array, &f)) return -1;
  net_state_written(net);
  return 1;
}
