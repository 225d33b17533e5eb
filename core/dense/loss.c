#include "dense/loss.h"
#include <math.h>
#include <string.h>

/* Targets of the class and of the others; exactly 1 and 0 without smoothing. */
typedef struct Targets { float on, off; } Targets;

static Targets targets_of (float smooth, int32_t n_out) {
  float off = smooth / (float)n_out;
  return (Targets){ 1 - smooth + off, off };
}

/* -log softmax(a)[label], the largest sum taken off first so that exp cannot overflow; smoothed, the mean of -log softmax(a)
** over the outputs, weighed by their targets. */
static double cross_entropy (const float *a, size_t stride, int32_t n_out, int32_t label, float smooth, float *delta) {
  Targets t = targets_of(smooth, n_out);
  float largest = a[0];
  for (int32_t o = 1; o < n_out; o++) largest = fmaxf(largest, a[(size_t)o * stride]);
  double sum = 0;
  for (int32_t o = 0; o < n_out; o++) sum += (double)expf(a[(size_t)o * stride] - largest);
  if (delta)
    for (int32_t o = 0; o < n_out; o++)
      delta[(size_t)o * stride] =
        (float)((double)expf(a[(size_t)o * stride] - largest) / sum) - (o == label ? t.on : t.off);
  if (smooth == 0) return log(sum) - (double)(a[(size_t)label * stride] - largest);
  double expected = 0;
  for (int32_t o = 0; o < n_out; o++) expected += (double)(o == label ? t.on : t.off) * (double)(a[(size_t)o * stride] - largest);
  return log(sum) - expected;
}

/* Half the squared distance to the targets: its derivative is the error itself. */
static double mean_squared_error (const float *a, size_t stride, int32_t n_out, int32_t label, float smooth, float *delta) {
  Targets t = targets_of(smooth, n_out);
  double sum = 0;
  for (int32_t o = 0; o < n_out; o++) {
    float error = a[(size_t)o * stride] - (o == label ? t.on : t.off);
    sum += (double)error * (double)error / 2;
    if (delta) delta[(size_t)o * stride] = error;
  }
  return sum;
}

static double squared_distance (const float *a, size_t stride, int32_t n_out, const float *target, float *delta) {
  double sum = 0;
  for (int32_t o = 0; o < n_out; o++) {
    float error = a[(size_t)o * stride] - target[o];
    sum += (double)error * (double)error / 2;
    if (delta) delta[(size_t)o * stride] = error;
  }
  return sum;
}

float loss_sigmoid (float sum) { return 1 / (1 + expf(-sum)); }

/* -t log p - (1 - t) log(1 - p) with p the sigmoid of the sum, written so that nothing overflows and no digits are lost. */
static double one_binary (float sum, float target, float *delta) {
  if (delta) *delta = loss_sigmoid(sum) - target;
  return (double)(fmaxf(sum, 0) - sum * target) + log1p(exp(-(double)fabsf(sum)));
}

/* Each output unit says whether its label is there: the class, or one of those with a target of 1. */
static double binary_cross_entropy (const float *a, size_t stride, int32_t n_out, int32_t label, float smooth, float *delta) {
  Targets t = targets_of(smooth, n_out);
  double sum = 0;
  for (int32_t o = 0; o < n_out; o++)
    sum += one_binary(a[(size_t)o * stride], o == label ? t.on : t.off, delta ? delta + (size_t)o * stride : NULL);
  return sum;
}

static double binary_numbers (const float *a, size_t stride, int32_t n_out, const float *target, float *delta) {
  double sum = 0;
  for (int32_t o = 0; o < n_out; o++) sum += one_binary(a[(size_t)o * stride], target[o], delta ? delta + (size_t)o * stride : NULL);
  return sum;
}

const Loss losses[] = {
  { "cross_entropy", LOSS_SOFTMAX, cross_entropy, NULL },
  { "mse", LOSS_NOTHING, mean_squared_error, squared_distance },
  { "binary_cross_entropy", LOSS_SIGMOID, binary_cross_entropy, binary_numbers },
  { NULL, LOSS_NOTHING, NULL, NULL },
};

const Loss *loss_find (const char *name) {
  for (const Loss *loss = losses; loss->name; loss++)
    if (strcmp(loss->name, name) == 0) return loss;
  return NULL;
}

double loss_mixed (const Loss *loss, const float *a, size_t stride, int32_t n_out, const LossTarget *t, float *delta) {
  double one = loss->sample(a, stride, n_out, t->label, t->smooth, delta);
  if (t->other == t->label || t->share == 1) return one;
  if (delta) {
    float given = (1 - t->share) * (1 - t->smooth);   /* from the one target to the other */
    delta[(size_t)t->label * stride] += given;
    delta[(size_t)t->other * stride] -= given;
  }
  return (double)t->share * one + (1 - (double)t->share) * loss->sample(a, stride, n_out, t->other, t->smooth, NULL);
}

int32_t loss_winner (const float *a, size_t stride, int32_t n_out) {
  int32_t winner = 0;
  for (int32_t o = 1; o < n_out; o++)
    if (a[(size_t)o * stride] > a[(size_t)winner * stride]) winner = o;
  return winner;
}
