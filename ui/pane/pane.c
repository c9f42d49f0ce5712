/*
 * pane.c - what all panes share.
 */
#include "ui/pane/pane.h"

#include "ui/app/ui_int.h"

void
pane_dirty(struct pane *p)
{
    p->dirty = true;
    if (!p->hidden) /* a flood that nobody sees costs no frames */
        ui_mark(p->ui);
}
