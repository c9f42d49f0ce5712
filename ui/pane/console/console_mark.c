/*
 * console_mark.c - what happens in a console that nobody looks at: the guest
 * says something, rings, or falls silent. A console that is shown needs no mark
 * for what it says; one that has the keys needs none at all.
 */
#include "ui/pane/console/pane_console.h"

#define MS_PER_S 1000U

static void
console_mark(struct console_pane *cp, enum pane_mark m)
{
    struct pane *list;

    if (cp->p.mark == m)
        return;
    cp->p.mark = m;
    ui_mark(cp->p.ui); /* tabs are drawn also while the pane is hidden */
    list = ui_pane_find(cp->p.ui, PANE_LIST, 0);
    if (list != NULL)
        pane_dirty(list);
}

static void
silence_due(struct loop_timer *lt)
{
    struct console_pane *cp = container_of(lt, struct console_pane, silence);
    uint64_t since = loop_now_ms(ui_loop(cp->p.ui)) - cp->said_ms;
    uint64_t due = (uint64_t)ui_settings(cp->p.ui)->silence_s * MS_PER_S;

    if (since < due)
        loop_timer_arm(ui_loop(cp->p.ui), lt, due - since, silence_due);
    else if (!cp->p.focused && cp->p.mark < PANE_SILENT)
        console_mark(cp, PANE_SILENT);
}

/* One timer a period, not one a piece of output. */
static void
wait_for_silence(struct console_pane *cp)
{
    unsigned s = ui_settings(cp->p.ui)->silence_s;

    if (s > 0 && !loop_timer_active(&cp->silence))
        loop_timer_arm(ui_loop(cp->p.ui), &cp->silence, (uint64_t)s * MS_PER_S,
                       silence_due);
}

void
console_mark_output(struct console_pane *cp)
{
    cp->said_ms = loop_now_ms(ui_loop(cp->p.ui));
    wait_for_silence(cp);
    if (cp->p.hidden && cp->p.mark < PANE_ACTIVE)
        console_mark(cp, PANE_ACTIVE);
    else if (cp->p.mark == PANE_SILENT)
        console_mark(cp, PANE_UNMARKED);
}

void
console_mark_bell(struct console_pane *cp)
{
    enum settings_bell how = ui_settings(cp->p.ui)->bell;

    if (how == BELL_OFF)
        return;
    if (!cp->p.focused)
        console_mark(cp, PANE_BELL);
    if (how == BELL_PASS)
        ui_bell(cp->p.ui);
}

void
console_mark_seen(struct console_pane *cp)
{
    if (cp->p.focused || (!cp->p.hidden && cp->p.mark == PANE_ACTIVE))
        console_mark(cp, PANE_UNMARKED);
}

void
console_mark_title(const struct console_pane *cp, const char *dot,
                   struct buf *out)
{
    if (cp->p.mark == PANE_BELL)
        buf_fmt(out, "%sbell", dot);
    else if (cp->p.mark == PANE_SILENT)
        buf_fmt(out, "%ssilent", dot);
}
