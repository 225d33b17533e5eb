# Degrees of layers, two panels a row: histograms; on two logarithmic axes the share of units with
# at least so many links, and the fitted power law from xmin on; the distance D against xmin.
set tics font ',13'
set xtics offset 0,0.2
set xlabel font ',14' offset 0,0.5
set ylabel font ',14'
set multiplot
@PANELS@
unset multiplot
