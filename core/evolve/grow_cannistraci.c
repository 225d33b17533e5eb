/*
** grow_cannistraci.c -- the missing cells that the wiring itself points to (cannistraci.h), row by row.
**
** The best cells grow (CHT), or cells drawn without replacement in proportion to their score (CHTs). A cell that no path joins
** counts as 1e-5, so that units which percolation has emptied rarely come back; among such cells, chance decides.
*/
#include "evolve/grow.h"
#include "base/mem.h"
#include "evolve/cannistraci.h"
#include "evolve/score.h"
#include <math.h>
#include <omp.h>

static const float NO_PATH = 1e-5f;

typedef struct Hand { Best best; CannistraciRoom room; } Hand;

static void hands_free (Hand *hand, int n) {
  for (int t = 0; hand && t < n; t++) {
    best_free(&hand[t].best);
    cannistraci_room_free(&hand[t].room);
  }
  mem_free(hand);
}

static Hand *hands_new (const Kept *kept, int64_t count, int n) {
  Hand *hand = mem_zero((size_t)n, sizeof *hand);
  int there = hand != NULL;
  for (int t = 0; there && t < n; t++) there = best_new(&hand[t].best, count) && cannistraci_room_new(&hand[t].room, kept);
  if (there) return hand;
  hands_free(hand, n);
  return NULL;
}

/* What each output adds to scores, for the rows that follow: found once, as it is the same for all of them. Without
** memory for it rows take longer, and come to the same. */
static float *outputs_of (const Kept *kept, const Cannistraci *rule, Hand *hand, int threads) {
  size_t n = cannistraci_outputs(rule, kept->n_out), width = (size_t)kept->n_out;
  float *rows = n > 0 ? mem_new(n, sizeof *rows) : NULL;
  if (!rows) return NULL;
  #pragma omp parallel for num_threads(threads) schedule(dynamic, 8)
  for (int32_t b = 0; b < kept->n_out; b++) cannistraci_output(kept, rule, b, &hand[omp_get_thread_num()].room, rows + (size_t)b * width);
  for (int t = 0; t < threads; t++) hand[t].room.outputs = rows;
  return rows;
}

/* A number in (0, 1) of a cell, whoever asks. */
static double chance (uint64_t key, uint64_t cell) { return ((double)(rng_mix(key ^ rng_mix(cell)) >> 12) + 0.5) * 0x1p-52; }

/* What a cell is worth in the choice. */
static float worth (float score, const GrowOptions *options, uint64_t key, uint64_t cell) {
  if (options->soft) return score_tempered_key(chance(key, cell), score > 0 ? score : NO_PATH, 1);
  return score > 0 ? score : (float)chance(key, cell) * NO_PATH;
}

/* Offers the cells of unit i that are to be had, between its links. */
static void offer_row (const Sparse *W, const uint8_t *keep, const GrowOptions *options, uint64_t key, int32_t i,
                       const float *score,
                       Best *best) {
  int64_t k = W->ptr[i];
  for (int32_t o = 0; o < W->n_out; o++) {
    int linked = k < W->ptr[i + 1] && W->to[k] == o;
    int closed = linked && (keep[k] || !options->may_return);
    k += linked;
    if (closed || (!options->soft && score[o] > 0 && score[o] < best->floor)) continue;
    best_offer(best, worth(score[o], options, key, (uint64_t)i * (uint64_t)W->n_out + (uint64_t)o), i, o);
  }
}

int grow_cannistraci (const View *view, const uint8_t *keep, int64_t count, const GrowOptions *options, int threads, Rng *rng,
                      Best *best) {
  const Sparse *W = view->W;
  uint64_t key = rng_u64(rng);
  Kept kept;
  if (!kept_new(&kept, W, keep)) return 0;
  Hand *hand = hands_new(&kept, count, threads);
  if (hand) {
    float *outputs = outputs_of(&kept, options->paths, hand, threads);
    #pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
    for (int32_t first = 0; first < W->n_in; first += CANNISTRACI_ROWS) {
      Hand *mine = &hand[omp_get_thread_num()];
      int32_t n = W->n_in - first < CANNISTRACI_ROWS ? W->n_in - first : CANNISTRACI_ROWS;
      cannistraci_rows(&kept, options->paths, first, n, &mine->room);
      for (int32_t i = 0; i < n; i++) offer_row(W, keep, options, key, first + i, mine->room.score + (size_t)i * (size_t)W->n_out, &mine->best);
    }
    for (int t = 1; t < threads; t++) best_add(&hand[0].best, &hand[t].best);
    best_finish(&hand[0].best);
    *best = hand[0].best;
    hand[0].best.cell = NULL;
    hands_free(hand, threads);
    mem_free(outputs);
  }
  kept_free(&kept);
  return hand != NULL;
}

uint64_t grow_cannistraci_bytes (const GrowOptions *options, int32_t n_in, int32_t n_out, int64_t links, int64_t count,
                                 int threads) {
  uint64_t hands = (uint64_t)threads, outputs = cannistraci_outputs(options->paths, n_out);
  return (outputs > 0 ? mem_block(outputs, sizeof(float)) : 0) + kept_bytes(n_in, n_out, links) + mem_block(hands, sizeof(Hand)) +
      hands * (best_bytes(count) + cannistraci_room_bytes(n_in, n_out));
}
