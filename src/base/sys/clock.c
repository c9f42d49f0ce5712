/*
 * clock.c - see clock.h.
 */
#include "src/base/sys/clock.h"

#include <time.h>

int64_t
clock_now_ms(void)
{
    struct timespec ts = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
