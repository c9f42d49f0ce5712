/*
 * role_engine.c - the engine without a terminal of its own: --headless for
 * systemd, and what a client starts in the background.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/attach/launch.h"
#include "src/attach/server.h"
#include "src/headless.h"
#include "src/program.h"

#define SYSTEMD_FD 3

/* The socket that systemd listens at for us (sd_listen_fds(3)); -1: none. */
static int
systemd_socket(void)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    unsigned long long n;
    int type = 0;
    socklen_t len = sizeof type;

    if (pid == NULL || !text_u64(pid, 1, 1U << 30, &n) ||
        n != (unsigned long long)getpid() || count == NULL ||
        !text_u64(count, 1, 1, &n) ||
        getsockopt(SYSTEMD_FD, SOL_SOCKET, SO_TYPE, &type, &len) < 0 ||
        type != SOCK_SEQPACKET || fcntl(SYSTEMD_FD, F_SETFD, FD_CLOEXEC) < 0 ||
        fcntl(SYSTEMD_FD, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
        return -1;
    return SYSTEMD_FD;
}

/* The loser of two that start at once says so: its client connects to the
 * winner. */
static int
role_engine_refuse(const struct front *fr, const struct err *e)
{
    if (!fr->opt.engine || e->code != ERR_BUSY)
        return front_fail(STATUS_FAILED, e->msg);
    launch_tell_busy();
    return STATUS_FAILED;
}

int
role_engine(struct front *fr)
{
    int listen_fd = systemd_socket();
    struct err e = { 0 };
    int status = front_prepare(fr, &e);

    if (status != STATUS_DONE)
        return e.code != ERR_NONE ? role_engine_refuse(fr, &e) : status;
    if (front_listen(fr, listen_fd, NULL, &e) < 0)
        return front_fail(STATUS_FAILED, e.msg);
    if (fr->opt.engine)
        launch_tell_ready();
    headless_run(fr->lp, fr->en);
    /* kill-engine ends the sessions; after a signal another engine is to be
     * expected, and they wait for it. */
    attach_server_free(fr->server, !attach_server_ended(fr->server));
    fr->server = NULL;
    return STATUS_DONE;
}
