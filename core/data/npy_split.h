/*
** npy_split.h -- what two arrays of NumPy say of a split: X of its samples, y of their classes, or of numbers to be learnt.
**
** All complain in a sentence and return 0 where something does not fit.
*/
#ifndef SETLAB_NPY_SPLIT_H
#define SETLAB_NPY_SPLIT_H
#include "data/data_reader.h"
#include "format/npy_array.h"

/* X has rank 2 or more and holds numbers, y a label or a row of numbers for each sample. */
int npy_check_shapes (const NpyArray *x, const NpyArray *y);

/* Rank 3, (n, height, width), and rank 4, (n, c, h, w) or (n, h, w, c), are images; sets their shape. 1 if channels are the last axis. */
int npy_image_shape (Data *data, const Npy *npy);

/* data->note: "X_train u1 (60000, 784)". */
void npy_say_how (const NpyArray *x, Data *data);

/* Reads all of y, which is open and has a row for each sample of the file, for the samples that `want` draws: data->n of them. Labels are whole
** numbers from 0, one-hot rows, or text, whose classes are sorted as those of CSV are; numbers that look measured are refused. With `numbers`,
** targets (target.h) in their place. Sets data's classes. */
int npy_labels (NpyArray *y, int numbers, const DataWanted *want, Data *data);

#endif
