# Pictures that prose names: whatever their names hold they come into the page, and one that is not there is
# reported with its line.
. tests/tap.sh
printf '\211PNG\r\n\032\n' >"$DIR/plain.png"
mkdir "$DIR/folder.png" "$DIR/sub"
for name in "two words" größe "a&b" "50%" "par(1)" 'q?x' 'h#1' 'per%20cent' 'über%20all' 'a"b' "it's" "sub/deep er" "a<b"; do cp "$DIR/plain.png" "$DIR/$name.png"; done
cp "$DIR/plain.png" "$DIR/UPPER.PNG"
cp "$DIR/plain.png" "$DIR/plain.bmp"
: >"$DIR/empty.png"

# weave: the script on standard input becomes a page; its status, words and page are kept.
weave() { cat >"$DIR/p.lua"; run "$SETLAB" report --progress=none -o "$DIR/out" "$DIR/p.lua"; }
shown() { grep -o '<img src="data:image/png;base64,[^"]*"' "$DIR/out/p.html" | wc -l; }

weave <<END
-- # Pictures
--
-- ![plain](plain.png) ![angle](<two words.png>) ![percent](two%20words.png) ![umlaut](größe.png)
-- ![written out](gr%C3%B6%C3%9Fe.png) ![amp](a&b.png) ![amp](a&amp;b.png) ![fifty](<50%.png>)
-- ![par](<par(1).png>) ![par](par(1).png) ![question](<q?x.png>) ![hash](<h#1.png>) ![upper](UPPER.PNG)
-- ![dot](./plain.png "a title") ![sub](<sub/deep er.png>) ![up](sub/../plain.png) ![absolute](<$DIR/two words.png>)
-- ![itself](per%20cent.png) ![both](über%20all.png) ![quote](<a"b.png>) ![apostrophe](it's.png)
-- ![version](plain.png?v=2) ![part](plain.png#right) ![less](<a\\<b.png>)
-- ![net](https://example.org/p.png) ![inside](data:image/gif;base64,R0lGODlh)
print "done"
END
expect "nothing is wrong" 0 "*out/p.html" ""
check "all pictures are in the page" test "$(shown)" = 24
check "one of the network is a link" grep -q '<a href="https://example.org/p.png">net</a>' "$DIR/out/p.html"
check "one in its address stays" grep -q '<img src="data:image/gif;base64,R0lGODlh"' "$DIR/out/p.html"

weave <<END
-- # Lost
--
-- ![gone](missing.png) and ![plain](plain.png)
local lab = require "lab"
--[[
![umlaut](fehlt-größe.png)

![again](missing.png)
]]
print "x"
-- ![blank](<not here.png>)
--
-- ![again](missing.png), ![again](missing.png)
lab.say "![said](said.png)"
-- ![kind](plain.bmp) ![folder](folder.png) ![empty](empty.png) ![script](javascript:alert(1))
print "done"
END
expect "they are reported, and the status says so" 1 "*out/p.html" "*p.lua:3: the picture 'missing.png' is not on the page: there is no such file
*p.lua:6: the picture 'fehlt-größe.png' *
*p.lua:8: the picture 'missing.png' *
*p.lua:11: the picture 'not here.png' *
*p.lua:13: the picture 'missing.png' *
*p.lua:13: the picture 'missing.png' *
*p.lua:14: the picture 'said.png' *
*p.lua:15: the picture 'plain.bmp' *is not a picture that a page can hold*
*p.lua:15: the picture 'folder.png' *cannot be read*
*p.lua:15: the picture 'empty.png' *is empty*
*p.lua:15: the picture 'javascript:alert(1)' *not shown"
check "the page is there all the same" grep -q 'picture not found: not here.png' "$DIR/out/p.html"
check "with the picture that is there" test "$(shown)" = 1
check "and no link to a script" sh -c '! grep -q "href=\"javascript" "$1"' - "$DIR/out/p.html"

weave <<END
-- ![gone](missing.png)
error "stop"
END
expect "beside a script that fails" 1 "*out/p.html" "*p.lua:1: the picture 'missing.png'*
*p.lua:2: stop*"
finish
