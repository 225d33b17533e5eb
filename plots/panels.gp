# Several plots of one kind in one picture, two a row.
unset key
set tics font ',13'
set xtics offset 0,0.2
set xlabel font ',15' offset 0,0.6
set ylabel font ',15' offset 1.2,0
@SETTINGS@
set multiplot
@PANELS@
unset multiplot
