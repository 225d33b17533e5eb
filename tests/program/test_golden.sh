# The checker of worked examples, on good files and on their corrupted siblings. The good ones
# are computed here by awk, which follows the published rule with a sort and nothing of ours.
. tests/tap.sh
GOLDEN=$PWD/$B/tests/golden/golden
file=$DIR/good.txt

# Weights of six decimals: different texts are then different floats, in the same order.
awk 'BEGIN {
  srand(5)
  print "# case count zeta largest_negative smallest_positive kept, then the weights, then 1 = kept, 0 = removed"
  for (c = 0; c < 60; c++) {
    n = c < 10 ? c + 1 : 1 + int(rand() * 150)
    zeta = c % 7 == 0 ? "0" : c % 11 == 0 ? "1" : sprintf("%.2f", rand())
    for (k = 0; k < n; k++) {
      x = rand() * 2 - 1
      if (c % 5 == 1) x = x < 0 ? -x : x              # no negative one
      if (c % 5 == 2) x = x < 0 ? x : -x              # no positive one
      if (c % 5 == 3 && rand() < 0.2) x = 0           # exact zeros
      text[k] = sprintf(c % 4 == 0 ? "%.1f" : "%.6f", x)   # with one decimal there are ties
      v[k] = text[k] + 0
    }
    for (i = 0; i < n; i++) {                         # sorted: values s[], their texts st[]
      for (j = i; j > 0 && s[j-1] > v[i]; j--) { s[j] = s[j-1]; st[j] = st[j-1] }
      s[j] = v[i]; st[j] = text[i]
    }
    least = -1
    for (k = 0; k < n; k++) { m = s[k] < 0 ? -s[k] : s[k]; if (least < 0 || m < least) least = m }
    for (first = 0; s[first] != least && s[first] != -least; first++) ;
    for (fromend = 0; s[n-1-fromend] != least && s[n-1-fromend] != -least; fromend++) ;
    last = n - fromend
    minus = int((1 - zeta) * first); plus = int(last + zeta * (n - last)); if (plus > n - 1) plus = n - 1
    flags = weights = ""; kept = 0
    for (k = 0; k < n; k++) {
      stays = v[k] < s[minus] || v[k] > s[plus]; kept += stays
      flags = flags (k ? " " : "") stays; weights = weights (k ? " " : "") text[k]
    }
    print "case", n, zeta, st[minus], st[plus], kept; print weights; print flags
  }
}' >"$file"

run "$GOLDEN" "$file";                        expect "sixty cases by awk" 0 "60 passed, 0 failed" ""
run make -s --no-print-directory golden-now B="$B" FILE="$file"
expect "the same by make" 0 "*60 passed, 0 failed" "*"
run make -s --no-print-directory golden-now B="$B"
expect "make without a file" 2 "*" "*usage: make golden FILE=path*"
run "$GOLDEN" "$DIR/none.txt";                expect "no such file" 2 "" "*none.txt: No such file or directory"
run "$GOLDEN" "$DIR";                         expect "a directory" 2 "" "*: cannot be read"
sed 's/$/\r/; 4a\
\
# a comment between two cases' "$file" >"$DIR/variant.txt"
run "$GOLDEN" "$DIR/variant.txt";             expect "comments, empty lines, DOS line ends" 0 "60 passed, 0 failed" ""

# A small file, easy to turn wrong. Sorted: -0.3 -0.2 -0.1 0.2 0.3 0.4; smallest: v[2], so first = 2
# and last = 3; T- = v[floor(0.7 * 2)] = -0.2, T+ = v[floor(3 + 0.3 * 3)] = 0.2.
small() { cat <<'END'
# case count zeta largest_negative smallest_positive kept, then the weights, then 1 = kept, 0 = removed
case 6 0.3 -0.2 0.2 3
-0.3 0.2 -0.1 0.4 -0.2 0.3
1 0 0 1 0 1
END
}
small >"$DIR/small.txt"
run "$GOLDEN" "$DIR/small.txt";               expect "a small case" 0 "1 passed, 0 failed" ""

# disagree NAME SED WORDS: the file so changed is well-formed, but not what we compute.
disagree() { small | sed "$2" >"$DIR/bad.txt"; run "$GOLDEN" "$DIR/bad.txt"; expect "disagrees: $1" 1 "$3
0 passed, 1 failed" ""; }
disagree "negative threshold" 's/-0.2 0.2 3/-0.1 0.2 3/' "*bad.txt:2: largest negative threshold is -0.200000003, the file says -0.100000001"
disagree "positive threshold" 's/-0.2 0.2 3/-0.2 0.3 3/' "*bad.txt:2: smallest positive threshold is 0.200000003, the file says 0.300000012"
disagree "number kept"        's/0.2 3/0.2 5/'           "*bad.txt:2: 3 weights are kept, the file says 5"
disagree "a flag"             's/^1 0 0/1 1 0/'          "*bad.txt:4: weight 2, 0.200000003, is removed, the file says kept"
disagree "two flags"          's/^1 0 0/0 0 1/'          "*:4: weight 1, *:4: weight 3, *"
{ small; small | sed '1d; s/^1 0 0/1 1 0/'; small | sed 1d; } >"$DIR/three.txt"
run "$GOLDEN" "$DIR/three.txt";               expect "one of three cases" 1 "*three.txt:7: weight 2, *
2 passed, 1 failed" ""

# malformed NAME SED WORDS: a sentence with the line, status 2.
malformed() { small | sed "$2" >"$DIR/bad.txt"; run "$GOLDEN" "$DIR/bad.txt"; expect "malformed: $1" 2 "" "*bad.txt:$3"; }
malformed "empty"                    '1,$d'             "1: the file is empty*"
malformed "another first line"       '1s/# case/# cage/' "1: no known format*"
malformed "no first line"            1d                 "1: no known format*"
malformed "no case"                  '2,$d'             "2: the file ends without a case"
malformed "a line too many"          '$a\
1'                                                      "5: expected a line that begins with 'case'"
malformed "no weights"               '3,$d'             "3: the file ends where a line of weights*"
malformed "no flags"                 4d                 "4: the file ends where a line of flags*"
malformed "count 0"                  's/case 6/case 0/' "2: expected the number of weights*"
malformed "count not a number"       's/case 6/case x/' "2: expected the number of weights*"
malformed "negative count"           's/case 6/case -6/' "2: expected the number of weights*"
malformed "a huge count"             's/case 6/case 999999999999999999/' "3: expected 999999999999999999 weights, the line is too short*"
malformed "a count past 64 bits"     's/case 6/case 99999999999999999999/' "2: expected the number of weights*"
malformed "zeta above 1"             's/0.3 -0.2/1.3 -0.2/' "2: expected zeta*"
malformed "zeta is NaN"              's/0.3 -0.2/nan -0.2/' "2: expected zeta*"
malformed "a threshold is a word"    's/-0.2 0.2 3/low 0.2 3/' "2: expected the largest negative*"
malformed "a threshold is infinite"  's/-0.2 0.2 3/-0.2 inf 3/' "2: expected the smallest positive*"
malformed "more kept than there are" 's/0.2 3/0.2 7/'   "2: expected the number of kept weights*"
malformed "a short head"             's/ 0.2 3$//'      "2: expected the smallest positive*"
malformed "a long head"              's/0.2 3$/0.2 3 3/' "2: expected five numbers*"
malformed "a weight is missing"      '3s/ 0.3$//'       "3: expected 6 weights, number 6 is missing*"
malformed "a weight too many"        '3s/$/ 1/'         "3: expected 6 weights, there are more"
malformed "a weight is NaN"          '3s/0.4/nan/'      "3: expected 6 weights, number 4 *"
malformed "a weight is a word"       '3s/0.4/0.4x/'     "3: expected 6 weights, number 4 *"
malformed "a flag is missing"        '4s/ 1$//'         "4: expected 6 flags, number 6 *"
malformed "a flag is 2"              '4s/^1/2/'         "4: expected 6 flags, number 1 *"
malformed "a flag too many"          '4s/$/ 0/'         "4: expected 6 flags, there are more"
{ small; printf 'case 6\0 0.3 -0.1 0.2 4\n'; } >"$DIR/zero.txt"
run "$GOLDEN" "$DIR/zero.txt";                expect "malformed: a zero byte" 2 "" "*zero.txt:5: expected a case, this is no text"
head -c 120 "$file" >"$DIR/cut.txt"
run "$GOLDEN" "$DIR/cut.txt";                 expect "malformed: cut short" 2 "" "*cut.txt:[23]: *"
# Images: 2 x 3, moved by a whole pixel, which Keras's tx does to columns, and flipped; and a quarter
# turn of 2 x 2. By hand.
images() { cat <<'END'
# case channels height width theta_degrees tx ty flip, then a line of input pixels, then a line of expected output pixels
# another comment
case 1 2 3 0 1 0 0
10 20 30 40 50 60
20 30 30 50 60 60
case 1 2 3 0 0 0 1
10 20 30 40 50 60
30 20 10 60 50 40
case 1 2 2 90 0 0 0
10 20 30 40
20 40 10 30
END
}
images >"$DIR/images.txt"
run "$GOLDEN" "$DIR/images.txt";              expect "images by hand" 0 "3 passed, 0 failed" ""
images | sed 's/^30 20 10/30 20.002 10/' >"$DIR/bad.txt"
run "$GOLDEN" "$DIR/bad.txt";                 expect "disagrees: a pixel" 1 "*bad.txt:8: pixel 2 is 20 (*), the file says 20.0020008
2 passed, 1 failed" ""
wrong_image() { images | sed "$2" >"$DIR/bad.txt"; run "$GOLDEN" "$DIR/bad.txt"; expect "malformed: $1" 2 "" "*bad.txt:$3"; }
wrong_image "no height"              '3s/.*/case 1 0 3 0 1 0 0/' "3: expected channels, height and width*"
wrong_image "a huge image"           '3s/.*/case 1 1000000 1000000 0 1 0 0/' "3: expected an image of 4 to *"
wrong_image "three pixels"           '3s/.*/case 1 1 3 0 1 0 0/' "3: expected an image of 4 to *"
wrong_image "no angle"               '3s/.*/case 1 2 3/' "3: expected the angle*"
wrong_image "a shift is a word"      '3s/.*/case 1 2 3 0 left 0 0/' "3: expected the two shifts*"
wrong_image "flip is 2"              '3s/0$/2/'          "3: expected 0 or 1 for the flip*"
wrong_image "a long image head"      '3s/$/ 1/'          "3: expected seven numbers*"
wrong_image "a pixel is 256"         '4s/60$/256/'       "4: expected 6 pixels, number 6 *"
wrong_image "a pixel too many"       '4s/$/ 1/'          "4: expected 6 pixels, there are more"
wrong_image "a result is missing"    '5s/ 60$//'         "5: expected 6 results, number 6 *"
wrong_image "a result is NaN"        '5s/30/nan/'        "5: expected 6 results, number 2 *"
wrong_image "a result too many"      '5s/$/ 1/'          "5: expected 6 results, there are more"
wrong_image "no results"             '5,$d'              "5: the file ends where a line of results*"

# Measures of a wiring, by hand: links 0-0, 0-1, 1-0, so degrees 2 and 1 on both sides; the singular values of
# ((1, 1), (1, 0)) are the golden ratio and its inverse. And dead ends: unit 1 of the hidden level has no link out.
wirings() { cat <<'END'
# setlab golden topology 1
case by_hand
kind_layer 0
shape 2 2 2
from 3 0 0 1
to 3 0 1 0
assortativity 1 -0.5
assortativity_both 1 -0.5
gini 2 0.166666667 0.166666667
cv 2 0.333333333 0.333333333
four_cycles 1 0
three_paths 1 1
c4 1 0
mu1 1 1.61803399
mu2 1 0.618033989
mean_degrees 2 1.5 1.5
delta_s 1 0.954268765
delta_r 1 0.796179574
ramanujan_valid 1 0
case over_time
kind_sequence 0
shape 2 2 2
masks 1 3
from1 1 0
to1 1 0
from2 2 0 1
to2 2 0 1
from3 1 1
to3 1 0
rs 3 0.25 0.5 0.75
jaccard_next 2 0.5 0
jaccard_first 3 1 0.5 0
case hidden
kind_hidden 0
shape 3 2 2 2
from1 3 0 0 1
to1 3 0 1 0
from2 3 0 0 1
to2 3 0 1 0
spearman 1 1
case moved
kind_distance 0
sizes 3 2 2 1
first_from1 2 0 1
first_to1 2 0 1
first_from2 1 0
first_to2 1 0
second_from1 2 0 1
second_to1 2 1 0
second_from2 1 1
second_to2 1 0
distance 2 0 0
distance_mean 1 0
END
}
dead_ends() { cat <<'END'
# setlab golden percolation 1
case by_hand
sizes 3 2 2 1
from1 2 0 1
to1 2 0 1
from2 1 0
to2 1 0
no_in1 0
no_in2 0
no_out0 0
no_out1 1 1
rounds 1 1
removed_1 2 1 0
removed_2 2 1 0
removed_all 2 1 0
kept_2_1 2 1 0
kept_2_2 1 1
kept_all_1 2 1 0
kept_all_2 1 1
anp 1 0.8
anp_2 1 0.6
anp_all 1 0.6
effective_links 2 1 1
effective_density 3 0.25 0.5 0.333333333
paths_to 2 2 1
path_share_0 2 1 0
path_share_1 2 1 0
path_share_2 1 1
compressed 3 1 1 1
compressed_once 3 2 1 1
END
}
wirings >"$DIR/wirings.txt"
run "$GOLDEN" "$DIR/wirings.txt";             expect "measures of wirings by hand" 0 "4 passed, 0 failed" ""
dead_ends >"$DIR/dead_ends.txt"
run "$GOLDEN" "$DIR/dead_ends.txt";           expect "dead ends by hand" 0 "1 passed, 0 failed" ""
wrong_measure() { $2 | sed "$3" >"$DIR/bad.txt"; run "$GOLDEN" "$DIR/bad.txt"; expect "disagrees: $1" 1 "*bad.txt:*$1*" ""; }
for word in assortativity gini cv four_cycles c4 mu1 mu2 delta_r rs jaccard_first spearman distance_mean; do
  wrong_measure $word wirings "s/^\($word [0-9]*\) .*/\1 7 7 7/; s/^\($word 1\) .*/\1 7/; s/^\($word 2\) .*/\1 7 7/"
done
for word in no_out1 removed_all anp effective_links paths_to path_share_1 compressed compressed_once; do
  wrong_measure $word dead_ends "s/^\($word [0-9]*\) [0-9.]*/\1 7/"
done
wirings | sed 's/^kind_hidden/kind_other/' >"$DIR/bad.txt"
run "$GOLDEN" "$DIR/bad.txt";                 expect "malformed: a kind of its own" 2 "" "*case hidden: there is no line 'kind_...' that is known*"
wirings | sed 's/^sizes 3 2 2 1/sizes 1 2/' >"$DIR/bad.txt"
run "$GOLDEN" "$DIR/bad.txt";                 expect "malformed: one size" 2 "" "*expected from 2 to 32 sizes*"

# Two samples of one unit, 1 and 3, then 0 and 4: means 2 and 2, variances 1 and 4, unbiased ones 2 and 8. And two classes.
ingredients() { cat <<'END'
# setlab golden batchnorm 1
case by_hand
batch_norm 0
shape 2 2 1
affine 1 1
gamma 1 2
beta 1 1
x1 2 1 3
x2 2 0 4
dy 2 1 0
y1 2 -0.99999 2.99999
y2 2 -0.9999975 2.9999975
dx 2 9.99985e-06 -9.99985e-06
dgamma 1 -0.999995
dbeta 1 1
running_mean1 1 0.2
running_var1 1 1.1
running_mean2 1 0.38
running_var2 1 1.79
y_test 2 1.92681693 4.91654895
case smoothed
smoothed 0
shape 2 1 2
smoothing 1 0.2
logits 2 1 0
label 1 0
loss 1 0.413261688
gradient 2 -0.168941421 0.168941421
case mixed
mixed 0
shape 2 1 2
smoothing 1 0.2
lambda 1 0.75
logits 2 1 0
label 1 0
label2 1 1
loss 1 0.613261688
gradient 2 0.0310585786 -0.0310585786
case first_step
adamw 0
lr 1 0.1
beta1 1 0.9
beta2 1 0.999
eps 1 1e-08
decay 1 0.5
age 2 1 1
weight 2 1 -2
gradient 2 2 -4
m 2 0 0
v 2 0 0
new_weight 2 0.85 -1.8
new_m 2 0.2 -0.4
new_v 2 0.004 0.016
case pulled
beta_lasso 0
lr 1 0.5
lambda 1 0.1
beta 1 2
weight 2 -1 0.2
gradient 2 0.5 0
new_weight 2 -1.2 0
case uphill
s2sam 0
lr 1 0.5
mu 1 0.5
rho 1 0.1
weight 2 1 2
velocity 2 0.2 0
last_gradient 2 3 4
a 2 1 1
c 2 0 0
point 2 1.06 2.08
gradient 2 1.06 2.08
new_weight 2 0.57 0.96
new_velocity 2 -0.43 -1.04
case other
no_such_rule 0
END
}
ingredients >"$DIR/ingredients.txt"
run "$GOLDEN" "$DIR/ingredients.txt";         expect "batch normalisation and smoothed labels by hand" 0 "*ingredients.txt: cases about what the engine does not do: 1
6 passed, 0 failed" ""
for word in y1 y2 dx dgamma dbeta running_mean1 running_var1 running_mean2 running_var2 y_test loss gradient new_weight new_m new_v point new_velocity; do
  wrong_measure $word ingredients "s/^\($word [0-9]*\) .*/\1 7 7/; s/^\($word 1\) .*/\1 7/"
done
ingredients | sed '/^case by_hand/,/^case other/d; 1a case other' >"$DIR/bad.txt"
run "$GOLDEN" "$DIR/bad.txt";                 expect "nothing that can be checked" 2 "" "*all cases of the file are about what the engine does not do*"
ingredients | sed 's/^shape 2 2 1/shape 2 2000 1/' >"$DIR/bad.txt"
run "$GOLDEN" "$DIR/bad.txt";                 expect "malformed: a large batch" 2 "" "*expected a shape of at most 256 samples and 256 units*"

finish
