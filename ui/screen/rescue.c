/*
 * rescue.c - the table of terminals that a fatal signal puts back.
 * Invariant: an armed entry is complete and does not change.
 */
#include "ui/screen/rescue.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#define RESCUE_MAX 256

/* A write of so many bytes never waits once poll says that there is room: a
 * pseudo terminal takes a whole buffer of 256 bytes then, a serial line has
 * more free. */
#define SMALL_BYTES 256U

/* The one mutable thing of file scope: a handler of a fatal signal has no
 * argument to find the terminals by. */
static struct {
    volatile sig_atomic_t used, armed;
    struct rescue r;
} table[RESCUE_MAX];

int
rescue_new(const struct rescue *r)
{
    int i;

    for (i = 0; i < RESCUE_MAX; i++)
        if (!table[i].used) {
            table[i].r = *r;
            table[i].used = 1;
            return i;
        }
    return -1;
}

void
rescue_arm(int number, bool on)
{
    if (number >= 0)
        table[number].armed = on;
}

void
rescue_free(int number)
{
    if (number >= 0)
        table[number].armed = table[number].used = 0;
}

long
rescue_write_now(int fd, bool blocking, const char *p, size_t n)
{
    struct pollfd pf = { .fd = fd, .events = POLLOUT };

    if (!blocking)
        return write(fd, p, n);
    if (poll(&pf, 1, 0) == 0) {
        errno = EAGAIN;
        return -1;
    }
    return write(fd, p, n < SMALL_BYTES ? n : SMALL_BYTES);
}

void
rescue_write(const struct rescue *r, const char *p, size_t n)
{
    struct pollfd pf = { .fd = r->out_fd, .events = POLLOUT };

    while (n > 0) {
        long done = rescue_write_now(r->out_fd, r->blocking, p, n);

        if (done > 0) {
            p += done;
            n -= (size_t)done;
        } else if (done < 0 && errno == EAGAIN) {
            if (poll(&pf, 1, (int)r->patience_ms) <= 0)
                return;
        } else if (done == 0 || errno != EINTR) {
            return;
        }
    }
}

void
rescue_all(void)
{
    int i, saved_errno = errno;

    for (i = 0; i < RESCUE_MAX; i++) {
        if (!table[i].armed)
            continue;
        table[i].armed = 0;
        rescue_write(&table[i].r, table[i].r.text, table[i].r.n);
        tcsetattr(table[i].r.in_fd, TCSANOW, &table[i].r.saved);
    }
    errno = saved_errno;
}
