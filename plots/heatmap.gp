# A grid of named rows and columns, each cell coloured by its number, which is written in it.
unset key
unset grid
set border 0
set tics scale 0
set xlabel @XLABEL@
# Beside the margins that are set here gnuplot would leave the label out where names are long.
set label 1 @YLABEL@ at screen @NAME@, graph 0.5 center rotate by 90
set lmargin at screen @LEFT@
set rmargin at screen @RIGHT@
set xtics @TURN@ (@COLUMNS@)
set ytics (@ROWS@)
set xrange [0.5:@WIDE@]
set yrange [@HIGH@:0.5]
set style fill solid noborder
set cbtics font ',13' scale 0
@PALETTE@
set cbrange @RANGE@
set cblabel @LABEL@
plot @PLOT@
