#include "net/net_ranks.h"
#include "base/mem.h"
#include <string.h>

/* Of a message about the losses of a rank's tiles: first this, then the losses, then the hits. */
typedef struct Word { int64_t stop; } Word;

struct Exchange {
  Ranks *ranks;
  int    rank, number;
  Shape  shape;
  int32_t sent_from;      /* layers l >= sent_from have sent their gradients in this step */
  Mail **gradients;       /* by layer: what will arrive */
  Mail  *weights, *sent, *words;
  char  *word;            /* number * word_bytes */
  size_t word_bytes;
};

/* ---- who has what ---- */

static void tiles_of (const Exchange *e, int rank, int *first, int *last) {
  *first = e->shape.tiles * rank / e->number;
  *last = e->shape.tiles * (rank + 1) / e->number;
}

void net_own_tiles (const Net *net, const Shape *shape, int *first, int *last) {
  *first = 0;
  *last = shape->tiles;
  if (net->exchange) tiles_of(net->exchange, net->exchange->rank, first, last);
}

/* Whole vectors and lines, so that nothing depends on where a share begins. */
static void links_of (const Net *net, int32_t l, int rank, int64_t *k0, int64_t *k1) {
  enum { GRAIN = 256 };
  int64_t links = net_links(net, l), grains = (links + GRAIN - 1) / GRAIN, number = net->exchange->number;
  *k0 = grains * rank / number * GRAIN;
  *k1 = grains * (rank + 1) / number * GRAIN;
  if (*k0 > links) *k0 = links;
  if (*k1 > links) *k1 = links;
}

void net_own_links (const Net *net, int32_t l, int64_t *k0, int64_t *k1) {
  *k0 = 0;
  *k1 = net_links(net, l);
  if (net->exchange) links_of(net, l, net->exchange->rank, k0, k1);
}

const char *net_ranks_trouble (const Net *net, int32_t batch, int ranks) {
  Shape shape = net_shape(net, batch);
  if (net->ghost == GHOST_ALL && ranks > 1) return "sums are normalised over the whole batch, which no rank has";
  if (net->clip > 0) return "gradients are clipped by their norm, which no rank knows of all links";
  for (int32_t l = 0; l < net->n_layers; l++)
    if (layer_is_blas(&net->layer[l])) return "a dense layer of more than a few outputs has no gradients by part of a batch";
  if (shape.tiles < ranks) return "a batch is processed in fewer parts than there are ranks";
  if (!net_split(net, &shape).separate) return "the net has too many links for gradients by part of a batch";
  return NULL;
}

void net_divide (Net *net, int parts) { net->parts = parts; }

int net_parts (const Net *net, int32_t batch) { return net_shape(net, batch).tiles; }

/* ---- do the ranks agree? ---- */

static uint64_t mix_in (uint64_t digest, const void *bytes, size_t n) {
  const unsigned char *at = bytes;
  for (; n >= sizeof(uint64_t); n -= sizeof(uint64_t), at += sizeof(uint64_t)) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
    digest = (digest ^ word) * 0x9E3779B97F4A7C15u;
    digest ^= digest >> 29;
  }
  for (; n > 0; n--, at++) digest = (digest ^ *at) * 0x9E3779B97F4A7C15u;
  return digest ^ digest >> 32;
}

/* Of what a step depends on: kernels, shape, seed, samples, wiring, weights. */
static uint64_t digest_of (const Net *net, const Protocol *protocol, const int32_t *order, int32_t n, int32_t batch) {
  Shape shape = net_shape(net, batch);
  float numbers[] = { protocol->rate, protocol->momentum, protocol->weight_decay, net->smoothing };
  uint64_t d = mix_in(mix_in(1, net->kernels->isa, strlen(net->kernels->isa)), &net->seed, sizeof net->seed);
  d = mix_in(mix_in(d, &net->steps, sizeof net->steps), &shape.tiles, sizeof shape.tiles);
  d = mix_in(mix_in(d, numbers, sizeof numbers), order, (size_t)n * sizeof *order);
  for (int32_t l = 0; l < net->n_layers; l++) {
    const Layer *layer = &net->layer[l];
    const Sparse *W = layer->sparse;
    if (W) d = mix_in(mix_in(d, W->ptr, ((size_t)W->n_in + 1) * sizeof *W->ptr), W->to, (size_t)W->links * sizeof *W->to);
    d = mix_in(d, layer_links_at(layer, 0).value, (size_t)net_links(net, l) * sizeof(float));
    d = mix_in(d, layer->bias, (size_t)layer->n_out * sizeof *layer->bias);
    if (layer->parameter) d = mix_in(d, layer->parameter, (size_t)layer->n_out * (size_t)layer_parameters(layer) * sizeof(float));
  }
  return d;
}

/* Whoever has ended in a way of its own is found out here, too: it asks for agreement on something else. There is no limit to the time, for a
** rank may be slow, and the launcher ends the others if it is dead. */
int net_check_ranks (Net *net, const Protocol *protocol, const int32_t *order, int32_t n, int32_t batch) {
  const double seconds = 1e9;
  net_lay_out(net);
  int alone_will_do = protocol->asynchronous;
  int fits = net_ranks_trouble(net, batch, alone_will_do ? 1 : ranks_number(protocol->ranks)) == NULL;
  int number = (int)(digest_of(net, protocol, order, n, batch) & 0x3fffffff);
  if (!ranks_agree(protocol->ranks, number, seconds)) return NET_APART;
  return fits ? NET_OK : NET_NOT_SHARED;
}

/* ---- before and after ---- */

static int messages_in (const Exchange *e) {
  int all = 0, first, last;
  for (int rank = 0; rank < e->number; rank++) {
    tiles_of(e, rank, &first, &last);
    if (rank != e->rank) all += 2 * (last - first);
  }
  return all;
}

static int messages_out (const Exchange *e, int32_t layers) {
  int first, last;
  tiles_of(e, e->rank, &first, &last);
  return (e->number - 1) * layers * (2 * (last - first) + 1);
}

int net_exchange_begin (Net *net, Ranks *ranks, const Shape *shape) {
  Exchange *e = net->exchange = mem_zero(1, sizeof *e);
  if (!e) return 0;
  e->ranks = ranks;
  e->rank = ranks_rank(ranks);
  e->number = ranks_number(ranks);
  e->shape = *shape;
  e->word_bytes = sizeof(Word) + (size_t)shape->stride * (sizeof(double) + sizeof(int32_t));
  e->gradients = mem_zero((size_t)net->n_layers, sizeof *e->gradients);
  e->word = mem_new((size_t)e->number, e->word_bytes);
  e->weights = mail_new(ranks, (e->number - 1) * net->n_layers);
  e->sent = mail_new(ranks, messages_out(e, net->n_layers));
  e->words = mail_new(ranks, 2 * (e->number - 1));
  int whole = e->gradients && e->word && e->weights && e->sent && e->words;
  for (int32_t l = 0; whole && l < net->n_layers; l++) whole = (e->gradients[l] = mail_new(ranks, messages_in(e))) != NULL;
  if (!whole) net_exchange_end(net);
  return whole;
}

void net_exchange_end (Net *net) {
  Exchange *e = net->exchange;
  if (!e) return;
  for (int32_t l = 0; e->gradients && l < net->n_layers; l++) mail_free(e->gradients[l]);
  mail_free(e->weights);
  mail_free(e->sent);
  mail_free(e->words);
  mem_free(e->gradients);
  mem_free(e->word);
  mem_free(e);
  net->exchange = NULL;
}

/* ---- gradients ---- */

static float *links_at (const Net *net, int tile, int32_t l, int64_t k) { return net->link_gradient + tile * net->links + net->layer[l].first_link + k; }
static float *units_at (const Net *net, int tile, int32_t l) { return net->unit_gradient + tile * net->units + net->layer[l].first_unit; }
static size_t unit_bytes (const Layer *layer) { return (size_t)layer->n_out * (size_t)(1 + layer_parameters(layer)) * sizeof(float); }

/* From a rank's tiles, as net_send_gradients sends them. */
static void expect_gradients (const Net *net, int from, int32_t l) {
  const Exchange *e = net->exchange;
  int first, last;
  int64_t k0, k1;
  tiles_of(e, from, &first, &last);
  links_of(net, l, e->rank, &k0, &k1);
  for (int tile = first; tile < last; tile++) {
    mail_receive(e->gradients[l], from, RANKS_GRADIENT, links_at(net, tile, l, k0), (size_t)(k1 - k0) * sizeof(float));
    mail_receive(e->gradients[l], from, RANKS_UNITS, units_at(net, tile, l), unit_bytes(&net->layer[l]));
  }
}

static void expect_weights (const Net *net, int from, int32_t l) {
  int64_t k0, k1;
  links_of(net, l, from, &k0, &k1);
  mail_receive(net->exchange->weights, from, RANKS_WEIGHTS, layer_links_at(&net->layer[l], k0).value, (size_t)(k1 - k0) * sizeof(float));
}

void net_exchange_step (Net *net) {
  Exchange *e = net->exchange;
  if (!e) return;
  e->sent_from = net->n_layers;
  for (int from = 0; from < e->number; from++)
    for (int32_t l = net->n_layers - 1; from != e->rank && l >= 0; l--) expect_gradients(net, from, l);
}

static void send_layer (const Net *net, int to, int32_t l) {
  const Exchange *e = net->exchange;
  int first, last;
  int64_t k0, k1;
  tiles_of(e, e->rank, &first, &last);
  links_of(net, l, to, &k0, &k1);
  for (int tile = first; tile < last; tile++) {
    mail_send(e->sent, to, RANKS_GRADIENT, links_at(net, tile, l, k0), (size_t)(k1 - k0) * sizeof(float));
    mail_send(e->sent, to, RANKS_UNITS, units_at(net, tile, l), unit_bytes(&net->layer[l]));
  }
}

void net_send_gradients (const Walker *w) {
  Exchange *e = w->net->exchange;
  if (!e || w->thread > 0) return;
  while (e->sent_from > 0 && net_is_passed(w, e->sent_from - 1)) {
    e->sent_from--;
    for (int to = 0; to < e->number; to++)
      if (to != e->rank) {
        expect_weights(w->net, to, e->sent_from);   /* nobody here reads the layer any more in this step */
        send_layer(w->net, to, e->sent_from);
      }
  }
}

void net_await_gradients (Walker *w, int32_t l) {
  Exchange *e = w->net->exchange;
  Progress *progress = &w->net->progress[l];
  if (!e) return;
  if (w->thread > 0) {
    for (int spin = 0; !atomic_load_explicit(&progress->heard, memory_order_acquire); spin++) team_pause(spin);
    return;
  }
  net_send_gradients(w);
  mail_wait(e->gradients[l]);
  atomic_store_explicit(&progress->heard, 1, memory_order_release);
}

/* ---- weights, and the rest ---- */

void net_send_weights (Net *net, int32_t l) {
  const Exchange *e = net->exchange;
  int64_t k0, k1;
  if (!e) return;
  links_of(net, l, e->rank, &k0, &k1);
  for (int to = 0; to < e->number; to++)
    if (to != e->rank) mail_send(e->sent, to, RANKS_WEIGHTS, layer_links_at(&net->layer[l], k0).value, (size_t)(k1 - k0) * sizeof(float));
}

/* One array of layer l, of which each rank has its share. */
static void gather (const Net *net, int32_t l, float *all) {
  const Exchange *e = net->exchange;
  int64_t k0, k1;
  for (int other = 0; other < e->number && all; other++) {
    if (other == e->rank) continue;
    links_of(net, l, other, &k0, &k1);
    mail_receive(e->words, other, RANKS_STATE, all + k0, (size_t)(k1 - k0) * sizeof(float));
    links_of(net, l, e->rank, &k0, &k1);
    mail_send(e->words, other, RANKS_STATE, all + k0, (size_t)(k1 - k0) * sizeof(float));
  }
  mail_wait(e->words);
}

/* S2-SAM measures and moves all links before each step. */
void net_await_weights (Net *net) {
  Exchange *e = net->exchange;
  if (!e) return;
  mail_wait(e->weights);
  mail_wait(e->sent);
  for (int32_t l = 0; l < net->n_layers && net->rule == RULE_S2SAM; l++) gather(net, l, layer_links_at(&net->layer[l], 0).second);
}

void net_exchange_state (Net *net) {
  if (!net->exchange) return;
  for (int32_t l = 0; l < net->n_layers; l++) {
    Learnt links = layer_links_at(&net->layer[l], 0);
    gather(net, l, links.velocity);
    gather(net, l, links.second);
    gather(net, l, links.age);
  }
}

/* ---- losses ---- */

/* The samples that stand in a rank's tiles. */
static void columns_of (const Exchange *e, int rank, int32_t *first, int32_t *n) {
  int t0, t1;
  tiles_of(e, rank, &t0, &t1);
  Tile begin = shape_tile(&e->shape, t0), end = shape_tile(&e->shape, t1 - 1);
  *first = begin.column;
  *n = end.column + end.samples - begin.column;
}

static void write_word (const Net *net, int stop) {
  const Exchange *e = net->exchange;
  char *to = e->word + (size_t)e->rank * e->word_bytes;
  int32_t first, n;
  columns_of(e, e->rank, &first, &n);
  Word word = { stop };
  memcpy(to, &word, sizeof word);
  memcpy(to + sizeof word, net->column_loss + first, (size_t)n * sizeof(double));
  memcpy(to + sizeof word + (size_t)n * sizeof(double), net->column_hit + first, (size_t)n * sizeof(int32_t));
}

static int read_word (Net *net, int from) {
  const Exchange *e = net->exchange;
  const char *at = e->word + (size_t)from * e->word_bytes;
  int32_t first, n;
  Word word;
  columns_of(e, from, &first, &n);
  memcpy(&word, at, sizeof word);
  memcpy(net->column_loss + first, at + sizeof word, (size_t)n * sizeof(double));
  memcpy(net->column_hit + first, at + sizeof word + (size_t)n * sizeof(double), (size_t)n * sizeof(int32_t));
  return (int)word.stop;
}

int net_exchange_losses (Net *net, int stop) {
  const Exchange *e = net->exchange;
  if (!e) return stop;
  write_word(net, stop);
  for (int other = 0; other < e->number; other++) {
    if (other == e->rank) continue;
    mail_receive(e->words, other, RANKS_WORD, e->word + (size_t)other * e->word_bytes, e->word_bytes);
    mail_send(e->words, other, RANKS_WORD, e->word + (size_t)e->rank * e->word_bytes, e->word_bytes);
  }
  mail_wait(e->words);
  for (int other = 0; other < e->number; other++)
    if (other != e->rank) stop |= read_word(net, other);
  return stop;
}
