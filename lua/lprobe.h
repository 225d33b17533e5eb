/*
** lprobe.h -- a net looked at on some batches (core/turnover/net_probe.h), as seen from Lua.
**
** A probe keeps its net from being collected. It cannot be used once the net has changed; code that changes the net
** because of it also closes it.
*/
#ifndef SETLAB_LPROBE_H
#define SETLAB_LPROBE_H
#include "lbox.h"
#include "turnover/net_probe.h"

extern const BoxKind lprobe_kind;

/* The probe at stack index `arg`, held for reading, or NULL where nil stands there. Raises if it is not one of the net at stack
** index `net`. */
const Probe *lprobe_hold (lua_State *L, int arg, int net);

/* How many links layer l had when the probe at stack index `arg` was made. */
int64_t lprobe_links (lua_State *L, int arg, int32_t l);

int lprobe_new (lua_State *L);       /* net:probe(...), for lnet.c */
void lprobe_open (lua_State *L);     /* registers the kind */

#endif
