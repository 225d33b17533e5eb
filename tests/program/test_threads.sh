# Environments in which OpenMP grants fewer threads than a net asks for: training must neither
# wait for threads that never come nor learn anything else.
. tests/tap.sh
cat >"$DIR/net.lua" <<'END'
local lab = require "lab"
local data = lab.data.madelon { train = 60, test = 20, useless = 10 }
local net <close> = lab.mlp { 30, 20, 2, wiring = { lab.erdos_renyi { epsilon = 3 }, lab.dense {} }, seed = 1, threads = 3 }
for epoch in net:epochs(data.train, { epochs = 3, batch = 8, lr = 0.1, evolve = lab.set {} }) do print(epoch.loss) end
print(net:evaluate(data.test).loss)
END
run timeout 600 "$SETLAB" run "$DIR/net.lua" --progress=none
want=$out
check "a net of three threads" test "$status" = 0 -a -n "$want"
for setting in OMP_THREAD_LIMIT=1 OMP_THREAD_LIMIT=2 OMP_DYNAMIC=true OMP_MAX_ACTIVE_LEVELS=0 OMP_NUM_THREADS=1 OMP_WAIT_POLICY=active; do
  run timeout 600 env $setting "$SETLAB" run "$DIR/net.lua" --progress=none
  expect "$setting" 0 "$want" ""
done
finish
