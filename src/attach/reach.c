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

#define READY_MS   60000 /* an engine with many domains to take back */
#define WINNER_MS  15000
#define LAUNCHES   3    /* of an engine that ends before it is reached */
#define FULL_MS    5000 /* its queue of connections is full */
#define STEP_MS    20
#define CLOSE_MS   90000 /* an orderly end takes up to a minute */
#define CLOSING_MS 500   /* a longer end is told */
#define TERM_MS    10000 /* to end in order */
#define KILL_MS    5000
#define NAMING_MS  1000 /* who has a lock writes his name into it next */

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
    if (r->place.sim)
        return place_connect_sim(&r->place, e);
    return wire_connect(r->place.sock, e);
}

/* Nobody is served there: what, and the way out. */
static int
reach_stuck(const struct reach *r, const char *what, struct err *e)
{
    int pid = place_holder(&r->place, NULL);
    char words[160], who[32] = "its pid cannot be read";

    if (pid > 0)
        text_fmt(who, sizeof(who), "pid %d", pid);
    place_replace_words(&r->place, words, sizeof(words));
    return err_set(e, ERR_TIMEOUT,
                   "the engine (%s) %s: `%s' ends it and starts another", who,
                   what, words);
}

/* A queue that stays full is one that nobody empties. */
static int
reach_connect_patiently(struct reach *r, struct err *e)
{
    unsigned waited = 0;
    int fd;

    for (;;) {
        err_clear(e);
        fd = reach_running(r, e);
        if (fd >= 0 || e->code != ERR_AGAIN)
            return fd;
        if (waited >= FULL_MS)
            return reach_stuck(r, "does not take connections", e);
        pause_ms(STEP_MS);
        waited += STEP_MS;
    }
}

/* An engine that ends in order lets go of its socket first and of its lock
 * last. To kill it now would leave what it undoes to the next one. */
static int
await_end(const struct reach *r, struct err *e)
{
    unsigned waited;
    bool closing;
    int pid;

    for (waited = 0; waited < CLOSE_MS; waited += STEP_MS) {
        pid = place_holder_closing(&r->place, &closing, NULL);
        if (pid <= 0 || !closing)
            return 0;
        if (waited == CLOSING_MS)
            fprintf(stderr,
                    "xendeck: the engine (pid %d) is ending; waiting for it, "
                    "^C leaves\n",
                    pid);
        pause_ms(STEP_MS);
    }
    return reach_stuck(r, "has been ending for 90 s", e);
}

/* Of an engine that another client is starting. ERR_NOENT: it has ended
 * instead, and nobody has the lock. */
static int
await_winner(struct reach *r, struct err *e)
{
    unsigned waited;
    int fd, holder;

    for (waited = 0; waited < WINNER_MS; waited += STEP_MS) {
        holder = place_holder(&r->place, NULL); /* before: it may begin now */
        err_clear(e);
        fd = reach_connect_patiently(r, e);
        if (fd >= 0 || e->code != ERR_NOENT || holder == 0)
            return fd;
        if (await_end(r, e) < 0)
            return -1;
        pause_ms(STEP_MS);
    }
    return reach_stuck(r, "holds its lock but does not listen", e);
}

/* systemd may believe that it listens, while the file of its socket is gone:
 * the unit is started anew then. ERR_NOENT: nobody listens. */
static int
reach_unit(struct reach *r, struct err *e)
{
    int fd = -1, again;

    err_set(e, ERR_NOENT, "systemd does not start an engine");
    for (again = 0; again < 2 && fd < 0 && e->code == ERR_NOENT; again++) {
        if (!r->unit(again != 0))
            break;
        fd = await_winner(r, e);
    }
    return fd;
}

static int
reach_launch(struct reach *r, struct err *e)
{
    int fd;

    if (await_end(r, e) < 0)
        return -1;
    if (r->unit != NULL) {
        fd = reach_unit(r, e);
        if (fd >= 0 || e->code != ERR_NOENT)
            return fd;
    }
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

int
reach_engine(struct reach *r, struct err *e)
{
    int fd = reach_connect_patiently(r, e), i;

    r->started = false;
    for (i = 0; i < LAUNCHES && r->launch != NULL; i++) {
        if (fd >= 0 || e->code != ERR_NOENT)
            return fd;
        fd = reach_launch(r, e);
    }
    if (fd < 0 && e->code == ERR_NOENT && r->launch != NULL)
        return err_set(e, ERR_LOST,
                       "each engine that was started has ended at once");
    return fd;
}

/* --- the end of an engine --- */

static bool
has_ended(int pidfd, int ms)
{
    struct pollfd pf = { .fd = pidfd, .events = POLLIN };

    return poll(&pf, 1, ms) > 0;
}

static int
await_name(const struct reach *r, struct err *e)
{
    unsigned waited;
    int pid = place_holder(&r->place, e);

    for (waited = 0; pid < 0 && e->code == ERR_BUSY && waited < NAMING_MS;
         waited += STEP_MS) {
        pause_ms(STEP_MS);
        err_clear(e);
        pid = place_holder(&r->place, e);
    }
    return pid;
}

int
reach_end_engine(struct reach *r, struct err *e)
{
    int pid, pidfd, rc = 0;

    pid = await_name(r, e);
    if (pid <= 0)
        return pid;
    pidfd = pidfd_open(pid, 0);
    if (pidfd < 0)
        return errno == ESRCH ? 0 : err_sys(e, errno, "engine (pid %d)", pid);
    /* The number may be another process's by now: what holds the lock is what
     * is meant. */
    if (place_holder(&r->place, NULL) == pid) {
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
