/*
 * rescue.h - the terminals that a fatal signal puts back: what must be written
 * to each, in a bounded table that a signal handler can read at any instant.
 */
#ifndef XENDECK_UI_RESCUE_H
#define XENDECK_UI_RESCUE_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#define RESCUE_BYTES 512

struct rescue {
    int in_fd, out_fd;
    bool blocking;           /* out_fd has no O_NONBLOCK */
    unsigned patience_ms;    /* how long a stuck terminal may hold the end up */
    struct termios saved;    /* the line modes before us */
    char text[RESCUE_BYTES]; /* leaves our modes and our screen */
    size_t n;
};

/* Copies r into the table, not armed. Returns its number; -1: the table is
 * full, and this terminal is not put back by a fatal signal. */
int rescue_new(const struct rescue *r);
/* Whether the terminal is ours at the moment. -1 is allowed. */
void rescue_arm(int number, bool on);
/* -1 is allowed. */
void rescue_free(int number);

/* Puts back every terminal that is armed. Idempotent and async-signal-safe. */
void rescue_all(void);

/* Writes all that the terminal takes, waiting at most patience_ms each time
 * that it is stuck. Async-signal-safe. */
void rescue_write(const struct rescue *r, const char *p, size_t n);
/* One write that does not block, whether fd has O_NONBLOCK or not. As write();
 * EAGAIN: the terminal takes nothing now. Async-signal-safe. */
long rescue_write_now(int fd, bool blocking, const char *p, size_t n);

#endif
