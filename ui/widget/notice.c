/*
 * notice.c - the short sentence in the status line. Information fades; an
 * error stays until a key was pressed, and nothing but another error takes its
 * place. One that does not fit takes as many rows as it needs. All are kept in
 * the log.
 */
#include <stdarg.h>
#include <string.h>

#include "ui/app/ui_int.h"
#include "ui/pane/view.h"
#include "ui/widget/widget.h"

#define FADE_MS 4000
#define READ_MS 700 /* a key that comes sooner was not meant for it */

/* Also by its timer, when no terminal is selected: curses knows of a window
 * whose it is. */
void
notice_fini(struct ui *ui)
{
    if (ui->notice.w != NULL)
        delwin(ui->notice.w);
    ui->notice.w = NULL;
}

/* The rows beneath a long one come back. */
static void
uncover(struct ui *ui)
{
    if (ui->notice.w == NULL)
        return;
    notice_fini(ui);
    ui_relayout(ui);
}

static void
notice_clear(struct ui *ui)
{
    ui->notice.shown = false;
    ui->focus->dirty = true; /* its title may stand on the same line */
    uncover(ui);
    ui_mark(ui);
}

static void
fade(struct loop_timer *lt)
{
    notice_clear(container_of(lt, struct ui, notice_timer));
}

static void
show(struct ui *ui, enum event_level level, const char *text)
{
    if (ui->notice.shown && !ui->notice.passing && level != EVENT_ERROR)
        return;
    uncover(ui);
    text_fmt(ui->notice.text, sizeof(ui->notice.text), "%s", text);
    ui->notice.level = level;
    ui->notice.shown = true;
    ui->notice.passing = level != EVENT_ERROR;
    ui->notice.since_ms = loop_now_ms(ui->lp);
    loop_timer_del(&ui->notice_timer);
    if (ui->notice.passing)
        loop_timer_arm(ui->lp, &ui->notice_timer, FADE_MS, fade);
    ui_mark(ui);
}

void
ui_notice(struct ui *ui, enum event_level level, const char *fmt, ...)
{
    static const enum log_level levels[] = { [EVENT_INFO] = LOGL_INFO,
                                             [EVENT_WARN] = LOGL_WARN,
                                             [EVENT_ERROR] = LOGL_ERROR };
    struct err text = { 0 }; /* err_vset makes it one safe line */
    va_list ap;

    va_start(ap, fmt);
    err_vset(&text, ERR_INVALID, fmt, ap);
    va_end(ap);
    log_line(engine_log(ui->en), levels[level], "%s", text.msg);
    show(ui, level, text.msg);
}

void
notice_key(struct ui *ui)
{
    struct notice *n = &ui->notice;

    if (!n->shown || (n->passing && n->w == NULL))
        return;
    if (n->w != NULL || loop_now_ms(ui->lp) - n->since_ms >= READ_MS) {
        notice_clear(ui);
        return;
    }
    n->passing = true;
    loop_timer_arm(ui->lp, &ui->notice_timer, FADE_MS, fade);
}

/* --- events --- */

void
notice_events_skip(struct ui *ui)
{
    size_t n = engine_event_count(ui->en);

    if (n > 0)
        ui->notice.seen = engine_event_at(ui->en, n - 1)->seq;
}

static void
note_refused(struct ui *ui, const struct event *ev)
{
    if (ev->kind != EVENT_REFUSED || ev->level != EVENT_ERROR)
        return;
    ui->refused.n++;
    text_fmt(ui->refused.name, sizeof(ui->refused.name), "%s", ev->name);
    ui->header_dirty = true;
}

void
notice_refused_seen(struct ui *ui)
{
    if (ui->refused.n == 0)
        return;
    ui->refused.n = 0;
    ui->header_dirty = true;
}

void
notice_events(struct ui *ui)
{
    uint64_t seen = ui->notice.seen;
    const struct event *ev, *worst = NULL;
    size_t n = engine_event_count(ui->en);
    char text[ERR_MSG_MAX];

    notice_events_skip(ui);
    while (n-- > 0 && (ev = engine_event_at(ui->en, n))->seq > seen) {
        note_refused(ui, ev);
        if (ev->level > (worst != NULL ? worst->level : EVENT_INFO))
            worst = ev;
    }
    if (worst == NULL)
        return;
    text_fmt(text, sizeof(text), "%s%s%s", worst->name,
             worst->name[0] != '\0' ? ": " : "", worst->text);
    show(ui, worst->level, text);
}

/* --- drawing --- */

static int
rows_needed(const char *text, int cols)
{
    int rows = 0;

    do {
        text += view_next(text, view_fit(text, cols, true));
        rows++;
    } while (*text != '\0');
    return rows;
}

/* From the status line on, into the panes. */
static WINDOW *
cover(WINDOW *status, int rows)
{
    int y = getbegy(status), cols = getmaxx(status);

    if (rows > LINES - 1)
        rows = LINES - 1;
    return newwin(rows, cols, y == 0 ? 0 : y - rows + 1, 0);
}

void
notice_draw(struct ui *ui, WINDOW *w)
{
    static const enum role roles[] = { [EVENT_INFO] = ROLE_INFO,
                                       [EVENT_WARN] = ROLE_WARN,
                                       [EVENT_ERROR] = ROLE_ERROR };
    const char *text = ui->notice.text;
    int y, cols = getmaxx(w), rows = rows_needed(text, cols);
    char line[ERR_MSG_MAX];

    if (rows > 1 && ui->notice.w == NULL)
        ui->notice.w = cover(w, rows);
    if (ui->notice.w != NULL)
        w = ui->notice.w;
    leaveok(w, TRUE);
    ui_role(ui, w, roles[ui->notice.level]);
    for (y = 0; y < getmaxy(w); y++) {
        size_t n = view_fit(text, cols, true);

        text_fmt(line, sizeof(line), "%.*s", (int)n, text);
        if (y + 1 == getmaxy(w))
            ui_text_cut(ui, w, y, 0, cols, text);
        else
            ui_text(w, y, 0, cols, line, true);
        text += view_next(text, n);
    }
    touchwin(w); /* it lies over others */
    wnoutrefresh(w);
}
