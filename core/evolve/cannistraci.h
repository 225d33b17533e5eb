/*
** cannistraci.h -- how likely a missing link is, by the paths of three links that would close it (Cannistraci-Hebb theory;
** CHT and CHTs, arXiv 2501.19107).
**
** A path from input unit u to output unit v is u - b - a - v: b an output that u feeds, a an input that feeds v, and a link
** between a and b. The local community of (u, v) is all such a and b. For a unit z of it, d is its degree, i how many of its
** links go to the community, e = d - 1 - i how many go elsewhere: with N(z) the units that z is linked to, i_a = |N(a) and N(u)|
** and i_b = |N(b) and N(v)|.
**
**   RA-L3p     sum over paths of 1 / sqrt(d_a d_b)
**   CH2-L3p    sum over paths of sqrt((1 + i_a)(1 + i_b)) / sqrt((1 + e_a)(1 + e_b))
**   CH3-L3p    sum over paths of 1 / sqrt((1 + e_a)(1 + e_b))
**   CH2-L3n    sum over the community of (1 + i_z) / (1 + e_z)
**   CH3-L3n    sum over the community of 1 / (1 + e_z)
**   CH3.1-L3n  sum over the community of (1 + i_z) / (1 + e_z)^(1 + e_z / (1 + e_z))
*/
#ifndef SETLAB_CANNISTRACI_H
#define SETLAB_CANNISTRACI_H
#include <stddef.h>
#include "sparse/sparse.h"

typedef struct Cannistraci {
  const char *name;
  int     by_path;                             /* else by the units of the community */
  double (*weight) (double d, double i, double e);   /* of one unit of a path, or of the community */
} Cannistraci;
extern const Cannistraci cannistraci_rules[];               /* the last has name NULL */
const Cannistraci *cannistraci_find (const char *name);     /* NULL if there is none */

/* The links of a layer that stay, in both orders: what scores are computed of. */
typedef struct Kept {
  int32_t  n_in, n_out;
  int64_t *out_ptr, *in_ptr;   /* n_in + 1, n_out + 1 */
  int32_t *to, *from;          /* links */
} Kept;
/* keep NULL: all links. 0 if memory runs out. kept_free takes it either way. */
int  kept_new  (Kept *kept, const Sparse *W, const uint8_t *keep);
void kept_free (Kept *kept);
uint64_t kept_bytes (int32_t n_in, int32_t n_out, int64_t links);

/* Room for rows of one thread, of as many inputs u at a time: where the walk is the same for all of them, they are the lanes of vectors. */
enum { CANNISTRACI_ROWS = 16 };
typedef struct CannistraciRoom {
  float   *score;    /* CANNISTRACI_ROWS * n_out: row after row */
  float   *lanes;    /* n_out * CANNISTRACI_ROWS: the same, output after output */
  float   *sum;      /* n_out: over the paths through one b */
  int32_t *count;    /* n_out: of these paths */
  int32_t *shared;   /* CANNISTRACI_ROWS * n_in: outputs that a unit shares with u */
  float   *table;    /* the weights of a unit by its i */
  const float *outputs;   /* (n_out, n_out), row by row what cannistraci_output says of an output; NULL: it is not known. Borrowed */
} CannistraciRoom;
int  cannistraci_room_new  (CannistraciRoom *room, const Kept *kept);
void cannistraci_room_free (CannistraciRoom *room);
uint64_t cannistraci_room_bytes (int32_t n_in, int32_t n_out);

/* What output b adds to the score of u and every output v, if u is linked to b, for a rule by the units of the community: it does not depend on u. */
void cannistraci_output (const Kept *kept, const Cannistraci *rule, int32_t b, CannistraciRoom *room, float *row);
/* Numbers of all these rows, if the rule has them and they are not too many; else 0. */
size_t cannistraci_outputs (const Cannistraci *rule, int32_t n_out);

/* Row by row, the scores of inputs u0 <= u < u0 + n, at most CANNISTRACI_ROWS of them, and every output v: room->score[(u - u0) * n_out + v]. Of cells that
** are linked they say nothing. Cost: for each link of u, n_out and, without room->outputs, the paths on from there; by units, also the links of the inputs that share one with u. */
void cannistraci_rows (const Kept *kept, const Cannistraci *rule, int32_t u0, int32_t n, CannistraciRoom *room);

#endif
