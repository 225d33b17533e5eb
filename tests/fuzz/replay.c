/* replay.c -- reads kept inputs: fuzz TARGET FILE ... The place of libFuzzer's main. */
#include "fuzz.h"
#include <stdio.h>
#include <stdlib.h>

static void replay (const FuzzTarget *target, const char *path) {
  FILE *file = fopen(path, "rb");
  uint8_t *bytes = NULL;
  size_t size = 0, room = 0, n;
  do {
    room += 1 << 16;
    bytes = realloc(bytes, room);
    if (!file || !bytes) {
      perror(path);
      exit(2);
    }
    size += n = fread(bytes + size, 1, room - size, file);
  } while (n > 0);
  fclose(file);
  uint8_t *exact = realloc(bytes, size ? size : 1);  /* a step too far shall be seen */
  printf("%s\n", path);
  fflush(stdout);
  fuzz_read(target, exact, size);
  free(exact);
}

int main (int argc, char **argv) {
  const FuzzTarget *target = argc > 1 ? fuzz_find(argv[1]) : NULL;
  if (!target || argc < 3) {
    fputs("usage: fuzz TARGET FILE ...\n", stderr);
    return 2;
  }
  for (int i = 2; i < argc; i++) replay(target, argv[i]);
  return 0;
}
