/*
** net_phase.c -- where the time of training goes: a clock read at the border of every phase.
**
** A dozen reads of some 30 ns a step, by the first thread only: always on.
*/
#include "clock.h"
#include "net_internal.h"

int32_t net_phases (const Net *net) { return PHASE_FORWARD + PHASES_A_LAYER * net->n_layers; }

double net_phase (const Net *net, int32_t phase) { return net->phase[phase]; }

void net_phases_clear (Net *net) {
  for (int32_t p = 0; p < net_phases(net); p++) net->phase[p] = 0;
}

void net_phase_begin (Net *net, int t) {
  if (t == 0) net->phase[net_phases(net)] = clock_seconds();
}

void net_phase_end (Net *net, int t, int32_t phase) {
  if (t != 0) return;
  double *begun = &net->phase[net_phases(net)], now = clock_seconds();
  net->phase[phase] += now - *begun;
  *begun = now;
}
