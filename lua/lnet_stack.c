#include "lnet_stack.h"

Stack lnet_stack (lua_State *L, const Net *net) {
  int32_t n = net_layers(net);
  int32_t *size = lua_newuserdatauv(L, ((size_t)n + 1) * sizeof *size, 0), *rows = lua_newuserdatauv(L, (size_t)n * sizeof *rows, 0);
  const Sparse **W = lua_newuserdatauv(L, (size_t)n * sizeof *W, 0);
  for (int32_t l = 0; l <= n; l++) size[l] = net_units(net, l);
  for (int32_t l = 0; l < n; l++) {
    W[l] = net_sparse(net, l);
    rows[l] = net_rows(net, l);
  }
  return (Stack){ n, size, W, rows };
}
