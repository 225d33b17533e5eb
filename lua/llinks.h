/*
** llinks.h -- lists of links in Lua: the userdata "lab.links", and wirings of layers by name.
*/
#ifndef SETLAB_LLINKS_H
#define SETLAB_LLINKS_H
#include "format/pairs.h"
#include "lbox.h"

extern const BoxKind llinks_kind;   /* a box with a Pairs */

#endif
