#include "data/data_reader.h"
#include "base/mem.h"
#include <string.h>

int data_draw_begin (DataDraw *draw, const DataWanted *want, int64_t available,
                     const char *path, char why[DATA_WHY]) {
  *draw = (DataDraw){ .left = available, .wanted = want->count ? want->count : available };
  if (draw->wanted > available)
    return data_complain(why, path, "has %lld samples, %lld were asked for",
                         (long long)available, (long long)draw->wanted);
  if (want->take && want->n_take != available)
    return data_complain(why, path, "has %lld samples, the draw is from %lld",
                         (long long)available, (long long)want->n_take);
  draw->take = want->take;
  draw->random = want->random && draw->wanted < available;
  rng_seed(&draw->rng, want->seed, RNG_DATA | want->part << 8);
  return 1;
}

int data_draw_next (DataDraw *draw) {
  int take = draw->wanted > 0 && (draw->take ? *draw->take++ : !draw->random ||
    rng_below(&draw->rng, (uint64_t)draw->left) < (uint64_t)draw->wanted);
  draw->left--;
  draw->wanted -= take;
  return take;
}

int data_check_label (int64_t label, int32_t n_classes, int64_t i, const char *path,
                      char why[DATA_WHY]) {
  if (0 <= label && label < n_classes) return 1;
  return data_complain(why, path, "label %lld of sample %lld is out of range, expected 0 to %d",
                       (long long)label, (long long)i + 1, n_classes - 1);
}

/* Read in the file's order, the samples go into the order that was asked for: sample k of the
** result is the file's want->order[k]. 1, or 0 without memory. */
static int arrange (Data *data, const DataWanted *want) {
  size_t n = (size_t)data->n, size = (size_t)data->n_features * (data->u8 ? 1 : sizeof(float));
  int32_t *place = mem_new((size_t)want->n_take, sizeof *place), *label = mem_new(n, sizeof *label);
  char *rows = mem_new(n, size), *old = data->u8 ? (char *)data->u8 : (char *)data->f32;
  if (place && label && rows) {
    for (int64_t i = 0, p = 0; i < want->n_take; i++) place[i] = want->take[i] ? (int32_t)p++ : -1;
    for (size_t k = 0; k < n; k++) {
      size_t from = (size_t)place[want->order[k]];
      memcpy(rows + k * size, old + from * size, size);
      label[k] = data->label[from];
    }
    memcpy(old, rows, n * size);
    memcpy(data->label, label, n * sizeof *label);
  }
  int done = place && label && rows;
  mem_free(place);
  mem_free(label);
  mem_free(rows);
  return done;
}

Data *data_finish (Data *data, const DataWanted *want, const char *path, char why[DATA_WHY]) {
  const Data *like = want->like;
  int ok = 1;
  if (like && data->n_features != like->n_features)
    ok = data_complain(why, path, "has %d features a sample, the training split has %d",
                       data->n_features, like->n_features);
  ok = ok && data_scale(data, want, path, why) && (!like || data_agree(data, like, path, why));
  if (ok && want->order && !arrange(data, want))
    ok = data_complain(why, path, "not enough memory to put the samples in order");
  if (ok) {
    data_rehash(data);
    return data;
  }
  data_free(data);
  return NULL;
}
