# The look of every figure: Okabe-Ito colours that colour-blind readers can tell apart, a
# dash for each as well, thin grey axes left and below, a light dotted grid. Text stays in
# the terminal's own black, which a page's style sheet may turn light.
set encoding utf8
set datafile separator comma
# A line that begins with a letter is the header of the data, not data.
set datafile commentschars 'abcdefghijklmnopqrstuvwxyz'

array colour[6] = [0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9]
shade(i) = colour[(int(i) - 1) % 6 + 1]
faint(i) = shade(i) + 0x90000000
band(i)  = shade(i) + 0xC8000000
grey     = 0x8A8A8A

set border 3 linecolor rgb grey linewidth 0.8
set tics nomirror out scale 0.5 textcolor rgb 'black'
set xlabel offset 0,0.4
set ylabel offset 0.5,0
set grid linecolor rgb grey + 0x80000000 linewidth 0.6 dashtype (1, 5)
set key tmargin left horizontal Left reverse samplen 2.0 spacing 1.1 width -2
set style fill transparent solid 0.35 noborder
set boxwidth 0.6 relative
# viridis: even to the eye, also in grey
set palette defined (0 '#440154', 1 '#482878', 2 '#3e4a89', 3 '#31688e', 4 '#26828e', 5 '#1f9e89', 6 '#35b779', 7 '#6dcd59', 8 '#b4de2c', 9 '#fde725')

@OUTPUT@
