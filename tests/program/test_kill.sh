# Runs that are killed with -9 again and again, at any moment: what they leave in the end is what
# runs leave that nobody touched, byte for byte but for the seconds. Then NumPy and SciPy, if they are
# there, open what was saved.
. tests/tap.sh

cat >"$DIR/study.lua" <<'END'
local lab = require "lab"
local data = lab.data.madelon { informative = 3, redundant = 3, useless = 44, train = 400, test = 100, seed = 1 }
-- The second seed's links become fewer, move between layers, and are remembered; its threshold follows what it drops.
local moving = lab.evolution { prune = lab.prune.threshold {}, shrink = lab.prune.magnitude {}, grow = lab.grow.gradient {}, share = 0.2, redistribute = "links",
  links = lab.links.cubic { from = 0.25, to = 0.1 }, every_steps = 7 }
local runs = lab.runs { "killed", seed = { 1, 2 }, run = function(run, seed)
  local net <close> = lab.mlp { 50, 60, 30, 2, dropout = 0.2, wiring = lab.erdos_renyi { epsilon = 6 }, seed = seed, history = seed == 2 }
  run:record("degrees", { epoch = 0 }, net:degrees(1, "in"))
  run.state.best = -math.huge
  for epoch in net:epochs(data.train, { epochs = 40, batch = 20, lr = 0.02, momentum = 0.9, evolve = seed == 1 and lab.set { zeta = 0.3 } or moving,
      checkpoint = { run = run, every = 1 } }) do
    local accuracy = net:accuracy(data.test)
    run.state.best = math.max(run.state.best, accuracy)
    run:log { accuracy = accuracy, best = run.state.best, epoch = epoch.n, links = net:links(), loss = epoch.loss, z_seconds = epoch.total_seconds }
    if epoch.n % 7 == 0 then run:record("degrees", { epoch = epoch.n }, net:degrees(1, "in")) end
  end
  net:save(run.path .. "/final.npz")
end }
for _, run in ipairs(runs) do print(run.name, run.status, #run:rows()) end
END

study() { "$SETLAB" run --progress=none --runs "$DIR/$1" "$DIR/study.lua"; }
# Lines of all metrics so far: how far the study is.
rows() { cat "$DIR/killed"/*/metrics.csv 2>/dev/null | wc -l; }
# pause SEED MOST: sleeps a part of MOST seconds.
pause() { sleep "$(awk -v seed="$1" -v most="$2" 'BEGIN { srand(seed); printf "%.3f", rand() * most }')"; }

run study whole
expect "the study ends" 0 "seed=1	done	40
seed=2	done	40" "*"

# Each attempt may come three rows further and a little more; every third is killed straight after its
# start. However slow the machine, the work of two epochs is kept each time.
kills=0 attempt=0
while [ $attempt -lt 24 ]; do
  attempt=$((attempt + 1))
  before=$(rows)
  # No function here: the process that is killed must be the program itself.
  "$SETLAB" run --progress=none --runs "$DIR/killed" "$DIR/study.lua" >"$DIR/out" 2>"$DIR/err" </dev/null &
  pid=$!
  if [ $((attempt % 3)) -ne 0 ]; then
    while kill -0 $pid 2>/dev/null && [ "$(rows)" -lt $((before + 3)) ]; do sleep 0.01; done
  fi
  pause $attempt 0.03
  kill -9 $pid 2>/dev/null && kills=$((kills + 1))
  wait $pid 2>/dev/null && break
done
run study killed
expect "the killed study ends" 0 "seed=1	done	40
seed=2	done	40" "*"
check "it was killed some times ($kills)" [ $kills -ge 4 ]

for key in $(ls "$DIR/whole"); do
  for name in final.npz degrees.csv run.yaml script.lua; do
    check "$key/$name is the same" cmp "$DIR/whole/$key/$name" "$DIR/killed/$key/$name"
  done
  cut -d, -f1-5 "$DIR/whole/$key/metrics.csv" >"$DIR/a"
  cut -d, -f1-5 "$DIR/killed/$key/metrics.csv" >"$DIR/b"
  check "$key/metrics.csv is the same" cmp "$DIR/a" "$DIR/b"
  check "$key/metrics.csv: seconds grow" sh -c "cut -d, -f6 '$DIR/killed/$key/metrics.csv' | tail -n +2 | sort -c -g"
  check "$key: the same files" [ "$(ls "$DIR/whole/$key")" = "$(ls "$DIR/killed/$key")" ]
done
check "the same folders" [ "$(ls "$DIR/whole")" = "$(ls "$DIR/killed")" ]

# ---- NumPy and SciPy -----------------------------------------------------------------------

# Samples and what setlab makes of them: a line of 50 inputs and 2 outputs each. net:predict wants samples that are
# standardised as those were that the net was trained on; pixels gives them as they were before.
cat >"$DIR/samples.lua" <<'END'
local lab = require "lab"
local function madelon(standardise)
  return lab.data.madelon { informative = 3, redundant = 3, useless = 44, train = 400, test = 100, seed = 1, standardise = standardise }
end
local raw, standard = madelon(false), madelon(true)
local net <close> = lab.load(arg[1])
local mean, deviation = {}, {}
for j = 1, 50 do
  local sum, squares = 0, 0
  for i = 1, 400 do sum = sum + raw.train:pixels(i)[j] end
  mean[j] = sum / 400
  for i = 1, 400 do squares = squares + (raw.train:pixels(i)[j] - mean[j]) ^ 2 end
  deviation[j] = math.sqrt(squares / 400)
end
for i = 1, 20 do
  local line = raw.test:pixels(i)
  for j = 1, 50 do line[j] = (line[j] - mean[j]) / deviation[j] end
  for _, share in ipairs(net:predict(standard.test, i)) do line[#line + 1] = share end
  print(table.concat(line, " "))
end
END
cat >"$DIR/look.py" <<'END'
import json, sys
import numpy, scipy.sparse
f = numpy.load(sys.argv[1])
net = json.loads(f["net.json"])
samples = numpy.loadtxt(sys.argv[2])
a, shares = samples[:, :50], samples[:, 50:]
assert net["units"] == [50, 60, 30, 2], net
for l, layer in enumerate(net["layers"]):
    name = "layer%d_" % (l + 1)
    shape = tuple(f[name + "shape"])
    assert shape == (net["units"][l], net["units"][l + 1])
    if layer["kind"] == "sparse":
        W = scipy.sparse.csr_matrix((f[name + "data"], f[name + "indices"], f[name + "indptr"]), shape=shape)
        W.check_format(full_check=True)
        assert W.has_sorted_indices and W.nnz == layer["links"] == f[name + "velocity"].size
    else:
        W = f[name + "weights"]
        assert W.shape == f[name + "velocity"].shape == shape
    assert f[name + "bias"].shape == f[name + "bias_velocity"].shape == shape[1:]
    a = a @ W + f[name + "bias"]
    if l < 2: a = numpy.maximum(a, 0)
expected = numpy.exp(a) / numpy.exp(a).sum(1, keepdims=True)
assert abs(expected - shares).max() < 1e-5, abs(expected - shares).max()
assert f["steps"].shape == () and f["steps"] == 40 * 20
END
python=$(python_with numpy scipy.sparse)
if [ -n "$python" ]; then
  file=$(ls "$DIR"/whole/*/final.npz | head -n 1)
  "$SETLAB" test-file "$DIR/samples.lua" "$file" >"$DIR/samples.txt" 2>"$DIR/err" </dev/null
  check "NumPy and SciPy open a saved net, and compute what it computes" "$python" "$DIR/look.py" "$file" "$DIR/samples.txt"
else skip "NumPy and SciPy open a saved net, and compute what it computes" "there is no Python with NumPy and SciPy; make test-all brings them"; fi
finish
