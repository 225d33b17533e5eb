#!/bin/sh
# Prints a C file that carries the named files inside the program: scripts' words, figure
# templates, page template. The assembler's .incbin copies the bytes; the table names them.
echo '#include "embed.h"'
i=0
for f in "$@"; do
  printf '__asm__(".section .rodata\\n.global embed_%d\\nembed_%d:\\n.incbin \\"%s\\"\\n' $i $i "$f"
  printf '.byte 0\\n.global embed_end_%d\\nembed_end_%d:\\n.previous\\n");\n' $i $i
  printf 'extern const char embed_%d[], embed_end_%d[];\n' $i $i
  i=$((i + 1))
done
echo 'const Embedded embedded_files[] = {'
i=0
for f in "$@"; do
  printf '  { "%s", embed_%d, embed_end_%d },\n' "$f" $i $i
  i=$((i + 1))
done
echo '  { 0, 0, 0 },'
echo '};'
