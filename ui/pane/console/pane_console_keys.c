/*
 * pane_console_keys.c - what the user does in a console pane: every key is the
 * guest's but the prefix, and those that move a view which is scrolled back.
 */
#include <limits.h>
#include <string.h>

#include "src/command/session.h"
#include "ui/pane/console/console_copy.h"
#include "ui/pane/console/console_hunt.h"
#include "ui/pane/console/pane_paste.h"
#include "ui/widget/dialog.h"

#define ALL_LINES (1L << 40)
#define TYPING_MS 700 /* less between two keys: a word is being typed */

/* --- the view --- */

void
console_live(struct console_pane *cp)
{
    cp->looking = cp->lit = false;
    console_hunt_end(cp);
    term_scroll(cp->t, ALL_LINES);
    pane_dirty(&cp->p);
}

/* More than there can be is as good as all. */
static unsigned
lines_of_step(long lines)
{
    return lines > INT_MAX ? INT_MAX : (unsigned)lines;
}

void
console_scroll(struct pane *p, long lines)
{
    struct console_pane *cp = console_pane_of(p);

    if (cp->copying)
        copy_go(&cp->copy, lines < 0 ? COPY_UP : COPY_DOWN,
                lines_of_step(lines < 0 ? -lines : lines));
    else
        term_scroll(cp->t, lines);
    pane_dirty(p);
}

/* Lines that a key moves the view by; 0: it moves nothing. */
static long
scroll_of(const struct pane *p, uint32_t code)
{
    long page = p->rows > 1 ? p->rows - 1 : 1;

    switch (code) {
    case K_UP:
        return -1;
    case K_DOWN:
        return 1;
    case K_PGUP:
        return -page;
    case K_PGDN:
        return page;
    case K_HOME:
        return -ALL_LINES;
    case K_END:
        return ALL_LINES;
    default:
        return 0;
    }
}

/* A key while scrolled back; false: it is the guest's after all. */
static bool
scrolled_key(struct console_pane *cp, const struct key *k)
{
    long by = k->mods == 0 ? scroll_of(&cp->p, k->code) : 0;

    if (by != 0) {
        console_scroll(&cp->p, by);
        return true;
    }
    if (k->mods & (KEY_M_CTRL | KEY_M_ALT))
        return false;
    switch (k->code) {
    case K_ESC:
    case 'q':
        console_live(cp);
        return true;
    case '/':
        ui_run(cp->p.ui, "search");
        return true;
    case 'n':
        ui_run(cp->p.ui, "search-next");
        return true;
    case 'N':
        ui_run(cp->p.ui, "search-prev");
        return true;
    default:
        return false;
    }
}

/* Nobody is left to type to: the keys move the view, q closes. Not the q of a
 * word whose typing the end has cut off. */
static bool
ended_key(struct console_pane *cp, const struct key *k, bool pause)
{
    long by = k->mods == 0 ? scroll_of(&cp->p, k->code) : 0;

    if (by != 0)
        console_scroll(&cp->p, by);
    else if (k->code == 'q' && k->mods == 0 && pause)
        ui_pane_close(cp->p.ui, &cp->p);
    else
        return false;
    return true;
}

/* Until cp->typing is false again, what the terminal makes of keys and the
 * mouse goes to the guest. False: the session may not type, and *e says why.
 * Nothing else sets typing. */
static bool
begin_typing(struct console_pane *cp, struct err *e)
{
    cp->typing = session_may_type(ui_session(cp->p.ui), e);
    return cp->typing;
}

static void
send_key(struct console_pane *cp, const struct key *k)
{
    struct err e = { 0 };

    if (cp->lit) {
        cp->lit = false;
        pane_dirty(&cp->p);
    }
    if (k->code == K_PASTE) {
        if (pane_paste(cp, k->paste, k->paste_len, &e) < 0)
            pane_console_refuse(cp, "%s", e.msg);
    } else if (begin_typing(cp, &e)) {
        term_key(cp->t, k);
        cp->typing = false;
    } else {
        pane_console_refuse(cp, "%s", e.msg);
    }
}

bool
console_key(struct pane *p, const struct key *k)
{
    struct console_pane *cp = console_pane_of(p);
    uint64_t was_ms = cp->key_ms;

    if (key_same(k, &ui_settings(p->ui)->prefix))
        return false;
    cp->key_ms = loop_now_ms(ui_loop(p->ui));
    cp->looking = false;
    console_hunt_end(cp);
    if (cp->copying) {
        console_copy_key(cp, k);
        return true;
    }
    if (k->code == 'c' && k->mods == KEY_M_CTRL && pane_paste_stop(cp))
        return true;
    if ((k->code == K_PGUP || k->code == K_PGDN) && k->mods == KEY_M_SHIFT) {
        console_scroll(p, scroll_of(p, k->code));
        return true;
    }
    if (term_view(cp->t) > 0) {
        if (scrolled_key(cp, k))
            return true;
        console_live(cp);
    }
    if (cp->state != CONSOLE_ENDED ||
        !ended_key(cp, k, cp->key_ms - was_ms > TYPING_MS))
        send_key(cp, k);
    return true;
}

bool
console_mouse(struct pane *p, const struct mouse *m)
{
    struct console_pane *cp = console_pane_of(p);
    bool used;

    if (cp->copying)
        return console_copy_mouse(cp, m);
    /* Attached only: a report would go to nobody. What is not used here moves
     * the view. */
    if (cp->state != CONSOLE_ATTACHED || !begin_typing(cp, NULL))
        return console_copy_by_mouse(cp, m);
    used = term_mouse(cp->t, m);
    cp->typing = false;
    return used || console_copy_by_mouse(cp, m);
}

void
console_pane_send_prefix(struct pane *p)
{
    struct console_pane *cp = console_pane_of(p);

    console_copy_end(cp);
    if (term_view(cp->t) > 0)
        console_live(cp);
    send_key(cp, &ui_settings(p->ui)->prefix);
}

void
console_pane_copy(struct pane *p, bool up)
{
    struct console_pane *cp = console_pane_of(p);

    console_copy_begin(cp);
    if (up)
        copy_go(&cp->copy, COPY_PAGE_UP, 1);
}

int
console_pane_paste(struct pane *p, const char *text, size_t n, struct err *e)
{
    struct console_pane *cp = console_pane_of(p);

    if (pane_paste(cp, text, n, e) < 0)
        return -1;
    console_copy_end(cp);
    console_live(cp);
    return 0;
}

bool
console_pane_paste_stop(struct pane *p)
{
    return console_paste_stop(&console_pane_of(p)->client);
}

/* --- searching --- */

/* While a text is typed each try begins where the first one did. */
static void
look_from_start(struct console_pane *cp)
{
    size_t view = term_view(cp->t);

    if (!cp->looking) {
        cp->looking = true;
        cp->looking_view = view;
        cp->search_dir = view == 0 ? -1 : 1;
    }
    term_scroll(cp->t, (long)view - (long)cp->looking_view);
}

bool
console_search(struct pane *p, const char *text, int dir, bool incremental)
{
    struct console_pane *cp = console_pane_of(p);
    bool same = text == NULL || strcmp(text, cp->search) == 0;

    pane_dirty(p);
    if (cp->copying && text != NULL)
        return console_copy_search(cp, text, dir, incremental);
    cp->lit = true;
    if (text != NULL && !incremental && cp->looking && same) {
        cp->looking = false; /* Enter: the match shown is the one */
        cp->hunt_tells = true;
        return cp->looking_found;
    }
    if (text == NULL) {
        if (cp->search[0] == '\0')
            return false;
        if (!cp->copying)
            cp->looking = false;
        return console_hunt(cp, cp->search, dir * cp->search_dir, true);
    }
    look_from_start(cp);
    text_fmt(cp->search, sizeof(cp->search), "%s", text);
    cp->looking = incremental;
    cp->looking_found =
        console_hunt(cp, cp->search, dir * cp->search_dir, !incremental);
    return cp->looking_found;
}
