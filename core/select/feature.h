/*
** feature.h -- the features of a split: selecting some as a new split, and the information in each
** one.
**
** A split is read sample by sample, as it lies in memory; what is kept for each feature is in
** arrays of n_features. Values are as stored times data->unit, before any standardisation.
*/
#ifndef SETLAB_FEATURE_H
#define SETLAB_FEATURE_H
#include "data/data.h"

enum { FEATURE_MOST_BINS = 256 };

/* A split of the same samples with n of the features, in the order of feature[0 .. n-1], which are
** distinct and below data->n_features. Bytes stay bytes; labels, class names, unit and each
** feature's standardisation go along; it is an image no more. The hash is that of the new
** content. The caller owns it and gives it to data_free; NULL without memory. */
Data *feature_select (const Data *data, const int32_t *feature, int32_t n);
uint64_t feature_select_bytes (const Data *data, int64_t n);   /* that feature_select claims */

/* Mean and variance (divided by n) of every feature over the samples: n_features to each. A
** constant feature has variance 0 exactly. */
void feature_moments (const Data *data, double *mean, double *variance);

/* Mutual information of every feature with the label, in bits: n_features to `information`. A
** feature's range over these samples is cut into `bins` bins of equal width, and
**     I = sum over bins b and classes c of p(b,c) log2(p(b,c) / (p(b) p(c)))
** is taken with observed shares for p. Such an estimate is too high by about
** (bins - 1) (classes - 1) / (2 n ln 2) bits (Miller 1955), most of all for a feature that tells
** nothing. 2 <= bins <= FEATURE_MOST_BINS. 0 if memory ran out. */
int feature_information (const Data *data, int32_t bins, double *information);

#endif
