#include "solve/assign.h"
#include "base/mem.h"
#include <math.h>
#include <string.h>

/* Rows and columns count from 1 here; 0 stands for none. */
typedef struct Match {
  int32_t n;
  const double *cost;
  double  *u, *v;       /* n + 1: potentials of rows and columns; u + v <= cost, and equal where assigned */
  double  *least;       /* n + 1: the shortest way found to each column */
  int32_t *row, *way;   /* n + 1: the row of each column; the column before it on that way */
  uint8_t *seen;        /* n + 1 */
} Match;

/* Goes on from column `at`, which has been reached: the nearest column that has not. */
static int32_t step (Match *m, int32_t at) {
  int32_t i = m->row[at], next = 0;
  const double *cost = m->cost + (size_t)(i - 1) * (size_t)m->n;
  double delta = HUGE_VAL;
  m->seen[at] = 1;
  for (int32_t j = 1; j <= m->n; j++) {
    if (m->seen[j]) continue;
    double reduced = cost[j - 1] - m->u[i] - m->v[j];
    if (reduced < m->least[j]) {
      m->least[j] = reduced;
      m->way[j] = at;
    }
    if (m->least[j] < delta) {
      delta = m->least[j];
      next = j;
    }
  }
  for (int32_t j = 0; j <= m->n; j++) {
    if (!m->seen[j]) m->least[j] -= delta;
    else {
      m->u[m->row[j]] += delta;
      m->v[j] -= delta;
    }
  }
  return next;
}

static void add_row (Match *m, int32_t i) {
  int32_t at = 0;
  m->row[0] = i;
  memset(m->seen, 0, (size_t)m->n + 1);
  for (int32_t j = 0; j <= m->n; j++) m->least[j] = HUGE_VAL;
  do at = step(m, at);
  while (m->row[at] != 0);
  for (; at; at = m->way[at]) m->row[at] = m->row[m->way[at]];
}

int assign_least (const double *cost, int32_t n, int32_t *column) {
  size_t size = (size_t)n + 1;
  Match m = { .n = n, .cost = cost };
  m.u = mem_zero(size, 3 * sizeof *m.u);
  m.row = mem_zero(size, 2 * sizeof *m.row);
  m.seen = mem_new(size, 1);
  int there = m.u && m.row && m.seen;
  if (there) {
    m.v = m.u + size;
    m.least = m.v + size;
    m.way = m.row + size;
    for (int32_t i = 1; i <= n; i++) add_row(&m, i);
    for (int32_t j = 1; j <= n; j++) column[m.row[j] - 1] = j - 1;
  }
  mem_free(m.u);
  mem_free(m.row);
  mem_free(m.seen);
  return there;
}
