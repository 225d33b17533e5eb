/*
** confine.h -- a process that starts no other, reaches no network and writes below one folder only.
**
** Nothing is kept from it that only reads, nor from becoming another program in its own place, to which all of this applies, too. Modes
** and times of files can be changed.
**
** For programs that carry out what a script says, such as gnuplot. It holds for the process from then on, for what it
** executes, and for all its threads that come later. Only system calls are made, so a child may call this
** between vfork and exec. It takes seccomp(2), which Linux has for long; the limit on writing takes landlock(7) of Linux 5.13, and is
** left out before that.
*/
#ifndef SETLAB_CONFINE_H
#define SETLAB_CONFINE_H

/* Confines the calling process to `folder`, which exists. 0 with errno if it cannot be. */
int confine_to (const char *folder);

#endif
