/*
** loss.h -- the loss of a batch, and the gradient at the output units.
**
** A new loss is one function and one line in the table of loss.c.
*/
#ifndef SETLAB_LOSS_H
#define SETLAB_LOSS_H
#include <stddef.h>
#include <stdint.h>

/* What makes outputs of the output units' sums and is part of the loss; LOSS_NOTHING: their activation, which is not. */
typedef enum LossPart { LOSS_NOTHING, LOSS_SOFTMAX, LOSS_SIGMOID } LossPart;

typedef struct Loss {
  const char *name;
  LossPart part;
  /* The loss of one sample. a[o*stride] is output unit o, `label` its class, 0-based. The target of the class is 1 - smooth
  ** + smooth / n_out, of the others smooth / n_out (Szegedy et al. 2016); smooth is from 0 to below 1. With
  ** delta, delta[o*stride] gets the derivative by a[o*stride]; delta may be NULL. */
  double (*sample) (const float *a, size_t stride, int32_t n_out, int32_t label, float smooth, float *delta);
  /* The loss of one sample that has n_out numbers as targets, and its gradient, as above; NULL if the loss is for classes only. */
  double (*numbers) (const float *a, size_t stride, int32_t n_out, const float *target, float *delta);
} Loss;

extern const Loss losses[];                /* the last has name NULL */
const Loss *loss_find (const char *name);  /* NULL if there is none */

/* A target of two classes: share of that of `label`, and 1 - share of that of `other`, each smoothed (mixup, Zhang et al. 2018). */
typedef struct LossTarget { int32_t label, other; float share, smooth; } LossTarget;

/* The loss for such a target, share times that for the one and 1 - share times that for the other; and its gradient, which both losses
** have linear in the target. */
double loss_mixed (const Loss *loss, const float *a, size_t stride, int32_t n_out, const LossTarget *target, float *delta);

/* An output unit's value of its sum, where LOSS_SIGMOID is part of the loss. */
float loss_sigmoid (float sum);

/* The output unit with the largest value; the first of equals. */
int32_t loss_winner (const float *a, size_t stride, int32_t n_out);

#endif
