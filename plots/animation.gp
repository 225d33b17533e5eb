# A heat map frame by frame on a fixed colour scale, beside the picture it belongs to; the
# last frame also as a still, for paper and for readers who prefer no motion. Titles are
# variables because a brace in a text would end the loop's block.
unset key
unset grid
unset tics
set border 15 linewidth 0.6
set style fill solid
set cbrange @RANGE@
set palette maxcolors 96

frames = @FRAMES@
array titles[frames]
@TITLES@
@SCALE@

# The last frame is shown a while before the film begins again. A thin line at the foot
# tells how far it is; it also keeps two frames from being equal, which libgd cannot pack.
shown = frames + (frames > 1 ? 8 : 0)
do for [k = 1:shown] {
i = k < frames ? k : frames
set object 1 rectangle from screen 0,0 to screen 1.0*k/shown,0.012 fillcolor rgb grey fillstyle solid noborder
set multiplot
@FRAME@
unset multiplot
}
unset object 1
unset output

@SECOND@
set multiplot
@FRAME@
unset multiplot
