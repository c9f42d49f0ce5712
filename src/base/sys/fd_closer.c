/*
 * fd_closer.c - see fd_closer.h. The thread is told by a pipe: nothing is
 * shared but the table of descriptors, and nobody owns the thread. A timer
 * signals it while it closes.
 */
#include "src/base/sys/fd_closer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "src/base/err.h"

#define STACK_BYTES 65536
#define NS_PER_MS   1000000L

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static void
interrupt_close(int number)
{
    (void)number;
}

static int
closer_signal(void)
{
    return SIGRTMIN;
}

static bool
make_timer(timer_t *out)
{
    struct sigevent ev = { .sigev_notify = SIGEV_THREAD_ID,
                           .sigev_signo = closer_signal() };
    sigset_t set;

    ev.sigev_notify_thread_id = gettid();
    sigemptyset(&set);
    sigaddset(&set, closer_signal());
    return pthread_sigmask(SIG_UNBLOCK, &set, NULL) == 0 &&
           timer_create(CLOCK_MONOTONIC, &ev, out) == 0;
}

static void
close_impatiently(int fd, timer_t *timer)
{
    static const struct timespec step = { .tv_nsec = FD_CLOSER_MS * NS_PER_MS };
    const struct itimerspec on = { .it_interval = step, .it_value = step },
                            off = { 0 };
    const struct linger none = { 0 };

    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
    if (timer != NULL)
        timer_settime(*timer, 0, &on, NULL);
    close(fd);
    if (timer != NULL)
        timer_settime(*timer, 0, &off, NULL);
}

static void *
closer_main(void *arg)
{
    int from = (int)(intptr_t)arg, fd;
    timer_t timer;
    bool timed = make_timer(&timer);
    ssize_t r;

    for (;;) {
        r = read(from, &fd, sizeof(fd));
        if (r == (ssize_t)sizeof(fd))
            close_impatiently(fd, timed ? &timer : NULL);
        else if (r >= 0 || errno != EINTR)
            break;
    }
    if (timed)
        timer_delete(timer);
    close(from);
    return NULL;
}

static bool
start_thread(int from)
{
    pthread_attr_t at;
    pthread_t thread;
    sigset_t all, was;
    int r;

    pthread_attr_init(&at);
    pthread_attr_setdetachstate(&at, PTHREAD_CREATE_DETACHED);
    (void)pthread_attr_setstacksize(&at, STACK_BYTES);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &was);
    r = pthread_create(&thread, &at, closer_main, (void *)(intptr_t)from);
    pthread_sigmask(SIG_SETMASK, &was, NULL);
    pthread_attr_destroy(&at);
    return r == 0;
}

int
fd_closer_start(struct fd_closer *fc, struct err *e)
{
    struct sigaction sa = { .sa_handler = interrupt_close };
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_sys(e, errno, "the pipe to what closes descriptors");
    if (sigaction(closer_signal(), &sa, NULL) == 0 &&
        fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0 && start_thread(ends[0])) {
        fc->started = true;
        fc->fd = ends[1];
        return 0;
    }
    close(ends[0]);
    close(ends[1]);
    return err_set(e, ERR_IO, "no thread can be started to close descriptors");
}

/* What cannot be handed on stays open: better than to wait for a stranger. */
void
fd_closer_take(struct fd_closer *fc, int fd)
{
    if (fc->started)
        (void)!write(fc->fd, &fd, sizeof(fd));
}

size_t
fd_closer_waiting(const struct fd_closer *fc)
{
    int n = 0;

    if (!fc->started || ioctl(fc->fd, FIONREAD, &n) < 0 || n < 0)
        return 0;
    return (size_t)n / sizeof(int);
}

void
fd_closer_end(struct fd_closer *fc)
{
    if (fc->started)
        close(fc->fd);
    *fc = (struct fd_closer){ .started = false };
}
