/*
 * console_hunt.c - see console_hunt.h.
 * Invariant: the timer is armed while a search is under way, which is one of
 * copy mode's exactly while the pane is in it.
 */
#include "ui/pane/console/console_hunt.h"

#include "ui/term/copy/copy_hunt.h"
#include "ui/term/find/term_hunt.h"
#include "ui/widget/dialog.h"

static enum term_found
hunt_some(struct console_pane *cp)
{
    pane_dirty(&cp->p);
    return cp->copying ? copy_hunt_go(&cp->copy, FIND_TURN_COST)
                       : term_hunt_go(cp->t, FIND_TURN_COST);
}

/* Also while the text is being typed: Enter asks what was found. */
static void
hunt_failed(struct console_pane *cp)
{
    cp->looking_found = false;
    if (cp->copying)
        copy_sync(&cp->copy);
    if (cp->hunt_tells)
        ui_notice(cp->p.ui, EVENT_WARN, "not found: %s", cp->search);
}

static void
hunt_due(struct loop_timer *lt)
{
    struct console_pane *cp = container_of(lt, struct console_pane, hunt);
    enum term_found found = hunt_some(cp);

    if (found == TERM_FOUND_LATER)
        loop_timer_arm(ui_loop(cp->p.ui), lt, 0, hunt_due);
    else if (found == TERM_FOUND_NONE)
        hunt_failed(cp);
}

bool
console_hunt(struct console_pane *cp, const char *text, int dir, bool tells)
{
    enum term_found found;

    console_hunt_end(cp);
    cp->hunt_tells = tells;
    if (cp->copying)
        copy_hunt_begin(&cp->copy, text, dir, false);
    else
        term_hunt_begin(cp->t, text, dir);
    found = hunt_some(cp);
    if (found == TERM_FOUND_LATER)
        loop_timer_arm(ui_loop(cp->p.ui), &cp->hunt, 0, hunt_due);
    return found != TERM_FOUND_NONE;
}

void
console_hunt_end(struct console_pane *cp)
{
    loop_timer_del(&cp->hunt);
    if (cp->copying)
        copy_hunt_end(&cp->copy);
    term_hunt_end(cp->t);
}

void
console_hunt_give_up(struct pane *p)
{
    struct console_pane *cp = console_pane_of(p);

    console_hunt_end(cp);
    if (cp->copying)
        copy_sync(&cp->copy); /* the cursor is where the search began */
    pane_dirty(p);
}

void
console_hunt_title(const struct console_pane *cp, const char *dot,
                   struct buf *out)
{
    if (loop_timer_active(&cp->hunt))
        buf_fmt(out, "%ssearching, %u%%", dot,
                cp->copying ? copy_hunt_percent(&cp->copy)
                            : term_hunt_percent(cp->t));
}
