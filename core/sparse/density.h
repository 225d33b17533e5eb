/*
** density.h -- how many links each layer of a net gets, for one density of the whole.
**
** N_l = n_in n_out are the cells of layer l, and raw_l = ((n_in + n_out) / N_l)^power. By the rule ER (Mocanu et al. 2018, as
** RigL and others use it) the density of layer l is e raw_l, with e such that all layers together have the density asked for.
** Where e raw_l would exceed 1, the layers with the largest raw are made dense, and e is solved again for the others. For
** multilayer perceptrons ERK is the same rule.
*/
#ifndef SETLAB_DENSITY_H
#define SETLAB_DENSITY_H
#include <stdint.h>

/* Layer l has n_in[l] x n_out[l] cells; out[l]: its density, in [0, 1]. 0 < density <= 1 is that of the whole net. */
void density_er (const int32_t *n_in, const int32_t *n_out, int32_t n_layers, double density, double power, double *out);

/* Links of a layer of so many cells: cells - floor((1 - density) cells); what is a whole number but for rounding counts as that. */
int64_t density_links (int64_t cells, double density);

#endif
