# Parallel coordinates: vertical axes side by side from 0 to 1, each trial a line across them.
unset border
unset tics
unset grid
unset key
set lmargin 7
set rmargin 8
set tmargin 1
set bmargin 1
@AXES@
plot @PLOT@
