/*
 * reach.c - see reach.h.
 */
#include "src/attach/reach.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <time.h>
#include <unistd.h>

#include "src/attach/launch.h"
#include "src/attach/wire.h"
#include "src/base/buf.h"

#define READY_MS  60000 /* an engine with many domains to take back */
#define WINNER_MS 15000
#define FULL_MS   5000 /* its queue of connections is full */
#define STEP_MS   20
#define TERM_MS   10000 /* to end in order */
#define KILL_MS   5000

static void
pause_ms(unsigned ms)
{
    struct timespec ts = { .tv_sec = ms / 1000,
                           .tv_nsec = (long)(ms % 1000) * 1000000 };

    (void)nanosleep(&ts, NULL);
}

int
reach_running(struct reach *r, struct err *e)
{
    if (r->place.sim && !place_find_sim(&r->place))
        return err_set(e, ERR_NOENT,
                       "no simulated host of yours is running: `xendeck "
                       "--sim' starts one");
    return wire_connect(r->place.sock, e);
}

/* A queue that stays full is one that nobody empties. */
static int
connect_patiently(struct reach *r, struct err *e)
{
    unsigned waited = 0;
    int fd;

    for (;;) {
        err_clear(e);
        fd = reach_running(r, e);
        if (fd >= 0 || e->code != ERR_AGAIN)
            return fd;
        if (waited >= FULL_MS)
            return err_set(e, ERR_TIMEOUT,
                           "the engine (pid %d) does not take connections: "
                           "`xendeck --replace' ends it and starts another",
                           place_holder(&r->place));
        pause_ms(STEP_MS);
        waited += STEP_MS;
    }
}

/* Of an engine that another client is starting. */
static int
await_winner(struct reach *r, struct err *e)
{
    unsigned waited;
    int fd;

    for (waited = 0; waited < WINNER_MS; waited += STEP_MS) {
        err_clear(e);
        fd = connect_patiently(r, e);
        if (fd >= 0 || e->code != ERR_NOENT)
            return fd;
        pause_ms(STEP_MS);
    }
    return err_set(e, ERR_TIMEOUT,
                   "the engine (pid %d) holds its lock but does not listen: "
                   "`xendeck --replace' ends it and starts another",
                   place_holder(&r->place));
}

int
reach_engine(struct reach *r, struct err *e)
{
    int fd = connect_patiently(r, e);

    r->started = false;
    if (fd >= 0 || e->code != ERR_NOENT || r->launch == NULL)
        return fd;
    if (r->systemd && launch_unit())
        return await_winner(r, e);
    err_clear(e);
    switch (launch_engine(r->launch, READY_MS, e)) {
    case LAUNCH_READY:
        r->started = true;
        return await_winner(r, e);
    case LAUNCH_BUSY:
        return await_winner(r, e);
    default:
        return -1;
    }
}

/* --- the end of an engine --- */

static bool
has_ended(int pidfd, int ms)
{
    struct pollfd pf = { .fd = pidfd, .events = POLLIN };

    return poll(&pf, 1, ms) > 0;
}

int
reach_end_engine(struct reach *r, struct err *e)
{
    int pid, pidfd, rc = 0;

    if (r->place.sim && !r->place.given)
        (void)place_find_sim(&r->place);
    pid = place_holder(&r->place);
    if (pid <= 0)
        return 0;
    pidfd = pidfd_open(pid, 0);
    if (pidfd < 0)
        return errno == ESRCH ? 0 : err_sys(e, errno, "engine (pid %d)", pid);
    /* The number may be another process's by now: what holds the lock is what
     * is meant. */
    if (place_holder(&r->place) == pid) {
        fprintf(stderr, "xendeck: ending the engine (pid %d)\n", pid);
        if (pidfd_send_signal(pidfd, SIGTERM, NULL, 0) < 0)
            rc = err_sys(e, errno, "engine (pid %d)", pid);
        else if (!has_ended(pidfd, TERM_MS)) {
            fprintf(stderr,
                    "xendeck: the engine (pid %d) does not end: killing it\n",
                    pid);
            (void)pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
            if (!has_ended(pidfd, KILL_MS))
                rc = err_set(e, ERR_TIMEOUT,
                             "the engine (pid %d) cannot be killed", pid);
        }
    }
    close(pidfd);
    return rc;
}
