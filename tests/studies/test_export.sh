#!/bin/sh
# setlab export: figures, tables and page as files for a paper.
. tests/tap.sh
cd "$DIR" || exit 1
command -v gnuplot >/dev/null || { skip "figures" "no gnuplot"; finish; exit; }
cat >study.lua <<'LUA'
-- # A study
local lab = require "lab"
--| label: fig-a
lab.plot.xy { series = { { name = "a", y = { 1, 4, 9 } } }, width = 600, height = 300 }
--| label: fig-own
lab.plot.gnuplot { data = { a = { 1, 2 } }, script = "plot data using a:a" }
--| label: fig-points
lab.plot.xy { series = { { name = "a", y = { 1, 4, 9 } } }, terminal = "png" }
--| label: tbl-a
--| tbl-cap: Two numbers, and 100 % of them.
lab.table { header = { "a & b", "c" }, rows = { { "1", "2_3" } } }
LUA
run "$SETLAB" report -o pages study.lua
run "$SETLAB" export --no-page pages/study.html
expect "all are written" 0 "*fig-a.pdf*fig-a.png*fig-own.pdf*fig-points.pdf*tbl-a.csv*tbl-a.tex*" ""
there=pages/study_export
check "a figure is a PDF" sh -c "head -c 5 $there/fig-a.pdf | grep -q %PDF"
box() { tr -d '\000' <"$1" | grep -a -o 'MediaBox *\[[^]]*\]' | head -n 1; }
check "as wide as a column: 8.5 cm are 241 points" sh -c "tr -d '\\000' <$there/fig-a.pdf | grep -aq 'MediaBox \\[ *0 0 24[01].* 1[12]'"
check "a table is LaTeX" grep -q 'a \\& b & c' $there/tbl-a.tex
run "$SETLAB" export --no-page --width=17 --format=png -o wide pages/study.html
expect "another width and format" 0 "wide/fig-a.png*" ""
check "no PDF then" [ ! -e wide/fig-a.pdf ]
check "twice as wide" [ "$(od -An -tu1 -j16 -N4 wide/fig-a.png | awk '{ print $1*16777216+$2*65536+$3*256+$4 }')" -eq 4015 ]
check "nothing is left beside the page" sh -c '! ls pages/study_files | grep part'
check "the figure's script draws to any terminal" sh -c "cd pages/study_files && gnuplot -e \"terminal_svg = 'dumb'; out_svg = 'x.txt'\" fig-a.gp && [ -s x.txt ]"
run "$SETLAB" export pages/study.html
if command -v chromium >/dev/null 2>&1; then expect "the page, too" 0 "*pages/study_export/study.pdf" ""
else expect "without Chromium all but the page" 0 "*tbl-a.tex" "*Chromium is not here*"; fi
run "$SETLAB" export pages/absent.html
expect "a page that is not there" 1 "" "*'pages/absent.html' is no page*"
cp pages/study.html pages/other.html; cp -r pages/study_files pages/other_files
run "$SETLAB" export --no-page -o both pages/study.html pages/other.html
expect "two pages in one folder" 1 "*" "*both/fig-a.pdf would be written twice*"
sed -i '/terminal_svg/d' pages/other_files/fig-a.gp
run "$SETLAB" export --no-page pages/other.html
expect "a figure of an earlier version" 1 "" "*fig-a.gp was written by an earlier version*"
run "$SETLAB" export --format=gif pages/study.html
expect "a format that is none" 2 "" "*'gif' is no format*"
run "$SETLAB" export
expect "which page?" 2 "" "*which page*"
finish
