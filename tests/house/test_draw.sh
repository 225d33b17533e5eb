# `make graph` draws the rooms, and the files of one room.
. tests/tap.sh
run "$SETLAB" test-file tests/house/draw.lua "$DIR/rooms" ""
expect "the rooms are drawn" 0 "*" ""
check "an arrow that everybody knows" grep -q '^  "core/net" -> "core/base";$' "$DIR/rooms.dot"
run "$SETLAB" test-file tests/house/draw.lua "$DIR/files" core/net
expect "the files of a room are drawn" 0 "*" ""
check "with the rooms that they use" grep -q '^  "net_step" -> "core/base";$' "$DIR/files.dot"
check "and with each other" grep -q '^  "net_step" -> "net_activation";$' "$DIR/files.dot"
run "$SETLAB" test-file tests/house/draw.lua "$DIR/none" kitchen
expect "a room that is not there is refused" 1 "" "make graph: there is no room 'kitchen'*"
bare=$(PATH=/nowhere "$SETLAB" test-file tests/house/draw.lua "$DIR/bare" core/save)
check "without anything to draw with, the text is printed" test "$bare" = "$(cat "$DIR/bare.dot")"
finish
