/*
 * balloon.c - whether a domain's memory is on its way to another size.
 */
#include "ui/pane/balloon.h"

#define BALLOON_SLACK_KIB (8ULL * 1024)
#define BALLOON_SHARE     64

bool
ui_ballooning(const struct dom *d)
{
    uint64_t way = d->target_kib > d->mem_kib ? d->target_kib - d->mem_kib
                                              : d->mem_kib - d->target_kib;

    if (d->target_kib == 0 || d->off || d->building ||
        (d->flags & (DOM_F_SHUTDOWN | DOM_F_DYING)))
        return false;
    return way > BALLOON_SLACK_KIB + d->target_kib / BALLOON_SHARE;
}
