/*
 * clock.h - the real clock, for code that runs without a loop: helpers and
 * carriers in processes of their own, threads. Whoever has a loop asks that
 * (loop_now_ms), for its clock may be a test's.
 */
#ifndef XENDECK_BASE_SYS_CLOCK_H
#define XENDECK_BASE_SYS_CLOCK_H

#include <stdint.h>

/* Milliseconds since some moment; never set back. */
int64_t clock_now_ms(void);

#endif
