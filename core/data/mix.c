#include "data/mix.h"
#include <math.h>

/* Gamma(a, 1) by Marsaglia and Tsang (2000). */
static double draw_gamma (Rng *rng, double a) {
  if (a < 1) return draw_gamma(rng, a + 1) * pow(1 - rng_double(rng), 1 / a);
  double d = a - 1.0 / 3, c = 1 / sqrt(9 * d);
  for (;;) {
    double x = rng_normal(rng), v = pow(1 + c * x, 3);
    if (v > 0 && log(1 - rng_double(rng)) < x * x / 2 + d - d * v + d * log(v)) return d * v;
  }
}

/* For a small a both may underflow: then it is one end or the other. */
static double draw_beta (Rng *rng, double a) {
  double x = draw_gamma(rng, a), y = draw_gamma(rng, a);
  return x + y > 0 ? x / (x + y) : (double)rng_below(rng, 2);
}

static int32_t clip (double x, int32_t most) { return x < 0 ? 0 : x > most ? most : (int32_t)x; }

/* A rectangle of the image's shape around a pixel drawn evenly, clipped at the edges; lambda is what it leaves. */
static void draw_box (Mix *mix, Rng *rng, double lambda, int32_t height, int32_t width) {
  double cut = sqrt(1 - lambda), rows = floor(height * cut), columns = floor(width * cut);
  double row = (double)rng_below(rng, (uint64_t)height), column = (double)rng_below(rng, (uint64_t)width);
  mix->row0 = clip(row - floor(rows / 2), height);
  mix->row1 = clip(row - floor(rows / 2) + rows, height);
  mix->col0 = clip(column - floor(columns / 2), width);
  mix->col1 = clip(column - floor(columns / 2) + columns, width);
  double area = (double)(mix->row1 - mix->row0) * (mix->col1 - mix->col0);
  mix->share = (float)(1 - area / ((double)height * width));
}

Mix mix_draw (const Mixing *mixing, uint64_t seed, uint64_t step, int32_t height, int32_t width) {
  Mix mix = { 0 };
  if (mixing->mixup <= 0 && mixing->cutmix <= 0) return mix;
  Rng rng;
  rng_seed(&rng, seed, RNG_MIX | step << 8);
  int coin = rng_below(&rng, 2) == 1;
  mix.active = 1;
  mix.is_cut = mixing->mixup <= 0 || (mixing->cutmix > 0 && coin);
  double lambda = draw_beta(&rng, (double)(mix.is_cut ? mixing->cutmix : mixing->mixup));
  mix.share = (float)lambda;
  if (mix.is_cut) draw_box(&mix, &rng, lambda, height, width);
  return mix;
}
