/*
** hold_out.h -- samples of a training split that are held out from training, for validation.
*/
#ifndef SETLAB_HOLD_OUT_H
#define SETLAB_HOLD_OUT_H
#include "data/data.h"

/* Marks n of data's samples in held (data->n, 1 for held out), drawn without replacement and evenly over the
** classes: of each class its share of n, rounded so that the sum is n (largest remainders). 0 without memory. */
int data_draw_held_out (const Data *data, int32_t n, uint64_t seed, uint8_t *held);

/* The samples of `data` whose held[i] is `which`, in their order, with all that stands beside them; at least one
** must be. The caller owns it (data_free). NULL without memory. */
Data *data_part (const Data *data, const uint8_t *held, uint8_t which);

#endif
