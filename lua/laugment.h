/*
** laugment.h -- augmentations as seen from Lua: the userdata "lab.augment", made for one epoch.
*/
#ifndef SETLAB_LAUGMENT_H
#define SETLAB_LAUGMENT_H
#include "data/augment.h"
#include "libs.h"

/* The augmentation at a stack index, or NULL if something else is there. It belongs to its
** userdata, and so do the numbers given in it. */
const Augment *laugment_test (lua_State *L, int index);

#endif
