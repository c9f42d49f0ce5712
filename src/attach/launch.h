/*
 * launch.h - starts an engine in the background for a client that found none,
 * and tells from its side when it is ready.
 */
#ifndef XENDECK_ATTACH_LAUNCH_H
#define XENDECK_ATTACH_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/err.h"

#define LAUNCH_ARG "--engine" /* the hidden role */

enum launch_rc {
    LAUNCH_READY,
    LAUNCH_BUSY, /* another engine holds the lock: connect to that */
    LAUNCH_FAILED
};

/* The program with argv (argv[0] is its name, NULL ends it), detached from
 * this terminal. Waits until it is ready, at most limit_ms. What it wrote to
 * standard error is in *e, or goes to ours if it is ready. */
enum launch_rc launch_engine(char *const argv[], int limit_ms, struct err *e);
/* Path of this program: of the file that is there now, should it have been
 * replaced since. */
void launch_self(char *dst, size_t n);
/* With systemd's socket unit set up: starts it, again: also if systemd has it
 * started. True: it may listen now. */
bool launch_unit(bool again);

/* --- the other side --- */
/* Says it to the client that waits, if there is one, and lets go of it:
 * standard error is /dev/null then. */
void launch_tell_ready(void);
void launch_tell_busy(void);

#endif
