/*
 * notice.c - the short sentence in the status line. Information fades; an
 * error stays until a key was pressed, and nothing but another error takes its
 * place. One that does not fit takes as many rows as it needs. They are of one
 * session and for its user: the engine's log knows nothing of them.
 */
#include "ui/widget/notice.h"

#include <stdarg.h>
#include <string.h>

#include "src/base/buf.h"
#include "ui/desk/overlay.h"
#include "ui/desk/paint.h"
#include "ui/draw/ui_text.h"

#define FADE_MS 4000
#define READ_MS 700 /* a key that comes sooner was not meant for it */

struct notice {
    struct ui *ui;
    struct loop_timer timer;
    enum event_level level;
    bool shown;
    bool passing; /* it goes by itself, or when another comes */
    int rows;     /* that it was given; more than 1: it covers others */
    uint64_t since_ms;
    char text[ERR_MSG_MAX];
    uint64_t seen;    /* the last event that was looked at */
    unsigned refused; /* restarts refused and not looked at yet */
    char refused_name[MODEL_NAME_MAX];
};

static struct notice *
notice_of(struct ui *ui)
{
    struct notice *n = ui_part(ui, UI_PART_NOTICE, sizeof(*n));

    n->ui = ui;
    return n;
}

bool
notice_shown(struct ui *ui)
{
    return notice_of(ui)->shown;
}

void
notice_fini(struct ui *ui)
{
    loop_timer_del(&notice_of(ui)->timer);
    ui_part_free(ui, UI_PART_NOTICE);
}

/* The rows beneath a long one come back. */
static void
uncover(struct notice *n)
{
    if (n->rows > 1)
        ui_relayout(n->ui);
    n->rows = 0;
}

static void
notice_clear(struct notice *n)
{
    n->shown = false;
    uncover(n);
    ui_mark(n->ui);
}

static void
fade(struct loop_timer *lt)
{
    notice_clear(container_of(lt, struct notice, timer));
}

static void
notice_show(struct ui *ui, enum event_level level, const char *text)
{
    struct notice *n = notice_of(ui);

    if (n->shown && !n->passing && level != EVENT_ERROR)
        return;
    uncover(n);
    text_fmt(n->text, sizeof(n->text), "%s", text);
    n->level = level;
    n->shown = true;
    n->passing = level != EVENT_ERROR;
    n->since_ms = loop_now_ms(ui_loop(ui));
    loop_timer_del(&n->timer);
    if (n->passing)
        loop_timer_arm(ui_loop(ui), &n->timer, FADE_MS, fade);
    ui_mark(ui);
}

void
ui_notice(struct ui *ui, enum event_level level, const char *fmt, ...)
{
    struct err text = { 0 }; /* err_vset makes it one safe line */
    va_list ap;

    va_start(ap, fmt);
    err_vset(&text, ERR_INVALID, fmt, ap);
    va_end(ap);
    notice_show(ui, level, text.msg);
}

void
ui_notice_end(struct ui *ui, const char *text)
{
    struct notice *n = notice_of(ui);

    if (!n->shown || strcmp(n->text, text) != 0)
        return;
    loop_timer_del(&n->timer);
    notice_clear(n);
}

void
notice_key(struct ui *ui)
{
    struct notice *n = notice_of(ui);

    if (!n->shown || (n->passing && n->rows <= 1))
        return;
    if (n->rows > 1 || loop_now_ms(ui_loop(ui)) - n->since_ms >= READ_MS) {
        notice_clear(n);
        return;
    }
    n->passing = true;
    loop_timer_arm(ui_loop(ui), &n->timer, FADE_MS, fade);
}

/* --- events --- */

void
notice_events_skip(struct ui *ui)
{
    size_t n = engine_event_count(ui_engine(ui));

    if (n > 0)
        notice_of(ui)->seen = engine_event_at(ui_engine(ui), n - 1)->seq;
}

static void
notice_note_refused(struct ui *ui, const struct event *ev)
{
    struct notice *n = notice_of(ui);

    if (ev->kind != EVENT_REFUSED || ev->level != EVENT_ERROR)
        return;
    n->refused++;
    text_fmt(n->refused_name, sizeof(n->refused_name), "%s", ev->name);
    ui_mark_header(ui);
}

unsigned
notice_refused(struct ui *ui, const char **name_out)
{
    *name_out = notice_of(ui)->refused_name;
    return notice_of(ui)->refused;
}

void
notice_refused_seen(struct ui *ui)
{
    if (notice_of(ui)->refused == 0)
        return;
    notice_of(ui)->refused = 0;
    ui_mark_header(ui);
}

void
notice_events(struct ui *ui)
{
    uint64_t seen = notice_of(ui)->seen;
    const struct event *ev, *worst = NULL;
    size_t n = engine_event_count(ui_engine(ui));
    char text[ERR_MSG_MAX];

    notice_events_skip(ui);
    while (n-- > 0 && (ev = engine_event_at(ui_engine(ui), n))->seq > seen) {
        notice_note_refused(ui, ev);
        if (ev->level > (worst != NULL ? worst->level : EVENT_INFO))
            worst = ev;
    }
    if (worst == NULL)
        return;
    text_fmt(text, sizeof(text), "%s%s%s", worst->name,
             worst->name[0] != '\0' ? ": " : "", worst->text);
    notice_show(ui, worst->level, text);
}

/* --- drawing --- */

static int
rows_needed(const char *text, int cols)
{
    int rows = 0;

    do {
        text += ui_text_next(text, ui_text_fit(text, cols, true));
        rows++;
    } while (*text != '\0');
    return rows;
}

void
notice_sync(struct ui *ui)
{
    const struct stage *st = ui_stage(ui);
    struct notice *n = notice_of(ui);

    n->rows = n->shown ? rows_needed(n->text, st->status.cols) : 0;
    if (n->rows > st->rows - 1)
        n->rows = st->rows - 1;
}

/* From the status line on, into the panes. */
void
notice_draw(struct ui *ui)
{
    static const enum role roles[] = { [EVENT_INFO] = ROLE_INFO,
                                       [EVENT_WARN] = ROLE_WARN,
                                       [EVENT_ERROR] = ROLE_ERROR };
    const struct notice *n = notice_of(ui);
    struct rect r = ui_stage(ui)->status;
    const char *text = n->text;
    char line[ERR_MSG_MAX];
    WINDOW *w;
    int y;

    r.rows = n->rows;
    r.y = r.y == 0 ? 0 : r.y - r.rows + 1;
    w = ui_window(ui, &r, ROLE_TEXT);
    if (w == NULL)
        return;
    ui_role(ui, w, roles[n->level]);
    for (y = 0; y < r.rows; y++) {
        size_t len = ui_text_fit(text, r.cols, true);

        text_fmt(line, sizeof(line), "%.*s", (int)len, text);
        if (y + 1 == r.rows)
            ui_text_cut(ui, w, y, 0, r.cols, text);
        else
            ui_text(w, y, 0, r.cols, line, true);
        text += ui_text_next(text, len);
    }
    wnoutrefresh(w);
    delwin(w);
}
