/*
 * pane_paste.c - a text on its way from the user to the guest: asked about
 * where it could do harm, and shown while the guest takes it.
 */
#include "ui/pane/console/pane_paste.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/session.h"
#include "ui/widget/dialog.h"

#define TOLD_MIN     16384 /* bytes whose arrival is worth a notice */
#define PREVIEW_COLS 40

/* A text that the user is asked about. */
struct paste_ask {
    struct console_pane *cp; /* NULL: closed meanwhile */
    struct buf text;
};

/* What may do harm in a text. */
struct paste_look {
    size_t lines, controls;
};

/* --- asking --- */

static bool
is_control(const unsigned char *s, size_t n)
{
    if (s[0] == 0xc2 && n > 1)
        return s[1] >= 0x80 && s[1] < 0xa0;
    return s[0] == 0x7f ||
           (s[0] < 0x20 && s[0] != '\t' && s[0] != '\n' && s[0] != '\r');
}

static struct paste_look
paste_look_at(const char *text, size_t n)
{
    const unsigned char *s = (const unsigned char *)text;
    struct paste_look l = { 0 };
    size_t i;

    for (i = 0; i < n; i++) {
        l.controls += is_control(s + i, n - i);
        l.lines +=
            s[i] == '\r' || (s[i] == '\n' && (i == 0 || s[i - 1] != '\r'));
    }
    if (n > 0 && s[n - 1] != '\n' && s[n - 1] != '\r')
        l.lines++; /* the last one has no end */
    return l;
}

static bool
paste_wants_brackets(const struct console_pane *cp)
{
    struct buf none = { 0 };
    bool yes = term_paste(cp->t, "", 0, &none) > 0;

    buf_free(&none);
    return yes;
}

static void
paste_question(const struct console_pane *cp, const struct buf *text,
               struct paste_look l, struct buf *out)
{
    size_t n = strcspn(text->data, "\r\n");
    char begins[PREVIEW_COLS + 1];

    buf_fmt(out, "Paste %zu line%s, %zu bytes, into %s?", l.lines,
            l.lines == 1 ? "" : "s", text->len, cp->name);
    if (l.lines > 1 && !paste_wants_brackets(cp))
        buf_str(out, " Its program takes each line as it comes.");
    if (l.controls > 0)
        buf_fmt(out, " %zu control character%s left out.", l.controls,
                l.controls == 1 ? " is" : "s are");
    text_safe(begins, sizeof(begins), text->data, n);
    if (begins[0] != '\0')
        buf_fmt(out, " It begins: %s", begins);
}

static int
paste_send(struct console_pane *cp, const char *text, size_t n, struct err *e)
{
    struct buf out = { 0 };
    size_t tail = term_paste(cp->t, text, n, &out);
    int rc = console_paste(&cp->client, &out, tail, e);

    buf_free(&out);
    return rc;
}

static void
paste_answered(struct ui *ui, bool yes, void *arg)
{
    struct paste_ask *a = arg;
    struct err e = { 0 };

    if (a->cp != NULL)
        a->cp->asked = NULL;
    if (a->cp != NULL && yes &&
        paste_send(a->cp, a->text.data, a->text.len, &e) < 0)
        ui_notice(ui, EVENT_WARN, "%s", e.msg);
    buf_free(&a->text);
    free(a);
}

static void
paste_ask(struct console_pane *cp, const char *text, size_t n,
          struct paste_look l)
{
    struct paste_ask *a = xcalloc(1, sizeof(*a));
    struct buf question = { 0 };

    a->cp = cp;
    buf_add(&a->text, text, n);
    cp->asked = a;
    paste_question(cp, &a->text, l, &question);
    ui_confirm(cp->p.ui, buf_text(&question), NULL, paste_answered, a);
    buf_free(&question);
}

int
pane_paste(struct console_pane *cp, const char *text, size_t n, struct err *e)
{
    unsigned most = ui_settings(cp->p.ui)->paste_ask;
    struct paste_look l;

    if (!session_may_type(ui_session(cp->p.ui), e))
        return -1;
    if (cp->asked != NULL)
        return err_set(e, ERR_BUSY, "another paste is being asked about");
    l = paste_look_at(text, n);
    if (n == 0 || most == 0 || (l.lines <= most && l.controls == 0))
        return paste_send(cp, text, n, e);
    paste_ask(cp, text, n, l);
    return 0;
}

void
pane_paste_fini(struct console_pane *cp)
{
    if (cp->asked != NULL)
        cp->asked->cp = NULL;
}

/* --- while it goes on --- */

bool
pane_paste_stop(struct console_pane *cp)
{
    struct console_pasting now;

    return console_pasting(&cp->client, &now) && now.own &&
           console_paste_stop(&cp->client);
}

void
pane_paste_over(struct console_client *c, const struct console_pasting *end)
{
    struct console_pane *cp = container_of(c, struct console_pane, client);
    const char *what = end->typed ? "typed" : "pasted";

    if (end->why != NULL)
        ui_notice(cp->p.ui, EVENT_WARN,
                  "%s got at most %zu of the %zu bytes that were %s: %s",
                  cp->name, end->done, end->total, what, end->why);
    else if (end->total >= TOLD_MIN)
        ui_notice(cp->p.ui, EVENT_INFO, "%s got all %zu bytes that were %s",
                  cp->name, end->total, what);
}

void
pane_paste_title(const struct console_pane *cp, const char *dot,
                 struct buf *out)
{
    struct console_pasting now;
    size_t percent;

    if (!console_pasting(&cp->client, &now))
        return;
    percent = now.done * 100 / now.total;
    if (!now.own)
        buf_fmt(out, "%s%s pastes, %zu%%", dot, now.who, percent);
    else if (now.typed)
        buf_fmt(out, "%s%zu bytes wait, C-c: drop", dot, now.total - now.done);
    else
        buf_fmt(out, "%spasting, %zu%%, C-c: stop", dot, percent);
}
