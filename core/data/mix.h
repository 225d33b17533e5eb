/*
** mix.h -- batches whose samples come in pairs that are mixed: mixup (Zhang et al. 2018) and cutmix (Yun et al. 2019).
**
** Columns 2k and 2k + 1 of a batch are a pair; the last column of an odd number stays as it is. Each sample of a pair keeps the share
** lambda of itself and gets 1 - lambda of the other: of all its values (mixup), or as much of its area, in a rectangle (cutmix). Its
** target is mixed alike. One lambda, and one rectangle, serve a whole batch. The order of samples is drawn anew in every epoch, so a pair
** is as random as with a permutation of the batch, and a pair never lies in two tiles.
*/
#ifndef SETLAB_MIX_H
#define SETLAB_MIX_H
#include "base/rng.h"

/* lambda has the law Beta(a, a), a being one of these; 0: that is not done. If both are given, each batch takes either. */
typedef struct Mixing { float mixup, cutmix; } Mixing;
#define MIX_MOST_ALPHA 100

/* What is done to a batch. */
typedef struct Mix {
  int   active;
  float share;                 /* lambda: of a sample's own target */
  int   is_cut;                /* rows row0 <= r < row1 and columns col0 <= c < col1 of images change places, else all values mix */
  int32_t row0, row1, col0, col1;
} Mix;

/* Of step `step` of a net with this seed; height and width of its images are needed for cutmix. */
Mix mix_draw (const Mixing *mixing, uint64_t seed, uint64_t step, int32_t height, int32_t width);

/* The column that shares a pair with b; b itself if it has none. */
static inline int32_t mix_partner (int32_t b, int32_t samples) { return (b | 1) < samples ? b ^ 1 : b; }

#endif
