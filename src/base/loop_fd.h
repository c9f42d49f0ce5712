/*
 * loop_fd.h - descriptors that are ready, as events of the loop (loop.h).
 */
#ifndef XENDECK_BASE_LOOP_FD_H
#define XENDECK_BASE_LOOP_FD_H

#include "src/base/list.h"

struct loop;
struct loop_fd;

enum { LOOP_READ = 1, LOOP_WRITE = 2, LOOP_HUP = 4 };

/* ready: LOOP_ bits; LOOP_HUP may come unasked (hang-up or error). */
typedef void (*loop_fd_cb)(struct loop_fd *lf, unsigned ready);

struct loop_fd {
    struct loop *lp; /* NULL: idle */
    int fd;
    unsigned want;
    loop_fd_cb cb;
    unsigned ready; /* found by the wait, not dispatched yet */
    struct list_node node;
};

/* want: LOOP_READ | LOOP_WRITE. Registering an active handler again changes
 * its want and cb. 0, or -1 with errno (EPERM: a regular file, which epoll
 * refuses; EEXIST: another handler has this descriptor; EBADF...). The
 * descriptor stays the caller's: del before close. On hang-up or error the
 * callback gets LOOP_HUP, with LOOP_READ if that is wanted so that reading
 * sees the end, every turn until the handler is deleted: also with want 0. */
int loop_fd_add(struct loop *lp, struct loop_fd *lf, int fd, unsigned want,
                loop_fd_cb cb);
int loop_fd_want(struct loop_fd *lf, unsigned want);
void loop_fd_del(struct loop_fd *lf);

#endif
