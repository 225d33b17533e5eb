/*
** data.h -- one split of a data set: samples in rows, a label each.
**
** Bytes stay bytes until a batch is made: 5,000 images of 28 x 28 take 4 MB here, not 16.
** A batch maker turns a raw value into what the network sees by
**
**     input = raw * unit                              without standardisation
**     input = raw * unit * feature_scale[j] + feature_shift[j]          with it
**
** Readers stream their files and hold only the wanted samples. Sizes read from a file are
** checked against what the file can hold before anything is allocated, so that a damaged
** header gives an error message and does not fill the machine's memory.
*/
#ifndef SETLAB_DATA_H
#define SETLAB_DATA_H
#include "format/data_complain.h"
#include <stddef.h>
#include <stdint.h>

enum {
  DATA_NOTE = 80,              /* size of the text that says how a split was read */
  DATA_MAX_CLASSES = 65536     /* more than any data set has: a larger label is a mistake */
};

typedef enum DataType { DATA_U8, DATA_F32 } DataType;

/* Which values are divided by 255 before a network sees them. */
typedef enum DataScale {
  DATA_SCALE_AUTO,   /* bytes of images; bytes of a table too, unless it holds only 0 and 1 */
  DATA_SCALE_BYTES,  /* all, whatever type they are stored in; they must be 0 to 255 */
  DATA_SCALE_NONE    /* none */
} DataScale;

typedef struct Data {
  int32_t  n, n_features, n_classes;  /* labels are 0 .. n_classes-1 */
  DataType type;                      /* which of u8 and f32 is there; the other is NULL */
  uint8_t *u8;                        /* (n, n_features), sample-major */
  float   *f32;                       /* (n, n_features), sample-major, all finite */
  int32_t *label;                     /* (n) */
  int32_t  n_targets;                 /* of a sample: numbers that take the place of its label (target.h); 0: there are none */
  float   *target;                    /* (n, n_targets), all finite; or NULL */
  int32_t  channels, height, width;   /* image shape, channel-major; 0 when not an image */
  float   *feature_scale, *feature_shift;  /* (n_features) each, or both NULL */
  float    unit;                      /* 1/255 if values are scaled like bytes, else 1 */
  char    *class_names;               /* n_classes strings end to end, or NULL: names are numbers */
  char    *column_names;              /* n_features strings end to end and the label's, or the first target's; or NULL */
  char     note[DATA_NOTE];           /* how it was stored and read, or "" */
  char     warning[DATA_WHY];         /* what a reader had to guess, in sentences, or "" */
  uint64_t hash[2];                   /* xxh3-128 of what the network sees; high half first */
  void    *map;                       /* the file in which u8 or f32 lies, read-only; NULL: they are in memory, and the split's own */
  size_t   map_bytes;
  char    *map_path;                  /* where it is; and what it was then: its device, number, size and time of change */
  int64_t  map_state[4];
  uint64_t hashed[4];                 /* of a map: the hash before its values, and after them, so that they are read but once for it */
} Data;

/* What a reader is asked for. All zero: every sample, labels as they are found. */
typedef struct DataWanted {
  int64_t     count;      /* samples to keep; 0 for all; more than there are is an error */
  int         random;     /* 0: the first ones; 1: drawn without replacement, file order kept */
  const int32_t *order;   /* NULL, or (count): exactly these samples of the file, in this order */
  const uint8_t *take;    /* with order: (n_take) flags, 1 for the samples in it */
  int64_t     n_take;     /* with order: the file must have so many samples */
  uint64_t    seed, part; /* of the draw: part 1 for training, 2 for test, so that they differ */
  int32_t     n_classes;  /* labels must be below this; 0: one more than the largest label */
  const Data *like;       /* NULL, or the split whose features and classes this must have */
  DataScale   scale;
} DataWanted;

/* ---- readers -------------------------------------------------------------------------
** The caller owns what they return and gives it to data_free. NULL: `why` holds a sentence
** that names the file, the position and what was expected there. */

/* IDX (the format of MNIST), plain or gzip: unsigned bytes, images of three dimensions. */
Data *data_read_idx (const char *images, const char *labels, const DataWanted *want,
                     char why[DATA_WHY]);

/* CIFAR-10's binary records (label byte, 1,024 red, 1,024 green, 1,024 blue) from several
** files read as one. Each must hold n_records records; 0: any whole number of them. */
Data *data_read_cifar10 (const char *const paths[], int n_paths, int32_t n_records,
                         const DataWanted *want, char why[DATA_WHY]);

/* Two arrays of a NumPy .npz; split is "train" or "test". Without names these are X_<split> and
** y_<split>, whatever the case of their letters. X has rank 2 or more and is flattened; rank 3 is
** (n, height, width), rank 4 (n, c, h, w) or, when the last axis is 1, 3 or 4 and the second is not,
** (n, h, w, c), which is turned channel-major. Bytes stay bytes; everything else becomes float.
** Labels: whole numbers, one-hot rows, or text, whose classes are sorted as those of CSV are. An
** array in Fortran order is held in memory while it is read. */
/* With `numbers`, y holds targets instead (target.h): of rank 1 one for each sample, of rank 2 a row of them; finite, and in the training split
** none the same for all samples. All samples are of one class then. */
typedef struct DataNpz {
  const char *samples, *labels;   /* names, or NULL */
  int numbers;
} DataNpz;

Data *data_read_npz (const char *path, const char *split, const DataNpz *names, const DataWanted *want,
                     char why[DATA_WHY]);

/* Two files of NumPy, of which the samples' stays where it is: it is mapped, and may be larger than memory. X is as in an archive, but of bytes
** or of f4 in this machine's order, in C order, channel-major and not packed; y is read, and may be anything that it may be there. The first
** want->count samples, or all: no other draw. Nothing may change the file while the split is there. */
Data *data_map_npy (const char *samples, const char *labels, int numbers, const DataWanted *want, char why[DATA_WHY]);

typedef enum DataHeader {
  DATA_HEADER_NONE,    /* the first record is a sample */
  DATA_HEADER_GIVEN,   /* it holds the columns' names, whatever they look like */
  DATA_HEADER_LIKELY   /* it holds names, unless it looks like a sample: then that is an error */
} DataHeader;

/* A column by its name, which needs a header, or by its place from 1. */
typedef struct DataColumn { const char *name; int32_t column; } DataColumn;

typedef struct DataCsv {
  DataHeader  header;
  const char *label_name;    /* the label's column by name (needs a header), or NULL */
  int32_t     label_column;  /* the label's column counted from 1; 0 for the last */
  const DataColumn *targets; /* columns of numbers that are learnt in place of a label (target.h), in this order; then nothing is said of a label */
  int32_t     n_targets;     /* how many; 0: there is a label */
  char        separator;     /* ',' ';' '\t' '|', ' ' for runs of blanks, or 0: the one that fits */
} DataCsv;

/* Separated values, plain or gzip, quoted fields, lines that end in LF, CRLF or CR. Numbers may have
** decimal commas where the comma does not separate. Classes are the distinct labels, sorted by value
** if all are numbers, else bytewise; with want->like they are those of that split, and another
** label is an error. With a header, columns are matched with those of want->like by name. Labels
** that look like measurements, and names that stand twice, are errors. With targets, all samples are of one class; a target that is no finite number, or the
** same in all records of a training split, is an error. */
Data *data_read_csv (const char *path, const DataCsv *csv, const DataWanted *want,
                     char why[DATA_WHY]);

/* ---- sets that need no file -------------------------------------------------------- */

/* After the generator of Madelon (Guyon 2003): every class owns clusters of points around
** vertices of a hypercube in the informative features, each cluster stretched by a random
** matrix; redundant features are random linear combinations of informative ones, useless
** ones are noise. Columns stand in that order: informative, redundant, useless. */
typedef struct DataMadelon {
  int32_t  informative, redundant, useless;
  int32_t  classes, clusters;  /* clusters a class; classes * clusters <= 2^informative */
  double   separation;         /* half the edge of the hypercube; noise has deviation 1 */
  double   flip;               /* share of labels replaced by a random class */
  uint64_t seed;
} DataMadelon;

/* n samples of the set; part 1 (training) and 2 (test) share clusters and combinations and
** differ in samples. NULL and a sentence if the numbers make no set or memory runs out. */
Data *data_madelon (const DataMadelon *set, int32_t n, uint64_t part, char why[DATA_WHY]);

/* Images of bytes, every class a picture of its own that noise half hides: something to learn
** in any size and number, for measuring speed and memory. */
typedef struct DataNoise {
  int32_t  channels, height, width, classes;
  uint64_t seed;
} DataNoise;

/* n images with labels drawn evenly; parts share the pictures and differ in noise. NULL and a
** sentence if the numbers make no set or memory runs out. */
Data *data_noise (const DataNoise *set, int32_t n, uint64_t part, char why[DATA_WHY]);

/* ---- what any split can do ----------------------------------------------------------- */

/* A split with room for n samples and everything else zero; NULL without memory. */
Data *data_new (int32_t n, int32_t n_features, DataType type);
Data *data_new_empty (int32_t n, int32_t n_features, DataType type);   /* the same without room for values */
void  data_free (Data *data);                /* NULL is fine */
uint64_t data_bytes (int64_t n, int64_t n_features, DataType type);   /* that data_new claims */

/* Computes hash anew; readers have done so, whoever changes a split does it again. */
void data_rehash (Data *data);

/* Every feature of `data` is shifted and scaled by the mean and standard deviation that it
** has over `reference` (which may be `data` itself), whose own standardisation is ignored.
** A feature that is constant there, or whose deviation's inverse is no float, is only shifted. 0 if
** memory ran out: data is unchanged. Both must have the same number of features. */
int data_standardise (Data *data, const Data *reference);

/* The same for groups of features of equal size, one after the other, such as the channels of images: a group's values count
** together. One group: all values. n_features must be a multiple of `groups`. */
int data_standardise_groups (Data *data, const Data *reference, int32_t groups);

/* The same by means and deviations (above 0) that are given, a pair a group, of values as a network would see them without
** standardisation: bytes of images divided by 255. */
int data_standardise_by (Data *data, const double *mean, const double *sd, int32_t groups);

/* Is the file of a mapped split still what it was? Also of a split that is in memory. */
int data_is_unchanged (const Data *data);

/* Samples of a mapped split that are read together, a few megabytes of the file: samples k * data_block() and after. All of a split that is in memory. */
int32_t data_block (const Data *data);

/* Sample i of a mapped split, and its block, will be needed soon. */
void data_expect (const Data *data, int32_t i);

/* Feature j of sample i as a network sees it. */
static inline float data_seen (const Data *data, size_t i, size_t j) {
  size_t k = i * (size_t)data->n_features + j;
  float x = (data->u8 ? (float)data->u8[k] : data->f32[k]) * data->unit;
  return data->feature_scale ? x * data->feature_scale[j] + data->feature_shift[j] : x;
}

/* The first feature, from 0, of which a network would see a value that is not finite; -1: none. */
int32_t data_check_inputs (const Data *data);

/* How a network sees a split; two splits of one kind have the same. 0 where nothing is known. */
typedef struct DataView {
  uint64_t features, classes;  /* hashes of the names */
  uint64_t standardised;       /* hash of scales and shifts */
} DataView;
DataView data_view (const Data *data);

/* Name of a class, or NULL if classes are plain numbers. Borrowed. */
const char *data_class_name (const Data *data, int32_t c);

/* Bytes of `n` strings that stand end to end, with their zero bytes; 0 for NULL. */
size_t data_names_size (const char *names, int32_t n);

#endif
