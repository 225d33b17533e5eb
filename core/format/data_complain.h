/*
** data_complain.h -- how a reader says what is wrong with a file.
*/
#ifndef SETLAB_DATA_COMPLAIN_H
#define SETLAB_DATA_COMPLAIN_H

enum { DATA_WHY = 400 };   /* size of the buffer for a reader's sentence */

/* Writes "<path>: <message>" to why; a long path keeps its end, so the message fits. Returns
** 0, so that a reader can say `return data_complain(...)`. */
int data_complain (char why[DATA_WHY], const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
