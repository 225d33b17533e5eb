/*
** merge.c -- each rank tells all others its links, and all of them do the same sums, in the order of the ranks.
*/
#include "workers/merge.h"
#include "base/mem.h"
#include "net/net_average.h"
#include "net/net_internal.h"
#include "turnover/net_evolve.h"
#include <stdio.h>
#include <string.h>

/* The links of one layer on one rank. */
typedef struct Part { int64_t *ptr; int32_t *to; float *w; int64_t at; } Part;

typedef struct Merge {
  Net   *net;
  Ranks *ranks;
  Mail  *mail;
  int    number, rank;
  int64_t *links;   /* number */
  Part  *part;      /* number; that of this rank borrows the layer's arrays */
  char   why[NET_REWIRE_WHY];   /* what went wrong */
} Merge;

/* ---- messages ---- */

/* The same n bytes of each rank, to all: `mine` goes to the others, theirs come to all[rank]. */
static void exchange (Merge *m, const void *mine, void *const *all, const size_t *n) {
  for (int other = 0; other < m->number; other++) {
    if (other == m->rank) continue;
    mail_receive(m->mail, other, RANKS_STATE, all[other], n[other]);
    mail_send(m->mail, other, RANKS_STATE, mine, n[m->rank]);
  }
  mail_wait(m->mail);
}

enum { MOST_RANKS = 4096 };

static void tell_links (Merge *m, int64_t mine) {
  void *all[MOST_RANKS];
  size_t n[MOST_RANKS];
  for (int rank = 0; rank < m->number; rank++) {
    all[rank] = &m->links[rank];
    n[rank] = sizeof mine;
  }
  m->links[m->rank] = mine;
  exchange(m, &mine, all, n);
}

static void free_parts (Merge *m) {
  for (int rank = 0; rank < m->number; rank++) {
    if (rank == m->rank) continue;
    mem_free(m->part[rank].ptr);
    mem_free(m->part[rank].to);
    mem_free(m->part[rank].w);
  }
  memset(m->part, 0, (size_t)m->number * sizeof *m->part);
}

static int claim_parts (Merge *m, const Sparse *W) {
  int whole = 1;
  for (int rank = 0; rank < m->number; rank++) {
    size_t links = (size_t)m->links[rank];
    if (rank == m->rank) m->part[rank] = (Part){ W->ptr, W->to, W->w, 0 };
    else m->part[rank] = (Part){ mem_new((size_t)W->n_in + 1, sizeof(int64_t)), mem_new(links, sizeof(int32_t)), mem_new(links, sizeof(float)), 0 };
    whole &= m->part[rank].ptr && m->part[rank].to && m->part[rank].w;
  }
  return whole;
}

/* Every rank's links of the layer. */
static void hear_parts (Merge *m, const Sparse *W) {
  void *ptr[MOST_RANKS], *to[MOST_RANKS], *w[MOST_RANKS];
  size_t rows[MOST_RANKS], links[MOST_RANKS];
  for (int rank = 0; rank < m->number; rank++) {
    ptr[rank] = m->part[rank].ptr;
    to[rank] = m->part[rank].to;
    w[rank] = m->part[rank].w;
    rows[rank] = ((size_t)W->n_in + 1) * sizeof(int64_t);
    links[rank] = (size_t)m->links[rank] * sizeof(float);
  }
  exchange(m, W->ptr, ptr, rows);
  exchange(m, W->to, to, links);
  exchange(m, W->w, w, links);
}

/* Messages count their bytes in 31 bits. */
static int fits_messages (Merge *m, int32_t l, int64_t links) {
  enum { MOST = 1 << 28 };
  if (links < MOST && net_units(m->net, l) < MOST) return 1;
  snprintf(m->why, sizeof m->why, "layer %d is too large for messages between ranks", (int)l + 1);
  return 0;
}

/* ---- sparse layers ---- */

/* The union of all parts, with means as weights. */
typedef struct Union { int64_t n; int32_t *from, *to; float *weight; } Union;

/* The lowest unit to which any rank has a link of unit i left; -1 if there is none. */
static int32_t next_unit (const Merge *m, int32_t i) {
  int32_t lowest = -1;
  for (int rank = 0; rank < m->number; rank++) {
    const Part *p = &m->part[rank];
    if (p->at < p->ptr[i + 1] && (lowest < 0 || p->to[p->at] < lowest)) lowest = p->to[p->at];
  }
  return lowest;
}

static void unite (Merge *m, const Sparse *W, Union *u) {
  for (int32_t i = 0; i < W->n_in; i++)
    for (int32_t to; (to = next_unit(m, i)) >= 0; u->n++) {
      double sum = 0;
      for (int rank = 0; rank < m->number; rank++) {
        Part *p = &m->part[rank];
        if (p->at < p->ptr[i + 1] && p->to[p->at] == to) sum += (double)p->w[p->at++];
      }
      u->from[u->n] = i;
      u->to[u->n] = to;
      u->weight[u->n] = (float)(sum / m->number);
    }
}

/* All links go, and those of the union come. */
static int replace_links (Merge *m, int32_t l, const Union *u, int32_t number) {
  uint8_t *keep = mem_zero((size_t)m->net->layer[l].sparse->links, sizeof *keep);
  GivenChange change = { .keep = keep, .count = u->n, .from = u->from, .to = u->to, .weight = u->weight };
  int done = keep && net_rewire_given(m->net, l, &change, number, m->why) >= 0;
  mem_free(keep);
  return done;
}

/* As many links too many go as SET would take, the weakest of each sign. */
static int prune_to (Merge *m, int32_t l, int64_t target, int32_t number) {
  Net *net = m->net;
  int64_t links = net->layer[l].sparse->links;
  if (links <= target) return 1;
  Evolution rule = { .links = target };
  prune_find("set", &rule.prune);
  rule.pruning = (PruneOptions){ .share = (double)(links - target) / (double)links, .stay = -1 };
  int64_t born = net_evolve_layers(net, l, l, &rule, number);
  if (born == NET_EVOLVE_DIVERGED) snprintf(m->why, sizeof m->why, "a weight is no finite number");
  return born >= 0;
}

/* The cells that rank 0 remembers. */
static int share_tried (Merge *m, Sparse *W) {
  if (!W->tried) return 1;
  int64_t n = W->tried->links;
  ranks_broadcast(m->ranks, &n, sizeof n);
  Sparse *all = m->rank == 0 ? W->tried : sparse_cells_new(W->n_in, W->n_out, n);
  if (!all) return 0;
  ranks_broadcast(m->ranks, all->ptr, ((size_t)W->n_in + 1) * sizeof *all->ptr);
  ranks_broadcast(m->ranks, all->to, (size_t)n * sizeof *all->to);
  if (m->rank == 0) return 1;
  all->links = n;
  sparse_free(W->tried);
  W->tried = all;
  return 1;
}

static int merge_links (Merge *m, int32_t l, int64_t all, int32_t number) {
  Sparse *W = m->net->layer[l].sparse;
  Union u = { 0, mem_new((size_t)all, sizeof(int32_t)), mem_new((size_t)all, sizeof(int32_t)), mem_new((size_t)all, sizeof(float)) };
  int done = claim_parts(m, W) && u.from && u.to && u.weight;
  if (done) {
    hear_parts(m, W);
    unite(m, W, &u);
    done = replace_links(m, l, &u, number) && prune_to(m, l, (all + m->number / 2) / m->number, number) && share_tried(m, W);
  }
  free_parts(m);
  mem_free(u.from);
  mem_free(u.to);
  mem_free(u.weight);
  return done;
}

static int merge_sparse (Merge *m, int32_t l, int32_t number) {
  int64_t all = 0, most = 0;
  tell_links(m, m->net->layer[l].sparse->links);
  for (int rank = 0; rank < m->number; rank++) {
    all += m->links[rank];
    if (m->links[rank] > most) most = m->links[rank];
  }
  return fits_messages(m, l, most) && merge_links(m, l, all, number);
}

/* ---- arrays that all ranks have ---- */

static int mean_of (Merge *m, float *mine, size_t n) {
  float *theirs = mem_new(n * (size_t)m->number, sizeof *theirs);
  void *all[MOST_RANKS];
  size_t bytes[MOST_RANKS];
  if (!theirs) return 0;
  for (int rank = 0; rank < m->number; rank++) {
    all[rank] = theirs + (size_t)rank * n;
    bytes[rank] = n * sizeof *mine;
  }
  memcpy(all[m->rank], mine, n * sizeof *mine);
  exchange(m, mine, all, bytes);
  for (size_t k = 0; k < n; k++) {
    double sum = 0;
    for (int rank = 0; rank < m->number; rank++) sum += (double)theirs[(size_t)rank * n + k];
    mine[k] = (float)(sum / m->number);
  }
  mem_free(theirs);
  return 1;
}

static void clear (float *x, size_t n) { if (x) memset(x, 0, n * sizeof *x); }

/* What a rule of learning keeps: of layers that keep their links, too. */
static void forget (Layer *layer, int64_t links, Rule rule) {
  size_t n = (size_t)layer->n_out, parameters = n * (size_t)layer_parameters(layer), moments = (size_t)rule_moments(rule);
  Learnt all = layer_links_at(layer, 0);
  clear(all.velocity, (size_t)links);
  clear(all.second, (size_t)links);
  clear(all.age, (size_t)links);
  clear(layer->bias_velocity, n);
  clear(layer->parameter_velocity, parameters);
  if (rule != RULE_ADAMW) return;
  clear(layer->bias_moments, moments * n);
  clear(layer->parameter_moments, moments * parameters);
}

static int merge_layer (Merge *m, int32_t l, int32_t number) {
  Layer *layer = &m->net->layer[l];
  size_t n = (size_t)layer->n_out, parameters = n * (size_t)layer_parameters(layer);
  int done = layer->sparse ? merge_sparse(m, l, number) : fits_messages(m, l, net_links(m->net, l)) && mean_of(m, net_weights(m->net, l), (size_t)net_links(m->net, l));
  done = done && mean_of(m, layer->bias, n) && (parameters == 0 || mean_of(m, layer->parameter, parameters));
  forget(layer, net_links(m->net, l), m->net->rule);
  return done;
}

static int merge_all (Merge *m, int32_t number) {
  Net *net = m->net;
  snprintf(m->why, sizeof m->why, "not enough memory");
  if (!m->mail || !m->links || !m->part || m->number > MOST_RANKS) return 0;
  net_forget_average(net);
  for (int32_t l = 0; l < net->n_layers; l++)
    if (!merge_layer(m, l, number)) return 0;
  ranks_broadcast(m->ranks, &net->steps, sizeof net->steps);
  return 1;
}

int net_merge (Net *net, Ranks *ranks, int32_t number, char why[NET_REWIRE_WHY]) {
  Merge m = { .net = net, .ranks = ranks, .number = ranks_number(ranks), .rank = ranks_rank(ranks) };
  m.mail = mail_new(ranks, 2 * (m.number - 1));
  m.links = mem_zero((size_t)m.number, sizeof *m.links);
  m.part = mem_zero((size_t)m.number, sizeof *m.part);
  int done = merge_all(&m, number);
  mail_free(m.mail);
  mem_free(m.links);
  mem_free(m.part);
  memcpy(why, m.why, NET_REWIRE_WHY);
  return done;
}
