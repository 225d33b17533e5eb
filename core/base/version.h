/*
** version.h -- the results version: part of every run's key.
**
** Raise it whenever the same script and seed would give other numbers than before, so
** that finished runs of older engines are not mistaken for this one's.
**
** 3: the default of `init` is he_links_uniform; it was he_uniform.
** 4: sums over a batch are made tile by tile of columns.
*/
#ifndef SETLAB_VERSION_H
#define SETLAB_VERSION_H
#define SETLAB_RESULTS_VERSION 4
#endif
