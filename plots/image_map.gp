# Heat maps side by side on one colour scale, each value a square of its own.
unset key
unset grid
unset tics
set border 15 linewidth 0.6
set style fill solid
set cbtics font ',13'
set cbrange @RANGE@
set multiplot
@PANELS@
unset multiplot
