# Bars that lie on their side, each cut into its parts. Equal parts have one colour.
set xlabel @XLABEL@
unset ylabel
set grid xtics noytics
set border 1
set yrange [@LAST@:0.4]
set ytics (@NAMES@) scale 0
set xrange [0:@MOST@]
set style fill transparent solid 0.6 noborder
@KEY@
plot @PLOT@
