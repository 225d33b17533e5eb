# Lines over a common x: mean curves with bands, runs over time, anything with points.
set xlabel @XLABEL@
set ylabel @YLABEL@
@AXES@
@KEY@
plot @PLOT@
