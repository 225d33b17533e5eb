#include "dense/loss.h"
#include <math.h>
#include <string.h>

/* -log softmax(a)[label], the largest sum taken off first so that exp cannot overflow. */
static double cross_entropy (const float *a, size_t stride, int32_t n_out, int32_t label, float *delta) {
  float largest = a[0];
  for (int32_t o = 1; o < n_out; o++) largest = fmaxf(largest, a[(size_t)o * stride]);
  double sum = 0;
  for (int32_t o = 0; o < n_out; o++) sum += (double)expf(a[(size_t)o * stride] - largest);
  if (delta)
    for (int32_t o = 0; o < n_out; o++)
      delta[(size_t)o * stride] =
        (float)((double)expf(a[(size_t)o * stride] - largest) / sum) - (o == label ? 1.0f : 0.0f);
  return log(sum) - (double)(a[(size_t)label * stride] - largest);
}

/* Half the squared distance to the one-hot target: its derivative is the error itself. */
static double mean_squared_error (const float *a, size_t stride, int32_t n_out, int32_t label, float *delta) {
  double sum = 0;
  for (int32_t o = 0; o < n_out; o++) {
    float error = a[(size_t)o * stride] - (o == label ? 1.0f : 0.0f);
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

int32_t loss_winner (const float *a, size_t stride, int32_t n_out) {
  int32_t winner = 0;
  for (int32_t o = 1; o < n_out; o++)
    if (a[(size_t)o * stride] > a[(size_t)winner * stride]) winner = o;
  return winner;
}
