# One bar a group, its number above it, a whisker of one standard deviation.
set xlabel @XLABEL@
set ylabel @YLABEL@
unset key
set boxwidth 0.55 absolute
set grid noxtics ytics
@AXES@
plot @PLOT@
