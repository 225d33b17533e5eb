#!/bin/sh
# setlab pack and unpack: a study goes elsewhere, and says the same there.
. tests/tap.sh
cd "$DIR" || exit 1
mkdir -p here/studies/parts there && cd here || exit 1
cat >studies/study.lua <<'LUA'
-- ---
-- title: A study
-- bibliography: sources.bib
-- ---
-- It cites [@one], and shows ![a picture](./dot.png) and ![another](parts/../my%20dot.png).
local lab = require "lab"
local helper = require "parts.helper"
local P = lab.params { epochs = { 2, min = 1 }, profiles = { long = { epochs = 4 } } }
local data = lab.data.madelon { informative = 3, redundant = 3, useless = 14, train = 200, test = 50, seed = 1 }
local file <close> = io.open "studies/numbers.txt"
local runs = lab.runs { "few", seed = { 1, 2 }, run = function(run, seed)
  local net <close> = lab.mlp { 20, 30, 2, wiring = lab.erdos_renyi { epsilon = 5 }, seed = seed }
  for epoch in net:epochs(data.train, { epochs = P.epochs, batch = 20, lr = 0.02 }) do
    run:log { epoch = epoch.n, accuracy = net:accuracy(data.test) }
  end
  os.execute("mkdir -p " .. run.path .. "/more && echo inside >" .. run.path .. "/more/note.txt")
end }
-- The last accuracy is `{lua} runs[1]:last "accuracy"`, of `{lua} file:read "n"` numbers and `{lua} helper.word`.
--| label: tbl-a
lab.table { runs, columns = { "accuracy" } }
LUA
echo 'return { word = "more" }' >studies/parts/helper.lua
echo 12 >studies/numbers.txt
printf '@misc{one, author = {A. Author}, title = {One}, year = {2001}}\n' >studies/sources.bib
printf '\211PNG\r\n\032\n\000\000\000\rIHDR\000\000\000\001\000\000\000\001\010\000\000\000\000:~\233U\000\000\000\nIDATx\234c\370\017\000\001\001\001\000\033\266\356V\000\000\000\000IEND\256B`\202' >studies/dot.png
cp studies/dot.png "studies/my dot.png"

run "$SETLAB" pack studies/study.lua
expect "a study that is not trained is not packed" 1 "" "*nothing is trained here*"
check "and no archive is made" [ ! -e study.zip ]
run "$SETLAB" report --progress=none --profile=long -o pages studies/study.lua
run "$SETLAB" pack --profile=long -o study.zip studies/study.lua
expect "a finished one is" 0 "study.zip  *files*kB" "*"
cp study.zip first.zip
run "$SETLAB" pack --profile=long -o study.zip studies/study.lua
mv study.zip ../there && cd ../there || exit 1
run "$SETLAB" unpack study.zip
expect "elsewhere it is the same page" 0 "*every file is as it was packed*study/pages/study.html is the page that was packed" "*"
check "and what lies in folders within its runs" [ "$(cat study/runs/*/more/note.txt | head -n 1)" = inside ]
check "with its modules, data and sources" [ -e study/studies/parts/helper.lua -a -e study/studies/numbers.txt -a -e study/studies/sources.bib -a -e study/studies/dot.png -a -e "study/studies/my dot.png" ]
check "and its runs, without locks" sh -c 'ls study/runs/*/metrics.csv >/dev/null && ! ls study/runs/*/LOCK 2>/dev/null'
check "its manifest names versions and profile" sh -c 'grep -q "results_version" study/MANIFEST.yaml && grep -q "profile: long" study/MANIFEST.yaml'
run "$SETLAB" unpack --check study.zip looked
expect "to look at it first" 0 "*every file is as it was packed*" ""
check "runs nothing" [ ! -e looked/pages ]
run "$SETLAB" runs --runs study/runs --verify
expect "its runs have their checksums" 0 "*" "*"
run "$SETLAB" unpack study.zip
expect "a folder that is in use stays" 1 "" "*'study' is there already, and not empty*"
run "$SETLAB" unpack study.zip other/place
expect "another folder" 0 "*other/place/pages/study.html is the page*" "*"

if python=$(python_with zipfile); then
  edit() {  # edit HOW TARGET: a copy of the archive, changed
    "$python" - "$1" study.zip "$2" <<'PY'
import sys, zipfile
how, source, target = sys.argv[1:]
with zipfile.ZipFile(source) as z: files = [(n, z.read(n)) for n in z.namelist()]
with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as z:
    for name, data in files:
        if how == "changed" and name.endswith("metrics.csv"): data = data.replace(b"0", b"1")
        if how == "missing" and name.endswith("numbers.txt"): continue
        if how == "manifest" and name == "MANIFEST.yaml": continue
        if how == "words" and name == "MANIFEST.yaml": data += b"words: ['--runs=/tmp']\n"
        if how == "article" and name == "MANIFEST.yaml": data = data.replace(b"article: ", b"article: \"0\" #")
        z.writestr(name, data)
    if how == "more": z.writestr("studies/extra.lua", "x")
    if how == "outside": z.writestr("../outside", "x")
PY
  }
  refused() { edit "$1" "$1.zip"; run "$SETLAB" unpack "$1.zip"; expect "refused: $1" 1 "*" "*$2*"; }
  refused changed "is not what was packed"
  refused missing "numbers.txt' is missing"
  refused manifest "has no MANIFEST.yaml"
  refused more "is not in its manifest"
  refused outside "is no name for a file in a folder"
  refused words "is not complete"
  refused article "says something else"
  check "nothing was laid out of the others" [ ! -e changed -a ! -e outside -a ! -e ../outside -a ! -e more ]
else skip "archives that were changed" "no Python"; fi
head -c 1000 study.zip >short.zip
run "$SETLAB" unpack short.zip
expect "half an archive" 1 "" "*short.zip: is no archive that can be read*"
run "$SETLAB" unpack absent.zip
expect "no archive" 1 "" "*absent.zip*"
run "$SETLAB" unpack
expect "which archive?" 2 "" "*which archive*"
cd ../here/studies || exit 1
run "$SETLAB" pack ../studies/study.lua --runs=../runs --profile=long
expect "a script elsewhere" 1 "" "*outside the current folder*"
finish
