# Degrees of layers: a row each, the histogram at the left, at the right on two logarithmic
# axes the share of units with at least so many links, and the fitted power law from xmin on.
set tics font ',13'
set xtics offset 0,0.2
set xlabel font ',14' offset 0,0.5
set ylabel font ',14'
set multiplot
@PANELS@
unset multiplot
