/*
** net_probe.h -- one step of a small net, looked at: its gradients by themselves, and by finite
** differences of its loss.
*/
#ifndef SETLAB_TESTS_NET_PROBE_H
#define SETLAB_TESTS_NET_PROBE_H
#include "net_fixture.h"

enum { PROBE_ROWS = 320, PROBE_SAMPLES = 20 };

typedef struct Probe {
  Net  *net;
  Data *data;
  int32_t rows[PROBE_ROWS], batch;
  uint64_t step;
  float *weight_gradient[MOST_LEVELS], *bias_gradient[MOST_LEVELS];   /* of the point looked at */
  float *parameter_gradient[MOST_LEVELS];   /* the activation's */
  float *spare_weight[MOST_LEVELS], *spare_bias[MOST_LEVELS];
} Probe;

static inline size_t own_parameters (const Net *net, int32_t l) {
  return (size_t)(net_parameters(net, l) * net_units(net, l + 1));
}

static inline Probe probe_open (const Recipe *r, int32_t batch, uint64_t step) {
  Probe p = { .net = make_net(r), .batch = batch, .step = step };
  int32_t L = net_layers(p.net);
  p.data = make_data(PROBE_SAMPLES, net_units(p.net, 0), net_units(p.net, L), DATA_F32, 3);
  for (int32_t b = 0; b < batch; b++) p.rows[b] = (b * 7 + 2) % PROBE_SAMPLES;
  for (int32_t l = 0; l < L; l++) {
    p.weight_gradient[l] = mem_new((size_t)net_links(p.net, l), sizeof(float));
    p.spare_weight[l] = mem_new((size_t)net_links(p.net, l), sizeof(float));
    p.bias_gradient[l] = mem_new((size_t)net_units(p.net, l + 1), sizeof(float));
    p.spare_bias[l] = mem_new((size_t)net_units(p.net, l + 1), sizeof(float));
    p.parameter_gradient[l] = mem_zero(own_parameters(p.net, l) + 1, sizeof(float));
  }
  assert_true(net_reserve(p.net, batch));
  return p;
}

static inline void probe_close (Probe *p) {
  for (int32_t l = 0; l < net_layers(p->net); l++) {
    mem_free(p->weight_gradient[l]);
    mem_free(p->spare_weight[l]);
    mem_free(p->bias_gradient[l]);
    mem_free(p->spare_bias[l]);
    mem_free(p->parameter_gradient[l]);
  }
  data_free(p->data);
  net_free(p->net);
}

/* One step of it; its gradients go to the probe, unless they are used. */
static inline double probe_step (Probe *p, const Update *update) {
  double loss;
  int32_t hits;
  float **w = update ? NULL : p->weight_gradient, **bias = update ? NULL : p->bias_gradient;
  net_step(p->net, p->data, p->rows, p->batch, p->step, update, w, bias, &loss, &hits);
  assert_true(isfinite(loss) && hits >= 0 && hits <= p->batch);
  for (int32_t l = 0; l < net_layers(p->net); l++)
    if (net_parameters(p->net, l))
      memcpy(p->parameter_gradient[l], net_parameter_gradient(p->net, l), own_parameters(p->net, l) * sizeof(float));
  return loss;
}

/* The batch's loss with parameter *x set to `value`; the step's number fixes the dropout masks. */
static inline double loss_at (Probe *p, float *x, float value) {
  float old = *x;
  double loss;
  int32_t hits;
  *x = value;
  net_step(p->net, p->data, p->rows, p->batch, p->step, NULL, p->spare_weight, p->spare_bias, &loss, &hits);
  *x = old;
  return loss;
}

/* Differences with several steps, to both sides and to either: where a kink of ReLU lies on one
** side the other is right, and where a small step drowns in the rounding of floats, a larger
** one does not. */
static inline void check_parameter (Probe *p, int32_t l, float *x, float gradient, const char *what, int64_t k) {
  double best = HUGE_VAL, found = 0, g = (double)gradient, here = loss_at(p, x, *x);
  for (float h = 0.02f; h > 3e-4f && best > 1e-3 * (1 + fabs(g)); h /= 2) {
    float up = *x + h, down = *x - h;
    double above = loss_at(p, x, up), below = loss_at(p, x, down);
    const double d[3] = { (above - below) / ((double)up - (double)down), (above - here) / ((double)up - (double)*x),
                          (here - below) / ((double)*x - (double)down) };
    for (int i = 0; i < 3; i++)
      if (fabs(d[i] - g) < best) {
        best = fabs(d[i] - g);
        found = d[i];
      }
  }
  if (best > 2e-3 * (1 + fabs(g)))
    fail_msg("layer %d, %s %lld: gradient %.6g, differences say %.6g", (int)l, what, (long long)k, g, found);
}

/* A net of several threads has the same gradients, bit for bit. */
static inline void check_same_gradients (const Recipe *r, const Probe *one, int threads) {
  Recipe many = *r;
  many.threads = threads;
  Probe p = probe_open(&many, one->batch, one->step);
  probe_step(&p, NULL);
  for (int32_t l = 0; l < net_layers(p.net); l++) {
    assert_memory_equal(p.weight_gradient[l], one->weight_gradient[l], (size_t)net_links(p.net, l) * sizeof(float));
    assert_memory_equal(p.bias_gradient[l], one->bias_gradient[l], (size_t)net_units(p.net, l + 1) * sizeof(float));
    assert_memory_equal(p.parameter_gradient[l], one->parameter_gradient[l], own_parameters(p.net, l) * sizeof(float));
  }
  probe_close(&p);
}

static inline void check_gradients (const Recipe *r, int32_t batch, uint64_t step) {
  Probe p = probe_open(r, batch, step);
  double sum = 0;
  probe_step(&p, NULL);
  for (int32_t l = 0; l < net_layers(p.net); l++) {
    float *w = net_weights(p.net, l), *bias = (float *)(uintptr_t)net_bias(p.net, l);
    int64_t links = net_links(p.net, l), jump = links > 40 ? links / 30 | 1 : 1;
    for (int64_t k = 0; k < links; k += jump) {
      check_parameter(&p, l, &w[k], p.weight_gradient[l][k], "weight", k);
      sum += fabs((double)p.weight_gradient[l][k]);
    }
    for (int32_t o = 0; o < net_units(p.net, l + 1); o++) check_parameter(&p, l, &bias[o], p.bias_gradient[l][o], "bias", o);
    for (size_t k = 0; k < own_parameters(p.net, l); k++)
      check_parameter(&p, l, &net_parameter(p.net, l)[k], p.parameter_gradient[l][k], "activation's parameter", (int64_t)k);
  }
  assert_true(sum > 0.01);
  for (int threads = 2; threads <= 4; threads++) check_same_gradients(r, &p, threads);
  probe_close(&p);
}

#endif
