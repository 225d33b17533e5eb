/*
** number.h -- a number as files write it.
*/
#ifndef SETLAB_NUMBER_H
#define SETLAB_NUMBER_H

/* 1 if the text is a finite number in decimal digits; with `comma`, 1,5 is one too. */
int number_read (const char *text, int comma, float *value);
int number_read_double (const char *text, int comma, double *value);

#endif
