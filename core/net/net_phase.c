/*
** net_phase.c -- where the time of training goes: a clock read at the border of every phase.
**
** A dozen reads of some 30 ns a step, by the first thread only: always on.
*/
#include "base/clock.h"
#include "net/net_internal.h"

PhaseSeconds net_seconds (const Net *net) { return (PhaseSeconds){ net->batch_seconds, net->loss_seconds }; }

LayerSeconds net_layer_seconds (const Net *net, int32_t l) {
  return (LayerSeconds){ net->layer[l].forward_seconds, net->layer[l].backward_seconds };
}

void net_clear_seconds (Net *net) {
  net->batch_seconds = net->loss_seconds = 0;
  for (int32_t l = 0; l < net->n_layers; l++) net->layer[l].forward_seconds = net->layer[l].backward_seconds = 0;
}

void net_phase_begin (Net *net, int t) {
  if (t == 0) net->phase_began = clock_seconds();
}

void net_phase_end (Net *net, int t, double *seconds) {
  if (t != 0) return;
  double now = clock_seconds();
  *seconds += now - net->phase_began;
  net->phase_began = now;
}
