/*
** monitor.h -- what a run uses while it runs: processor, memory, threads, bytes.
**
** A thread of its own wakes every interval, reads /proc/self and appends one line to a
** CSV file, with one write() each, so that no reader ever sees half a line:
**
**   seconds        since the monitor started
**   cpu_percent    processor time of the process over wall time since the line before, all
**                  threads together, 100 = one core; 0 in the first line, and repeated in a
**                  last line that follows within a tenth of the interval
**   uss_mib        unique set size: memory that would come back if the process ended
**                  (Private_Clean + Private_Dirty of smaps_rollup)
**   rss_mib        resident set size, shared pages included
**   threads        of the process, without the monitor's own
**   read_bytes, written_bytes
**                  storage traffic of the process since the monitor started (/proc/self/io;
**                  what the page cache serves does not count); 0 if that cannot be read
**
** For smaps_rollup the kernel walks the page tables: about 1 ms for 80 MiB. All samples
** together may cost a thousandth of the time; where the walk is dearer than that it is made
** less often, and between two walks USS is RSS minus the shared pages of the last one,
** which hardly change. A kernel without smaps_rollup counts its file and shared-memory
** pages as shared.
*/
#ifndef SETLAB_MONITOR_H
#define SETLAB_MONITOR_H

typedef struct Monitor Monitor;

/* What the last line that is kept of an earlier piece of a run says. */
typedef struct MonitorResumed { double seconds, cpu_percent, read_bytes, written_bytes; } MonitorResumed;

typedef struct MonitorSummary {
  double seconds;           /* from start to stop */
  double cpu_percent;       /* mean over that time */
  double peak_uss_mib;      /* no less than the largest sample; see peak_rss_mib */
  double peak_rss_mib;      /* with the kernel's own high-water mark, if it rose meanwhile */
  long   samples;           /* taken: lines in the file unless writing failed */
  double sampling_seconds;  /* processor time spent on them */
  double walk_seconds;      /* of it, walks of the page tables, without the last one */
  char   why[256];          /* "" or why the file holds fewer lines than samples */
} MonitorSummary;

/* Creates the file (an old one is emptied), takes the first sample at once and starts the
** thread. interval_seconds in 0.001 .. 3600. NULL and a sentence in `why` if the file cannot be
** written, or there is no memory, thread or /proc. The caller gives it to monitor_stop. */
Monitor *monitor_start (const char *csv_path, double interval_seconds, char why[256]);
/* The same for a run that goes on after a break: lines are appended to the file, if there is one,
** and their seconds and bytes continue from `resumed`. The summary is of this piece alone. */
Monitor *monitor_continue (const char *csv_path, double interval_seconds, const MonitorResumed *resumed, char why[256]);
/* Takes the last sample, ends the thread, closes the file, frees the monitor (NULL is
** fine). `summary` may be NULL. */
void     monitor_stop  (Monitor *monitor, MonitorSummary *summary);

#endif
