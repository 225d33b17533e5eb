/*
** file_watch.h -- which files change, told by the system (inotify(7)).
**
** Folders are watched, not files: an editor that saves puts a new file in the place of the old one, and a
** watch on a file would stay with the old.
*/
#ifndef SETLAB_FILE_WATCH_H
#define SETLAB_FILE_WATCH_H

typedef struct FileWatch FileWatch;

typedef struct FileChange {
  int folder;        /* number of the watched folder; 0: anything may have changed, as the system lost changes, or a folder is gone and has to be
                     ** watched anew */
  char name[256];    /* of the file that was written, moved here or away, or removed; "" with folder 0 */
} FileChange;

/* A watch on nothing yet; or NULL and a sentence in why. file_watch_free takes NULL. */
FileWatch *file_watch_new (char why[256]);
void file_watch_free (FileWatch *watch);

/* Watches a folder. Returns its number, 1 or more, the same if it was watched already; or 0 and a sentence. */
int file_watch_folder (FileWatch *watch, const char *path, char why[256]);

/* Waits at most `seconds` for a change. 1 and *change; or 0 if none came, or a signal did. */
int file_watch_next (FileWatch *watch, double seconds, FileChange *change);

#endif
