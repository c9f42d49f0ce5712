/*
 * past.c - see past.h. Invariant: desk.past_ms is 0, or was recorded when it
 * was set; what has left the hour since then is moved to its oldest second.
 */
#include "ui/desk/past.h"

#include <time.h>

#include "src/base/text.h"
#include "src/command/command.h"
#include "ui/desk/desk_int.h"
#include "ui/desk/paint.h"

#define MS_PER_S 1000

/* The hour goes on while somebody looks at its first second. */
uint64_t
ui_past_ms(const struct ui *ui)
{
    const struct desk *f = ui_desk_const(ui);
    uint64_t first, last;

    if (f->past_ms == 0 || !engine_history_span(f->en, &first, &last))
        return 0;
    return f->past_ms < first ? first : f->past_ms;
}

static void
past_set(struct ui *ui, uint64_t ms)
{
    ui_desk(ui)->past_ms = ms;
    ui_mark_header(ui);
    ui_relayout(ui);
}

void
ui_past_leave(struct ui *ui)
{
    if (ui_desk(ui)->past_ms != 0)
        past_set(ui, 0);
}

bool
ui_past_move(struct ui *ui, int64_t seconds)
{
    uint64_t first, last, at = ui_past_ms(ui);
    int64_t want;

    if (!engine_history_span(ui_engine(ui), &first, &last))
        return false;
    want = (int64_t)(at != 0 ? at : last) - seconds * MS_PER_S;
    if (want >= (int64_t)last)
        ui_past_leave(ui);
    else
        past_set(ui, want < (int64_t)first ? first : (uint64_t)want);
    return true;
}

double
ui_past_wall_s(struct ui *ui)
{
    uint64_t at = ui_past_ms(ui), now = loop_now_ms(ui_loop(ui));
    double wall = loop_wall_s(ui_loop(ui));

    return at == 0 || at > now ? wall : wall - (double)(now - at) / MS_PER_S;
}

void
ui_past_text(struct ui *ui, char *out, size_t out_size)
{
    uint64_t at = ui_past_ms(ui), now = loop_now_ms(ui_loop(ui));
    time_t t = (time_t)ui_past_wall_s(ui);
    char when[16], ago[16];
    struct tm tm;

    text_fmt(out, out_size, "%s", "");
    if (at == 0 || localtime_r(&t, &tm) == NULL ||
        strftime(when, sizeof when, "%H:%M:%S", &tm) == 0)
        return;
    text_span(ago, sizeof ago, now > at ? (now - at) / MS_PER_S : 0);
    text_fmt(out, out_size, "%s, %s ago", when, ago);
}

void
ui_past_history(struct ui *ui, uint64_t dom_id, unsigned what, double *out,
                size_t n)
{
    uint64_t at = ui_past_ms(ui);

    if (at == 0)
        engine_history_last(ui_engine(ui), dom_id, what, out, n);
    else
        engine_history_until(ui_engine(ui), dom_id, what, at, out, n);
}

bool
ui_past_refuse(struct ui *ui, const char *verb, struct err *e)
{
    char when[48], key[24] = "";

    if (ui_past_ms(ui) == 0)
        return false;
    ui_past_text(ui, when, sizeof when);
    (void)ui_key_of(ui, "now", CMD_IN_LIST, key, sizeof key);
    err_set(e, ERR_BUSY,
            "%s was not done: the screen shows the past (%s); %s%snow brings "
            "it back, then do it again",
            verb, when, key, key[0] != '\0' ? " or :" : ":");
    return true;
}

const struct dom *
ui_past_dom(struct ui *ui, const struct dom *d, struct dom *room)
{
    uint64_t at = ui_past_ms(ui);

    if (at == 0 || d == NULL)
        return d;
    *room = *d;
    room->op = 0;
    room->target_kib = 0;
    room->building = room->saved = room->refused = false;
    room->preserved = room->left = false;
    room->off = !engine_history_dom(ui_engine(ui), at, room);
    return room;
}
