/*
 * xen_virq.c - the virtual interrupts that tell the control domain of deaths,
 * new lines in Xen's log and lack of memory.
 * A global VIRQ has one binder: where xenstored took VIRQ_DOM_EXC (Xen 4.17),
 * its watch on @releaseDomain carries the news instead.
 */
#include "engine/hv/xen/xen_int.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

static const struct {
    unsigned virq;
    unsigned bit;
    const char *name;
} virqs[XEN_VIRQS] = {
    { VIRQ_DOM_EXC, HV_VIRQ_DOM_EXC, "VIRQ_DOM_EXC" },
    { VIRQ_CON_RING, HV_VIRQ_CON_RING, "VIRQ_CON_RING" },
    { VIRQ_ENOMEM, HV_VIRQ_ENOMEM, "VIRQ_ENOMEM" },
};

/* A VIRQ that fires without pause must not hold up the loop. */
#define DRAIN_MAX 64

static void
bind_one(struct xen *x, size_t i)
{
    int port = xenevtchn_bind_virq(x->xce, virqs[i].virq);

    x->virq_port[i] = port;
    if (port >= 0)
        return;
    if (errno == EEXIST)
        xen_log_say(&x->xl, LOGL_INFO, "%s has another owner (xenstored)",
                    virqs[i].name);
    else
        xen_log_say(&x->xl, LOGL_WARN, "%s: %s", virqs[i].name,
                    strerror(errno));
}

void
xen_virq_open(struct xen *x)
{
    size_t i;

    x->xl.quiet++;
    x->xce = xenevtchn_open(&x->xl.xtl, 0);
    if (x->xce == NULL)
        xen_log_say(&x->xl, LOGL_WARN,
                    "no event channels (/dev/xen/evtchn): %s", strerror(errno));
    for (i = 0; x->xce != NULL && i < XEN_VIRQS; i++)
        bind_one(x, i);
    if (x->xce != NULL && xen_virq_bound(&x->hv) == 0)
        xen_virq_close(x);
    x->xl.quiet--;
}

void
xen_virq_close(struct xen *x)
{
    size_t i;

    if (x->xce != NULL)
        xenevtchn_close(x->xce); /* unbinds its ports */
    x->xce = NULL;
    for (i = 0; i < XEN_VIRQS; i++)
        x->virq_port[i] = -1;
}

int
xen_virq_fd(struct hv *h)
{
    const struct xen *x = xen_of(h);

    return x->xce == NULL ? -1 : xenevtchn_fd(x->xce);
}

static unsigned
bit_of_port(const struct xen *x, int port)
{
    size_t i;

    for (i = 0; i < XEN_VIRQS; i++)
        if (x->virq_port[i] == port)
            return virqs[i].bit;
    return 0;
}

unsigned
xen_virq_drain(struct hv *h)
{
    struct xen *x = xen_of(h);
    struct pollfd pfd = { .fd = xen_virq_fd(h), .events = POLLIN };
    unsigned bits = 0;
    int i, port;

    /* xenevtchn_pending may block even on a non-blocking descriptor. */
    for (i = 0; x->xce != NULL && i < DRAIN_MAX; i++) {
        if (poll(&pfd, 1, 0) != 1 || (pfd.revents & POLLIN) == 0)
            break;
        port = xenevtchn_pending(x->xce);
        if (port < 0)
            break;
        bits |= bit_of_port(x, port);
        xenevtchn_unmask(x->xce, (evtchn_port_t)port);
    }
    return bits;
}

unsigned
xen_virq_bound(const struct hv *h)
{
    const struct xen *x = (const struct xen *)(const void *)h;
    unsigned bits = 0;
    size_t i;

    for (i = 0; i < XEN_VIRQS; i++)
        if (x->virq_port[i] >= 0)
            bits |= virqs[i].bit;
    return bits;
}
