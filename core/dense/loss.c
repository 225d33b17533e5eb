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

const Loss losses[] = {
  { "cross_entropy", 1, cross_entropy },
  { "mse", 0, mean_squared_error },
  { NULL, 0, NULL },
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

double loss_numbers (const float *a, size_t stride, int32_t n_out, const float *target, float *delta) {
  double sum = 0;
  for (int32_t o = 0; o < n_out; o++) {
    float error = a[(size_t)o * stride] - target[o];
    sum += (double)error * (double)error / 2;
    if (delta) delta[(size_t)o * stride] = error;
  }
  return sum;
}

int32_t loss_winner (const float *a, size_t stride, int32_t n_out) {
  int32_t winner = 0;
  for (int32_t o = 1; o < n_out; o++)
    if (a[(size_t)o * stride] > a[(size_t)winner * stride]) winner = o;
  return winner;
}
