/*
** target.h -- numbers that a net is to give for a sample, in place of a class: regression, and autoencoders, whose targets are
** values of samples.
*/
#ifndef SETLAB_TARGET_H
#define SETLAB_TARGET_H
#include "data/data.h"

/* Each sample's n_targets numbers, sample after sample, all finite; they are copied, and take the place of those that were there. The split's
** hash follows. 0 if memory runs out; nothing has changed then. */
int data_set_targets (Data *data, int32_t n_targets, const float *targets);

/* The targets of `data` become what a net sees of the samples of `source`, which has as many and may be `data` itself: an autoencoder learns to give
** what it was shown, a denoising one what was there before noise came to it. Later changes of the source do not show. 0 as above. */
int data_aim_at (Data *data, const Data *source);

/* The samples as floats, as a network sees them, and to each value a normal number of deviation sd is added, drawn once from the seed (0: none is): what a denoising
** autoencoder is shown. It is standardised no further.
** Labels and targets are the same. The caller owns it; NULL: no memory. */
Data *data_noisy (const Data *data, double sd, uint64_t seed);

/* The mean over the samples of the squared distance of a sample's targets from their mean: the squared error, summed over the targets, of whoever always says the
** mean. */
double data_target_spread (const Data *data);

/* The first column, from 0, whose targets are all the same; -1 if there is none. Columns of a split that has several, all of them of zeros and ones,
** are labels, and one that is never there is no mistake. */
int32_t data_constant_target (const Data *data);

/* Where, sample after sample, the first target lies that is not from 0 to 1; -1 if there is none. */
int64_t data_target_beyond_labels (const Data *data);

/* How often outputs of at least 1/2 and targets of at least 1/2 say that a label is there. */
typedef struct LabelCounts {
  int64_t both, output_only, target_only, neither;   /* pairs of a sample and a label */
  int64_t exact;                                     /* samples all of whose labels are right */
} LabelCounts;

/* Outputs have a sample's n_targets numbers side by side, sample after sample. */
LabelCounts data_count_labels (const Data *data, const float *outputs);

#endif
