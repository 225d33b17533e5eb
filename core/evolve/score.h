/*
** score.h -- the score of each link: links with the lowest scores are dropped.
**
**   magnitude   |w|                                       RigL (Evci et al. 2020), and most others
**   mest        |w| + lambda |g|                          MEST (Yuan et al. 2021)
**   snip        |w g|                                     SNIP (Lee et al. 2019)
**   relative    |w| / R_i + |w| / C_o                     relative importance (CHTs, arXiv 2501.19107); R_i and
**               C_o: the sums of |w| over the links of the input unit and of the output unit
**   random      a number in [0, 1)
**
** Any of them can be made soft: links then stay with a probability that grows with their score, as a power of it
** (score_temper), or of the two scores that CHTs mixes (score_soft).
*/
#ifndef SETLAB_SCORE_H
#define SETLAB_SCORE_H
#include "evolve/view.h"

typedef struct ScoreOptions {
  double lambda;   /* of mest */
  double alpha;    /* of the soft score: 1 looks at |w| alone, 0 at relative importance */
} ScoreOptions;

typedef struct Score {
  const char *name;
  int needs;       /* NEEDS_... of view.h */
  /* score[k] for every link k of the view. Returns 1, or 0 if memory runs out. Draws of `rng` show in no other way
  ** than by its stream: each block of links has its own. */
  int (*of_links) (const View *view, const ScoreOptions *options, int threads, Rng *rng, float *score);
} Score;
extern const Score scores[];                /* the last has name NULL */
const Score *score_find (const char *name); /* NULL if there is none */

/* CHTs' score of a link, to be made soft: S = [(|w|/2) / (alpha + (1 - alpha) C_o) + (|w|/2) / (alpha + (1 - alpha) R_i)]
** to the power delta / (1 - delta), 0 <= delta < 1; 0 where w is 0. Returns 0 if memory runs out. */
int score_soft (const View *view, double alpha, double delta, int threads, float *score);

/* Scores become keys of a draw without replacement: of the links with the highest keys, each stays with a probability in proportion to
** score^power, power >= 0 (Efraimidis and Spirakis 2006: ln(u) / score^power). A score of 0 goes before all others. By the logarithm, power ln(score) -
** ln(-ln(u)), which has the same order: so no power is too small or too large for a float. Keys are finite. */
void score_temper (float *score, int64_t n, double power, int threads, Rng *rng);
/* The same of one score, with given u in (0, 1). */
float score_tempered_key (double u, float score, double power);

/* The sums of |w| over the links into each output unit, in the order of the links; strength: n_out. */
void score_strength_in (const View *view, int threads, double *strength);

#endif
