#include "os/file_watch.h"
#include "base/mem.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { BUFFER_BYTES = 16 * 1024 };

struct FileWatch {
  int descriptor;
  size_t at, filled;    /* events that are read and not handed out yet: buffer[at .. filled) */
  _Alignas(struct inotify_event) char buffer[BUFFER_BYTES];
};

FileWatch *file_watch_new (char why[256]) {
  FileWatch *watch = mem_zero(1, sizeof *watch);
  if (!watch) {
    snprintf(why, 256, "not enough memory");
    return NULL;
  }
  watch->descriptor = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (watch->descriptor >= 0) return watch;
  snprintf(why, 256, "files cannot be watched: %s", strerror(errno));
  mem_free(watch);
  return NULL;
}

void file_watch_free (FileWatch *watch) {
  if (!watch) return;
  close(watch->descriptor);
  mem_free(watch);
}

int file_watch_folder (FileWatch *watch, const char *path, char why[256]) {
  const uint32_t changes = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE;
  int folder = inotify_add_watch(watch->descriptor, path, changes | IN_ONLYDIR);
  if (folder > 0) return folder;
  snprintf(why, 256, "the folder '%.180s' cannot be watched: %s", path, strerror(errno));
  return 0;
}

/* Fills the buffer with what the system has; 0 if it has nothing. */
static int refill (FileWatch *watch, double seconds) {
  struct pollfd wait = { .fd = watch->descriptor, .events = POLLIN };
  if (poll(&wait, 1, (int)(seconds * 1000)) <= 0) return 0;
  ssize_t n = read(watch->descriptor, watch->buffer, BUFFER_BYTES);
  watch->at = 0;
  watch->filled = n > 0 ? (size_t)n : 0;
  return n > 0;
}

/* The next event of the buffer, as a change; 0 if it concerns no file. */
static int take (FileWatch *watch, FileChange *change) {
  const struct inotify_event *event = (const void *)(watch->buffer + watch->at);
  watch->at += sizeof *event + event->len;
  if (event->mask & (IN_Q_OVERFLOW | IN_IGNORED)) {
    *change = (FileChange){ 0 };
    return 1;
  }
  if (event->len == 0) return 0;    /* the folder itself */
  change->folder = event->wd;
  snprintf(change->name, sizeof change->name, "%s", event->name);
  return 1;
}

int file_watch_next (FileWatch *watch, double seconds, FileChange *change) {
  for (;;) {
    while (watch->at < watch->filled)
      if (take(watch, change)) return 1;
    if (!refill(watch, seconds)) return 0;
  }
}
