#include "evolve/cannistraci.h"
#include "base/mem.h"
#include <math.h>
#include <string.h>

/* ---- the rules ---- */

static double ra (double d, double i, double e) { (void)i, (void)e; return 1 / sqrt(d); }
static double ch2_path (double d, double i, double e) { (void)d; return sqrt((1 + i) / (1 + e)); }
static double ch3_path (double d, double i, double e) { (void)d, (void)i; return 1 / sqrt(1 + e); }
static double ch2_node (double d, double i, double e) { (void)d; return (1 + i) / (1 + e); }
static double ch3_node (double d, double i, double e) { (void)d, (void)i; return 1 / (1 + e); }
static double ch31_node (double d, double i, double e) { (void)d; return (1 + i) / pow(1 + e, 1 + e / (1 + e)); }

const Cannistraci cannistraci_rules[] = {
  { "CH3-L3p", 1, ch3_path },
  { "CH2-L3n", 0, ch2_node },
  { "CH3-L3n", 0, ch3_node },
  { "CH2-L3p", 1, ch2_path },
  { "CH3.1-L3n", 0, ch31_node },
  { "RA-L3p", 1, ra },
  { NULL, 0, NULL },
};

const Cannistraci *cannistraci_find (const char *name) {
  for (const Cannistraci *rule = cannistraci_rules; rule->name; rule++)
    if (strcmp(rule->name, name) == 0) return rule;
  return NULL;
}

/* The weight of a unit of degree d that shares i of its links. A unit whose every link is shared has e = -1 + 0: only where
** the cell is linked already, of which nobody asks. */
static double weight_of (const Cannistraci *rule, int64_t d, int32_t i) {
  double e = (double)(d - 1 - i);
  return rule->weight((double)d, i, e > 0 ? e : 0);
}

/* ---- the links that stay ---- */

void kept_free (Kept *kept) {
  mem_free(kept->out_ptr);
  mem_free(kept->in_ptr);
  mem_free(kept->to);
  mem_free(kept->from);
}

uint64_t kept_bytes (int32_t n_in, int32_t n_out, int64_t links) {
  Kept *kept;
  return mem_block((uint64_t)n_in + 1, sizeof *kept->out_ptr) + mem_block((uint64_t)n_out + 1, sizeof *kept->in_ptr) +
         2 * mem_block((uint64_t)links, sizeof *kept->to);
}

int kept_new (Kept *kept, const Sparse *W, const uint8_t *keep) {
  *kept = (Kept){ W->n_in, W->n_out, mem_new((size_t)W->n_in + 1, sizeof *kept->out_ptr),
                  mem_new((size_t)W->n_out + 1, sizeof *kept->in_ptr), mem_new((size_t)W->links, sizeof *kept->to),
                  mem_new((size_t)W->links, sizeof *kept->from) };
  if (!kept->out_ptr || !kept->in_ptr || !kept->to || !kept->from) {
    kept_free(kept);
    return 0;
  }
  int64_t n = 0, m = 0;
  for (int32_t i = 0; i < W->n_in; i++) {
    kept->out_ptr[i] = n;
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++)
      if (!keep || keep[k]) kept->to[n++] = W->to[k];
  }
  for (int32_t o = 0; o < W->n_out; o++) {
    kept->in_ptr[o] = m;
    for (int64_t k = W->in_ptr[o]; k < W->in_ptr[o + 1]; k++)
      if (!keep || keep[W->at[k]]) kept->from[m++] = W->from[k];
  }
  kept->out_ptr[W->n_in] = n;
  kept->in_ptr[W->n_out] = m;
  return 1;
}

/* ---- rooms ---- */

void cannistraci_room_free (CannistraciRoom *room) {
  mem_free(room->score);
  mem_free(room->lanes);
  mem_free(room->sum);
  mem_free(room->count);
  mem_free(room->shared);
  mem_free(room->table);
  *room = (CannistraciRoom){ .score = NULL };
}

static size_t table_size (int32_t n_in, int32_t n_out) { return (size_t)(n_in > n_out ? n_in : n_out) + 1; }

int cannistraci_room_new (CannistraciRoom *room, const Kept *kept) {
  size_t n_out = (size_t)kept->n_out, rows = CANNISTRACI_ROWS;
  *room = (CannistraciRoom){ mem_new(rows * n_out, sizeof *room->score), mem_new(rows * n_out, sizeof *room->lanes), mem_new(n_out, sizeof *room->sum),
                             mem_new(n_out, sizeof *room->count), mem_zero(rows * (size_t)kept->n_in, sizeof *room->shared),
                             mem_new(table_size(kept->n_in, kept->n_out), sizeof *room->table), NULL };
  if (room->score && room->lanes && room->sum && room->count && room->shared && room->table) return 1;
  cannistraci_room_free(room);
  return 0;
}

uint64_t cannistraci_room_bytes (int32_t n_in, int32_t n_out) {
  const uint64_t rows = CANNISTRACI_ROWS;
  return 2 * mem_block(rows * (uint64_t)n_out, sizeof(float)) + 2 * mem_block((uint64_t)n_out, 4) + mem_block(rows * (uint64_t)n_in, sizeof(int32_t)) +
         mem_block(table_size(n_in, n_out), sizeof(float));
}

/* ---- rows of scores ---- */

/* How many outputs every input shares with u. */
static void count_shared (const Kept *g, int32_t u, int32_t *shared) {
  memset(shared, 0, (size_t)g->n_in * sizeof *shared);
  for (int64_t k = g->out_ptr[u]; k < g->out_ptr[u + 1]; k++) {
    int32_t b = g->to[k];
    for (int64_t m = g->in_ptr[b]; m < g->in_ptr[b + 1]; m++) shared[g->from[m]]++;
  }
}

/* Paths from b over a to every v: how many, and, by path, the sum of the weights of their a, of which u shares so many outputs. */
static void follow (const Kept *g, const Cannistraci *rule, int32_t b, const int32_t *shared, CannistraciRoom *r) {
  memset(r->count, 0, (size_t)g->n_out * sizeof *r->count);
  if (rule->by_path) memset(r->sum, 0, (size_t)g->n_out * sizeof *r->sum);
  for (int64_t m = g->in_ptr[b]; m < g->in_ptr[b + 1]; m++) {
    int32_t a = g->from[m];
    int64_t first = g->out_ptr[a], end = g->out_ptr[a + 1];
    for (int64_t k = first; k < end; k++) r->count[g->to[k]]++;
    if (!rule->by_path) continue;
    float weight = (float)weight_of(rule, end - first, shared[a]);
    for (int64_t k = first; k < end; k++) r->sum[g->to[k]] += weight;
  }
}

/* The paths from b, and the weights of b by the number of them. */
static void look_from (const Kept *g, const Cannistraci *rule, int32_t b, const int32_t *shared, CannistraciRoom *r) {
  int64_t d = g->in_ptr[b + 1] - g->in_ptr[b];
  r->table[0] = 0;
  for (int32_t i = 1; i <= d; i++) r->table[i] = (float)weight_of(rule, d, i);
  follow(g, rule, b, shared, r);
}

/* What the paths through b, or b itself, add to every score of row `lane`. */
static void add_output (const Kept *g, const Cannistraci *rule, int32_t b, int32_t lane, CannistraciRoom *r) {
  float *score = r->score + (size_t)lane * (size_t)g->n_out;
  if (r->outputs) {
    const float *row = r->outputs + (size_t)b * (size_t)g->n_out;
    #pragma omp simd
    for (int32_t v = 0; v < g->n_out; v++) score[v] += row[v];
    return;
  }
  look_from(g, rule, b, r->shared + (size_t)lane * (size_t)g->n_in, r);
  if (rule->by_path)
    for (int32_t v = 0; v < g->n_out; v++) score[v] += r->sum[v] * r->table[r->count[v]];
  else
    for (int32_t v = 0; v < g->n_out; v++) score[v] += r->table[r->count[v]];
}

/* The weights of a in the communities of n rows; 0 if it is in none of them. */
static int weigh_input (const Kept *g, const Cannistraci *rule, int32_t a, int32_t n, const CannistraciRoom *r, float weight[CANNISTRACI_ROWS]) {
  int any = 0;
  for (int32_t lane = 0; lane < n; lane++) {
    int32_t shared = r->shared[(size_t)lane * (size_t)g->n_in + (size_t)a];
    weight[lane] = shared > 0 ? (float)weight_of(rule, g->out_ptr[a + 1] - g->out_ptr[a], shared) : 0;
    any |= shared;
  }
  return any != 0;
}

static void turn (const float *from, float *to, size_t rows, size_t columns) {
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) to[j * rows + i] = from[i * columns + j];
}

/* What the inputs of the communities add, each once, to all rows in one walk over the links. */
static void add_inputs (const Kept *g, const Cannistraci *rule, int32_t n, CannistraciRoom *r) {
  enum { ROWS = CANNISTRACI_ROWS };
  float weight[ROWS] = { 0 };
  turn(r->score, r->lanes, ROWS, (size_t)g->n_out);
  for (int32_t a = 0; a < g->n_in; a++) {
    if (!weigh_input(g, rule, a, n, r, weight)) continue;
    for (int64_t k = g->out_ptr[a]; k < g->out_ptr[a + 1]; k++) {
      float *score = r->lanes + (size_t)g->to[k] * ROWS;
      #pragma omp simd
      for (int lane = 0; lane < ROWS; lane++) score[lane] += weight[lane];
    }
  }
  turn(r->lanes, r->score, (size_t)g->n_out, ROWS);
}

void cannistraci_rows (const Kept *g, const Cannistraci *rule, int32_t u0, int32_t n, CannistraciRoom *r) {
  memset(r->score, 0, (size_t)CANNISTRACI_ROWS * (size_t)g->n_out * sizeof *r->score);
  for (int32_t lane = 0; lane < n; lane++) {
    int32_t u = u0 + lane;
    count_shared(g, u, r->shared + (size_t)lane * (size_t)g->n_in);
    for (int64_t k = g->out_ptr[u]; k < g->out_ptr[u + 1]; k++) add_output(g, rule, g->to[k], lane, r);
  }
  if (!rule->by_path) add_inputs(g, rule, n, r);
}

void cannistraci_output (const Kept *g, const Cannistraci *rule, int32_t b, CannistraciRoom *r, float *row) {
  look_from(g, rule, b, NULL, r);
  for (int32_t v = 0; v < g->n_out; v++) row[v] = r->table[r->count[v]];
}

size_t cannistraci_outputs (const Cannistraci *rule, int32_t n_out) {
  enum { MOST = 1 << 26 };
  size_t n = (size_t)n_out * (size_t)n_out;
  return rule->by_path || n > MOST ? 0 : n;
}
