#!/bin/sh
# setlab new: what it writes runs, and nothing that is there is lost.
. tests/tap.sh
cd "$DIR" || exit 1

run "$SETLAB" new first
expect "a study and a sweep are written" 0 "first.lua and first.yaml are written*setlab watch first.lua*" ""
check "no placeholder is left" sh -c "! grep -n 'NAME\\|DATE' first.lua first.yaml"
run "$SETLAB" report --smoke --progress=none -o pages first.lua
expect "the study runs" 0 "pages/first.html" "*"
check "and shows its figure and table" sh -c 'grep -q "Figure 1" pages/first.html && grep -q "Table 1" pages/first.html && grep -q "Each network has [0-9]" pages/first.html'
run "$SETLAB" sweep --progress=none --profile=smoke first.yaml
expect "the sweep runs" 0 "*1 *2  done*" "*"
echo mine >first.yaml; rm first.lua
run "$SETLAB" new first
expect "what is there stays" 1 "" "*'first.yaml' is there already*"
check "as it is" [ "$(cat first.yaml)" = mine ]
check "and nothing is written beside it" [ ! -e first.lua ]
run "$SETLAB" new deep/er/second.lua
expect "folders are made" 0 "deep/er/second.lua and deep/er/second.yaml are written*" ""
run "$SETLAB" new
expect "which name?" 2 "" "*give one name*"
run "$SETLAB" new 'a b'
expect "a name that is none" 2 "" "*'a b' is no name*"
run "$SETLAB" new deep/
expect "a folder is no name" 2 "" "*is no name*"
finish
