/*
** data_reader.h -- what all readers share: the draw of samples, and the last checks of a split.
*/
#ifndef SETLAB_DATA_READER_H
#define SETLAB_DATA_READER_H
#include "data/data.h"
#include "base/rng.h"

/* ---- the draw: which samples, in one pass and without a list --------------------------- */

typedef struct DataDraw {
  int64_t left, wanted;  /* samples still to come, and how many of them will be taken */
  int     random;
  const uint8_t *take;   /* flags of the samples still to come, or NULL */
  Rng     rng;
} DataDraw;

/* Prepares to take want->count of `available` samples (all if 0); 0 with a sentence if
** there are too few. */
int data_draw_begin (DataDraw *draw, const DataWanted *want, int64_t available,
                     const char *path, char why[DATA_WHY]);

/* Asked once for every sample in turn: 1 to take it. Selection sampling (Knuth, volume 2,
** 3.4.2, algorithm S): every subset is equally likely. Stop when draw->wanted is 0. */
int data_draw_next (DataDraw *draw);

/* ---- the last checks ------------------------------------------------------------------- */

/* Labels must be in 0 .. n_classes-1; complains about sample i of the file otherwise. */
int data_check_label (int64_t label, int32_t n_classes, int64_t i, const char *path,
                      char why[DATA_WHY]);

/* Decides data->unit from want->scale, from what the values are, and from want->like. 0 with a
** sentence: values that are no bytes where bytes are said. */
int data_scale (Data *data, const DataWanted *want, const char *path, char why[DATA_WHY]);

/* Are the values of the two splits of one kind and range? 0 with a sentence if not; what is only
** doubtful goes into data->warning. */
int data_agree (Data *data, const Data *like, const char *path, char why[DATA_WHY]);

/* Adds a sentence to data->warning, after a blank if one is there. */
void data_warn (Data *data, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Scales the finished split, compares it with want->like, sets the hash. Returns data, or
** frees it and returns NULL. */
Data *data_finish (Data *data, const DataWanted *want, const char *path, char why[DATA_WHY]);

#endif
