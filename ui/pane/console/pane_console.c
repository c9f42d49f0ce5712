/*
 * pane_console.c - the pane of a guest's console: its terminal, fed by the
 * engine also while hidden; what became of the guest; title and drawing. The
 * pane and its text outlive the guest, and follow it into its next life.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/base/xalloc.h"
#include "src/command/command.h"
#include "src/command/session.h"
#include "ui/desk/paint.h"
#include "ui/desk/terms.h"
#include "ui/draw/ui_text.h"
#include "ui/pane/console/console_copy.h"
#include "ui/pane/console/console_hunt.h"
#include "ui/pane/console/console_text.h"
#include "ui/pane/console/pane_paste.h"
#include "ui/widget/dialog.h"

#define TITLE_FRAME 4 /* columns of a title that are not its text */
#define NAME_MIN    8

enum { FIRST_ROWS = 24, FIRST_COLS = 80 }; /* until the frame gives a place */

/* --- bytes --- */

/* Said once, until something has changed: what comes then is lost for the same
 * reason. */
void
pane_console_refuse(struct console_pane *cp, const char *fmt, ...)
{
    va_list ap;

    if (cp->refusal.msg[0] != '\0')
        return;
    va_start(ap, fmt);
    err_vset(&cp->refusal, ERR_DENIED, fmt, ap);
    va_end(ap);
    ui_notice(cp->p.ui, EVENT_WARN, "%s", cp->refusal.msg);
}

/* Whatever was in the way is not so any more. */
static void
pane_console_accept(struct console_pane *cp)
{
    if (cp->refusal.msg[0] == '\0')
        return;
    ui_notice_end(cp->p.ui, cp->refusal.msg);
    cp->refusal.msg[0] = '\0';
}

static void
pane_console_refuse_bytes(struct console_pane *cp)
{
    if (cp->state == CONSOLE_ATTACHED)
        pane_console_refuse(cp, "%s does not read its console: keys are lost",
                            cp->name);
    else if (cp->state == CONSOLE_ENDED)
        pane_console_refuse(
            cp, "%s is gone, nobody gets this key; q closes the view",
            cp->name);
    else
        pane_console_refuse(cp, "%s does not get this key: %s", cp->name,
                            console_why(&cp->client));
}

static void
pane_console_on_output(void *arg, const char *bytes, size_t n)
{
    struct console_pane *cp = arg;

    if (!cp->typing) {
        if (!cp->replaying)
            console_answer(&cp->client, bytes, n);
        return;
    }
    if (console_write(&cp->client, bytes, n) < n)
        pane_console_refuse_bytes(cp);
    else
        pane_console_accept(cp);
}

static void
on_data(struct console_client *c, const char *bytes, size_t n)
{
    struct console_pane *cp = container_of(c, struct console_pane, client);

    console_feed_bytes(cp, bytes, n);
}

/* --- what became of the guest --- */

static void
seam(struct console_pane *cp, const char *text)
{
    const char *line = ui_unicode(cp->p.ui) ? "\u2500\u2500" : "--";
    struct buf b = { 0 };

    buf_fmt(&b, "%s %s %s", line, text, line);
    console_feed_seam(cp, buf_text(&b));
    buf_free(&b);
}

static void
clock_text(struct console_pane *cp, char *out, size_t out_size)
{
    time_t now = (time_t)loop_wall_s(ui_loop(cp->p.ui));
    struct tm tm;

    out[0] = '\0';
    if (localtime_r(&now, &tm) != NULL)
        strftime(out, out_size, "%H:%M:%S", &tm);
}

/* The guest's next life: the same uuid, another instance. */
static const struct dom *
pane_console_next_life(struct console_pane *cp)
{
    struct engine *en = ui_engine(cp->p.ui);
    const struct dom *old = engine_dom_by_id(en, cp->p.dom_id), *d;
    size_t i;

    if (old != NULL && !(old->flags & (DOM_F_DYING | DOM_F_SHUTDOWN)))
        return NULL;
    for (i = 0; i < engine_dom_count(en); i++) {
        d = engine_dom_at(en, i);
        if (d->id != cp->p.dom_id && !(d->flags & DOM_F_DYING) &&
            memcmp(d->uuid, cp->uuid, sizeof(cp->uuid)) == 0)
            return d;
    }
    return NULL;
}

static void
pane_console_follow(struct console_pane *cp, const struct dom *d)
{
    char text[160], at[16];

    clock_text(cp, at, sizeof(at));
    text_fmt(text, sizeof(text), "%s %s", at, console_seam(&cp->client));
    seam(cp, text);
    cp->p.dom_id = d->id;
    cp->domid = d->domid;
}

static void
pane_console_note_end(struct console_pane *cp)
{
    char text[256], at[16];

    clock_text(cp, at, sizeof(at));
    text_fmt(text, sizeof(text), "ended %s: %s", at, console_why(&cp->client));
    seam(cp, text);
}

static bool
may_size(const struct console_pane *cp)
{
    return session_may_type(ui_session(cp->p.ui), NULL);
}

/* Who may not type does not change what the others see. */
static void
tell_size(struct console_pane *cp)
{
    int rows = 0, cols = 0;

    cp->sizes = may_size(cp);
    if (cp->sizes)
        term_size(cp->t, &rows, &cols);
    console_resize(&cp->client, (unsigned)rows, (unsigned)cols);
}

static void
look_at_guest(struct console_pane *cp)
{
    enum console_state now = console_state(&cp->client);
    const struct dom *d;

    if (now == CONSOLE_ENDED && cp->state != CONSOLE_ENDED)
        pane_console_note_end(cp);
    else if (now != CONSOLE_ENDED && (d = pane_console_next_life(cp)) != NULL)
        pane_console_follow(cp, d);
    if (now == CONSOLE_ATTACHED && cp->state != now)
        tell_size(cp);
    if (cp->state != now)
        pane_console_accept(cp);
    cp->state = now;
}

static void
on_state(struct console_client *c)
{
    struct console_pane *cp = container_of(c, struct console_pane, client);

    if (cp->opening) /* attached by the constructor, which looks itself */
        return;
    look_at_guest(cp);
    cp->redraw = true;
    pane_dirty(&cp->p);
}

static void
pane_console_on_company(struct console_client *c)
{
    pane_dirty(&container_of(c, struct console_pane, client)->p);
}

/* --- the pane --- */

static void
pane_console_console_free(struct pane *p)
{
    struct console_pane *cp = console_pane_of(p);

    console_detach(&cp->client);
    pane_paste_fini(cp);
    console_hunt_end(cp);
    console_feed_fini(cp);
    loop_timer_del(&cp->silence);
    term_free(cp->t);
    free(cp);
}

static void
console_sync(struct pane *p, unsigned changed)
{
    struct console_pane *cp = console_pane_of(p);
    const struct dom *d;
    int rows, cols;

    if (changed & ENGINE_CH_DOMS)
        look_at_guest(cp);
    d = engine_dom_by_id(ui_engine(p->ui), p->dom_id);
    if (d != NULL && d->name[0] != '\0' && d->name[0] != '(')
        text_fmt(cp->name, sizeof(cp->name), "%s", d->name);
    console_mark_seen(cp);
    term_size(cp->t, &rows, &cols);
    if (p->rows > 0 && p->cols > 1 && (p->rows != rows || p->cols != cols)) {
        term_resize(cp->t, p->rows, p->cols);
        if (cp->copying)
            copy_sync(&cp->copy);
        tell_size(cp);
    } else if (cp->sizes != may_size(cp)) {
        tell_size(cp);
    }
    cp->redraw = true;
    if (!p->hidden)
        pane_dirty(p);
}

/* Appends "SEPARATOR PREFIX KEY: what" if the verb has a key. */
static void
add_hint(const struct console_pane *cp, const char *sep, const char *verb,
         const char *what, struct buf *out)
{
    char prefix[24], key[24];

    if (!ui_key_of(cp->p.ui, verb, CMD_IN_CONSOLE, key, sizeof(key)))
        return;
    key_print(&ui_settings(cp->p.ui)->prefix, prefix, sizeof(prefix));
    buf_fmt(out, "%s%s %s: %s", sep, prefix, key, what);
}

static const char *
pane_console_state_word(enum console_state s)
{
    switch (s) {
    case CONSOLE_WAITING:
        return "waiting";
    case CONSOLE_HELD:
        return "held by another";
    case CONSOLE_RELEASED:
        return "released";
    case CONSOLE_ENDED:
        return "ended";
    default:
        return "attached";
    }
}

/* A guest that stands still says nothing, and why is not seen on its screen. */
static const char *
stands_still(const struct console_pane *cp)
{
    const struct dom *d = engine_dom_by_id(ui_engine(cp->p.ui), cp->p.dom_id);

    if (cp->state == CONSOLE_ENDED || d == NULL || d->building ||
        !(d->preserved || d->flags & (DOM_F_SHUTDOWN | DOM_F_PAUSED)))
        return NULL;
    return dom_state_word(d);
}

/* Who else looks, and which of them types. */
static void
title_company(const struct console_pane *cp, const char *dot, struct buf *out)
{
    const char *typist = console_typist(&cp->client);
    const char *who;
    size_t n = console_others(&cp->client, &who);

    if (n > 0)
        buf_fmt(out, "%s%zu other%s", dot, n, n > 1 ? "s" : "");
    if (n > 0 && typist != NULL)
        buf_fmt(out, ", %s types", typist);
    else if (n == 1)
        buf_fmt(out, ": %s", who);
}

static void
title_rest(const struct console_pane *cp, struct buf *out)
{
    const char *dot = ui_unicode(cp->p.ui) ? " \u00b7 " : " - ";

    if (cp->number > 0)
        buf_fmt(out, " console %u", cp->number);
    buf_fmt(out, " (%u)%s%s", cp->domid, dot,
            pane_console_state_word(cp->state));
    if (stands_still(cp) != NULL)
        buf_fmt(out, "%s%s", dot, stands_still(cp));
    if (!may_size(cp))
        buf_fmt(out, "%sread-only", dot);
    title_company(cp, dot, out);
    console_mark_title(cp, dot, out);
    pane_paste_title(cp, dot, out);
    console_hunt_title(cp, dot, out);
    if (cp->copying) {
        console_copy_title(cp, dot, out);
        return;
    }
    if (term_view(cp->t) > 0)
        buf_fmt(out, "%s%zu of %zu lines up, Esc: live", dot, term_view(cp->t),
                term_lines(cp->t));
    if (cp->state == CONSOLE_ENDED && term_view(cp->t) == 0)
        buf_fmt(out, "%sq: close", dot);
    else
        add_hint(cp, dot, "close", "back", out);
}

/* A long name gives way: the way out must be seen. */
static void
title_name(const struct console_pane *cp, int cols, struct buf *out)
{
    if (cols < NAME_MIN)
        cols = NAME_MIN;
    if (ui_text_cols(cp->name) <= cols)
        buf_str(out, cp->name);
    else
        buf_fmt(out, "%.*s%s", (int)ui_text_fit(cp->name, cols - 1, false),
                cp->name, ui_unicode(cp->p.ui) ? "\u2026" : "~");
}

static void
console_title(const struct pane *p, struct buf *out)
{
    const struct console_pane *cp = console_const(p);
    struct buf rest = { 0 };
    int cols = p->cols - p->tabs_cols - TITLE_FRAME;

    title_rest(cp, &rest);
    title_name(cp, cols - ui_text_cols(buf_text(&rest)), out);
    buf_str(out, buf_text(&rest));
    buf_free(&rest);
}

/* The last row tells that the console is not attached. */
static bool
state_shown(const struct console_pane *cp)
{
    return cp->state != CONSOLE_ATTACHED && cp->state != CONSOLE_ENDED &&
           cp->p.rows > 1;
}

/* Over the last row: the console is not ours, and how to get it. */
static void
draw_state(const struct console_pane *cp, WINDOW *w)
{
    struct buf b = { 0 };

    if (!state_shown(cp))
        return;
    buf_fmt(&b, " %s", console_why(&cp->client));
    if (cp->state != CONSOLE_WAITING)
        add_hint(cp, "; ", "console-retake",
                 cp->state == CONSOLE_HELD ? "try again" : "take it back", &b);
    ui_role(cp->p.ui, w, cp->state == CONSOLE_WAITING ? ROLE_INFO : ROLE_WARN);
    ui_text(w, getmaxy(w) - 1, 0, getmaxx(w), buf_text(&b), true);
    ui_role(cp->p.ui, w, ROLE_TEXT);
    buf_free(&b);
}

static const char *
console_lit(const struct console_pane *cp)
{
    return cp->lit ? cp->search : NULL;
}

static void
console_draw(const struct pane *p, WINDOW *w)
{
    const struct console_pane *cp = console_const(p);

    term_draw(cp->t, w, ui_colors(p->ui), cp->redraw, console_lit(cp));
    draw_state(cp, w);
}

/* The row beneath the state comes back when that changes. */
static void
console_drawn(struct pane *p)
{
    struct console_pane *cp = console_pane_of(p);

    term_drawn(cp->t, console_lit(cp));
    cp->redraw = state_shown(cp);
}

static void
console_tab(const struct pane *p, struct buf *out)
{
    const struct console_pane *cp = console_const(p);

    buf_str(out, cp->name);
    if (cp->number > 0)
        buf_fmt(out, ":%u", cp->number);
}

static bool
console_cursor(const struct pane *p, int *y, int *x)
{
    const struct console_pane *cp = console_const(p);

    if (cp->copying)
        return copy_cursor(&cp->copy, y, x);
    return cp->state != CONSOLE_ENDED && term_cursor(cp->t, y, x) &&
           *y < p->rows && *x < p->cols;
}

static const struct pane_ops console_ops = {
    .kind = PANE_CONSOLE,
    .name = "console",
    .context = CMD_IN_CONSOLE,
    .free = pane_console_console_free,
    .sync = console_sync,
    .draw = console_draw,
    .drawn = console_drawn,
    .title = console_title,
    .tab = console_tab,
    .key = console_key,
    .mouse = console_mouse,
    .cursor = console_cursor,
    .search = console_search,
    .search_end = console_hunt_give_up,
    .text = console_text,
    .scroll = console_scroll,
};

static void
pane_console_name_us(struct console_pane *cp)
{
    const char *who = ui_session(cp->p.ui)->info.who;

    if (who[0] == '\0')
        who = "the engine's terminal";
    text_safe(cp->client.who, sizeof(cp->client.who), who, strlen(who));
}

struct pane *
console_pane_new(struct ui *ui, uint64_t dom_id, unsigned number, struct err *e)
{
    const struct dom *d = engine_dom_by_id(ui_engine(ui), dom_id);
    struct console_pane *cp;
    struct term_opts o = { .rows = FIRST_ROWS, .cols = FIRST_COLS };

    if (d == NULL) {
        err_set(e, ERR_NOENT, "this domain no longer exists");
        return NULL;
    }
    cp = xcalloc(1, sizeof(*cp));
    cp->p.ops = &console_ops;
    cp->p.ui = ui;
    cp->p.dom_id = dom_id;
    cp->domid = d->domid;
    cp->number = number;
    memcpy(cp->uuid, d->uuid, sizeof(cp->uuid));
    text_fmt(cp->name, sizeof(cp->name), "%s", d->name);
    o.scrollback_bytes = ui_settings(ui)->scrollback_bytes;
    o.share = ui_term_share(ui);
    o.output = pane_console_on_output;
    o.arg = cp;
    cp->t = term_new(&o);
    console_feed_init(cp);
    cp->client.data = on_data;
    cp->client.state = on_state;
    cp->client.company = pane_console_on_company;
    cp->client.pasted = pane_paste_over;
    pane_console_name_us(cp);
    cp->search_dir = 1;
    cp->client.right = &ui_session(ui)->info.rights;
    cp->client.only_looks = ui_session(ui)->granted < RIGHT_OPERATE;
    cp->client.size_of_writer = ui_settings(ui)->size_of_writer;
    cp->opening = true;
    if (console_attach(ui_engine(ui), dom_id, number, &cp->client, e) < 0) {
        pane_console_console_free(&cp->p);
        return NULL;
    }
    cp->opening = false;
    cp->state = CONSOLE_WAITING;
    look_at_guest(cp);
    return &cp->p;
}

/* --- verbs --- */

unsigned
console_pane_number(const struct pane *p)
{
    return console_const(p)->number;
}

size_t
console_pane_view(const struct pane *p)
{
    const struct console_pane *cp = console_const(p);

    return cp->view_due > 0 ? cp->view_due : term_view(cp->t);
}

void
console_pane_set_view(struct pane *p, size_t lines)
{
    console_pane_of(p)->view_due = lines;
    console_feed_view(console_pane_of(p));
}

void
console_pane_reset(struct pane *p)
{
    struct console_pane *cp = console_pane_of(p);

    console_live(cp);
    if (!console_reset(&cp->client))
        term_reset(cp->t);
    pane_dirty(p);
}
