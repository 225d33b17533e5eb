/*
** data_noise.c -- images of noise around one picture a class, for measuring speed.
**
** A byte is half its class's picture, half noise. Eight are made at a time, so that 50,000
** colour images take a tenth of a second.
*/
#include "data/data.h"
#include "base/mem.h"
#include "base/rng.h"
#include <stdio.h>
#include <string.h>

enum { PICTURES = 0 };
#define LOW_BITS 0x7f7f7f7f7f7f7f7fu   /* of eight bytes */

static const char *check (const DataNoise *s, int32_t n) {
  if (n < 1) return "there must be at least 1 sample";
  if (s->channels < 1 || s->height < 1 || s->width < 1) return "an image has at least 1 channel, row and column";
  if ((int64_t)s->channels * s->height > 1000000 || (int64_t)s->channels * s->height * s->width > 1000000)
    return "more than 1,000,000 features";
  if (s->classes < 2 || s->classes > 4096) return "classes must be 2 to 4096";
  return NULL;
}

/* to[j] = (a + b) / 2 of noise and picture, the last bytes one part of eight. */
static void mix (uint8_t *to, const uint8_t *picture, size_t n, Rng *rng) {
  for (size_t j = 0; j < n; j += 8) {
    size_t here = n - j < 8 ? n - j : 8;
    uint64_t p = 0, r = rng_u64(rng) >> 1 & LOW_BITS;
    memcpy(&p, picture + j, here);
    p = (p >> 1 & LOW_BITS) + r;
    memcpy(to + j, &p, here);
  }
}

static uint8_t *draw_pictures (const DataNoise *s, size_t n_features) {
  size_t n = (size_t)s->classes * n_features;
  uint8_t *pictures = mem_new(n, 1);
  if (!pictures) return NULL;
  Rng rng;
  rng_seed(&rng, s->seed, RNG_DATA | PICTURES << 8);
  for (size_t j = 0; j < n; j++) pictures[j] = (uint8_t)rng_u64(&rng);
  return pictures;
}

Data *data_noise (const DataNoise *s, int32_t n, uint64_t part, char why[DATA_WHY]) {
  const char *wrong = check(s, n);
  if (wrong) {
    snprintf(why, DATA_WHY, "noise: %s", wrong);
    return NULL;
  }
  size_t n_features = (size_t)s->channels * (size_t)s->height * (size_t)s->width;
  Data *data = data_new(n, (int32_t)n_features, DATA_U8);
  uint8_t *pictures = data ? draw_pictures(s, n_features) : NULL;
  if (!pictures) {
    snprintf(why, DATA_WHY, "noise: not enough memory for %d images of %zu bytes", n, n_features);
    data_free(data);
    return NULL;
  }
  Rng rng;
  rng_seed(&rng, s->seed, RNG_DATA | part << 8);
  data->n_classes = s->classes;
  data->channels = s->channels;
  data->height = s->height;
  data->width = s->width;
  for (int32_t i = 0; i < n; i++) {
    data->label[i] = (int32_t)rng_below(&rng, (uint64_t)s->classes);
    mix(data->u8 + (size_t)i * n_features, pictures + (size_t)data->label[i] * n_features, n_features, &rng);
  }
  mem_free(pictures);
  data_rehash(data);
  return data;
}
