/* fuzz.c -- the table of targets, files in memory, and what libFuzzer calls. */
#define _GNU_SOURCE
#include "fuzz.h"
#include "base/mem.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const FuzzTarget targets[] = {
  { "bundle", fuzz_bundle, fuzz_mutate_zip },
  { "checkpoint", fuzz_checkpoint, fuzz_mutate_zip },
  { "cifar10", fuzz_cifar10, fuzz_mutate_gzip },
  { "csv", fuzz_csv, fuzz_mutate_gzip },
  { "idx", fuzz_idx, fuzz_mutate_idx },
  { "links", fuzz_links, fuzz_mutate_zip },
  { "npy", fuzz_npy, fuzz_mutate_idx },
  { "npz", fuzz_npz, fuzz_mutate_zip },
  { "yaml", fuzz_yaml, NULL },
};

const FuzzTarget *fuzz_find (const char *name) {
  for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
    if (strcmp(targets[i].name, name) == 0) return &targets[i];
  return NULL;
}

void fuzz_expect (int promise, const char *format, ...) {
  if (promise) return;
  va_list args;
  va_start(args, format);
  fputs("broken promise: ", stderr);
  vfprintf(stderr, format, args);
  fputc('\n', stderr);
  va_end(args);
  abort();
}

void fuzz_read (const FuzzTarget *target, const uint8_t *bytes, size_t size) {
  target->read(bytes, size);
  fuzz_expect(mem_held() == 0, "%llu bytes of the engine's are still held", (unsigned long long)mem_held());
}

const char *fuzz_file (int slot, const uint8_t *bytes, size_t size) {
  static struct { int fd; char path[32]; } file[4];
  if (!file[slot].path[0]) {
    file[slot].fd = memfd_create("fuzz", 0);
    snprintf(file[slot].path, sizeof file[slot].path, "/proc/self/fd/%d", file[slot].fd);
  }
  int fd = file[slot].fd;
  if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, bytes, size, 0) != (ssize_t)size) {
    perror("a file in memory");
    exit(1);
  }
  return file[slot].path;
}

/* ---- libFuzzer ---- */

int LLVMFuzzerInitialize (int *argc, char ***argv);
int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator (uint8_t *bytes, size_t size, size_t room, unsigned seed);
size_t LLVMFuzzerMutate (uint8_t *bytes, size_t size, size_t room) __attribute__((weak));

static const FuzzTarget *chosen;

/* The first argument is the target; libFuzzer gets the others. */
int LLVMFuzzerInitialize (int *argc, char ***argv) {
  chosen = *argc > 1 ? fuzz_find((*argv)[1]) : NULL;
  if (!chosen) {
    fputs("which target? the first argument is its name\n", stderr);
    exit(2);
  }
  (*argv)[1] = (*argv)[0];
  ++*argv;
  --*argc;
  return 0;
}

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size) {
  fuzz_read(chosen, bytes, size);
  return 0;
}

size_t LLVMFuzzerCustomMutator (uint8_t *bytes, size_t size, size_t room, unsigned seed) {
  if (chosen->mutate) return chosen->mutate(bytes, size, room, seed);
  return LLVMFuzzerMutate(bytes, size, room);
}
