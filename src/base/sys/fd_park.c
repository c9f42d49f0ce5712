/*
 * fd_park.c - see fd_park.h.
 */
#include "src/base/sys/fd_park.h"

#include <stdlib.h>

#include "src/base/sys/fd_kind.h"
#include "src/base/xalloc.h"

struct parked_fd {
    int fd;
    unsigned uid;
};

int
fd_park_open(struct fd_park *p, struct err *e)
{
    return fd_closer_start(&p->closer, e);
}

void
fd_park_take(struct fd_park *p, unsigned uid, int fd)
{
    if (fd_closes_alone(fd)) {
        fd_closer_take(&p->closer, fd);
        return;
    }
    p->list = xrealloc(p->list, p->n + 1, sizeof(p->list[0]));
    p->list[p->n++] = (struct parked_fd){ .fd = fd, .uid = uid };
}

void
fd_park_close(struct fd_park *p, int fd)
{
    fd_closer_take(&p->closer, fd);
}

size_t
fd_park_closing(const struct fd_park *p)
{
    return fd_closer_waiting(&p->closer);
}

size_t
fd_park_count(const struct fd_park *p, unsigned uid)
{
    size_t i, n = 0;

    for (i = 0; i < p->n; i++)
        n += p->list[i].uid == uid;
    return n;
}

void
fd_park_forget(struct fd_park *p)
{
    free(p->list);
    fd_closer_end(&p->closer);
    *p = (struct fd_park){ .n = 0 };
}
