# `setlab plan`, and what lab.mlp and net:epochs refuse by the same reckoning.
. tests/tap.sh

# value NAME: the last number of this name in the JSON in $out: of parts and total, which stand last.
value() { printf '%s\n' "$out" | tr ',' '\n' | sed -n "s/.*\"$1\": \([0-9]*\).*/\1/p" | tail -n 1; }

C="3072 4000 1000 4000 10 --epsilon 20 --batch 100"
run "$SETLAB" plan $C --images 50000 --memory 8G
expect "workload C" 0 "layer *inputs *
1 *3,072 *4,000 *141,440 *1.15 %*
2 *4,000 *1,000 *100,000 *2.5 %*
4 *4,000 *10 *40,000 *dense*
links *341,440 at 20 bytes*40,000 dense at 8*
activations *of a batch of 100 *
gradients *batch of 100*
evolution *passing, while 30 % *
data *146.7 MiB *50,000 training and 0 test samples of 3,072 bytes*
program *
total *
available *8,192.0 MiB *--memory" ""

run "$SETLAB" plan $C --images 50000 --json --memory 8G
expect "JSON" 0 '{*"available": 8589934592,*"fits": true,*"layers": [[]*"inputs": 3072,*"links": 381440,*"parts": {*"links": *},*"total": *}' ""
total=$(value total)
sum=$(printf '%s' "$out" | tr -d '\n' | sed 's/.*"parts": {\([^}]*\)}.*/\1/' | tr ',' '\n' | awk '{ s += $2 } END { printf "%d", s }')
check "the parts add up to the total" [ "$sum" = "$total" ]
check "workload C stays under 300 MiB" [ "$total" -lt 314572800 ]
check "at most 20 bytes a link, arrays rounded up" [ "$(value links)" -lt 7160000 ]
float32=$(value activations)
run "$SETLAB" plan $C --images 50000 --json --precision bfloat16
check "bfloat16 takes less" [ "$(value activations)" -lt "$float32" ]

run "$SETLAB" plan $C --zeta 0 --json
expect "no evolution, the order of samples instead" 0 '*"shuffle": *' ""
check "then nothing evolves" sh -c "case '$out' in *evolution*) exit 1 ;; esac"
run "$SETLAB" plan $C --images 100 --floats --json; four=$(value data)
run "$SETLAB" plan $C --images 100 --json; one=$(value data)
check "floats take four bytes" [ $((four - one)) -eq $((3 * 100 * 3072)) ]
# In bfloat16 all rows but those of the ten outputs take half the bytes.
run "$SETLAB" plan $C --json; floats=$(value activations)
run "$SETLAB" plan $C --json --precision float32
check "float32 is the default" [ "$(value activations)" = "$floats" ]
run "$SETLAB" plan $C --json --precision bfloat16; halves=$(value activations)
check "bfloat16 halves the activations, but for the threads' own rows" \
  [ $((halves * 100)) -lt $((floats * 70)) -a $((halves * 100)) -gt $((floats * 50)) ]
for hidden in relu srelu all_relu; do
  run "$SETLAB" plan $C --json --hidden $hidden
  eval "${hidden}_gradients=$(value gradients) ${hidden}_units=$(value units)"
done
check "SReLU keeps sums, and 12 floats a hidden unit" \
  [ $((srelu_gradients - relu_gradients)) -gt $((9000 * 96 * 4)) -a $((srelu_units - relu_units)) -gt $((9000 * 48)) ]
check "All-ReLU keeps a bit a value, and no parameters" \
  [ $((all_relu_gradients - relu_gradients)) -lt $((9000 * 112 / 4)) -a $all_relu_gradients -gt $relu_gradients -a $all_relu_units -eq $relu_units ]
run "$SETLAB" plan 3072 1024 512 10 --density 0.05
expect "a density" 0 "*
1 *157,286 *5 %*
2 *26,214 *5 %*
3 *256 *5 %*" ""
run "$SETLAB" plan 100 50 10 --density 1;  dense=$out
run "$SETLAB" plan 100 50 10 --dense
expect "all links" 0 "*5,000  *dense*500  *dense*5,500 dense at 8*" ""
run "$SETLAB" plan 784 1e7 10 --density 0.0127 --batch 16 --memory 64G
expect "ten million units" 0 "*10,000,000 *99,568,000 *" ""

# What does not fit: the plan, one sentence, status 1.
run "$SETLAB" plan 784 5e6 5e6 10 --epsilon 5 --batch 16 --memory 1G
expect "too large for --memory" 1 "layer*total*available *1,024.0 MiB *--memory" \
  "setlab: not enough memory: this needs * GiB (1.86 GiB for links), and --memory leaves 1.00 GiB*"
run env SETLAB_MEMORY=1M "$SETLAB" plan 1000 1000 --dense
expect "too large for SETLAB_MEMORY" 1 "*SETLAB_MEMORY" "setlab: not enough memory: *SETLAB_MEMORY leaves 1.00 MiB*"
run env SETLAB_MEMORY=none "$SETLAB" plan 1e9 1e9 --dense
expect "SETLAB_MEMORY=none" 0 "*available *unknown*" ""
run env SETLAB_MEMORY=lots "$SETLAB" plan 10 10 --dense
expect "SETLAB_MEMORY is no size" 1 "" "setlab: SETLAB_MEMORY is 'lots': write a size*"
run "$SETLAB" plan 1e9 1e9 --dense
expect "too large for any machine" 1 "*" "setlab: not enough memory: *PiB*"
run "$SETLAB" plan 1e9 1e9 --epsilon 10
expect "more links than a layer can have" 1 "" "setlab: lab.memory_plan: a sparse layer has at most 4294967295 links"

# What is no command line: status 2.
bad() { # name, message, words...
  name=$1 message=$2; shift 2
  run "$SETLAB" plan "$@"
  expect "$name" 2 "" "setlab plan: $message*--help*"
}
bad "no sizes"          "give the number of units of each level" --dense
bad "one size"          "give the number of units of each level" 10 --dense
bad "no number"         "'ten' is not a number of units" 10 ten --dense
bad "no unit"           "'0' is not a number of units" 10 0 --dense
bad "half a unit"       "'1.5' is not a number of units" 10 1.5 --dense
bad "too many units"    "'1e10' is not a number of units" 10 1e10 --dense
bad "no wiring"         "how many links" 10 10
bad "two wirings"       "*cannot be combined" 10 10 --dense --epsilon 3
bad "epsilon of nothing" "--epsilon is 0" 10 10 --epsilon 0
bad "density above 1"   "--density is 1.5, must be at most 1" 10 10 --density 1.5
bad "misspelt option"   "*--epsilom*did you mean '--epsilon'*" 10 10 --epsilom 3
bad "epsilon in words"  "--epsilon wants a number, not 'many'" 10 10 --epsilon many
bad "no such activation" "--hidden has no choice 'rely'*" 10 10 --dense --hidden rely
bad "no such precision" "--precision has no choice 'bfloat'*did you mean 'bfloat16'*" 10 10 --dense --precision bfloat
bad "negative batch"    "--batch is -1, must be at least 1" 10 10 --dense --batch -1
bad "zeta above 1"      "--zeta is 2" 10 10 --dense --zeta 2
bad "too many images"   "--images is 3000000000, must be at most" 10 10 --dense --images 3000000000
bad "no size of memory" "--memory needs a size such as 8G, not 'big'" 10 10 --dense --memory big
run "$SETLAB" paln; expect "misspelt command" 2 "" "*did you mean 'plan'*"
run "$SETLAB" plan --help; expect "help" 0 "NAME*SYNOPSIS*DESCRIPTION*--epsilon=E*EXIT STATUS*SETLAB_MEMORY*" ""

# Scripts: refused at their line before anything is claimed.
cat >"$DIR/net.lua" <<'END'
local lab = require "lab"
local data = lab.data.madelon { train = 200, test = 20, useless = 10 }
local net <close> = lab.mlp { 30, 2000, 2000, 2, wiring = lab.erdos_renyi { epsilon = 20 }, seed = 1 }
for epoch in net:epochs(data.train, { epochs = 2, batch = 100, lr = 0.001, evolve = lab.set {} }) do print(epoch.n) end
END
run env SETLAB_MEMORY=1M "$SETLAB" run "$DIR/net.lua"
expect "a net that does not fit" 1 "" "*$DIR/net.lua:3: *lab.mlp: not enough memory: the net needs 2.*MiB (1.5* MiB for the 80,000 links of 2000 to 2000 units), and SETLAB_MEMORY leaves *"
run env SETLAB_MEMORY=4M "$SETLAB" run "$DIR/net.lua"
expect "training that does not fit" 1 "" "*$DIR/net.lua:4: *net:epochs: not enough memory: training on batches of 100 needs *MiB (activations and gradients of 4,032 units, and the links' evolution, beside the net itself), and SETLAB_MEMORY leaves *"
run env SETLAB_MEMORY=32M "$SETLAB" run "$DIR/net.lua" --progress=none
expect "one that does" 0 "1
2" "*has every link: it is too small to be sparse at epsilon *"
finish
