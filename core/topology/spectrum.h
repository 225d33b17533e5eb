/*
** spectrum.h -- the two largest singular values of a layer's mask, and how far it is from an ideal expander.
*/
#ifndef SETLAB_SPECTRUM_H
#define SETLAB_SPECTRUM_H
#include "topology/stack.h"

/* mu1 >= mu2: singular values of the n_in x n_out matrix of zeros and ones, with multiplicity, hence the largest and the third
** largest absolute eigenvalue of the bipartite graph. mean_in, mean_out: the mean degrees of its input and of its output
** units that have links. delta_s = 2 sqrt(mu1 - 1) - mu2, delta_r = sqrt(mean_in - 1) + sqrt(mean_out - 1) - mu2: at least 0
** for a Ramanujan graph (Hoang et al. 2023, who give them where both means are at least 3: `valid`); NAN without links. */
typedef struct Spectrum { double mu1, mu2, mean_in, mean_out, delta_s, delta_r; int valid; } Spectrum;

/* By block Lanczos with a start that is always the same; mu1 and mu2 to 1e-6 of their size, or of 1 where that is more. 0 if
** memory runs out. */
int spectrum_of (const Stack *s, int32_t l, int threads, Spectrum *spectrum);

#endif
