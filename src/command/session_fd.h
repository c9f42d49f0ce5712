/*
 * session_fd.h - a session whose output goes to two descriptors, written
 * without blocking: for a batch in this process.
 */
#ifndef XENDECK_COMMAND_SESSION_FD_H
#define XENDECK_COMMAND_SESSION_FD_H

#include "src/base/loop.h"
#include "src/command/session.h"

struct session_pump {
    struct session *ses;
    int fd;
    bool polled; /* the loop can say when it takes more */
    bool lost;
    struct buf queue;
    size_t sent; /* of queue */
    struct loop_fd lf;
};

struct session_fd {
    struct session ses;
    struct session_pump pumps[2]; /* by enum session_to */
};

/* Sets the output of sf->ses, whose lp is set. The descriptors stay the
 * caller's, and their flags as they are. */
void session_fd_open(struct session_fd *sf, int out_fd, int err_fd);
/* What is still kept is dropped. */
void session_fd_close(struct session_fd *sf);

#endif
