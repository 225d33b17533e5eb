/*
** net_average.h -- the mean of weights, biases and parameters over several moments (Izmailov et al. 2018).
*/
#ifndef SETLAB_NET_AVERAGE_H
#define SETLAB_NET_AVERAGE_H
#include "net/net.h"

/* Adds everything as it is now to the mean, which begins with this call if there is none. Running means and variances of normalised
** units count as parameters: their mean stands for those of the mean net. Returns how many moments the mean is of; 0 if memory
** runs out, and then there is none. */
int64_t net_average (Net *net);
int64_t net_averaged (const Net *net);   /* how many moments the mean is of; 0: there is none */

/* The net becomes the mean, which is gone then. Velocities stay. Without one nothing happens. */
void net_take_average (Net *net);

/* There is no mean any more; for whatever changes links. */
void net_forget_average (Net *net);

/* A mean of nothing yet, to be filled from a file. 0 if memory runs out. */
int net_make_average (Net *net);

/* What a mean claims: 4 bytes for each link, each bias and each parameter. */
uint64_t net_average_bytes (const Net *net);

#endif
