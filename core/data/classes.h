/*
** classes.h -- the distinct labels of a data set, as text, and the number of each.
**
** Labels that are numbers are compared by value: 1, 1.0 and "1." are one class, whose name is 1.
** Whole numbers without a point keep their text, so that a code such as 007 does.
*/
#ifndef SETLAB_CLASSES_H
#define SETLAB_CLASSES_H
#include "data/data.h"

typedef enum ClassesClosed {
  CLASSES_OPEN,     /* a new label is a new class */
  CLASSES_LIKE,     /* they are those of the training split */
  CLASSES_COUNTED   /* they are those of an earlier pass over the same file */
} ClassesClosed;

typedef struct Classes {
  char    **name;    /* (n) owned copies; in order of appearance until classes_sort */
  int32_t  *sorted;  /* (n) indices of name, bytewise ascending, to search in */
  int32_t   n, room;
  int       comma;   /* 1: 1,5 is a number too */
  ClassesClosed closed;
  char      number[32];   /* the text that a number is known by */
} Classes;

enum { CLASS_UNKNOWN = -1, CLASS_TOO_MANY = -2, CLASS_NO_MEMORY = -3 };

/* All zero is an empty set. */
void classes_free (Classes *s);

/* The classes of the training split, in its order, closed. 0 without memory. */
int classes_like (Classes *s, const Data *like);

/* The class of a label, from 0: a new one if they are open; otherwise one of the enum above. */
int32_t classes_of (Classes *s, const char *text);

/* The final order: by value if all are numbers, else bytewise. Closes them (CLASSES_COUNTED), unless
** they are closed already. Classes given out before are renumbered; place, if not NULL and of
** s->n numbers, gets the new number of each. 0 without memory. */
int classes_sort (Classes *s, int32_t *place);

/* 1 if so many different whole numbers, as labels of n samples, look measured: more than half as many as
** there are samples, with gaps between them. */
int classes_have_gaps (int64_t count, double lowest, double highest, int64_t n);

/* 1 if n samples with these labels look measured: numbers with fractions, or whole numbers with
** gaps, about as many different ones as there are samples. */
int classes_are_measured (const Classes *s, int64_t n);

/* All names end to end, as Data keeps them; the caller owns them. NULL without memory. */
char *classes_join (const Classes *s);

/* 1 if a label stands for a missing value: "nan" or "?". NA and none may be names. */
int label_is_missing (const char *text);

#endif
