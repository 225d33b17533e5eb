# One number of each run by groups: a point a run, a line at the median, a box between the quartiles.
set xlabel @XLABEL@
set ylabel @YLABEL@
unset key
set grid noxtics ytics
set xtics @TICS@
set xrange @RANGE@
plot @PLOT@
